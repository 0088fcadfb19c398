# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one table: what is derived from it, and the forms of values."""

from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

ALL = frozenset(_modes.MODES)
BY_NAME = {field.name: field for field in _modes.FIELDS}

# The keys of a profile in the order of the struct in config/profile.go of the CLI, with an old key that it only reads,
# then the keys of the SDKs.
CLI_ORDER = """
name mode access_key_id access_key_secret sts_token sts_region sts_endpoint ram_role_name ram_role_arn ram_session_name
external_id source_profile private_key key_pair_name expired_seconds verified region_id output_format language site
retry_timeout read_timeout connect_timeout retry_count process_command credentials_uri oidc_provider_arn oidc_token_file
cloud_sso_sign_in_url access_token cloud_sso_access_token_expire sts_expiration cloud_sso_access_config
cloud_sso_account_id oauth_access_token oauth_refresh_token oauth_access_token_expire oauth_refresh_token_expire
oauth_site_type endpoint_type endpoint external_account_type auto_plugin_install auto_plugin_install_enable_pre
bearer_token bearer_token_header_key
policy enable_vpc
""".split()

# What `aliyun configure set` stores per mode beside what all modes share, and what it asks for.
PER_MODE = {
    "AK": ("access_key_id access_key_secret", ""),
    "StsToken": ("access_key_id access_key_secret sts_token", ""),
    "RamRoleArn": (
        "access_key_id access_key_secret ram_role_arn role_session_name",
        "sts_token external_id expired_seconds",
    ),
    "EcsRamRole": ("", "ram_role_name"),
    "RsaKeyPair": ("private_key key_pair_name", "expired_seconds"),
    "RamRoleArnWithRoleName": (
        "ram_role_arn",
        "ram_role_name role_session_name expired_seconds external_id",
    ),
    "ChainableRamRoleArn": (
        "source_profile ram_role_arn role_session_name",
        "external_id expired_seconds",
    ),
    "External": ("process_command", ""),
    "CredentialsURI": ("credentials_uri", ""),
    "OIDC": (
        "oidc_provider_arn oidc_token_file ram_role_arn role_session_name",
        "expired_seconds",
    ),
    "CloudSSO": ("cloud_sso_sign_in_url", "cloud_sso_access_config cloud_sso_account_id"),
    "OAuth": ("oauth_site_type", ""),
    "BearerToken": ("bearer_token", "bearer_token_header_key"),
    "Anonymous": ("", ""),
}


def test_mode_has_one_spelling() -> None:
    for mode in _modes.MODES:
        _modes.check_mode(mode)
        with pytest.raises(ProfileError, match="^mode must be {0}$".format(mode)):
            _modes.check_mode(mode.swapcase())
    with pytest.raises(ProfileError) as caught:
        _modes.check_mode("secret")
    assert str(caught.value) == "mode must be one of " + ", ".join(_modes.MODES)


KEYS = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "secret"}
ROLE = "acs:ram::1000000000000001:role/hub"


@pytest.mark.parametrize(
    "settings, mode",
    [
        (KEYS, "AK"),
        (dict(KEYS, sts_token="t"), "StsToken"),
        (dict(KEYS, ram_role_arn=ROLE), "RamRoleArn"),
        ({"private_key": "k", "key_pair_name": "n"}, "RsaKeyPair"),
        ({"ram_role_name": "r"}, "EcsRamRole"),
        ({"process_command": "c"}, "External"),
        ({"bearer_token": "b"}, "BearerToken"),
        (
            {"oidc_provider_arn": "p", "oidc_token_file": "f", "ram_role_arn": ROLE},
            "OIDC",
        ),
        ({"oidc_provider_arn": "p", "oidc_token_file": "f"}, ""),
        ({"oidc_provider_arn": "p", "ram_role_arn": ROLE}, ""),
        ({"oidc_token_file": "f", "ram_role_arn": ROLE}, ""),
        ({"cloud_sso_sign_in_url": "https://x"}, "CloudSSO"),
        ({"source_profile": "ak", "ram_role_arn": ROLE}, ""),
        ({}, ""),
    ],
)
def test_inferred_mode(settings: Dict[str, str], mode: str) -> None:
    assert _modes.infer_mode(settings) == mode


def test_order_is_that_of_the_cli() -> None:
    assert list(_modes.ORDER) == CLI_ORDER


def test_every_mode_is_described() -> None:
    assert set(PER_MODE) == ALL


@pytest.mark.parametrize("mode", sorted(PER_MODE))
def test_fields_of_a_mode(mode: str) -> None:
    required, optional = (set(names.split()) for names in PER_MODE[mode])
    own = {
        field.name for field in _modes.list_options() if mode in field.modes and field.modes != ALL
    }
    assert own == required | optional
    asked_for = {field.name for field in _modes.FIELDS if mode in field.required}
    assert asked_for == required | {"region"}


def test_what_is_required_is_used_and_what_is_kept_is_no_setting() -> None:
    for field in _modes.FIELDS:
        assert field.required <= field.modes, field.name
        assert not field.kept.keys() & field.modes, field.name


@pytest.mark.parametrize(
    "name",
    "access_key_secret sts_token private_key process_command credentials_uri access_token oauth_access_token"
    " oauth_refresh_token bearer_token".split(),
)
def test_secrets(name: str) -> None:
    assert BY_NAME[name].secret
    assert _modes.mask(BY_NAME[name], "do not show") == "***"


def test_argument_spec() -> None:
    spec = _modes.make_argument_spec()
    assert spec.pop("mode") == {"type": "str", "choices": list(_modes.MODES)}
    assert set(spec) == {field.name for field in _modes.list_options()}
    for name, option in spec.items():
        assert option["no_log"] is BY_NAME[name].secret
        assert option["type"] == BY_NAME[name].type
        assert "default" not in option


def test_login_state_is_no_option() -> None:
    for field in _modes.list_options():
        assert field.modes, field.name


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "ram_role_arn",
            ["acs:ram::1000000000000001:role/Alice", "acs:ram::1:role/a.b-c_d"],
            ["acs:ram:::role/a", "acs:ram::1:role/", "acs:ram::1:user/a", "acs:ram::1:role/a+b"]
            + ["acs:ram::1:role/" + "a" * 65, "arn:aws:iam::1:role/a", "acs:ram::1:role/a\n"],
        ),
        (
            "role_session_name",
            ["ab", "a.b@c-d_e", "a" * 64],
            ["a", "a" * 65, "a b", "a/b", "ä" * 3, "ab\n"],
        ),
        ("external_id", ["ab", "A1_+=,.@:/-", "a" * 1224], ["a", "a" * 1225, "a b", "ab?"]),
        ("expired_seconds", [900, 3600, 43200], [1, 899, 43201, -1, True]),
        (
            "region",
            ["cn-hangzhou", "us-east-1"],
            ["cn_hangzhou", "cn hangzhou", "cn.hangzhou", "cn/../x"],
        ),
        ("sts_region", ["cn-hangzhou"], ["evil.example/"]),
        (
            "sts_endpoint",
            ["sts.aliyuncs.com", "sts.aliyuncs.com:8443", "https://sts.aliyuncs.com/"]
            + ["a", "a--b.c.", "a:1", "a:60000", "a:64999", "a:65499", "a:65529", "a:65535"]
            + ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1"],
            [
                "http://sts.aliyuncs.com",
                "http://127.0.0.1.evil.example",
                "sts.aliyuncs.com/path",
                "a@b",
                "-",
                "...",
                "a..b",
                ".a",
                "a-.b",
                "a:0",
                "a:080",
                "a:65536",
                "a:99999",
                "http://127.0.0.1:99999",
            ]
            + ["http://localhost.evil.example", "ftp://sts.aliyuncs.com", "sts aliyuncs"],
        ),
        ("access_key_secret", ["s", "a/+="], ["a b", "a\n"]),
        ("oidc_provider_arn", ["acs:ram::1:oidc-provider/x"], ["acs:ram::1:role/x"]),
        (
            "credentials_uri",
            ["http://127.0.0.1/x", "https://example.com"],
            ["file:///etc/passwd", "example.com"],
        ),
        (
            "cloud_sso_sign_in_url",
            ["https://signin.example/login"],
            ["http://signin.example/login"],
        ),
        ("read_timeout", [1, 86400, 2147483647], [-1, 2147483648, True]),
    ],
)
def test_forms(name: str, good: List[Any], bad: List[Any]) -> None:
    rule = BY_NAME[name].rule
    assert rule is not None
    assert [value for value in good if not rule.accepts(value)] == []
    assert [value for value in bad if rule.accepts(value)] == []


def test_a_value_of_wrong_form_is_not_printed() -> None:
    with pytest.raises(ProfileError) as caught:
        _modes.check_value("access_key_secret", BY_NAME["access_key_secret"].rule, "do not show")
    assert str(caught.value) == "access_key_secret must be text without spaces"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("access_key_secret", "secret\n", ": it ends with a line break"),
        ("sts_token", "secret\r\n", ": it ends with a line break"),
        ("sts_token", "s" * 65537, ": it has more than 65536 characters"),
        ("sts_token", "s e", ""),
        ("external_id", "a" * 1225, ""),
        ("expired_seconds", 100000, ""),
    ],
)
def test_what_a_form_does_not_show_is_said(name: str, value: Any, reason: str) -> None:
    rule = BY_NAME[name].rule
    assert rule is not None
    with pytest.raises(ProfileError) as caught:
        _modes.check_value(name, rule, value)
    assert str(caught.value) == "{0} must be {1}{2}".format(name, rule.text, reason)


STORED = {"access_key_id": "LTAI", "access_key_secret": "s", "region_id": "cn-hangzhou"}


@pytest.mark.parametrize(
    ("mode", "given", "stored", "sentence"),
    [
        (
            "AK",
            {"ram_role_arn": "acs:ram::1:role/a"},
            STORED,
            "ram_role_arn is not used by mode AK: remove it",
        ),
        (
            "AK",
            {"access_key_id": "LTAI"},
            {"region_id": "x"},
            "mode AK requires access_key_id, access_key_secret",
        ),
        ("AK", {}, dict(STORED, region_id=""), "mode AK requires region"),
        (
            "CloudSSO",
            {"access_key_id": "LTAI"},
            STORED,
            "access_key_id is not used by mode CloudSSO: remove it",
        ),
        ("AK", {"region": "a b"}, STORED, "region must be a region ID such as cn-hangzhou"),
        (
            "RsaKeyPair",
            {"expired_seconds": 3601},
            {"private_key": "x", "key_pair_name": "x", "region_id": "x"},
            "expired_seconds must be 900 to 3600 seconds",
        ),
        ("Future", {"region": "a b"}, STORED, "region must be a region ID such as cn-hangzhou"),
    ],
)
def test_refusals(mode: str, given: Dict[str, Any], stored: Dict[str, Any], sentence: str) -> None:
    with pytest.raises(ProfileError) as caught:
        _modes.check_mode_fields(mode, given, stored)
    assert str(caught.value) == sentence


def test_accepted() -> None:
    _modes.check_mode_fields(
        "AK", {"ram_role_arn": "", "expired_seconds": 0, "region": "x"}, STORED
    )
    _modes.check_mode_fields("Future", {"ram_role_arn": "acs:ram::1:role/a"}, {})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("access_key_id", "LTAI5tEXAMPLE", "***PLE"),
        ("access_key_id", "abc", "***"),
        ("region", "cn-hangzhou", "cn-hangzhou"),
        ("expired_seconds", 900, 900),
        ("region", {"secret": "do not show"}, "***"),
        ("expired_seconds", "do not show", "***"),
    ],
)
def test_masked(name: str, value: Any, expected: Any) -> None:
    assert _modes.mask(BY_NAME[name], value) == expected


def test_an_unknown_key_is_masked() -> None:
    assert _modes.mask(None, "do not show") == "***"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("expired_seconds", "900", 900),
        ("expired_seconds", "", 0),
        ("expired_seconds", 900.0, 900),
        ("expired_seconds", "900.0", 900),
        ("expired_seconds", "-1.", -1),
        ("expired_seconds", "900.01", None),
        ("expired_seconds", 1e300, None),
        ("expired_seconds", 900.5, None),
        ("expired_seconds", "soon", None),
        ("expired_seconds", "٩٠٠", None),
        ("expired_seconds", True, None),
        ("expired_seconds", [900], None),
        ("auto_plugin_install", "True", True),
        ("auto_plugin_install", "", False),
        ("auto_plugin_install", "on", None),
        ("auto_plugin_install", 1, True),
        ("auto_plugin_install", "0", False),
        ("auto_plugin_install", 2, None),
        ("cloud_sso_account_id", 12345, "12345"),
        ("region", True, None),
        ("region", {}, None),
    ],
)
def test_converted(name: str, value: Any, expected: Any) -> None:
    assert not _modes.has_type(BY_NAME[name], value)
    result = _modes.convert(BY_NAME[name], value)
    assert result == expected and type(result) is type(expected)
