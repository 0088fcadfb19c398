# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The locks of config.json, and what remains of a holder that was killed.

Writers of this collection exclude each other by a lock file beside config.json, which no replacement of config.json
moves. Its holder removes it, so a process that gets the lock checks that the path still names the locked file.

They hold ``flock`` on config.json itself too, since the official SDKs take it before they write. The CLI takes no lock.
"""

import contextlib
import fcntl
import os
import time
from typing import Generator, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

_FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@contextlib.contextmanager
def locked(target: str, deadline: float) -> Generator[None, None, None]:
    """Hold the lock of all writers of this collection until the block ends.

    ``deadline`` is by the monotonic clock. Raise ConfigFileError if others hold the lock for longer.
    """
    path = target + ".lock"
    try:
        fd: Optional[int] = _lock(path, _FLAGS | os.O_CREAT, deadline, target)
    except PermissionError:
        # Permissions of the file can be repaired in a directory that cannot be written. Else the write says why.
        fd = None
    except FileNotFoundError:
        raise ConfigFileError(
            "the directory of {0} was removed by another process: try again".format(target)
        ) from None
    try:
        yield
    finally:
        if fd is not None:
            with contextlib.suppress(OSError):
                os.unlink(path)
            os.close(fd)


@contextlib.contextmanager
def file_locked(target: str, deadline: float) -> Generator[None, None, None]:
    """Hold the lock that the SDKs take: the one of config.json itself, if it exists."""
    try:
        fd: Optional[int] = _lock(target, _FLAGS, deadline, target)
    except FileNotFoundError:
        fd = None
    try:
        yield
    finally:
        if fd is not None:
            os.close(fd)


def _lock(path: str, flags: int, deadline: float, target: str) -> int:
    """Return a locked descriptor of the file that the path names."""
    while True:
        fd = _open(path, flags)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same_file(fd, path):
                return fd
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(fd)
                raise ConfigFileError(
                    "{0} is locked by another process, such as another task or an SDK that writes it; nothing was"
                    " changed: try again, or raise lock_timeout".format(target)
                ) from None
            time.sleep(0.01)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags, 0o600)
    except PermissionError:
        # NFS locks only what can be written; elsewhere a file that only its owner can write can be locked too.
        if flags & os.O_CREAT:
            raise
        return os.open(path, flags & ~os.O_RDWR | os.O_RDONLY)


def _same_file(fd: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def temporary(target: str) -> str:
    """Return the path of a new file until it takes the place of the old one. Its writer keeps it locked."""
    return os.path.join(
        os.path.dirname(target), ".{0}.ansible-{1}".format(os.path.basename(target), os.getpid())
    )


def remove_leftovers(target: str) -> None:
    """Remove the temporary files of writers that were killed, and of none that is alive."""
    directory, prefix = os.path.split(temporary(target).rpartition("-")[0] + "-")
    for name in os.listdir(directory):
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            with contextlib.suppress(OSError):
                _remove_if_free(os.path.join(directory, name))


def _remove_if_free(path: str) -> None:
    fd = os.open(path, _FLAGS)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(fd)
