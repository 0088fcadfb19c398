# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Who can read or write config.json and its directory, as each reading and each edit sees it.

Ownership and permissions are changed in ``ownership``.
"""

import os
import stat
from typing import List, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

EXPOSED = "{0} can be read by others"


class Owner(NamedTuple):
    """Names or numeric IDs of the desired user and group of a file; None leaves it to the file or its directory."""

    owner: Optional[str] = None
    group: Optional[str] = None


def find_exposed(target: str, info: Optional[os.stat_result]) -> List[str]:
    """Return those of the file and its directory that others can read."""
    directory = os.path.dirname(target)
    found = [target] if info is not None and is_open(info) else []
    if is_open_home(directory):
        found.append(directory)
    return found


def is_open(info: os.stat_result) -> bool:
    """Return whether others than its user can do anything with a file."""
    return bool(stat.S_IMODE(info.st_mode) & 0o077)


def is_open_home(directory: str) -> bool:
    """Return whether a directory is the CLI's own, and open: /etc or /tmp are not ours to close."""
    if not directory.endswith("/.aliyun"):
        return False
    try:
        return is_open(os.stat(directory))
    except (FileNotFoundError, NotADirectoryError):
        return False


def check_control(path: str) -> _control.Location:
    """Return the place of a file that may provide credentials, or that does not exist.

    Raise ConfigFileError if this process is root and another user controls the path.
    """
    if os.geteuid() != 0:
        return _control.Location(os.path.realpath(path), os.geteuid(), True)
    place = _control.find(path, strict=False)
    if place.uid == 0:
        return place
    if not os.path.lexists(place.path):
        return place._replace(exists=False)
    raise _make_foreign_error(
        "the path of {0} is controlled by {1}".format(path, describe_user(place.uid)), place.uid
    )


def check_provider(target: str, info: os.stat_result) -> None:
    """Raise ConfigFileError unless only the effective user and root can write to a file, as ssh requires of its own."""
    if info.st_uid not in (0, os.geteuid()):
        raise _make_foreign_error(
            "{0} belongs to {1}".format(target, describe_user(info.st_uid)), info.st_uid
        )
    if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and _is_shared(target, info):
        raise ConfigFileError(
            "{0} may not provide credentials, since other users can write to it: run chmod go-w on it, and check its"
            " profiles".format(target)
        )


def _is_shared(target: str, info: os.stat_result) -> bool:
    fd = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        # Another file than the one that was read is not the one to judge.
        return not os.path.samestat(os.fstat(fd), info) or _control.is_shared(fd, info, info.st_uid)
    finally:
        os.close(fd)


def _make_foreign_error(what: str, uid: int) -> ConfigFileError:
    return ConfigFileError(
        "{0}, who could have this task read any file or run any program with your rights: set become_user to {1}".format(
            what, describe_user(uid)[len("user ") :]
        )
    )


def describe_user(uid: int) -> str:
    """Return a user as named in an error message."""
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._as_user import find_user

    return find_user(uid).title
