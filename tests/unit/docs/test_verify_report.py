# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the output of the playbook verify for names with special characters of Markdown, Mermaid, or a terminal.

Names come from files of profiles, which their users write.
"""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT, ansible

TEMPLATES = ROOT / "playbooks" / "templates"


def rendered(tmp_path: Path, template: str, name: str) -> str:
    """Return a template of the playbook, for a host with one profile of that name."""
    row: dict[str, Any] = {
        "host": "one",
        "user": "alice",
        "profile": name,
        "chain": [name],
        "account": "",
    }
    row |= {"expiration": "", "problems": [f"{name}: bad"]}
    row |= {"mode": "AK", "arn": "", "key": "***123", "steps": [[name, "AK", ""]]}
    profile = {"name": name, "mode": "AK", "problems": [], "chain": [name]}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "aliyun_cli_verify_rows": [row],
            "aliyun_cli_verify_all": [{**row, "diagram": f"diagram of {row['host']}"}],
            "aliyun_cli_verify_names": ["localhost"],
            "aliyun_cli_verify_unseen": [],
            "aliyun_cli_verify_time": "2026-01-02T03:04:05Z",
            "aliyun_cli_verify_author": name,
            "template": str(TEMPLATES / template),
        },
        "tasks": [
            {
                "ansible.builtin.set_fact": {
                    "__aliyun_cli_verify_info": {
                        "current": "",
                        "profiles": [profile],
                        "problems": [],
                    }
                },
                "no_log": True,
            },
            {
                "ansible.builtin.debug": {
                    "msg": "{{ lookup('ansible.builtin.template', template) | b64encode }}"
                }
            },
        ],
    }
    playbook = tmp_path / "play.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    done = ansible("playbook", "--inventory", "localhost,", str(playbook))
    found = re.search(r'"msg": "(\S+)"', done.stdout)
    assert found, done.stdout + done.stderr
    return base64.b64decode(found[1]).decode()


@pytest.mark.parametrize(
    "name, shown",
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("<img src=x>&lt;", "&lt;img src=x&gt;&amp;lt;"),
        ("[a](https://example.com)", r"\[a\](https://example.com)"),
        ("```a*", r"\`\`\`a\*"),
        ("a\nb\r\tc\x1b[0m\u2028d", "a b  c \\[0m d"),
    ],
)
def test_a_cell_of_the_report_is_text(tmp_path: Path, name: str, shown: str) -> None:
    lines = rendered(tmp_path, "verify_report.md.j2", name).split("\n")
    assert f"| one | alice | {shown} | {shown} | - | - | {shown}: bad |" in lines


def test_a_row_of_the_table_is_one_line(tmp_path: Path) -> None:
    letters = ["a", "b", "c", "d", "e"]
    text = rendered(tmp_path, "verify_table.txt.j2", "a\nb\x0bc\x1b\x85d\u2028e")
    assert [line.split() for line in text.splitlines()] == [
        ["host", "user", "profile", "chain", "account", "expires", "problems"],
        ["one", "alice", *letters, *letters, "-", "-", *letters[:-1], "e:", "bad"],
    ]


def found_of(tmp_path: Path, name: str) -> Any:
    """Return what the play reads from the template of the rows."""
    (found,) = json.loads(base64.b64decode(rendered(tmp_path, "verify_found.j2", name)))
    return found


def test_a_node_of_the_diagram_is_text(tmp_path: Path) -> None:
    found = found_of(tmp_path, 'a"<b>\n```#')
    lines = found["diagram"].split("\n")
    assert '    p0["a#quot;#lt;b#gt; #96;#96;#96;#35;<br>AK"]' in lines


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\U0001f680", 'a"b', "a&lt;", "a\x1b]0;b"]
)
def test_page_shows_names_as_text(tmp_path: Path, name: str) -> None:
    page = rendered(tmp_path, "verify_report.html.j2", name)
    cells = html.unescape("".join(re.findall(r'data-label="Profile">(.*?)</td>', page)))
    assert cells == re.sub("[\x00-\x1f]", " ", name)
    # Everything else in the page is text.
    assert page.count("<script") == 1 and "alert(1)</script>" not in page
    assert not re.search(
        r"(?:src|href)=|[\x00-\x09\x0b-\x1f]", page.split("<body>")[1].split("<script>")[0]
    )


def test_data_has_the_rows(tmp_path: Path) -> None:
    data = json.loads(rendered(tmp_path, "verify_report.json.j2", "a\nb"))
    assert data["profiles"][0]["profile"] == "a\nb" and data["hosts"] == ["localhost"]


def test_rows_have_the_steps_of_a_chain(tmp_path: Path) -> None:
    (row,) = found_of(tmp_path, "\U0001f680 \u00e9")["rows"]
    assert row["steps"] == [[row["profile"], "AK", ""]] and row["host"] == "localhost"
