# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Lock config.json, and remove temporary files of writers that were killed.

Writers of this collection exclude each other by ``flock`` on the directory, which stays the same when config.json is
replaced. They also hold ``flock`` on config.json itself, since the official SDKs take this lock before they write, and
since it works across hosts on NFS. The CLI takes no lock.
"""

import contextlib
import errno
import fcntl
import os
import time
from typing import Generator

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# Errors of file systems that do not support locks on directories.
_NO_LOCKS = frozenset(
    [errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EISDIR]
)


class _Held(Exception):
    """Another process holds the lock until the deadline."""


@contextlib.contextmanager
def hold(target: str, deadline: float) -> Generator[None, None, None]:
    """Hold the lock of all writers of this collection until the block ends.

    ``deadline`` is by the monotonic clock. Raise ConfigFileError if others hold the lock for longer.
    """
    directory = os.path.dirname(target)
    fd = -1
    try:
        fd = _lock(directory, os.O_RDONLY | os.O_DIRECTORY, deadline)
    except _Held:
        # Anybody who can open the directory can hold its lock. This must not stop root's edits, which continue with
        # the lock of the file.
        if not os.stat(directory).st_mode & 0o044:
            raise _make_timeout_error(target) from None
    except FileNotFoundError:
        raise ConfigFileError(
            "the directory of {0} was removed by another process: try again".format(target)
        ) from None
    except PermissionError:
        # A directory that cannot be read. The lock of the file remains.
        pass
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    try:
        yield
    finally:
        if fd >= 0:
            os.close(fd)


@contextlib.contextmanager
def hold_flock(target: str, deadline: float) -> Generator[None, None, None]:
    """Hold the lock that the SDKs take, on config.json itself, if the file exists."""
    fd = -1
    try:
        try:
            fd = _lock(target, os.O_RDWR, deadline)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            # NFS locks only a file that is open for writing. Other file systems also lock a file that is not writable.
            fd = _lock(target, os.O_RDONLY, deadline)
    except _Held:
        raise _make_timeout_error(target) from None
    except FileNotFoundError:
        pass
    try:
        yield
    finally:
        if fd >= 0:
            os.close(fd)


def _make_timeout_error(target: str) -> ConfigFileError:
    return ConfigFileError(
        "{0} is locked by another process, such as another task or an SDK that writes it; nothing was changed: try"
        " again, or raise lock_timeout".format(target)
    )


def _lock(path: str, flags: int, deadline: float) -> int:
    """Return a locked descriptor of the file or directory at the path."""
    while True:
        fd = os.open(path, flags | _FLAGS)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same_file(fd, path):
                return fd
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(fd)
                raise _Held() from None
            time.sleep(0.01)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _same_file(fd: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def make_temporary_path(target: str) -> str:
    """Return the path of a new file before it replaces the old one. Its writer keeps it locked."""
    return os.path.join(
        os.path.dirname(target), ".{0}.ansible-{1}".format(os.path.basename(target), os.getpid())
    )


def remove_leftovers(target: str) -> None:
    """Remove the temporary files of killed writers, but not of running ones."""
    directory, prefix = os.path.split(make_temporary_path(target).rpartition("-")[0] + "-")
    try:
        names = os.listdir(directory)
    except PermissionError:
        # The user can create files in the directory, but not list them.
        return
    for name in names:
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            with contextlib.suppress(OSError):
                _remove_if_free(os.path.join(directory, name))


def _remove_if_free(path: str) -> None:
    fd = os.open(path, os.O_RDWR | _FLAGS)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(fd)
