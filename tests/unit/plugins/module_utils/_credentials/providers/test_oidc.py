# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role that is assumed with an OIDC token."""

import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ProfileError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    EXPIRATION,
    Scripted,
    assumed,
    failure,
    obtained,
    refused,
)

ROLE = "acs:ram::1000000000000001:role/ci"
PROVIDER = "acs:ram::1000000000000001:oidc-provider/ci"


@pytest.fixture(name="profile")
def fixture_profile(tmp_path):
    (tmp_path / "token").write_text("hidden.oidc.token\n")
    return {
        "mode": "OIDC",
        "oidc_provider_arn": PROVIDER,
        "oidc_token_file": str(tmp_path / "token"),
        "ram_role_arn": ROLE,
        "ram_session_name": "runner",
    }


def test_everything_is_sent_in_the_body(profile):
    http = Scripted(assumed(ROLE))
    credentials = obtained(
        http,
        expired_seconds=900,
        policy='{"Version":"1"}',
        sts_endpoint="sts.example.com",
        **profile
    )
    assert credentials == Credentials(
        "STS.NUEXAMPLE", "hidden-secret", "hidden-token", EXPIRATION, ROLE + "/session"
    )
    (request,) = http.requests
    assert (request.method, request.url) == ("POST", "https://sts.example.com/")
    assert request.headers["x-acs-action"] == "AssumeRoleWithOIDC"
    assert "authorization" not in request.headers
    assert request.form == {
        "DurationSeconds": "900",
        "OIDCProviderArn": PROVIDER,
        "OIDCToken": "hidden.oidc.token",
        "Policy": '{"Version":"1"}',
        "RoleArn": ROLE,
        "RoleSessionName": "runner",
    }


def test_file_is_read_each_time(profile):
    http = Scripted(assumed(ROLE), assumed(ROLE))
    obtained(http, **profile)
    with open(profile["oidc_token_file"], "w") as file:
        file.write("hidden.next.token")
    obtained(http, **profile)
    tokens = [request.form["OIDCToken"] for request in http.requests]
    assert tokens == ["hidden.oidc.token", "hidden.next.token"]


def test_file_in_the_home_of_the_user(profile, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    http = Scripted(assumed(ROLE))
    obtained(http, **dict(profile, oidc_token_file="~/token"))
    assert http.requests[0].form["OIDCToken"] == "hidden.oidc.token"


@pytest.mark.parametrize("name", ["oidc_provider_arn", "oidc_token_file", "ram_role_arn"])
def test_what_is_missing(profile, name):
    assert failure(Scripted(), **dict(profile, **{name: ""})) == name + " is missing"


def test_wrong_setting_is_told_with_mode_and_profile(profile):
    told = failure(Scripted(), **dict(profile, expired_seconds=1))
    assert told == "expired_seconds must be 900 to 43200 seconds"


def test_token_by_value():
    source = {
        "mode": "OIDC",
        "oidc_provider_arn": PROVIDER,
        "oidc_token": "hidden.oidc.token",
        "ram_role_arn": ROLE,
        "role_session_name": "runner",
    }
    http = Scripted(assumed(ROLE), refused("AuthenticationFail.OIDCToken.Expired", 401))
    resolver = Resolver(http, environ={})
    chain = _chain.from_source(source)
    assert resolver.resolve(chain).assumed_role_arn == ROLE + "/session"
    assert http.requests[0].form["OIDCToken"] == "hidden.oidc.token"
    with pytest.raises(StsError, match="called by the token in the option oidc_token at") as caught:
        resolver.resolve(chain)
    assert "hidden" not in str(caught.value)
    other = _chain.from_source(dict(source, oidc_token="another.token"))
    assert _chain.make_keys(chain, {}) != _chain.make_keys(other, {})
    bad = _chain.from_source(dict(source, oidc_token="two words"))
    with pytest.raises(SourceError, match="the option oidc_token holds no OIDC token"):
        resolver.resolve(bad)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"oidc_token_file": "/x"}, "oidc_token and oidc_token_file cannot be combined"),
        ({"oidc_token": ""}, "source: oidc_token is empty"),
        ({"oidc_token": None}, "mode OIDC requires oidc_token_file"),
        ({"mode": "EcsRamRole"}, "oidc_token is not used by mode EcsRamRole: remove it"),
    ],
)
def test_token_by_value_that_is_refused(change, sentence):
    source = {
        "mode": "OIDC",
        "oidc_provider_arn": PROVIDER,
        "oidc_token": "hidden.oidc.token",
        "ram_role_arn": ROLE,
    }
    assert (
        _chain.from_source({k: v for k, v in source.items() if k != "mode"}).source.mode == "OIDC"
    )
    with pytest.raises(ProfileError, match=sentence):
        _chain.from_source(dict(source, **change))


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "holds no OIDC token"),
        (b" \n", "holds no OIDC token"),
        (b"abc", "holds no OIDC token"),
        (b"x" * 20001, "holds no OIDC token"),
        (b"x" * 65537, "cannot be read: it is larger than 65536 bytes"),
        (b"\xff", "cannot be read: it is not a text file"),
    ],
)
def test_file_without_a_token(profile, content, told):
    with open(profile["oidc_token_file"], "wb") as file:
        file.write(content)
    sentence = "the oidc_token_file {0} {1}".format(profile["oidc_token_file"], told)
    assert failure(Scripted(), **profile) == sentence


def test_file_that_is_not_there(profile):
    os.unlink(profile["oidc_token_file"])
    assert failure(Scripted(), **profile) == (
        "the oidc_token_file {0} cannot be read: No such file or directory".format(
            profile["oidc_token_file"]
        )
    )
