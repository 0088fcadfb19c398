# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the table of fields and modes, and the data derived from it."""

from typing import Any, Dict

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

# Fields that `aliyun configure set` stores per mode without those of all modes, and fields that it requires.
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
