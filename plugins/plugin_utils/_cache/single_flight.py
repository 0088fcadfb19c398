# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The credential cache on a miss: one process, and in it one thread, makes what is missing, and the others wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _cache

# Seconds that a failure is remembered, and that pass between two tries to renew what still holds.
FAILURE_SECONDS = 5
RETRY_SECONDS = 30
_FAILURE = ".failure"
_TIMES = ("obtained", "boot")


class Made(NamedTuple):
    """A JSON value and what is to be known of it.

    ``expiration`` is UTC in seconds since the epoch by the clock of this machine, 0 for what must not be kept. ``since``
    is when it was obtained, as an entry has it; by default now.
    """

    value: Any
    expiration: float
    since: Mapping[str, float] | None = None


Make = Callable[[], Made]


class Store(Protocol):
    """Where entries are kept: a ``Folder`` or a ``PluginStore``."""

    def read(self, name: str) -> dict[str, Any] | None:
        """The entry of a name, if there is one."""

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Put an entry in place, which is of use until then. Raises OSError."""

    def locked(self, key: str) -> AbstractContextManager[bool]:
        """Hold the lock of a key, or say that someone else does."""


class _Ask(NamedTuple):
    """What is asked for: the arguments of :meth:`Cache.get`."""

    key: str
    make: Make
    need: float
    failure: str
    basis: Mapping[str, Any] | None


class Cache:
    """Entries in a store, each made by one process at a time.

    ``call_time`` are the seconds that one call of whoever makes entries may take. ``warn`` is given sentences for the user.
    """

    def __init__(self, store: Store, *, call_time: float, warn: Callable[[str], None]) -> None:
        self._store = store
        self._call_time = call_time
        self._warn = warn

    def get(
        self,
        key: str,
        make: Make,
        *,
        need: float = 0,
        calls: int = 1,
        teller: str = "",
        basis: Mapping[str, Any] | None = None,
    ) -> Made:
        """What is kept for a key and lasts ``need`` more seconds, else what ``make`` gives, which is then kept.

        ``calls`` is how many calls ``make`` may take; after their time nobody is waited for any longer. Raises what
        ``make`` raises, and for some seconds raises it again without calling it, where the same ``teller`` asks: whatever
        the text of an error depends on beside the key. An entry with another ``basis`` is none.
        """
        failure = key + (teller and "." + teller) + _FAILURE
        ask = _Ask(key, make, need, failure, basis)
        deadline = time.monotonic() + (calls + 1) * self._call_time
        pause = 0.002
        while True:
            entry, state = self._read(ask)
            if entry and state == _cache.FRESH:
                return _made(entry)
            with self._store.locked(key) as locked:
                if locked:
                    return self._get_locked(ask)
            if entry and state == _cache.AGEING:
                return _made(entry)
            if time.monotonic() > deadline:
                return self._make(ask)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def _read(self, ask: _Ask) -> tuple[dict[str, Any] | None, str]:
        entry = self._store.read(ask.key)
        if entry and entry.get("basis") != ask.basis:
            entry = None
        return entry, _cache.state(entry, ask.need)

    def _get_locked(self, ask: _Ask) -> Made:
        entry, state = self._read(ask)
        if not entry or state == _cache.GONE:
            self._raise_remembered(ask)
            try:
                return self._make(ask)
            except (SourceError, StsError) as error:
                self._remember(ask, error)
                raise
        if state == _cache.FRESH:
            return _made(entry)
        # From now on the others find a fresh entry, and no one tries again at once where this fails.
        entry["wait"] = _cache.passed(entry) + RETRY_SECONDS
        self._write(ask.key, entry, entry["expiration"])
        try:
            return self._make(ask)
        except (SourceError, StsError) as error:
            self._warn(
                "Credentials could not be renewed ahead of time and are used as long as they last: {0}".format(
                    error
                )
            )
            return _made(entry)

    def _make(self, ask: _Ask) -> Made:
        made = ask.make()
        since = made.since or dict(zip(_TIMES, _cache.now(), strict=True))
        lifetime = made.expiration - since["obtained"]
        if lifetime > 0:
            entry = {
                **since,
                "expiration": made.expiration,
                "basis": ask.basis,
                "value": made.value,
            }
            # What is not renewed although it ages is not tried again at once.
            entry["wait"] = _cache.passed(entry) + min(RETRY_SECONDS, lifetime / 10)
            self._write(ask.key, entry, made.expiration)
        return made._replace(since=since)

    def _remember(self, ask: _Ask, error: AliyunCliError) -> None:
        clock, boot = _cache.now()
        failure = {"obtained": clock, "boot": boot, "basis": ask.basis, "message": str(error)}
        if isinstance(error, StsError):
            failure["facts"] = {
                name: getattr(error, name) for name in ("code", "http_status", "request_id")
            }
        self._write(ask.failure, failure, clock + FAILURE_SECONDS)

    def _raise_remembered(self, ask: _Ask) -> None:
        failure = self._store.read(ask.failure)
        if not failure or failure.get("basis") != ask.basis or "message" not in failure:
            return
        if not 0 <= _cache.passed(failure) < FAILURE_SECONDS:
            return
        if "facts" in failure:
            raise StsError(failure["message"], **failure["facts"])
        raise SourceError(failure["message"])

    def _write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        try:
            self._store.write(name, entry, until)
        except OSError as error:
            self._warn("Credentials could not be cached: {0}".format(error.strerror))


def _made(entry: Mapping[str, Any]) -> Made:
    since = {name: entry[name] for name in _TIMES if name in entry}
    return Made(entry["value"], entry["expiration"], since)


class Once:
    """What the threads of one use make, each by the first one that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[Hashable, tuple[Future[Made], str]] = {}

    def get(self, key: Hashable, make: Make, *, teller: str) -> Made:
        """What ``make`` gives, or gave to another thread. Raises what it raises, or raised for the same ``teller``."""
        mine: Future[Made] = Future()
        with self._lock:
            future, first_teller = self._futures.setdefault(key, (mine, teller))
        if future is mine:
            try:
                mine.set_result(make())
            except BaseException as error:
                mine.set_exception(error)
        elif future.exception() and teller != first_teller:
            # It tells of it in words of its own.
            return make()
        return future.result()
