# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module profiles: one edit for all, with references checked at the end."""

import json
import os
from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.modules import profiles

KEY = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "SECRET-1"}


def ak(name: str, **more: Any) -> Dict[str, Any]:
    """Return a declared profile of mode AK."""
    return dict({"name": name, "mode": "AK", "region": "x"}, **dict(KEY, **more))


def chained(name: str, source: str) -> Dict[str, Any]:
    """Return a declared profile of mode ChainableRamRoleArn."""
    return {
        "name": name,
        "mode": "ChainableRamRoleArn",
        "region": "x",
        "source_profile": source,
        "ram_role_arn": "acs:ram::1:role/a",
        "role_session_name": "alice",
    }


@pytest.fixture(name="path")
def path_fixture(tmp_path: Any) -> str:
    """Return the default path of the home of the tests."""
    return str(tmp_path / ".aliyun" / "config.json")


def names(path: str) -> List[str]:
    """Return the names of the stored profiles in their order."""
    with open(path, encoding="utf-8") as file:
        return [profile["name"] for profile in json.load(file)["profiles"]]


def test_order_does_not_matter(run: Any, path: str) -> None:
    entries = [chained("c", "b"), chained("b", "a"), ak("a")]
    predicted = run(profiles.main, check_mode=True, profiles=entries)
    assert not os.path.exists(path)
    done = run(profiles.main, profiles=entries)
    assert predicted["diff"] == done["diff"]
    assert (predicted["created"], done["created"]) == (["c", "b", "a"], ["c", "b", "a"])
    assert (done["current"], names(path)) == ("c", ["c", "b", "a"])
    again = run(profiles.main, profiles=entries[::-1])
    assert not again["changed"]
    assert (again["created"], again["updated"], again["removed"]) == ([], [], [])
    for text in (json.dumps([predicted, done, again]), "".join(run.logged)):
        assert "SECRET" not in text


def test_others_stay_unless_they_are_purged(run: Any, path: str) -> None:
    run(profiles.main, profiles=[ak("a"), ak("b"), chained("c", "b")], current="b")
    kept = run(profiles.main, profiles=[ak("a", region="y")])
    assert (kept["updated"], kept["removed"], kept["current"]) == (["a"], [], "b")
    assert names(path) == ["a", "b", "c"]
    purged = run(profiles.main, profiles=[chained("c", "a"), {"name": "a"}], purge=True)
    assert (purged["updated"], purged["removed"], purged["current"]) == (["c"], ["b"], "a")
    assert names(path) == ["a", "c"]
    assert not run(profiles.main, profiles=[{"name": "a"}, {"name": "c"}], purge=True)["changed"]


def test_a_source_profile_keeps_its_credentials_as_long_as_others_chain_from_it(run: Any) -> None:
    run(profiles.main, profiles=[ak("a"), ak("b"), chained("c", "a")])
    bare = {"name": "a", "mode": "Anonymous"}
    refused = run(profiles.main, profiles=[bare, ak("b")])
    assert "'a' is the source profile of 'c', and mode Anonymous" in refused["msg"]
    assert run(profiles.main, profiles=[bare, chained("c", "b")])["updated"] == ["a", "c"]


def test_purging_all_leaves_a_file_with_which_the_cli_starts(run: Any, path: str) -> None:
    assert run(profiles.main, profiles=[], purge=True)["changed"] is False
    assert not os.path.exists(os.path.dirname(path))
    run(profiles.main, profiles=[ak("a")])
    purged = run(profiles.main, profiles=[], purge=True)
    assert (purged["removed"], purged["current"], names(path)) == (["a"], "default", ["default"])
    assert run(profiles.main, profiles=[], purge=True)["changed"] is False


def test_a_value_of_another_type_is_an_update(run: Any, path: str) -> None:
    run(profiles.main, profiles=[ak("a", retry_count=1)])
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('"retry_count": 1', '"retry_count": true'))
    assert run(profiles.main, profiles=[ak("a", retry_count=1)])["updated"] == ["a"]


def test_secrets_of_new_profiles_only(run: Any) -> None:
    run(profiles.main, profiles=[ak("a")])
    entries = [ak("a", access_key_secret="SECRET-2"), ak("b")]
    result = run(profiles.main, profiles=entries, update_secrets="on_create")
    assert (result["created"], result["updated"]) == (["b"], [])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"profiles": [ak("n"), ak("m"), ak("n")]},
            "profiles contains a name twice, remove one of each: n",
        ),
        (
            {"profiles": [ak("n")], "current": "no"},
            "the profile 'no' does not exist; {0} would then contain only 'a', 'b', 'n': write the missing profile first",
        ),
        (
            {"profiles": [ak("n")], "expected_account_ids": {"m": "1"}},
            "expected_account_ids names 'm', which is not in profiles: correct the name",
        ),
        (
            {"profiles": [ak("n")], "expected_account_ids": {"n": ""}},
            "expected_account_ids, 'n' must be the ID of an account: digits, such as '1000000000000001'",
        ),
        (
            {"profiles": [ak("n")], "verify": True, "max_time": 0},
            "max_time must be more than 0 and at most 86400 seconds",
        ),
        (
            {"profiles": [], "current": ""},
            "current is empty: give a value, or omit it",
        ),
        (
            {"profiles": [chained("n", "b")], "purge": True},
            "can not load the source profile: b (profile 'n'); {0} would then contain only 'n': write the missing profile first",
        ),
        (
            {"profiles": [chained("n", "m"), chained("m", "n")]},
            "the source profiles form a cycle: n -> m -> n",
        ),
        (
            {"profiles": [ak("n"), {"name": "m", "region": "x"}]},
            "profile 'm': mode is required for a new profile: set mode",
        ),
    ],
)
def test_refused(run: Any, path: str, options: Dict[str, Any], sentence: str) -> None:
    run(profiles.main, profiles=[ak("a"), ak("b")])
    refused = run(profiles.main, **options)
    assert (refused["failed"], refused["msg"]) == (True, sentence.format(path))
    assert names(path) == ["a", "b"]
