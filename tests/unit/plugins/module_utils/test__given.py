# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which options are given. ``test_given`` in the tests of the docs tries every option."""

from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _given
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

OWN: Dict[str, Any] = {"name": {"type": "str"}, "region": {"type": "str"}}
SPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str"},
    "names": {"type": "list", "elements": "str"},
    "source": {"type": "dict", "options": OWN},
    "users": {
        "type": "list",
        "elements": "dict",
        "options": {"profiles": {"type": "list", "elements": "dict", "options": OWN}},
    },
    "env": {"type": "dict"},
}


def test_everything_but_none_is_given() -> None:
    options: Dict[str, Any] = {"a": None, "b": 0, "c": False, "d": [], "e": {}}
    assert _given.select_given(options) == {"b": 0, "c": False, "d": [], "e": {}}
    with pytest.raises(
        ProfileError, match=r"^hops, entry 1: a is empty: give a value, or omit it$"
    ):
        _given.select_given({"a": ""}, "hops, entry 1")


@pytest.mark.parametrize(
    "options, place",
    [
        ({"name": ""}, "name"),
        ({"names": ["a", ""]}, "names, entry 2"),
        ({"source": {"name": "a", "region": ""}}, "source: region"),
        (
            {"users": [{"profiles": []}, {"profiles": [{"name": ""}]}]},
            "users, entry 2: profiles, entry 1: name",
        ),
    ],
)
def test_empty_text_is_refused_at_any_depth(options: Any, place: str) -> None:
    with pytest.raises(ProfileError) as caught:
        _given.refuse_empty(options, SPEC)
    assert str(caught.value) == "{0} is empty: give a value, or omit it".format(place)


def test_empty_text_that_is_a_value() -> None:
    allowed = ("source.region", "users.profiles.region", "names")
    options = {
        "names": [""],
        "source": {"region": ""},
        "users": [{"profiles": [{"region": ""}]}],
        "env": {"A": ""},
        "unknown": "",
    }
    _given.refuse_empty(options, SPEC, allowed=allowed)


def test_absent_options_are_left_out_and_unknown_ones_kept() -> None:
    own = {"mode": {"type": "str", "choices": ["AK"]}}
    spec: Dict[str, Any] = {
        "source": {"type": "dict", "options": own},
        "hops": {"type": "list", "elements": "dict", "options": own},
    }
    given = {"source": {"mode": None, "a": 0}, "hops": [{"mode": None}, "x"], "b": None, "c": None}
    spec["c"] = {"type": "str"}
    assert _given.without_absent(given, spec) == {
        "source": {"a": 0},
        "hops": [{}, "x"],
        "b": None,
    }
    # Ansible expects a mapping, and fails with these.
    for value in (0, False, [None], [1]):
        assert _given.without_absent({"source": value}, spec) == {"source": str(value)}
    unchanged: List[Any] = [[], ["x"], "x"]
    for item in unchanged:
        assert _given.without_absent({"source": item}, spec) == {"source": item}
