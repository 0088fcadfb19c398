# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the diff shows changes in the format of the file, and hides secrets."""

import copy
import json
from typing import Any, Dict, List, Tuple

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.edited import (
    AK,
    put,
    read,
    write,
)


@pytest.fixture(name="path")
def fixture_path(home_path: str) -> str:
    """Return a file that does not exist yet."""
    return home_path


def lines(path: str, *profiles: Dict[str, Any], **options: Any) -> Tuple[List[str], List[str]]:
    """Return the lines that only one side of the diff has, in a file with these profiles."""
    write(path, *profiles)
    diff = put(path, **options)["diff"]
    before, after = (diff[side].splitlines() for side in ("before", "after"))
    return (
        [line.strip("\t,") for line in before if line not in after],
        [line.strip("\t,") for line in after if line not in before],
    )


def test_diff_has_the_shape_of_the_file(path: str) -> None:
    write(path, AK, dict(AK, name="b"), unknown="do-not-show")
    diff = put(path, name="b", region="cn-beijing")["diff"]
    assert diff["before_header"] == diff["after_header"] == path
    shown = dict(AK, name="b", access_key_id="***PLE", access_key_secret="***")
    for side, region in (("before", "cn-hangzhou"), ("after", "cn-beijing")):
        document = {"current": "a", "profiles": [dict(shown, region_id=region)]}
        assert diff[side] == json.dumps(document, indent="\t") + "\n"


def test_a_changed_secret_is_seen_but_not_read(path: str) -> None:
    assert lines(path, AK, name="a", access_key_secret="new") == (
        ['"access_key_secret": "***"'],
        ['"access_key_secret": "*** (changed)"'],
    )


def test_a_set_and_a_removed_secret_are_seen(path: str) -> None:
    role = {"ram_role_arn": "acs:ram::1:role/a", "ram_session_name": "alice"}
    stored = dict(AK, mode="RamRoleArn", **role)
    assert lines(path, stored, name="a", sts_token="do-not-show") == ([], ['"sts_token": "***"'])
    assert put(path, name="a", sts_token="")["diff"]["before"].count('"sts_token": "***"') == 1
    assert "sts_token" not in json.loads(read(path).decode("utf-8"))["profiles"][0]


def test_another_access_key_id_with_the_same_end_is_seen(path: str) -> None:
    assert lines(
        path, AK, name="a", access_key_id="LTAI5tSAMPLE", access_key_secret="do-not-show"
    ) == (
        ['"access_key_id": "***PLE"'],
        ['"access_key_id": "***PLE (changed)"'],
    )


def test_unknown_keys_are_hidden(path: str) -> None:
    stored = dict(AK, mystery={"deep": "do-not-show"})
    assert lines(path, stored, name="a", region="cn-beijing") == (
        ['"region_id": "cn-hangzhou"'],
        ['"region_id": "cn-beijing"'],
    )


def test_a_secret_of_another_mode_is_seen_to_go(path: str) -> None:
    before, after = lines(path, AK, name="a", mode="BearerToken", bearer_token="do-not-show")
    assert '"access_key_secret": "***"' in before
    assert '"bearer_token": "***"' in after


STATE = {
    "access_key_id": "STS.temporary",
    "access_key_secret": "do-not-show",
    "sts_token": "do-not-show",
    "sts_expiration": 2,
}
LOGIN = {"access_token": "do-not-show", "cloud_sso_access_token_expire": 1}
SSO_URL = {"cloud_sso_sign_in_url": "https://signin.example/start"}
OAUTH = {
    "oauth_access_token": "do-not-show",
    "oauth_refresh_token": "do-not-show",
    "oauth_access_token_expire": 1,
    "oauth_refresh_token_expire": 2,
}


@pytest.mark.parametrize(
    "mode, settings, state, change",
    [
        ("External", {"process_command": "do-not-show"}, {}, {"process_command": "new"}),
        ("OAuth", {"oauth_site_type": "CN"}, OAUTH, {"oauth_site_type": "INTL"}),
        ("CloudSSO", SSO_URL, LOGIN, {"cloud_sso_sign_in_url": "https://other.example/start"}),
        ("CloudSSO", dict(SSO_URL, **LOGIN), {}, {"cloud_sso_account_id": "2"}),
    ],
)
def test_state_of_another_login_or_command_is_seen_to_go(
    path: str,
    mode: str,
    settings: Dict[str, Any],
    state: Dict[str, Any],
    change: Dict[str, Any],
) -> None:
    stored = dict(dict(settings, **state), name="a", mode=mode, region_id="x", **STATE)
    write(path, stored)
    diff = put(path, name="a", **change)["diff"]
    (before,), (after,) = (json.loads(diff[side])["profiles"] for side in ("before", "after"))
    assert before.keys() - after.keys() == state.keys() | STATE.keys()
    assert "do-not-show" not in diff["before"] + diff["after"]


def test_both_of_two_profiles_with_one_name_are_seen(path: str) -> None:
    write(path, AK, dict(AK, region_id="cn-beijing"), AK)
    diff = put(path)["diff"]
    assert [profile["name"] for profile in json.loads(diff["before"])["profiles"]] == ["a", "a"]
    assert [profile["name"] for profile in json.loads(diff["after"])["profiles"]] == ["a-2"]


def test_no_value_of_a_secret_is_in_a_diff(path: str) -> None:
    for mode in _modes.MODES:
        old = {field.key: "do-not-show" for field in _modes.FIELDS if field.secret}
        stored = dict(old, name="a", mode=mode, region_id="x", x="do-not-show", y=["do-not-show"])
        other = {"current": "a", "profiles": [{"name": "a", "mode": "AK"}], "meta_path": ""}
        before = {"current": "a", "profiles": [stored], "meta_path": ""}
        after: Dict[str, Any] = copy.deepcopy(before)
        after["profiles"][0].update({key: value + "!" for key, value in old.items()})
        for pair in ((before, after), (before, other), (other, after)):
            edit = _edit.Edit(path, True, pair[0], pair[1], [], [], [], None, {})
            text = json.dumps(_apply.make_diff(edit))
            assert "show" not in text and "***" in text


def test_diff_of_a_hostile_file_cannot_act_on_a_terminal(path: str) -> None:
    hostile: Dict[str, Any] = dict(AK, name="b\x9b2J\x7f\u202e\x1b")
    hostile.update({"\x85key": 1, "endpoint": "x" * 5000})
    # One of the two is renamed.
    write(path, AK, hostile, dict(hostile, region_id="cn-beijing"))
    diff = put(path)["diff"]
    assert "b\\x9b2J\\x7f\\u202e\\u001b-2" in diff["after"]
    for side in ("before", "after"):
        assert diff[side].replace("\n", "").replace("\t", "").isprintable()
        assert max(map(len, diff[side].splitlines())) <= 4096
