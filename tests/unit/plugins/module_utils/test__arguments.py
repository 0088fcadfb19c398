# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets among arguments, by the names of what holds them."""

from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _arguments

A = _arguments.ARGUMENT


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
            {"credentials": {"AccessKeyId": "a", "AccessKeySecret": A}},
        ),
        ({"credentials": "text"}, {"credentials": A}),
        ({"credentials": [["text"], {"region": "a"}]}, {"credentials": [[A], {"region": "a"}]}),
        ({"source": None, "profiles": []}, {"source": None, "profiles": []}),
        ({"stdin": "a", "env": {"B": "c", "D": 1}}, {"stdin": A, "env": {"B": A, "D": A}}),
        ({5: {"x": ("a",)}}, {5: {"x": ["a"]}}),
    ],
)
def test_arguments_are_shown_by_their_names(given: Any, shown: Any) -> None:
    assert _arguments.shown(given, hidden=("stdin", "env")) == shown


def test_secrets_are_told_by_their_names() -> None:
    given = {"source": {"access_key_secret": "a", "region": "b"}, "credentials": ["c"], "d": 5}
    assert _arguments.secrets(given) == ["a", "c"]
    assert _arguments.secrets({"private_key": 5, "sts_token": None}) == ["5"]
