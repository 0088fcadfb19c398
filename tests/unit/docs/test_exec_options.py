# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the options of the module exec with those of ansible.builtin.command."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.modules import command
from ansible_collections.aliyun.cli.plugins.modules import exec as module

OPTIONS: dict[str, Any] = yaml.safe_load(command.DOCUMENTATION)["options"]
MISSING = {
    "cmd": "C(cmd)",
    "free_form": "free form",
    "expand_argument_vars": "expand_argument_vars",
}


@pytest.mark.parametrize("name", sorted(set(OPTIONS) - set(MISSING)))
def test_exec_has_the_option_of_command(name: str) -> None:
    ours = module.make_argument_spec()[name]
    theirs = OPTIONS[name]
    assert (ours["type"], ours.get("default")) == (theirs["type"], theirs.get("default"))


def test_exec_names_the_options_of_command_that_it_does_not_have() -> None:
    assert not set(MISSING) & set(module.make_argument_spec())
    (note,) = [
        note
        for note in yaml.safe_load(module.DOCUMENTATION)["notes"]
        if note.startswith("Of the options of M(ansible.builtin.command)")
    ]
    assert all(text in note for text in MISSING.values())
