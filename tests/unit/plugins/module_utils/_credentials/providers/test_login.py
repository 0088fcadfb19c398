# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test both modes of a login: stored credentials, expiry, and errors."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils._credentials.providers.logins import (
    ADVICE,
    KEPT,
    LATER,
    LOGINS,
    NEW,
    SOON,
    WHO,
    again,
    given,
    login,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    Scripted,
    answer,
    failure,
    obtained,
)


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
        "source of mode {0}: a login is stored only in a profile: log in with 'aliyun configure --mode {0} --profile NAME'"
        " and give the option profile instead of source".format(source["mode"])
    )


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ([answer("hidden", 403)], "responded with HTTP status 403"),
        ([answer("hidden")], "returned no JSON object"),
        ([answer({})], "returned no credentials"),
        ([answer({"CloudCredential": "hidden"})], "returned no credentials"),
        ([StsError("x did not answer", code="Timeout")] * 9, "sent no response: x did not answer"),
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
