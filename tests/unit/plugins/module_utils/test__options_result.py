# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to a result, as far as it goes without a call."""

import re

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)

SOURCE = {
    "mode": "StsToken",
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "secret",
    "sts_token": "token",
    "region": "cn-hangzhou",
}


def validated(**options):
    """Return options as a module gets them."""
    spec = dict(_options.make_chain_argument_spec(), **make_http_argument_spec())
    spec["format"] = {"type": "str", "default": "credentials"}
    checked = ArgumentSpecValidator(spec).validate(options)
    assert not checked.error_messages
    return checked.validated_parameters


def test_credentials():
    assert _options.assume_role(validated(source=SOURCE), environ={}) == {
        "access_key_id": "STS.NUEXAMPLE",
        "access_key_secret": "secret",
        "security_token": "token",
        "expiration": "",
        "assumed_role_arn": "",
        "account_id": "",
        "profile": "",
        "region": "cn-hangzhou",
    }


def test_credentials_as_variables():
    options = validated(source=SOURCE, format="environment")
    variables = _options.assume_role(options, environ={})
    assert variables["ALIBABACLOUD_ACCESS_KEY_ID"] == "STS.NUEXAMPLE"
    assert variables["ALICLOUD_SECURITY_TOKEN"] == "token"


def test_format_is_not_an_option_of_all():
    options = validated(source=SOURCE)
    del options["format"]
    assert _options.assume_role(options, environ={})["security_token"] == "token"


@pytest.mark.parametrize(
    "option, environ, name",
    [
        (None, {}, "ansible"),
        (None, {"ALIBABA_CLOUD_ROLE_SESSION_NAME": "runner"}, "runner"),
        ("mine", {"ALIBABA_CLOUD_ROLE_SESSION_NAME": "runner"}, "mine"),
    ],
)
def test_session_names(option, environ, name):
    role = "acs:ram::1000000000000001:role/hub"
    hops = [{"ram_role_arn": role}, {"ram_role_arn": role, "role_session_name": "mine-too"}]
    options = validated(source=SOURCE, hops=hops, role_session_name=option)
    chain = _options.make_chain(options, environ=environ)
    assert [hop.role_session_name for hop in chain.hops] == [name, "mine-too"]


@pytest.mark.parametrize("name", ["{user}@{host}", "a b", "a"])
def test_session_name_has_the_form_of_sts(name):
    hops = [{"ram_role_arn": "acs:ram::1000000000000001:role/hub"}]
    options = validated(source=SOURCE, hops=hops, role_session_name=name)
    with pytest.raises(ProfileError, match="role_session_name must be 2 to 64 letters"):
        _options.assume_role(options, environ={})


def test_the_environment_is_that_which_is_given():
    environ = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tEXAMPLE"}
    with pytest.raises(ProfileError, match="only one of the environment variables"):
        _options.assume_role(validated(), environ=environ)


SESSION = {"account_id": "1", "assumed_role_arn": "acs:ram::1:role/a/me"}


@pytest.mark.parametrize(
    "given, options, sentence",
    [
        (SESSION, {}, ""),
        (SESSION, {"expected_account_id": "1", "expected_arn": "acs:ram::1:assumed-role/a/*"}, ""),
        (SESSION, {"expected_account_id": "2"}, "belongs to account 1, and not to the expected"),
        (SESSION, {"expected_arn": "*:assumed-role/b/*"}, "is acs:ram::1:assumed-role/a/me, and"),
        (SESSION, {"expected_arn": ""}, "expected_arn is empty"),
        ({}, {"expected_account_id": "1"}, "expected_account_id cannot be checked"),
        ({}, {"expected_arn": "*:*"}, "expected_arn cannot be checked"),
    ],
)
def test_identity_of_given_credentials(given, options, sentence):
    credentials = dict({"account_id": "", "assumed_role_arn": ""}, **given)
    if not sentence:
        _options.check_given(credentials, options)
        return
    with pytest.raises(ProfileError, match=re.escape(sentence)):
        _options.check_given(credentials, options)
