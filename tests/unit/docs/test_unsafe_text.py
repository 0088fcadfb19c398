# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that roles and playbooks show no control characters from hosts and files."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.plugins.module_utils import _text
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT, ansible

HOSTILE = "a\x1b]0;b\x07\x9b31m\u202e\u2028c"
SAFE = "a ]0;b  31m  c"
PLAYBOOKS = ROOT / "playbooks"


def run(tmp_path: Path, tasks: list[dict[str, Any]], **variables: Any) -> str:
    """Return the output of a play on this machine."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, **variables},
        "tasks": tasks,
    }
    playbook = tmp_path / "play.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    return ansible("playbook", "--inventory", "localhost,", str(playbook)).stdout


def message(output: str) -> str:
    """Return the message of the last task that failed."""
    found = re.findall(r'"msg": ("(?:[^"\\]|\\.)*")', output)
    assert found, output
    text: str = json.loads(found[-1])
    return text


def shown(expression: str) -> dict[str, Any]:
    """Return a task that prints the value of an expression, encoded."""
    return {"ansible.builtin.debug": {"msg": "{{ (" + expression + ") | b64encode }}"}}


def include(tasks: str) -> dict[str, Any]:
    """Return a task that includes a file of tasks of the role install."""
    return {"ansible.builtin.include_role": {"name": "aliyun.cli.install", "tasks_from": tasks}}


def expressions() -> dict[str, str]:
    """Return each expression for unsafe characters, by its file."""
    retire = yaml.safe_load((PLAYBOOKS / "rotate.yml").read_text(encoding="utf-8"))
    install = (ROOT / "roles" / "install" / "vars" / "main.yml").read_text(encoding="utf-8")
    line = (PLAYBOOKS / "templates" / "line.txt.j2").read_text(encoding="utf-8")
    (in_template,) = re.findall(r"regex_replace\('(.+?)', ' '\)", line)
    return {
        "line.txt.j2": in_template.replace("\\\\", "\\"),
        "install": yaml.safe_load(install)["__aliyun_cli_install_unsafe"],
        **{
            play["name"]: play["vars"]["__aliyun_cli_rotate_unsafe"]
            for play in retire
            if "__aliyun_cli_rotate_unsafe" in play.get("vars", {})
        },
    }


def test_unsafe_characters_are_those_of_the_modules() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    unsafe = {sign for sign in everything if _text.escape(sign) != sign}
    found = expressions()
    assert set(found) == {"line.txt.j2", "install", "Retire", "Report"}
    for name, expression in found.items():
        assert set(re.findall(expression, everything)) == unsafe, name


def test_role_shows_a_path_that_others_can_change_as_text(tmp_path: Path) -> None:
    # Ansible divides the output of a command at this character.
    folder = tmp_path / HOSTILE.replace("\u2028", "")
    folder.mkdir()
    folder.chmod(0o777)
    (tmp_path / "link").symlink_to(folder)
    output = run(
        tmp_path, [include("trusted.yml")], aliyun_cli_install_program=str(tmp_path / "link")
    )
    assert f"can change {tmp_path}/a ]0;b  31m c: choose" in message(output)


def write_script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n", encoding="utf-8")
    path.chmod(0o755)


def test_role_shows_the_architecture_as_text(tmp_path: Path) -> None:
    write_script(tmp_path / "uname", HOSTILE)
    task = {**include("replace.yml"), "vars": {"aliyun_cli_install_path": "/opt/aliyun"}}
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    output = run(tmp_path, [{"block": [task], "environment": path}])
    assert message(output) == f"There is no archive of the CLI for {SAFE}."


def test_role_shows_the_output_of_the_program_as_text(tmp_path: Path) -> None:
    write_script(tmp_path / "aliyun", HOSTILE)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as file:
        file.add(tmp_path / "aliyun", "aliyun")
    (tmp_path / "archive.tgz").write_bytes(archive.getvalue())
    checksum = hashlib.sha256(archive.getvalue()).hexdigest()
    target = tmp_path / "bin"
    target.mkdir()
    output = run(
        tmp_path,
        [include("replace.yml")],
        aliyun_cli_install_archive=str(tmp_path / "archive.tgz"),
        aliyun_cli_install_checksums={"amd64": checksum, "arm64": checksum},
        aliyun_cli_install_path=str(target / "aliyun"),
        aliyun_cli_install_version="3.3.0",
    )
    assert SAFE in message(output) and "does not print its version" in message(output)
    assert not list(target.iterdir())


STATES = [
    json.dumps({"old": "LTAIold" + HOSTILE}, ensure_ascii=False),
    json.dumps({"old": "LTAIold", "switched": HOSTILE}),
    json.dumps({"old": "LTAIold", "switched": "\x9b"}),
    json.dumps({"old": "LTAIold"})[:-1] + "\x85}",
    "",
]


@pytest.mark.parametrize("state", STATES)
def test_rotate_refuses_a_state_with_control_characters(tmp_path: Path, state: str) -> None:
    (tmp_path / "caller.json").write_text(state, encoding="utf-8")
    output = run(
        tmp_path,
        [{"ansible.builtin.include_tasks": str(PLAYBOOKS / "tasks" / "rotate_read.yml")}],
        __aliyun_cli_rotate_path=str(tmp_path / "caller"),
        aliyun_cli_rotate_old_access_key_id="LTAIother",
    )
    assert message(output) == (
        f"{tmp_path}/caller.json is not the state of a rotation: restore it from a backup, or remove it."
    )


def test_rotate_reads_a_state_that_it_wrote(tmp_path: Path) -> None:
    state = {"old": "LTAIold", "new": "(new)", "switched": "2026-01-02T03:04:05Z"}
    (tmp_path / "caller.json").write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    output = run(
        tmp_path,
        [
            {"ansible.builtin.include_tasks": str(PLAYBOOKS / "tasks" / "rotate_read.yml")},
            shown("__aliyun_cli_rotate_state | to_json"),
        ],
        __aliyun_cli_rotate_path=str(tmp_path / "caller"),
        aliyun_cli_rotate_old_access_key_id="LTAIold",
    )
    assert json.loads(base64.b64decode(message(output))) == state


@pytest.mark.parametrize("phase", ["disable", "delete"])
def test_rotate_keeps_the_reason_of_a_failure_as_text(tmp_path: Path, phase: str) -> None:
    # A host can print any result for a module.
    write_script(tmp_path / "python", json.dumps({"failed": True, "msg": HOSTILE}))
    state = {"switched": "2026-01-02T03:04:05Z"}
    if phase == "delete":
        state["disabled"] = state["switched"]
    tasks = str(PLAYBOOKS / "tasks" / f"rotate_{phase}.yml")
    output = run(
        tmp_path,
        [{"ansible.builtin.include_tasks": tasks}, shown("__aliyun_cli_rotate_problem")],
        __aliyun_cli_rotate_unsafe=expressions()["Retire"],
        __aliyun_cli_rotate_missing=[],
        __aliyun_cli_rotate_state=state,
        __aliyun_cli_rotate_keys={"date": "2026-03-02T03:04:05Z"},
        aliyun_cli_rotate_old_access_key_id="LTAIold",
        ansible_python_interpreter=str(tmp_path / "python"),
    )
    problem = base64.b64decode(message(output)).decode()
    assert problem.startswith(f"The old key is not {phase}d: ") and problem == _text.escape(problem)


def test_report_of_rotate_has_only_text(tmp_path: Path) -> None:
    prepared = {"failed": True, "msg": HOSTILE + "\nd"}
    key = {"access_key_id": "LTAIold", "status": HOSTILE, "age_days": 5, "last_used": HOSTILE}
    output = run(
        tmp_path,
        [
            {"ansible.builtin.set_fact": {"__aliyun_cli_rotate_prepared": prepared}},
            shown("lookup('ansible.builtin.template', template)"),
        ],
        template=str(PLAYBOOKS / "templates" / "rotate_report.txt.j2"),
        __aliyun_cli_rotate_keys={"access_keys": [{**key, "last_used_service": HOSTILE}]},
        __aliyun_cli_rotate_state={},
        __aliyun_cli_rotate_new_id="LTAI\x1b\x9b\u202e",
        __aliyun_cli_rotate_names=["localhost"],
        __aliyun_cli_rotate_done=[],
        __aliyun_cli_rotate_missing=["localhost"],
        __aliyun_cli_rotate_problem=HOSTILE,
        aliyun_cli_rotate_old_access_key_id="LTAIold",
    )
    lines = [line for line in base64.b64decode(message(output)).decode().split("\n") if line]
    assert lines == [
        f"Old key ***old: {SAFE}, 5 days old, last used {SAFE} with {SAFE}.",
        "New key: ***   .",
        f"Failed on localhost: {SAFE} d",
        "Hosts with the new key (0 of 1): none.",
        "Hosts that are missing: localhost.",
        "Next: run it again for them. The old key stays as it is until no host is missing.",
        SAFE,
    ]


@pytest.mark.parametrize(
    ("name", "owner"), [("a.b-c_D1", True), (HOSTILE, False), ("a\n", False), ("a/b", False)]
)
def test_verify_lists_the_keys_of_names_that_ram_allows(
    tmp_path: Path, name: str, owner: bool
) -> None:
    (show,) = [
        play
        for play in yaml.safe_load((PLAYBOOKS / "verify.yml").read_text(encoding="utf-8"))
        if play["name"] == "Show the result"
    ]
    arn = f"acs:ram::1100000000000001:user/{name}"
    output = run(
        tmp_path,
        [shown("aliyun_cli_verify_owners | to_json")],
        aliyun_cli_verify_rows=[{"arn": arn}],
        aliyun_cli_verify_owners=show["vars"]["aliyun_cli_verify_owners"],
    )
    assert json.loads(base64.b64decode(message(output))) == ([arn] if owner else [])
