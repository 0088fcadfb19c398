# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that roles, playbooks, and the execution environment agree with their documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.plugins.doc_fragments._profile_fields import OPTIONS
from ansible_collections.aliyun.cli.plugins.lookup.assume_role import DEFINITIONS
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import CONTENT
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT
from ansible_collections.aliyun.cli.tests.unit.docs.test_guides import blocks_of, documents_of

ROLES = sorted(ROOT.glob("roles/*"))
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_fleet.rst"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def options(role: Path) -> dict[str, Any]:
    main = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]
    found: dict[str, Any] = main["options"]
    return found


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_defaults_are_those_of_the_argument_specs(role: Path) -> None:
    wanted = {
        name: [] if option.get("required") else option["default"]
        for name, option in options(role).items()
    }
    assert load(role / "defaults" / "main.yml") == wanted


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_readme_has_every_option_with_its_default(role: Path) -> None:
    text = (role / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\|", text, re.MULTILINE))
    given = {name: option.get("default") for name, option in options(role).items()}
    shown = {name: yaml.safe_dump(value).split("\n")[0] for name, value in given.items() if value}
    shown |= {name: "false" for name, value in given.items() if value is False}
    assert rows == {name: shown.get(name, "") for name in given}


@pytest.mark.parametrize("page", [role / "README.md" for role in ROLES], ids=str)
def test_readme_has_an_example(page: Path) -> None:
    ((play,),) = [document for block in blocks_of(page) for document in documents_of(block)]
    assert play["roles"][0]["role"] == f"aliyun.cli.{page.parent.name}"


def test_versions_of_features_are_those_of_the_documentation() -> None:
    features = load(ROOT / "roles" / "profiles" / "vars" / "main.yml")[
        "__aliyun_cli_profiles_features"
    ]
    documented = {}
    for name, option in yaml.safe_load(OPTIONS).items():
        since = re.search(r"CLI knows it since version (\S+)\.$", " ".join(option["description"]))
        if since:
            documented[name] = since[1]
    assert documented == {field.name: field.since for field in _modes.list_options() if field.since}
    assert features == {
        **documented,
        **{mode.name: mode.since for mode in _modes.MODES.values() if mode.since},
    }


@pytest.mark.parametrize(("name", "guide"), [("rotate", "rotation"), ("verify", "fleet")])
def test_the_guide_has_each_variable_that_a_playbook_explains(name: str, guide: str) -> None:
    text = (ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    explained = re.findall(rf"^# (aliyun_cli_{name}_\w+)  ", text, re.MULTILINE)
    page = (ROOT / "docs" / "docsite" / "rst" / f"guide_{guide}.rst").read_text(encoding="utf-8")
    assert explained and explained == re.findall(
        rf"^   \* - ``(aliyun_cli_{name}_\w+)``$", page, re.MULTILINE
    )


def test_the_guide_shows_the_execution_environment_that_is_tested() -> None:
    tested = load(ROOT / "tests" / "ee" / "execution-environment.yml")
    shown = [document for block in blocks_of(GUIDE) for document in documents_of(block)]
    assert tested in shown


def own_variables() -> dict[str, set[str]]:
    """Return the variables that each role and each playbook sets, by the prefix that their names must have."""
    found: dict[str, set[str]] = {}
    for role in ROLES:
        files = [load(path) for path in role.glob("[dv]*/main.yml")]
        names = {name for file in files for name in file} | set(options(role))
        for path in role.glob("tasks/*.yml"):
            names |= set_by_tasks(load(path))
        found[f"aliyun_cli_{role.name}_"] = names
    for playbook in ROOT.glob("playbooks/*.yml"):
        plays = load(playbook)
        names = {name for play in plays for name in play.get("vars", ())}
        names |= set_by_tasks([task for play in plays for task in play.get("tasks", ())])
        for path in ROOT.glob(f"playbooks/tasks/{playbook.stem}_*.yml"):
            names |= set_by_tasks(load(path))
        found[f"aliyun_cli_{playbook.stem}_"] = names
    return found


def set_by_tasks(tasks: list[dict[str, Any]]) -> set[str]:
    """Return the variables that tasks and their blocks register, loop over, or set."""
    found: set[str] = set()
    for task in tasks:
        found |= set(task.get("vars", ())) | set(task.get("ansible.builtin.set_fact", ()))
        found |= {task["register"]} if "register" in task else set()
        loop = task.get("loop_control", {})
        found |= {loop[key] for key in ("loop_var", "index_var") if key in loop}
        for part in ("block", "rescue", "always"):
            found |= set_by_tasks(task.get(part, []))
    return found


def test_variables_are_unique_to_the_collection() -> None:
    shared = {"ansible_python_interpreter", "aliyun_cli_cache"}
    # Variables that a role passes to another role of the collection begin with the name of that one.
    passed = {
        "aliyun_cli_profiles_": {
            "aliyun_cli_install_program",
            "aliyun_cli_install_run_unknown",
            "aliyun_cli_install_found_version",
        }
    }
    for prefix, names in own_variables().items():
        others = {name for name in names if not name.lstrip("_").startswith(prefix)}
        assert others <= shared | passed.get(prefix, set()), prefix


def test_no_option_of_the_lookup_has_the_prefix_of_a_role_or_playbook() -> None:
    prefixes = {prefix.removeprefix("aliyun_cli_") for prefix in own_variables()}
    assert prefixes == set(CONTENT)
    assert not [name for name in DEFINITIONS if name.startswith(CONTENT)]
