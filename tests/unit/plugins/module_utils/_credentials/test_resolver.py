# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the way from a chain to credentials: the order of requests to STS, and the expected account."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import (
    Resolver,
    describe_caller,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError, SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http

HUB = "acs:ram::1000000000000001:role/hub"
SPOKE = "acs:ram::1000000000000002:role/spoke"
KEYS = {"mode": "AK", "access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "secret"}
USER = "acs:ram::1000000000000001:user/deploy"


class FakeSts:
    """STS that grants every request, and records callers and roles."""

    def __init__(self):
        self.calls = []

    def assume_role(self, credentials, hop):
        self.calls.append((credentials.access_key_id, hop.ram_role_arn))
        name = hop.ram_role_arn.rpartition("/")[2]
        return Credentials("STS." + name, "secret", "token", 4000000000, hop.ram_role_arn + "/me")

    def get_caller_identity(self, credentials, endpoint):
        self.calls.append((credentials.access_key_id, endpoint))
        return {"AccountId": "1000000000000001", "Arn": USER}


def resolver(**options):
    made = Resolver(Http(), environ={}, **options)
    made.sts = FakeSts()
    return made


def chain(*roles):
    return _chain.extend(_chain.from_source(KEYS), [{"ram_role_arn": role} for role in roles])


def test_each_hop_is_assumed_with_the_credentials_of_the_one_before():
    made = resolver()
    assert made.resolve(chain(HUB, SPOKE)).access_key_id == "STS.spoke"
    assert made.sts.calls == [("LTAI5tEXAMPLE", HUB), ("STS.hub", SPOKE)]


def test_the_account_of_a_role_costs_no_call():
    made = resolver(expected_account_id="1000000000000002")
    made.resolve(chain(HUB, SPOKE))
    assert len(made.sts.calls) == 2


@pytest.mark.parametrize("ask", [Resolver.resolve, Resolver.get_caller_identity])
def test_no_role_is_assumed_where_the_chain_ends_in_another_account(ask):
    made = resolver(expected_account_id="1000000000000001")
    with pytest.raises(ProfileError) as caught:
        ask(made, chain(HUB, SPOKE))
    assert made.sts.calls == []
    assert str(caught.value) == (
        "the role acs:ram::1000000000000002:role/spoke at the end of the chain belongs to account 1000000000000002,"
        " and not to the expected account 1000000000000001"
    )


def test_sts_says_whom_a_source_stands_for():
    made = resolver(expected_account_id="1000000000000001")
    assert made.resolve(chain()).access_key_id == "LTAI5tEXAMPLE"
    assert made.sts.calls == [("LTAI5tEXAMPLE", "https://sts.aliyuncs.com")]


@pytest.mark.parametrize("ask", [Resolver.resolve, Resolver.get_caller_identity])
def test_source_of_another_account(ask):
    made = resolver(expected_account_id="1000000000000002")
    with pytest.raises(ProfileError) as caught:
        ask(made, chain())
    assert str(caught.value) == (
        "the caller acs:ram::1000000000000001:user/deploy belongs to account 1000000000000001, and not to the expected"
        " account 1000000000000002"
    )
    assert len(made.sts.calls) == 1


SESSION = "acs:ram::1000000000000002:assumed-role/spoke/{0}"


@pytest.mark.parametrize("expected", [SESSION.format("me"), SESSION.format("*"), "*:*/spoke/*"])
def test_expected_arn_of_a_session_costs_no_call(expected):
    made = resolver(expected_arn=expected)
    made.resolve(_chain.name_sessions(chain(HUB, SPOKE), "me"))
    assert len(made.sts.calls) == 2


@pytest.mark.parametrize(
    "expected", [SESSION.format("alice"), SESSION.format("mee"), SPOKE + "/*", SPOKE, "a.*:b"]
)
def test_no_role_is_assumed_whose_session_is_not_expected(expected):
    made = resolver(expected_arn=expected)
    with pytest.raises(ProfileError) as caught:
        made.resolve(_chain.name_sessions(chain(HUB, SPOKE), "me"))
    assert made.sts.calls == []
    assert str(caught.value) == (
        "the session at the end of the chain is {0}, and not the expected {1}".format(
            SESSION.format("me"), expected
        )
    )


def test_expected_arn_of_a_user():
    made = resolver(expected_arn="acs:ram::*:user/deploy")
    assert made.resolve(chain()).access_key_id == "LTAI5tEXAMPLE"
    other = resolver(expected_arn="acs:ram::*:user/other")
    with pytest.raises(
        ProfileError, match="^the caller is acs:ram::1000000000000001:user/deploy, a"
    ):
        other.resolve(chain())


@pytest.mark.parametrize(
    "endpoint, calls",
    [("https://sts.aliyuncs.com", 1), ("https://sts-vpc.cn-x.aliyuncs.com", 1)]
    + [("https://sts.example.com", 2), ("https://aliyuncs.com.example.com", 2)],
)
def test_account_at_another_endpoint_is_asked_for(endpoint, calls):
    hop = {"ram_role_arn": SPOKE, "sts_endpoint": endpoint, "role_session_name": "me"}
    made = resolver(expected_account_id="1000000000000002")
    top = _chain.extend(chain(), [hop])
    if calls == 1:
        made.resolve(top)
    else:
        # What the endpoint says of itself is not what the role's ARN says.
        with pytest.raises(
            ProfileError, match="^the caller .* belongs to account 1000000000000001"
        ):
            made.resolve(top)
    assert len(made.sts.calls) == calls


def test_credentials_that_are_expired_on_arrival_are_warned_of(monkeypatch):
    warnings = []
    made = resolver(warn=warnings.append)
    role = Credentials("STS.NUEXAMPLE", "secret", "token", 1000, SPOKE + "/me")
    monkeypatch.setattr(made.sts, "assume_role", lambda credentials, hop: role)
    made.resolve(chain(SPOKE))
    (told,) = warnings
    assert told.startswith("hop 1 of 1: AssumeRole of " + SPOKE + ": the credentials had expired")
    assert "1970-01-01T00:16:40Z" in told and "compare this clock with that of the service" in told


def test_chain_of_many_inline_hops():
    made = resolver()
    made.resolve(chain(*[HUB] * 200))
    assert len(made.sts.calls) == 200


def test_nothing_is_asked_where_no_account_is_expected():
    made = resolver()
    made.resolve(chain())
    assert made.sts.calls == []


@pytest.mark.parametrize(
    "expected, allowed", [("1000000000000002", True), ("1000000000000001", False), ("", True)]
)
def test_source_that_is_a_role_says_its_account(monkeypatch, expected, allowed):
    made = resolver(expected_account_id=expected)
    role = Credentials("STS.NUEXAMPLE", "secret", "token", 4000000000, SPOKE + "/me")
    monkeypatch.setattr(made, "obtain", lambda source: role)
    if allowed:
        assert made.resolve(chain()) == role
    else:
        with pytest.raises(ProfileError, match="^the role {0}/me belongs to account".format(SPOKE)):
            made.resolve(chain())
    assert made.sts.calls == []


TOKEN = {
    "mode": "StsToken",
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "secret",
    "sts_token": "token",
}


def stored(settings, **more):
    """Return the chain of a profile, and of two hops."""
    profile = dict({"name": "begin"}, **dict(settings, **more))
    begin = _chain.from_profile([profile], "begin")
    return _chain.extend(begin, [{"ram_role_arn": HUB}, {"ram_role_arn": SPOKE}])


@pytest.mark.parametrize(
    "settings, token", [(KEYS, ""), (TOKEN, "token"), (dict(KEYS, sts_token="x"), "")]
)
def test_credentials_that_stand_in_a_profile(settings, token):
    begin = stored(settings)._replace(hops=())
    key_id = settings["access_key_id"]
    assert resolver().resolve(begin) == Credentials(key_id, "secret", token)


@pytest.mark.parametrize(
    "settings, missing",
    [
        (dict(KEYS, access_key_secret=""), "access_key_secret"),
        (dict(KEYS, access_key_id="", access_key_secret=""), "access_key_id, access_key_secret"),
        (dict(TOKEN, sts_token=""), "sts_token"),
    ],
)
def test_credentials_that_are_missing_in_a_profile(settings, missing):
    with pytest.raises(SourceError) as caught:
        resolver().resolve(stored(settings))
    assert str(caught.value) == (
        "source of mode {0} (profile 'begin'): {1} is missing".format(settings["mode"], missing)
    )


@pytest.mark.parametrize("mode", ["BearerToken", "Anonymous"])
def test_mode_without_an_access_key(mode):
    with pytest.raises(SourceError) as caught:
        resolver().resolve(stored({"mode": mode}))
    assert str(caught.value) == (
        "source of mode {0} (profile 'begin'): no chain can begin with it, since it gives no access key".format(
            mode
        )
    )


def test_no_command_is_run_unless_that_is_said():
    assert resolver().allow_process is False


@pytest.mark.parametrize(
    "begin, hops, caller",
    [
        (stored(KEYS), 0, "access key ***PLE of profile 'begin'"),
        (stored(KEYS), 1, HUB),
        (stored(KEYS), 2, SPOKE),
        (chain(HUB), 0, "access key ***PLE"),
        (stored({"mode": "EcsRamRole"}), 0, "the source of mode EcsRamRole (profile 'begin')"),
        (stored({"mode": "OIDC", "ram_role_arn": SPOKE}), 0, SPOKE),
        (stored({"mode": "OIDC", "ram_role_arn": SPOKE}), 1, HUB),
    ],
)
def test_how_errors_name_the_caller(begin, hops, caller):
    assert describe_caller(begin, hops) == caller
