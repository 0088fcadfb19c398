# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test requests to OAuth with the token of a login, and the settings that they need."""

import pytest
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils._credentials.providers.logins import (
    NEW,
    OAUTH,
    SOON,
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


@pytest.mark.parametrize(
    "site, url",
    [
        ("CN", "https://oauth.aliyun.com/v1/exchange"),
        ("INTL", "https://oauth.alibabacloud.com/v1/exchange"),
    ],
)
def test_oauth(site, url):
    http = Scripted(given("OAuth", CREDENTIALS))
    assert obtained(http, **login("OAuth", oauth_site_type=site)) == NEW
    (request,) = http.requests
    assert (request.method, request.url) == ("POST", url)
    assert request.headers["Authorization"] == "Bearer hidden-login"


@pytest.mark.parametrize(
    "change", [{"oauth_access_token_expire": SOON}, {"oauth_access_token": ""}]
)
def test_login_that_has_expired(change):
    http = Scripted()
    assert failure(http, **login("OAuth", **change)) == again("OAuth")
    assert not http.requests


@pytest.mark.parametrize("site", ["INVALID", "cn", ""])
def test_wrong_site_is_named(site):
    http = Scripted()
    told = failure(http, **login("OAuth", oauth_site_type=site))
    assert told == "oauth_site_type must be one of CN, INTL"
    assert not http.requests


def test_refresh_token_is_not_sent():
    http = Scripted(given("OAuth", CREDENTIALS))
    obtained(http, **OAUTH)
    (request,) = http.requests
    assert request.body == b"{}" and "hidden-refresh" not in str(request.headers)
