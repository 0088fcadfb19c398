# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an emulator of STS in a new process, so that this one has no threads and can be forked, and write profiles."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve

COLLECTION = Path(_resolve.__file__).parents[2]
HUB = "acs:ram::1100000000000001:role/hub"
SPOKE = "acs:ram::1200000000000002:role/spoke"
TARGET = "acs:ram::1300000000000003:role/target"
LOCKED = "acs:ram::1100000000000001:role/locked"
ROLES = 100
EXTERNAL_ID = "fake-external-id-Rb17"
REFRESH_TOKEN = "fake-oauth-refresh-token-Ps29"


def role_behind_the_hub(number: int) -> str:
    return f"acs:ram::1200000000000002:role/team-{number}"


def world() -> dict[str, Any]:
    """Return the demo's, with a hundred more roles that the hub may assume.

    Credentials and access tokens of OAuth have expired as soon as a client gets them.
    """
    document: dict[str, Any] = yaml.safe_load(
        (COLLECTION / "tests" / "emulator" / "worlds" / "demo.yml").read_text()
    )
    second = document["accounts"]["1200000000000002"]["roles"]
    for number in range(ROLES):
        second[f"team-{number}"] = {"trust": second["spoke"]["trust"]}
    hub = document["accounts"]["1100000000000001"]["roles"]["hub"]
    hub["grants"] = ["acs:ram::1200000000000002:role/*"]
    document["oauth"].update(seconds=-60, token_seconds=-60)
    document["switches"] = {"oauth_capitals": True}
    return document


class Sts:
    """Requests to the emulator, and its clock."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.url = ready["http_url"]
        self._https_port = ready["https_port"]
        self._ca_file = ready["ca_file"]

    def take_over(self) -> None:
        """Resolve all hosts of Alibaba Cloud to the emulator, in this process only.

        Name resolution is below everything that a client does, so the client itself stays as it is.
        """
        real = socket.getaddrinfo

        def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            assert name.endswith((".aliyun.com", ".alibabacloud.com")) and port == 443, name
            return real("127.0.0.1", self._https_port, *args, **kwargs)

        socket.getaddrinfo = getaddrinfo
        os.environ["SSL_CERT_FILE"] = self._ca_file
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[name]

    def _send(self, method: str, path: str, values: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}",
            method=method,
            data=None if values is None else json.dumps(values).encode(),
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def calls(self) -> list[str]:
        """Return the roles of all calls of AssumeRole, in order."""
        return [
            call["role_arn"]
            for call in self._send("GET", "journal")["calls"]
            if call["action"] == "AssumeRole" and call["code"] != "InvalidTimeStamp.Expired"
        ]

    def shift(self, seconds: float) -> None:
        self._send("POST", "clock", {"offset": seconds})

    def reject_sessions(self, how: str) -> None:
        self._send("POST", "sessions", {"how": how})

    def fail(self, kind: str, count: int = 10**6, **more: Any) -> None:
        """Let so many of the next calls of AssumeRole fail."""
        fault = {"kind": kind, "action": "AssumeRole", "count": count, **more}
        self._send("POST", "faults", fault)

    def recover(self) -> None:
        """Let no more calls fail."""
        self._send("DELETE", "faults")

    def reset(self) -> None:
        self._send("POST", "reset", {})

    def stop(self) -> None:
        self._send("POST", "stop", {})


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Sts]:
    """Yield the emulator for the duration of the block."""
    (folder / "world.yml").write_text(yaml.safe_dump(world()))
    ready = folder / "ready.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.emulator", "--world", str(folder / "world.yml")]
        + ["--ready-file", str(ready), "--max-seconds", "900"],
        cwd=COLLECTION,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        while not ready.exists():
            assert process.poll() is None, "the emulator does not start"
            time.sleep(0.02)
        sts = Sts(json.loads(ready.read_text()))
        yield sts
        sts.stop()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def hop(sts: Sts, role: str, **more: Any) -> dict[str, Any]:
    hop = {"ram_role_arn": role, "sts_endpoint": sts.url, **more}
    if role not in (HUB, LOCKED, TARGET):
        hop["external_id"] = EXTERNAL_ID
    return hop


def write_profiles(config: Path, sts: Sts) -> None:
    """Write old profiles: a chain of three hops, roles behind its first one, and a role that nobody may assume."""
    profiles: list[dict[str, Any]] = [
        {
            "name": "deploy",
            "mode": "AK",
            "region_id": "cn-hangzhou",
            "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
            "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
        }
    ]

    def add(name: str, source: str, role: str) -> None:
        profile = {"name": name, "mode": "ChainableRamRoleArn", "source_profile": source}
        profiles.append({**profile, "ram_session_name": "stress", **hop(sts, role)})

    add("hub", "deploy", HUB)
    add("spoke", "hub", SPOKE)
    add("target", "spoke", TARGET)
    add("locked", "deploy", LOCKED)
    for number in range(ROLES):
        add(f"team-{number}", "hub", role_behind_the_hub(number))
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps({"current": "target", "profiles": profiles}))
    config.chmod(0o600)
