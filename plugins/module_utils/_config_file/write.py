# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Replaces config.json in one step: whoever reads it, whenever it is, reads the old file or the new one.

Loaded only where something is to be written.
"""

import contextlib
import errno
import os
import time
from typing import Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _config_lock
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError


def write(
    target: str, content: bytes, identity: Tuple[int, int], info: Optional[os.stat_result]
) -> None:
    """Put the content in the place of the file, for its user and group; ``info`` is of the old file, if there is one.

    Raises OSError where all is as it was, and ConfigFileError where it is not sure that the disk keeps the new file.
    """
    temporary = _config_lock.temporary(target)
    try:
        _write_new(temporary, content, identity)
        if info:
            _copy_attributes(target, temporary)
        os.rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_directory(target)


def _sync_directory(target: str) -> None:
    directory = os.open(os.path.dirname(target), os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    except OSError as error:
        # Some network file systems cannot do it.
        if error.errno != errno.EINVAL:
            raise ConfigFileError(
                "{0} was written, but may be as before after a crash of the system: {1}".format(
                    target, error.strerror
                )
            ) from None
    finally:
        os.close(directory)


def _write_new(path: str, content: bytes, identity: Tuple[int, int]) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        info = os.fstat(fd)
        if (info.st_uid, info.st_gid) != identity:
            os.fchown(fd, *identity)
        os.fchmod(fd, 0o600)
        file.write(content)
        file.flush()
        os.fsync(fd)


def _copy_attributes(source: str, destination: str) -> None:
    with contextlib.suppress(OSError, AttributeError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(destination, name, os.getxattr(source, name))


def back_up(target: str, content: Optional[bytes], info: os.stat_result) -> str:
    """Write the old content into another file beside, and return the path of that."""
    path = "{0}.{1}.{2}~".format(target, os.getpid(), time.strftime("%Y-%m-%d@%H:%M:%S"))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    try:
        _write_new(path, content or b"", (info.st_uid, info.st_gid))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    return path
