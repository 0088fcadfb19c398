# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The credential cache on a miss: one process makes what is missing, the others wait and read."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils import _credential_cache as _cache

# Seconds that a failure is remembered, and that pass between two tries to renew what still holds.
FAILURE_SECONDS = 5
RETRY_SECONDS = 30
LITTER_SECONDS = 3600
_LOCK, _FAILURE, _NEW = ".lock", ".failure", ".new"


class CacheError(AliyunCliError):
    """The folder of the cache is not safe."""


class Made(NamedTuple):
    """A JSON value and when it expires: UTC in seconds since the epoch, 0 for what must not be kept."""

    value: Any
    expiration: float


def open_or_make_folder(parents: Iterable[str]) -> int:
    """A descriptor of the folder of the cache, made where there is none. Raises CacheError, OSError.

    Parents are tried in order. One that belongs to somebody else, such as the XDG_RUNTIME_DIR of who called sudo, or
    is not there is left out.
    """
    parents = [parent for parent in parents if _is_ours(parent)]
    folder = _cache.open_folder(parents)
    if folder < 0 and parents:
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.join(parents[0], _cache.FOLDER), 0o700)
        folder = _cache.open_folder(parents)
    if folder < 0:
        raise CacheError(
            "the credential cache {0} is not used: it must be a directory with mode 0700 that belongs to the user who"
            " runs Ansible, and no symbolic link; remove it, or set the option cache to false".format(
                os.path.join(parents[0] if parents else "", _cache.FOLDER)
            )
        )
    return folder


def _is_ours(path: str) -> bool:
    try:
        info = os.stat(path)
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid()


class Cache:
    """Entries in a folder, each made by one process at a time.

    ``patience`` are the seconds that a process waits for another one before it makes an entry itself. ``warn`` is given
    sentences for the user.
    """

    def __init__(self, folder: int, *, patience: float, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._patience = patience
        self._warn = warn
        self._pid = os.getpid()

    def get(self, key: str, make: Callable[[], Made], *, need: float = 0) -> Made:
        """What is kept for a key and lasts ``need`` more seconds, else what ``make`` gives, which is then kept.

        Raises what ``make`` raises, for some seconds without calling it again.
        """
        deadline = time.monotonic() + self._patience
        pause = 0.002
        while True:
            entry = _cache.read(self._folder, key)
            state = _cache.state(entry, need)
            if entry and state == _cache.FRESH:
                return Made(entry["value"], entry["expiration"])
            with self._locked(key) as locked:
                if locked:
                    return self._get_locked(key, make, need)
            if entry and state == _cache.AGEING:
                return Made(entry["value"], entry["expiration"])
            if time.monotonic() > deadline:
                return self._make(key, make)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def _get_locked(self, key: str, make: Callable[[], Made], need: float) -> Made:
        entry = _cache.read(self._folder, key)
        state = _cache.state(entry, need)
        if not entry or state == _cache.GONE:
            self._raise_remembered(key)
            return self._make(key, make)
        old = Made(entry["value"], entry["expiration"])
        if state == _cache.FRESH:
            return old
        # From now on the others find a fresh entry, and no one tries again at once where this fails.
        self._write(key, dict(entry, wait=_cache.now()[0] + RETRY_SECONDS), entry["expiration"])
        try:
            return self._make(key, make, remember=False)
        except (SourceError, StsError) as error:
            self._warn(
                "Credentials could not be renewed ahead of time and are used as long as they last: {0}".format(
                    error
                )
            )
            return old

    def _make(self, key: str, make: Callable[[], Made], *, remember: bool = True) -> Made:
        try:
            made = make()
        except (SourceError, StsError) as error:
            if remember:
                self._remember(key, error)
            raise
        clock, boot = _cache.now()
        if made.expiration > clock:
            entry = {
                "obtained": clock,
                "boot": boot,
                "expiration": made.expiration,
                "wait": clock + min(RETRY_SECONDS, (made.expiration - clock) / 10),
                "value": made.value,
            }
            self._write(key, entry, made.expiration)
        return made

    def _remember(self, key: str, error: AliyunCliError) -> None:
        clock, boot = _cache.now()
        failure: dict[str, Any] = {"obtained": clock, "boot": boot, "message": str(error)}
        if isinstance(error, StsError):
            failure.update(
                code=error.code, http_status=error.http_status, request_id=error.request_id
            )
        self._write(key + _FAILURE, failure, clock + FAILURE_SECONDS)

    def _raise_remembered(self, key: str) -> None:
        failure = _cache.read(self._folder, key + _FAILURE)
        if failure is None:
            return
        clock, boot = _cache.now()
        passed = max(clock - failure.pop("obtained"), boot - failure.pop("boot"))
        if 0 <= passed < FAILURE_SECONDS:
            message = failure.pop("message")
            raise StsError(message, **failure) if failure else SourceError(message)

    def _write(self, name: str, entry: dict[str, Any], until: float) -> None:
        """Put a file in place at once or not at all; its time of modification says until when it is of use."""
        content = json.dumps(entry).encode()
        new = "{0}.{1}{2}".format(name, self._pid, _NEW)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(new, dir_fd=self._folder)
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._folder)
            try:
                with open(file, "wb") as stream:
                    stream.write(_cache.make_seal(name, content) + b"\n" + content)
                    stream.flush()
                    os.utime(stream.fileno(), (until, until))
                os.rename(new, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except BaseException:
                os.unlink(new, dir_fd=self._folder)
                raise
        except OSError as error:
            self._warn("Credentials could not be cached: {0}".format(error.strerror))

    @contextlib.contextmanager
    def _locked(self, key: str) -> Iterator[bool]:
        """Hold the lock of a key, or say that another process does. Where there can be no lock there is none to wait for.

        Who holds it removes its file, so the file must still be in place once it is locked.
        """
        name = key + _LOCK
        try:
            file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=self._folder)
        except OSError:
            yield True
            return
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            if not self._is_in_place(name, file):
                yield False
                return
            try:
                yield True
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=self._folder)
        finally:
            os.close(file)

    def _is_in_place(self, name: str, file: int) -> bool:
        try:
            found = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(file))

    def remove_expired(self) -> None:
        """Remove what is of no use any more, what killed processes left included."""
        try:
            with os.scandir(self._folder) as found:
                names = [entry.name for entry in found if self._is_litter(entry.name)]
            for name in names:
                with self._locked(name.partition(".")[0]) as locked:
                    if locked and self._is_litter(name):
                        os.unlink(name, dir_fd=self._folder)
        except OSError:
            # It is tried again on the next miss.
            return

    def _is_litter(self, name: str) -> bool:
        try:
            info = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        patience = LITTER_SECONDS if name.endswith((_LOCK, _NEW)) else 0
        return info.st_mtime + patience < time.time()
