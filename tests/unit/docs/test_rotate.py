# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test files of tasks of the playbook rotate, without RAM."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT, ansible

TASKS = ROOT / "playbooks" / "tasks"


def run(tmp_path: Path, task: dict[str, Any], more: str = "", **variables: Any) -> str:
    """Return the output of a play of one task. ``more`` are lines of a YAML file of variables."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, **variables},
        "tasks": [task],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (tmp_path / "vars.yml").write_text(more or "{}", encoding="utf-8")
    given = ("--extra-vars", f"@{tmp_path}/vars.yml", str(tmp_path / "play.yml"))
    return ansible("playbook", "--inventory", "localhost,", *given).stdout


def test_state_is_in_the_home_of_the_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    output = run(
        tmp_path,
        {"ansible.builtin.include_tasks": str(TASKS / "rotate_write.yml")},
        __aliyun_cli_rotate_path="~/keys/deploy",
        __aliyun_cli_rotate_state={"old": "LTAIold"},
        __aliyun_cli_rotate_more={"new": "LTAInew"},
    )
    path = tmp_path / "home" / "keys" / "deploy.json"
    assert path.exists(), output
    assert json.loads(path.read_text()) == {"old": "LTAIold", "new": "LTAInew"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("new_id", "sentence"),
    [
        ("", "No host was changed, since the new key is not known"),
        ("LTAInew", "These hosts may still have the new key: one"),
    ],
)
def test_rollback_of_a_missing_host(tmp_path: Path, new_id: str, sentence: str) -> None:
    output = run(
        tmp_path,
        {"ansible.builtin.include_tasks": str(TASKS / "rotate_rolled_back.yml")},
        __aliyun_cli_rotate_path=str(tmp_path / "deploy"),
        __aliyun_cli_rotate_left=["one"],
        __aliyun_cli_rotate_new_id=new_id,
    )
    assert sentence in output


def test_time_without_quotes_is_a_guard(tmp_path: Path) -> None:
    (block,) = yaml.safe_load((TASKS / "rotate_disable.yml").read_text(encoding="utf-8"))
    since = block["block"][0]["aliyun.cli.access_key"]["unused_since"]
    output = run(
        tmp_path,
        {"ansible.builtin.debug": {"msg": f"<{since}>"}},
        "aliyun_cli_rotate_unused_since: 2026-01-02T03:04:05Z",
        __aliyun_cli_rotate_state={"switched": "2026-01-01T00:00:00Z"},
    )
    assert "<2026-01-02T03:04:05+00:00>" in output
