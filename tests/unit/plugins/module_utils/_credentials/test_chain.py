# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From profiles and inline options to chains, and the keys of their credentials."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

HUB = "acs:ram::1000000000000001:role/hub"
SPOKE = "acs:ram::1000000000000002:role/spoke"
KEYS = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "secret"}


def chainable(name, source, arn=SPOKE, **more):
    return dict(
        {
            "name": name,
            "mode": "ChainableRamRoleArn",
            "source_profile": source,
            "ram_role_arn": arn,
            "ram_session_name": "me",
        },
        **more,
    )


AK = dict(KEYS, name="ak", mode="AK", region_id="cn-hangzhou")
ROLE = dict(
    KEYS,
    name="role",
    mode="RamRoleArn",
    ram_role_arn=HUB,
    ram_session_name="me",
    expired_seconds=900,
)


def test_profile_without_a_hop():
    chain = _chain.from_profile([AK], "ak")
    assert (chain.source.mode, chain.hops, chain.region, chain.profile) == (
        "AK",
        (),
        "cn-hangzhou",
        "ak",
    )
    assert chain.endpoint == "https://sts.aliyuncs.com"


def test_endpoint_of_a_chain_is_that_of_its_last_hop():
    chain = _chain.from_profile([dict(AK, sts_endpoint="sts.example.com")], "ak")
    assert chain.endpoint == "https://sts.example.com"
    top = [{"ram_role_arn": HUB}, {"ram_role_arn": SPOKE, "sts_endpoint": "last.example.com"}]
    assert _chain.extend(chain, top).endpoint == "https://last.example.com"
    assert _chain.extend(chain, top[:1]).endpoint == "https://sts.aliyuncs.com"


@pytest.mark.parametrize(
    "mode, profile, title",
    [
        ("OIDC", "", "source of mode OIDC"),
        ("OIDC", "ci", "source of mode OIDC (profile 'ci')"),
        ("", "ci", "source of mode (none) (profile 'ci')"),
    ],
)
def test_how_errors_name_a_source(mode, profile, title):
    assert _chain.Source(mode, {}, profile, "").title == title


def test_what_a_profile_does_not_say():
    role = {"name": "role", "mode": "", "ram_role_arn": HUB}
    chain = _chain.from_profile([dict(role, **KEYS)], "role")
    assert (chain.source.mode, chain.region) == ("AK", "")
    assert chain.hops == (_chain.Hop(HUB, "", "", 3600, "", "", "https://sts.aliyuncs.com"),)


def test_profile_with_a_value_of_another_type():
    with pytest.raises(ProfileError, match="^profile 'role': ram_role_arn must be of type str$"):
        _chain.from_profile([dict(ROLE, ram_role_arn=[HUB])], "role")


def test_role_profile_is_a_source_and_a_hop():
    chain = _chain.from_profile([ROLE], "role")
    assert chain.source.mode == "AK"
    assert chain.hops == (_chain.Hop(HUB, "me", "", 900, "", "", "https://sts.aliyuncs.com"),)


def test_role_profile_with_a_token_begins_with_temporary_credentials():
    assert _chain.from_profile([dict(ROLE, sts_token="t")], "role").source.mode == "StsToken"


def test_ecs_role_with_a_role_arn_keeps_the_external_id():
    profile = dict(ROLE, mode="RamRoleArnWithRoleName", ram_role_name="ecs", external_id="abcd1234")
    chain = _chain.from_profile([profile], "role")
    assert chain.source.mode == "EcsRamRole"
    assert chain.hops[0].external_id == "abcd1234"


def test_many_hops_in_order_each_with_its_own_endpoint():
    profiles = [ROLE] + [
        chainable(
            "p{0}".format(number),
            "p{0}".format(number - 1) if number else "role",
            sts_region="cn-r{0}".format(number),
        )
        for number in range(300)
    ]
    chain = _chain.from_profile(profiles, "p299")
    assert len(chain.hops) == 301
    assert chain.hops[0].ram_role_arn == HUB
    assert [hop.endpoint for hop in chain.hops[1:3]] == [
        "https://sts.cn-r0.aliyuncs.com",
        "https://sts.cn-r1.aliyuncs.com",
    ]


def test_missing_source_in_the_words_of_the_cli():
    with pytest.raises(
        ProfileError, match=r"^can not load the source profile: nope \(profile 'a'\)$"
    ):
        _chain.from_profile([chainable("a", "nope")], "a")


@pytest.mark.parametrize(
    "links, path",
    [
        ({"a": "a"}, "a -> a"),
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"a": "b", "b": "c", "c": "b"}, "a -> b -> c -> b"),
    ],
)
def test_cycle_with_its_path(links, path):
    with pytest.raises(ProfileError, match="form a cycle: {0}$".format(path)):
        _chain.from_profile([chainable(name, source) for name, source in links.items()], "a")


@pytest.mark.parametrize("mode", ["Anonymous", "BearerToken"])
def test_source_profile_without_credentials(mode):
    profiles = [chainable("a", "none"), {"name": "none", "mode": mode}]
    with pytest.raises(ProfileError, match="'none' cannot be a source profile"):
        _chain.from_profile(profiles, "a")


def test_profile_with_a_wrong_value_is_named():
    profiles = [ROLE, chainable("a", "role", external_id="x"), chainable("b", "a")]
    with pytest.raises(ProfileError, match="^profile 'a': external_id must be 2 to 1224"):
        _chain.from_profile(profiles, "b")


def test_profile_of_no_mode_that_there_is():
    with pytest.raises(ProfileError, match="^profile 'ak': mode must be AK$"):
        _chain.from_profile([dict(AK, mode="ak")], "ak")
    with pytest.raises(ProfileError, match="^profile 'ak': mode must be one of AK, "):
        _chain.from_profile([dict(AK, mode="New")], "ak")


def test_unknown_profile():
    with pytest.raises(ProfileError, match="the profile 'x' does not exist"):
        _chain.from_profile([AK], "x")
    with pytest.raises(ProfileError, match="^the profile 'x', which NAME names, does not exist$"):
        _chain.from_profile([AK], "x", named_by="NAME")


def test_the_first_of_two_profiles_with_one_name_counts():
    assert _chain.from_profile([AK, dict(AK, mode="Anonymous")], "ak").source.mode == "AK"


@pytest.mark.parametrize(
    "settings, url",
    [
        ({}, "https://sts.aliyuncs.com"),
        ({"sts_region": "cn-hangzhou"}, "https://sts.cn-hangzhou.aliyuncs.com"),
        (
            {"sts_region": "cn-hangzhou", "enable_vpc": True},
            "https://sts-vpc.cn-hangzhou.aliyuncs.com",
        ),
        ({"enable_vpc": True}, "https://sts.aliyuncs.com"),
        (
            {"sts_region": "x", "sts_endpoint": "sts.example.com:8443/"},
            "https://sts.example.com:8443",
        ),
        ({"sts_endpoint": "https://sts.example.com"}, "https://sts.example.com"),
        ({"sts_endpoint": "http://127.0.0.1:19080"}, "http://127.0.0.1:19080"),
        ({"sts_endpoint": "http://[::1]:1"}, "http://[::1]:1"),
    ],
)
def test_endpoint(settings, url):
    assert _chain.make_endpoint_url(settings) == url


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://sts.aliyuncs.com",
        "http://127.0.0.1.evil.com",
        "http://evil\\@127.0.0.1/",
        "http://127.0.0.1:1@evil/",
        "http://127.999.999.999",
        "http://127.0.0.256",
        "http://127.1",
        "127.999.999.999",
        "https://127.999.999.999",
        "https://256.1.1.1/",
        "10.0.0:443",
        "ftp://x",
        "a b",
        "user:pw@host",
        "host/path",
        "-",
        "host:99999",
    ],
)
def test_endpoint_that_is_refused(endpoint):
    with pytest.raises(ProfileError, match="sts_endpoint must be a host"):
        _chain.make_endpoint_url({"sts_endpoint": endpoint})


@pytest.mark.parametrize(
    "change, message",
    [
        ({"ram_role_arn": None}, "a hop requires ram_role_arn"),
        ({"ram_role_arn": ""}, "ram_role_arn is empty: give a value, or omit it$"),
        ({"external_id": ""}, "external_id is empty"),
        ({"ram_role_arn": "acs:ram::x:role/a"}, "ram_role_arn must be"),
        ({"ram_role_arn": HUB + "+"}, "ram_role_arn must be"),
        ({"ram_role_arn": HUB + "\n"}, "ram_role_arn must be"),
        ({"role_session_name": "a"}, "role_session_name must be"),
        ({"role_session_name": "a b"}, "role_session_name must be"),
        ({"external_id": "a"}, "external_id must be"),
        ({"external_id": "a b"}, "external_id must be"),
        ({"expired_seconds": 899}, "expired_seconds must be 900 to 43200 seconds"),
        ({"expired_seconds": 43201}, "expired_seconds must be 900 to 43200 seconds"),
        ({"expired_seconds": 0}, "expired_seconds must be 900 to 43200 seconds"),
        ({"expired_seconds": False}, "expired_seconds must be 900 to 43200 seconds"),
        ({"policy": "x"}, "policy must be"),
        ({"policy": {"a": "b" * 2048}}, "policy must be"),
        ({"policy": {}}, "policy must be a RAM policy"),
        ({"policy": []}, "policy must be a RAM policy"),
        ({"policy": False}, "policy must be a RAM policy"),
        ({"policy": 0}, "policy must be a RAM policy"),
        ({"policy": "{ }"}, "policy must be a RAM policy"),
        ({"policy": ""}, "policy is empty"),
        ({"source_identity": "acs:me"}, "source_identity must be"),
        ({"sts_region": "cn hangzhou"}, "sts_region must be"),
    ],
)
def test_hop_that_is_refused(change, message):
    chain = _chain.from_profile([AK], "ak")
    with pytest.raises(ProfileError, match="^hops, entry 2: {0}".format(message)):
        _chain.extend(chain, [{"ram_role_arn": HUB}, dict({"ram_role_arn": HUB}, **change)])


def test_hops_on_top():
    chain = _chain.extend(
        _chain.from_profile([ROLE], "role"),
        [
            {
                "ram_role_arn": SPOKE,
                "policy": {"b": 1, "a": [2]},
                "expired_seconds": 900,
                "external_id": None,
            }
        ],
    )
    assert chain.hops[1] == _chain.Hop(
        SPOKE, "", "", 900, '{"a":[2],"b":1}', "", "https://sts.aliyuncs.com"
    )


def test_everything_that_a_hop_can_say():
    hop = {
        "ram_role_arn": SPOKE,
        "role_session_name": "me",
        "external_id": "1234",
        "expired_seconds": 43200,
        "policy": '{"Version": "1"}',
        "source_identity": "alice",
        "sts_endpoint": "sts.example.com",
    }
    chain = _chain.extend(_chain.from_profile([AK], "ak"), [hop])
    assert chain.hops == (
        _chain.Hop(
            SPOKE, "me", "1234", 43200, '{"Version": "1"}', "alice", "https://sts.example.com"
        ),
    )


def test_a_source_that_assumes_no_role_gets_no_session_name():
    chain = _chain.extend(_chain.from_profile([AK], "ak"), [{"ram_role_arn": SPOKE}])
    assert _chain.name_sessions(chain, "other").source == chain.source


def test_names_for_sessions_that_have_none():
    chain = _chain.extend(
        _chain.from_profile([ROLE], "role"),
        [{"ram_role_arn": SPOKE}, {"ram_role_arn": SPOKE, "role_session_name": "third"}],
    )
    named = _chain.name_sessions(chain, "other")
    assert [hop.role_session_name for hop in named.hops] == ["me", "other", "third"]
    assert named.source == chain.source


@pytest.mark.parametrize("given, name", [({}, "other"), ({"role_session_name": "own"}, "own")])
def test_name_for_the_session_of_an_oidc_token(given, name):
    source = {
        "mode": "OIDC",
        "oidc_provider_arn": "acs:ram::1000000000000001:oidc-provider/ci",
        "oidc_token_file": "/token",
        "ram_role_arn": HUB,
    }
    chain = _chain.name_sessions(_chain.from_source(dict(source, **given)), "other")
    assert chain.source.settings["role_session_name"] == name


def test_name_that_no_session_can_have():
    chain = _chain.from_profile([ROLE], "role")
    assert _chain.name_sessions(chain, "a b") == chain
    with pytest.raises(ProfileError, match="role_session_name must be 2 to 64"):
        _chain.name_sessions(_chain.extend(chain, [{"ram_role_arn": SPOKE}]), "a b")


def test_inline_source():
    chain = _chain.from_source(
        dict(KEYS, mode="RamRoleArn", ram_role_arn=HUB, role_session_name="me")
    )
    assert (chain.source.mode, len(chain.hops), chain.profile, chain.region) == ("AK", 1, "", "")


def test_inline_source_without_a_mode():
    chain = _chain.from_source(dict(KEYS, region="cn-hangzhou"))
    assert (chain.source.mode, chain.region) == ("AK", "cn-hangzhou")


@pytest.mark.parametrize(
    "given, region", [({}, "cn-beijing"), ({"region": "cn-shanghai"}, "cn-shanghai")]
)
def test_region_of_an_inline_source_on_a_stored_profile(given, region):
    source = {"mode": "ChainableRamRoleArn", "source_profile": "role", "ram_role_arn": SPOKE}
    stored = [dict(ROLE, region_id="cn-beijing")]
    assert _chain.from_source(dict(source, **given), stored).region == region
    chain = _chain.from_source(source, [ROLE])
    assert (chain.region, chain.profile) == ("", "")


def test_inline_source_on_a_stored_profile():
    source = {
        "mode": "ChainableRamRoleArn",
        "source_profile": "role",
        "ram_role_arn": SPOKE,
        "role_session_name": "me",
    }
    assert [hop.ram_role_arn for hop in _chain.from_source(source, [ROLE]).hops] == [HUB, SPOKE]


@pytest.mark.parametrize(
    "source, message",
    [
        ({}, "^source requires mode$"),
        ({"private_key": "k"}, "^source requires mode$"),
        ({"mode": "AK"}, "mode AK requires access_key_id, access_key_secret"),
        (dict(KEYS, mode="AK", ram_role_arn=HUB), "ram_role_arn is not used by mode AK"),
        (dict(KEYS, mode="AK", sts_region=""), "^source: sts_region is empty: give a value, or"),
        (
            {"mode": "RsaKeyPair", "private_key": "k", "key_pair_name": "n", "expired_seconds": 0},
            "^exp",
        ),
        (dict(KEYS, mode="ak"), "^mode must be AK$"),
        (dict(KEYS, mode="No"), "^mode must be one of AK, StsToken, .*, Anonymous$"),
        (
            {
                "mode": "ChainableRamRoleArn",
                "source_profile": "x",
                "ram_role_arn": HUB,
                "role_session_name": "me",
            },
            "^can not load the source profile: x \\(source\\)$",
        ),
    ],
)
def test_inline_source_that_is_refused(source, message):
    with pytest.raises(ProfileError, match=message):
        _chain.from_source(source)


HOP = _chain.Hop(HUB, "me", "ext", 900, "{}", "id", "https://sts.aliyuncs.com")


@pytest.mark.parametrize("field", _chain.Hop._fields)
def test_key_depends_on_every_argument_of_a_hop(field):
    chain = _chain.from_profile([AK], "ak")
    value = getattr(HOP, field)
    other = HOP._replace(**{field: value + 1 if isinstance(value, int) else value + "x"})
    assert (
        _chain.make_keys(chain._replace(hops=(HOP,)), {})[1]
        != _chain.make_keys(chain._replace(hops=(other,)), {})[1]
    )


# What tells the credentials of a source from those of another one of the same mode.
KEPT = ["access_key_id", "access_key_secret", "sts_token"]
IDENTITIES = {
    "AK": ["access_key_id", "access_key_secret"],
    "StsToken": ["access_key_id", "access_key_secret", "sts_token"],
    "EcsRamRole": ["ram_role_name"],
    "RsaKeyPair": ["key_pair_name", "private_key", "expired_seconds"],
    "External": ["process_command"],
    "CredentialsURI": ["credentials_uri"],
    "OIDC": [
        "oidc_provider_arn",
        "oidc_token_file",
        "ram_role_arn",
        "role_session_name",
        "expired_seconds",
        "policy",
    ],
    "CloudSSO": [
        "cloud_sso_sign_in_url",
        "cloud_sso_account_id",
        "cloud_sso_access_config",
        "access_token",
    ]
    + KEPT,
    "OAuth": ["oauth_site_type", "oauth_refresh_token", "oauth_access_token"] + KEPT,
}
# Credentials from another STS differ. Other sources do not use STS.
ASKED = ("OIDC", "RsaKeyPair")


def key(mode, sts="", environ=None, **settings):
    source = _chain.Source(mode, settings, "", sts)
    return _chain.make_keys(_chain.Chain(source, (), "", ""), environ or {})[0]


@pytest.mark.parametrize(
    "mode, name", [(mode, name) for mode, names in IDENTITIES.items() for name in names]
)
def test_key_of_a_source_depends_on_what_tells_it_from_others(mode, name):
    assert len({key(mode), key(mode, **{name: "a"}), key(mode, **{name: "b"})}) == 3


@pytest.mark.parametrize("mode", IDENTITIES)
def test_key_of_a_source_depends_on_nothing_else(mode):
    others = [field.name for field in _modes.FIELDS if field.name not in IDENTITIES[mode]]
    assert {key(mode, **{name: "a"}) for name in others} == {key(mode)}
    assert (key(mode, sts="https://other") != key(mode)) is (mode in ASKED)
    others = [key(other) for other in IDENTITIES if other != mode]
    assert key(mode) not in others


def test_key_of_a_source_depends_on_what_it_reads_of_the_environment():
    environ = {"ALIBABA_CLOUD_ECS_METADATA": "machine"}
    assert key("EcsRamRole", environ=environ) != key("EcsRamRole")
    assert key("AK", environ=environ) == key("AK")


def test_key_depends_on_the_way_to_the_hop():
    one = _chain.from_profile([AK], "ak")
    other = _chain.from_profile([dict(AK, access_key_id="LTAI5tOTHER")], "ak")
    assert (
        len(
            {
                _chain.make_keys(chain._replace(hops=hops), {})[-1]
                for chain in (one, other)
                for hops in ((HOP,), (HOP, HOP))
            }
        )
        == 4
    )


def test_chains_that_begin_alike_share_their_beginning():
    first = _chain.from_profile([ROLE, chainable("a", "role")], "a")
    second = _chain.from_profile([ROLE, chainable("b", "role", external_id="other")], "b")
    keys = _chain.make_keys(first, {}), _chain.make_keys(second, {})
    assert keys[0][:2] == keys[1][:2]
    assert keys[0][2] != keys[1][2]


def test_who_has_another_secret_has_other_keys():
    chains = (_chain.from_profile([dict(AK, access_key_secret=text)], "ak") for text in "ab")
    assert len({_chain.make_keys(chain, {})[0] for chain in chains}) == 2


def test_nothing_secret_in_a_printed_source():
    chain = _chain.from_profile([AK], "ak")
    assert repr(chain.source) == "Source(mode='AK', profile='ak')"
    assert "secret" not in repr(chain)
