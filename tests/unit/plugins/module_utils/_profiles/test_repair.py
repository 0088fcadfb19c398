# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that errors of the CLI in a parsed document are repaired and reported, and that nothing else changes."""

import copy
import json
from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    EMPTY,
    NOTHING,
    PLACEHOLDER,
    ak,
    chained,
    document,
)


def names(target: Dict[str, Any]) -> List[str]:
    """Return the names of the profiles in their order."""
    return [profile["name"] for profile in target["profiles"]]


def check_repair(target: Dict[str, Any], expected: Dict[str, Any], *told: str) -> None:
    """Check that repairs are reported, and that a second run finds nothing."""
    assert _repair.repair(target) == list(told)
    assert json.dumps(target) == json.dumps(expected)
    assert _repair.repair(target) == []
    assert json.dumps(target) == json.dumps(expected)


@pytest.mark.parametrize(
    "target",
    [
        EMPTY,
        dict(EMPTY, profiles=[dict(PLACEHOLDER, language="zh", site="china")]),
        document(ak("a")),
    ],
)
def test_what_is_good_stays(target: Dict[str, Any]) -> None:
    check_repair(copy.deepcopy(target), target)


@pytest.mark.parametrize(
    "wrong", [{"output_format": ["json"]}, {"site": True}, {"access_key_id": {}}]
)
def test_empty_profile_that_the_cli_cannot_read(wrong: Dict[str, Any]) -> None:
    told = "the placeholder profile 'default' contains values with which the CLI does not start"
    check_repair(document(dict(PLACEHOLDER, **wrong)), EMPTY, told)


@pytest.mark.parametrize("wrong", [1, ["x"], True])
def test_a_value_that_is_no_text(wrong: Any) -> None:
    target = document(ak("a", endpoint=wrong))
    if wrong == 1 and wrong is not True:
        told = "profile 'a': endpoint is not of type str, so the CLI does not start"
        check_repair(target, document(ak("a", endpoint="1")), told)
    else:
        check_repair(target, copy.deepcopy(target))


def test_no_profiles() -> None:
    check_repair(copy.deepcopy(NOTHING), EMPTY)
    check_repair(document(current="default"), EMPTY, "profiles is empty, so the CLI does not start")


def test_dangling_current() -> None:
    check_repair(
        document(ak("a"), ak("b"), current="gone"),
        document(ak("a"), ak("b")),
        "current names the profile 'gone', which does not exist, so the CLI does not start",
    )


def test_empty_current() -> None:
    told = "current names no profile"
    check_repair(document(ak("a"), ak("b"), current=""), document(ak("a"), ak("b")), told)
    target = document(ak("a"), ak("default"), current="")
    check_repair(target, dict(copy.deepcopy(target), current="default"), told)


def test_left_over_placeholder() -> None:
    told = "the placeholder profile 'default' is not needed, and the CLI can fall back to it"
    check_repair(document(PLACEHOLDER, ak("a"), current="a"), document(ak("a")), told)
    check_repair(
        document(dict(PLACEHOLDER, sts_token="", read_timeout=0), ak("a")),
        document(ak("a")),
        told,
        "current names the profile 'default', which does not exist, so the CLI does not start",
    )


@pytest.mark.parametrize(
    "more", [{"region_id": "cn-hangzhou"}, {"x": 1}, {"access_key_id": "LTAI"}, {"mode": "AK"}]
)
def test_a_default_with_settings_is_no_placeholder(more: Dict[str, Any]) -> None:
    target = document(ak("a"), dict(PLACEHOLDER, **more))
    check_repair(copy.deepcopy(target), target)


def test_duplicates() -> None:
    target = document(
        ak("a"), ak("a-2"), ak("a", region_id="x"), ak("b"), ak("a"), ak("a", region_id="y")
    )
    check_repair(
        target,
        document(ak("a"), ak("a-2"), ak("a-3", region_id="x"), ak("b"), ak("a-4", region_id="y")),
        "another profile 'a', which the CLI cannot use, is renamed to 'a-3'",
        "duplicate profile 'a'",
        "another profile 'a', which the CLI cannot use, is renamed to 'a-4'",
    )


def test_a_renamed_duplicate_takes_the_name_of_nobody() -> None:
    target = document(ak("a"), ak("a", region_id="x"), chained("b", "a-2"), ak("a-2"))
    _repair.repair(target)
    assert names(target) == ["a", "a-3", "b", "a-2"]


def test_modes_in_lower_case() -> None:
    check_repair(
        document(
            ak("a", mode="ak"),
            dict(chained("b", "a"), mode="CHAINABLERAMROLEARN"),
            ak("c", mode="future"),
        ),
        document(ak("a"), chained("b", "a"), ak("c", mode="future")),
        "profile 'a': mode 'ak' must be spelled 'AK'",
        "profile 'b': mode 'CHAINABLERAMROLEARN' must be spelled 'ChainableRamRoleArn'",
    )


@pytest.mark.parametrize("value", [7, 0, "abc", True, {"x": 1}, [7]])
def test_legacy_timeout_stays(value: Any) -> None:
    stored = {"name": "a", "mode": "Anonymous", "region_id": "x", "retry_timeout": value}
    check_repair(document(stored), document(stored))


def test_wrong_types() -> None:
    check_repair(
        document(
            dict(
                chained("a", "b"),
                retry_timeout="7",
                expired_seconds="900",
                auto_plugin_install="true",
                region_id=7,
            )
        ),
        document(
            dict(
                chained("a", "b"),
                retry_timeout=7,
                expired_seconds=900,
                auto_plugin_install=True,
                region_id="7",
            )
        ),
        "profile 'a': region_id is not of type str, so the CLI does not start",
        "profile 'a': retry_timeout is not of type int, so the CLI does not start",
        "profile 'a': expired_seconds is not of type int, so the CLI does not start",
        "profile 'a': auto_plugin_install is not of type bool, so the CLI does not start",
    )


def test_what_is_not_understood_stays() -> None:
    target = document(ak("a", expired_seconds="soon", region_id=["x"], language=None))
    check_repair(copy.deepcopy(target), target)


def test_profiles_that_need_no_repair_stay_the_same_objects() -> None:
    target = document(ak("a"), ak("b", read_timeout="3"), ak("c", language=None))
    before = list(target["profiles"])
    assert len(_repair.repair(target)) == 1
    same = [new is old for new, old in zip(target["profiles"], before)]
    assert same == [True, False, True]
