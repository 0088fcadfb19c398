# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The folder of the credential cache: entries as files, and the locks of their keys."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _cache

# Seconds after which what only a killed process leaves behind is removed.
LITTER_SECONDS = 60
_LOCK, _NEW = ".lock", ".new"
_NAME = re.compile(r"([0-9a-f]{64})(\.[0-9a-z.]+)?\Z")


class CacheError(AliyunCliError):
    """The place of the credential cache is not safe, or cannot be used."""


class Folder:
    """Entries by name, in the directory of a descriptor for which :func:`open_folder` vouches."""

    def __init__(self, folder: int) -> None:
        self._folder = folder

    def close(self) -> None:
        os.close(self._folder)

    def read(self, name: str) -> dict[str, Any] | None:
        """The entry of a name; None where there is none, or one that is not exactly what was written."""
        return _cache.read(name, name, dir_fd=self._folder)

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Put an entry in place at once or not at all. Raises OSError.

        Its time of modification says until when it is of use: UTC in seconds since the epoch.
        """
        content = json.dumps(entry).encode()
        new = "{0}.{1}.{2}{3}".format(name, os.getpid(), threading.get_ident(), _NEW)
        self._remove(new)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._folder)
        try:
            with open(file, "wb") as stream:
                stream.write(_cache.make_seal(name, content) + b"\n" + content)
                stream.flush()
                os.utime(file, (until, until))
            os.rename(new, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except BaseException:
            self._remove(new)
            raise

    @contextlib.contextmanager
    def locked(self, key: str) -> Iterator[bool]:
        """Hold the lock of a key, or say that someone else does. Where there can be no lock there is none to wait for.

        Who holds it removes its file, so the file must still be in place once it is locked. The lock of a process that
        ends, however it does, is free.
        """
        name = key + _LOCK
        try:
            file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=self._folder)
        except OSError:
            yield True
            return
        try:
            if not _lock(file) or not self._is_in_place(name, file):
                yield False
                return
            try:
                yield True
            finally:
                self._remove(name)
        finally:
            os.close(file)

    def remove_expired(self) -> None:
        """Remove what is of no use any more, what killed processes left included, and nothing that is not ours."""
        with contextlib.suppress(OSError), os.scandir(self._folder) as found:
            for name in [entry.name for entry in found if _NAME.match(entry.name)]:
                if self._is_litter(name):
                    with self.locked(name.partition(".")[0]) as locked:
                        # A lock is removed by who holds it, and once: the next one could be somebody else's.
                        if locked and not name.endswith(_LOCK) and self._is_litter(name):
                            self._remove(name)

    def _is_litter(self, name: str) -> bool:
        try:
            info = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if name.endswith((_LOCK, _NEW)):
            return info.st_ctime + LITTER_SECONDS < time.time()
        return info.st_mtime < time.time()

    def _is_in_place(self, name: str, file: int) -> bool:
        try:
            found = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(file))

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self._folder)


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks.
        pass
    return True


def open_folder(parents: Iterable[str]) -> Folder:
    """The folder of the cache below the first of these directories that is ours, made where there is none.

    Raises CacheError for one that is not safe; OSError where there can be none.
    """
    for parent in parents:
        # That of somebody else is, for example, the XDG_RUNTIME_DIR of who called sudo.
        if os.path.isdir(parent) and os.stat(parent).st_uid == os.geteuid():
            break
    else:
        raise NotADirectoryError(errno.ENOTDIR, "this user has no directory for it")
    path = os.path.join(parent, _cache.FOLDER)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        raise _unsafe(path) from None
    if not _cache.is_private(os.fstat(folder)):
        os.close(folder)
        raise _unsafe(path)
    return Folder(folder)


def _unsafe(path: str) -> CacheError:
    return CacheError(
        "the credential cache {0} is not used: it must be a directory with mode 0700 that belongs to the user who runs"
        " Ansible, and no symbolic link; remove it, or set the option cache to false".format(path)
    )
