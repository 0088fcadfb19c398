# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Replace config.json in one step: at any time, a reader gets either the old file or the new one.

Imported only before something is written.
"""

import contextlib
import errno
import fcntl
import os
import time
from typing import Callable, Generator, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _lock
from ansible_collections.aliyun.cli.plugins.module_utils._config_file.ownership import (
    give,
    restrict,
    restrict_acl,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

# Attributes that label a file. All others are dropped: some grant access, such as access control lists.
_LABELS = ("user.", "security.selinux", "security.SMACK64")


def write(
    target: str,
    content: bytes,
    identity: Tuple[int, int],
    info: Optional[os.stat_result],
    is_current: Callable[[], bool],
) -> bool:
    """Replace the file by one with the content, for its user and group. ``info`` is the status of an existing file.

    Call ``is_current`` directly before the replacement. If it returns False, change nothing and return False. Raise
    OSError if nothing was changed, and ConfigFileError if the new file may not be on the disk.
    """
    temporary = _lock.make_temporary_path(target)
    try:
        with _create_file(temporary, content, identity) as fd:
            if info:
                _copy_labels(target, fd)
            if not is_current():
                os.unlink(temporary)
                return False
            os.rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_directory(target)
    return True


def _sync_directory(target: str) -> None:
    try:
        directory = os.open(os.path.dirname(target), os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        # A directory that the user cannot read can be written to, but not synchronized.
        return
    try:
        os.fsync(directory)
    except OSError as error:
        # Some network file systems do not support this.
        if error.errno != errno.EINVAL:
            raise ConfigFileError(
                "{0} was written, but a crash of the system can undo this: {1}; "
                "check the disk and run the task again".format(target, error.strerror)
            ) from None
    finally:
        os.close(directory)


@contextlib.contextmanager
def _create_file(
    path: str, content: bytes, identity: Tuple[int, int]
) -> Generator[int, None, None]:
    """Create a file with the content, synchronized, and keep it open and locked until the block ends."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        restrict_acl(fd)
        give(fd, identity)
        restrict(fd)
        left = memoryview(content)
        while left:
            left = left[os.write(fd, left) :]
        os.fsync(fd)
        yield fd
    finally:
        os.close(fd)


def _copy_labels(source: str, fd: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        for name in os.listxattr(source):
            if name.startswith(_LABELS):
                with contextlib.suppress(OSError):
                    os.setxattr(fd, name, os.getxattr(source, name))


def back_up(target: str, content: Optional[bytes], info: os.stat_result) -> str:
    """Write the old content to a backup file in the same directory, and return its path."""
    path = "{0}.{1}.{2}~".format(target, os.getpid(), time.strftime("%Y-%m-%d@%H:%M:%S"))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    try:
        with _create_file(path, content or b"", (info.st_uid, info.st_gid)):
            pass
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    return path
