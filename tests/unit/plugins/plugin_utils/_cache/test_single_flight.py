# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which process obtains a value and which ones wait, remembered values, and renewals."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import (
    single_flight as _single_flight,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    FileStore,
    open_store,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.single_flight import (
    Cache,
    CachedValue,
    Step,
    ThreadDeduplication,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import Clock

KEY = "a" * 64
DENIED = StsError("no", code="NoPermission", http_status=403, request_id="R-1")


class Maker:
    """Makes 1, 2, 3, ..., each of which lasts an hour, or raises."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.calls = 0
        self.lifetime = 3600.0
        self.error: Exception | None = None
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, _previous: CachedValue | None = None) -> CachedValue:
        self.calls += 1
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return CachedValue(self.calls, self.clock.wall + self.lifetime)


def get(cache: Cache, key: str, call: Any, **options: Any) -> CachedValue:
    """Resolve a chain of one step in another use of the plugin. Its value is not marked as cached."""
    use = copy.copy(cache)
    use._threads = ThreadDeduplication()
    return use.resolve([Step(key, call, **options)])._replace(is_cached=False)


@pytest.fixture(name="maker")
def fixture_maker(clock: Clock) -> Maker:
    return Maker(clock)


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Iterator[FileStore]:
    folder = open_store([str(tmp_path)])
    yield folder
    folder.close()


@pytest.fixture(name="warnings")
def fixture_warnings() -> list[str]:
    return []


@pytest.fixture(name="cache")
def fixture_cache(folder: FileStore, warnings: list[str]) -> Cache:
    # Nobody waits longer than it takes to look once more.
    return Cache(folder, max_time=0, warn=warnings.append)


def test_what_was_made_is_kept(cache: Cache, maker: Maker, folder: FileStore) -> None:
    made = get(cache, KEY, maker)
    since = {"obtained": maker.clock.wall, "boot": maker.clock.boot}
    assert made == CachedValue(1, maker.clock.wall + 3600, since)
    assert get(cache, KEY, maker) == made
    assert maker.calls == 1
    assert folder.read(KEY) == {
        **since,
        "expiration": maker.clock.wall + 3600,
        "wait": 30,
        "fingerprint": None,
        "value": 1,
    }


@pytest.mark.parametrize("lifetime", [0, -1])
def test_what_does_not_last_is_not_kept(cache: Cache, maker: Maker, lifetime: float) -> None:
    maker.lifetime = lifetime
    assert [get(cache, KEY, maker).value for _use in range(2)] == [1, 2]


def test_what_must_not_be_kept_is_not(cache: Cache, maker: Maker, folder: FileStore) -> None:
    for _use in range(2):
        assert get(cache, KEY, lambda _previous: maker()._replace(expiration=0)).expiration == 0
    assert maker.calls == 2
    assert folder.read(KEY) is None


def test_other_keys_have_other_values(cache: Cache, maker: Maker) -> None:
    assert [get(cache, letter * 64, maker).value for letter in "abab"] == [1, 2, 1, 2]


def test_other_bases_have_other_values(cache: Cache, maker: Maker) -> None:
    fingerprints: list[Any] = [None, {"inputs": ["a"], "seen": "b"}, {"inputs": ["a"], "seen": "c"}]
    values = [
        get(cache, KEY, maker, fingerprint=fingerprint).value
        for fingerprint in fingerprints
        for _use in range(2)
    ]
    assert values == [1, 1, 2, 2, 3, 3]


def test_what_stems_from_something_older_is_as_old(cache: Cache, maker: Maker) -> None:
    older = {"obtained": maker.clock.wall - 3000, "boot": maker.clock.boot - 3000}
    made = get(
        cache,
        KEY,
        lambda _previous: maker()._replace(expiration=maker.clock.wall + 600, since=older),
    )
    assert made.since == older
    maker.clock.advance(230)
    assert get(cache, KEY, maker).value == 1
    # A new one would be fresh for 540 seconds.
    maker.clock.advance(20)
    assert get(cache, KEY, maker).value == 2


def test_expired_value_is_made_again(cache: Cache, maker: Maker) -> None:
    get(cache, KEY, maker)
    maker.clock.advance(3550)
    assert get(cache, KEY, maker).value == 2
    assert get(cache, KEY, maker).value == 2


def test_value_that_does_not_last_long_enough_is_made_again(cache: Cache, maker: Maker) -> None:
    get(cache, KEY, maker)
    maker.clock.advance(600)
    assert get(cache, KEY, maker, need=2900).value == 1
    assert get(cache, KEY, maker, need=3100).value == 2
    assert get(cache, KEY, maker).value == 2


def test_corrupt_entry_is_made_again(cache: Cache, maker: Maker, tmp_path: Path) -> None:
    get(cache, KEY, maker)
    (tmp_path / hit.FOLDER / KEY).write_bytes(b"{}")
    assert get(cache, KEY, maker).value == 2
    assert get(cache, KEY, maker).value == 2


@pytest.mark.parametrize(
    "content", [[], "text", {}, {"fingerprint": None}, {"fingerprint": None, "value": 1}]
)
def test_entry_of_another_shape_is_made_again(
    cache: Cache, maker: Maker, tmp_path: Path, content: Any
) -> None:
    folder = tmp_path / hit.FOLDER
    for name in (KEY, KEY + ".failure"):
        text = json.dumps(content).encode()
        (folder / name).write_bytes(hit._make_checksum(name, text) + b"\n" + text)
        (folder / name).chmod(0o600)
    assert get(cache, KEY, maker).value == 1


def test_one_renews_ahead_of_time_and_the_others_go_on(cache: Cache, maker: Maker) -> None:
    get(cache, KEY, maker)
    maker.clock.advance(3300)
    others: list[int] = []

    def meanwhile() -> None:
        maker.meanwhile = lambda: None
        others.extend(get(cache, KEY, maker).value for _use in range(3))

    maker.meanwhile = meanwhile
    assert get(cache, KEY, maker).value == 2
    assert others == [1, 1, 1]
    assert maker.calls == 2


def test_who_does_not_get_the_lock_goes_on_with_what_ages(
    cache: Cache, maker: Maker, folder: FileStore
) -> None:
    for key, lifetime, passed in ((KEY, 3600, 3300), ("b" * 64, 10, 9.6)):
        maker.lifetime = lifetime
        made = get(cache, key, maker)
        maker.clock.advance(passed)
        with folder.locked(key):
            assert get(cache, key, maker) == made
    assert maker.calls == 2


def test_nobody_is_given_what_is_gone_while_another_one_renews_it(
    cache: Cache, maker: Maker, folder: FileStore
) -> None:
    get(cache, KEY, maker)
    maker.clock.advance(3550)
    with folder.locked(KEY):
        assert get(cache, KEY, maker).value == 2


@pytest.mark.parametrize("error", [DENIED, SourceError("no")])
def test_renewal_that_fails_is_a_warning(
    cache: Cache, maker: Maker, warnings: list[str], error: Exception
) -> None:
    get(cache, KEY, maker)
    maker.clock.advance(3300)
    maker.error = error
    assert get(cache, KEY, maker).value == 1
    assert warnings == ["Credentials could not be renewed early and are used until they expire: no"]
    # It is tried again after 30 seconds, and each time that they are over.
    for seconds, calls in ((0, 2), (29, 2), (2, 3), (0, 3), (29, 3), (2, 4)):
        maker.clock.advance(seconds)
        assert get(cache, KEY, maker).value == 1
        assert maker.calls == calls
    maker.clock.advance(200)
    with pytest.raises(type(error), match="no"):
        get(cache, KEY, maker)


def test_renewal_that_fails_for_another_reason_is_raised(cache: Cache, maker: Maker) -> None:
    get(cache, KEY, maker)
    maker.clock.advance(3300)
    maker.error = ProfileError("not this account")
    with pytest.raises(ProfileError):
        get(cache, KEY, maker)


def test_what_is_needed_nearly_whole_is_renewed_every_30_seconds(
    cache: Cache, maker: Maker
) -> None:
    for _second in range(120):
        get(cache, KEY, maker, need=3595)
        maker.clock.advance(1)
    # 5 seconds at a time are left, of which the last half ages.
    assert maker.calls == 20


FACTS = ("code", "http_status", "request_id")


@pytest.mark.parametrize(
    "error", [DENIED, StsError("gone", code="Timeout"), SourceError("no login")], ids=str
)
def test_failure_is_remembered_for_five_seconds(
    cache: Cache, maker: Maker, error: AliyunCliError
) -> None:
    maker.error = error
    for seconds, calls in ((0, 1), (0, 1), (4.9, 1), (0.2, 2), (0, 2)):
        maker.clock.advance(seconds)
        with pytest.raises(type(error)) as caught:
            get(cache, KEY, maker)
        assert str(caught.value) == str(error)
        assert [getattr(caught.value, fact, None) for fact in FACTS] == [
            getattr(error, fact, None) for fact in FACTS
        ]
        assert maker.calls == calls


def test_other_failures_are_not_remembered(cache: Cache, maker: Maker) -> None:
    maker.error = ProfileError("no")
    for calls in (1, 2):
        with pytest.raises(ProfileError):
            get(cache, KEY, maker)
        assert maker.calls == calls


def test_failure_is_told_again_to_the_same_teller_only(cache: Cache, maker: Maker) -> None:
    maker.error = DENIED
    for context, calls in (("", 1), ("aa", 2), ("bb", 3), ("aa", 3), ("", 3)):
        with pytest.raises(StsError):
            get(cache, KEY, maker, context=context)
        assert maker.calls == calls


def test_failure_with_another_basis_is_another_one(cache: Cache, maker: Maker) -> None:
    maker.error = DENIED
    for fingerprint, calls in ((None, 1), ({"seen": "a"}, 2), ({"seen": "a"}, 2), (None, 3)):
        with pytest.raises(StsError):
            get(cache, KEY, maker, fingerprint=fingerprint)
        assert maker.calls == calls


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_setting_the_clock_does_not_prolong_a_failure(
    cache: Cache, maker: Maker, seconds: float
) -> None:
    maker.error = DENIED
    with pytest.raises(StsError):
        get(cache, KEY, maker)
    maker.error = None
    maker.clock.wall += seconds
    maker.clock.boot += 6
    assert get(cache, KEY, maker).value == 2


def test_failure_from_before_a_restart_is_forgotten(cache: Cache, maker: Maker) -> None:
    maker.error = DENIED
    with pytest.raises(StsError):
        get(cache, KEY, maker)
    maker.error = None
    maker.clock.wall -= 3600
    maker.clock.boot -= 9999
    assert get(cache, KEY, maker).value == 2


def test_value_that_is_good_is_used_in_spite_of_a_failure(cache: Cache, maker: Maker) -> None:
    get(cache, KEY, maker)
    maker.error = DENIED
    with pytest.raises(StsError):
        get(cache, KEY, maker, need=9999)
    assert get(cache, KEY, maker).value == 1


class Waiting:
    """A separate clock for waiting processes, with events while they sleep."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []
        self.then: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds
        self.then()


@pytest.fixture(name="waiting")
def fixture_waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    waiting = Waiting()
    monkeypatch.setattr(_single_flight, "time", waiting)
    return waiting


def test_who_waits_reads_what_the_other_made(
    folder: FileStore, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    holder = open_store([str(tmp_path)])
    cache = Cache(folder, max_time=60, warn=print)
    with contextlib.ExitStack() as stack:
        assert stack.enter_context(holder.locked(KEY))

        def then() -> None:
            if len(waiting.pauses) == 9:
                get(Cache(_Unlocked(holder), max_time=0, warn=print), KEY, maker)

        waiting.then = then
        assert get(cache, KEY, maker).value == 1
    assert maker.calls == 1
    assert len(waiting.pauses) == 9
    holder.close()


class _Unlocked(FileStore):
    """A store whose lock the caller holds already."""

    def __init__(self, folder: FileStore) -> None:
        super().__init__(folder._folder)

    def lock(self, name: str) -> Callable[[], None]:
        return lambda: None


def test_waiting_is_bounded(
    folder: FileStore, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    holder = open_store([str(tmp_path)])
    cache = Cache(folder, max_time=2, warn=print)
    with holder.locked(KEY):
        assert get(cache, KEY, maker).value == 1
    assert 2.2 < waiting.seconds < 2.2 + 0.06
    assert waiting.pauses[:2] == [0.002, 0.003] and max(waiting.pauses) == 0.05
    holder.close()


def test_waiting_for_holders_that_hang_does_not_add_up(
    folder: FileStore, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    holder = open_store([str(tmp_path)])
    cache = Cache(folder, max_time=2, warn=print)
    keys = [letter * 64 for letter in "abcd"]
    with contextlib.ExitStack() as stack:
        for key in keys:
            assert stack.enter_context(holder.locked(key))
        assert cache.resolve([Step(key, maker) for key in keys]).value == 4
    assert 2.2 < waiting.seconds < 2.2 + 0.06
    holder.close()


def test_look_again_after_locking(
    folder: FileStore, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    # Another process stores the value between our reading and our locking.
    class Late(FileStore):
        def lock(self, name: str) -> Callable[[], None] | None:
            if not maker.calls:
                get(Cache(_Unlocked(folder), max_time=0, warn=print), KEY, maker)
            return super().lock(name)

    cache = Cache(Late(folder._folder), max_time=2, warn=print)
    assert get(cache, KEY, maker).value == 1
    assert maker.calls == 1


def test_remembered_refusal_ends_waiting(
    folder: FileStore, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    holder = open_store([str(tmp_path)])
    maker.error = DENIED
    with holder.locked(KEY):
        with pytest.raises(StsError):
            get(Cache(_Unlocked(holder), max_time=0, warn=print), KEY, maker)
        with pytest.raises(StsError):
            get(Cache(folder, max_time=60, warn=print), KEY, maker)
    assert maker.calls == 1
    assert waiting.pauses == []
    holder.close()


def test_nobody_waits_for_what_cannot_be_cached(
    folder: FileStore, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    holder = open_store([str(tmp_path)])
    maker.lifetime = -1
    with holder.locked(KEY):
        get(Cache(_Unlocked(holder), max_time=0, warn=print), KEY, maker)
        for calls in (2, 3):
            assert get(Cache(folder, max_time=60, warn=print), KEY, maker).value == calls
        assert waiting.pauses == []
        maker.clock.advance(61)
        get(Cache(folder, max_time=1, warn=print), KEY, maker)
        assert waiting.pauses
    holder.close()


class Chain:
    """Steps ``a``, ``b``, ``c``, whose values name the calls that led to them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.calls: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.seconds: dict[str, float] = {}

    def call(self, name: str, previous: CachedValue | None) -> CachedValue:
        self.calls.append(name)
        self.clock.advance(self.seconds.get(name, 0))
        if name in self.errors:
            raise self.errors[name]
        value = (previous.value if previous else "") + name + str(len(self.calls))
        return CachedValue(value, self.clock.wall + 3600)

    def steps(self, names: str = "abc") -> list[Step]:
        return [Step(name * 64, functools.partial(self.call, name)) for name in names]


@pytest.fixture(name="chain")
def fixture_chain(clock: Clock) -> Chain:
    return Chain(clock)


def test_chain_begins_after_its_longest_cached_prefix(
    cache: Cache, chain: Chain, folder: FileStore
) -> None:
    assert cache.resolve(chain.steps()).value == "a1b2c3"
    cache = Cache(folder, max_time=0, warn=print)
    folder.remove("a" * 64)
    assert cache.resolve(chain.steps()).is_cached
    folder.remove("c" * 64)
    assert Cache(folder, max_time=0, warn=print).resolve(chain.steps()).value == "a1b2c4"
    assert chain.calls == ["a", "b", "c", "c"]


def test_step_without_a_key_is_called_each_time(
    chain: Chain, folder: FileStore, tmp_path: Path
) -> None:
    for _use in range(2):
        first, *rest = chain.steps()
        cache = Cache(folder, max_time=0, warn=print)
        cache.resolve([first._replace(key=""), *rest[:-1], rest[-1]._replace(key="")])
    assert chain.calls == ["a", "b", "c", "c"]
    assert [path.name for path in (tmp_path / hit.FOLDER).iterdir()] == ["b" * 64]


def test_chain_without_a_store(chain: Chain) -> None:
    for _use in range(2):
        Cache(None, max_time=0, warn=print).resolve(chain.steps())
    assert chain.calls == list("abcabc")


def test_failed_renewal_falls_back_to_what_is_cached_and_goes_on(
    chain: Chain, folder: FileStore, warnings: list[str]
) -> None:
    assert Cache(folder, max_time=9, warn=print).resolve(chain.steps()).value == "a1b2c3"
    chain.clock.advance(3300)
    chain.errors = {"b": DENIED}
    cache = Cache(folder, max_time=9, warn=warnings.append)
    assert cache.resolve(chain.steps()).value == "a1b2c6"
    assert chain.calls == list("abcabc")
    assert len(warnings) == 1


def test_expired_entry_is_not_returned_after_a_failed_renewal(
    chain: Chain, folder: FileStore
) -> None:
    Cache(folder, max_time=9, warn=print).resolve(chain.steps("a"))
    chain.clock.advance(3500)
    # The call takes longer than the session lasts.
    chain.seconds["a"] = 60
    chain.errors["a"] = DENIED
    with pytest.raises(StsError):
        Cache(folder, max_time=9, warn=print).resolve(chain.steps("a"))


def test_renewal_of_a_chain_takes_no_longer_than_max_time(
    chain: Chain, folder: FileStore, warnings: list[str], waiting: Waiting
) -> None:
    first = Cache(folder, max_time=9, warn=print).resolve(chain.steps()).value
    chain.clock.advance(3300)
    call = chain.call

    def slow(name: str, previous: CachedValue | None) -> CachedValue:
        waiting.seconds += 5
        return call(name, previous)

    chain.call = slow  # type: ignore[method-assign]
    assert Cache(folder, max_time=9, warn=warnings.append).resolve(chain.steps()).value == first
    assert chain.calls == list("abcab")
    assert warnings[0].endswith(": the calls take longer than max_time")
    # A chain with nothing to fall back to takes as long as it takes.
    chain.clock.advance(3600)
    assert Cache(folder, max_time=9, warn=print).resolve(chain.steps()).value == "a6b7c8"


def test_error_of_the_store_is_a_warning(
    folder: FileStore, maker: Maker, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "write", full)
    cache = Cache(folder, max_time=0, warn=warnings.append)
    assert get(cache, KEY, maker).value == 1
    maker.error = DENIED
    with pytest.raises(StsError, match="no"):
        get(cache, KEY, maker)
    assert warnings == ["Credentials could not be cached: No space left on device"] * 2


def test_lock_is_free_after_a_failure(cache: Cache, maker: Maker, folder: FileStore) -> None:
    for error in (DENIED, KeyError("a bug")):
        maker.error = error
        with pytest.raises(type(error)):
            get(cache, "b" * 64 if error is DENIED else KEY, maker)
    with folder.locked(KEY) as first, folder.locked("b" * 64) as second:
        assert first and second


def test_threads_share_what_one_of_them_obtains() -> None:
    threads = ThreadDeduplication()
    for key, need, value in (("a", 0, None), ("b", 0, None), ("a", 1, None), ("a", 0, "a0")):
        with threads.claim(Step(key, print, need=need)) as flight:  # type: ignore[arg-type]
            assert (flight.value and flight.value.value) == value
            flight.value = CachedValue(key + str(need), 0)


def test_threads_wait_for_the_one_that_calls() -> None:
    cache = Cache(None, max_time=0, warn=print)
    begun, results = threading.Event(), []

    def make(_previous: Any) -> CachedValue:
        for thread in threads:
            thread.start()
        begun.set()
        return CachedValue(1, 0)

    def other() -> None:
        begun.wait(30)
        results.append(
            cache.resolve([Step("a", lambda _previous: CachedValue(2, 0), context="b")]).value
        )

    threads = [threading.Thread(target=other) for _number in range(8)]
    assert cache.resolve([Step("a", make, context="a")]).value == 1
    for thread in threads:
        thread.join(30)
    assert results == [1] * 8


def test_error_is_raised_in_other_threads_and_called_again_in_another_context() -> None:
    cache = Cache(None, max_time=0, warn=print)
    calls = []

    def fail(context: str) -> CachedValue:
        calls.append(context)
        raise SourceError(f"told by {context}")

    for context in ("a", "a", "b"):
        with pytest.raises(SourceError, match=f"told by {context}"):
            cache.resolve(
                [Step("key", lambda _previous, name=context: fail(name), context=context)]  # type: ignore[misc]
            )
    assert calls == ["a", "b"]


def test_thread_that_drops_a_session_leaves_no_error_to_the_next_one(
    chain: Chain, folder: FileStore
) -> None:
    Cache(folder, max_time=9, warn=print).resolve(chain.steps("ab"))
    cache = Cache(folder, max_time=9, warn=print)
    real = cache._look_up

    def look_up(steps: Any, run: Any) -> Any:
        found = real(steps, run)
        # Another process drops what was just found, the first three times.
        if run.restarts < 3:
            folder.remove("b" * 64)
        return found

    cache._look_up = look_up  # type: ignore[method-assign]
    assert cache.resolve(chain.steps()).value.startswith("a1b")
    assert chain.calls[-1] == "c"


def test_nobody_waits_for_a_thread_that_was_interrupted() -> None:
    cache = Cache(None, max_time=0, warn=print)

    def interrupted(_previous: Any) -> CachedValue:
        raise KeyboardInterrupt()

    for _use in range(2):
        with pytest.raises(KeyboardInterrupt):
            cache.resolve([Step("key", interrupted, context="a")])


def test_stale_value_that_expires_during_the_first_renewal_is_not_returned(
    chain: Chain, folder: FileStore, clock: Clock
) -> None:
    Cache(folder, max_time=0, warn=print).resolve(chain.steps("ab"))
    clock.advance(3400)

    first, second = chain.steps("ab")
    with contextlib.ExitStack() as others:

        def slow(_previous: Any) -> CachedValue:
            others.enter_context(folder.locked(second.key))
            clock.advance(300)
            return CachedValue("new", clock.wall + 3600)

        steps = [first._replace(call=slow), second]
        value = Cache(folder, max_time=0.5, warn=print).resolve(steps)
    assert value.value.startswith("newb")


def test_value_that_expires_while_the_next_step_waits_is_obtained_again(
    cache: Cache, maker: Maker, folder: FileStore
) -> None:
    maker.lifetime = 900
    get(cache, KEY, maker)
    maker.clock.advance(780)
    steps = [Step(KEY, maker), Step("b" * 64, lambda previous: previous)]  # type: ignore[arg-type,return-value]
    lock, waits = folder.lock, [200.0]

    def wait(name: str) -> Any:
        if name == steps[1].key and waits:
            maker.clock.advance(waits.pop())
        return lock(name)

    folder.lock = wait  # type: ignore[method-assign]
    assert cache.resolve(steps).value == 2


def test_value_that_expires_while_it_is_obtained_is_an_error(cache: Cache, clock: Clock) -> None:
    calls = []

    def obtain(_previous: Any) -> CachedValue:
        calls.append(1)
        return CachedValue("value", clock.wall + 10, {"obtained": clock.wall, "boot": clock.boot})

    def verify(previous: CachedValue | None) -> CachedValue:
        assert previous
        clock.advance(20)
        return previous

    with pytest.raises(SourceError, match="expired before they could be used"):
        cache.resolve([Step(KEY, obtain), Step("", verify)])
    assert 2 <= len(calls) <= 9


def test_value_that_had_expired_when_it_arrived_is_returned(cache: Cache, maker: Maker) -> None:
    maker.lifetime = -60
    assert cache.resolve([Step(KEY, maker), Step("", lambda value: value)]).value == 1  # type: ignore[arg-type,return-value]
