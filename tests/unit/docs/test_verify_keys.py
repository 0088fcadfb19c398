# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the age and the last use of access keys in the last play of the playbook verify, with an emulator of RAM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.docs.test_order_of_hosts import last_play

ACCOUNT = "1100000000000001"
WORLD = f"""
accounts:
  "{ACCOUNT}":
    users:
      deploy:
        access_keys:
          - {{id: LTAI5tEXAMPLEdeployOLD, secret: fake-a, created: "2026-01-02T03:04:05Z"}}
      intern:
        access_keys:
          - {{id: LTAI5tEXAMPLEinternOLD, secret: fake-b}}
      lister:
        access_keys:
          - {{id: LTAI5tEXAMPLElisterONE, secret: fake-lister-secret}}
        policies:
          - Version: "1"
            Statement:
              - Effect: Allow
                Action: ["ram:ListAccessKeys", "ram:GetAccessKeyLastUsed"]
                Resource: ["acs:ram:*:{ACCOUNT}:user/deploy", "acs:ram:*:{ACCOUNT}:user/intern"]
"""


@pytest.fixture(name="emulator")
def fixture_emulator(tmp_path: Path) -> Iterator[Emulator]:
    world = tmp_path / "world.yml"
    world.write_text(WORLD, encoding="utf-8")
    with Emulator(world) as emulator:
        yield emulator


def hosts_of(*users: str) -> dict[str, Any]:
    """Return three hosts whose current profile has a key of each of these users."""
    profiles = [
        {
            "name": name,
            "mode": "AK",
            "chain": [name],
            "problems": [],
            "access_key_id": "***OLD",
            "arn": f"acs:ram::{ACCOUNT}:user/{name}",
            "account_id": ACCOUNT,
        }
        for name in users
    ]
    role = {"arn": f"acs:ram::{ACCOUNT}:assumed-role/hub/test", "name": "hub", "chain": ["hub"]}
    profiles.append({**profiles[0], **role, "mode": "RamRoleArn"})
    found = {"profiles": profiles, "current": users[0], "problems": []}
    return {f"host{number}": {"__aliyun_cli_verify_info": found} for number in range(3)}


def report_of(tmp_path: Path, hosts: dict[str, Any], **variables: Any) -> tuple[str, Any]:
    """Return what the play prints, and its report as data."""
    report = tmp_path / "report.json"
    given = {f"aliyun_cli_verify_{name}": value for name, value in variables.items()}
    printed = last_play(
        tmp_path, "verify.yml", hosts, aliyun_cli_verify_report=str(report), **given
    )
    return printed, json.loads(report.read_text(encoding="utf-8"))


def caller(emulator: Emulator) -> dict[str, Any]:
    """Return the options of a caller who may list the keys of deploy and intern."""
    key = {"access_key_id": "LTAI5tEXAMPLElisterONE", "access_key_secret": "fake-lister-secret"}
    source = {"mode": "AK", "sts_endpoint": emulator.http_url, **key}
    return {"source": source, "ram_endpoint": emulator.http_url}


def test_verify_shows_the_age_of_each_key_and_asks_once_per_user(
    tmp_path: Path, emulator: Emulator
) -> None:
    printed, report = report_of(tmp_path, hosts_of("deploy", "intern"), ram=caller(emulator))
    rows = {row["profile"]: row for row in report["profiles"]}
    assert rows["deploy*"]["key_age"] > 90 and rows["deploy*"]["key_used"] == "never"
    (problem,) = rows["deploy*"]["problems"]
    assert problem.startswith("access key is ") and problem.endswith(" (limit 90): rotate it")
    assert rows["intern"]["key_age"] == 0 and rows["intern"]["problems"] == []
    # A key of each of the two users ends like this one.
    assert rows["hub"]["key_age"] == ""
    assert report["notes"] == [] and "key age" in printed
    lists = [call for call in emulator.journal if call["action"] == "ListAccessKeys"]
    assert len(lists) == 2
    assert "LTAI5t" not in printed + json.dumps(report)


def test_verify_finds_the_key_of_a_role_by_its_last_characters(
    tmp_path: Path, emulator: Emulator
) -> None:
    found = report_of(tmp_path, hosts_of("deploy"), ram=caller(emulator), key_days=100000)[1]
    ages = {row["profile"]: row["key_age"] for row in found["profiles"]}
    assert ages["hub"] == ages["deploy*"] > 90
    assert all(row["problems"] == [] for row in found["profiles"])


def test_verify_notes_a_caller_who_may_not_list_keys(tmp_path: Path, emulator: Emulator) -> None:
    hosts = hosts_of("deploy", "lister")
    printed, report = report_of(tmp_path, hosts, ram=caller(emulator))
    (note,) = report["notes"]
    assert "ram:ListAccessKeys" in note and note[:30] in printed
    ages = {row["profile"]: row["key_age"] for row in report["profiles"]}
    assert ages["lister"] == "" and ages["deploy*"] > 90


def test_verify_asks_nothing_without_a_caller(tmp_path: Path, emulator: Emulator) -> None:
    printed, report = report_of(tmp_path, hosts_of("deploy"))
    assert report["notes"] and report["notes"][0] in printed
    assert emulator.journal == [] and "key_age" not in report["profiles"][0]
