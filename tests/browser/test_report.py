# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the page of the playbook verify in a browser: a small one, and one of 1,000 hosts with 10 profiles each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.browser.conftest import NARROW, WIDE, Visit

TEMPLATE = Path(__file__).parents[2] / "playbooks" / "templates" / "verify_report.html.j2"
HOSTILE = "<script>alert(1)</script>"


def row(host: str, number: int, **values: Any) -> dict[str, Any]:
    steps = [
        ["deploy", "AK", ""],
        [f"p{number}", "ChainableRamRoleArn", f"acs:ram::1:role/r{number}"],
    ]
    found = {"host": host, "user": "alice", "profile": f"p{number}", "mode": "AK", "account": "1"}
    arn = f"acs:ram::1:assumed-role/r{number}/test"
    more = {"arn": arn, "key": "***PLE", "expiration": "", "problems": [], "steps": steps}
    return {**found, **more, "chain": [step[0] for step in steps], **values}


def render(folder: Path, rows: list[dict[str, Any]], **values: Any) -> Path:
    names = list(dict.fromkeys(item["host"] for item in rows))
    given = {
        "rows": rows,
        "names": names,
        "unseen": [],
        "time": "2026-01-02T03:04:05Z",
        "author": "me",
    }
    variables = {f"aliyun_cli_verify_{name}": value for name, value in {**given, **values}.items()}
    page = folder / "report.html"
    (folder / "variables.json").write_text(json.dumps(variables))
    template = {"src": str(TEMPLATE), "dest": str(page), "mode": "0600"}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": variables,
        "tasks": [{"template": template}],
    }
    (folder / "play.yml").write_text(json.dumps([play]))
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,"]
    command += ["-e", f"@{folder / 'variables.json'}", str(folder / "play.yml")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return page


@pytest.fixture(scope="module", name="small")
def fixture_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [row(f"host-{number}", number) for number in (1, 2, 10)]
    rows += [row("host-3", 3, profile=HOSTILE, problems=["it is wrong"], key_age=120)]
    rows += [row("host-4", 4, profile="\U0001f680", user="bob", key_age=3)]
    return render(tmp_path_factory.mktemp("small"), rows, unseen=["host-5"])


@pytest.fixture(scope="module", name="large")
def fixture_large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [row(f"host-{host}", number) for host in range(1000) for number in range(10)]
    return render(tmp_path_factory.mktemp("large"), rows)


def column(visit: Visit, name: str) -> list[str]:
    cells = visit.page.query_selector_all(f'tbody tr:not([hidden]) td[data-label="{name}"]')
    return [cell.inner_text() for cell in cells]


@pytest.mark.parametrize("visit", [WIDE, NARROW], ids=["wide", "narrow"], indirect=True)
def test_page_is_whole_and_accessible(visit: Visit, small: Path) -> None:
    dialogs: list[str] = []
    visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visit.open(small)
    assert not dialogs and visit.errors == [] and visit.requests == []
    assert visit.overflow() == [] and visit.accessibility() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(visit: Visit, small: Path, scheme: Any) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.open(small)
    assert visit.accessibility() == []


def test_names_are_text_and_problems_come_first(visit: Visit, small: Path) -> None:
    visit.open(small)
    assert column(visit, "Profile")[0] == HOSTILE and "\U0001f680" in column(visit, "Profile")
    assert "host-5" in visit.page.inner_text("main")
    assert visit.page.locator("svg.chain").count() >= 1


def test_table_is_sorted_by_keyboard(visit: Visit, small: Path) -> None:
    visit.open(small)
    visit.page.focus("th:first-child button")
    visit.page.keyboard.press("Enter")
    assert column(visit, "Host") == ["host-1", "host-2", "host-3", "host-4", "host-10"]
    visit.page.keyboard.press("Enter")
    assert column(visit, "Host") == ["host-10", "host-4", "host-3", "host-2", "host-1"]
    assert visit.page.get_attribute("th:first-child", "aria-sort") == "descending"


def test_table_is_filtered(visit: Visit, small: Path) -> None:
    visit.open(small)
    visit.page.fill("#filter", "BOB")
    assert column(visit, "Host") == ["host-4"]
    assert visit.page.inner_text("#count") == "1 of 5 rows"
    visit.page.fill("#filter", "")
    visit.page.check("#only")
    assert column(visit, "Host") == ["host-3"]


def test_print_has_no_controls(visit: Visit, small: Path) -> None:
    visit.page.emulate_media(media="print")
    visit.open(small)
    assert not visit.page.is_visible("#filter") and visit.page.is_visible("table")


def test_ten_thousand_profiles(visit: Visit, large: Path) -> None:
    visit.page.set_default_timeout(120000)
    visit.open(large)
    visit.page.fill("#filter", "host-999 p7")
    assert column(visit, "Profile") == ["p7"]
    assert visit.errors == [] and visit.overflow() == []
