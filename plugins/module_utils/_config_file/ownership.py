# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Give config.json and its directory to a user, and close them to others.

Imported only if something changes, or a user is named.
"""

import contextlib
import errno
import grp
import os
import re
from typing import List, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._as_user import find_user
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._config_file.control import (
    Owner,
    describe_user,
    is_open,
    is_open_home,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Errors of file systems that do not store permissions.
_REFUSED = frozenset(
    [errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL]
)
# Types of file systems on which all files have the permissions that the mount gives them.
_KEEP_NO_MODES = frozenset(
    [b"cifs", b"drvfs", b"exfat", b"fuseblk", b"msdos", b"ntfs", b"smb3", b"vboxsf", b"vfat"]
)


def close_directory(target: str) -> None:
    """Close the directory of a file to others, if it is the CLI's own."""
    directory = os.path.dirname(target)
    if is_open_home(directory):
        fd = os.open(directory, _OPEN | os.O_DIRECTORY)
        try:
            restrict(fd, 0o700)
        finally:
            os.close(fd)


def close(target: str) -> None:
    """Close a file and its directory to others. A read-only file system or another owner leaves them open."""
    try:
        close_directory(target)
        info = os.stat(target)
        repair_file(target, (info.st_uid, info.st_gid))
    except OSError as error:
        if error.errno not in _REFUSED and error.errno != errno.EROFS:
            raise


def can_close(path: str) -> bool:
    """Return whether a file or directory can be closed to others, as far as that shows without a change."""
    if os.geteuid() not in (0, os.stat(path).st_uid):
        return False
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return False
    number = os.stat(path).st_dev
    device = "{0}:{1}".format(os.major(number), os.minor(number)).encode("ascii")
    for mount in _list_mounts():
        if mount[2] == device:
            kind = mount[mount.index(b"-") + 1]
            # Windows drives in WSL: they keep permissions only if they are mounted with "metadata".
            is_drive = b"aname=drvfs" in mount[-1] and b"metadata" not in mount[-1]
            return kind not in _KEEP_NO_MODES and not is_drive
    return True


def _list_mounts() -> List[List[bytes]]:
    """Return the fields of all mounts, as in proc(5), or none if the system does not show them."""
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            return [line.split() for line in file]
    except OSError:
        return []


def repair_file(target: str, identity: Tuple[int, int]) -> None:
    """Give a file to user and group, and close it to others."""
    fd = os.open(target, _OPEN)
    try:
        give(fd, identity)
        if is_open(os.fstat(fd)):
            restrict_acl(fd)
            restrict(fd)
    finally:
        os.close(fd)


def give(fd: int, identity: Tuple[int, int]) -> None:
    """Give an open file to a user and a group."""
    info = os.fstat(fd)
    if (info.st_uid, info.st_gid) == identity:
        return
    try:
        os.fchown(fd, *identity)
    except PermissionError:
        # A user may have left the group of the file, which has no rights on it anyway.
        if info.st_uid != identity[0]:
            raise


def restrict(fd: int, mode: int = 0o600) -> None:
    """Set the mode of an open file, unless the file system refuses. Some ignore it, so check the result."""
    try:
        os.fchmod(fd, mode)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise


def restrict_acl(fd: int) -> None:
    """Remove the access control list of an open file, also if it is inherited from the directory."""
    with contextlib.suppress(OSError, AttributeError):
        os.removexattr(fd, "system.posix_acl_access")


def find_identity(target: str, info: Optional[os.stat_result], owner: Owner) -> Tuple[int, int]:
    """Return the desired user and group of a file: the named ones, those of the file, or those of this process.

    Raise ConfigFileError if they do not exist, or cannot be given the file.
    """
    uid, gid = (info.st_uid, info.st_gid) if info else (os.geteuid(), os.getegid())
    if owner.owner:
        user = find_user(owner.owner)
        uid, gid = user.uid, user.gid if info is None and user.name else gid
    if owner.group:
        gid = _find_group(owner.group)
    if owner.owner:
        check_owner(target, uid, "controls its path")
    if os.geteuid() != 0 and owner.group and gid not in [os.getegid()] + os.getgroups():
        raise ConfigFileError(
            "{0} cannot belong to group '{1}', since {2} is not in this group".format(
                target, owner.group, describe_user(os.geteuid())
            )
        )
    return uid, gid


def check_owner(
    target: str, uid: int, why: str = "writes it: let its owner do this, or give it to them"
) -> None:
    """Raise ConfigFileError if this process cannot write a file that belongs to a user."""
    if os.geteuid() not in (0, uid):
        raise ConfigFileError(
            "{0} cannot belong to {1}, since {2} {3}".format(
                target, describe_user(uid), describe_user(os.geteuid()), why
            )
        )


def _find_group(name: str) -> int:
    # The highest number of all means no change.
    if re.match(r"[0-9]{1,10}\Z", name) and int(name) < 2**32 - 1:
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except (KeyError, ValueError):
        raise ConfigFileError(
            "group '{0}' does not exist: create the group first, or correct the name".format(
                name.encode("ascii", "backslashreplace").decode("ascii")
            )
        ) from None


def _find_existing_directory(directory: str) -> str:
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _check_home(directory: str) -> None:
    parent = os.path.dirname(directory)
    if not os.path.isdir(parent) and os.path.basename(directory) == ".aliyun":
        raise ConfigFileError(
            "the home {0} does not exist: create it or set config_path".format(parent)
        )


def check_change(target: str, rewrites: bool) -> None:
    """Raise ConfigFileError or OSError if a change would fail, as far as this can be checked without a change."""
    directory = os.path.dirname(target)
    _check_home(directory)
    if not rewrites:
        return
    existing = _find_existing_directory(directory)
    if os.statvfs(existing).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    if not os.access(existing, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if _is_mount_point(target):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def _is_mount_point(target: str) -> bool:
    """Return whether a file is itself a mount point, so it cannot be replaced."""
    escaped = re.sub(rb"[ \t\n\\]", lambda sign: b"\\%03o" % ord(sign.group()), os.fsencode(target))
    return any(mount[4] == escaped for mount in _list_mounts())


def make_directory(directory: str, owner: Owner) -> None:
    """Create a directory and its parents for one user only: the named user, or that of this process.

    A directory of root gets its user only after its subdirectories exist, since the user can change it from then on.
    """
    missing = []
    while not os.path.isdir(directory):
        missing.append(directory)
        _check_home(directory)
        directory = os.path.dirname(directory)
    if not missing:
        return
    umask = os.umask(0o077)
    created = []
    try:
        for path in reversed(missing):
            with _control.open_directory(os.path.dirname(path)) as above:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(path if above is None else os.path.basename(path), 0o700, dir_fd=above)
                    created.append(path)
    finally:
        os.umask(umask)
    for path in reversed(created):
        identity = find_identity(os.path.join(path, "config.json"), None, owner)
        fd = os.open(path, _OPEN | os.O_DIRECTORY)
        try:
            give(fd, identity)
        finally:
            os.close(fd)
