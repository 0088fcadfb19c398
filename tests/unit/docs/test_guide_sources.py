# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the guide to sources with the code, for each mode and each error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    environment as _environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    sts_errors as _sts_errors,
)

GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_sources.rst"
TEXT = GUIDE.read_text(encoding="utf-8")
# Placeholders of the guide for values in a message.
HOP = _chain.make_hop({"ram_role_arn": "acs:ram::1:role/a", "expired_seconds": 7200})
CALLER = "<caller>"


def tables() -> list[dict[str, str]]:
    """Return the tables of the guide, by the first column."""
    found = []
    for table in TEXT.split(".. list-table::\n")[1:]:
        rows = re.findall(r"^   \* - (.+)\n     - (.+(?:\n       .+)*)", table, re.MULTILINE)
        found.append({name: " ".join(text.split()) for name, text in rows[1:]})
    return found


def advice(codes: set[str]) -> dict[str, str]:
    return {code: _sts_errors.advise(code, CALLER, hop=HOP) for code in codes}


def test_every_code_and_what_to_check() -> None:
    wanted = advice(set(_sts_errors.list_codes()) - set(_sts_errors.OWN_CODES))
    assert tables()[0] == {f"``{code}``": text for code, text in wanted.items()}


def test_every_failure_without_an_answer_and_what_to_check() -> None:
    wanted = advice(set(_sts_errors.OWN_CODES))
    assert sorted(tables()[1].values()) == sorted(wanted.values())


def sections() -> dict[str, str]:
    """Return the text below the heading of each mode."""
    parts = re.split(r"^(.+)\n~+\n", TEXT, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_mode_has_a_section() -> None:
    headings = [mode for heading in sections() for mode in heading.split(" and ")]
    assert sorted(headings) == sorted(_modes.MODES)


@pytest.mark.parametrize("mode", [mode for mode in sections() if " and " not in mode])
def test_example_of_a_mode_is_a_source(mode: str) -> None:
    block = re.search(r"code-block:: yaml(?:\+jinja)?\n\n((?: {4}.*\n|\n)+)", sections()[mode])
    assert block
    # A template can be any text.
    ((task,),) = [yaml.safe_load(re.sub(r"\{\{.*?\}\}", "x", block[1]))]
    source = task["aliyun.cli.caller_identity_info"]["source"]
    stored = {"name": "production", "mode": "AK", "access_key_id": "x", "access_key_secret": "x"}
    assert source["mode"] == mode
    assert _chain.from_source(source, [stored])


def test_variables_of_the_default_order_are_named() -> None:
    read = Path(_environment.__file__).read_text(encoding="utf-8")
    named = {name for name in re.findall(r'"(ALI[A-Z0-9_]+)"', read) if not name.endswith("_")}
    for mode in _modes.MODES.values():
        named.update(mode.environ, mode.variables.values())
    assert len(named) > 15
    # What says how STS is reached is no part of this guide, and one variable is for tests only.
    others = re.compile(r".*_(REGION_ID|STS_ENDPOINT|STS_REGION|VPC_ENDPOINT_ENABLED)$|ALIYUN_CLI_")
    for name in named:
        assert others.match(name) or f"``{name}``" in TEXT, name
