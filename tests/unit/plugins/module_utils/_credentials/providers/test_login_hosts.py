# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the token of a login reaches only the host that issued it, whatever a task changes in the profile."""

import copy
import json
from urllib.parse import urlsplit

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils._credentials.providers.logins import (
    KEPT,
    LOGINS,
    given,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    Scripted,
    answer,
    assumed,
)

ROLE = "acs:ram::1000000000000001:role/alice"
# The host that issued the tokens of the profile in LOGINS.
ISSUERS = {"CloudSSO": "signin.example.com", "OAuth": "oauth.aliyun.com"}
# Another value for each option of a login, by its choices, its rule, or its type.
BY_RULE = {
    _rules.HTTPS_URL: "https://other.example.com/start",
    _rules.ENDPOINT: "sts-vpc.cn-beijing.aliyuncs.com",
    _rules.REGION: "cn-beijing",
    _rules.ROLE_ARN: ROLE,
    _rules.SESSION_NAME: "alice",
    _rules.OIDC_PROVIDER: "acs:ram::1000000000000001:oidc-provider/ci",
    _rules.URL: "http://127.0.0.1/credentials",
}
BY_TYPE = {"str": "other", "int": 7, "bool": True}


def tokens_of(mode):
    """Return the fields with tokens that a login stores: secrets that are a setting in no mode."""
    return [
        field for field in _modes.FIELDS if field.secret and mode in field.kept and not field.modes
    ]


def options_of(mode):
    return [field for field in _modes.list_options() if mode in field.modes]


MODES = [mode for mode in _modes.MODES if tokens_of(mode)]
CASES = [(mode, field.name) for mode in MODES for field in options_of(mode)]


def stored_login(mode):
    """Return a profile with all tokens of a login, and with credentials that have expired."""
    profile = dict(KEPT, sts_expiration=1)
    profile.update(LOGINS[mode], name="begin", region_id="cn-hangzhou")
    for field in tokens_of(mode):
        profile.setdefault(field.key, "hidden-" + field.key)
    return profile


def other_value(field, old):
    if field.choices:
        return next(choice for choice in field.choices if choice != old)
    return BY_RULE.get(field.rule) or BY_TYPE[field.type]


def put(profile, **change):
    document = {"current": "begin", "profiles": [copy.deepcopy(profile)], "meta_path": ""}
    _profiles.put(document, [dict(change, name="begin")])
    (stored,) = document["profiles"]
    return stored


def hosts_with_tokens(profile, *answers):
    """Obtain credentials of a role behind a login. Return the hosts that receive one of its tokens."""
    role = {
        "name": "role",
        "mode": "ChainableRamRoleArn",
        "ram_role_arn": ROLE,
        "ram_session_name": "alice",
        "source_profile": "begin",
        "sts_endpoint": "sts.cn-shanghai.aliyuncs.com",
    }
    http = Scripted(*answers)
    try:
        Resolver(http, environ={}).resolve(_chain.from_profile([profile, role], "role"))
    except (SourceError, StsError) as error:
        assert "hidden" not in str(error)
    secrets = [LOGINS[profile["mode"]].get(field.key) for field in tokens_of(profile["mode"])]
    secrets += ["hidden-" + field.key for field in tokens_of(profile["mode"])]
    found = []
    for request in http.requests:
        sent = json.dumps([request.url, request.headers, request.body.decode("utf-8")])
        if any(secret and secret in sent for secret in secrets):
            found.append(urlsplit(request.url).netloc)
    return found


def test_each_mode_that_stores_a_token_has_an_issuer():
    assert set(ISSUERS) == set(MODES) == {mode for mode in _modes.MODES if _modes.MODES[mode].login}
    for mode in MODES:
        for field in tokens_of(mode):
            assert _modes.find_owners(field, mode), "a change of {0} keeps the token".format(mode)


@pytest.mark.parametrize("mode", MODES)
def test_token_reaches_its_issuer_only(mode):
    answers = [given(mode, CREDENTIALS), assumed(ROLE)]
    assert hosts_with_tokens(stored_login(mode), *answers) == [ISSUERS[mode]]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("mode", MODES)
def test_token_follows_no_redirect(mode, status):
    moved = answer("", status, location="https://other.example.com/")
    assert hosts_with_tokens(stored_login(mode), moved) == [ISSUERS[mode]]


@pytest.mark.parametrize("mode, name", CASES)
def test_token_never_reaches_another_host_after_a_change(mode, name):
    profile = stored_login(mode)
    (field,) = [field for field in options_of(mode) if field.name == name]
    value = other_value(field, profile.get(field.key))
    assert value != profile.get(field.key)
    stored = put(profile, **{name: value})
    assert stored[field.key] == value
    tokens = tokens_of(mode)
    is_owner = any(field in _modes.find_owners(token, mode) for token in tokens)
    assert [token.key in stored for token in tokens] == [not is_owner] * len(tokens)
    found = hosts_with_tokens(stored, given(mode, CREDENTIALS), assumed(ROLE))
    assert found == ([] if is_owner else [ISSUERS[mode]])


@pytest.mark.parametrize(
    "mode, other", [(mode, other) for mode in MODES for other in _modes.MODES if other != mode]
)
def test_token_does_not_survive_another_mode(mode, other):
    required = [field for field in options_of(other) if other in field.required]
    settings = {field.name: other_value(field, None) for field in required}
    stored = put(stored_login(mode), mode=other, **settings)
    assert stored["mode"] == other and "hidden" not in json.dumps(stored)
