# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the credentials and variables of a program. The tests of exec run programs with them."""

import contextlib

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _program_credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

CREDENTIALS = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "hidden-secret",
    "security_token": None,
    "account_id": "1000000000000002",
    "assumed_role_arn": None,
    "region": None,
}


def obtained(**options):
    params = dict(
        {"renew": False, "credentials": CREDENTIALS, "expected_account_id": None}, **options
    )
    with contextlib.ExitStack() as stack:
        return _program_credentials.obtain(params, {}, stack)


def test_obtain_returns_given_credentials():
    given = obtained()
    assert given.first == dict(CREDENTIALS, security_token="", region="", assumed_role_arn="")
    assert given.all == [given.first] and given.failures == []
    assert given.variables["OSS_ACCESS_KEY_ID"] == "STS.NUEXAMPLE"
    assert "OSS_SESSION_TOKEN" in given.removed and "OSS_SESSION_TOKEN" not in given.variables


def test_obtain_checks_the_account_of_given_credentials():
    with pytest.raises(ProfileError, match="expected account"):
        obtained(expected_account_id="1000000000000001")


def test_environment_lets_env_override_and_remove():
    inherited = {"PATH": "/bin", "OSS_SESSION_TOKEN": "old", "KEPT": "a", "GONE": "b"}
    env = {"GONE": None, "LIST": [1], "ALICLOUD_REGION": "eu-central-1"}
    variables = _program_credentials.make_environment(obtained(), inherited, env)
    assert (variables["PATH"], variables["KEPT"], variables["LIST"]) == ("/bin", "a", "[1]")
    assert variables["ALICLOUD_REGION"] == "eu-central-1"
    assert variables["ALIBABA_CLOUD_IGNORE_PROFILE"] == "TRUE"
    assert not {"GONE", "OSS_SESSION_TOKEN"} & set(variables)
