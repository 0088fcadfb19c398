# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the placeholders in session names."""

import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _session_name
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

VALUES = {"user": "alice", "host": "web 1.example.com", "play": ""}


def filled(name, **values):
    options = {"role_session_name": name, "hops": None}
    return _session_name.fill_in(options, dict(VALUES, **values))["role_session_name"]


@pytest.mark.parametrize(
    "template, name",
    [
        ("ansible", "ansible"),
        ("{user}", "alice"),
        ("{user}@{host}", "alice@web-1.example.com"),
        ("{host}-{host}", "web-1.example.com-web-1.example.com"),
        (None, None),
        ("", ""),
    ],
)
def test_filled_in(template, name):
    assert filled(template) == name


@pytest.mark.parametrize(
    "value", ["a", "x" * 300, "a:b/c d", "\u4e3b\u673a", "{user}", "\\1", "\n"]
)
def test_whatever_a_value_is_the_name_is_valid(value):
    assert _modes.SESSION_NAME.accepts(filled("{host}", host=value))
    assert _modes.SESSION_NAME.accepts(filled("to-{host}", host=value))


def test_what_is_cut_off():
    assert filled("{host}", host="h" * 65) == "h" * 64
    assert filled("{host}", host="h") == "h-"


@pytest.mark.parametrize(
    "template, placeholder", [("{play}", "{play}"), ("{}", "{}"), ("{user}-{nothing}", "{nothing}")]
)
def test_placeholder_without_a_value(template, placeholder):
    with pytest.raises(ProfileError) as caught:
        filled(template)
    assert str(caught.value) == (
        "role_session_name: {0} stands for nothing here, only {{user}}, {{host}}".format(
            placeholder
        )
    )


def test_what_stands_around_a_placeholder_is_not_mended():
    assert filled("a b {user}") == "a b alice"


def test_names_of_hops():
    hops = [
        {"role_session_name": "{user}", "policy": "{user}"},
        {"ram_role_arn": "x"},
        "{user}",
        None,
    ]
    options = {"role_session_name": None, "hops": hops}
    assert _session_name.fill_in(options, VALUES)["hops"] == [
        {"role_session_name": "alice", "policy": "{user}"},
        {"ram_role_arn": "x"},
        "{user}",
        None,
    ]
    assert hops[0]["role_session_name"] == "{user}"


def test_name_in_a_source():
    source = {"mode": "OIDC", "role_session_name": "{user}", "policy": "{user}"}
    options = {"role_session_name": None, "hops": None, "source": source}
    assert _session_name.fill_in(options, VALUES)["source"] == dict(
        source, role_session_name="alice"
    )
    assert source["role_session_name"] == "{user}"


def test_node():
    values = _session_name.of_node()
    assert values["host"] == os.uname().nodename
    assert values["user"] and _session_name.user_name() == values["user"]


def test_user_without_a_name(monkeypatch):
    monkeypatch.setattr(_session_name.os, "geteuid", lambda: 4000000001)
    assert _session_name.user_name() == "4000000001"
