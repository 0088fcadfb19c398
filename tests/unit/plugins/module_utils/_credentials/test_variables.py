# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare each row of the table of environment variables with the source code of the tools that read the variable."""

import json
import os
import re
from typing import Any, Dict, Set

from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    environment as _environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import variables as _variables
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.variables import (
    LEFT,
    REMOVED,
    VARIABLES,
)
from ansible_collections.aliyun.cli.plugins.module_utils._modes import MODES

RESULT = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "hidden-secret",
    "security_token": "hidden-token",
    "expiration": "2026-01-02T03:04:05Z",
    "assumed_role_arn": "acs:ram::1000000000000002:role/spoke/me",
    "account_id": "1000000000000002",
    "profile": "production",
    "region": "cn-hangzhou",
}


def read_by_tool() -> Dict[str, Set[str]]:
    """Return the variables that the sources of each tool name."""
    path = os.path.join(os.path.dirname(__file__), "variable_sources.json")
    with open(path, encoding="utf-8") as file:
        sources = json.load(file)
    found = {}  # type: Dict[str, Set[str]]
    for source in sources:
        assert source["source"].startswith("https://")
        found.setdefault(source["tool"], set()).update(source["names"])
    return found


def strings_of(value: Any) -> Set[str]:
    if isinstance(value, dict):
        return strings_of(list(value) + list(value.values()))
    if isinstance(value, (list, tuple)):
        return {text for item in value for text in strings_of(item)}
    return {value} if isinstance(value, str) else set()


def read_here() -> Set[str]:
    """Return the variables that this collection reads."""
    names = strings_of([value for value in vars(_environment).values() if value])
    names |= strings_of(MODES)
    return {name for name in names if re.match(r"ALI[A-Z0-9_]+[A-Z0-9]\Z", name)}


def test_variables_have_one_row_each() -> None:
    names = [row.name for row in VARIABLES]
    assert len(names) == len(set(names))
    assert {row.use for row in VARIABLES} - {REMOVED, LEFT} <= set(RESULT)


def test_variables_are_those_that_the_sources_of_each_tool_name() -> None:
    rows = {tool: {row.name for row in VARIABLES if tool in row.tools} for tool in _variables.TOOLS}
    assert rows == dict(read_by_tool(), self=read_here())


def test_variables_without_a_prefix_are_removed_only_if_the_cli_reads_a_key_there() -> None:
    prefixes = ("ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "ALIYUN_", "OSS_", "OSSUTIL_")
    bare = {name for name in _variables.list_not_inherited() if not name.startswith(prefixes)}
    assert bare == {"ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"}


def test_environment_holds_what_is_set() -> None:
    variables = _variables.as_environment(RESULT)
    assert variables["OSS_SESSION_TOKEN"] == variables["ALIYUN_LOG_CLI_STS_TOKEN"] == "hidden-token"
    assert variables["ALICLOUD_ACCESS_KEY"] == "STS.NUEXAMPLE"
    assert variables["ALICLOUD_ACCOUNT_ID"] == "1000000000000002"
    assert set(variables) <= set(_variables.list_not_inherited())


def test_environment_of_a_long_lived_key_has_no_token() -> None:
    result = dict(dict.fromkeys(RESULT, ""), access_key_id="LTAI5tEXAMPLE", access_key_secret="h")
    variables = _variables.as_environment(result)
    assert set(variables.values()) == {"LTAI5tEXAMPLE", "h"}
    assert not any("TOKEN" in name for name in variables)
