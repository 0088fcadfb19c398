# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find the user who controls a path, and work on the path with the rights of this user.

A user who can write to one directory of a path can create a link there at any time. So the path is walked from "/". As
long as all directories and links belong to root and only root can write to them, root's rights are used. The first
directory or link of another user decides: a process with only the rights of this user handles the rest of the path.
OpenSSH has a similar rule for its files.
"""

import contextlib
import errno
import os
import pwd
import stat
from typing import Any, Callable, Generator, List, NamedTuple, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.plugins.module_utils._files import make_printable

EXPOSED = "{0} can be read by others"
# The limit of Linux.
_MAX_LINKS = 40
_WALK = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK) | os.O_NOFOLLOW | os.O_CLOEXEC


class Owner(NamedTuple):
    """Names or numeric IDs of the desired user and group of a file. For None, the file or its directory decides."""

    owner: Optional[str] = None
    group: Optional[str] = None


class Location(NamedTuple):
    """A path, and the user who controls it. Links are followed as far as root controls them.

    With ``exists``, root has found all directories, and no other user can replace them. A missing directory can be
    created by another user at any time, in a directory such as /tmp.
    """

    path: str
    uid: int
    exists: bool


class ControlChanged(Exception):
    """A path changed after the rights were chosen: walk it again."""


def run_with_rights(
    path: str, function: Callable[[Location], Any], *, timeout: float, strict: bool = True
) -> Any:
    """Return the result of a function that works on a place, with the rights of the user who controls the path.

    For root this can be a child process: see ``_as_user.run_as()`` for the limits of the function. Other users have
    only their own rights. ``timeout`` is in seconds, ``strict`` as for find(). Raise ConfigFileError or UserError.
    """
    if os.geteuid() != 0:
        return function(_find_own(path))
    for _attempt in range(10):
        place = find(path, strict=strict)
        try:
            if place.uid == 0:
                return function(place)
            # Loaded only now, since whatever is loaded is compiled on each host.
            from ansible_collections.aliyun.cli.plugins.module_utils._as_user import run_as

            return run_as(place.uid, lambda: function(_find_own(path)), timeout=timeout)
        except ControlChanged:
            continue
    raise ConfigFileError(
        "{0} was left unchanged: others change its directories: try again".format(path)
    )


def _find_own(path: str) -> Location:
    return Location(os.path.realpath(path), os.geteuid(), True)


@contextlib.contextmanager
def open_directory(path: str) -> Generator[Optional[int], None, None]:
    """Yield a descriptor of a directory that root controls; None if this process is not root.

    Raise ControlChanged if another user controls it, or if it does not exist (any more).
    """
    if os.geteuid() != 0:
        yield None
        return
    walk = _Walk(path, strict=False)
    try:
        if walk.place().uid != 0:
            raise ControlChanged()
        yield walk.directory()
    finally:
        walk.close()


def find(path: str, *, strict: bool = True) -> Location:
    """Find the user who controls an absolute path. Only root can walk a path.

    If ``strict``, a directory that several users can write to is an error. Raise ConfigFileError or OSError.
    """
    walk = _Walk(path, strict)
    try:
        return walk.place()
    finally:
        walk.close()


class _Walk:
    """Walks a path as far as root controls it. All directories from "/" to the last one stay open."""

    def __init__(self, path: str, strict: bool) -> None:
        self._strict = strict
        self._names = _split_names(path)
        self._links = 0
        self._open: List[Tuple[int, str, os.stat_result]] = []

    def place(self) -> Location:
        """Walk the path."""
        fd = os.open("/", _WALK)
        self._open.append((fd, "/", os.fstat(fd)))
        while self._names:
            found = self._step(self._names.pop())
            if found is not None:
                path = os.path.join(self._open[-1][1], *reversed(self._names))
                return Location(path, found, len(self._names) <= 1)
        return Location(self._open[-1][1], 0, True)

    def directory(self) -> int:
        """Return the descriptor of the last directory. Raise ControlChanged if it does not exist."""
        if self._names:
            raise ControlChanged()
        return self._open[-1][0]

    def close(self) -> None:
        """Close all directories."""
        for fd, _path, _info in self._open:
            os.close(fd)

    def _step(self, name: str) -> Any:
        """Walk to the next name. Return the ID of the user who controls the rest, or None if that is not decided."""
        above = self._open[-1]
        if name == "..":
            if len(self._open) > 1:
                os.close(self._open.pop()[0])
            return None
        path = os.path.join(above[1], name)
        try:
            fd = os.open(name, _WALK, dir_fd=above[0])
        except FileNotFoundError:
            self._names.append(name)
            self._check_directory(*above, creates_file=len(self._names) == 1)
            return 0
        info = os.fstat(fd)
        is_directory, is_link = stat.S_ISDIR(info.st_mode), stat.S_ISLNK(info.st_mode)
        if is_directory:
            self._open.append((fd, path, info))
        else:
            os.close(fd)
        self._check_directory(*above, creates_file=not (self._names or is_directory or is_link))
        if not is_directory and not is_link:
            if self._names:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            # In a directory that only root controls, the file is root's to replace, whoever owns it.
            self._names.append(name)
            return 0
        if not _is_of_root(info.st_uid):
            if is_link:
                self._names.append(name)
            elif is_shared(fd, info, info.st_uid):
                self._refuse(path)
            return info.st_uid
        if is_link:
            self._follow(os.readlink(name, dir_fd=above[0]), path)
        return None

    def _follow(self, target: str, path: str) -> None:
        self._links += 1
        if self._links > _MAX_LINKS:
            raise ConfigFileError("{0} leads through too many symbolic links".format(path))
        self._names.extend(_split_names(target))
        if target.startswith("/"):
            while len(self._open) > 1:
                os.close(self._open.pop()[0])

    def _check_directory(
        self, fd: int, path: str, info: os.stat_result, *, creates_file: bool
    ) -> None:
        """Refuse a directory of root that others can write to, unless entries are safe in it, as in /tmp."""
        is_sticky = info.st_mode & stat.S_ISVTX
        if (creates_file or not is_sticky) and is_shared(fd, info, 0):
            self._refuse(path)

    def _refuse(self, path: str) -> None:
        if self._strict:
            raise ConfigFileError(
                "several users can write to the directory '{0}', so a user could exchange the config file: run"
                " chmod go-w on it, or choose another config_path".format(make_printable(path))
            )


def _split_names(path: str) -> List[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def is_shared(fd: int, info: os.stat_result, uid: int) -> bool:
    """Return whether anybody except a user can write to an open file or directory.

    A group that has no other members does not count.
    """
    if info.st_mode & stat.S_IWOTH:
        return True
    if not info.st_mode & stat.S_IWGRP:
        return False
    return _has_acl(fd) or not _is_private_group(info.st_gid, uid)


def _has_acl(fd: int) -> bool:
    try:
        return "system.posix_acl_access" in os.listxattr("/proc/self/fd/{0}".format(fd))
    except (OSError, AttributeError):
        return False


def _is_private_group(gid: int, uid: int) -> bool:
    """Return whether a group has the name of a user and no other members, as most distributions set users up."""
    import grp

    try:
        name = pwd.getpwuid(uid).pw_name
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name == name and set(group.gr_mem) <= {name}


def _is_of_root(uid: int) -> bool:
    """Return whether a user ID is that of root, or that of all users outside of this user namespace."""
    return uid == 0 or (uid == _read_overflow_uid() and not _sees_all_users())


def _read_overflow_uid() -> int:
    return int(_read_proc("/proc/sys/kernel/overflowuid") or -1)


def _sees_all_users() -> bool:
    return _read_proc("/proc/self/uid_map").split() == [b"0", b"0", b"4294967295"]


def _read_proc(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def find_exposed(target: str, info: Optional[os.stat_result]) -> List[str]:
    """Return which of the file and its directory can be read by others."""
    directory = os.path.dirname(target)
    found = [target] if info is not None and is_open(info) else []
    if is_open_home(directory):
        found.append(directory)
    return found


def is_open(info: os.stat_result) -> bool:
    """Return whether anybody except its user has any right on a file."""
    return bool(stat.S_IMODE(info.st_mode) & 0o077)


def is_open_home(directory: str) -> bool:
    """Return whether a directory is the CLI's own, and open: /etc or /tmp are not ours to close."""
    if not directory.endswith("/.aliyun"):
        return False
    try:
        return is_open(os.stat(directory))
    except (FileNotFoundError, NotADirectoryError):
        return False


def check_control(path: str) -> Location:
    """Return the place of a file that may provide credentials, or that does not exist.

    Raise ConfigFileError if this process is root and another user controls the path.
    """
    if os.geteuid() != 0:
        return Location(os.path.realpath(path), os.geteuid(), True)
    place = find(path, strict=False)
    if place.uid == 0:
        return place
    if not os.path.lexists(place.path):
        return place._replace(exists=False)
    raise _make_foreign_error(
        "the path of {0} is controlled by {1}".format(path, describe_user(place.uid)), place.uid
    )


def check_provider(target: str, info: os.stat_result) -> None:
    """Raise ConfigFileError if anybody except the effective user and root can write to a file. OpenSSH has this rule."""
    if info.st_uid not in (0, os.geteuid()):
        raise _make_foreign_error(
            "{0} belongs to {1}".format(target, describe_user(info.st_uid)), info.st_uid
        )
    if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and _can_others_write(target, info):
        raise ConfigFileError(
            "{0} may not provide credentials, since other users can write to it: run chmod go-w on it, and check its"
            " profiles".format(target)
        )


def _can_others_write(target: str, info: os.stat_result) -> bool:
    fd = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        # If the file was replaced after it was read, its permissions say nothing about the content: treat it as shared.
        return not os.path.samestat(os.fstat(fd), info) or is_shared(fd, info, info.st_uid)
    finally:
        os.close(fd)


def _make_foreign_error(what: str, uid: int) -> ConfigFileError:
    return ConfigFileError(
        "{0}, and this user could make the task read any file or run any program with your rights: set become_user to {1}".format(
            what, describe_user(uid)[len("user ") :]
        )
    )


def describe_user(uid: int) -> str:
    """Return the name of a user for an error message."""
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._as_user import find_user

    return find_user(uid).title


def explain_denial(path: str) -> str:
    """Describe the missing permission of the effective user on the path of a file, as far as it can be found."""
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
                return "permission denied: its mode {0:04o} does not let {1} read it: run chmod u+rw on it".format(
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
