# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The credential cache on a miss: from the longest cached prefix of a chain to its end, one call for each key.

For each step of the chain: look up, lock, look again, call, store. Others wait for the lock and read what was stored.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import FileStore

# Seconds for which a refusal is remembered.
FAILURE_SECONDS = 5
# Seconds between two attempts to renew a session that is still valid.
RETRY_SECONDS = 30
# Seconds for which it is remembered that a step gives nothing that can be cached.
UNCACHEABLE_SECONDS = 60
# Share of max_time for which a process waits for the call of another one: that call has ended by then.
PATIENCE = 1.1
_FAILURE, _UNCACHEABLE = ".failure", ".uncacheable"
_TIMES = ("obtained", "boot")


class CachedValue(NamedTuple):
    """A JSON value and when it expires.

    ``expiration`` is UTC in seconds since the epoch by the clock of this machine, 0 for a value that must not be cached.
    ``since`` is when it was obtained, as in an entry; by default now.
    """

    value: Any
    expiration: float
    since: Mapping[str, float] | None = None
    is_cached: bool = False


class Step(NamedTuple):
    """One step of a chain.

    ``call`` obtains its value from that of the step before, which is None for the first step. ``key`` is the key of the
    cache entry, empty for a value that is never cached. ``need`` are the seconds that the value must still last.
    ``context`` is a hash of what the text of an error depends on beside the key. An entry with another ``fingerprint`` is
    ignored.
    """

    key: str
    call: Callable[[CachedValue | None], CachedValue]
    need: float = 0
    context: str = ""
    fingerprint: Mapping[str, Any] | None = None


class _Run:
    """The state of one pass over the steps: stale entries, by index, that it renews, and when renewing ends."""

    def __init__(self, max_time: float) -> None:
        self.stale: dict[int, dict[str, Any]] = {}
        self._max_time = max_time
        self._deadline: float | None = None

    def check_time(self, index: int) -> None:
        """Raise SourceError instead of a further call if renewing takes too long and a stale entry can be used."""
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + self._max_time
        if now > self._deadline and any(number >= index for number in self.stale):
            raise SourceError("the calls take longer than max_time")


class Cache:
    """Entries in a store, each obtained by one process at a time, and by one thread of it.

    Without a store only threads share. ``max_time`` are the seconds that one call may take. ``warn`` takes sentences for
    the user.
    """

    def __init__(
        self, files: FileStore | None, *, max_time: float, warn: Callable[[str], None]
    ) -> None:
        self._files = files
        self._max_time = max_time
        self._patience = PATIENCE * max_time
        self._warn = warn
        self._threads = ThreadDeduplication()

    def resolve(self, steps: Sequence[Step]) -> CachedValue:
        """Return the value of the last step, beginning after the longest cached prefix.

        Raise what a step raises, and for some seconds raise it again without a call.
        """
        run = _Run(self._max_time)
        index, value = self._look_up(steps, run)
        while index + 1 < len(steps):
            index += 1
            try:
                value = self._obtain(steps[index], value, run, index)
            except (SourceError, StsError) as error:
                index, value = self._fall_back(steps, run, index, error)
        assert value is not None
        return value

    def _look_up(self, steps: Sequence[Step], run: _Run) -> tuple[int, CachedValue | None]:
        """Return the last cached step and its value; -1 and None if nothing is cached."""
        for index in reversed(range(len(steps))):
            entry, state = self._read(steps[index])
            if entry and state == _entry.STALE and self._claim_renewal(steps[index]):
                run.stale[index] = entry
            elif entry and state != _entry.EXPIRED:
                return index, _value(entry)
        return -1, None

    def _obtain(
        self, step: Step, previous: CachedValue | None, run: _Run, index: int
    ) -> CachedValue:
        """Lock, look again, call, store."""
        if not step.key:
            return step.call(previous)
        with self._threads.claim(step.key, step.need, step.context) as flight:
            if flight.value is None:
                with self._locked(step, run.stale.get(index)) as found:
                    flight.value = found or self._call(step, previous, run, index)
            return flight.value

    def _call(self, step: Step, previous: CachedValue | None, run: _Run, index: int) -> CachedValue:
        run.check_time(index)
        try:
            value = step.call(previous)
        except (SourceError, StsError) as error:
            self._remember(step, error)
            raise
        return self._store(step, value)

    def _fall_back(
        self, steps: Sequence[Step], run: _Run, index: int, error: AliyunCliError
    ) -> tuple[int, CachedValue]:
        """Return the next step that has a stale entry which is still valid, and its value. Raise the error without one."""
        for number in sorted(run.stale):
            entry = run.stale.pop(number)
            if number >= index and _entry.state(entry, steps[number].need) != _entry.EXPIRED:
                self._warn(
                    "Credentials could not be renewed ahead of time and are used as long as they last: {0}".format(
                        error
                    )
                )
                return number, _value(entry)
        raise error

    @contextlib.contextmanager
    def _locked(self, step: Step, stale: Mapping[str, Any] | None) -> Iterator[CachedValue | None]:
        """Hold the lock of a step. Yield the value that another process has stored meanwhile, or None.

        Wait for the holder as long as its call may take, once. Do not wait to renew what is still valid.
        """
        if not self._files:
            yield None
            return
        deadline = time.monotonic() + self._patience
        pause = 0.002
        with contextlib.ExitStack() as stack:
            while True:
                unlock = self._files.lock(step.key)
                if unlock:
                    stack.callback(unlock)
                found = self._find(step, stale)
                if found or unlock:
                    break
                if stale:
                    found = _value(stale)
                    break
                if self._is_uncacheable(step):
                    break
                self._raise_remembered(step)
                if time.monotonic() > deadline:
                    self._patience = 0
                    break
                time.sleep(pause)
                pause = min(pause * 1.5, 0.05)
            if not found:
                self._raise_remembered(step)
            yield found

    def _find(self, step: Step, stale: Mapping[str, Any] | None) -> CachedValue | None:
        """Return the value of a valid entry that is newer than a stale one."""
        entry, state = self._read(step)
        if not entry or state == _entry.EXPIRED:
            return None
        if stale and entry["obtained"] <= stale["obtained"]:
            return None
        return _value(entry)

    def _read(self, step: Step) -> tuple[dict[str, Any] | None, str]:
        entry = self._files.read(step.key) if self._files and step.key else None
        if entry and entry.get("fingerprint") != step.fingerprint:
            entry = None
        return entry, _entry.state(entry, step.need)

    def _claim_renewal(self, step: Step) -> bool:
        """Return whether this process is the one to renew a stale entry. The others find a fresh one for a while."""
        assert self._files
        with self._files.locked(step.key) as locked:
            entry, state = self._read(step)
            if not locked or not entry or state != _entry.STALE:
                return False
            entry["wait"] = _entry.passed(entry) + RETRY_SECONDS
            self._write(step.key, entry, entry["expiration"])
            return True

    def _store(self, step: Step, value: CachedValue) -> CachedValue:
        since = value.since or dict(zip(_TIMES, _entry.now(), strict=True))
        lifetime = value.expiration - since["obtained"]
        if lifetime > 0:
            entry = {
                **since,
                "expiration": value.expiration,
                "fingerprint": step.fingerprint,
                "value": value.value,
            }
            # A value that is stale already is not renewed at once.
            entry["wait"] = _entry.passed(entry) + min(RETRY_SECONDS, lifetime / 10)
            self._write(step.key, entry, value.expiration)
        else:
            self._write_marker(step.key + _UNCACHEABLE, UNCACHEABLE_SECONDS)
        return value._replace(since=since)

    def _write_marker(self, name: str, seconds: float, **more: Any) -> None:
        clock, boot = _entry.now()
        self._write(name, {"obtained": clock, "boot": boot, **more}, clock + seconds)

    def _read_marker(self, name: str, seconds: float) -> dict[str, Any] | None:
        marker = self._files.read(name) if self._files else None
        if marker and "obtained" in marker and 0 <= _entry.passed(marker) < seconds:
            return marker
        return None

    def _is_uncacheable(self, step: Step) -> bool:
        return self._read_marker(step.key + _UNCACHEABLE, UNCACHEABLE_SECONDS) is not None

    def _remember(self, step: Step, error: AliyunCliError) -> None:
        facts = None
        if isinstance(error, StsError):
            facts = {name: getattr(error, name) for name in ("code", "http_status", "request_id")}
        self._write_marker(
            _failure_name(step),
            FAILURE_SECONDS,
            fingerprint=step.fingerprint,
            message=str(error),
            facts=facts,
        )

    def _raise_remembered(self, step: Step) -> None:
        failure = self._read_marker(_failure_name(step), FAILURE_SECONDS)
        if (
            not failure
            or failure.get("fingerprint") != step.fingerprint
            or "message" not in failure
        ):
            return
        if failure.get("facts"):
            raise StsError(failure["message"], **failure["facts"])
        raise SourceError(failure["message"])

    def _write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        if not self._files:
            return
        try:
            self._files.write(name, entry, until)
        except OSError as error:
            self._warn("Credentials could not be cached: {0}".format(error.strerror))


def _failure_name(step: Step) -> str:
    return step.key + (step.context and "." + step.context) + _FAILURE


def _value(entry: Mapping[str, Any]) -> CachedValue:
    since = {name: entry[name] for name in _TIMES if name in entry}
    return CachedValue(entry["value"], entry["expiration"], since, is_cached=True)


class _Flight:
    """What one thread obtains for all: the value or the error, once the lock is free."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: CachedValue | None = None
        self.error: BaseException | None = None
        self.context = ""


class ThreadDeduplication:
    """Deduplicate concurrent calls between the threads of one use of the plugin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[tuple[str, float], _Flight] = {}

    @contextlib.contextmanager
    def claim(self, key: str, need: float, context: str) -> Iterator[_Flight]:
        """Wait for other threads with the same key. Yield the flight, with a value if one of them has obtained it.

        Raise what another thread has raised in the same context. In another context the message differs, so call again.
        """
        with self._lock:
            flight = self._flights.setdefault((key, need), _Flight())
        with flight.lock:
            if flight.error and flight.context == context:
                raise flight.error
            try:
                yield flight
            except BaseException as error:
                flight.error, flight.context = error, context
                raise
