# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that exec runs with renew: the official SDKs outlive three sessions without a failed call."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.conformance.world import HUB, KEY_ID, SECRET, session_arn
from ansible_collections.aliyun.cli.tests.emulator import Emulator

NODE_MODULES = Path(__file__).parent / "node_modules"
ROOT = Path(__file__).parents[5]
# Seconds of each session, and of the program, which gets the first session when it starts.
SESSION, PROGRAM = 3, 10

# Both call STS all the time, and print how many calls were accepted, and by which credentials.
PYTHON = """
import json, os, sys, time
from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_sts20150401.client import Client
from alibabacloud_tea_openapi.models import Config
port, seconds = sys.argv[1:]
credentials = Credentials()
client = Client(Config(credential=credentials, endpoint="127.0.0.1:" + port, protocol="HTTP"))
end, calls, keys, arns = time.time() + float(seconds), 0, set(), set()
while time.time() < end:
    arns.add(client.get_caller_identity().body.arn)
    keys.add(credentials.get_credential().access_key_id)
    calls += 1
    time.sleep(0.1)
print(json.dumps({"calls": calls, "keys": len(keys), "arns": sorted(arns)}))
"""
NODE = """
const crypto = require("crypto"), http = require("http");
const Credential = require("@alicloud/credentials").default;
const [port, seconds] = process.argv.slice(1);
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g,
  (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
function identity(key) {
  const all = {Action: "GetCallerIdentity", Version: "2015-04-01", Format: "JSON", AccessKeyId: key.accessKeyId,
    SecurityToken: key.securityToken, SignatureMethod: "HMAC-SHA1", SignatureVersion: "1.0",
    SignatureNonce: crypto.randomUUID(), Timestamp: new Date().toISOString().replace(/\\.\\d+/, "")};
  const query = Object.keys(all).sort().map((name) => encode(name) + "=" + encode(all[name])).join("&");
  const signature = crypto.createHmac("sha1", key.accessKeySecret + "&")
    .update("GET&%2F&" + encode(query)).digest("base64");
  return new Promise((resolve, reject) => http.get(
    `http://127.0.0.1:${port}/?${query}&Signature=${encode(signature)}`, (answer) => {
      let body = "";
      answer.on("data", (part) => { body += part; });
      answer.on("end", () => answer.statusCode === 200 ? resolve(JSON.parse(body).Arn) : reject(new Error(body)));
    }).on("error", reject));
}
(async () => {
  const credential = new Credential(), keys = new Set(), arns = new Set();
  const end = Date.now() + 1000 * seconds;
  let calls = 0;
  while (Date.now() < end) {
    const key = await credential.getCredential();
    arns.add(await identity(key));
    keys.add(key.accessKeyId);
    calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.log(JSON.stringify({calls, keys: keys.size, arns: [...arns]}));
})().catch((error) => { console.error(error.message); process.exit(1); });
"""


@pytest.fixture
def start(emulator: Emulator, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start the module in a process, as Ansible does, with ``renew``."""

    def begin(argv: list[str], **options: Any) -> subprocess.Popen[bytes]:
        hop = {"ram_role_arn": HUB, "role_session_name": "renewed", "expired_seconds": 900}
        source = {"mode": "AK", "access_key_id": KEY_ID, "access_key_secret": SECRET}
        endpoint = emulator.http_url
        arguments = {
            "argv": argv,
            "source": {**source, "sts_endpoint": endpoint},
            "hops": [{**hop, "sts_endpoint": endpoint}],
            "renew": True,
            "timeout": 60,
            **options,
        }
        program = (
            "import json, sys\n"
            "from ansible.module_utils import basic\n"
            "from ansible_collections.aliyun.cli.plugins.modules import exec as module\n"
            "basic._ANSIBLE_ARGS = sys.stdin.buffer.read()\n"
            "basic._ANSIBLE_PROFILE = 'legacy'\n"
            "module.main()\n"
        )
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            "HTTP_PROXY": "http://127.0.0.1:9",
            "NODE_PATH": os.environ.get("NODE_PATH", str(NODE_MODULES)),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        process.stdin.close()
        process.stdin = None
        return process

    return begin


def test_sdks_survive_three_expiries(emulator: Emulator, start: Any) -> None:
    """Both at the same time: what takes the time is the sessions."""
    emulator.switches.update({"session_seconds": SESSION})
    port = str(emulator.http_port)
    programs = {
        "python": [sys.executable, "-c", PYTHON, port, str(PROGRAM)],
        "node": ["node", "-e", NODE, port, str(PROGRAM)],
    }
    processes = {name: start(argv) for name, argv in programs.items()}
    for name, process in processes.items():
        output, errors = process.communicate(timeout=60)
        assert output, (name, errors)
        result = json.loads(output)
        assert result.get("rc") == 0, (name, result, errors)
        assert result["renewals"] >= 3, name
        assert result["json"]["keys"] >= 4, name
        assert result["json"]["arns"] == [session_arn(HUB, "renewed")], name
        assert result["json"]["calls"] >= 20, name
    calls = [call for call in emulator.journal if call["action"] == "GetCallerIdentity"]
    assert {call["code"] for call in calls} == {"OK"}


# As a hundred calls of the CLI with --mode CredentialsURI would.
ASK_OFTEN = """
import json, os, pathlib, sys, time, urllib.request
url = os.environ["ALIBABA_CLOUD_CREDENTIALS_URI"]
for _number in range(100):
    answer = json.load(urllib.request.urlopen(url))
pathlib.Path(sys.argv[1]).write_text(json.dumps([url, os.getpid(), list(answer.values())]))
while not os.path.exists(sys.argv[2]):
    time.sleep(0.05)
"""


def read_all(name: str) -> dict[int, bytes]:
    """Return a file of each process in /proc, by process ID."""
    found = {}
    for path in Path("/proc").glob(f"[0-9]*/{name}"):
        with contextlib.suppress(OSError):
            found[int(path.parent.name)] = path.read_bytes()
    return found


def test_nothing_is_seen_or_left(emulator: Emulator, start: Any, tmp_path: Path) -> None:
    """A hundred requests cost one AssumeRole. Only the environment of the program has the URI and the keys."""
    told, end = tmp_path / "told", tmp_path / "end"
    process = start([sys.executable, "-c", ASK_OFTEN, str(told), str(end)])
    for _attempt in range(600):
        if told.exists() and told.read_text():
            break
        time.sleep(0.05)
    url, pid, values = json.loads(told.read_text())
    told.unlink()
    secrets = [url.encode(), *(value.encode() for value in values if len(value) > 20)]
    assert len(secrets) == 4
    try:
        for content in read_all("cmdline").values():
            assert not any(secret in content for secret in secrets)
        environments = read_all("environ")
        assert [one for one in environments if secrets[0] in environments[one]] == [pid]
    finally:
        end.touch()
        output, errors = process.communicate(timeout=60)
    assert json.loads(output)["rc"] == 0 and not errors
    assert not any(secret in output for secret in secrets)
    assert [call["action"] for call in emulator.journal] == ["AssumeRole"]
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=5)
    assert not Path(f"/proc/{pid}").exists()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["end"]
