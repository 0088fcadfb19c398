# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import pwd
from typing import Any, Dict, Mapping

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError, UserError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import users

ME = pwd.getpwuid(os.geteuid()).pw_name
QUIET = {"verify": False, "max_time": 60}


def entry(name: str = ME, **values: Any) -> Dict[str, Any]:
    return dict({"user": name, "config_path": None}, **values)


def test_result_names_its_user() -> None:
    found = users.run_for_each_user(
        [entry(), entry(config_path="/b")],
        lambda item: {"changed": True, "path": item["config_path"]},
        seconds=0,
        verify=QUIET,
    )
    assert found == [
        {"changed": True, "path": None, "user": ME},
        {"changed": True, "path": "/b", "user": ME},
    ]


def test_error_becomes_a_result() -> None:
    def work(item: Mapping[str, Any]) -> Dict[str, Any]:
        if item["config_path"]:
            return {}
        raise ProfileError("it is wrong")

    found = users.run_for_each_user(
        [entry(), entry(config_path="/b")], work, seconds=0, verify=QUIET
    )
    assert found == [{"failed": True, "msg": "it is wrong", "user": ME}, {"user": ME}]


def test_fault_of_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        users.run_for_each_user([entry()], lambda _item: {"a": 1 // 0}, seconds=0, verify=QUIET)


@pytest.mark.parametrize("name", ["", "0", "no-such-user", "a\0b"])
def test_user_who_does_not_exist(name: str) -> None:
    with pytest.raises(UserError, match="not found on this host"):
        users.check_users([entry(), entry(name)])


def test_same_file_twice() -> None:
    users.check_users([entry(), entry(config_path="/b")])
    with pytest.raises(UserError, match="twice with the same config_path"):
        users.check_users([entry(), entry()])


def test_combined_result_names_each_failure() -> None:
    good, bad = {"user": "a", "changed": True}, {"user": "b", "failed": True, "msg": "wrong"}
    assert users.combine([dict(good, warnings=["late"])], diff=[]) == {
        "users": [good],
        "changed": True,
        "diff": [],
        "warnings": ["user 'a': late"],
    }
    assert users.combine([bad, good, dict(bad, user="c")]) == {
        "warnings": [],
        "users": [bad, good, dict(bad, user="c")],
        "changed": True,
        "failed": True,
        "msg": "user 'b': wrong; user 'c': wrong",
    }
