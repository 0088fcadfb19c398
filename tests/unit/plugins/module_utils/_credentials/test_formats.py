# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the formats of a result."""

import configparser

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import formats as _formats
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module

RESULT = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "hidden-secret",
    "security_token": "hidden-token==",
    "expiration": "2026-01-02T03:04:05Z",
    "assumed_role_arn": "acs:ram::1000000000000002:role/spoke/me",
    "account_id": "1000000000000002",
    "profile": "production",
    "region": "cn-hangzhou",
}
LONG_LIVED = dict(
    dict.fromkeys(RESULT, ""), access_key_id="LTAI5tEXAMPLE", access_key_secret="hidden"
)


def test_formats_are_those_of_the_option():
    choices = module.make_argument_spec()["format"]["choices"]
    assert choices == ["credentials"] + list(_formats.FORMATS)


def test_alicloud():
    assert _formats.as_alicloud(RESULT) == {
        "alicloud_access_key": "STS.NUEXAMPLE",
        "alicloud_secret_key": "hidden-secret",
        "security_token": "hidden-token==",
        "alicloud_region": "cn-hangzhou",
    }
    assert set(_formats.as_alicloud(LONG_LIVED)) == {"alicloud_access_key", "alicloud_secret_key"}


def test_uri():
    assert _formats.as_uri(RESULT) == {
        "Code": "Success",
        "AccessKeyId": "STS.NUEXAMPLE",
        "AccessKeySecret": "hidden-secret",
        "SecurityToken": "hidden-token==",
        "Expiration": "2026-01-02T03:04:05Z",
    }


@pytest.mark.parametrize("missing", ["security_token", "expiration"])
def test_uri_requires_credentials_that_expire(missing):
    with pytest.raises(SourceError, match="add a hop"):
        _formats.as_uri(dict(RESULT, **{missing: ""}))


@pytest.mark.parametrize(
    "result, kind, names",
    [
        (RESULT, "sts", ["access_key_id", "access_key_secret", "security_token"]),
        (LONG_LIVED, "access_key", ["access_key_id", "access_key_secret"]),
    ],
)
def test_ini(result, kind, names):
    parser = configparser.ConfigParser()
    parser.read_string(_formats.as_ini(result))
    assert parser.sections() == ["default"]
    values = dict(parser["default"])
    assert (values.pop("type"), values.pop("enable")) == (kind, "true")
    assert values == {name: result[name] for name in names}
