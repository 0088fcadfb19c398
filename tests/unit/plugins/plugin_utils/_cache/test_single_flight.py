# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who makes an entry, who waits, what is remembered, and when an entry is renewed."""

from __future__ import annotations

import contextlib
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
    Folder,
    open_folder,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.single_flight import (
    Cache,
    Made,
    Once,
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

    def __call__(self) -> Made:
        self.calls += 1
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return Made(self.calls, self.clock.wall + self.lifetime)


@pytest.fixture(name="maker")
def fixture_maker(clock: Clock) -> Maker:
    return Maker(clock)


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Iterator[Folder]:
    folder = open_folder([str(tmp_path)])
    yield folder
    folder.close()


@pytest.fixture(name="warnings")
def fixture_warnings() -> list[str]:
    return []


@pytest.fixture(name="cache")
def fixture_cache(folder: Folder, warnings: list[str]) -> Cache:
    # Nobody waits longer than it takes to look once more.
    return Cache(folder, call_time=0, warn=warnings.append)


def test_what_was_made_is_kept(cache: Cache, maker: Maker, folder: Folder) -> None:
    made = cache.get(KEY, maker)
    since = {"obtained": maker.clock.wall, "boot": maker.clock.boot}
    assert made == Made(1, maker.clock.wall + 3600, since)
    assert cache.get(KEY, maker) == made
    assert maker.calls == 1
    assert folder.read(KEY) == {
        **since,
        "expiration": maker.clock.wall + 3600,
        "wait": 30,
        "basis": None,
        "value": 1,
    }


@pytest.mark.parametrize("lifetime", [0, -1])
def test_what_does_not_last_is_not_kept(cache: Cache, maker: Maker, lifetime: float) -> None:
    maker.lifetime = lifetime
    assert [cache.get(KEY, maker).value for _use in range(2)] == [1, 2]


def test_what_must_not_be_kept_is_not(cache: Cache, maker: Maker, folder: Folder) -> None:
    for _use in range(2):
        assert cache.get(KEY, lambda: maker()._replace(expiration=0)).expiration == 0
    assert maker.calls == 2
    assert folder.read(KEY) is None


def test_other_keys_have_other_values(cache: Cache, maker: Maker) -> None:
    assert [cache.get(letter * 64, maker).value for letter in "abab"] == [1, 2, 1, 2]


def test_other_bases_have_other_values(cache: Cache, maker: Maker) -> None:
    bases: list[Any] = [None, {"places": ["a"], "seen": "b"}, {"places": ["a"], "seen": "c"}]
    values = [cache.get(KEY, maker, basis=basis).value for basis in bases for _use in range(2)]
    assert values == [1, 1, 2, 2, 3, 3]


def test_what_stems_from_something_older_is_as_old(cache: Cache, maker: Maker) -> None:
    older = {"obtained": maker.clock.wall - 3000, "boot": maker.clock.boot - 3000}
    made = cache.get(KEY, lambda: maker()._replace(expiration=maker.clock.wall + 600, since=older))
    assert made.since == older
    maker.clock.advance(230)
    assert cache.get(KEY, maker).value == 1
    # A new one would be fresh for 540 seconds.
    maker.clock.advance(20)
    assert cache.get(KEY, maker).value == 2


def test_expired_value_is_made_again(cache: Cache, maker: Maker) -> None:
    cache.get(KEY, maker)
    maker.clock.advance(3550)
    assert cache.get(KEY, maker).value == 2
    assert cache.get(KEY, maker).value == 2


def test_value_that_does_not_last_long_enough_is_made_again(cache: Cache, maker: Maker) -> None:
    cache.get(KEY, maker)
    maker.clock.advance(600)
    assert cache.get(KEY, maker, need=2900).value == 1
    assert cache.get(KEY, maker, need=3100).value == 2
    assert cache.get(KEY, maker).value == 2


def test_corrupt_entry_is_made_again(cache: Cache, maker: Maker, tmp_path: Path) -> None:
    cache.get(KEY, maker)
    (tmp_path / hit.FOLDER / KEY).write_bytes(b"{}")
    assert cache.get(KEY, maker).value == 2
    assert cache.get(KEY, maker).value == 2


@pytest.mark.parametrize("content", [[], "text", {}, {"basis": None}, {"basis": None, "value": 1}])
def test_entry_of_another_shape_is_made_again(
    cache: Cache, maker: Maker, tmp_path: Path, content: Any
) -> None:
    folder = tmp_path / hit.FOLDER
    for name in (KEY, KEY + ".failure"):
        text = json.dumps(content).encode()
        (folder / name).write_bytes(hit.make_seal(name, text) + b"\n" + text)
        (folder / name).chmod(0o600)
    assert cache.get(KEY, maker).value == 1


def test_one_renews_ahead_of_time_and_the_others_go_on(cache: Cache, maker: Maker) -> None:
    cache.get(KEY, maker)
    maker.clock.advance(3300)
    others: list[int] = []

    def meanwhile() -> None:
        maker.meanwhile = lambda: None
        others.extend(cache.get(KEY, maker).value for _use in range(3))

    maker.meanwhile = meanwhile
    assert cache.get(KEY, maker).value == 2
    assert others == [1, 1, 1]
    assert maker.calls == 2


def test_who_does_not_get_the_lock_goes_on_with_what_ages(
    cache: Cache, maker: Maker, folder: Folder
) -> None:
    for key, lifetime, passed in ((KEY, 3600, 3300), ("b" * 64, 10, 9.6)):
        maker.lifetime = lifetime
        made = cache.get(key, maker)
        maker.clock.advance(passed)
        with folder.locked(key):
            assert cache.get(key, maker) == made
    assert maker.calls == 2


def test_nobody_is_given_what_is_gone_while_another_one_renews_it(
    cache: Cache, maker: Maker, folder: Folder
) -> None:
    cache.get(KEY, maker)
    maker.clock.advance(3550)
    with folder.locked(KEY):
        assert cache.get(KEY, maker).value == 2


@pytest.mark.parametrize("error", [DENIED, SourceError("no")])
def test_renewal_that_fails_is_a_warning(
    cache: Cache, maker: Maker, warnings: list[str], error: Exception
) -> None:
    cache.get(KEY, maker)
    maker.clock.advance(3300)
    maker.error = error
    assert cache.get(KEY, maker).value == 1
    assert warnings == [
        "Credentials could not be renewed ahead of time and are used as long as they last: no"
    ]
    # It is tried again after 30 seconds, and each time that they are over.
    for seconds, calls in ((0, 2), (29, 2), (2, 3), (0, 3), (29, 3), (2, 4)):
        maker.clock.advance(seconds)
        assert cache.get(KEY, maker).value == 1
        assert maker.calls == calls
    maker.clock.advance(200)
    with pytest.raises(type(error), match="no"):
        cache.get(KEY, maker)


def test_renewal_that_fails_for_another_reason_is_raised(cache: Cache, maker: Maker) -> None:
    cache.get(KEY, maker)
    maker.clock.advance(3300)
    maker.error = ProfileError("not this account")
    with pytest.raises(ProfileError):
        cache.get(KEY, maker)


def test_what_is_needed_nearly_whole_is_renewed_every_30_seconds(
    cache: Cache, maker: Maker
) -> None:
    for _second in range(120):
        cache.get(KEY, maker, need=3595)
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
            cache.get(KEY, maker)
        assert str(caught.value) == str(error)
        assert [getattr(caught.value, fact, None) for fact in FACTS] == [
            getattr(error, fact, None) for fact in FACTS
        ]
        assert maker.calls == calls


def test_other_failures_are_not_remembered(cache: Cache, maker: Maker) -> None:
    maker.error = ProfileError("no")
    for calls in (1, 2):
        with pytest.raises(ProfileError):
            cache.get(KEY, maker)
        assert maker.calls == calls


def test_failure_is_told_again_to_the_same_teller_only(cache: Cache, maker: Maker) -> None:
    maker.error = DENIED
    for teller, calls in (("", 1), ("aa", 2), ("bb", 3), ("aa", 3), ("", 3)):
        with pytest.raises(StsError):
            cache.get(KEY, maker, teller=teller)
        assert maker.calls == calls


def test_failure_with_another_basis_is_another_one(cache: Cache, maker: Maker) -> None:
    maker.error = DENIED
    for basis, calls in ((None, 1), ({"seen": "a"}, 2), ({"seen": "a"}, 2), (None, 3)):
        with pytest.raises(StsError):
            cache.get(KEY, maker, basis=basis)
        assert maker.calls == calls


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_setting_the_clock_does_not_prolong_a_failure(
    cache: Cache, maker: Maker, seconds: float
) -> None:
    maker.error = DENIED
    with pytest.raises(StsError):
        cache.get(KEY, maker)
    maker.error = None
    maker.clock.wall += seconds
    maker.clock.boot += 6
    assert cache.get(KEY, maker).value == 2


def test_failure_from_before_a_restart_is_forgotten(cache: Cache, maker: Maker) -> None:
    maker.error = DENIED
    with pytest.raises(StsError):
        cache.get(KEY, maker)
    maker.error = None
    maker.clock.wall -= 3600
    maker.clock.boot -= 9999
    assert cache.get(KEY, maker).value == 2


def test_value_that_is_good_is_used_in_spite_of_a_failure(cache: Cache, maker: Maker) -> None:
    cache.get(KEY, maker)
    maker.error = DENIED
    with pytest.raises(StsError):
        cache.get(KEY, maker, need=9999)
    assert cache.get(KEY, maker).value == 1


class Waiting:
    """A clock of its own for those who wait, and what happens while they sleep."""

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
    folder: Folder, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    holder = open_folder([str(tmp_path)])
    cache = Cache(folder, call_time=60, warn=print)
    with contextlib.ExitStack() as stack:
        assert stack.enter_context(holder.locked(KEY))

        def then() -> None:
            if len(waiting.pauses) == 9:
                Cache(_Unlocked(holder), call_time=0, warn=print).get(KEY, maker)

        waiting.then = then
        assert cache.get(KEY, maker).value == 1
    assert maker.calls == 1
    assert len(waiting.pauses) == 9
    holder.close()


class _Unlocked:
    """A store whose lock the caller holds already."""

    def __init__(self, folder: Folder) -> None:
        self.read, self.write = folder.read, folder.write

    def locked(self, _key: str) -> contextlib.nullcontext[bool]:
        return contextlib.nullcontext(True)


@pytest.mark.parametrize("calls, more", [(1, {}), (4, {"calls": 4})], ids=["1", "4"])
def test_waiting_is_bounded(
    folder: Folder, maker: Maker, waiting: Waiting, tmp_path: Path, calls: int, more: Any
) -> None:
    holder = open_folder([str(tmp_path)])
    cache = Cache(folder, call_time=2, warn=print)
    with holder.locked(KEY):
        assert cache.get(KEY, maker, **more).value == 1
    assert 2 * (calls + 1) < waiting.seconds < 2 * (calls + 1) + 0.06
    assert waiting.pauses[:2] == [0.002, 0.003] and max(waiting.pauses) == 0.05
    holder.close()


def test_who_gets_the_lock_at_last_reads_before_it_makes(
    folder: Folder, maker: Maker, waiting: Waiting, tmp_path: Path
) -> None:
    # The other one is done between our reading and our locking.
    class Late(Folder):
        def locked(self, key: str) -> Any:
            if not maker.calls:
                Cache(_Unlocked(folder), call_time=0, warn=print).get(KEY, maker)
            return super().locked(key)

    cache = Cache(Late(folder._folder), call_time=2, warn=print)
    assert cache.get(KEY, maker).value == 1
    assert maker.calls == 1


def test_error_of_the_store_is_a_warning(
    folder: Folder, maker: Maker, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "write", full)
    cache = Cache(folder, call_time=0, warn=warnings.append)
    assert cache.get(KEY, maker).value == 1
    maker.error = DENIED
    with pytest.raises(StsError, match="no"):
        cache.get(KEY, maker)
    assert warnings == ["Credentials could not be cached: No space left on device"] * 2


def test_lock_is_free_after_a_failure(cache: Cache, maker: Maker, folder: Folder) -> None:
    for error in (DENIED, KeyError("a bug")):
        maker.error = error
        with pytest.raises(type(error)):
            cache.get("b" * 64 if error is DENIED else KEY, maker)
    with folder.locked(KEY) as first, folder.locked("b" * 64) as second:
        assert first and second


def made(value: Any) -> Made:
    return Made(value, 0)


def test_once_makes_once() -> None:
    once = Once()
    numbers = iter(range(9))
    values = [once.get(key, lambda: made(next(numbers)), teller="a").value for key in "abab"]
    assert values == [0, 1, 0, 1]


def test_once_makes_other_threads_wait() -> None:
    once = Once()
    begun, results = threading.Event(), []

    def make() -> Made:
        for thread in threads:
            thread.start()
        begun.set()
        return made(1)

    def other() -> None:
        begun.wait(30)
        results.append(once.get("a", lambda: made(2), teller="b").value)

    threads = [threading.Thread(target=other) for _number in range(8)]
    assert once.get("a", make, teller="a").value == 1
    for thread in threads:
        thread.join(30)
    assert results == [1] * 8


def test_once_raises_what_was_raised_and_asks_again_for_other_words() -> None:
    once = Once()
    calls = []

    def fail(teller: str) -> Made:
        calls.append(teller)
        raise SourceError(f"told by {teller}")

    for teller in ("a", "a", "b"):
        with pytest.raises(SourceError, match=f"told by {teller}"):
            once.get("key", lambda teller=teller: fail(teller), teller=teller)  # type: ignore[misc]
    assert calls == ["a", "b"]


def test_once_lets_nobody_wait_for_a_thread_that_was_interrupted() -> None:
    once = Once()

    def interrupted() -> Made:
        raise KeyboardInterrupt()

    for _use in range(2):
        with pytest.raises(KeyboardInterrupt):
            once.get("key", interrupted, teller="a")
