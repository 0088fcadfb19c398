# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test when a result is censored, and the output of the connection until then."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible_collections.aliyun.cli.plugins.action import access_key as access_key_action
from ansible_collections.aliyun.cli.plugins.action import exec as exec_action
from ansible_collections.aliyun.cli.plugins.plugin_utils import _registration
from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import (
    CensoringAction,
    find_unsupported,
)

SECRET = {"access_key_id": "STS.NUEXAMPLE", "access_key_secret": "hidden"}


def make_action(
    *,
    loop: Any = None,
    no_log: bool = False,
    args: Any = None,
    extended: bool = False,
    kind: Any = CensoringAction,
) -> Any:
    """Return an action plugin as Ansible creates it for a task."""
    control = SimpleNamespace(extended=extended)
    task = SimpleNamespace(
        args=args or {}, loop=loop, loop_control=control, no_log=no_log, async_val=0
    )
    connection = SimpleNamespace(_play_context=SimpleNamespace(no_log=no_log))
    return kind(task, connection, None, None, None, None)


@pytest.fixture(autouse=True)
def fixture_module(monkeypatch: Any) -> None:
    """Replace the module by one that has run."""
    monkeypatch.setattr(NormalAction, "run", lambda *_arguments, **_options: {"changed": True})


@pytest.mark.parametrize(
    "options, censored",
    [
        ({"args": {"credentials": SECRET}}, False),
        ({"args": {"credentials": SECRET}, "no_log": True}, True),
        ({"args": {"credentials": SECRET}, "loop": []}, True),
        ({"args": {"credentials": "as JSON text"}, "loop": "{{ list }}"}, True),
        ({"args": {"profiles": [{"name": "a", "sts_token": "b"}]}, "loop": []}, True),
        ({"args": {"name": "a", "private_key": "b"}, "loop": []}, True),
        ({"args": {"name": "a", "private_key": ""}, "loop": []}, False),
        ({"args": {"profile": "a", "env": {"A": "b"}}, "loop": []}, False),
    ],
)
def test_loops_over_secrets_are_censored(options: Any, censored: bool) -> None:
    action = make_action(**options)
    result = action.run()
    assert result["changed"] is True
    assert result.get("_ansible_no_log", False) is censored
    # Ansible uses the task to print the result of a whole loop.
    assert action._task.no_log is censored


ITEM = {"name": "a", **SECRET}
NAMED = {"name": "a"}
# As profile_info returns it.
SHOWN = {
    **NAMED,
    **dict.fromkeys(SECRET, "***"),
    "chain": ["a"],
    "problems": ["b"],
    "other_keys": ["c"],
    "language": "en",
    "output_format": "json",
}


@pytest.mark.parametrize(
    "variables, censored",
    [
        ({"ansible_loop_var": "item", "item": ITEM}, True),
        ({"ansible_loop_var": "item", "item": (1, [ITEM])}, True),
        ({"ansible_loop_var": "each", "each": ITEM}, True),
        ({"ansible_loop_var": "sts_token", "sts_token": "a"}, True),
        ({"ansible_loop_var": "credentials", "credentials": "as JSON text"}, True),
        ({"ansible_loop_var": "item", "item": {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a"}}, True),
        ({"ansible_loop_var": "source", "source": ITEM}, True),
        # As dict2items makes it.
        ({"ansible_loop_var": "item", "item": {"key": "sts_token", "value": "a"}}, True),
        ({"ansible_loop_var": "item", "item": {"key": 1, "value": ITEM}}, True),
        ({"ansible_loop_var": "item", "item": {"key": "name", "value": "a"}}, False),
        ({"ansible_loop_var": "item", "item": NAMED}, False),
        ({"ansible_loop_var": "item", "item": "a"}, False),
        ({"ansible_loop_var": "source", "source": "a"}, False),
        ({"ansible_loop_var": "profiles", "profiles": ["a", "b"]}, False),
        ({"ansible_loop_var": "item", "item": {"profiles": [SHOWN], "problems": ["a"]}}, False),
        # As profile_info returns it, and as a task that was registered has it among its arguments.
        ({"ansible_loop_var": "item", "item": dict(ITEM, access_key_secret="***")}, False),
        (
            {
                "ansible_loop_var": "item",
                "item": dict(ITEM, access_key_secret="VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"),
            },
            False,
        ),
        # Those of a loop over the file of the task are not printed with its result.
        ({"ansible_loop_var": "each", "each": NAMED, "item": ITEM}, False),
        ({"ansible_loop_var": "item", "item": NAMED, "ansible_loop": {"nextitem": ITEM}}, False),
        ({}, False),
    ],
)
def test_loops_are_censored_whose_items_are_secret(variables: Any, censored: bool) -> None:
    action = make_action(args={"name": "a", "state": "absent"}, loop=[])
    assert action.run(None, variables).get("_ansible_no_log", False) is censored
    assert action._task.no_log is censored
    assert "_ansible_no_log" not in make_action(args={"name": "a"}).run(None, variables)


@pytest.mark.parametrize("extended", [False, True])
def test_extended_loops_are_censored_where_another_item_is_secret(extended: bool) -> None:
    variables = {"ansible_loop_var": "item", "item": NAMED, "ansible_loop": {"nextitem": ITEM}}
    action = make_action(loop=[], extended=extended)
    assert action.run(None, variables).get("_ansible_no_log", False) is extended


def test_every_module_has_its_loops_censored() -> None:
    plugins = Path(__file__).parents[4] / "plugins"
    for path in (plugins / "modules").glob("*.py"):
        action = importlib.import_module(
            "ansible_collections.aliyun.cli.plugins.action." + path.stem
        )
        assert issubclass(action.ActionModule, CensoringAction)


@pytest.mark.parametrize("args", [{"env": {"A": "b"}}, {"stdin": "a"}, {"credentials": SECRET}])
def test_exec_censors_loops_over_what_a_program_is_given(args: Any) -> None:
    assert "_ansible_no_log" not in make_action(args=args, kind=exec_action.ActionModule).run()
    assert make_action(args=args, loop=[], kind=exec_action.ActionModule).run()["_ansible_no_log"]
    assert (
        "_ansible_no_log" not in make_action(args={}, loop=[], kind=exec_action.ActionModule).run()
    )


UNSUPPORTED = "Unsupported parameters for (aliyun.cli.profile) module: hops.sekret, naem. Supported parameters include: name."


def test_unsupported_arguments_are_named() -> None:
    assert find_unsupported(UNSUPPORTED) == ["hops.sekret", "sekret", "naem"]
    assert find_unsupported("another failure") == []


@pytest.mark.parametrize("loop", [None, []])
def test_unsupported_arguments_are_secret(monkeypatch: Any, loop: Any) -> None:
    found: set[str] = set()
    monkeypatch.setattr(_registration, "_register", found.update)
    monkeypatch.setattr(_registration, "_registered", set())
    failure = {"failed": True, "msg": UNSUPPORTED}
    monkeypatch.setattr(NormalAction, "run", lambda *_arguments, **_options: dict(failure))
    hop = {"sekret": "unsupported-secret-2", "role_session_name": "not-a-secret"}
    args = {"naem": "unsupported-secret-1", "hops": [hop]}
    result = make_action(args=args, loop=loop).run()
    assert found >= {"unsupported-secret-1", "unsupported-secret-2"}
    # Otherwise, Ansible would mask these words everywhere.
    assert "not-a-secret" not in found
    assert result.get("_ansible_no_log", False) is (loop is not None)


def test_secrets_of_a_task_are_registered(monkeypatch: Any) -> None:
    found: set[str] = set()
    monkeypatch.setattr(_registration, "_register", found.update)
    monkeypatch.setattr(_registration, "_registered", set())
    args = {
        "credentials": {"access_key_secret": "registered-secret-1"},
        "env": {"A": "registered-2"},
    }
    make_action(args=args, kind=exec_action.ActionModule).run()
    assert found >= {"registered-secret-1", "registered-2"}


def test_a_secret_result_is_registered_and_censored(monkeypatch: Any) -> None:
    class Secret(CensoringAction):
        """Action of a module that returns an access key."""

        secret_result = "access_key"

    found: set[str] = set()
    monkeypatch.setattr(_registration, "_register", found.update)
    monkeypatch.setattr(_registration, "_registered", set())
    key = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "registered-secret-3"}
    monkeypatch.setattr(NormalAction, "run", lambda *_arguments, **_options: {"access_key": key})
    action = make_action(kind=Secret)
    assert action.run() == {"access_key": key, "_ansible_no_log": True}
    assert "registered-secret-3" in found and "LTAI5tEXAMPLE" not in found
    action = make_action(kind=Secret)
    action._task.async_val = 10
    assert "async_status would print the access key" in action.run()["msg"]


@pytest.mark.parametrize(
    "result, censored",
    [
        ({"access_key": {"access_key_secret": "registered-secret-4"}}, True),
        ({"access_key": {"access_key_secret": "registered-secret-4"}, "failed": True}, True),
        ({"access_key": {"access_key_id": "LTAI5tEXAMPLE"}}, False),
        ({"access_key": {}}, False),
        ({"failed": True}, False),
    ],
)
def test_an_access_key_is_censored_if_its_secret_is_returned(
    monkeypatch: Any, result: Any, censored: bool
) -> None:
    monkeypatch.setattr(NormalAction, "run", lambda *_arguments, **_options: dict(result))
    action = make_action(kind=access_key_action.ActionModule)
    assert action.run().get("_ansible_no_log", False) is censored


def test_each_try_decides_anew() -> None:
    class Tried(CensoringAction):
        """Has something to hide at the first try."""

        tries = 0

        def run_module(self, task_vars: Any) -> Any:
            self.tries += 1
            if self.tries == 1:
                self.censor()
            return {}

    action = make_action(kind=Tried)
    assert [action.run(), action.run()] == [{"_ansible_no_log": True}, {}]
    assert action._task.no_log is False


@pytest.mark.parametrize("no_log", [False, True])
def test_the_connection_is_quiet_meanwhile(no_log: bool) -> None:
    action = make_action(no_log=no_log)
    context = action._connection._play_context
    with action.silence_connection():
        assert context.no_log is True
    assert context.no_log is no_log


def test_a_connection_that_fails_says_why(monkeypatch: Any) -> None:
    action = make_action()

    def execute(*_arguments: Any, **_options: Any) -> None:
        hidden = action._connection._play_context.no_log
        raise AnsibleConnectionFailure("censored" if hidden else "no route")

    monkeypatch.setattr(action, "_low_level_execute_command", execute)
    with pytest.raises(AnsibleConnectionFailure, match="no route"), action.silence_connection():
        execute()
    monkeypatch.setattr(action, "_low_level_execute_command", lambda *_, **__: {"rc": 0})
    with pytest.raises(AnsibleConnectionFailure, match="censored"), action.silence_connection():
        execute()
    assert action._connection._play_context.no_log is False


def test_a_connection_that_fails_under_no_log_does_not() -> None:
    action = make_action(no_log=True)
    with pytest.raises(AnsibleConnectionFailure, match="censored"), action.silence_connection():
        raise AnsibleConnectionFailure("censored")
