# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that templates in variables are filled in, but not by nodes, and that unknown variables are reported."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.aliyun.cli.plugins.plugin_utils import _templating

try:
    from ansible.template import trust_as_template as trusted
except ImportError:
    trusted = str

OMIT = "__omit_place_holder__4711"
VARIABLES = {
    "number": 7,
    "secret": "TOPSECRET",
    "omit": OMIT,
    "steered": "by a node",
    "ansible_steered": "by a node",
    "ansible_facts": {"steered": "by a node"},
}


def filled(template: Any) -> Any:
    result = _templating.fill({"aliyun_cli_x": template}, VARIABLES, DataLoader())
    return result["aliyun_cli_x"]


@pytest.mark.parametrize(
    "template, value",
    [
        (1, 1),
        ("{host}", "{host}"),
        (trusted("a{{ number }}"), "a7"),
        (trusted("{# nothing #}a"), "a"),
        (trusted("{{ ansible_facts.steered }}"), "by a node"),
        (trusted("{{ nothing | default(omit) }}"), None),
        (
            [
                {
                    "a": trusted("{{ nothing | default(omit) }}"),
                    "b": [trusted("b{{ number }}"), OMIT],
                }
            ],
            [{"b": ["b7"]}],
        ),
    ],
)
def test_templates_are_filled_in(template: Any, value: Any) -> None:
    assert filled(template) == value


@pytest.mark.parametrize(
    "template",
    [
        "{{ nothing }}",
        "{{ steered }}",
        "{{ ansible_steered }}",
        "{{ {}[secret] }}",
        "TOPSECRET {{ x y }}",
        "{{ secret | from_json }}",
    ],
)
def test_variable_that_cannot_be_filled_in_is_named(template: str) -> None:
    with pytest.raises(AnsibleLookupError) as caught:
        filled(trusted(template))
    told = str(caught.value)
    assert told.startswith("the template of the variable aliyun_cli_x cannot be filled in (")
    assert "TOPSECRET" not in told and caught.value.__suppress_context__


def test_slips_in_names() -> None:
    variables = {"aliyun_cli_hops": [], "aliyun_cli_hop": [], "hosts": ""}
    variables["aliyun_cli_install_version"] = "3.4.11"
    assert list(
        _templating.find_unknown_variables(variables, "aliyun_cli_", ["aliyun_cli_hops"])
    ) == [
        "the variable aliyun_cli_hop has no effect, since no such option exists: correct its name"
    ]
