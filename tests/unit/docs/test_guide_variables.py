# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the tables of environment variables in the guide with the code."""

from __future__ import annotations

import textwrap

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.variables import (
    LEFT,
    REMOVED,
    TOOLS,
    VARIABLES,
)
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_passing_credentials.rst"
# What is no tool of somebody else.
OTHERS = [tool for tool in TOOLS if tool != "self"]


def wrapped(names: list[str], indent: str) -> str:
    """Return names as literals, in lines of the guide."""
    text = ", ".join(f"``{name}``" for name in names)
    return textwrap.fill(
        text, 120, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )


def row_of_tool(tool: str) -> str:
    """Return the rows of the list table for a tool: its title, its variables, and whether it renews credentials."""
    names = [row.name for row in VARIABLES if tool in row.tools and row.use not in (REMOVED, LEFT)]
    title, renews = TOOLS[tool]
    return f"   * - {title}\n     - {wrapped(names, ' ' * 7).strip()}\n     - {renews}\n"


def names_of(use: str) -> str:
    return wrapped([row.name for row in VARIABLES if row.use == use and row.tools != ("self",)], "")


@pytest.mark.parametrize("tool", OTHERS)
def test_guide_names_the_variables_that_a_tool_gets(tool: str) -> None:
    assert row_of_tool(tool) in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize("use", [REMOVED, LEFT])
def test_guide_names_the_variables_that_are_not_set(use: str) -> None:
    assert names_of(use) in GUIDE.read_text(encoding="utf-8")
