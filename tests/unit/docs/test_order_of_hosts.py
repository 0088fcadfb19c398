# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks speak of hosts in the order of the inventory, so that what they write can be compared.

The last play of each is run as it is, with hosts that are never asked anything.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT, ansible

PLAYBOOKS = ROOT / "playbooks"
# Of eight in any other order, one in 40320 comes out like this.
SEEN = ["delta", "alpha", "hotel", "bravo", "golf", "charlie", "foxtrot", "echo"]
UNSEEN = [f"un{name}" for name in SEEN]


def last_play(tmp_path: Path, name: str, hosts: dict[str, Any], profiles: str = "deploy") -> str:
    """What the last play of a playbook prints for hosts with their variables."""
    plays = yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))
    playbook = tmp_path / name
    playbook.write_text(yaml.safe_dump(plays[-1:], sort_keys=False), encoding="utf-8")
    (tmp_path / "templates").symlink_to(PLAYBOOKS / "templates")
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False))
    variables = f"{{aliyun_cli_rotate_profiles: [{profiles}], aliyun_cli_rotate_access_key_id: LTAI5tEXAMPLE}}"
    return ansible(
        "playbook", "--inventory", str(inventory), "--extra-vars", variables, str(playbook)
    ).stdout


def test_rows_of_verify_and_hosts_without_an_answer(tmp_path: Path) -> None:
    row = {"user": "", "profile": "", "chain": [], "account": "", "expiration": "", "problems": []}
    hosts: dict[str, Any] = {
        name: {"aliyun_cli_verify_found": [{"rows": [{**row, "host": name}], "diagram": ""}]}
        for name in SEEN
    }
    printed = last_play(tmp_path, "verify.yml", hosts | dict.fromkeys(UNSEEN))
    assert re.findall(r'"(\w+) +- +- ', printed) == SEEN
    assert f"has nothing of {', '.join(UNSEEN)}." in printed


def test_hosts_on_which_the_old_key_may_be_in_use(tmp_path: Path) -> None:
    printed = last_play(tmp_path, "rotate.yml", dict.fromkeys(SEEN))
    assert f"It may still be in use on: {', '.join(SEEN)}." in printed


def test_names_that_differ_in_case_are_different(tmp_path: Path) -> None:
    printed = last_play(tmp_path, "rotate.yml", {"alpha": None}, "Prod, prod")
    assert set(re.findall(r"There is no profile (\w+) anywhere", printed)) == {"Prod", "prod"}
