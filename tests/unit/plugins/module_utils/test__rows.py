# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the methods of a row: the type of a value, and its conversion."""

from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes

BY_NAME = {field.name: field for field in _modes.FIELDS}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("expired_seconds", "900", 900),
        ("expired_seconds", "", 0),
        ("expired_seconds", 900.0, 900),
        ("expired_seconds", "900.0", 900),
        ("expired_seconds", "-1.", -1),
        ("expired_seconds", "900.01", None),
        ("expired_seconds", 1e300, None),
        ("expired_seconds", 900.5, None),
        ("expired_seconds", "soon", None),
        ("expired_seconds", "٩٠٠", None),
        ("expired_seconds", True, None),
        ("expired_seconds", [900], None),
        ("auto_plugin_install", "True", True),
        ("auto_plugin_install", "", False),
        ("auto_plugin_install", "on", None),
        ("auto_plugin_install", 1, True),
        ("auto_plugin_install", "0", False),
        ("auto_plugin_install", 2, None),
        ("cloud_sso_account_id", 12345, "12345"),
        ("region", True, None),
        ("region", {}, None),
    ],
)
def test_converted(name: str, value: Any, expected: Any) -> None:
    assert not BY_NAME[name].has_type(value)
    result = BY_NAME[name].convert(value)
    assert result == expected and type(result) is type(expected)
