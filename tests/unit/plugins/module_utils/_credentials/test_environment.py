# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles and sources that the environment names."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    environment as _environment,
)

KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tEXAMPLE", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hidden"}
TOKEN = {"ALIBABA_CLOUD_SECURITY_TOKEN": "hidden-token"}
OIDC = {
    "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1000000000000001:role/ci",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1000000000000001:oidc-provider/ci",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/token",
}
METADATA = {"ALIBABA_CLOUD_ECS_METADATA": "machine"}
URI = {"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1/hidden"}


@pytest.mark.parametrize(
    "environ, token, key_id",
    [
        (KEY, "", "LTAI5tEXAMPLE"),
        (dict(KEY, **TOKEN), "hidden-token", "LTAI5tEXAMPLE"),
        ({"ALIBABACLOUD_ACCESS_KEY_ID": "i", "ALIBABACLOUD_ACCESS_KEY_SECRET": "s"}, "", "i"),
        ({"ALICLOUD_ACCESS_KEY_ID": "i", "ALICLOUD_ACCESS_KEY_SECRET": "s"}, "", "i"),
        ({"ALICLOUD_ACCESS_KEY": "i", "ALICLOUD_SECRET_KEY": "s"}, "", "i"),
        # The first family with a value counts, and no value of another family.
        (dict(KEY, ALICLOUD_ACCESS_KEY_ID="i", ALICLOUD_SECURITY_TOKEN="t"), "", "LTAI5tEXAMPLE"),
        ({"ALIBABA_CLOUD_ACCESS_KEY_ID": "half", "ALICLOUD_ACCESS_KEY_SECRET": "s"}, "", "half"),
        ({"ALICLOUD_ACCESS_KEY_SECRET": "half"}, "", ""),
    ],
)
def test_access_key(environ, token, key_id):
    source = _environment.make_key_source(environ)
    assert (source["sts_token"], source["access_key_id"]) == (token, key_id)


@pytest.mark.parametrize("environ", [{}, TOKEN, {"ALIBABA_CLOUD_ACCESS_KEY_ID": ""}, OIDC])
def test_no_access_key(environ):
    assert _environment.make_key_source(environ) is None


def test_oidc_token():
    environ = dict(OIDC, ALIBABA_CLOUD_STS_REGION="cn-hangzhou")
    assert _environment.find_source(environ, after_profiles=False) == {
        "mode": "OIDC",
        "ram_role_arn": "acs:ram::1000000000000001:role/ci",
        "oidc_provider_arn": "acs:ram::1000000000000001:oidc-provider/ci",
        "oidc_token_file": "/token",
        "sts_region": "cn-hangzhou",
        "sts_endpoint": "",
        "region": "",
    }


@pytest.mark.parametrize("name", sorted(OIDC))
def test_all_three_variables_of_an_oidc_token_are_needed(name):
    assert _environment.find_source(dict(OIDC, **{name: ""}), after_profiles=False) is None


@pytest.mark.parametrize(
    "environ, source",
    [
        ({}, None),
        (METADATA, {"mode": "EcsRamRole", "ram_role_name": "machine"}),
        (dict(METADATA, **URI), {"mode": "EcsRamRole", "ram_role_name": "machine"}),
        (dict(METADATA, ALIBABA_CLOUD_ECS_METADATA_DISABLED="true"), None),
        (
            dict(METADATA, ALIBABA_CLOUD_ECS_METADATA_DISABLED="True", **URI),
            {"mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1/hidden"},
        ),
        (URI, {"mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1/hidden"}),
        (dict(URI, ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS="true"), None),
        (OIDC, None),
    ],
)
def test_what_is_asked_last(environ, source):
    assert _environment.find_source(environ, after_profiles=True) == source


@pytest.mark.parametrize(
    "environ, endpoint",
    [
        ({"ALIBABA_CLOUD_STS_ENDPOINT": "sts.example.com"}, "sts.example.com"),
        ({"ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true"}, ""),
        (
            {
                "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true",
                "ALIBABA_CLOUD_STS_REGION": "cn-beijing",
            },
            "sts-vpc.cn-beijing.aliyuncs.com",
        ),
        (
            {
                "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true",
                "ALIBABA_CLOUD_STS_REGION": "cn-beijing",
                "ALIBABA_CLOUD_STS_ENDPOINT": "sts.example.com",
            },
            "sts.example.com",
        ),
    ],
)
def test_endpoint(environ, endpoint):
    assert _environment.make_key_source(dict(KEY, **environ))["sts_endpoint"] == endpoint


@pytest.mark.parametrize(
    "environ, allowed",
    [
        ({}, True),
        ({"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}, False),
        ({"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "1"}, False),
        ({"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "false"}, True),
        ({"ALIBABA_CLOUD_IGNORE_PROFILE": "TRUE"}, False),
        ({"ALIBABACLOUD_IGNORE_PROFILE": "TRUE"}, False),
        # As the CLI has it.
        ({"ALIBABA_CLOUD_IGNORE_PROFILE": "true"}, True),
    ],
)
def test_profiles_can_be_left_out(environ, allowed):
    assert _environment.allows_profiles(environ) is allowed
