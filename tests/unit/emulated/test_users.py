# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the modules profiles and profile_info for several users of this machine, against the emulator, as root."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.modules import profile_info, profiles
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.emulated.world import AK, EXTERNAL_ID, HUB, SPOKE
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import (
    Person,
    only_root,
    people,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.modules.conftest import Run

pytestmark = only_root


@pytest.fixture(scope="module", name="pair")
def fixture_pair() -> Iterator[list[Person]]:
    with people() as created:
        yield created


@pytest.fixture(name="alice")
def fixture_alice(pair: list[Person]) -> Person:
    return pair[0]


@pytest.fixture(name="bob")
def fixture_bob(pair: list[Person]) -> Person:
    return pair[1]


@pytest.fixture(name="run")
def fixture_run(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any) -> Run:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Run(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def no_files(alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        if person.config.exists():
            person.config.unlink()


def chain(url: str) -> list[dict[str, Any]]:
    """Return the declarations of a chain of two hops, and of a second profile on top of the first hop."""
    common = {"region": "cn-hangzhou", "sts_endpoint": url}
    role = {"mode": "ChainableRamRoleArn", "role_session_name": "test", **common}
    return [
        {"name": "deploy", **AK, **common},
        {"name": "hub", "source_profile": "deploy", "ram_role_arn": HUB, **role},
        {
            "name": "spoke",
            "source_profile": "hub",
            "ram_role_arn": SPOKE,
            "external_id": EXTERNAL_ID,
            **role,
        },
        {"name": "again", "source_profile": "deploy", "ram_role_arn": HUB, **role},
    ]


def calls(emulator: Emulator, action: str) -> int:
    return sum(entry["action"] == action for entry in emulator.journal)


def names(path: Any) -> list[str]:
    return [profile["name"] for profile in json.loads(path.read_bytes())["profiles"]]


def test_each_file_belongs_to_its_user(run: Run, alice: Person, bob: Person) -> None:
    one = {"name": "a", "mode": "EcsRamRole", "region": "cn-hangzhou"}
    users = [{"user": person.name, "profiles": [one]} for person in (alice, bob)]
    result = run(profiles.main, users=users)
    assert result["changed"] and [entry["created"] for entry in result["users"]] == [["a"], ["a"]]
    assert [entry["user"] for entry in result["users"]] == [alice.name, bob.name]
    assert len(result["diff"]) == 2
    for person in (alice, bob):
        info = person.config.stat()
        assert (info.st_uid, info.st_mode & 0o777) == (person.uid, 0o600)
    again = run(profiles.main, users=users)
    assert not again["changed"] and again["diff"] == []


def test_check_mode_writes_and_asks_nothing(run: Run, world: Emulator, alice: Person) -> None:
    users = [{"user": alice.name, "profiles": chain(world.http_url)}]
    result = run(profiles.main, check_mode=True, users=users, verify=True)
    assert result["changed"] and "identities" not in result["users"][0]
    assert not alice.config.exists() and not world.journal


def test_missing_users_are_named_before_anything_is_written(run: Run, alice: Person) -> None:
    entry = {"profiles": [{"name": "a", "mode": "EcsRamRole", "region": "cn-hangzhou"}]}
    users = [dict(entry, user=name) for name in (alice.name, "no-one", "nor-two")]
    result = run(profiles.main, users=users)
    assert result["failed"] and "'no-one', 'nor-two' not found on this host" in result["msg"]
    assert not alice.config.exists()


def test_number_is_no_user(run: Run, alice: Person) -> None:
    result = run(profiles.main, users=[{"user": str(alice.uid), "profiles": []}])
    assert result["failed"] and f"'{alice.uid}' not found" in result["msg"]


def test_same_file_twice_is_refused(run: Run, alice: Person) -> None:
    result = run(profiles.main, users=[{"user": alice.name, "profiles": []}] * 2)
    assert result["failed"] and "twice" in result["msg"]


def test_error_of_one_user_does_not_stop_the_others(run: Run, alice: Person, bob: Person) -> None:
    alice.put(b"{broken")
    entry = {"profiles": [{"name": "a", "mode": "EcsRamRole", "region": "cn-hangzhou"}]}
    result = run(profiles.main, users=[dict(entry, user=p.name) for p in (alice, bob)])
    assert result["failed"] and result["changed"]
    assert result["msg"].startswith(f"user '{alice.name}': ") and bob.name not in result["msg"]
    assert alice.config.read_bytes() == b"{broken" and names(bob.config) == ["a"]


def test_link_of_a_user_leads_root_nowhere(run: Run, alice: Person, tmp_path: Any) -> None:
    target = tmp_path / "root-only"
    target.write_text("")
    target.chmod(0o600)
    alice.config.parent.mkdir(exist_ok=True)
    alice.own(alice.config.parent, 0o700)
    alice.config.symlink_to(target)
    alice.own(alice.config, 0o600)
    entry = {"name": "a", "mode": "EcsRamRole", "region": "cn-hangzhou"}
    result = run(profiles.main, users=[{"user": alice.name, "profiles": [entry]}])
    assert result["failed"] and target.read_text() == "" and target.stat().st_uid == 0


def test_home_is_that_of_the_user(run: Run, alice: Person) -> None:
    entry = {"name": "a", "mode": "EcsRamRole", "region": "cn-hangzhou"}
    users = [{"user": alice.name, "config_path": "~/other.json", "profiles": [entry]}]
    result = run(profiles.main, users=users)
    assert result["users"][0]["config_path"] == str(alice.home / "other.json")
    (alice.home / "other.json").unlink()


def test_hops_that_profiles_share_are_assumed_once(
    run: Run, world: Emulator, alice: Person, bob: Person
) -> None:
    users = [{"user": person.name, "profiles": chain(world.http_url)} for person in (alice, bob)]
    result = run(profiles.main, users=users, verify=True)
    assert not result.get("failed"), result
    identities = result["users"][0]["identities"]
    assert identities["spoke"]["account_id"] == "1200000000000002"
    assert identities["spoke"]["arn"].endswith(":assumed-role/spoke/test")
    assert identities["spoke"]["expiration"] and not identities["deploy"]["expiration"]
    # Two different hops for each of two users; one question for each of four profiles.
    assert calls(world, "AssumeRole") == 4 and calls(world, "GetCallerIdentity") == 8


def test_unexpected_account_fails_after_all_users(
    run: Run, world: Emulator, alice: Person, bob: Person
) -> None:
    users = [
        {
            "user": alice.name,
            "profiles": chain(world.http_url),
            "expected_account_ids": {"hub": "1"},
        },
        {"user": bob.name, "profiles": chain(world.http_url)},
    ]
    result = run(profiles.main, users=users, verify=True)
    assert result["failed"] and f"user '{alice.name}': profile 'hub': " in result["msg"]
    assert "1100000000000001" in result["msg"] and names(bob.config)[0] == "deploy"
    assert result["users"][1]["identities"]["hub"]["problem"] == ""


def test_info_of_several_users(run: Run, world: Emulator, alice: Person, bob: Person) -> None:
    run(profiles.main, users=[{"user": alice.name, "profiles": chain(world.http_url)}])
    bob.put(b"{broken")
    world.reset()
    users = [{"user": person.name} for person in (alice, bob)]
    result = run(profile_info.main, users=users, verify=True)
    first, second = result["users"]
    assert [profile["name"] for profile in first["profiles"]] == ["deploy", "hub", "spoke", "again"]
    assert first["profiles"][2]["chain"] == ["deploy", "hub", "spoke"]
    assert first["profiles"][2]["arn"].endswith(":assumed-role/spoke/test")
    assert first["profiles"][2]["problems"] == []
    assert second["profiles"] == [] and second["problems"]
    assert calls(world, "AssumeRole") == 2


def test_info_of_a_rejected_profile(run: Run, world: Emulator, alice: Person) -> None:
    wrong = dict(chain(world.http_url)[0], access_key_secret="fake-wrong-secret")
    run(profiles.main, users=[{"user": alice.name, "profiles": [wrong]}])
    result = run(profile_info.main, users=[{"user": alice.name}], verify=True)
    (profile,) = result["users"][0]["profiles"]
    assert "SignatureDoesNotMatch" in profile["problems"][0] and profile["arn"] == ""
    assert "fake-wrong-secret" not in json.dumps(result)


def test_warnings_on_credentials_name_the_user(run: Run, world: Emulator, alice: Person) -> None:
    printed = {"mode": "StsToken", "access_key_id": "i", "access_key_secret": "s", "sts_token": "t"}
    line = json.dumps(dict(printed, expiration="late"))
    command = {"mode": "External", "process_command": f"echo '{line}'", "region": "cn-hangzhou"}
    entry = dict(command, name="a", sts_endpoint=world.http_url)
    users = [{"user": alice.name, "profiles": [entry]}]
    result = run(profiles.main, users=users, verify=True, allow_process=True)
    assert result["failed"] and "warnings" not in result["users"][0]
    begin = f"user '{alice.name}': source of mode External (profile 'a'): "
    assert json.dumps(result["warnings"]).count(begin) == 1
    users = [{"user": alice.name}]
    found = run(profile_info.main, users=users, verify=True, allow_process=True)
    assert found["warnings"] == result["warnings"] and "warnings" not in found["users"][0]


def test_single_user_verifies_too(run: Run, world: Emulator) -> None:
    result = run(profiles.main, profiles=chain(world.http_url), verify=True)
    assert result["identities"]["hub"]["account_id"] == "1100000000000001"
    found = run(profile_info.main, names=["hub"], verify=True)
    assert found["profiles"][0]["arn"].endswith(":assumed-role/hub/test")
    assert os.stat(result["config_path"]).st_uid == 0


def test_nothing_of_sts_is_loaded_without_verify() -> None:
    import subprocess
    import sys

    script = (
        "import sys\n"
        "from ansible_collections.aliyun.cli.plugins.modules import profile_info, profiles\n"
        "from ansible_collections.aliyun.cli.plugins.module_utils._profiles import users\n"
        "print([name for name in sys.modules if name.endswith(('._http', '._sts', '.sts', '.chain', 'requests'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
    )
    assert done.stdout.strip() == "[]"
