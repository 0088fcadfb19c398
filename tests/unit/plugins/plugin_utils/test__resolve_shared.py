# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test sharing between several controllers over a real Redis server, against the emulator."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _fingerprint
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.redis_server import RedisServer, running
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import (
    HUB,
    KEYS,
    SPOKE,
    TARGET,
    Clock,
    Place,
)

CHAIN = (HUB, SPOKE, TARGET)
LOCKED = "acs:ram::1100000000000001:role/locked"


@pytest.fixture(name="server_process", scope="module")
def fixture_server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(name="server")
def fixture_server(server_process: RedisServer) -> RedisServer:
    with server_process.client as client:
        client.flushall()
    return server_process


@dataclasses.dataclass
class Controllers:
    """Controllers with their own config.json and cache folder, which share a server."""

    first: Place
    server: RedisServer
    folder: Path

    def another(self) -> Place:
        """Return a controller with an empty cache."""
        self.folder = self.folder / "another"
        self.folder.mkdir()
        return Place(self.folder, self.first.emulator, self.first.clock)

    def options(self, *roles: str, **values: Any) -> dict[str, Any]:
        given = {"cache_url": self.server.url, **values}
        return self.first.options(*roles, config_path=None, **given)

    def assume(self, place: Place, *roles: str, **values: Any) -> dict[str, str]:
        return place.assume({**self.options(*roles, **values), "config_path": str(place.config)})


@pytest.fixture(name="controllers")
def fixture_controllers(
    place: Place, server: RedisServer, tmp_path: Path, emulator: Emulator, clock: Clock
) -> Iterator[Controllers]:
    controllers = Controllers(place, server, tmp_path)
    yield controllers
    assert place.warnings == []


def test_controllers_share_what_they_obtain(controllers: Controllers) -> None:
    first = controllers.assume(controllers.first, *CHAIN)
    for _controller in range(3):
        assert controllers.assume(controllers.another(), *CHAIN) == first
    assert controllers.first.calls() == 3


def test_controllers_share_the_beginning_of_chains(controllers: Controllers) -> None:
    controllers.assume(controllers.first, HUB, SPOKE)
    controllers.assume(controllers.another(), *CHAIN)
    assert controllers.first.calls() == 3


def test_end_of_a_chain_is_found_without_its_beginning(controllers: Controllers) -> None:
    hops = [controllers.first.hop(HUB, expired_seconds=900), controllers.first.hop(SPOKE)]
    controllers.assume(controllers.first, hops=hops)
    controllers.first.advance(1000)
    controllers.assume(controllers.another(), hops=hops)
    assert controllers.first.calls() == 2


def test_hit_asks_no_server(controllers: Controllers) -> None:
    options = {**controllers.options(HUB), "config_path": str(controllers.first.config)}
    first = controllers.first.assume(options)
    with controllers.server.client as client:
        client.config_resetstat()
        assert controllers.first.find(options) == [first]
        assert controllers.first.assume(options) == first
        assert client.info("commandstats").keys() <= {"cmdstat_config|resetstat"}


def test_server_holds_nothing_that_is_known(controllers: Controllers) -> None:
    result = controllers.assume(controllers.first, *CHAIN)
    with pytest.raises(StsError):
        controllers.assume(controllers.first, LOCKED)
    dumped = controllers.server.dump()
    everything = b"".join([*dumped, *dumped.values()])
    assert len(dumped) == 4
    known = [*result.values(), *KEYS.values(), *CHAIN, LOCKED, "NoPermission", "hub", "deploy"]
    known += [role.split(":")[3] for role in CHAIN]
    known += [path.name.partition(".")[0] for path in controllers.first.folder.iterdir()]
    assert [text for text in known if text and text.encode() in everything] == []


def change(dumped: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {name: raw[:-1] + bytes([raw[-1] ^ 1]) for name, raw in dumped.items()}


def swap(dumped: dict[bytes, bytes]) -> dict[bytes, bytes]:
    values = list(dumped.values())
    return dict(zip(dumped, [*values[1:], values[0]], strict=True))


def replay(dumped: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return dumped


@pytest.mark.parametrize("tamper, seconds", [(change, 0), (swap, 0), (replay, 3600)])
def test_entry_that_was_tampered_with_is_not_used(
    controllers: Controllers, tamper: Callable[[dict[bytes, bytes]], Any], seconds: int
) -> None:
    first = controllers.assume(controllers.first, *CHAIN)
    dumped = controllers.server.dump()
    assert len(dumped) == len(CHAIN)
    controllers.first.advance(seconds)
    with controllers.server.client as client:
        for name, raw in tamper(dumped).items():
            client.set(name, raw, px=3600 * 1000)
    assert controllers.assume(controllers.another(), *CHAIN) != first
    assert controllers.first.calls() == 2 * len(CHAIN)


def test_long_lived_secret_decides_who_shares(controllers: Controllers) -> None:
    controllers.assume(controllers.first, HUB)
    other = controllers.another()
    other.write({"name": "deploy", "mode": "AK", **KEYS, "access_key_secret": "wrong"})
    with pytest.raises(StsError, match="SignatureDoesNotMatch"):
        controllers.assume(other, HUB)


def test_refusal_is_remembered_for_all(controllers: Controllers) -> None:
    for place in (controllers.first, controllers.another()):
        with pytest.raises(StsError, match="^hop 1 of 1: AssumeRole of .*locked"):
            controllers.assume(place, LOCKED)
    assert controllers.first.calls() == 1


def test_one_controller_renews_ahead_of_time(controllers: Controllers) -> None:
    other = controllers.another()
    first = controllers.assume(controllers.first, *CHAIN)
    assert controllers.assume(other, *CHAIN) == first
    controllers.first.advance(3300)
    second = controllers.assume(controllers.first, *CHAIN)
    assert second["access_key_id"] != first["access_key_id"]
    assert controllers.assume(other, *CHAIN) == second
    assert controllers.first.calls() == 6


def test_entry_that_is_due_for_renewal_is_renewed_by_a_new_controller(
    controllers: Controllers,
) -> None:
    controllers.assume(controllers.first, HUB)
    controllers.first.advance(3300)
    second = controllers.assume(controllers.another(), HUB)
    assert controllers.assume(controllers.first, HUB) == second
    assert controllers.first.calls() == 2


def test_rejected_session_costs_one_new_chain_for_all_controllers(controllers: Controllers) -> None:
    others = [controllers.another() for _controller in range(3)]
    for place in (controllers.first, *others):
        controllers.assume(place, HUB)
    controllers.first.emulator.reject_sessions("revoked")
    for place in (controllers.first, *others):
        assert controllers.assume(place, HUB, SPOKE)
    asked = [call["role_arn"] for call in controllers.first.emulator.journal]
    # The others find the end of the chain, and ask for nothing.
    assert asked == [HUB, SPOKE, HUB, SPOKE]


def test_controller_with_a_rejected_session_takes_the_new_one(controllers: Controllers) -> None:
    other = controllers.another()
    for place in (controllers.first, other):
        controllers.assume(place, HUB)
    controllers.first.emulator.reject_sessions("revoked")
    controllers.assume(controllers.first, HUB, SPOKE)
    hops = [controllers.first.hop(HUB), controllers.first.hop(SPOKE, role_session_name="other")]
    controllers.assume(other, hops=hops)
    asked = [call["role_arn"] for call in controllers.first.emulator.journal]
    # Its rejected session, and then the one that the first controller has obtained.
    assert asked == [HUB, SPOKE, HUB, SPOKE, SPOKE, SPOKE]


def test_renewal_on_request_replaces_what_all_have(controllers: Controllers) -> None:
    controllers.assume(controllers.first, HUB)
    controllers.first.advance(1)
    second = controllers.assume(controllers.first, HUB, renew=True)
    assert controllers.assume(controllers.another(), HUB) == second
    assert controllers.first.calls() == 2


def program(place: Place) -> dict[str, Any]:
    script = place.folder.parent / "command"
    printed = (
        '{"mode": "StsToken", "access_key_id": "STS.a", "access_key_secret": "b", "sts_token": "c",'
    )
    script.write_text(f'#!/bin/sh\necho \'{printed} "expiration": "2999-01-01T00:00:00Z"}}\'\n')
    script.chmod(0o700)
    return {"mode": "External", "process_command": str(script)}


def uri(place: Place) -> dict[str, Any]:
    return {
        "mode": "CredentialsURI",
        "credentials_uri": place.emulator.http_url + "/credentials-uri?token=secret",
    }


def machine(place: Place) -> dict[str, Any]:
    place.environ["ALIYUN_CLI_METADATA_ENDPOINT"] = place.emulator.http_url
    return {"mode": "EcsRamRole"}


@pytest.mark.parametrize("make", [program, uri, machine])
def test_sources_without_a_secret_are_not_shared(
    controllers: Controllers, make: Callable[[Place], dict[str, Any]]
) -> None:
    place = controllers.first
    controllers.assume(place, source=make(place), allow_process=True)
    if make is not program:
        controllers.assume(place, HUB, source=make(place))
    assert controllers.server.dump() == {}


def test_token_file_decides_who_shares(controllers: Controllers, tmp_path: Path) -> None:
    place = controllers.first
    token = tmp_path / "token"
    source = {
        "mode": "OIDC",
        "region": "cn-hangzhou",
        "oidc_provider_arn": "acs:ram::1100000000000001:oidc-provider/ci",
        "oidc_token_file": str(token),
        "ram_role_arn": "acs:ram::1100000000000001:role/pipeline",
        "role_session_name": "ansible",
        "sts_endpoint": place.emulator.http_url,
    }
    token.write_text(place.emulator.oidc_token())
    controllers.assume(place, source=source)
    assert len(controllers.server.dump()) == 1
    controllers.assume(controllers.another(), source=source)
    assert place.calls("AssumeRoleWithOIDC") == 1


@pytest.mark.parametrize("content", [None, ""])
def test_token_file_without_content_is_no_secret(tmp_path: Path, content: str | None) -> None:
    token = tmp_path / "token"
    if content is not None:
        token.write_text(content)
    assert not _fingerprint.is_private([f"file:{token}"])
    token.write_text("x")
    assert _fingerprint.is_private([f"file:{token}"])
    assert not _fingerprint.is_private([f"file:{token}", "machine"])


SECRETS = {
    "AK": "access_key_secret",
    "StsToken": "access_key_secret sts_token",
    "RsaKeyPair": "private_key",
    "CloudSSO": "access_token access_key_secret sts_token",
    "OAuth": "oauth_access_token oauth_refresh_token access_key_secret sts_token",
}


@pytest.mark.parametrize("mode", _modes.MODES)
def test_secret_is_part_of_the_key_of_every_mode_that_shares(mode: str) -> None:
    for name in [field.name for field in _modes.FIELDS]:
        one, other = (
            _chain.Source(mode=mode, settings={name: value}, profile="", endpoint="")
            for value in ("a", "b")
        )
        shares = _chain.has_secret(one) and not _fingerprint.list_inputs(mode, {name: "-----BEGIN"})
        assert shares == (name in SECRETS.get(mode, "").split())
        if shares:
            chains = [_chain.Chain(source, (), "", "") for source in (one, other)]
            assert _chain.make_keys(chains[0], {}) != _chain.make_keys(chains[1], {})


def test_server_that_fails_costs_the_calls_and_one_warning(
    controllers: Controllers, tmp_path: Path
) -> None:
    place = controllers.first
    with running(tmp_path / "other") as server:
        url = server.url
    first = controllers.assume(place, *CHAIN, cache_url=url)
    assert controllers.assume(place, *CHAIN, cache_url=url) == first
    controllers.assume(place, LOCKED.replace("locked", "long"), cache_url=url)
    assert place.calls() == 4
    (warning,) = place.warnings
    assert warning.startswith("The shared credential cache at /")
    place.warnings.clear()
