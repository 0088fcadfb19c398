# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the play with access keys, users, a shared cache, and playbooks, and look for its secrets."""

from __future__ import annotations

import json
import os
import pwd
import shutil
from pathlib import Path
from typing import Any

from runs import KEYS_RUN, REGISTERS
from sandbox import KEY, SECRETS, WORLD, Sandbox, Sts, sandbox

# Name of the session that is renewed, and its seconds. The program waits for two thirds of them.
RENEWED, SECONDS = "renewed", 6
REDIS_PASSWORD = "fake-redis-password-Jd92"
WRONG_PASSWORD = "fake-wrong-password-Mx63"
OLD_KEY = {
    "access_key_id": "LTAI5tEXAMPLEintern0001A",
    "access_key_secret": "fake-intern-secret-Wf63tGj8Xo",
}
ADMIN_KEY = {
    "access_key_id": "LTAI5tEXAMPLErotator001A",
    "access_key_secret": "fake-rotator-secret-Nv47dKs2Ip",
}
# Words of the output. Each appears only if a part of the play worked, or failed, as intended.
EXPECTED = (
    "which is the limit",
    "run the task without async",
    "Each host has the old key.",
    "The table above names problems",
    "it rejected the user name or password of cache_url",
    "cache_url must begin with",
)


def check_keys(cache: str) -> str:
    """Run the play with a separate emulator, and check that secrets are only in the requested files."""
    from ansible_collections.aliyun.cli.tests import redis_server
    from ansible_collections.aliyun.cli.tests.emulator import Emulator

    with Emulator(WORLD) as emulator:
        shorten_sessions(emulator)
        sts = Sts(emulator)
        with sandbox(sts, KEYS_RUN, cache) as box:
            rules = ("on", f">{REDIS_PASSWORD}", "~aliyun.cli:*", "-@all", *redis_server.ACL_RULES)
            with redis_server.running(box.folder / "redis", user=["leaks", *rules]) as server:
                box.add_variables(make_variables(box, emulator.http_url, server.socket))
                output = box.play("keys.yml")
                entries = server.dump()
            dump = b"\n".join(item for entry in entries.items() for item in entry)
            (box.folder / "redis" / "dump").write_bytes(dump)
            passwords = {"redis_password": REDIS_PASSWORD, "wrong_password": WRONG_PASSWORD}
            secrets = {**sts.secrets(), **passwords}
            found = box.find(secrets)
            assert not found, f"{KEYS_RUN.name}: {found}"
            # Had a part of the play not run, nothing of it could have been found.
            text = " ".join(output.split())
            missing = [words for words in EXPECTED if words not in text]
            assert not missing, f"{missing}\n{output[-4000:]}"
            assert len(entries) == 2, entries
            assert len(emulator.core.keys.all()) > len(emulator.core.world.keys)
            check_results(box)
    return f"nothing leaks: {KEYS_RUN.name}"


def shorten_sessions(emulator: Any) -> None:
    """Let the sessions expire early that are renewed. All others last, and so do their entries in the shared cache."""
    state = emulator.core.state
    open_session = state.open_session

    def open_shorter(*args: Any, seconds: int, name: str = "", **options: Any) -> Any:
        seconds = SECONDS if name == RENEWED else seconds
        return open_session(*args, seconds=seconds, name=name, **options)

    state.open_session = open_shorter


def check_results(box: Sandbox) -> None:
    """Check that the program got renewed credentials, and that the report was written."""
    (job,) = (box.folder / "async").iterdir()
    result = json.loads(job.read_text())
    assert result["rc"] == 0 and result["renewals"] > 0 and "AccessKeySecret" in result["stdout"]
    report = (box.folder / "results" / "report.html").read_text()
    assert "intern" in report and "broken" in report, report


def make_variables(box: Sandbox, url: str, socket: Path) -> dict[str, Any]:
    """Return the variables that only this play has."""
    common = {"region": "cn-hangzhou", "sts_endpoint": url}
    intern = {"name": "intern", "mode": "AK", **OLD_KEY, **common}
    broken = {"name": "broken", "mode": "AK", **KEY, **common}
    broken["access_key_secret"] = SECRETS["other_secret"]
    profiles = [intern, broken, *box.given["chain"][:2]]
    users = [{"user": pwd.getpwuid(os.geteuid()).pw_name, "profiles": profiles}]
    if os.geteuid() == 0:
        # Another user gets a file, and nothing else in the folder.
        box.folder.chmod(0o711)
        home = box.folder / "other"
        home.mkdir(mode=0o700)
        shutil.chown(home, "nobody")
        other = {"user": "nobody", "config_path": f"{home}/.aliyun/config.json"}
        users.append({**other, "profiles": [intern]})
    owners = [{name: user[name] for name in user if name != "profiles"} for user in users]
    cache_url = f"unix://leaks:{REDIS_PASSWORD}@{socket}"
    return {
        "keys": {
            "old": OLD_KEY,
            "admin": {
                "source": {"mode": "AK", **ADMIN_KEY, **common},
                "ram_endpoint": url,
                "ims_endpoint": url,
            },
            "users": users,
            "owners": owners,
            "hop": {**box.given["chain"][1], "role_session_name": RENEWED},
            "cache_url": cache_url,
            "wrong_url": cache_url.replace(REDIS_PASSWORD, WRONG_PASSWORD),
        },
        "cache": f"{box.folder}/home/.ansible/ansible-aliyun.cli",
        "masked": REGISTERS,
        "rotation": f"{box.folder}/home/rotation",
        "report": f"{box.folder}/results/report.html",
    }
