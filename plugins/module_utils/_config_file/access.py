# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Who can read config.json and its directory, as each reading and each edit sees it.

What gives them to a user and closes them to others is in ``_config_owner``.
"""

import os
import stat
from typing import List, NamedTuple, Optional


class Owner(NamedTuple):
    """Names or numeric IDs that a file shall belong to; None leaves it to the file or its directory."""

    owner: Optional[str] = None
    group: Optional[str] = None


def open_to_others(target: str, info: Optional[os.stat_result]) -> List[str]:
    """A sentence for each of the file and its directory that others can read."""
    directory = os.path.dirname(target)
    found = [target] if info is not None and is_open(info) else []
    if is_open_home(directory):
        found.append(directory)
    return ["{0} can be read by others".format(path) for path in found]


def is_open(info: os.stat_result) -> bool:
    """Whether others than its user can do anything with a file."""
    return bool(stat.S_IMODE(info.st_mode) & 0o077)


def is_open_home(directory: str) -> bool:
    """Whether a directory is the CLI's own, and open: /etc or /tmp are not ours to close."""
    ours = os.path.basename(directory) == ".aliyun" and os.path.isdir(directory)
    return ours and is_open(os.stat(directory))
