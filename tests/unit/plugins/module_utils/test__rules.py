# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the documented formats of values, as the fields of the table use them."""

from typing import Any, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

BY_NAME = {field.name: field for field in _modes.FIELDS}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "ram_role_arn",
            ["acs:ram::1000000000000001:role/Alice", "acs:ram::1:role/a.b-c_d"],
            ["acs:ram:::role/a", "acs:ram::1:role/", "acs:ram::1:user/a", "acs:ram::1:role/a+b"]
            + ["acs:ram::1:role/" + "a" * 65, "arn:aws:iam::1:role/a", "acs:ram::1:role/a\n"],
        ),
        (
            "role_session_name",
            ["ab", "a.b@c-d_e", "a" * 64],
            ["a", "a" * 65, "a b", "a/b", "ä" * 3, "ab\n"],
        ),
        ("external_id", ["ab", "A1_+=,.@:/-", "a" * 1224], ["a", "a" * 1225, "a b", "ab?"]),
        ("expired_seconds", [900, 3600, 43200], [1, 899, 43201, -1, True]),
        (
            "region",
            ["cn-hangzhou", "us-east-1"],
            ["cn_hangzhou", "cn hangzhou", "cn.hangzhou", "cn/../x"],
        ),
        ("sts_region", ["cn-hangzhou"], ["evil.example/"]),
        (
            "bearer_token_header_key",
            ["Authorization", "X-Token"],
            ["a b", "a\tb", "a:b", "a\n", "a\x00", "ä", ""],
        ),
        ("bearer_token", ["abc.def-1"], ["a\nb", "a\rb", "a\r\n", ""]),
        (
            "sts_endpoint",
            ["sts.aliyuncs.com", "sts.aliyuncs.com:8443", "https://sts.aliyuncs.com/"]
            + ["a", "a--b.c.", "a:1", "a:60000", "a:64999", "a:65499", "a:65529", "a:65535"]
            + ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1"],
            [
                "http://sts.aliyuncs.com",
                "http://127.0.0.1.evil.example",
                "sts.aliyuncs.com/path",
                "a@b",
                "-",
                "...",
                "a..b",
                ".a",
                "a-.b",
                "a:0",
                "a:080",
                "a:65536",
                "a:99999",
                "http://127.0.0.1:99999",
            ]
            + ["http://localhost.evil.example", "ftp://sts.aliyuncs.com", "sts aliyuncs"],
        ),
        ("access_key_secret", ["s", "a/+="], ["a b", "a\n"]),
        ("oidc_provider_arn", ["acs:ram::1:oidc-provider/x"], ["acs:ram::1:role/x"]),
        (
            "credentials_uri",
            ["http://127.0.0.1/x", "https://example.com"],
            ["file:///etc/passwd", "example.com"],
        ),
        (
            "cloud_sso_sign_in_url",
            ["https://signin.example/login"],
            ["http://signin.example/login"],
        ),
        ("read_timeout", [1, 86400, 2147483647], [-1, 2147483648, True]),
    ],
)
def test_forms(name: str, good: List[Any], bad: List[Any]) -> None:
    rule = BY_NAME[name].rule
    assert rule is not None
    assert [value for value in good if not rule.accepts(value)] == []
    assert [value for value in bad if rule.accepts(value)] == []


@pytest.mark.parametrize(
    "field",
    [pytest.param(field, id=field.name) for field in _modes.list_options() if field.type == "int"],
)
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_number_with_which_the_cli_stops_is_refused(field: Any, number: int) -> None:
    for mode in field.modes:
        with pytest.raises(ProfileError, match=field.name + " must be "):
            _rules.check_value(field.name, field.get_rule(mode), number)


def test_a_value_of_wrong_form_is_not_printed() -> None:
    with pytest.raises(ProfileError) as caught:
        _rules.check_value("access_key_secret", BY_NAME["access_key_secret"].rule, "do not show")
    assert str(caught.value) == "access_key_secret must be text without spaces"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("access_key_secret", "secret\n", ": it ends with a line break"),
        ("sts_token", "secret\r\n", ": it ends with a line break"),
        ("sts_token", "s" * 65537, ": it has more than 65536 characters"),
        ("sts_token", "s e", ""),
        ("external_id", "a" * 1225, ""),
        ("expired_seconds", 100000, ""),
    ],
)
def test_what_a_form_does_not_show_is_said(name: str, value: Any, reason: str) -> None:
    rule = BY_NAME[name].rule
    assert rule is not None
    with pytest.raises(ProfileError) as caught:
        _rules.check_value(name, rule, value)
    assert str(caught.value) == "{0} must be {1}{2}".format(name, rule.text, reason)
