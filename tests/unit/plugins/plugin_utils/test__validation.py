# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the lookup and the module accept the same options, and fail with the same message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.aliyun.cli.plugins.lookup import assume_role as lookup
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate
from ansible_collections.aliyun.cli.tests.unit.plugins.modules.conftest import Run

KEYS = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "hidden-secret"}
SOURCE = {**KEYS, "mode": "AK"}
HOP = {"ram_role_arn": "acs:ram::1000000000000001:role/hub"}
NAME = "aliyun.cli.assume_role"


@pytest.fixture(name="sentences")
def fixture_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> Callable[..., list[str]]:
    """Return a function that gets the messages of the module and the lookup for options, or the credentials."""
    monkeypatch.setenv("HOME", str(tmp_path))
    run = Run(monkeypatch, capsys)

    def sentences(**options: Any) -> list[str]:
        result = run(module.main, **options)
        said = [result["msg"] if result.get("failed") else json.dumps(result["credentials"])]
        plugin = lookup.LookupModule()
        plugin._load_name = lookup.__name__
        try:
            said.append(json.dumps(plugin.run([], variables={}, **options)[0]))
        except AnsibleLookupError as error:
            said.append(str(error))
        return said

    return sentences


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"source": "mode=AK access_key_id=LTAI5tEXAMPLE access_key_secret=hidden-secret"},
        {"source": json.dumps(SOURCE), "retries": "3", "max_time": "1.5", "validate_certs": "no"},
        {"source": {**SOURCE, "auto_plugin_install": "yes", "read_timeout": "5"}},
        {"source": {**SOURCE, "region": 5}},
        {"source": {**SOURCE, "region": ""}},
        {"source": {**SOURCE, "mode": "ak"}},
        {"source": {**SOURCE, "mode": None}},
        {"source": []},
        {"source": {}},
        {"hops": "x"},
        {"hops": {}},
        {"hops": []},
        {"hops": [HOP, {"external_id": "x"}]},
        {"hops": [{**HOP, "policy": {}}]},
        {"hops": [{**HOP, "policy": []}]},
        {"hops": [{**HOP, "expired_seconds": "x"}]},
        {"hops": [{**HOP, "expired_seconds": 0}]},
        {"hops": [{**HOP, "external_id": ""}]},
        {"hops": [{**HOP, "source_identity": 7}]},
        {"retries": "x"},
        {"retries": []},
        {"max_time": -1},
        {"validate_certs": ""},
        {"format": "xml"},
        {"format": False},
        {"expected_account_id": ""},
        {"expected_account_id": 0},
        {"expected_account_id": "me"},
        {"allow_process": {}},
        {"profile": ""},
        {"profile": "a"},
        {"ca_bundle": ""},
    ],
    ids=str,
)
def test_module_and_lookup_say_the_same(
    sentences: Callable[..., list[str]], options: dict[str, Any]
) -> None:
    first, second = (
        # Core shows of which of its classes a value is.
        re.sub(r"<class '[a-z_.]*?(_AnsibleTagged)?([A-Za-z]+)'>", lambda m: m[2].lower(), said)
        for said in sentences(**{"source": SOURCE, **options})
    )
    assert first == second
    assert "hidden" not in first or "access_key_secret" in first


def test_unknown_options_are_named_as_for_the_module() -> None:
    with pytest.raises(ProfileError, match=r"^Unsupported parameters for \(.*\) module: no_opt"):
        validate({"no_option": 1}, module.make_argument_spec(), name=NAME)


def test_types_and_defaults() -> None:
    options = {"retries": "3", "profile": 5, "cache": None, "source": None}
    checked = validate(options, module.make_argument_spec(), name=NAME)
    found = [checked[name] for name in ("retries", "profile", "cache", "source", "max_time")]
    assert found == [3, "5", True, None, 60]


@pytest.mark.parametrize("place", ["mode", "language"])
def test_secret_in_the_wrong_place_is_not_shown(place: str) -> None:
    source = {**SOURCE, place: KEYS["access_key_secret"]}
    with pytest.raises(ProfileError, match="must be one of") as caught:
        validate({"source": source}, module.make_argument_spec(), name=NAME)
    assert "hidden" not in str(caught.value)
