# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that playbooks list hosts in the order of the inventory, so that outputs can be compared.

The last play of each is run as it is, with hosts that are never asked anything.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT, ansible

PLAYBOOKS = ROOT / "playbooks"
# Of eight in any other order, one in 40320 comes out like this.
SEEN = ["delta", "alpha", "hotel", "bravo", "golf", "charlie", "foxtrot", "echo"]
UNSEEN = [f"un{name}" for name in SEEN]


def last_play(tmp_path: Path, name: str, hosts: dict[str, Any], **variables: Any) -> str:
    """Return the output of the last play of a playbook, for hosts with their variables."""
    plays = yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))
    playbook = tmp_path / name
    playbook.write_text(yaml.safe_dump(plays[-1:], sort_keys=False), encoding="utf-8")
    (tmp_path / "templates").symlink_to(PLAYBOOKS / "templates")
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False))
    return ansible(
        "playbook",
        "--inventory",
        str(inventory),
        "--extra-vars",
        json.dumps(variables),
        str(playbook),
    ).stdout


def test_rows_of_verify_and_hosts_without_an_answer(tmp_path: Path) -> None:
    found = {"profiles": [], "current": "", "problems": []}
    hosts: dict[str, Any] = {name: {"__aliyun_cli_verify_info": found} for name in SEEN}
    printed = last_play(tmp_path, "verify.yml", hosts | dict.fromkeys(UNSEEN))
    assert re.findall(r'"(\w+) +- +- ', printed) == SEEN
    assert f"has nothing of {', '.join(UNSEEN)}." in printed


def test_report_of_rotate_names_hosts_in_order(tmp_path: Path) -> None:
    hosts = {
        name: {"__aliyun_cli_rotate_verified": {"users": [], "failed": False}} for name in SEEN
    }
    printed = last_play(
        tmp_path,
        "rotate.yml",
        hosts | dict.fromkeys(UNSEEN),
        __aliyun_cli_rotate_names=SEEN + UNSEEN,
        __aliyun_cli_rotate_new_id="LTAI5tEXAMPLE",
        __aliyun_cli_rotate_problem="",
        __aliyun_cli_rotate_state={},
        aliyun_cli_rotate_old_access_key_id="LTAI5tOLD",
    )
    assert f"Hosts with the new key (8 of 16): {', '.join(SEEN)}." in printed
    assert f"Hosts that are missing: {', '.join(UNSEEN)}." in printed
