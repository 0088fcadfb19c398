# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials, and the forms in which users get them."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    credentials as _credentials,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

ARN = "acs:ram::1000000000000002:role/spoke/me"
SESSION = Credentials("STS.NUEXAMPLE", "hidden-secret", "hidden-token", 1767323045, ARN)


def test_result():
    assert _credentials.as_result(SESSION, profile="production", region="cn-hangzhou") == {
        "access_key_id": "STS.NUEXAMPLE",
        "access_key_secret": "hidden-secret",
        "security_token": "hidden-token",
        "expiration": "2026-01-02T03:04:05Z",
        "assumed_role_arn": ARN,
        "account_id": "1000000000000002",
        "profile": "production",
        "region": "cn-hangzhou",
    }


def test_result_of_a_long_lived_key():
    result = _credentials.as_result(Credentials("LTAI5tEXAMPLE", "hidden"), profile="", region="")
    assert {name for name, value in result.items() if value} == {
        "access_key_id",
        "access_key_secret",
    }


@pytest.mark.parametrize("seconds, text", [(1767323045, "2026-01-02T03:04:05Z"), (0, "")])
def test_time(seconds, text):
    assert _credentials.format_time(seconds) == text
    assert not text or _credentials.parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T11:04:05+08:00",
        "2026-01-01T19:34:05-07:30",
        "2026-01-02T03:04:05.123456789Z",
        "2026-01-02t03:04:05.5z",
        "2026-01-02 03:04:05+00:00",
        "2026-01-02T03:04:05-00:00",
    ],
)
def test_time_in_each_form_of_rfc_3339(text):
    assert _credentials.parse_time(text) == 1767323045


def test_leap_second():
    assert _credentials.parse_time("2016-12-31T23:59:60Z") == 1483228800


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-02 03:04:05",
        "2026-13-02T03:04:05Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+0800",
        "2026-01-02T03:04:05Z\n",
        "2026-01-02T24:04:05Z",
        "1767323045",
    ],
)
def test_time_that_is_none(text):
    with pytest.raises(ValueError):
        _credentials.parse_time(text)


def test_nothing_secret_in_printed_credentials():
    assert repr(SESSION) == "Credentials(access_key_id='***PLE')"


@pytest.mark.parametrize("expected", ["", "1000000000000002"])
def test_expected_account(expected):
    _credentials.check_account("the role x", "1000000000000002", expected)


@pytest.mark.parametrize("expected", ["1000000000000001", "01000000000000002"])
def test_other_account(expected):
    with pytest.raises(ProfileError) as caught:
        _credentials.check_account("the role x", "1000000000000002", expected)
    assert str(caught.value) == (
        "the role x belongs to account 1000000000000002, and not to the expected account "
        + expected
    )


@pytest.mark.parametrize("expected", ["*", "a*c", "*b*", "abc", "*abc*", "a*b*c", "***"])
def test_arn_matches(expected: str) -> None:
    _credentials.check_arn("it", "abc", expected)


@pytest.mark.parametrize("expected", ["a", "ab*bc", "*d*", "abc*c", "c*a", "b*", "*b", "a.c"])
def test_arn_does_not_match(expected: str) -> None:
    with pytest.raises(ProfileError, match="not the expected"):
        _credentials.check_arn("it", "abc", expected)


def test_many_stars_take_no_longer() -> None:
    with pytest.raises(ProfileError):
        _credentials.check_arn("it", "a" * 2000, "*" + "*a" * 200 + "Z")


def test_number_that_is_no_time() -> None:
    assert _credentials.format_time(2**62) == _credentials.format_time(0) == ""
