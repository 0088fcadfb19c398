# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The first level of the credential cache: entries as files in a private folder, and the locks of their keys."""

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

# Seconds after which files that only a killed process leaves behind are removed.
LEFTOVER_SECONDS = 60
_LOCK, _NEW = ".lock", ".new"
_NAME = re.compile(r"([0-9a-f]{64})(\.[0-9a-z.]+)?\Z")


class CacheError(AliyunCliError):
    """The folder of the credential cache is not private to the user."""


class FileStore:
    """Entries by name, in the directory of a descriptor that :func:`open_store` has checked."""

    def __init__(self, folder: int) -> None:
        self._folder = folder

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._folder)

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the entry of a name. None if it is missing or is not exactly what was written."""
        return _entry.read(name, name, dir_fd=self._folder)

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Write an entry, at once or not at all. Raise OSError.

        ``until`` (UTC in seconds since the epoch) is when it becomes useless. It is the file's time of modification.
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

        The holder removes the lock file, so a lock counts only while its file is in place. The kernel frees the lock of a
        process that ends. Without a lock file (a full disk, for example) nobody waits.
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
        """Hold the lock of a name, or yield False if it is held elsewhere."""
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
        """Remove an entry if it has this value. Another process may have written a new one."""
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
        """Remove expired entries and what killed processes left behind. Leave files of others alone."""
        with contextlib.suppress(OSError), os.scandir(self._folder) as found:
            for name in [entry.name for entry in found if _NAME.match(entry.name)]:
                if self._is_leftover(name):
                    with self.locked(name.partition(".")[0]) as locked:
                        # Its holder has just removed a lock file; the next one could belong to another process.
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
        # A file system without locks.
        pass
    return True


def open_store(
    parents: Iterable[str], warn: Callable[[str], object] = lambda text: None
) -> FileStore:
    """Open the cache folder below the first of these directories that belongs to this user; create it if it is missing.

    A folder of this user that another program has opened to others is emptied and closed, with a warning. Raise
    CacheError for a folder of somebody else, OSError if there can be none.
    """
    for parent in parents:
        # Another user's is, for example, the XDG_RUNTIME_DIR of the user who called sudo.
        if os.path.isdir(parent) and os.stat(parent).st_uid == os.geteuid():
            break
    else:
        raise NotADirectoryError(errno.ENOTDIR, "this user has no directory for it")
    path = os.path.join(parent, _entry.FOLDER)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EACCES, errno.EPERM):
            raise _make_unsafe_error(path) from None
        # For example, too many open files: the folder is not to blame.
        raise
    try:
        if not _entry.is_private(os.fstat(folder)):
            _make_private(folder, path, warn)
    except BaseException:
        os.close(folder)
        raise
    return FileStore(folder)


def _make_private(folder: int, path: str, warn: Callable[[str], object]) -> None:
    """Close and empty a folder, such as one that Kubernetes has opened for an ``fsGroup``.

    Raise CacheError for a folder of another user, OSError if the file system keeps no permissions, as drvfs and SMB.
    """
    if os.fstat(folder).st_uid != os.geteuid():
        raise _make_unsafe_error(path)
    with contextlib.suppress(OSError):
        os.fchmod(folder, 0o700)
    if not _entry.is_private(os.fstat(folder)):
        raise OSError(
            errno.ENOTSUP, "the file system of {0} does not keep permissions".format(path)
        )
    # Others may have left something in it. Nobody can add anything now.
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
    warn("The credential cache {0} was open to others: it was emptied and closed".format(path))


def _make_unsafe_error(path: str) -> CacheError:
    return CacheError(
        "the credential cache {0} is not private: remove it, or set the option cache to false; it must be a directory with"
        " mode 0700 that belongs to the user who runs Ansible, and no symbolic link".format(path)
    )
