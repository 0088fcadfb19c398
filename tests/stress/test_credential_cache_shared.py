# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten controllers that share sessions over a real Redis server: how many calls there are, also if the server fails."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis  # noqa: F401  # pylint: disable=unused-import  # loaded once, for all forks
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.tests.redis_server import RedisServer, running
from ansible_collections.aliyun.cli.tests.stress import sts as _sts
from ansible_collections.aliyun.cli.tests.stress.sts import HUB, ROLES, SPOKE, TARGET, Sts
from ansible_collections.aliyun.cli.tests.stress.test_credential_cache import (
    User,
    at_once,
    key_ids,
)

CONTROLLERS = 10
HOSTS = 20
USES = 3
MAX_TIME = 10
CHAIN = [HUB, SPOKE, TARGET]


@pytest.fixture(name="sts_process", scope="module")
def fixture_sts_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    with _sts.running(tmp_path_factory.mktemp("sts")) as sts:
        yield sts


@pytest.fixture(name="sts")
def fixture_sts(sts_process: Sts, monkeypatch: pytest.MonkeyPatch) -> Sts:
    sts_process.reset()
    # As if the config files had been written long ago.
    monkeypatch.setattr(_resolve, "SETTLED_SECONDS", -1)
    return sts_process


@pytest.fixture(name="server")
def fixture_server(tmp_path: Path) -> Iterator[RedisServer]:
    with running(tmp_path / "redis") as server:
        yield server


class Fleet:
    """Controllers with their own home. Warnings are allowed if the server fails."""

    def __init__(self, folder: Path, sts: Sts, url: str) -> None:
        self.url = url
        self.users = []
        for number in range(CONTROLLERS):
            home = folder / f"controller-{number}"
            _sts.write_profiles(home / ".aliyun" / "config.json", sts)
            self.users.append(User(home))

    def assume(self, number: int, profile: str) -> tuple[dict[str, str], float]:
        """Return the result for one use, and how long it took."""
        user = self.users[number % CONTROLLERS]
        options = user.options(cache_url=self.url, max_time=MAX_TIME)
        where: dict[str, Any] = {"environ": user.environ, "parents": user.parents}
        began = time.monotonic()
        found = hit.find([profile], options, **where)
        result = (found or _resolve.assume_role([profile], options, **where))[0]
        return result, time.monotonic() - began

    def use(
        self, profile: str = "target", meanwhile: Callable[[], None] | None = None
    ) -> tuple[set[str], float]:
        """Use a profile on all hosts of all controllers at once. Return the key IDs and the longest wait."""

        def host(index: int) -> list[Any]:
            if index == CONTROLLERS * HOSTS:
                assert meanwhile
                meanwhile()
                return []
            return [self.assume(index, profile) for _use in range(USES)]

        uses = [
            use for uses in at_once(CONTROLLERS * HOSTS + bool(meanwhile), host) for use in uses
        ]
        assert len(uses) == CONTROLLERS * HOSTS * USES
        return key_ids([result for result, _seconds in uses]), max(seconds for _r, seconds in uses)


def test_controllers_cost_one_call_for_each_hop(
    sts: Sts, server: RedisServer, tmp_path: Path
) -> None:
    first, _longest = Fleet(tmp_path / "first", sts, server.url).use()
    assert len(first) == 1
    assert sts.calls() == CHAIN
    assert Fleet(tmp_path / "fresh", sts, server.url).use()[0] == first
    assert sts.calls() == CHAIN


def test_hundred_roles_behind_one_hub_cost_one_call_more(
    sts: Sts, server: RedisServer, tmp_path: Path
) -> None:
    fleet = Fleet(tmp_path / "fleet", sts, server.url)
    results = at_once(ROLES, lambda index: fleet.assume(index, f"team-{index}")[0])
    assert len(key_ids(results)) == ROLES
    roles = map(_sts.role_behind_the_hub, range(ROLES))
    assert Counter(sts.calls()) == Counter([HUB, *roles])


def kill(server: RedisServer) -> None:
    server.signal(signal.SIGKILL)


def stall(server: RedisServer) -> None:
    server.signal(signal.SIGSTOP)


def empty(server: RedisServer) -> None:
    """Let the server forget everything and close its connections, as when it starts again."""
    with server.client as client:
        client.flushall()
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


@pytest.mark.parametrize("fail", [kill, stall, empty])
def test_server_that_fails_in_the_middle_costs_no_lookup(
    sts: Sts, server: RedisServer, tmp_path: Path, fail: Callable[[RedisServer], None]
) -> None:
    fleet = Fleet(tmp_path / "fleet", sts, server.url)

    def meanwhile() -> None:
        time.sleep(0.3)
        fail(server)

    _keys, longest = fleet.use(meanwhile=meanwhile)
    # Each controller may have to assume the chain by itself.
    assert len(CHAIN) <= len(sts.calls()) <= CONTROLLERS * len(CHAIN)
    print(f"{fail.__name__}: {len(sts.calls())} calls, longest wait {longest:.1f} s")


def test_server_without_memory_costs_the_calls_of_each_controller(sts: Sts, tmp_path: Path) -> None:
    with running(tmp_path / "full", maxmemory="1", maxmemory_policy="noeviction") as server:
        _keys, longest = Fleet(tmp_path / "fleet", sts, server.url).use()
    assert len(sts.calls()) == CONTROLLERS * len(CHAIN)
    print(f"full: {len(sts.calls())} calls, longest wait {longest:.1f} s")
