# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that Ansible masks arguments of a module in its result and in the log of the node."""

import json
from typing import Any, Dict, List, Tuple

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import parameters
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options, _secret_arguments
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish

KEY = "-----BEGIN PRIVATE KEY-----\nHIDDEN\n-----END PRIVATE KEY-----\n"
PAIR = {"mode": "RsaKeyPair", "key_pair_name": "b", "private_key": KEY}
COMMAND = 'print --as "it\'s" HIDDEN'
CREDENTIALS = {"access_key_id": "STS.NUEXAMPLE", "access_key_secret": "HIDDEN"}


def argument_spec() -> Dict[str, Any]:
    """Return an argument of each shape that holds secrets."""
    profile = dict(_modes.make_argument_spec(), name={"type": "str"})
    return dict(
        _options.make_chain_argument_spec(),
        private_key={"type": "str", "no_log": True},
        profiles={"type": "list", "elements": "dict", "options": profile},
        credentials={"type": "dict", "options": _options.make_credentials_argument_spec()},
        argv={"type": "list", "elements": "str"},
        env={"type": "dict"},
    )


class Outcome:
    """Output of a module."""

    def __init__(self, result: Dict[str, Any], logged: List[str]) -> None:
        self.result = result
        self.logged = logged
        self.everything = json.dumps(result) + "".join(logged)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Return a function that runs a module with arguments."""
    logged: List[str] = []

    def log(_module: Any, message: str, log_args: Any = None) -> None:
        logged.extend([message, str(log_args)])

    monkeypatch.setattr(basic.AnsibleModule, "log", log)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)

    def end(fails: Any = False, **arguments: Any) -> Outcome:
        if "inject_invocation" in parameters.PASS_VARS:
            arguments["_ansible_inject_invocation"] = True
        content = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", content.encode("utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit):
            module = Module(argument_spec=argument_spec(), hidden=("env",), masked=("argv",))
            assert module.params["profile"] == arguments.get("profile")
            if fails:
                module.fail_json(msg=str(fails), source=module.params["profile"])
            module.exit_json(profile=module.params["profile"])
        return Outcome(json.loads(capsys.readouterr().out), logged)

    return end


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        {"private_key": KEY},
        {"profiles": [dict(PAIR, name="a")]},
        {"source": PAIR},
        {"source": {"mode": "External", "process_command": COMMAND}},
        {"credentials": CREDENTIALS},
        {"credentials": dict(CREDENTIALS, security_token=["HIDDEN"])},
        {"credentials": json.dumps(dict(CREDENTIALS, security_token="HIDDEN \\ \"'"))},
        {"env": {"PASSWORD": "HIDDEN \\ \"'"}},
        # What looks like this is no secret, but one in another form.
        {
            "credentials": dict(CREDENTIALS, security_token="a/HIDDEN=="),
            "argv": ["a%2FHIDDEN%3D%3D"],
        },
    ],
)
def test_no_secret_argument_is_shown(ends: Any, arguments: Any, fails: bool) -> None:
    outcome = ends(fails, profile="shown", **arguments)
    assert "HIDDEN" not in outcome.everything
    assert outcome.result["invocation"]["module_args"]["profile"] == "shown"
    assert outcome.logged[0].startswith("Invoked with ") and "profile=shown" in outcome.logged[0]
    assert bool(outcome.result.get("failed")) is fails
    assert outcome.result["source" if fails else "profile"] == "shown"


WRONG: List[Tuple[Any, str]] = [
    # The result of a task instead of the credentials in it.
    ({"credentials": {"changed": False, "credentials": CREDENTIALS}}, "missing required"),
    ({"credentials": [CREDENTIALS]}, "unable to convert to dict"),
    ({"credentials": [["HIDDEN"]]}, "in the sub parameter field 'credentials'"),
    ({"credentials": "access_key_secret HIDDEN"}, "dictionary requested"),
    ({"credentials": {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "HIDDEN"}}, "missing required"),
    ({"credentials": {"access_key_secret": "HIDDEN"}}, "missing required"),
    ({"credentials": dict(CREDENTIALS, AccessKeySecret="HIDDEN")}, "Unsupported parameters"),
    ({"source": {"AccessKeySecret": "HIDDEN"}}, "Unsupported parameters"),
    ({"source": {"mode": "No", "access_key_secret": "HIDDEN"}}, "must be one of: AK, StsToken"),
    ({"profiles": {"access_key_secret": "HIDDEN"}}, "unable to convert to list"),
    ({"profiles": ["HIDDEN"]}, "dictionary requested"),
    ({"profiles": [{"expired_seconds": "soon", "private_key": KEY}]}, "unable to convert to int"),
    ({"security_token": "HIDDEN"}, "Unsupported parameters"),
    # Misspelled, at each depth.
    ({"acces_key_sekret": "HIDDEN"}, "Unsupported parameters"),
    ({"environ": {"PASSWORD": ["HIDDEN"]}}, "Unsupported parameters"),
    ({"hops": [{"ram_role_arn": "a", "sekret": "HIDDEN"}]}, "Unsupported parameters"),
    ({"hops": [{"ram_role_arn": "a", "x": {"y": [{"z": "HIDDEN"}]}}]}, "Unsupported parameters"),
    ({"hops": ["sekret HIDDEN"]}, "dictionary requested"),
    ({"profiles": [{"name": "a", "sekret": "HIDDEN"}]}, "Unsupported parameters"),
]


@pytest.mark.parametrize("arguments, sentence", WRONG)
def test_nor_is_one_that_is_not_where_it_belongs(ends: Any, arguments: Any, sentence: str) -> None:
    outcome = ends(profile="shown", **arguments)
    assert sentence in outcome.result["msg"]
    assert outcome.result["invocation"]["module_args"]["profile"] == "shown"
    assert "HIDDEN" not in outcome.everything


SHREDDED: List[Tuple[Any, str]] = [
    ({"profiles": [{"name": "z", "mode": "EcsRamRole", "lang": "en"}]}, "bearer_token_header_key"),
    ({"source": {"mode": "AK", "access_key_secret": "a", "no_option": 1}}, "access_key_secret"),
    ({"private_key": "e", "no_option": 1}, "private_key"),
    ({"private_key": "e", "no_option": "o"}, "private_key"),
]


@pytest.mark.parametrize("arguments, word", SHREDDED)
def test_a_short_secret_leaves_the_sentence_whole(ends: Any, arguments: Any, word: str) -> None:
    outcome = ends(**arguments)
    assert "Unsupported parameters" in outcome.result["msg"] and "***" not in outcome.result["msg"]
    assert word in outcome.result["msg"]
    shown = outcome.result["invocation"]["module_args"]
    assert not set(_secret_arguments.find_secrets(shown)) - {_secret_arguments.ARGUMENT}


class Ended(Exception):
    """A module has ended."""


class FakeModule:
    """As much of a module as matters here."""

    def __init__(self) -> None:
        self.result: Dict[str, Any] = {}

    def exit_json(self, **result: Any) -> None:
        self.result = result
        raise Ended()

    def fail_json(self, **result: Any) -> None:
        self.exit_json(failed=True, **result)


def finished(work: Any) -> FakeModule:
    """Return a module that only runs ``work``."""
    module = FakeModule()
    with pytest.raises(Ended):
        finish(module, work)
    return module


def test_finish_ends_with_the_result() -> None:
    module = finished(lambda: {"changed": True, "current": "seen"})
    assert module.result == {"changed": True, "current": "seen"}


def test_finish_ends_with_the_message_of_a_failure() -> None:
    def fail() -> Dict[str, Any]:
        raise ProfileError("seen")

    module = finished(fail)
    assert module.result == {"failed": True, "msg": "seen"}


def test_a_message_cannot_act_on_a_terminal(ends: Any) -> None:
    outcome = ends(fails="\x1b]0;title\x07 of a\nprofile \u202e\ud83d")
    assert outcome.result["msg"] == "\\x1b]0;title\\x07 of a\\nprofile \\u202e\\ud83d"
