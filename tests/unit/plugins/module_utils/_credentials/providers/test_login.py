# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a login with the CLI left in a profile, and what is asked for with it."""

import json
import time

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    EXPIRATION,
    Scripted,
    answer,
    failure,
    obtained,
)

LATER, SOON = int(time.time()) + 86400, int(time.time()) + 30
SSO = {
    "mode": "CloudSSO",
    "cloud_sso_sign_in_url": "https://signin.example.com/start?x=1",
    "cloud_sso_account_id": "1000000000000001",
    "cloud_sso_access_config": "ac-1",
    "access_token": "hidden-login",
    "cloud_sso_access_token_expire": LATER,
}
OAUTH = {
    "mode": "OAuth",
    "oauth_site_type": "CN",
    "oauth_access_token": "hidden-login",
    "oauth_access_token_expire": LATER,
    "oauth_refresh_token": "hidden-refresh",
}
LOGINS = {"CloudSSO": SSO, "OAuth": OAUTH}
KEPT = {
    "access_key_id": "STS.NUKEPT",
    "access_key_secret": "hidden-secret",
    "sts_token": "hidden-token",
    "sts_expiration": LATER,
}
WHO = {
    "CloudSSO": "CloudSSO at signin.example.com ",
    "OAuth": "OAuth at oauth.aliyun.com ",
}
ADVICE = {
    "CloudSSO": "; check cloud_sso_sign_in_url, cloud_sso_account_id and cloud_sso_access_config",
    "OAuth": "; check oauth_site_type, and what the login is allowed to do",
}
NEW = ("STS.NUEXAMPLE", "hidden-secret", "hidden-token", EXPIRATION, "")


def login(mode, **changes):
    """The profile of a login with changes."""
    profile = dict(LOGINS[mode])
    profile.update(changes)
    return profile


def given(mode, document):
    return answer({"CloudCredential": document} if mode == "CloudSSO" else document)


@pytest.mark.parametrize("mode", LOGINS)
def test_kept_credentials_cost_no_call(mode):
    http = Scripted()
    credentials = obtained(http, **login(mode, **KEPT))
    assert credentials == ("STS.NUKEPT", "hidden-secret", "hidden-token", LATER, "")
    # They serve also when the login itself has expired.
    obtained(http, **dict(KEPT, mode=mode))


@pytest.mark.parametrize(
    "change", [{"sts_expiration": SOON}, {"sts_expiration": 0}, {"sts_token": ""}]
)
@pytest.mark.parametrize("mode", LOGINS)
def test_kept_credentials_that_do_not_last(mode, change):
    http = Scripted(given(mode, CREDENTIALS))
    assert obtained(http, **login(mode, **dict(KEPT, **change))) == NEW


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


def again(mode):
    return "the login has expired; log in again with 'aliyun configure --mode {0} --profile begin'".format(
        mode
    )


@pytest.mark.parametrize(
    "mode, change",
    [
        ("CloudSSO", {"cloud_sso_access_token_expire": SOON}),
        ("CloudSSO", {"cloud_sso_access_token_expire": 0}),
        ("CloudSSO", {"access_token": ""}),
        ("OAuth", {"oauth_access_token_expire": SOON}),
        ("OAuth", {"oauth_access_token": ""}),
    ],
)
def test_login_that_has_expired(mode, change):
    http = Scripted()
    assert failure(http, **login(mode, **change)) == again(mode)


@pytest.mark.parametrize(
    "mode, change, sentence",
    [
        ("CloudSSO", {"cloud_sso_account_id": ""}, "cloud_sso_account_id is missing"),
        ("CloudSSO", {"cloud_sso_sign_in_url": ""}, "cloud_sso_sign_in_url is missing"),
        ("OAuth", {"oauth_site_type": "INVALID"}, "oauth_site_type must be one of CN, INTL"),
        ("OAuth", {"oauth_site_type": ""}, "oauth_site_type must be one of CN, INTL"),
    ],
)
def test_wrong_setting_is_named(mode, change, sentence):
    assert failure(Scripted(), **login(mode, **change)) == sentence


@pytest.mark.parametrize("mode", LOGINS)
def test_login_that_is_refused(mode):
    assert failure(Scripted(answer("hidden", 401)), **LOGINS[mode]) == again(mode)


def test_name_of_the_profile_is_quoted():
    with pytest.raises(SourceError, match="--profile 'my profile''$"):
        obtained(Scripted(), mode="OAuth", name="my profile", oauth_site_type="CN")


@pytest.mark.parametrize(
    "source",
    [
        {"mode": "CloudSSO", "cloud_sso_sign_in_url": "https://signin.example.com"},
        {"mode": "OAuth", "oauth_site_type": "CN"},
    ],
)
def test_login_that_is_given_inline(source):
    with pytest.raises(SourceError) as caught:
        Resolver(Scripted(), environ={}).resolve(_chain.from_source(source))
    assert str(caught.value) == (
        "source of mode {0}: a login is kept in a profile only; log in with 'aliyun configure --mode {0} --profile NAME'"
        " and give the option profile instead of source".format(source["mode"])
    )


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ([answer("hidden", 403)], "answered HTTP status 403"),
        ([answer("hidden")], "gave no JSON object"),
        ([answer({})], "gave no credentials"),
        ([answer({"CloudCredential": "hidden"})], "gave no credentials"),
        ([StsError("x did not answer", code="Timeout")] * 9, "gave no answer: x did not answer"),
    ],
)
@pytest.mark.parametrize("mode", LOGINS)
def test_no_credentials(mode, answers, sentence):
    told = failure(Scripted(*answers), **LOGINS[mode])
    assert told == WHO[mode] + sentence + ADVICE[mode]


@pytest.mark.parametrize("mode", LOGINS)
def test_failure_that_passes(mode):
    http = Scripted(answer("", 502), given(mode, CREDENTIALS))
    assert obtained(http, **LOGINS[mode]) == NEW


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
