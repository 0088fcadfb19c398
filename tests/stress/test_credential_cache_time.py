# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the credential cache with bad timing: STS hangs near expiry, a lock's holder stops, a clock is set.

No process may return expired credentials, and none may wait longer than twice ``max_time``. Waits are counted by what the
code asks for, in sleeps and in time limits of requests that fail, so that a machine under load changes nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _http
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import parse_time
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts as Client
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve as _assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import single_flight
from ansible_collections.aliyun.cli.tests.stress import sts as _sts
from ansible_collections.aliyun.cli.tests.stress.sts import HUB, SPOKE, TARGET, Sts
from ansible_collections.aliyun.cli.tests.stress.test_credential_cache import User, at_once

CHAIN = [HUB, SPOKE, TARGET]
LIFETIME = 3600
PROCESSES = 12
MAX_TIME = 8
# How much faster than ours the clocks of the tests run: a wait takes much of a session's last minute.
SPEED = 10


class Clock:
    """Clock of STS (``true``, UTC in seconds), and clocks of the controller, of which one can be set."""

    def __init__(self) -> None:
        self._began, self._boot = hit.read_clocks()
        self._monotonic = time.monotonic()
        self.speed: float = 1
        self.passed: float = 0
        # All processes have the same clock.
        self._set_by = multiprocessing.RawValue("d", 0)

    @property
    def set_by(self) -> float:
        seconds: float = self._set_by.value
        return seconds

    @set_by.setter
    def set_by(self, seconds: float) -> None:
        self._set_by.value = seconds

    def _elapsed(self) -> float:
        return (time.monotonic() - self._monotonic) * self.speed + self.passed

    def true(self) -> float:
        return self._began + self._elapsed()

    def wall(self) -> float:
        return self.true() + self.set_by

    def now(self) -> tuple[float, float]:
        return self.wall(), self._boot + self._elapsed()

    def pass_to(self, passed: float, sts: Sts) -> None:
        """Let time pass until so many seconds after the start, and go on from there."""
        self.passed = passed
        self._monotonic = time.monotonic()
        sts.shift(self.true() - time.time())


@pytest.fixture(name="sts_process", scope="module")
def fixture_sts_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    with _sts.running(tmp_path_factory.mktemp("sts")) as sts:
        yield sts


@pytest.fixture(name="sts")
def fixture_sts(sts_process: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sts:
    sts_process.reset()
    _sts.write_profiles(tmp_path / ".aliyun" / "config.json", sts_process)
    # As if the file had been written long ago.
    monkeypatch.setattr(_assume_role, "SETTLED_SECONDS", -1)
    return sts_process


@pytest.fixture(name="clock")
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(hit, "read_clocks", clock.now)
    monkeypatch.setattr(Client.__init__, "__kwdefaults__", {"now": clock.wall})
    return clock


class Waits:
    """Seconds that the code of this process has waited for others."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        sleep, within = time.sleep, _http._run_within

        def counted(seconds: float) -> None:
            self.seconds += seconds
            sleep(seconds)

        def limited(seconds: float, call: Callable[[], Any]) -> Any:
            try:
                return within(seconds, call)
            except BaseException:
                self.seconds += seconds
                raise

        monkeypatch.setattr(time, "sleep", counted)
        defaults = _http.Http.__init__.__kwdefaults__
        assert defaults
        monkeypatch.setitem(defaults, "sleep", counted)
        monkeypatch.setattr(_http, "_run_within", limited)


@pytest.fixture(name="waits", autouse=True)
def fixture_waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    return Waits(monkeypatch)


class Use:
    """Result of the lookup: the remaining seconds of its credentials, None for an error."""

    def __init__(self, result: list[Any]) -> None:
        self.left, self.waited, self.text = result


class Lookup:
    """Lookup in processes that use it at the same time."""

    def __init__(self, user: User, clock: Clock, waits: Waits) -> None:
        self._user = user
        self._clock = clock
        self._waits = waits

    def use(self, profile: str = "target") -> list[Any]:
        """Use a profile, and return what :class:`Use` takes."""
        options = self._user.options(max_time=MAX_TIME)
        where: dict[str, Any] = {"environ": self._user.environ, "parents": self._user.parents}
        before = self._waits.seconds
        try:
            found = hit.find([profile], options, **where)
            result = (found or _assume_role.assume_role([profile], options, **where))[0]
        except AliyunCliError as error:
            return [None, self._waits.seconds - before, str(error)]
        left = parse_time(result["expiration"]) - self._clock.true()
        return [left, self._waits.seconds - before, result["access_key_id"]]

    def use_at_once(self, processes: int = PROCESSES) -> list[Use]:
        """Use the chain in several processes. Check that nothing expired was returned, and how long they waited."""
        uses = [Use(one) for one in at_once(processes, lambda _index: self.use())]
        assert [one.left for one in uses if one.left is not None and one.left <= 0] == []
        assert max(one.waited for one in uses) <= 2 * MAX_TIME
        return uses


@pytest.fixture(name="lookup")
def fixture_lookup(tmp_path: Path, clock: Clock, waits: Waits) -> Lookup:
    return Lookup(User(tmp_path), clock, waits)


def summary(uses: list[Use]) -> str:
    lasts = [one.left for one in uses if one.left is not None]
    longest = max(one.waited for one in uses)
    return (
        f"{len(lasts)} of {len(uses)} given, which last {min(lasts, default=0):.0f} s and more,"
        f" longest wait {longest:.1f} s with max_time {MAX_TIME}"
    )


@pytest.mark.parametrize("left", [330, 90, 70, 10])
def test_hanging_sts_near_expiry(sts: Sts, lookup: Lookup, clock: Clock, left: float) -> None:
    clock.pass_to(0, sts)
    lookup.use()
    sts.fail("hang")
    clock.speed = SPEED
    clock.pass_to(LIFETIME - left, sts)
    uses = lookup.use_at_once()
    print(f"{left} s left:", summary(uses))
    given = [one for one in uses if one.left is not None]
    if left > 300:
        assert len(given) == PROCESSES
    if left < 60:
        # The last minute of a session is never used.
        assert not given
    sts.recover()
    clock.speed = 1
    clock.pass_to(LIFETIME + 600, sts)
    assert [one.text for one in lookup.use_at_once() if one.left is None] == []


def stopped(work: Callable[[], Any]) -> int:
    """Start a process that a signal stops when it holds the lock of a step. Return its number."""
    reached, waiting = os.pipe()
    pid = os.fork()
    if pid == 0:

        def stop(*_arguments: Any) -> Any:
            os.write(waiting, b"x")
            os.kill(os.getpid(), signal.SIGSTOP)

        single_flight.Cache._call = stop  # type: ignore[method-assign,assignment]
        try:
            work()
        finally:
            os._exit(1)
    os.close(waiting)
    assert os.read(reached, 1) == b"x"
    os.close(reached)
    return pid


@pytest.mark.parametrize("left", [3600, 70])
@pytest.mark.parametrize("hangs", [False, True], ids=["STS answers", "STS hangs"])
def test_stopped_holder(sts: Sts, lookup: Lookup, clock: Clock, hangs: bool, left: float) -> None:
    clock.pass_to(0, sts)
    lookup.use("hub")
    clock.speed = SPEED
    clock.pass_to(LIFETIME - left, sts)
    pid = stopped(lookup.use)
    try:
        if hangs:
            sts.fail("hang")
        uses = lookup.use_at_once()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    print(f"{left} s left:", summary(uses))
    assert {one.left is None for one in uses} == {hangs}


def test_clock_that_is_set_all_the_time(
    sts: Sts, lookup: Lookup, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For 10 hours processes use a chain with sessions of an hour, while the clock is set between and in the calls."""
    chance = random.Random(15)
    turns, processes, passed = 40, 4, 0.0
    assume = Client.assume_role

    def set_during_the_call(self: Client, *arguments: Any) -> Any:
        credentials = assume(self, *arguments)
        clock.set_by += chance.choice((-5400, -600, -30, 0, 0, 30, 600, 5400))
        return credentials

    monkeypatch.setattr(Client, "assume_role", set_during_the_call)
    uses = []
    for _turn in range(turns):
        passed += chance.uniform(1, 1800)
        clock.pass_to(passed, sts)
        clock.set_by = chance.choice((-86400, -5400, -800, 0, 0, 0, 800, 5400, 86400))
        uses += lookup.use_at_once(processes)
    print(f"{len(sts.calls())} calls,", summary(uses))
    assert [one.text for one in uses if one.left is None] == []
    assert len(sts.calls()) < len(CHAIN) * len(uses)
