# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read files that other users may have created, and pass paths to the system in any locale."""

import errno
import os
import stat
from typing import Tuple


def read_file(path: str, limit: int) -> Tuple[bytes, os.stat_result]:
    """Return the content and the status of a regular file of at most ``limit`` bytes.

    A pipe or a device in its place does not block. Raise OSError; its strerror describes the problem.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    fd = os.open(make_native(path), flags)
    try:
        info = os.fstat(fd)
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        # The size that the system reports can be wrong, as in /proc, or change.
        content = os.read(fd, min(info.st_size, limit) + 1)
        if content and len(content) == info.st_size <= limit:
            return content, info
        while len(content) <= limit:
            part = os.read(fd, min(65536, limit + 1 - len(content)))
            if not part:
                return content, info
            content += part
        raise OSError(errno.EFBIG, "it is larger than {0} bytes".format(limit))
    finally:
        os.close(fd)


def make_native(text: str) -> str:
    """Return a path or argument in the form that the system accepts.

    With the locale "C", Python 3.6 accepts only ASCII.
    """
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return os.fsdecode(text.encode("utf-8", "surrogateescape"))
    return text


def make_printable(text: str) -> str:
    """Convert a text with native paths to the form for a user: the reverse of native()."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text
