# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A file that holds a new access key until the key is distributed.

RAM shows a secret once. So the file is on the disk before CreateAccessKey is called. It first holds the IDs of the
existing keys: with them, a later run finds a key whose secret was lost. Then it is written again with the new key.
"""

import contextlib
import errno
import fcntl
import json
import os
import stat
from typing import Any, Dict, Generator, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._errors import AccessKeyError

Record = Dict[str, Any]
_TYPES = {
    "user_name": str,
    "began": int,
    "before": list,
    "access_key_id": str,
    "access_key_secret": str,
}


class KeyFile:
    """A file with an access key, locked by :func:`hold`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self) -> Optional[Record]:
        """Return the content, None if the file does not exist. Raise AccessKeyError."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failure(error) from None
        try:
            self._check(os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                return self._parsed(file.read())
        finally:
            os.close(descriptor)

    def _check(self, info: os.stat_result) -> None:
        message = "secret_file '{0}' is {1}"
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
            problem = "not a file of this user: name another one"
            raise AccessKeyError(message.format(self._path, problem))
        if info.st_mode & 0o077:
            problem = "open to other users: set its mode to 0600"
            raise AccessKeyError(message.format(self._path, problem))

    def _parsed(self, content: bytes) -> Record:
        try:
            record = json.loads(content.decode("utf-8"))
            fits = all(isinstance(record.get(name), kind) for name, kind in _TYPES.items())
        except (ValueError, AttributeError, RecursionError):
            fits = False
        if not fits:
            message = "secret_file '{0}' was not written by this module: name another one"
            raise AccessKeyError(message.format(self._path))
        return {name: record[name] for name in _TYPES}

    def write(self, record: Record) -> None:
        """Replace the file, and wait until it is on the disk. Raise AccessKeyError.

        The temporary file has a fixed name: the next run replaces one that a killed run left, since it can contain a
        secret. The lock allows one run at a time.
        """
        directory, name = os.path.split(self._path)
        temporary = os.path.join(directory, "." + name + ".new")
        try:
            _unlink(temporary)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            descriptor = os.open(temporary, flags, 0o600)
            try:
                with open(descriptor, "w", encoding="utf-8") as file:
                    json.dump(record, file)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(temporary, self._path)
            except BaseException:
                _unlink(temporary)
                raise
            _sync(directory)
        except OSError as error:
            raise self._failure(error) from None

    def remove(self) -> None:
        """Remove the file. Raise AccessKeyError."""
        try:
            _unlink(self._path)
            _sync(os.path.dirname(self._path))
        except OSError as error:
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> AccessKeyError:
        message = "secret_file '{0}' cannot be used: {1}"
        return AccessKeyError(message.format(self._path, error.strerror or "input/output error"))


@contextlib.contextmanager
def hold(path: str) -> Generator[KeyFile, None, None]:
    """Yield the file, locked against other runs. Create its directory with mode 0700. Raise AccessKeyError."""
    path = os.path.abspath(os.path.expanduser(path))
    file = KeyFile(path)
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise file._failure(error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise file._failure(error) from None
            message = "secret_file '{0}' is in use by another run: wait for it"
            raise AccessKeyError(message.format(path)) from None
        yield file
    finally:
        os.close(descriptor)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _sync(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
