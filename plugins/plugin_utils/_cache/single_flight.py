# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Resolve a chain from its longest cached prefix to its end, with one call for each key.

For each step of the chain: look up, lock, look up again, call, store. Others wait for the lock and read the stored
value. The first level is the files of this controller. Controllers can share a second level, which is read next.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import FileStore

# Seconds for which an error is cached.
FAILURE_SECONDS = 5
# Seconds between two attempts to renew a session that is still valid.
RETRY_SECONDS = 30
# Seconds for which it is recorded that the value of a step cannot be cached.
UNCACHEABLE_SECONDS = 60
# Share of max_time for which a use waits for calls of other processes: a call has ended by then.
PATIENCE = 1.1
# Share of max_time after which a use makes no more calls. With what it does itself it ends within twice max_time.
USE_TIME = 1.9
# Codes with which STS rejects a session that was revoked or lost before it expired.
REJECTED_CODES = frozenset(
    (
        "InvalidAccessKeyId.Inactive",
        "InvalidAccessKeyId.NotFound",
        "InvalidSecurityToken.Expired",
        "InvalidSecurityToken.Malformed",
        "InvalidSecurityToken.MismatchWithAccessKey",
    )
)
# Maximum number of times that a chain is looked up again if its cached sessions disappear.
MAX_RESTARTS = 3
_FAILURE, _UNCACHEABLE = ".failure", ".uncacheable"
_TIMES = ("obtained", "boot")


class Store(Protocol):
    """One level of the cache: a ``FileStore`` or a ``RedisStore``."""

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the entry of a name, or None."""

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Write an entry that is useless after ``until``. Raise OSError."""

    def lock(self, name: str) -> Callable[[], None] | None:
        """Lock a name and return the function that unlocks it, or None if another process holds the lock."""

    def remove_value(self, name: str, value: Any) -> None:
        """Remove an entry if it has this value."""


class CachedValue(NamedTuple):
    """A JSON value and the time when it expires.

    ``expiration`` is in UTC in seconds since the epoch by the clock of this machine, or 0 for a value that must not be
    cached. ``since`` is the time when it was obtained, as in an entry. The default is now.
    """

    value: Any
    expiration: float
    since: Mapping[str, float] | None = None
    is_cached: bool = False


class Step(NamedTuple):
    """One step of a chain.

    ``call`` obtains the value from the value of the previous step, which is None for the first step. ``key`` is the key
    of the cache entry, or empty for a value that is never cached. ``need`` is the number of seconds that the value must
    still last. ``context`` is a hash of the values, other than the key, that occur in error messages. An entry with
    another ``fingerprint`` is ignored. Other controllers can use the value if ``is_shared`` is set. ``title`` names the
    step in messages.
    """

    key: str
    call: Callable[[CachedValue | None], CachedValue]
    need: float = 0
    context: str = ""
    fingerprint: Mapping[str, Any] | None = None
    is_shared: bool = False
    title: str = ""


class _DroppedError(Exception):
    """Report that the cached value of the previous step was dropped: look up the chain again."""


class _Run:
    """State of one pass over the steps.

    ``stale`` has the entries to renew, by index. ``rejected`` has the steps whose cached session STS rejected, and
    ``rejection`` describes the last one. It waits for other processes until ``wait_until``.
    """

    def __init__(self, max_time: float) -> None:
        self.stale: dict[int, dict[str, Any]] = {}
        self.restarts = 0
        self.rejected: set[int] = set()
        self.rejection = ""
        self.wait_until = time.monotonic() + PATIENCE * max_time
        self._max_time = max_time
        self._deadline: float | None = None

    def check_time(self, index: int) -> None:
        """Raise SourceError if the renewal takes too long and a stale entry can be used."""
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + self._max_time
        if now > self._deadline and any(
            number >= index and _entry.find_state(entry, 0) != _entry.EXPIRED
            for number, entry in self.stale.items()
        ):
            raise SourceError("the calls take longer than max_time")

    def explain(self, error: AliyunCliError) -> AliyunCliError:
        """Return the error, with the rejection that led to the call added to its message."""
        if not self.rejection:
            return error
        message = "{0}; {1}".format(error, self.rejection)
        if isinstance(error, StsError):
            return StsError(message, **_describe_error(error))
        return type(error)(message)


class Cache:
    """Entries in one or two levels. One thread of one process at a time obtains an entry.

    Without ``files`` only threads share. ``shared`` is the second level. ``max_time`` are the seconds that one call may
    take. Entries from before ``not_before``, UTC in seconds, are ignored. ``warn`` takes sentences for the user.
    """

    def __init__(
        self,
        files: FileStore | None,
        *,
        max_time: float,
        warn: Callable[[str], None],
        shared: Store | None = None,
        not_before: float = 0,
    ) -> None:
        self._files = files
        self._shared = shared if files else None
        self._not_before = not_before
        self._max_time = max_time
        self._is_patient = True
        self._warn = warn
        self._threads = ThreadDeduplication()

    def resolve(self, steps: Sequence[Step]) -> CachedValue:
        """Return the value of the last step. Begin after the longest cached prefix.

        If STS rejects a cached session, drop it and the later steps, and try once more. Raise the error of a step, and
        for some seconds raise it again without a call.
        """
        run = _Run(self._max_time)
        index, value = self._look_up(steps, run)
        while index + 1 < len(steps) or _has_expired(value):
            try:
                if _has_expired(value):
                    raise _DroppedError()
                value = self._obtain(steps, index + 1, value, run)
                index += 1
            except _DroppedError:
                if run.restarts > MAX_RESTARTS:
                    raise SourceError("the credentials expired before they could be used") from None
                run.restarts += 1
                index, value = self._look_up(steps, run)
            except (SourceError, StsError) as error:
                index, value = self._fall_back(steps, run, index + 1, run.explain(error))
        return cast(CachedValue, value)

    def _look_up(self, steps: Sequence[Step], run: _Run) -> tuple[int, CachedValue | None]:
        """Return the index and value of the last cached step, or -1 and None if nothing is cached."""
        for index in reversed(range(len(steps))):
            entry, state = self._read(steps[index])
            if state == _entry.EXPIRED and self._shared and steps[index].is_shared:
                entry, state = self._fetch(steps[index], self._shared)
            if entry and state == _entry.STALE and self._claim_renewal(steps[index]):
                run.stale[index] = entry
            elif entry and state != _entry.EXPIRED:
                return index, _make_value(entry)
        return -1, None

    def _fetch(self, step: Step, shared: Store) -> tuple[dict[str, Any] | None, str]:
        """Copy an entry from the second level to the first, unless another process holds the lock and does so."""
        files = cast("FileStore", self._files)
        with files.locked(step.key) as locked:
            entry, state = self._read(step)
            if locked and state == _entry.EXPIRED:
                entry, state = self._read(step, shared)
                if entry and state != _entry.EXPIRED:
                    self._write(files, step.key, entry, entry["expiration"])
            return entry, state

    def _obtain(
        self, steps: Sequence[Step], index: int, previous: CachedValue | None, run: _Run
    ) -> CachedValue:
        """Lock the step, look it up again, call, and store the value."""
        step = steps[index]
        if not step.key:
            return self._call(steps, index, previous, run)
        with self._threads.claim(step) as flight:
            if flight.value is None or _has_expired(flight.value):
                with self._locked(step, run.stale.get(index), run.wait_until) as found:
                    if not found:
                        self._check_previous(steps, index, previous, run)
                        found = self._store(step, self._call(steps, index, previous, run))
                    flight.value = found
            return flight.value

    def _check_previous(
        self, steps: Sequence[Step], index: int, previous: CachedValue | None, run: _Run
    ) -> None:
        """Raise _DroppedError if the value of the step before has expired, was dropped, or was replaced."""
        if _has_expired(previous):
            raise _DroppedError()
        if previous and previous.is_cached and run.restarts < MAX_RESTARTS:
            entry, _state = self._read(steps[index - 1])
            if not entry or entry.get("value") != previous.value:
                raise _DroppedError()

    def _call(
        self, steps: Sequence[Step], index: int, previous: CachedValue | None, run: _Run
    ) -> CachedValue:
        step = steps[index]
        run.check_time(index)
        try:
            return step.call(previous)
        except (SourceError, StsError) as error:
            if (
                previous
                and previous.is_cached
                and index not in run.rejected
                and isinstance(error, StsError)
                and error.code in REJECTED_CODES
            ):
                before = steps[index - 1]
                run.rejected.add(index)
                run.rejection = (
                    "this was the second attempt, after STS rejected the session of {0} from the credential cache"
                    " ({1})".format(before.title or "the step before", error.code)
                )
                self._drop(steps[index - 1 :], previous)
                raise _DroppedError() from None
            self._remember(step, error)
            raise

    def _drop(self, steps: Sequence[Step], rejected: CachedValue) -> None:
        """Drop the rejected value of the first of these steps, and all values that were obtained with it."""
        for step in steps:
            self._threads.forget(step)
            for store in self._stores(step):
                entry, _state = self._read(step, store)
                value = rejected.value if step is steps[0] else entry and entry.get("value")
                store.remove_value(step.key, value)
        if self._files and isinstance(rejected.value, list):
            # Results of other uses contain the same session. Its first element is the ID of the access key.
            self._files.remove_containing(str(rejected.value[0]))

    def _fall_back(
        self, steps: Sequence[Step], run: _Run, index: int, error: AliyunCliError
    ) -> tuple[int, CachedValue]:
        """Return the next step with a stale but valid entry, and its value. Raise the error if no step has one."""
        for number in sorted(run.stale):
            entry = run.stale.pop(number)
            if number >= index and _entry.find_state(entry, steps[number].need) != _entry.EXPIRED:
                message = (
                    "Credentials could not be renewed early and are used until they expire: {0}"
                )
                self._warn(message.format(error))
                # Not marked as cached, since no fallback is left if STS rejects it.
                return number, _make_value(entry)._replace(is_cached=False)
        raise error

    @contextlib.contextmanager
    def _locked(
        self, step: Step, stale: Mapping[str, Any] | None, deadline: float
    ) -> Iterator[CachedValue | None]:
        """Lock a step in each level, and yield the value that another process has stored since, or None."""
        with contextlib.ExitStack() as stack:
            found = None
            for store in self._stores(step):
                found, is_locked = self._wait(step, store, stale, stack, deadline)
                if found or not is_locked:
                    break
            yield found

    def _wait(
        self,
        step: Step,
        store: Store,
        stale: Mapping[str, Any] | None,
        stack: contextlib.ExitStack,
        deadline: float,
    ) -> tuple[CachedValue | None, bool]:
        """Lock a step in one level, or return the value that another process stores there."""
        pause = 0.002
        while True:
            unlock = store.lock(step.key)
            if unlock:
                stack.callback(unlock)
            found = self._find(step, store, stale)
            if not found:
                self._raise_remembered(step, store)
            if found or unlock:
                return found, bool(unlock)
            if stale and _entry.find_state(stale, step.need) != _entry.EXPIRED:
                return _make_value(stale), False
            if self._is_uncacheable(step):
                return None, False
            self._is_patient = self._is_patient and time.monotonic() <= deadline
            if not self._is_patient:
                return None, False
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def _stores(self, step: Step) -> list[Store]:
        """Return the levels that can contain the value of a step, in order."""
        if not self._files or not step.key:
            return []
        return [self._files, self._shared] if self._shared and step.is_shared else [self._files]

    def _find(
        self, step: Step, store: Store, stale: Mapping[str, Any] | None
    ) -> CachedValue | None:
        """Return the value of a valid entry that is newer than a stale one."""
        entry, state = self._read(step, store)
        if not entry or state == _entry.EXPIRED:
            return None
        if stale and entry["obtained"] <= stale["obtained"]:
            return None
        if self._files and store is not self._files:
            self._write(self._files, step.key, entry, entry["expiration"])
        return _make_value(entry)

    def _read(self, step: Step, store: Store | None = None) -> tuple[dict[str, Any] | None, str]:
        store = store or self._files
        entry = store.read(step.key) if store and step.key else None
        if entry and entry.get("fingerprint") != step.fingerprint:
            entry = None
        if entry and self._not_before and float(entry.get("obtained") or 0) < self._not_before:
            entry = None
        return entry, _entry.find_state(entry, step.need)

    def _claim_renewal(self, step: Step) -> bool:
        """Return whether this process must renew a stale entry. For the others, the entry counts as fresh for a while."""
        files = cast("FileStore", self._files)
        with files.locked(step.key) as locked:
            entry, state = self._read(step)
            if not locked or not entry or state != _entry.STALE:
                return False
            entry["wait"] = _entry.measure_age(entry) + RETRY_SECONDS
            self._write(files, step.key, entry, entry["expiration"])
            return True

    def _store(self, step: Step, value: CachedValue) -> CachedValue:
        since = value.since or dict(zip(_TIMES, _entry.read_clocks(), strict=True))
        lifetime = value.expiration - since["obtained"]
        if lifetime > 0:
            entry = {
                **since,
                "expiration": value.expiration,
                "fingerprint": step.fingerprint,
                "value": value.value,
            }
            # A value that is already stale is not renewed immediately.
            entry["wait"] = _entry.measure_age(entry) + min(RETRY_SECONDS, lifetime / 10)
            for store in self._stores(step):
                self._write(store, step.key, entry, value.expiration)
        elif self._files:
            self._write_marker(self._files, step.key + _UNCACHEABLE, UNCACHEABLE_SECONDS)
        return value._replace(since=since)

    def _write_marker(self, store: Store, name: str, seconds: float, **more: Any) -> None:
        clock, boot = _entry.read_clocks()
        self._write(store, name, {"obtained": clock, "boot": boot, **more}, clock + seconds)

    def _is_uncacheable(self, step: Step) -> bool:
        name = step.key + _UNCACHEABLE
        return bool(self._files and _read_marker(self._files, name, UNCACHEABLE_SECONDS))

    def _remember(self, step: Step, error: AliyunCliError) -> None:
        failure = {
            "fingerprint": step.fingerprint,
            "message": str(error),
            "facts": _describe_error(error) if isinstance(error, StsError) else None,
        }
        for store in self._stores(step):
            self._write_marker(store, _name_failure(step), FAILURE_SECONDS, **failure)

    def _raise_remembered(self, step: Step, store: Store) -> None:
        failure = _read_marker(store, _name_failure(step), FAILURE_SECONDS)
        if (
            not failure
            or failure.get("fingerprint") != step.fingerprint
            or "message" not in failure
        ):
            return
        if failure.get("facts"):
            raise StsError(failure["message"], **failure["facts"])
        raise SourceError(failure["message"])

    def _write(self, store: Store, name: str, entry: Mapping[str, Any], until: float) -> None:
        try:
            store.write(name, entry, until)
        except OSError as error:
            self._warn("Credentials could not be cached: {0}".format(error.strerror))


def _read_marker(store: Store, name: str, seconds: float) -> dict[str, Any] | None:
    marker = store.read(name)
    if marker and "obtained" in marker and 0 <= _entry.measure_age(marker) < seconds:
        return marker
    return None


def _describe_error(error: StsError) -> dict[str, Any]:
    return {name: getattr(error, name) for name in ("code", "http_status", "request_id")}


def _name_failure(step: Step) -> str:
    return step.key + (step.context and "." + step.context) + _FAILURE


def _make_value(entry: Mapping[str, Any]) -> CachedValue:
    since = {name: entry[name] for name in _TIMES if name in entry}
    return CachedValue(entry["value"], entry["expiration"], since, is_cached=True)


def _has_expired(value: CachedValue | None) -> bool:
    """Return whether a value has expired since it was obtained. False for one that had expired when it arrived."""
    if value is None or not value.since:
        return False
    # The clock can be set while this process obtains a value.
    since = value.since["boot"] if not value.is_cached and "boot" in value.since else None
    age = _entry.measure_age(value.since) if since is None else _entry.read_clocks()[1] - since
    return 0 < value.expiration - value.since["obtained"] <= age


class _Flight:
    """Hold the value or the error that one thread obtains for all threads, set when the lock is free."""

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
    def claim(self, step: Step) -> Iterator[_Flight]:
        """Wait for other threads with the same step. Yield the flight, with a value if another thread has obtained it.

        Raise the error of another thread in the same context. In another context the message differs, so call again.
        """
        with self._lock:
            flight = self._flights.setdefault((step.key, step.need), _Flight())
        with flight.lock:
            if flight.error and flight.context == step.context:
                raise flight.error
            try:
                yield flight
            except _DroppedError:
                # Each thread must look up the chain again itself.
                raise
            except BaseException as error:
                flight.error, flight.context = error, step.context
                raise

    def forget(self, step: Step) -> None:
        """Let the next thread call again."""
        with self._lock:
            self._flights.pop((step.key, step.need), None)
