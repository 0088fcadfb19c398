# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls STS with the key of each host's profiles, all the time: ``caller.py WORLD_READY_FILE HOSTS_FOLDER RESULT_FILE``.

It ends when the ready file is gone. Each refusal is a line of the result file. With ``--once ID SECRET`` instead of the
hosts it calls once. It shares no code with the collection.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

PROFILES = (("alice", "deploy"), ("bob", "hub"))


def call(url: str, key_id: str, secret: str) -> str:
    """Return the code of STS for GetCallerIdentity with a key."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", "/_emulator/clock")
        now = json.loads(connection.getresponse().read())["now"]
        headers = {
            "host": urlsplit(url).netloc,
            "x-acs-action": "GetCallerIdentity",
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
            "x-acs-date": now,
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-version": "2015-04-01",
        }
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        request = "\n".join(["POST", "/", "", lines, names, headers["x-acs-content-sha256"]])
        signed = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()
        signature = hmac.new(secret.encode(), signed.encode(), "sha256").hexdigest()
        headers["authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
        )
        connection.request("POST", "/", headers=headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        return "OK" if answer.status == 200 else str(body["Code"])
    finally:
        connection.close()


def main(ready: Path, hosts: Path, result: Path) -> None:
    url = json.loads(ready.read_text())["http_url"]
    calls = 0
    with result.open("a", buffering=1) as file:
        while ready.exists():
            for host in ("one", "two", "three"):
                for user, profile in PROFILES:
                    path = hosts / host / "root" / "home" / user / ".aliyun" / "config.json"
                    try:
                        document = json.loads(path.read_text())
                        found = {item["name"]: item for item in document["profiles"]}[profile]
                        code = call(url, found["access_key_id"], found["access_key_secret"])
                        if code == "InvalidTimeStamp.Expired":
                            # The scenario has moved the clock between the two requests of a call.
                            code = call(url, found["access_key_id"], found["access_key_secret"])
                    except (OSError, ValueError, KeyError) as error:
                        code = repr(error)
                        if not ready.exists():
                            return
                    calls += 1
                    if code != "OK":
                        file.write(f"{host} {user} {profile}: {code}\n")
            (hosts / "calls").write_text(str(calls))
            time.sleep(0.2)


if __name__ == "__main__":
    if sys.argv[2] == "--once":
        print(call(json.loads(Path(sys.argv[1]).read_text())["http_url"], *sys.argv[3:]))
    else:
        sys.stdout.flush()
        os.nice(5)
        main(*map(Path, sys.argv[1:]))
