# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the credential cache with many processes at once: the number of calls, and killed processes."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests  # noqa: F401  # pylint: disable=unused-import  # loaded once, for all forks
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts as Client
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import open_store
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.single_flight import (
    Cache,
    CachedValue,
    Step,
)
from ansible_collections.aliyun.cli.tests.stress.sts import (
    HUB,
    LOCKED,
    ROLES,
    SPOKE,
    TARGET,
    Sts,
    role_behind_the_hub,
    running,
    write_profiles,
)

PROCESSES = 50
KILLS = 500
CHAIN = [HUB, SPOKE, TARGET]
KEY = "a" * 64


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Return the JSON results of so many processes that start at the same time. Each process must return one."""
    gate, opened = os.pipe()
    pipes, pids = [], []
    for index in range(number):
        result, written = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(opened)
                os.read(gate, 1)
                os.write(written, json.dumps(work(index)).encode())
                code = 0
            finally:
                os._exit(code)
        os.close(written)
        pipes.append(result)
        pids.append(pid)
    os.close(gate)
    # The end of the pipe lets all of them go.
    os.close(opened)
    results = []
    for result in pipes:
        with open(result, "rb") as file:
            results.append(file.read())
    assert {os.waitpid(pid, 0)[1] for pid in pids} == {0}
    return [json.loads(result) for result in results]


@pytest.fixture(name="sts_process", scope="module")
def fixture_sts_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    with running(tmp_path_factory.mktemp("sts")) as sts:
        yield sts


@pytest.fixture(name="sts")
def fixture_sts(sts_process: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sts:
    sts_process.reset()
    # Nothing ages during the test, however long a machine under load takes.
    now = hit.read_clocks()
    monkeypatch.setattr(hit, "read_clocks", lambda: now)
    write_profiles(tmp_path / ".aliyun" / "config.json", sts_process)
    # As if the file had been written long ago.
    monkeypatch.setattr(_resolve, "SETTLED_SECONDS", -1)
    return sts_process


class User:
    """One who runs Ansible, as the lookup finds him."""

    def __init__(self, home: Path) -> None:
        self.config = str(home / ".aliyun" / "config.json")
        self.environ: dict[str, str] = {}
        self.parents = [str(home)]

    def options(self, **values: Any) -> dict[str, Any]:
        options = {
            "profile": None,
            "source": None,
            "hops": None,
            "config_path": self.config,
            "allow_process": False,
            "connect_timeout": 30,
            "read_timeout": 30,
            "max_time": 120,
            "retries": 4,
            "ca_bundle": None,
            "validate_certs": True,
            "cache": True,
            "cache_url": None,
            "cache_prefix": "aliyun.cli:",
            "renew": False,
            "min_lifetime": 0,
            "format": "credentials",
        }
        return {**options, **values}

    def assume(self, profile: str, **values: Any) -> dict[str, str]:
        options = self.options(**values)
        where: dict[str, Any] = {"environ": self.environ, "parents": self.parents}
        found = hit.find([profile], options, **where)
        return (found or _resolve.assume_role([profile], options, warn=_warned, **where))[0]


def _warned(text: str) -> None:
    raise AssertionError(text)


@pytest.fixture(name="user")
def fixture_user(tmp_path: Path) -> User:
    return User(tmp_path)


def key_ids(results: list[dict[str, str]]) -> set[str]:
    return {result["access_key_id"] for result in results}


def test_many_processes_cost_one_call_for_each_hop(sts: Sts, user: User) -> None:
    for _turn in range(2):
        results = at_once(PROCESSES, lambda _index: user.assume("target"))
        assert len(key_ids(results)) == 1
        assert sts.calls() == CHAIN
    assert len(key_ids(at_once(9, lambda index: user.assume(("hub", "spoke")[index % 2])))) == 2
    assert sts.calls() == CHAIN


def test_a_hundred_roles_behind_one_hub_cost_one_call_more(sts: Sts, user: User) -> None:
    results = at_once(ROLES, lambda index: user.assume(f"team-{index}"))
    assert len(key_ids(results)) == ROLES
    assert [result["profile"] for result in results] == [f"team-{n}" for n in range(ROLES)]
    assert Counter(sts.calls()) == Counter([HUB, *map(role_behind_the_hub, range(ROLES))])


def test_terms_of_many_processes_share_too(sts: Sts, user: User) -> None:
    terms = [f"team-{number}" for number in range(8)]

    def resolve(_index: int) -> Any:
        return _resolve.assume_role(
            terms, user.options(), environ=user.environ, parents=user.parents, warn=_warned
        )

    results = at_once(10, resolve)
    assert all(result == results[0] for result in results)
    assert Counter(sts.calls()) == Counter([HUB, *map(role_behind_the_hub, range(8))])


def test_role_that_is_forbidden_costs_one_call_and_one_sentence(sts: Sts, user: User) -> None:
    def refused(_index: int) -> str:
        try:
            user.assume("locked")
        except AliyunCliError as error:
            return str(error)
        raise AssertionError()

    (sentence,) = set(at_once(PROCESSES, refused))
    assert sentence.startswith(f"hop 1 of 1: AssumeRole of {LOCKED}")
    assert sts.calls() == [LOCKED]


@pytest.mark.parametrize("passed", [3300, 3550, 4000], ids=["stale", "nearly expired", "expired"])
def test_at_expiry_each_hop_costs_one_call(
    sts: Sts, user: User, monkeypatch: pytest.MonkeyPatch, passed: int
) -> None:
    first = user.assume("target")
    clock, boot = hit.read_clocks()
    monkeypatch.setattr(hit, "read_clocks", lambda: (clock + passed, boot + passed))
    # The clock of this machine goes on as that of STS does.
    later = {"now": lambda: time.time() + passed}
    monkeypatch.setattr(Client.__init__, "__kwdefaults__", later)
    sts.shift(passed)
    results = at_once(PROCESSES, lambda _index: user.assume("target"))
    assert sts.calls() == CHAIN * 2
    # Some may still have been given the old ones, where those were good for that.
    new = key_ids(results) - {first["access_key_id"]}
    assert len(new) == 1
    if passed > 3500:
        assert key_ids(results) == new
    assert key_ids(at_once(9, lambda _index: user.assume("target"))) == new
    assert sts.calls() == CHAIN * 2


def test_processes_that_meet_a_revoked_session_cost_one_new_chain(sts: Sts, user: User) -> None:
    user.assume("hub")
    sts.reject_sessions("revoked")
    results = at_once(PROCESSES, lambda _index: user.assume("target"))
    assert len(key_ids(results)) == 1
    # The rejected call, and the chain.
    assert sts.calls() == [HUB, SPOKE, *CHAIN]


def test_clock_that_is_ahead_by_an_hour_costs_one_call_for_each_hop(
    sts: Sts, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sts.shift(-3600)

    def warned(text: str) -> None:
        assert "compare this clock with that of the service" in text

    monkeypatch.setattr(sys.modules[__name__], "_warned", warned)
    results = at_once(PROCESSES, lambda _index: user.assume("target"))
    sts.shift(0)
    assert len(key_ids(results)) == 1
    assert sts.calls() == CHAIN


def test_what_cannot_be_cached_is_obtained_side_by_side(tmp_path: Path) -> None:
    folder = open_store([str(tmp_path)])
    running_now = tmp_path / "running"
    running_now.mkdir()

    def call(index: int) -> CachedValue:
        mark = running_now / str(index)
        mark.touch()
        # All but the first two can run at the same time.
        deadline = time.monotonic() + (0.5 if index == 0 else 2)
        most = 0
        while time.monotonic() < deadline:
            most = max(most, len(list(running_now.iterdir())))
            time.sleep(0.02)
        mark.unlink()
        return CachedValue(most, 0)

    def use(index: int) -> Any:
        cache = Cache(folder, max_time=60, warn=_warned)
        return cache.resolve([Step(KEY, lambda _previous: call(index))]).value

    assert max(at_once(20, use)) >= 10
    folder.close()


def test_nobody_waits_longer_for_a_stopped_holder_than_a_call_may_take(tmp_path: Path) -> None:
    folder = open_store([str(tmp_path)])
    expiration = hit.read_clocks()[0] + 3600
    calls, waiting = os.pipe()
    keys = [letter * 64 for letter in "abc"]

    def hang(_previous: object) -> CachedValue:
        os.write(waiting, b"x")
        os.kill(os.getpid(), signal.SIGSTOP)
        raise AssertionError()

    pid = os.fork()
    if pid == 0:
        try:
            Cache(folder, max_time=60, warn=_warned).resolve([Step(keys[0], hang)])
        finally:
            os._exit(1)
    os.read(calls, 1)
    max_time = 3

    def ask(index: int) -> float:
        began = time.monotonic()
        cache = Cache(folder, max_time=max_time, warn=_warned)
        cache.resolve([Step(key, lambda _previous: CachedValue(index, expiration)) for key in keys])
        return time.monotonic() - began

    try:
        assert max(at_once(10, ask)) <= 2 * max_time
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    folder.close()
    os.close(calls)
    os.close(waiting)


def test_nobody_is_given_what_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """8 processes request sessions of 900 seconds at once, every minute for 90 minutes of a simulated clock."""
    clock, boot = hit.read_clocks()
    made = tmp_path / "made"
    folder = open_store([str(tmp_path)])
    renewals, expiration = 0, 0.0
    for passed in range(0, 5400, 60):
        now = clock + passed
        monkeypatch.setattr(
            hit, "read_clocks", lambda passed=passed: (clock + passed, boot + passed)
        )

        def make(_previous: object, now: float = now) -> CachedValue:
            with made.open("a") as file:
                file.write("x")
            return CachedValue("value", now + 900)

        def ask(_index: int, make: Callable[[Any], CachedValue] = make) -> float:
            cache = Cache(folder, max_time=60, warn=_warned)
            return cache.resolve([Step(KEY, make)]).expiration

        results = at_once(8, ask)
        assert min(results) - now >= 18
        renewals += max(results) > expiration
        expiration = max(results)
        assert len(made.read_text()) == renewals
    # They age after 794 seconds, so that each is renewed after 840.
    assert renewals == 7
    folder.close()


def test_processes_killed_at_any_instant_leave_no_lock_and_no_wrong_credentials(
    tmp_path: Path,
) -> None:
    folder = open_store([str(tmp_path)])
    clock = hit.read_clocks()[0]
    values: dict[str, set[str]] = {}

    def get(key: str, value: str) -> str:
        made = CachedValue([key, value * 500], clock + 3600)
        cache = Cache(folder, max_time=60, warn=_warned)
        return "".join(cache.resolve([Step(key, lambda _previous: made)]).value)

    started = time.monotonic()
    for number in range(20):
        get(f"{number:064x}", "warm")
    longest = (time.monotonic() - started) / 20 * 2
    chance = random.Random(1)
    for number in range(KILLS):
        key = f"{number % 100 + 100:064x}"
        pid = os.fork()
        if pid == 0:
            try:
                get(key, f"killed-{number}")
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        values.setdefault(key, set()).add(key + f"killed-{number}" * 500)
        # The lock is free, and the entry is complete and belongs to the key.
        with folder.locked(key) as locked:
            assert locked
        entry = folder.read(key)
        assert entry is None or "".join(entry["value"]) in values[key]
        if number % 5 == 4:
            values[key].add(key + f"next-{number}" * 500)
            assert get(key, f"next-{number}") in values[key]
    folder.close()


def test_holder_that_is_killed_while_it_calls_is_followed_by_the_next_one(tmp_path: Path) -> None:
    folder = open_store([str(tmp_path)])
    expiration = hit.read_clocks()[0] + 3600
    calls, waiting = os.pipe()

    def hang(_previous: object) -> CachedValue:
        os.write(waiting, b"x")
        signal.pause()
        raise AssertionError()

    pid = os.fork()
    if pid == 0:
        try:
            Cache(folder, max_time=60, warn=_warned).resolve([Step(KEY, hang)])
        finally:
            os._exit(1)
    os.read(calls, 1)

    def ask(index: int) -> Any:
        if index == 0:
            os.kill(pid, signal.SIGKILL)
        cache = Cache(folder, max_time=600, warn=_warned)
        return cache.resolve([Step(KEY, lambda _previous: CachedValue(index, expiration))]).value

    # All of them but the first find a lock that is held.
    assert len(set(at_once(PROCESSES, ask))) == 1
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    folder.close()
    os.close(calls)
    os.close(waiting)
