# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the picture of the report page in the documentation: the page with made-up data, in Chromium without a window.

Run it with the Python of an environment that has ansible-core: ``python noxfiles/report.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "playbooks" / "templates" / "verify_report.html.j2"
PICTURE = ROOT / "docs" / "docsite" / "images" / "report.png"
HUB, SPOKE = "acs:ram::1000000000000001", "acs:ram::1000000000000002"
STEPS = [
    ["deploy", "AK", ""],
    ["hub", "ChainableRamRoleArn", f"{HUB}:role/hub"],
    ["archive", "ChainableRamRoleArn", f"{SPOKE}:role/archive"],
]


def make_row(host: str, length: int, **values: Any) -> dict[str, Any]:
    """Return the row of the profile at the end of a chain of this length."""
    name, mode, role = STEPS[length - 1]
    account = role.split(":")[3] if role else "1000000000000001"
    session = f"{role.replace(':role/', ':assumed-role/')}/{host}"
    row = {
        "host": host,
        "user": "nightly",
        "profile": name + ("*" if length == 3 else ""),
        "mode": mode,
        "chain": [step[0] for step in STEPS[:length]],
        "steps": STEPS[:length],
        "account": account,
        "arn": session if role else f"{HUB}:user/deploy",
        "expiration": "2026-01-02T04:04:05Z" if role else "",
        "key": "" if role else "***PLE",
        "key_age": "" if role else 42,
        "key_used": "" if role else "2026-01-02T03:04:05Z",
        "problems": [],
    }
    return {**row, **values}


def make_rows() -> list[dict[str, Any]]:
    """Return the rows of three hosts, two of them with a problem."""
    rows = [make_row(host, length) for host in ("web-1", "web-2") for length in (3, 2, 1)]
    wrong = {"problems": ["access key is 120 days old (limit 90): rotate it"], "key": "***OLD"}
    rows.append(make_row("db-1", 1, user="monitor", key_age=120, **wrong))
    refused = "hop 2 of 2: NoPermission: the trust policy of the role does not allow role hub"
    rows[0].update(problems=[refused], arn="", account="", expiration="")
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {
            "ansible_python_interpreter": sys.executable,
            "aliyun_cli_verify_rows": make_rows(),
            "aliyun_cli_verify_names": ["web-1", "web-2", "db-1", "db-2"],
            "aliyun_cli_verify_unseen": ["db-2"],
            "aliyun_cli_verify_time": "2026-01-02T03:04:05Z",
            "aliyun_cli_verify_author": "operator",
        }
        template = {"src": str(TEMPLATE), "dest": str(folder / "report.html"), "mode": "0600"}
        play = {"hosts": "all", "gather_facts": False, "tasks": [{"template": template}]}
        (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local"]
        command += ["-e", f"@{folder / 'variables.json'}", str(folder / "play.yml")]
        subprocess.run(command, check=True, cwd=folder)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        options += ["--window-size=1700,560", f"--screenshot={PICTURE}"]
        page = (folder / "report.html").as_uri()
        environment = {"HOME": name, "PATH": "/usr/bin:/bin"}
        subprocess.run(
            ["chromium", *options, page],
            check=True,
            env=environment,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )


if __name__ == "__main__":
    main()
