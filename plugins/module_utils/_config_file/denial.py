# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Say which right is missing on a path. Loaded only if the system has denied something."""

import os

from ansible_collections.aliyun.cli.plugins.module_utils._config_file.access import describe_user
from ansible_collections.aliyun.cli.plugins.module_utils._files import make_printable


def explain(path: str) -> str:
    """Return what the effective user may not do on the way to a file, as far as that shows."""
    user = describe_user(os.geteuid())
    directory = "/"
    for name in path.split("/")[1:-1]:
        if not _can(directory, os.X_OK):
            return "permission denied: {0} cannot enter the directory '{1}'".format(
                user, make_printable(directory)
            )
        below = os.path.join(directory, name)
        if not os.path.lexists(below):
            if not _can(directory, os.W_OK):
                return "permission denied: {0} cannot create '{1}', since they cannot write to '{2}'".format(
                    user, make_printable(below), make_printable(directory)
                )
            break
        directory = below
    else:
        if not _can(directory, os.X_OK):
            return "permission denied: {0} cannot enter the directory '{1}'".format(
                user, make_printable(directory)
            )
        if os.path.lexists(path) and not _can(path, os.R_OK):
            info = os.stat(path)
            if info.st_uid == os.geteuid():
                return "permission denied: its mode {0:04o} lets {1} not read it: run chmod u+rw on it".format(
                    info.st_mode & 0o7777, user
                )
            return "permission denied: {0} cannot read it, since it belongs to {1}".format(
                user, describe_user(info.st_uid)
            )
        if not _can(directory, os.W_OK):
            return "permission denied: {0} cannot write to the directory '{1}'".format(
                user, make_printable(directory)
            )
    return "permission denied"


def _can(path: str, how: int) -> bool:
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)
