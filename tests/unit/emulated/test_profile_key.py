# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the new access key in a config file works, and that nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _profile_key
from ansible_collections.aliyun.cli.plugins.modules import profile_key
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.emulated.world import (
    EXTERNAL_ID,
    HUB,
    KEY,
    SECRET,
    SPOKE,
)

INACTIVE = "LTAI5tEXAMPLEdeploy0002I"
USER = "acs:ram::1100000000000001:user/deploy"
INTERN = ("LTAI5tEXAMPLEintern0001A", "fake-intern-secret-Wf63tGj8Xo")


class Host:
    """A config file with a key, profiles that chain from it, and a second key of the same user."""

    def __init__(self, emulator: Emulator, path: Path) -> None:
        self.emulator = emulator
        self.path = path
        keys = emulator.core.keys
        user = emulator.core.world.identities[USER]
        keys.erase(next(key for key in keys.of(user) if key.id == INACTIVE))
        new = keys.create(user)
        self.new = (new.id, new.secret)
        common = {"region_id": "cn-hangzhou", "sts_endpoint": emulator.http_url, "x-kept": 1}
        key = {"access_key_id": KEY, "access_key_secret": SECRET}
        role = {"ram_role_arn": HUB, "ram_session_name": "test"}
        chained = {"mode": "ChainableRamRoleArn", **role}
        self.write(
            {"name": "deploy", "mode": "AK", **key, **common},
            {"name": "hub", "source_profile": "deploy", **chained, **common},
            {
                **{"name": "spoke", "source_profile": "hub", **chained, **common},
                **{"ram_role_arn": SPOKE, "external_id": EXTERNAL_ID},
            },
            {"name": "role", "mode": "RamRoleArn", **key, **role, **common},
            {
                **{"name": "broken", "source_profile": "deploy", **chained, **common},
                "ram_role_arn": SPOKE,
            },
        )

    def write(self, *profiles: dict[str, Any]) -> None:
        document = {"current": "spoke", "profiles": list(profiles)}
        self.path.write_text(json.dumps(document))
        self.path.chmod(0o600)

    def profiles(self) -> dict[str, dict[str, Any]]:
        document = json.loads(self.path.read_text())
        return {profile["name"]: profile for profile in document["profiles"]}

    def ids(self) -> dict[str, str]:
        short = {KEY: "old", self.new[0]: "new"}
        return {
            name: short.get(profile["access_key_id"], profile["access_key_id"])
            for name, profile in self.profiles().items()
            if profile.get("access_key_id")
        }

    def run(self, state: str, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        spec = profile_key.make_argument_spec()
        options = {name: item.get("default") for name, item in spec.items()}
        options.update(
            state=state,
            old_access_key_id=KEY,
            new_access_key_id=self.new[0],
            config_path=str(self.path),
        )
        if state == "prepared":
            options["new_access_key_secret"] = self.new[1]
        result = _profile_key.run({**options, **given}, check_mode=check_mode)
        assert "fake-" not in json.dumps(result)
        return result

    def done(self, state: str, **given: Any) -> dict[str, Any]:
        result = self.run(state, **given)
        assert not result["failed"], result["msg"]
        (user,) = result["users"]
        return {"changed": result["changed"], "diff": result["diff"], **user}

    def fails(self, sentence: str, state: str, **given: Any) -> None:
        before = self.path.read_bytes()
        result = self.run(state, **given)
        assert result["failed"] and sentence in result["msg"]
        assert self.path.read_bytes() == before and not result["changed"]


@pytest.fixture(name="host")
def fixture_host(world: Emulator, tmp_path: Path) -> Host:
    return Host(world, tmp_path / "config.json")


def test_whole_way_and_back(host: Host) -> None:
    first = host.profiles()
    prepared = host.done("prepared")
    assert prepared["profiles"] == ["deploy-next", "role-next"] == prepared["verified"]
    assert host.ids() == {"deploy": "old", "deploy-next": "new", "role": "old", "role-next": "new"}
    assert host.profiles()["deploy-next"]["x-kept"] == 1
    assert not host.done("prepared")["changed"]
    host.fails("the old access key is in the profiles deploy, role", "verified")
    replaced = host.done("replaced")
    assert replaced["profiles"] == ["deploy", "role"] == replaced["holding_new"]
    assert replaced["verified"] == ["deploy", "hub", "spoke", "role"]
    assert replaced["not_working"] == ["broken"] and replaced["holding_old"] == []
    assert host.ids() == {"deploy": "new", "deploy-old": "old", "role": "new", "role-old": "old"}
    assert not host.done("replaced")["changed"] and not host.done("prepared")["changed"]
    assert host.done("verified")["verified"] == ["deploy", "hub", "spoke", "role"]
    restored = host.done("restored")
    assert sorted(restored["profiles"]) == ["deploy", "deploy-old", "role", "role-old"]
    assert host.profiles() == first
    assert not host.done("restored")["changed"]


def test_cleaned(host: Host) -> None:
    host.done("prepared")
    assert not host.done("cleaned")["changed"]
    host.done("replaced")
    assert host.done("cleaned")["profiles"] == ["deploy-old", "role-old"]
    assert host.ids() == {"deploy": "new", "role": "new"}
    host.fails("has no companion 'deploy-old' with the old access key", "restored")


def test_hops_are_assumed_once(host: Host) -> None:
    host.done("prepared")
    host.emulator.core.journal.clear()
    host.done("replaced", profiles=["deploy"])
    roles = [
        (call["role_arn"], call["external_id"])
        for call in host.emulator.journal
        if call["action"] == "AssumeRole" and call["access_key_id"] != KEY
    ]
    assert len(roles) == len(set(roles)) == 3


def test_restored_before_anything_was_replaced(host: Host) -> None:
    host.done("prepared")
    assert host.done("restored")["profiles"] == ["deploy-next", "role-next"]
    assert host.ids() == {"deploy": "old", "role": "old"}


def test_replaced_in_one_step_with_the_secret(host: Host) -> None:
    host.fails("has no companion 'deploy-next' with the new access key", "replaced")
    host.done("replaced", new_access_key_secret=host.new[1])
    assert host.ids()["deploy"] == "new"


@pytest.mark.parametrize(
    "key_id", ["LTAI5tSTRANGER", "X" + KEY, KEY + "X", KEY[:-1], "X" + KEY[1:], KEY.lower()]
)
def test_profile_of_the_same_name_with_another_key(host: Host, key_id: str) -> None:
    stranger = {**host.profiles()["deploy"], "access_key_id": key_id}
    host.write(stranger)
    before = host.path.read_bytes()
    for state in ("prepared", "replaced", "verified", "restored", "cleaned"):
        assert not host.done(state, profiles=["deploy"])["changed"]
    assert host.path.read_bytes() == before


def test_companion_with_another_key_is_not_restored(host: Host) -> None:
    host.done("prepared")
    host.done("replaced")
    profiles = host.profiles()
    profiles["deploy-old"]["access_key_id"] = "X" + KEY[1:]
    host.write(*profiles.values())
    host.fails("has no companion 'deploy-old' with the old access key", "restored")


def test_only_named_profiles(host: Host) -> None:
    assert host.done("prepared", profiles=["role"])["profiles"] == ["role-next"]
    assert host.done("replaced", profiles=["role"])["holding_old"] == ["deploy"]
    assert host.ids() == {"deploy": "old", "role": "new", "role-old": "old"}


def test_companion_name_that_is_taken(host: Host) -> None:
    profiles = host.profiles()
    host.write(*profiles.values(), {**profiles["deploy"], "name": "deploy-next", "region_id": "x"})
    host.fails("'deploy-next' is not a copy of 'deploy' with another access key", "prepared")


def test_companion_of_an_earlier_try_is_replaced(host: Host) -> None:
    profiles = host.profiles()
    late = {**profiles["deploy"], "name": "deploy-next", "access_key_id": "LTAI5tEARLIER"}
    host.write(*profiles.values(), late)
    host.done("prepared")
    assert host.ids()["deploy-next"] == "new"


def test_companion_that_others_chain_from(host: Host) -> None:
    host.done("prepared")
    profiles = host.profiles()
    profiles["hub"]["source_profile"] = "deploy-next"
    host.write(*profiles.values())
    host.fails("'deploy-next' is the source profile of 'hub'", "replaced")


def test_wrong_secret(host: Host) -> None:
    host.fails("'deploy-next' does not work with it", "prepared", new_access_key_secret="hidden")


def test_key_of_another_user(host: Host) -> None:
    given = {"new_access_key_id": INTERN[0], "new_access_key_secret": INTERN[1]}
    for state in ("prepared", "replaced"):
        host.fails("create a key of the same user", state, **given)


def test_key_of_another_account(host: Host) -> None:
    for state in ("prepared", "replaced"):
        given = {"expected_account_id": "42", "new_access_key_secret": host.new[1]}
        host.fails("not to the expected account 42", state, **given)
    host.done("prepared", expected_account_id="1100000000000001")


def test_old_key_that_does_not_work_any_more(host: Host) -> None:
    keys = host.emulator.core.keys
    keys.erase(next(key for key in keys.of(host.emulator.core.world.identities[USER])))
    host.done("prepared")
    host.done("replaced")
    assert host.ids()["deploy"] == "new"


def test_chain_that_stops_working(host: Host) -> None:
    """A dependant fails with the new key only: nothing is written."""
    host.done("prepared")
    host.emulator.add_fault("internal_error", action="AssumeRole", role="spoke")
    host.fails("profile 'spoke' does not work with it: hop 2 of 2", "replaced", retries=0)
    assert host.done("replaced")["changed"]


def test_waits_for_a_young_key(host: Host) -> None:
    (key,) = [
        k
        for k in host.emulator.core.keys.of(host.emulator.core.world.identities[USER])
        if k.id == host.new[0]
    ]
    later = host.emulator.clock.now().replace(year=2100)
    key.known, before = later, key.known
    host.fails("InvalidAccessKeyId.NotFound", "prepared", wait_timeout=0)
    key.known = before
    host.done("prepared", wait_timeout=0)


def test_check_mode_asks_nobody(host: Host) -> None:
    before = host.path.read_bytes()
    calls = len(host.emulator.journal)
    for state, names in (
        ("prepared", ["deploy-next", "role-next"]),
        ("replaced", ["deploy", "role"]),
    ):
        result = host.done(state, check_mode=True)
        assert result["changed"] and result["profiles"] == names
        assert "***" in json.dumps(result["diff"])
    assert host.path.read_bytes() == before and len(host.emulator.journal) == calls


def test_file_that_changes_meanwhile(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program edits the file while chains are verified: its edit stays."""
    host.done("prepared")
    once = _profile_key._Check.verify_chains

    def chains(check: Any, plan: Any, names: list[str]) -> Any:
        monkeypatch.setattr(_profile_key._Check, "verify_chains", once)
        profiles = host.profiles()
        profiles["hub"]["language"] = "zh"
        host.write(*profiles.values())
        return once(check, plan, names)

    monkeypatch.setattr(_profile_key._Check, "verify_chains", chains)
    host.done("replaced")
    assert host.profiles()["hub"]["language"] == "zh" and host.ids()["deploy"] == "new"


def test_file_that_is_missing(host: Host) -> None:
    host.path.unlink()
    for state in ("prepared", "replaced", "verified", "restored", "cleaned"):
        assert not host.done(state)["changed"]
    assert not host.path.exists()


def test_same_key_twice(host: Host) -> None:
    host.fails("must differ", "verified", new_access_key_id=KEY)


def test_user_who_does_not_exist(host: Host) -> None:
    with pytest.raises(_profile_key.AliyunCliError, match="user 'no-such-user' does not exist"):  # type: ignore[attr-defined]
        host.run("prepared", users=["root", "no-such-user"])
