# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of a change of key, on documents."""

import copy

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import key_change
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles

KEYS = key_change.Keys("LTAI5tOLD", "LTAI5tNEW", "new-secret")


def profile(name, key_id="LTAI5tOLD", **more):
    secret = {"LTAI5tOLD": "old-secret", "LTAI5tNEW": "new-secret"}.get(key_id, "other")
    return dict(
        {"name": name, "mode": "AK", "access_key_id": key_id, "access_key_secret": secret},
        **dict({"region_id": "cn-hangzhou"}, **more)
    )


def document(*profiles):
    return {"current": profiles[0]["name"], "profiles": list(profiles)}


def shown(content):
    return [(item["name"], item.get("access_key_id", "")[6:]) for item in content["profiles"]]


def test_steps_leave_what_they_were_given():
    content = document(profile("a"), profile("b", "LTAI5tOTHER"))
    before = copy.deepcopy(content)
    given = list(content["profiles"])
    assert key_change.prepare(content, KEYS) == ["a-next"]
    assert shown(content) == [("a", "OLD"), ("a-next", "NEW"), ("b", "OTHER")]
    assert key_change.replace(content, KEYS._replace(secret="")) == ["a"]
    assert shown(content) == [("a", "NEW"), ("a-old", "OLD"), ("b", "OTHER")]
    assert key_change.restore(content, KEYS) == ["a", "a-old"]
    assert content == before and given == before["profiles"]


def test_token_goes_with_its_key():
    content = document(profile("a", mode="RamRoleArn", sts_token="token", ram_role_arn="x"))
    key_change.prepare(content, KEYS)
    key_change.replace(content, KEYS)
    assert "sts_token" not in _profiles.index_profiles(content)["a"]


@pytest.mark.parametrize("mode", ["StsToken", "CloudSSO", "OAuth", "EcsRamRole", "Unknown", ""])
def test_other_modes_are_no_holders(mode):
    content = document(profile("a", mode=mode))
    assert key_change.find_holders(content, KEYS, "LTAI5tOLD") == []


def test_profile_that_only_has_the_name_of_a_companion_is_a_holder():
    content = document(profile("a"), profile("a-old", region_id="cn-beijing"), profile("b-old"))
    assert key_change.find_holders(content, KEYS, "LTAI5tOLD") == ["a", "a-old", "b-old"]
    content = document(profile("a", "LTAI5tNEW"), profile("a-old"))
    assert key_change.find_holders(content, KEYS, "LTAI5tOLD") == []


def test_prefix_of_an_id_is_another_id():
    content = document(profile("a", "LTAI5tOLD2"), profile("b", "LTAI5tOL"))
    for step in (key_change.prepare, key_change.replace, key_change.restore, key_change.clean):
        assert step(content, KEYS) == []


def test_current_stays_where_it_can():
    content = dict(document(profile("a"), profile("b", "LTAI5tX")), current="a-next")
    key_change.prepare(content, KEYS)
    assert content["current"] == "a-next"
    key_change.replace(content, KEYS)
    assert content["current"] in ("a", "a-old")
    content["current"] = "b"
    key_change.clean(content, KEYS)
    assert content["current"] == "b"


def test_restore_without_the_old_key():
    with pytest.raises(ProfileError, match="write that key with aliyun.cli.profile"):
        key_change.restore(document(profile("a", "LTAI5tNEW")), KEYS)


def test_replace_without_a_secret():
    with pytest.raises(ProfileError, match="run state=prepared first"):
        key_change.replace(document(profile("a")), KEYS._replace(secret=""))
