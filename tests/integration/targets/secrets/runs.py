# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the runs of the plays, and the known leaks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ansible import release

# What Ansible cannot keep secret, each with the words that the guide has for it.
LEAKS = {
    "environment": "``environment`` of a task",
    "options": "Options of a module",
    "interrupted": "Options of a module in a play that is interrupted",
    "skipped_item": "The item of a loop that is skipped",
    "failed_item": "The item of a loop that fails before its task begins",
    "assumed": "Everything, with :envvar:`ANSIBLE_DEBUG`",
}
# The newest ansible-core that Mitogen has been released for.
MITOGEN_LAST = (2, 21)
CORE = tuple(map(int, release.__version__.split(".")[:2]))


class Run(NamedTuple):
    """Way to run a play. ``typed`` is the standard input, ``expected`` is in the output, ``status`` is its exit status.

    ``deprecated`` contains words of a deprecation warning that the way to run causes, not the collection.
    """

    name: str
    arguments: tuple[str, ...] = ()
    connection: str = "local"
    environ: dict[str, str] = {}
    playbook: str = "leaking.yml"
    program: str = "ansible-playbook"
    typed: str = ""
    expected: tuple[str, ...] = ()
    deprecated: str = ""
    status: int = 0


LOCAL = "verbosity 0, local connection without pipelining"
END = ("The end of the short play",)
# The only run of all tasks: where most is printed, and modules are passed on standard input.
FULL_RUN = Run(
    "verbosity 5, diff, tracebacks, SSH with pipelining",
    ("-vvvvv", "--diff"),
    "ssh",
    {"ANSIBLE_DISPLAY_TRACEBACK": "always"},
)
BETWEEN = (2, 16) < CORE < (2, 22)
# The first ones to print as they do. The play with keys takes longest, so that others that print alike leave it out.
FIRST_OF_THEIR_KIND = ((2, 16), (2, 19), (2, 22))
# Whether this ansible-core shows the tracebacks of all errors on request.
SHOWS_TRACEBACKS = CORE >= (2, 19)
# Others print what a play has printed.
REGISTERS = CORE >= (2, 22)
PRINTED = {"log", "output", "results"}
# Older versions of ansible-core do not print the item of such a loop.
FAILED = {"failed_item": PRINTED} if CORE >= (2, 19) else {}
# What leaks in which way, and where to. Once Ansible fixes one of these, this fails, and the guide has to be changed.
_LEAKING_RUNS: tuple[tuple[Run, dict[str, set[str]]], ...] = (
    (
        Run("verbosity 2", ("-vv",)),
        {"environment": {"processes"}, "skipped_item": PRINTED, **FAILED},
    ),
    (
        Run("verbosity 3, files kept", ("-vvv",), environ={"ANSIBLE_KEEP_REMOTE_FILES": "1"}),
        {
            "environment": {"log", "output", "processes"},
            "options": {"remote"},
            "skipped_item": PRINTED,
            **FAILED,
        },
    ),
    (
        Run("debug", environ={"ANSIBLE_DEBUG": "1"}),
        {
            "assumed": {"output"},
            "environment": {"output", "processes"},
            **({} if REGISTERS else {"options": {"output"}}),
            "skipped_item": PRINTED,
            **FAILED,
        },
    ),
    (
        Run("credentials that a play prints", ("-vvvvv", "--diff"), playbook="printing.yml"),
        {} if REGISTERS else {"assumed": PRINTED},
    ),
)
LEAKING_RUNS = _LEAKING_RUNS[1:] if BETWEEN else _LEAKING_RUNS
# The play with access keys, users, and playbooks, whose last one reports the problem of a profile and fails.
KEYS_RUN = Run(
    "access keys, users, shared cache, playbooks",
    ("-vvvvv", "--diff", "--tags", "all,rollback", "--limit", "localhost,node"),
    environ={"ANSIBLE_DISPLAY_TRACEBACK": "always", "ANSIBLE_PIPELINING": "1"},
    status=2,
)
# What an interrupted play leaves behind.
INTERRUPTED_RUNS: tuple[tuple[Run, dict[str, set[str]]], ...] = (
    (Run("interrupted"), {"interrupted": {"remote"}}),
    (Run("interrupted, with pipelining", environ={"ANSIBLE_PIPELINING": "1"}), {}),
)


ANY_CONNECTION = ("--skip-tags", "connection")
# Cores between the oldest and the newest run some tasks over one connection only.
CONNECTION = ANY_CONNECTION if BETWEEN else ()


def mitogen() -> list[Run]:
    """Return the runs with Mitogen, if it supports this ansible-core."""
    if CORE > MITOGEN_LAST:
        return []
    found = find_spec("ansible_mitogen")
    if not found or not found.origin:
        raise RuntimeError(
            "mitogen not found: install it, as tests/integration/requirements.txt does"
        )
    plugins = Path(found.origin).parent / "plugins" / "strategy"
    environ = {"ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(plugins)}
    return [
        Run(
            f"Mitogen, {connection}",
            ("-vvv", *CONNECTION),
            connection,
            environ,
            expected=END,
            deprecated="strategy plugins not included in ansible.builtin",
        )
        for connection in ("local", "ssh")
    ]


# Each runs the short play.
OTHER_RUNS = (
    Run(LOCAL, CONNECTION, expected=END),
    Run(
        "verbosity 5, diff, check mode, SSH",
        ("-vvvvv", "--diff", "--check", *CONNECTION),
        "ssh",
        {"ANSIBLE_PIPELINING": "0", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        expected=END,
    ),
    Run("step by step", ("-vv", "--step", *ANY_CONNECTION), typed="y\n" * 3 + "c\n", expected=END),
    Run(
        "debugger",
        ANY_CONNECTION,
        environ={
            "ANSIBLE_ENABLE_TASK_DEBUGGER": "1",
            "ANSIBLE_TASK_DEBUGGER_IGNORE_ERRORS": "0",
        },
        # Older ones print on demand what they hide otherwise.
        typed=("p result._result\nc\n" if REGISTERS else "c\n") * 20,
        expected=("(debug)>", *END),
    ),
    Run("pull", ("-vvv", *ANY_CONNECTION), program="ansible-pull", expected=END),
    Run(
        "console",
        program="ansible-console",
        typed=(
            "verbosity 3\n"
            "aliyun.cli.profile name=new mode=AK region=cn-hangzhou access_key_id=LTAI5tEXAMPLE"
            " access_key_secret={{given.other_secret}} config_path={{config_path}}\n"
            "aliyun.cli.profile name=new acces_key_sekret={{given.misspelled}}\n"
            "aliyun.cli.assume_role profile=hub config_path={{config_path}}\n"
            "exit\n"
        ),
        expected=("Unsupported parameters",),
    ),
    *mitogen(),
)
