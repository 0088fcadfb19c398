# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the sources of options of the lookup outside of the playbook. The guide to passing credentials explains them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.plugins.doc_fragments import (
    _cache,
    _chain,
    _http,
    _lookup_options,
)
from ansible_collections.aliyun.cli.plugins.lookup import assume_role

GUIDE = Path(__file__).parents[4] / "docs" / "docsite" / "rst" / "guide_passing_credentials.rst"
ANYWHERE = {"env", "ini", "vars"}
LATER = {"ini", "vars"}
PLACES: dict[str, set[str]] = {
    "config_path": ANYWHERE,
    "cache": ANYWHERE,
    "cache_url": ANYWHERE,
    "cache_prefix": ANYWHERE,
    "renew": set(),
    "profile": LATER,
    "role_session_name": LATER,
    "expected_account_id": LATER,
    "expected_arn": LATER,
    "min_lifetime": LATER,
    "connect_timeout": LATER,
    "read_timeout": LATER,
    "max_time": LATER,
    "retries": LATER,
    "ca_bundle": LATER,
    "validate_certs": LATER,
    "hops": {"vars"},
    "source": set(),
    "allow_process": set(),
    "format": set(),
}


def documented() -> dict[str, Any]:
    """Return the options of the lookup and of its fragments."""
    options: dict[str, Any] = {}
    for fragment in (_chain, _http, _cache, _lookup_options):
        for name, option in yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)[
            "options"
        ].items():
            options[name] = {**options.get(name, {}), **option}
    for name, option in yaml.safe_load(assume_role.DOCUMENTATION)["options"].items():
        options[name] = {**options.get(name, {}), **option}
    return options


@pytest.mark.parametrize("name", sorted(PLACES))
def test_places(name: str) -> None:
    option = documented()[name]
    assert {place for place in ANYWHERE if place in option} == PLACES[name]
    assert option.get("ini", [{"section": "aliyun_cli", "key": name}]) == [
        {"section": "aliyun_cli", "key": name}
    ]
    assert option.get("vars", [{"name": f"aliyun_cli_{name}"}]) == [{"name": f"aliyun_cli_{name}"}]


def test_the_guide_names_every_option() -> None:
    assert set(documented()) - {"_terms"} == set(PLACES)
    guide = GUIDE.read_text(encoding="utf-8")
    table = guide[guide.index("Why not from elsewhere") :]
    assert [name for name in PLACES if f"``{name}``" not in table] == []
