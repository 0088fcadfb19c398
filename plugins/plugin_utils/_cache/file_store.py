# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Store entries of the credential cache as files in a private directory (first level), and lock their keys."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry

# Seconds after which files of killed processes are removed.
LEFTOVER_SECONDS = 60
_LOCK, _NEW = ".lock", ".new"
_NAME = re.compile(r"([0-9a-f]{64})(\.[0-9a-z.]+)?\Z")


class CacheError(AliyunCliError):
    """Report that the directory of the credential cache is not private to the user."""


class FileStore:
    """Entries by name, in the directory of a descriptor that :func:`open_store` has checked."""

    def __init__(self, folder: int) -> None:
        self._folder = folder

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._folder)

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the entry of a name, or None if it is missing or was changed after it was written."""
        return _entry.read(name, name, dir_fd=self._folder)

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Write an entry atomically. Raise OSError.

        ``until`` is when the entry becomes useless, in UTC in seconds since the epoch. It is stored as the modification
        time of the file.
        """
        new = "{0}.{1}.{2}{3}".format(name, os.getpid(), threading.get_ident(), _NEW)
        self.remove(new)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._folder)
        try:
            with open(file, "wb") as stream:
                stream.write(_entry.dump(name, entry))
                stream.flush()
                os.utime(file, (until, until))
            os.rename(new, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except BaseException:
            self.remove(new)
            raise

    def lock(self, name: str) -> Callable[[], None] | None:
        """Lock a name and return the function that unlocks it. Return None if another process or thread holds the lock.

        The holder removes the lock file, so a lock is valid only while its file exists. The kernel frees the lock of a
        process that ends. If the lock file cannot be created, for example on a full disk, nobody waits.
        """
        path = name + _LOCK
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=self._folder)
        except OSError:
            return lambda: None

        def unlock() -> None:
            self.remove(path)
            os.close(file)

        if _flock(file) and self._is_in_place(path, file):
            return unlock
        os.close(file)
        return None

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[bool]:
        """Hold the lock of a name, or yield False if another process or thread holds it."""
        unlock = self.lock(name)
        try:
            yield unlock is not None
        finally:
            if unlock:
                unlock()

    def remove(self, name: str) -> None:
        """Remove a file if it exists."""
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self._folder)

    def remove_value(self, name: str, value: Any) -> None:
        """Remove an entry if it has this value. Another process may already have replaced it."""
        entry = self.read(name)
        if entry and entry.get("value") == value:
            self.remove(name)

    def remove_containing(self, text: str) -> None:
        """Remove the entries that contain a text, such as the ID of an access key."""
        with contextlib.suppress(OSError), os.scandir(self._folder) as found:
            for name in [entry.name for entry in found if _NAME.match(entry.name)]:
                entry = None if name.endswith((_LOCK, _NEW)) else self.read(name)
                if entry and text in str(entry.get("value")):
                    self.remove(name)

    def remove_expired(self) -> None:
        """Remove expired entries and files of killed processes. Do not touch other files."""
        with contextlib.suppress(OSError), os.scandir(self._folder) as found:
            for name in [entry.name for entry in found if _NAME.match(entry.name)]:
                if self._is_leftover(name):
                    with self.locked(name.partition(".")[0]) as locked:
                        # The holder removes its lock file. A new lock file could belong to another process.
                        if locked and not name.endswith(_LOCK) and self._is_leftover(name):
                            self.remove(name)

    def _is_leftover(self, name: str) -> bool:
        try:
            info = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if name.endswith((_LOCK, _NEW)):
            return info.st_ctime + LEFTOVER_SECONDS < time.time()
        return info.st_mtime < time.time()

    def _is_in_place(self, name: str, file: int) -> bool:
        try:
            found = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(file))


def _flock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # The file system does not support locks.
        pass
    return True


def open_store(
    parents: Iterable[str], warn: Callable[[str], object] = lambda text: None
) -> FileStore:
    """Open the cache directory below the first of these parents that belongs to this user. Create it if it is missing.

    If another program has opened the directory to other users, it is emptied and closed, with a warning. Raise
    CacheError for a directory of another user, or OSError if it cannot be created.
    """
    for parent in parents:
        # For example, XDG_RUNTIME_DIR can belong to the user who called sudo.
        if os.path.isdir(parent) and os.stat(parent).st_uid == os.geteuid():
            break
    else:
        raise NotADirectoryError(errno.ENOTDIR, "no parent directory belongs to this user")
    path = os.path.join(parent, _entry.FOLDER)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EACCES, errno.EPERM):
            raise _make_unsafe_error(path) from None
        # For example, too many open files. This is no fault of the directory.
        raise
    try:
        if not _entry.is_private(os.fstat(folder)):
            _make_private(folder, path, warn)
    except BaseException:
        os.close(folder)
        raise
    return FileStore(folder)


def _make_private(folder: int, path: str, warn: Callable[[str], object]) -> None:
    """Close and empty a directory, for example one that Kubernetes has opened for an ``fsGroup``.

    Raise CacheError for a directory of another user, or OSError if the file system does not keep permissions (drvfs,
    SMB).
    """
    if os.fstat(folder).st_uid != os.geteuid():
        raise _make_unsafe_error(path)
    with contextlib.suppress(OSError):
        os.fchmod(folder, 0o700)
    if not _entry.is_private(os.fstat(folder)):
        raise OSError(
            errno.ENOTSUP, "the file system of {0} does not keep permissions".format(path)
        )
    # Other users may have written files to it. They cannot add any more.
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
    warn(
        "The credential cache {0} was accessible to other users: it was emptied and closed".format(
            path
        )
    )


def _make_unsafe_error(path: str) -> CacheError:
    return CacheError(
        "the credential cache {0} must be a directory with mode 0700 of the user who runs Ansible, and not a symbolic"
        " link: remove it, or set the option cache to false".format(path)
    )
