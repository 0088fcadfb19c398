# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CONTRIBUTING names what there is, and its way to a new field leads there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODES = Path("plugins") / "module_utils" / "_modes.py"
FIELDS = Path("plugins") / "doc_fragments" / "_profile_fields.py"
TRY_THE_FIELD = """
import json, sys
from ansible.module_utils import basic
from ansible_collections.aliyun.cli.plugins.modules import profile
arguments = {"name": "a", "mode": "Anonymous", "region": "b", "colour": "red", "config_path": sys.argv[1]}
arguments["_ansible_diff"] = True
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
basic._ANSIBLE_PROFILE = "legacy"
profile.main()
"""


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\.github|\w+)/[\w./]+)`", TEXT))))
def test_files_that_are_named_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"`make (\w+)", TEXT))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named <= set(re.findall(r"^(\w+):.*## ", makefile, re.MULTILINE))


def insert(path: Path, before: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(before) == 1
    path.write_text(content.replace(before, text + before), encoding="utf-8")


def test_a_new_field_takes_one_row_and_one_entry(tmp_path: Path) -> None:
    tree = tmp_path / "ansible_collections" / "aliyun" / "cli"
    for folder in ("plugins", "tests/unit/plugins/doc_fragments"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    insert(
        tree / MODES, '    Field("endpoint_type", ', '    Field("colour", "colour", secret=True),\n'
    )
    insert(
        tree / FIELDS,
        "endpoint_type:\n",
        "colour:\n  description:\n    - The colour. For all modes.\n  type: str\n",
    )
    environment = dict(os.environ, PYTHONPATH=str(tmp_path))
    config = tmp_path / "config.json"
    for command in (
        ["-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", "tests"],
        ["-c", TRY_THE_FIELD, str(config)],
    ):
        done = subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            check=False,
            cwd=tree,
            env=environment,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(config.read_text(encoding="utf-8"))["profiles"][0]["colour"] == "red"
    result = json.loads(done.stdout)
    assert result["changed"] and "red" not in json.dumps([result["profile"], result["diff"]])
