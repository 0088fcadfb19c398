# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each form of a result, read by the tools that it is for. STS accepts the keys that they found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.module_utils._options import make_result
from ansible_collections.aliyun.cli.tests.conformance.world import (
    HUB,
    KEY_ID,
    SECRET,
    USER,
    session_arn,
)
from ansible_collections.aliyun.cli.tests.emulator import Emulator

SOURCES = Path(__file__).parents[1] / "unit/plugins/module_utils/_credentials/variable_sources.json"
NODE_MODULES = Path(__file__).parent / "node_modules"
SOURCE = {"mode": "AK", "access_key_id": KEY_ID, "access_key_secret": SECRET}
HOP = {"ram_role_arn": HUB, "role_session_name": "tools", "expired_seconds": 900}

# Each prints what the tool found: ID, secret, token.
PRINT_SDK = """
print(json.dumps([c.get_access_key_id(), c.get_access_key_secret(), c.get_security_token()]))
"""
PROGRAMS = {
    "sdk": "from alibabacloud_credentials.client import Client\n"
    "c = Client().get_credential()\n"
    "print(json.dumps([c.access_key_id, c.access_key_secret, c.security_token]))",
    "sdk_uri": "from alibabacloud_credentials.provider import URLCredentialsProvider\n"
    "c = URLCredentialsProvider().get_credentials()" + PRINT_SDK,
    "sdk_ini": "from alibabacloud_credentials.provider import ProfileCredentialsProvider\n"
    "c = ProfileCredentialsProvider().get_credentials()" + PRINT_SDK,
    "oss2": "from oss2.credentials import EnvironmentVariableCredentialsProvider\n"
    "c = EnvironmentVariableCredentialsProvider().get_credentials()\n"
    "print(json.dumps([c.access_key_id, c.access_key_secret, c.security_token]))",
    "oss_v2": "from alibabacloud_oss_v2.credentials import EnvironmentVariableCredentialsProvider\n"
    "c = EnvironmentVariableCredentialsProvider().get_credentials()\n"
    "print(json.dumps([c.access_key_id, c.access_key_secret, c.security_token]))",
    "aliyunlog": "from aliyunlogcli.config import load_config, verify_sts_token\n"
    "c = load_config({})\n"
    "print(json.dumps([c[0], c[1], verify_sts_token(c[0], c[3], use=True)]))",
}
NODE = """
const Credential = require("@alicloud/credentials");
new Credential.default().getCredential().then((c) =>
  console.log(JSON.stringify([c.accessKeyId, c.accessKeySecret, c.securityToken])));
"""
# A part of the package that its default chain does not use.
NODE_INI = """
const path = require("path").dirname(require.resolve("@alicloud/credentials"));
const c = require(path + "/provider/profile_credentials_provider.js").default.getCredential();
console.log(JSON.stringify([c.accessKeyId, c.accessKeySecret, c.securityToken]));
"""


@pytest.fixture
def form(emulator: Emulator) -> Callable[..., Any]:
    """Make credentials, and return them in a form."""

    def make(name: str, *, hops: bool = True) -> Any:
        chain = _chain.from_source({**SOURCE, "region": "cn-shanghai"})
        chain = _chain.name_sessions(_chain.extend(chain, [HOP] if hops else []), "unused")
        with Http(ca_bundle=emulator.ca_file) as http:
            credentials = Resolver(http, environ={}).resolve(chain)
        return make_result(credentials, chain, {"format": name})

    return make


@pytest.fixture
def found_by(tmp_path: Path) -> Callable[..., list[str]]:
    """Run a program with nothing but some variables, and return the keys that it prints."""

    def run(argv: list[str], variables: Mapping[str, str]) -> list[str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables}
        environ["NODE_PATH"] = os.environ.get("NODE_PATH", str(NODE_MODULES))
        done = subprocess.run(argv, env=environ, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        keys: list[str] = json.loads(done.stdout.splitlines()[-1])
        return keys

    return run


@pytest.fixture
def arn_of(our_arn: Callable[[Credentials], str]) -> Callable[[list[str]], str]:
    """Return the caller of some keys, as STS knows it."""
    return lambda keys: our_arn(Credentials(keys[0], keys[1], keys[2] or ""))


def python(name: str) -> list[str]:
    return [sys.executable, "-c", "import json\n" + PROGRAMS[name]]


def node(program: str) -> list[str]:
    return ["node", "-e", program]


ENVIRONMENT = [*(python(name) for name in ("sdk", "oss2", "oss_v2", "aliyunlog")), node(NODE)]


@pytest.mark.parametrize("argv", ENVIRONMENT, ids=["sdk", "oss2", "oss_v2", "aliyunlog", "node"])
@pytest.mark.parametrize("hops", [True, False])
def test_environment(form: Any, found_by: Any, arn_of: Any, argv: list[str], hops: bool) -> None:
    keys = found_by(argv, form("environment", hops=hops))
    assert arn_of(keys) == (session_arn(HUB, "tools") if hops else USER)


@pytest.fixture
def served(form: Any) -> Iterator[str]:
    """Yield the URL of a server that answers with the form ``uri``."""
    body = json.dumps(form("uri")).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/credentials"
        server.shutdown()


@pytest.mark.parametrize("argv", [python("sdk_uri"), node(NODE)], ids=["sdk", "node"])
def test_uri(served: str, found_by: Any, arn_of: Any, argv: list[str]) -> None:
    variables = {
        "ALIBABA_CLOUD_CREDENTIALS_URI": served,
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
    }
    assert arn_of(found_by(argv, variables)) == session_arn(HUB, "tools")


@pytest.mark.parametrize(
    ("argv", "hops"),
    [(python("sdk_ini"), False), (node(NODE), False), (node(NODE_INI), True)],
    ids=["sdk", "node", "node_with_token"],
)
def test_ini(
    form: Any, found_by: Any, arn_of: Any, tmp_path: Path, argv: list[str], hops: bool
) -> None:
    file = tmp_path / "credentials"
    file.write_text(form("ini", hops=hops), encoding="utf-8")
    keys = found_by(argv, {"ALIBABA_CLOUD_CREDENTIALS_FILE": str(file)})
    assert arn_of(keys) == (session_arn(HUB, "tools") if hops else USER)


def sources() -> list[dict[str, Any]]:
    return [
        source
        for source in json.loads(SOURCES.read_text(encoding="utf-8"))
        if "pypi.org" in source["source"] or "npmjs.com" in source["source"]
    ]


@pytest.mark.parametrize("source", sources(), ids=lambda source: source["source"])
def test_sources_of_the_table_name_these_variables(source: dict[str, Any]) -> None:
    url, folder = source["source"].rstrip(")").split(" (")
    if "npmjs.com" in url:
        package, version = url.partition("/package/")[2].split("/v/")
        root = Path(os.environ.get("NODE_PATH", NODE_MODULES)) / package
        assert json.loads((root / "package.json").read_text())["version"] == version
        files = (root / folder).rglob("*.js")
    else:
        package, version = url.rstrip("/").split("/")[-2:]
        assert metadata.version(package) == version
        files = Path(str(metadata.distribution(package).locate_file(folder))).rglob("*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in source["names"] if name not in text] == []
