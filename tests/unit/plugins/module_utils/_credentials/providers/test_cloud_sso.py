# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test requests to CloudSSO with the token of a login, and the settings that they need."""

import json

import pytest
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils._credentials.providers.logins import (
    NEW,
    SOON,
    SSO,
    again,
    given,
    login,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    Scripted,
    failure,
    obtained,
)


def test_cloud_sso():
    http = Scripted(given("CloudSSO", CREDENTIALS))
    assert obtained(http, **SSO) == NEW
    (request,) = http.requests
    assert (request.method, request.url) == (
        "POST",
        "https://signin.example.com/cloud-credentials",
    )
    assert request.headers["Authorization"] == "Bearer hidden-login"
    assert json.loads(request.body.decode("ascii")) == {
        "AccountId": "1000000000000001",
        "AccessConfigurationId": "ac-1",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"cloud_sso_access_token_expire": SOON},
        {"cloud_sso_access_token_expire": 0},
        {"access_token": ""},
    ],
)
def test_login_that_has_expired(change):
    http = Scripted()
    assert failure(http, **login("CloudSSO", **change)) == again("CloudSSO")
    assert not http.requests


@pytest.mark.parametrize(
    "name", ["cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config"]
)
def test_missing_setting_is_named(name):
    http = Scripted()
    assert failure(http, **login("CloudSSO", **{name: ""})) == name + " is missing"
    assert not http.requests


def test_credentials_are_below_one_key():
    told = failure(Scripted(given("OAuth", CREDENTIALS)), **SSO)
    assert "returned no credentials" in told


@pytest.mark.parametrize(
    "url, told",
    [
        ("http://signin.example.com", "cloud_sso_sign_in_url must be an https:// URL"),
        ("https://[", "cloud_sso_sign_in_url: the host or the port is not valid"),
        ("signin", "cloud_sso_sign_in_url: a URL begins with http:// or https://"),
        (
            "http://evil\\@127.0.0.1/",
            "cloud_sso_sign_in_url: a URL has no backslash, space, or control character",
        ),
        ("https://a@b.example", "cloud_sso_sign_in_url: a URL has no user before its host"),
    ],
)
def test_token_is_never_sent_in_the_clear(url, told):
    assert failure(Scripted(), **login("CloudSSO", cloud_sso_sign_in_url=url)) == told
