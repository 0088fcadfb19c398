# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the documentation of the options of a profile with the table."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.plugins.doc_fragments._config_file import (
    ModuleDocFragment as FileFragment,
)
from ansible_collections.aliyun.cli.plugins.doc_fragments._profile_fields import ModuleDocFragment
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rows
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply

ALL = frozenset(_modes.MODES)
OPTIONS = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
SUBOPTIONS = yaml.safe_load(ModuleDocFragment.LIST)["options"]["profiles"]["suboptions"]


def test_a_listed_profile_has_a_name() -> None:
    assert SUBOPTIONS["name"]["required"] is True


@pytest.mark.parametrize(
    "options", [OPTIONS, {name: option for name, option in SUBOPTIONS.items() if name != "name"}]
)
def test_documentation_is_that_of_the_table(options: dict[str, Any]) -> None:
    spec = _modes.make_argument_spec()
    assert list(options) == list(spec)
    for name, option in spec.items():
        assert options[name]["type"] == option["type"], name
        assert list(options[name].get("choices", [])) == option.get("choices", []), name


@pytest.mark.parametrize("field", list(_modes.list_options()), ids=lambda field: str(field.name))
def test_documentation_names_the_modes(field: _rows.Field) -> None:
    text = " ".join(OPTIONS[field.name]["description"])
    named = {mode for mode in re.findall(r"V\((\w+)\)", text) if mode in ALL}
    required = {
        mode
        for sentence in re.findall(r"Required by the modes? ([^.]*?)(?:, and used by|\.)", text)
        for mode in re.findall(r"V\((\w+)\)", sentence)
    }
    if field.modes == ALL:
        assert re.search(r"(For|Required by) all\s+modes", text)
        assert named == set()
    else:
        assert named == field.modes
        assert required == field.required


def test_documentation_of_the_file() -> None:
    options = yaml.safe_load(FileFragment.DOCUMENTATION)["options"]
    spec = _apply.make_file_argument_spec()
    assert sorted(options) == sorted(spec)
    for name, option in spec.items():
        assert options[name]["type"] == option["type"], name
        assert options[name].get("default") == option.get("default"), name
        assert list(options[name].get("choices", [])) == option.get("choices", []), name
