# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Gives config.json and its directory to a user, and closes them to others.

Loaded only where something changes, or a user is named.
"""

import contextlib
import errno
import grp
import os
import pwd
import re
from typing import Callable, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file.access import (
    Owner,
    is_open,
    is_open_home,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

# What is at a path may be exchanged meanwhile by its owner: what root changes is what root has opened.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def close_directory(target: str) -> None:
    """Close the directory of a file to others, if it is the CLI's own."""
    directory = os.path.dirname(target)
    if is_open_home(directory):
        fd = os.open(directory, _OPEN | os.O_DIRECTORY)
        try:
            os.fchmod(fd, 0o700)
        finally:
            os.close(fd)


def mend_file(target: str, identity: Tuple[int, int]) -> None:
    """Give a file to user and group, and close it to others."""
    fd = os.open(target, _OPEN)
    try:
        info = os.fstat(fd)
        if (info.st_uid, info.st_gid) != identity:
            os.fchown(fd, *identity)
        if is_open(info):
            os.fchmod(fd, 0o600)
    finally:
        os.close(fd)


def identity_of(target: str, info: Optional[os.stat_result], owner: Owner) -> Tuple[int, int]:
    """User and group that the file shall belong to: as asked, as it was, or as its directory."""
    if info is not None:
        uid, gid = info.st_uid, info.st_gid
    elif os.geteuid() == 0:
        directory = os.stat(_existing_directory(os.path.dirname(target)))
        uid, gid = directory.st_uid, directory.st_gid
    else:
        uid, gid = os.geteuid(), os.getegid()
    if owner.owner:
        uid = _number(owner.owner, "user", lambda name: pwd.getpwnam(name).pw_uid)
    if owner.group:
        gid = _number(owner.group, "group", lambda name: grp.getgrnam(name).gr_gid)
    return uid, gid


def _number(name: str, what: str, look_up: Callable[[str], int]) -> int:
    # The highest number of all stands for no change.
    if re.match(r"[0-9]{1,10}\Z", name) and int(name) < 2**32 - 1:
        return int(name)
    try:
        return look_up(name)
    except (KeyError, ValueError):
        raise ConfigFileError("there is no {0} {1}".format(what, name)) from None


def _existing_directory(directory: str) -> str:
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _check_home(directory: str) -> None:
    parent = os.path.dirname(directory)
    if not os.path.isdir(parent) and os.path.basename(directory) == ".aliyun":
        raise ConfigFileError("the home {0} does not exist".format(parent))


def check_change(target: str, identity: Tuple[int, int], rewrite: bool) -> None:
    """Raise ConfigFileError or OSError where a change would fail, as far as that shows without one."""
    directory = os.path.dirname(target)
    _check_home(directory)
    writable = os.access(_existing_directory(directory), os.W_OK | os.X_OK)
    groups = [os.getegid()] + os.getgroups()
    own = os.geteuid() == 0 or (identity[0] == os.geteuid() and identity[1] in groups)
    if rewrite and not writable or not own:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def make_directory(directory: str, owner: Owner) -> None:
    """Make a directory, and those above it, that only its user can enter: as asked, or the one of what is above."""
    if os.path.isdir(directory):
        return
    _check_home(directory)
    make_directory(os.path.dirname(directory), owner)
    identity = identity_of(os.path.join(directory, "config.json"), None, owner)
    umask = os.umask(0o077)
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(directory, 0o700)
            if identity != (os.geteuid(), os.getegid()):
                os.chown(directory, *identity, follow_symlinks=False)
    finally:
        os.umask(umask)
