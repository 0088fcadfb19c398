# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles, playbooks, and the execution environment: what is said in two places is the same in both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.plugins.doc_fragments._profile_fields import OPTIONS
from ansible_collections.aliyun.cli.plugins.module_utils._modes import (
    MODES,
)
from ansible_collections.aliyun.cli.plugins.module_utils._modes import (
    options as options_of_a_profile,
)
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
    features = load(ROOT / "roles" / "profiles" / "vars" / "main.yml")["__profiles_features"]
    documented = {}
    for name, option in yaml.safe_load(OPTIONS).items():
        since = re.search(r"CLI knows it since version (\S+)\.$", " ".join(option["description"]))
        if since:
            documented[name] = since[1]
    assert documented == {
        field.name: field.since for field in options_of_a_profile() if field.since
    }
    assert features == {
        **documented,
        **{mode.name: mode.since for mode in MODES.values() if mode.since},
    }


def test_modes_without_identity_are_those_of_the_table() -> None:
    without = load(ROOT / "roles" / "profiles" / "vars" / "main.yml")["__profiles_without_identity"]
    assert without == sorted(
        mode.name for mode in MODES.values() if mode.login or not mode.has_credentials
    )


@pytest.mark.parametrize("name", ["rotate", "verify"])
def test_the_guide_has_each_variable_that_a_playbook_explains(name: str) -> None:
    text = (ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    explained = re.findall(rf"^# ({name}_\w+)  ", text, re.MULTILINE)
    guide = GUIDE.read_text(encoding="utf-8")
    assert explained == re.findall(rf"^   \* - ``({name}_\w+)``$", guide, re.MULTILINE)


def test_the_guide_shows_the_execution_environment_that_is_tested() -> None:
    tested = load(ROOT / "tests" / "ee" / "execution-environment.yml")
    shown = [document for block in blocks_of(GUIDE) for document in documents_of(block)]
    assert tested in shown
