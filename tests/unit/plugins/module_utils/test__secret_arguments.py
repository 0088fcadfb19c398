# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets among arguments, by the names of what holds them."""

from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options, _secret_arguments

A = _secret_arguments.ARGUMENT


@pytest.mark.parametrize(
    "given, shown",
    [
        ({"access_key_secret": "a", "region": "b"}, {"access_key_secret": A, "region": "b"}),
        (
            {"access_key_secret": None, "sts_token": ""},
            {"access_key_secret": None, "sts_token": ""},
        ),
        ({"private_key": ["a", {"b": 5}]}, {"private_key": [A, {"b": A}]}),
        ({"source": {"mode": "AK", "sts_token": "a"}}, {"source": {"mode": "AK", "sts_token": A}}),
        (
            {"profiles": [{"name": "a", "bearer_token": "b"}]},
            {"profiles": [{"name": "a", "bearer_token": A}]},
        ),
        # A task that was given the wrong thing fails, and shows it.
        (
            {"credentials": {"changed": True, "credentials": {"security_token": "a"}}},
            {"credentials": {"changed": True, "credentials": {"security_token": A}}},
        ),
        (
            {"credentials": {"ALICLOUD_SECRET_KEY": "a", "ALIBABA_CLOUD_SECURITY_TOKEN": "b"}},
            {"credentials": {"ALICLOUD_SECRET_KEY": A, "ALIBABA_CLOUD_SECURITY_TOKEN": A}},
        ),
        (
            {"credentials": {"AccessKeyId": "a", "AccessKeySecret": "b"}},
            {"credentials": {"AccessKeyId": A, "AccessKeySecret": A}},
        ),
        (
            {"source": {"mode": "AK", "acces_key_sekret": "a", "x": {"region": "b"}}, "x": "c"},
            {"source": {"mode": "AK", "acces_key_sekret": A, "x": {"region": A}}, "x": "c"},
        ),
        (
            {"profiles": [{"name": "a", "token": "b", "source_profile": "c"}]},
            {"profiles": [{"name": "a", "token": A, "source_profile": "c"}]},
        ),
        ({"credentials": "text"}, {"credentials": A}),
        ({"credentials": [["text"], {"region": "a"}]}, {"credentials": [[A], {"region": "a"}]}),
        ({"source": None, "profiles": []}, {"source": None, "profiles": []}),
        ({"stdin": "a", "env": {"B": "c", "D": 1}}, {"stdin": A, "env": {"B": A, "D": A}}),
        ({5: {"x": ("a",)}}, {5: {"x": ["a"]}}),
    ],
)
def test_arguments_are_shown_by_their_names(given: Any, shown: Any) -> None:
    assert _secret_arguments.mask(given, hidden=("stdin", "env")) == shown


def test_all_options_of_what_holds_secrets_are_known() -> None:
    given = [
        {"name": {}, **_modes.make_argument_spec()},
        _options.make_credentials_argument_spec(),
    ]
    unknown = {name for options in given for name in options if name not in _secret_arguments.KNOWN}
    assert all(map(_modes.is_secret, unknown)), unknown


def test_secrets_are_told_by_their_names() -> None:
    given = {"source": {"access_key_secret": "a", "region": "b"}, "credentials": ["c"], "d": 5}
    assert _secret_arguments.find_secrets(given) == ["a", "c"]
    assert _secret_arguments.find_secrets({"private_key": 5, "sts_token": None}) == ["5"]


SPEC: Dict[str, Any] = {
    "name": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "hops": {"type": "list", "elements": "dict", "options": {"role": {"type": "str"}}},
    "policy": {"type": "raw"},
}


@pytest.mark.parametrize(
    "given, shown",
    [
        ({"name": "a", "naem": "b"}, {"name": "a", "naem": A}),
        ({"naem": {"b": ["c", {"d": 5}]}}, {"naem": {"b": [A, {"d": A}]}}),
        ({"hops": [{"role": "a", "rol": "b"}]}, {"hops": [{"role": "a", "rol": A}]}),
        ({"hops": ["a"]}, {"hops": [A]}),
        ({"policy": {"Any": ["b"]}}, {"policy": {"Any": ["b"]}}),
        ({"naem": None, "hops": None}, {"naem": None, "hops": None}),
    ],
)
def test_what_an_argument_spec_lacks_is_secret(given: Any, shown: Any) -> None:
    assert _secret_arguments.mask(given, spec=SPEC) == shown


def test_secret_names_are_those_with_no_log_at_any_depth() -> None:
    assert _secret_arguments.find_secret_names(SPEC) == {"password"}
    nested = {"source": {"type": "dict", "options": _modes.make_argument_spec()}}
    assert _secret_arguments.find_secret_names(nested) == {
        field.name for field in _modes.list_options() if field.secret
    }


def test_without_no_log_nothing_is_hidden_by_its_value() -> None:
    spec = _secret_arguments.without_no_log(dict(SPEC, deep={"type": "dict", "options": SPEC}))
    assert spec["password"] == {"type": "str", "no_log": False}
    assert spec["deep"]["options"]["password"]["no_log"] is False
    assert SPEC["password"]["no_log"] is True
