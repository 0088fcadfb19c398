# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the examples of each plugin are tasks."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLUGINS = sorted([*ROOT.glob("plugins/modules/[!_]*.py"), *ROOT.glob("plugins/lookup/[!_]*.py")])


def read_examples(path: Path) -> list[dict[str, Any]]:
    """Return the examples of a plugin, without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            examples: list[dict[str, Any]] = yaml.safe_load(ast.literal_eval(node.value))
            return examples
    raise AssertionError(f"{path} has no examples")


def test_plugins_are_found() -> None:
    assert len(PLUGINS) > 5


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_examples_are_tasks_with_a_name_and_a_module(path: Path) -> None:
    tasks = read_examples(path)
    assert tasks
    for task in tasks:
        assert task["name"]
        assert [key for key in task if "." in key] or "hosts" in task or "block" in task, task
