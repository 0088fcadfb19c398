# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the package resolves profiles written by the module ``profile``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.conformance.world import (
    EXTERNAL_ID,
    HUB,
    KEY_ID,
    SECRET,
    SPOKE,
    TARGET,
    session_arn,
)
from ansible_collections.aliyun.cli.tests.emulator import Emulator

MODULE = "ansible_collections.aliyun.cli.plugins.modules.profile"
CallerArn = Callable[[Any], str]
Resolve = Callable[..., Any]


@pytest.fixture
def profile(config_file: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that runs the module as Ansible does, in a new process."""

    def run(**options: Any) -> dict[str, Any]:
        arguments = tmp_path / "arguments.json"
        values = {**options, "config_path": str(config_file)}
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": values}), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", MODULE, str(arguments)],
            capture_output=True,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path)},
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run


def chain_of(*hops: tuple[str, str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "mode": "ChainableRamRoleArn",
            "source_profile": source,
            "ram_role_arn": role_arn,
            "role_session_name": "ours",
            **more,
        }
        for name, source, role_arn, more in hops
    ]


def test_chain(
    emulator: Emulator,
    profile: Callable[..., dict[str, Any]],
    resolve: Resolve,
    caller_arn: CallerArn,
) -> None:
    base = {"name": "base", "mode": "AK", "access_key_id": KEY_ID, "access_key_secret": SECRET}
    hops = chain_of(
        ("hub", "base", HUB, {"expired_seconds": 900, "sts_region": "cn-hangzhou"}),
        ("spoke", "hub", SPOKE, {"external_id": EXTERNAL_ID}),
        ("target", "spoke", TARGET, {"state": "active"}),
    )
    for options in (base, *hops):
        assert profile(region="cn-hangzhou", **options)["changed"]
    assert caller_arn(resolve("spoke")) == session_arn(SPOKE, "ours")
    assert emulator.journal[0]["duration_seconds"] == "900"
    assert emulator.journal[0]["host"] == "sts.cn-hangzhou.aliyuncs.com"
    assert caller_arn(resolve()) == session_arn(TARGET, "ours")


def test_ram_role_arn(
    profile: Callable[..., dict[str, Any]], resolve: Resolve, caller_arn: CallerArn
) -> None:
    options = {
        "name": "hub",
        "mode": "RamRoleArn",
        "access_key_id": KEY_ID,
        "access_key_secret": SECRET,
        "ram_role_arn": HUB,
        "role_session_name": "ours",
        "region": "cn-hangzhou",
    }
    assert profile(**options)["current"] == "hub"
    assert not profile(**options)["changed"]
    assert caller_arn(resolve()) == session_arn(HUB, "ours")
