# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The lock of config.json, and what is left where one was killed who held it.

The file is shared with the CLI, which replaces it by rename without a lock, and with the official SDKs, which take
``flock`` on the file itself and then replace it. So the lock is ``flock`` on the file itself, and whether the path still
names the locked file is looked at after the lock is taken.
"""

import contextlib
import errno
import fcntl
import os
import time
from typing import Generator, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError


@contextlib.contextmanager
def locked(target: str, timeout: float) -> Generator[None, None, None]:
    """Hold the lock of a file, or of a lock file beside it as long as it does not exist.

    ``timeout`` is in seconds. Raises ConfigFileError where others hold it for longer.
    """
    deadline = time.monotonic() + timeout
    beside = target + ".lock"
    while True:
        lock_file = None
        fd = _lock(target, os.O_RDWR, deadline, target)
        if fd is None:
            lock_file = beside
            fd = _lock(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, deadline, target)
        if fd is None:
            raise ConfigFileError("the directory of {0} was removed meanwhile".format(target))
        # Somebody may have made the file while we waited beside it: then it has a lock of its own.
        if lock_file is None or not os.path.exists(target):
            break
        _release(fd, lock_file)
    try:
        yield
    finally:
        _release(fd, lock_file)


def _lock(path: str, flags: int, deadline: float, target: str) -> Optional[int]:
    """A locked descriptor of the file that the path names; None where there is none."""
    while True:
        try:
            fd = _open(path, flags | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
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
    except OSError as error:
        # NFS locks only what can be written; elsewhere a file that is as it should be need not be.
        if flags & os.O_CREAT or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        return os.open(path, flags & ~os.O_RDWR | os.O_RDONLY)


def _same_file(fd: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _release(fd: int, beside: Optional[str]) -> None:
    if beside:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
    os.close(fd)


def temporary(target: str) -> str:
    """The path of a new file until it takes the place of the old one."""
    return os.path.join(
        os.path.dirname(target), ".{0}.ansible-{1}".format(os.path.basename(target), os.getpid())
    )


def remove_leftovers(target: str) -> None:
    """Remove what writers that were killed left behind. The lock is held, so no writer of ours is at work."""
    directory, prefix = os.path.split(temporary(target).rpartition("-")[0] + "-")
    for name in os.listdir(directory):
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            os.unlink(os.path.join(directory, name))
    if os.path.exists(target):
        # The file has a lock of its own, so that the lock file beside it serves nobody any more.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target + ".lock")
