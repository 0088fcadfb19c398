# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles in a parsed document: put, remove, activate, check and show."""

import copy
import json
from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ARN,
    EMPTY,
    KEYS,
    NOTHING,
    PLACEHOLDER,
    ak,
    chained,
    document,
)


def put(target: Dict[str, Any], name: str, **options: Any) -> Dict[str, Any]:
    """Put one profile and return what is stored of it."""
    update_secrets = options.pop("update_secrets", True)
    _profiles.put(target, [dict(options, name=name)], update_secrets=update_secrets)
    return dict(_profiles.index_profiles(target)[name])


def names(target: Dict[str, Any]) -> List[str]:
    """Return the names of the profiles in their order."""
    return [profile["name"] for profile in target["profiles"]]


# --- put


def test_a_new_profile_is_written_as_the_cli_writes_it() -> None:
    target = copy.deepcopy(NOTHING)
    put(
        target,
        "first",
        mode="RamRoleArn",
        expired_seconds=900,
        region="cn-shanghai",
        role_session_name="alice",
        ram_role_arn=ARN,
        access_key_secret="s",
        access_key_id="LTAI",
        external_id="",
        sts_region="cn-hangzhou",
    )
    assert json.dumps(target) == json.dumps(
        {
            "current": "first",
            "profiles": [
                {
                    "name": "first",
                    "mode": "RamRoleArn",
                    "access_key_id": "LTAI",
                    "access_key_secret": "s",
                    "sts_region": "cn-hangzhou",
                    "ram_role_arn": ARN,
                    "ram_session_name": "alice",
                    "expired_seconds": 900,
                    "region_id": "cn-shanghai",
                    "output_format": "json",
                    "language": "en",
                }
            ],
            "meta_path": "",
        }
    )


def test_the_first_profile_takes_the_place_of_the_placeholder_and_becomes_current() -> None:
    target = copy.deepcopy(EMPTY)
    put(target, "first", mode="Anonymous", region="cn-hangzhou")
    assert (names(target), target["current"]) == (["first"], "first")
    put(target, "second", mode="Anonymous", region="cn-hangzhou")
    assert (names(target), target["current"]) == (["first", "second"], "first")


def test_the_placeholder_is_no_profile_that_could_be_updated() -> None:
    with pytest.raises(ProfileError) as caught:
        put(copy.deepcopy(EMPTY), "default", region="cn-hangzhou")
    assert str(caught.value) == ("profile 'default': mode is required for a new profile: set mode")


def test_a_mode_that_is_not_stored_is_not_inferred() -> None:
    with pytest.raises(ProfileError) as caught:
        put(document(ak("a", mode="")), "a", region="cn-hangzhou")
    assert str(caught.value) == (
        "profile 'a': mode is required for a profile without a mode: set mode"
    )


def test_options_that_are_not_given_stay_and_empty_ones_go() -> None:
    target = document(ak("a", sts_region="cn-hangzhou", read_timeout=5, auto_plugin_install=True))
    stored = put(
        target, "a", sts_region="", read_timeout=0, auto_plugin_install=False, language=None
    )
    assert stored == ak("a")


def test_putting_again_changes_nothing() -> None:
    # Older versions of the CLI wrote every key, used or not.
    target = document(ak("a", sts_token="", external_id="", read_timeout=0), chained("b", "a"))
    before = json.dumps(target)
    put(target, "a", mode="AK", sts_region="", read_timeout=0, expired_seconds=0, **KEYS)
    put(target, "b", source_profile="a", region="cn-hangzhou")
    assert json.dumps(target) == before


def test_unknown_keys_and_the_given_order_keep_their_place() -> None:
    stored = {
        "x": 1,
        "name": "a",
        "region_id": "cn-hangzhou",
        "y": {"z": [None]},
        "mode": "AK",
        "access_key_id": "LTAI5tEXAMPLE",
        "zz": None,
        "access_key_secret": "old",
        "last": True,
    }
    target = document(stored, unknown={"deep": []})
    put(target, "a", sts_region="cn-beijing", language="zh", bearer_token="")
    profile = target["profiles"][0]
    assert list(profile) == (
        ["x", "name", "sts_region", "region_id", "y", "mode", "access_key_id", "zz"]
        + ["access_key_secret", "last", "language"]
    )
    assert {key: profile[key] for key in stored} == stored
    assert target["unknown"] == {"deep": []}


def test_fields_that_the_new_mode_does_not_use_go() -> None:
    target = document(ak("source"), ak("a", sts_region="cn-hangzhou", mystery="stays"))
    stored = put(
        target,
        "a",
        mode="ChainableRamRoleArn",
        source_profile="source",
        ram_role_arn=ARN,
        role_session_name="alice",
    )
    assert stored == dict(chained("a", "source"), sts_region="cn-hangzhou", mystery="stays")


def test_left_over_fields_of_the_same_mode_go_too() -> None:
    target = document(dict(chained("a", "b"), access_key_secret="left over"), ak("b"))
    assert "access_key_secret" not in put(target, "a")


def test_of_an_unknown_mode_nothing_is_removed() -> None:
    stored = dict(ak("a"), mode="Future", bearer_token="t")
    assert put(document(stored), "a", sts_region="x-y") == dict(stored, sts_region="x-y")


LOGIN = {
    "name": "sso",
    "mode": "CloudSSO",
    "access_key_id": "STS.temporary",
    "access_key_secret": "temporary",
    "sts_token": "token",
    "region_id": "cn-hangzhou",
    "cloud_sso_sign_in_url": "https://signin.example/login",
    "access_token": "bearer",
    "cloud_sso_access_token_expire": 1,
    "sts_expiration": 2,
}


def test_the_state_of_a_login_stays_while_the_mode_does() -> None:
    stored = put(document(LOGIN), "sso", mode="CloudSSO", access_key_id="", region="cn-beijing")
    assert stored == dict(LOGIN, region_id="cn-beijing")


def test_the_state_of_a_login_never_becomes_a_setting_or_that_of_another_login() -> None:
    stored = put(document(LOGIN), "sso", mode="OAuth", oauth_site_type="CN")
    assert set(stored) == {"name", "mode", "region_id", "oauth_site_type"}
    with pytest.raises(ProfileError) as caught:
        put(document(LOGIN), "sso", mode="AK")
    assert str(caught.value) == "profile 'sso': mode AK requires access_key_id, access_key_secret"


def test_an_access_key_never_becomes_the_state_of_a_login() -> None:
    url = "https://signin.example/login"
    stored = put(document(ak("a")), "a", mode="CloudSSO", cloud_sso_sign_in_url=url)
    assert "access_key_id" not in stored and "access_key_secret" not in stored


STATE = {
    "access_key_id": "STS.temporary",
    "access_key_secret": "temporary",
    "sts_token": "token",
    "sts_expiration": 2,
}
COMMAND = dict(
    STATE, name="command", mode="External", process_command="get", region_id="cn-hangzhou"
)
SITE = dict(
    STATE,
    name="site",
    mode="OAuth",
    oauth_site_type="CN",
    oauth_access_token="bearer",
    oauth_refresh_token="refresh",
    oauth_access_token_expire=1,
    oauth_refresh_token_expire=2,
    region_id="cn-hangzhou",
)
TOKEN = {"access_token": "bearer", "cloud_sso_access_token_expire": 1}


@pytest.mark.parametrize(
    "stored, change, kept",
    [
        (LOGIN, {"region": "x", "language": "zh"}, dict(STATE, **TOKEN)),
        (LOGIN, {"cloud_sso_sign_in_url": "https://signin.example/login"}, dict(STATE, **TOKEN)),
        (LOGIN, {"cloud_sso_account_id": ""}, dict(STATE, **TOKEN)),
        (LOGIN, {"cloud_sso_account_id": "2"}, TOKEN),
        (LOGIN, {"cloud_sso_access_config": "ac-2"}, TOKEN),
        (dict(LOGIN, cloud_sso_account_id="1"), {"cloud_sso_account_id": ""}, TOKEN),
        (LOGIN, {"cloud_sso_sign_in_url": "https://other.example/login"}, {}),
        (SITE, {"oauth_site_type": "INTL"}, {}),
        (COMMAND, {"language": "zh"}, STATE),
        (COMMAND, {"process_command": "get"}, STATE),
        (COMMAND, {"process_command": "get other"}, {}),
        (dict(chained("a", "b"), **STATE), {"language": "zh"}, STATE),
        (dict(chained("a", "b"), **STATE), {"source_profile": "c"}, {}),
    ],
)
def test_put_keeps_state_while_the_settings_that_it_belongs_to_stay(
    stored: Dict[str, Any], change: Dict[str, Any], kept: Dict[str, Any]
) -> None:
    state = {key for key, field in _modes.KEYS.items() if stored["mode"] in field.kept}
    profile = put(document(stored, ak("b"), ak("c")), stored["name"], **change)
    assert {key: value for key, value in profile.items() if key in state} == kept


def test_every_stored_state_belongs_to_settings_of_its_mode() -> None:
    for field in _modes.FIELDS:
        for mode, names in field.kept.items():
            owners = _modes.find_owners(field, mode)
            assert {owner.name for owner in owners} == set(names) and owners
            assert all(mode in owner.modes for owner in owners)


@pytest.mark.parametrize("stored", [COMMAND, SITE, LOGIN, dict(chained("a", "b"), **STATE)])
def test_state_is_neither_shown_nor_a_fault_nor_an_option(stored: Dict[str, Any]) -> None:
    state = {field.name for field in _modes.FIELDS if stored["mode"] in field.kept}
    assert not state.intersection(_profiles.show(stored))
    is_chained = stored["mode"] == "ChainableRamRoleArn"
    told = "it holds credentials of its source profile, which an SDK stored there"
    assert _profiles.find_problems(stored) == ([told] if is_chained else [])
    with pytest.raises(ProfileError, match="access_key_id is not used by mode"):
        put(document(stored, ak("b")), stored["name"], access_key_id="LTAI")


def test_mode_that_changes_drops_state() -> None:
    profile = put(document(COMMAND), "command", mode="Anonymous")
    assert set(profile) == {"name", "mode", "region_id"}


def test_old_key_of_read_timeout_is_read_and_stays() -> None:
    old = ak("a", retry_timeout=20)
    assert _profiles.show(old)["read_timeout"] == 20
    assert _profiles.show(dict(old, read_timeout=30))["read_timeout"] == 30
    assert _profiles.find_problems(old) == []
    profile = put(document(old), "a", read_timeout=30)
    assert (profile["retry_timeout"], profile["read_timeout"]) == (20, 30)
    assert not {"retry_timeout", "read_timeout"} & set(put(document(profile), "a", read_timeout=0))


@pytest.mark.parametrize("key", ["expired_seconds", "read_timeout", "retry_timeout"])
def test_number_that_stops_the_cli_is_reported(key: str) -> None:
    for number in (2**63, -(2**63) - 1):
        found = _profiles.find_problems(ak("a", **{key: number}))
        assert "{0} is not of type int, so the CLI does not start".format(key) in found


def test_secrets_are_kept_on_request_while_the_key_is_the_same() -> None:
    target = document(ak("a"))
    stored = put(
        target,
        "a",
        update_secrets=False,
        sts_region="cn-hangzhou",
        access_key_id=KEYS["access_key_id"],
        access_key_secret="new",
    )
    assert stored["access_key_secret"] == "old" and stored["sts_region"] == "cn-hangzhou"
    other = put(
        target, "a", update_secrets=False, access_key_id="LTAIother", access_key_secret="new"
    )
    assert other["access_key_secret"] == "new"


def test_secrets_are_set_on_creation() -> None:
    stored = put(
        copy.deepcopy(NOTHING), "a", update_secrets=False, mode="AK", region="cn-hangzhou", **KEYS
    )
    assert stored["access_key_secret"] == "old"


@pytest.mark.parametrize("update_secrets", [True, False])
def test_a_secret_belongs_to_its_key(update_secrets: bool) -> None:
    with pytest.raises(ProfileError) as caught:
        put(document(ak("a")), "a", access_key_id="LTAIother", update_secrets=update_secrets)
    assert str(caught.value) == ("profile 'a': access_key_id changes: set access_key_secret too")


def test_a_token_belongs_to_its_key() -> None:
    target = document(ak("a", mode="StsToken", sts_token="t"))
    with pytest.raises(ProfileError) as caught:
        put(target, "a", access_key_id="STS.other", access_key_secret="other")
    assert str(caught.value) == "profile 'a': mode StsToken requires sts_token"


@pytest.mark.parametrize("name", ["", "a\nb", "a\0", "\x1b[1m"])
def test_names_are_printable(name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        put(document(ak("a")), name, mode="Anonymous", region="cn-hangzhou")
    assert str(caught.value) == "a profile needs a name of printable characters"


@pytest.mark.parametrize("name", ["with space", "ümläut", "阿里", "a/b", "'", "-"])
def test_other_names_are_free(name: str) -> None:
    assert put(document(), name, mode="Anonymous", region="cn-hangzhou")["name"] == name


def test_no_error_shows_a_value() -> None:
    given = {field.name: "do not\nshow" for field in _modes.list_options() if field.type == "str"}
    for mode in _modes.MODES:
        for name, value in given.items():
            try:
                put(document(ak("a")), "a", **{"mode": mode, name: value})
            except ProfileError as error:
                assert "show" not in str(error)


# --- remove, purge, activate


def test_remove() -> None:
    target = document(ak("a"), ak("b"), ak("c"), current="b")
    assert _profiles.remove(target, "b")
    assert (names(target), target["current"]) == (["a", "c"], "a")
    assert _profiles.remove(target, "c")
    assert target["current"] == "a"
    assert not _profiles.remove(target, "c")


def test_removing_the_last_leaves_a_file_with_which_the_cli_starts() -> None:
    target = document(ak("a"), unknown=1)
    assert _profiles.remove(target, "a")
    assert target == dict(EMPTY, unknown=1)
    assert not _profiles.remove(target, "default")
    assert target == dict(EMPTY, unknown=1)


def test_a_source_profile_is_removed_by_force_only() -> None:
    target = document(ak("a"), chained("b", "a"), chained("c", "a"), ak("d", source_profile="a"))
    before = copy.deepcopy(target)
    with pytest.raises(ProfileError) as caught:
        _profiles.remove(target, "a")
    assert str(caught.value) == (
        "profile 'a' is the source profile of 'b', 'c': remove them first, or set force"
    )
    assert target == before
    assert _profiles.remove(target, "a", force=True)
    assert names(target) == ["b", "c", "d"]


def test_a_profile_that_chains_to_itself_can_be_removed() -> None:
    target = document(chained("a", "a"))
    assert _profiles.remove(target, "a")


def test_purge() -> None:
    target = document(ak("a"), ak("b"), ak("c"))
    _profiles.purge(target, ["c", "new"])
    assert (names(target), target["current"]) == (["c"], "c")
    _profiles.purge(target, [])
    assert target == EMPTY


@pytest.mark.parametrize(
    "placeholder, left",
    [
        (dict(PLACEHOLDER, language="zh"), dict(PLACEHOLDER, language="zh")),
        (dict(PLACEHOLDER, output_format=["json"]), PLACEHOLDER),
    ],
)
def test_purging_all_keeps_an_empty_profile_that_the_cli_can_read(
    placeholder: Dict[str, Any], left: Dict[str, Any]
) -> None:
    for target in (document(placeholder), document(placeholder, ak("a"))):
        _profiles.purge(target, [])
        assert target == document(left)


def test_of_two_with_one_name_the_first_is_changed() -> None:
    target = document(ak("a"), ak("a", region_id="cn-shanghai"))
    _profiles.put(target, [{"name": "a", "language": "zh"}])
    assert target == document(ak("a", language="zh"), ak("a", region_id="cn-shanghai"))


def test_activate() -> None:
    target = document(ak("a"), ak("b"))
    _profiles.activate(target, "b")
    assert target["current"] == "b"
    for absent in (target, copy.deepcopy(EMPTY)):
        with pytest.raises(ProfileError) as caught:
            _profiles.activate(absent, "default")
        assert str(caught.value) == "the profile 'default' does not exist"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "no profile"),
        (1, "'0'"),
        (10, "'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'"),
        (13, "'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', and 3 more"),
    ],
)
def test_names_in_a_sentence(count: int, text: str) -> None:
    target = document(*(ak(str(number)) for number in range(count)))
    assert _profiles.format_names(target) == text
    assert _profiles.format_names(copy.deepcopy(EMPTY)) == "no profile"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x" * 65, "'{0}...'".format("x" * 61)),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("a\u202eb", r"'a\u202eb'"),
    ],
)
def test_a_name_that_another_program_has_given_in_a_sentence(name: str, text: str) -> None:
    assert _profiles.format_names(document(ak(name))) == text


# --- references


def test_chain() -> None:
    index = _profiles.index_profiles(document(chained("c", "b"), chained("b", "a"), ak("a")))
    assert _profiles.find_chain(index, "c") == ["a", "b", "c"]
    assert _profiles.find_chain(index, "a") == ["a"]


@pytest.mark.parametrize(
    ("profiles", "sentence"),
    [
        ([chained("a", "nope")], "can not load the source profile: nope (profile 'a')"),
        (
            [chained("a", "b"), chained("b", "nope")],
            "can not load the source profile: nope (profile 'b')",
        ),
        ([chained("a", "a")], "the source profiles form a cycle: a -> a"),
        (
            [chained("a", "b"), chained("b", "a")],
            "the source profiles form a cycle: a -> b -> a",
        ),
        (
            [chained("a", "b"), chained("b", "c"), chained("c", "b")],
            "the source profiles form a cycle: a -> b -> c -> b",
        ),
        (
            [chained("a", "b"), {"name": "b", "mode": "Anonymous"}],
            "profile 'b' cannot be a source profile, since mode Anonymous has no credentials (profile 'a')",
        ),
        (
            [dict(chained("a", ""), source_profile=["b"])],
            "can not load the source profile: ['b'] (profile 'a')",
        ),
    ],
)
def test_bad_references(profiles: List[Dict[str, Any]], sentence: str) -> None:
    target = document(*profiles)
    for check in (
        lambda: _profiles.find_chain(_profiles.index_profiles(target), "a"),
        lambda: _profiles.check_references(target, ["a"]),
    ):
        with pytest.raises(ProfileError) as caught:
            check()
        assert str(caught.value) == sentence


def test_references_of_others_do_not_matter() -> None:
    target = document(ak("a"), chained("b", "nope"), chained("c", "a"), chained("d", "c"))
    _profiles.check_references(target, ["d", "c", "a", "d"])


# --- problems and output


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (ak("a"), []),
        (LOGIN, []),
        (dict(PLACEHOLDER, mode="Future"), ["the mode Future is not known"]),
        (ak("a", mode=""), ["it has no mode"]),
        (
            ak("a", region_id="", access_key_secret=None),
            ["mode AK requires access_key_secret", "mode AK requires region"],
        ),
        (ak("a", bearer_token="t"), ["bearer_token is left over from another mode"]),
        (
            {
                "name": "a",
                "mode": "RsaKeyPair",
                "private_key": "x",
                "key_pair_name": "x",
                "expired_seconds": 43200,
                "region_id": "x",
            },
            ["expired_seconds is not 900 to 3600 seconds"],
        ),
        (ak("a", region_id="a b"), ["region is not a region ID such as cn-hangzhou"]),
        (
            {
                "name": "a",
                "mode": "BearerToken",
                "region_id": "x",
                "bearer_token": "a\nb",
                "bearer_token_header_key": "X: y",
            },
            [
                "bearer_token is not text without line breaks",
                "bearer_token_header_key is not the name of an HTTP header such as X-Auth-Token: ASCII characters"
                " without spaces and colons",
            ],
        ),
        (
            ak("a", read_timeout="soon", language=["x"]),
            [
                "language is not of type str, so the CLI does not start",
                "read_timeout is not of type int, so the CLI does not start",
            ],
        ),
    ],
)
def test_problems(profile: Dict[str, Any], expected: List[str]) -> None:
    assert _profiles.find_problems(profile) == expected


def test_shown() -> None:
    profile = ak("a", sts_region="", mystery="do not show", read_timeout=5)
    assert _profiles.show(profile) == {
        "name": "a",
        "mode": "AK",
        "access_key_id": "***PLE",
        "access_key_secret": "***",
        "region": "cn-hangzhou",
        "read_timeout": 5,
    }


def test_no_secret_is_shown() -> None:
    profile = {field.key: "do not show" for field in _modes.FIELDS if field.secret}
    shown = _profiles.show(dict(profile, name="a", mode="AK"))
    assert set(shown) == {"name", "mode"} | {field.name for field in _modes.FIELDS if field.secret}
    assert "show" not in json.dumps(shown)


PEM = "-----BEGIN {0}PRIVATE KEY-----\nMIIhidden\n-----END {0}PRIVATE KEY-----\n"
AS_TEXT = "the CLI reads private_key as a path, and prints a key in its error: give a path"
PKCS1 = "private_key is in PKCS#1 form, with which the CLI panics: convert it with 'openssl pkcs8 -topk8 -nocrypt'"


@pytest.mark.parametrize(
    "text, stored, expected",
    [
        (PEM.format(""), True, []),
        (PEM.format("RSA "), True, [PKCS1]),
        (PEM.format("RSA "), False, [AS_TEXT, PKCS1]),
        ("MIIEvgIBADANBgkqhkiG" + "A" * 300, False, [AS_TEXT]),
        ("MIIEpAIBAAKCAQEAujhA" + "A" * 300, False, [AS_TEXT, PKCS1]),
        ("MIIEpAIBAAKCAQEAujhA" + "A" * 300, True, [PKCS1]),
        ("/nonexistent", False, []),
        ("nul\0", False, []),
    ],
)
def test_key_that_the_cli_cannot_use_is_told(
    tmp_path: Any, text: str, stored: bool, expected: List[str]
) -> None:
    (tmp_path / "key").write_text(text)
    profile = {
        "name": "a",
        "mode": "RsaKeyPair",
        "private_key": str(tmp_path / "key") if stored else text,
    }
    found = _profiles.find_warnings(profile)
    assert found == ["profile 'a': " + sentence for sentence in expected]
    assert _profiles.find_warnings(dict(profile, mode="AK")) == []
