# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the task assume_role on the controller shares its credentials, also with the lookup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from ansible_collections.aliyun.cli.plugins.action import assume_role
from ansible_collections.aliyun.cli.plugins.lookup import assume_role as lookup
from ansible_collections.aliyun.cli.tests.emulator import Emulator

WORLD = Path(assume_role.__file__).parents[2] / "tests" / "emulator" / "worlds" / "demo.yml"
KEYS = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
PROFILE = {
    "name": "deploy",
    "mode": "AK",
    "region_id": "cn-hangzhou",
    **KEYS,
}


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    with Emulator(WORLD) as emulator:
        yield emulator


@pytest.fixture(name="arguments")
def fixture_arguments(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    emulator.reset()
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"current": "deploy", "profiles": [PROFILE]}))
    role = "acs:ram::1100000000000001:role/hub"
    hop = {"ram_role_arn": role, "sts_endpoint": emulator.http_url}
    return {"profile": "deploy", "config_path": str(config), "hops": [hop]}


def assume(arguments: dict[str, Any], **more: Any) -> Any:
    given = {**arguments, "run_on": "controller", **more}
    return assume_role.run_on_controller(given, {"inventory_hostname": "web-1"})


def calls(emulator: Emulator) -> int:
    return sum(call["action"] == "AssumeRole" for call in emulator.journal)


def test_task_and_lookup_share(emulator: Emulator, arguments: dict[str, Any]) -> None:
    first = assume(arguments)
    assert first["changed"] is False
    assert assume(arguments) == first
    plugin = lookup.LookupModule()
    plugin._load_name = lookup.__name__
    (found,) = plugin.run([], variables={}, **arguments)
    assert found["access_key_id"] == first["credentials"]["access_key_id"]
    assert calls(emulator) == 1


def test_cache_can_be_turned_off(emulator: Emulator, arguments: dict[str, Any]) -> None:
    assert assume(arguments, cache=False) != assume(arguments, cache=False)
    assert calls(emulator) == 2


def test_folder_that_is_not_safe_is_a_failure(
    arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runtime" / "ansible-aliyun.cli").symlink_to(tmp_path)
    monkeypatch.setattr(constants, "ANSIBLE_HOME", "/nothing")
    failed = assume(arguments)
    assert failed["failed"] and "must be a directory with mode 0700" in failed["msg"]


def test_what_the_task_leaves_open_is_as_for_the_lookup(
    emulator: Emulator, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**arguments, "run_on": "controller"}
    guard = {"aliyun_cli_expected_account_id": "999"}
    refused = assume_role.run_on_controller(given, guard)
    assert refused["failed"] and "not to the expected account 999" in refused["msg"]
    own = assume_role.run_on_controller({**given, "expected_account_id": "1100000000000001"}, guard)
    assert own["credentials"]["account_id"] == "1100000000000001"
    variables = {"aliyun_cli_role_session_name": "alice", "aliyun_cli_cache": False}
    named = [assume_role.run_on_controller(given, variables)["credentials"] for _use in range(2)]
    assert named[0] != named[1] and named[0]["assumed_role_arn"].endswith(":role/hub/alice")
    emulator.reset()
    monkeypatch.setenv("ALIYUN_CLI_CACHE", "false")
    assert assume(arguments) != assume(arguments)
    assert calls(emulator) == 2
    facts = {"ansible_facts": {"aliyun_cli_config_path": "jsonfile"}}
    assert "is a fact" in assume_role.run_on_controller(given, facts)["msg"]


@pytest.mark.parametrize(
    "more, sentence",
    [
        ({"min_lifetime": 7200}, "less than min_lifetime (7200)"),
        ({"profile": "nobody"}, "the profile 'nobody' does not exist"),
        ({"source": {"mode": "AK", **KEYS}}, "profile and source cannot be combined"),
        (
            {"no_option": 1},
            "Unsupported parameters for (aliyun.cli.assume_role) module: no_option.",
        ),
        ({"source": {"lang": "en", **KEYS}}, "bearer_token_header_key"),
        ({"source": [[KEYS["access_key_secret"]]]}, "a dict, not 'list'"),
        ({"source": {"mode": KEYS["access_key_secret"], **KEYS}}, "must be one of"),
    ],
)
def test_failures_show_no_secret(arguments: Any, more: Any, sentence: str) -> None:
    result = assume(arguments, **more)
    assert result["failed"] and sentence in result["msg"]
    assert KEYS["access_key_secret"] not in json.dumps(result)
