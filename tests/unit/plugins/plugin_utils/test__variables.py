# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates in variables are filled in, and variables that are no options are told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleLookupError, AnsibleUndefinedVariable
from ansible_collections.aliyun.cli.plugins.plugin_utils import _variables


class Templar:
    """Fills in what Ansible would, as far as it is known here."""

    def template(self, value: Any) -> Any:
        if value == "{{ nothing }}":
            raise AnsibleUndefinedVariable("'nothing' is undefined")
        return [7] if value == "{{ numbers }}" else value


def test_templates_are_filled_in() -> None:
    variables = {"aliyun_cli_hops": "{{ numbers }}", "aliyun_cli_retries": 1}
    assert _variables.filled(variables, Templar()) == {
        "aliyun_cli_hops": [7],
        "aliyun_cli_retries": 1,
    }


def test_variable_that_cannot_be_filled_in_is_named() -> None:
    with pytest.raises(
        AnsibleLookupError, match="^aliyun_cli_profile: .*'nothing' is undefined"
    ) as caught:
        _variables.filled({"aliyun_cli_profile": "{{ nothing }}"}, Templar())
    assert caught.value.__suppress_context__


def test_slips_in_names() -> None:
    variables = {"aliyun_cli_hops": [], "aliyun_cli_hop": [], "hosts": ""}
    assert list(_variables.slips(variables, "aliyun_cli_", ["aliyun_cli_hops"])) == [
        "the variable aliyun_cli_hop is no option"
    ]
