# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run marked YAML blocks of the guides against the emulator, without changes.

A block is run if it follows the comment ``.. run``. The blocks of one guide are plays of one playbook, in order, so
that later ones can use what earlier ones have registered; tasks are put into a separate play. They find:

- the hosts ``fleet``, which is this machine, with the profiles ``deploy`` and ``production`` in a temporary home,
- STS under its own names, with the accounts of ``world.yml``, and the roles whose trust policies the guides show, each
  after a comment ``.. trust`` with the ARN of the role,
- OIDC tokens as GitLab, GitHub Actions, and automation controller give them to a job,
- an ``aliyun`` that wants credentials, in the folder ``bin``,
- the variables below.

By itself: ``python guides.py [name of a guide]``, with an ansible-core that finds the collection.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import select
import socket
import socketserver
import subprocess
import sys
import tempfile
import textwrap
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from ansible import constants

HERE = Path(__file__).resolve().parent
COLLECTION = next(
    path
    for path in (
        Path(root) / "ansible_collections" / "aliyun" / "cli"
        for root in constants.COLLECTIONS_PATHS
    )
    if path.exists()
)
ROOT = COLLECTION.parents[2]
GUIDES = COLLECTION / "docs" / "docsite" / "rst"
VARIABLES = {"deploy_secret": "fake-secret-of-the-guides", "passphrase": "fake-passphrase"}
PROFILES = [
    {
        "name": "deploy",
        "mode": "AK",
        "access_key_id": "LTAI5tEXAMPLE",
        "access_key_secret": VARIABLES["deploy_secret"],
        "region_id": "cn-hangzhou",
    },
    {
        "name": "production",
        "mode": "ChainableRamRoleArn",
        "source_profile": "deploy",
        "ram_role_arn": "acs:ram::1000000000000002:role/production",
        "ram_session_name": "ansible",
        "region_id": "cn-hangzhou",
    },
    {
        "name": "key-admin",
        "mode": "AK",
        "access_key_id": "LTAI5tEXAMPLEadmin",
        "access_key_secret": "fake-secret-of-the-key-admin",
        "region_id": "cn-hangzhou",
    },
]
BLOCK = re.compile(
    r"""
    ^ (?P<margin> [ ]*) [.][.][ ]run \n
    \n
    (?P=margin) [.][.][ ]code-block::[ ]yaml(?:[+]jinja)? \n
    \n
    (?P<text> (?: (?P=margin)[ ]{2,} \S.* \n | \s*\n )+ )
    """,
    re.MULTILINE | re.VERBOSE,
)


TRUST = re.compile(
    r"^[.][.] trust acs:ram::(\d+):role/(\S+)\n\n[.][.] code-block:: json\n\n((?:    .*\n|\n)+)",
    re.MULTILINE,
)
# Subject of the token that each platform gives to a job of the guides.
SUBJECTS = {
    "gitlab": "project_path:example/app:ref_type:branch:ref:main",
    "github": "repo:example/app:ref:refs/heads/main",
    "controller": "workload_type:aap_controller_automation_job:organization:Default:job_template:Deploy",
}
# The token with which a job of GitHub Actions requests its OIDC token.
REQUEST_TOKEN = "fake-request-token"


class Block(NamedTuple):
    """A block of a guide, and its first line in the guide."""

    line: int
    text: str


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page that are run."""
    marks = re.findall(r"^ *\.\. run\b", page, re.MULTILINE)
    found = [
        Block(page.count("\n", 0, match.start("text")) + 1, textwrap.dedent(match["text"]))
        for match in BLOCK.finditer(page)
    ]
    assert len(found) == len(marks), "behind each '.. run' an empty line and a block of YAML come"
    return found


def plays_of(name: str, block: Block) -> str:
    """Return a block as YAML of a playbook: its plays, or a play with its tasks."""
    text = block.text.strip("\n").removeprefix("---\n")
    if all("hosts" in entry for entry in yaml.safe_load(text)):
        return text
    head = f"- name: {name}, line {block.line}\n  hosts: fleet\n  gather_facts: false\n  tasks:\n"
    return head + textwrap.indent(text, "    ")


def read_world() -> dict[str, Any]:
    """Return the world, with the roles and trust policies of the guides."""
    world: dict[str, Any] = yaml.safe_load((HERE / "world.yml").read_text(encoding="utf-8"))
    for guide in sorted(GUIDES.glob("*.rst")):
        for account, role, policy in TRUST.findall(guide.read_text(encoding="utf-8")):
            roles = world["accounts"][account]["roles"]
            assert role not in roles, f"two trust policies of the role {role}"
            roles[role] = {"trust": json.loads(policy), "grants": ["acs:ram::*:role/*"]}
    return world


class TokenService(http.server.BaseHTTPRequestHandler):
    """Answers a job of GitHub Actions that requests its OIDC token."""

    server: TokenServer

    def do_GET(self) -> None:
        """Send a token for the audience of the request, if the request has the token of the job."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        allowed = self.headers.get("Authorization") == f"Bearer {REQUEST_TOKEN}"
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if allowed:
            token = self.server.make_token("github", audience=query["audience"][0])
            self.wfile.write(json.dumps({"value": token}).encode())

    def log_message(self, *_arguments: Any) -> None:
        """Log nothing."""


class TokenServer(http.server.ThreadingHTTPServer):
    """Serves tokens on loopback."""

    daemon_threads = True

    def __init__(self, make_token: Callable[..., str]) -> None:
        super().__init__(("127.0.0.1", 0), TokenService)
        self.make_token = make_token


@contextlib.contextmanager
def jobs_of(emulator: Any) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Yield the environment and the variables that automation platforms give to a job."""

    def make_token(platform: str, **options: str) -> str:
        provider = f"acs:ram::1000000000000001:oidc-provider/{platform}"
        token: str = emulator.oidc_token(provider=provider, subject=SUBJECTS[platform], **options)
        return token

    with TokenServer(make_token) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield (
                {
                    "ALIYUN_ID_TOKEN": make_token("gitlab"),
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
                    "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_port}/?api-version=2.0",
                },
                {"workload_identity_token": make_token("controller")},
            )
        finally:
            server.shutdown()


class Proxy(socketserver.ThreadingTCPServer):
    """Leads whoever wants to speak to Alibaba Cloud to the emulator, and nobody anywhere else."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.port_behind = port


class Tunnel(socketserver.StreamRequestHandler):
    """One connection, asked for by CONNECT."""

    server: Proxy

    def handle(self) -> None:
        words = self.rfile.readline(4096).split()
        while self.rfile.readline(4096).strip():
            pass
        if len(words) < 2 or not re.fullmatch(rb"[\w.-]+\.aliyuncs\.com:443", words[1]):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.port_behind)) as behind:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            ends = {self.connection: behind, behind: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    content = end.recv(65536)
                    if not content:
                        return
                    ends[end].sendall(content)


@contextlib.contextmanager
def proxy(port: int) -> Iterator[str]:
    """Yield the URL of a proxy to a port."""
    with Proxy(port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def prepare(folder: Path, variables: dict[str, str]) -> None:
    """Create a home with profiles, hosts, and variables."""
    (folder / "home" / ".aliyun").mkdir(mode=0o700, parents=True)
    (folder / "tmp").mkdir()
    document = {"current": "production", "profiles": PROFILES}
    config = folder / "home" / ".aliyun" / "config.json"
    config.write_text(json.dumps(document))
    config.chmod(0o600)
    variables = {"ansible_python_interpreter": sys.executable, **VARIABLES, **variables}
    (folder / "vars.json").write_text(json.dumps(variables))
    (folder / "inventory").write_text("[fleet]\nnode ansible_connection=local\n")


def run(guide: Path, environment: dict[str, str], variables: dict[str, str]) -> int:
    """Run the blocks of a guide; their number."""
    blocks = blocks_of(guide.read_text(encoding="utf-8"))
    if not blocks:
        return 0
    with tempfile.TemporaryDirectory(prefix="guides-") as name:
        folder = Path(name)
        prepare(folder, variables)
        playbook = folder / "playbook.yml"
        playbook.write_text("\n\n".join(plays_of(guide.name, block) for block in blocks) + "\n")
        command = ["ansible-playbook", "-e", f"@{folder}/vars.json"]
        done = subprocess.run(
            [*command, "-i", str(folder / "inventory"), str(playbook)],
            env={
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
                "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
                "HOME": str(folder / "home"),
                "LC_ALL": "C.UTF-8",
                "PATH": os.pathsep.join([str(HERE / "bin"), os.environ["PATH"]]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                "TMPDIR": str(folder / "tmp"),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{guide.name} fails:\n{done.stdout}"
    return len(blocks)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from ansible_collections.aliyun.cli.tests.emulator import Emulator

    wanted = sys.argv[1:] or sorted(guide.stem for guide in GUIDES.glob("*.rst"))
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(Emulator(read_world()))
        url = stack.enter_context(proxy(emulator.https_port))
        given, variables = stack.enter_context(jobs_of(emulator))
        environment = {
            **given,
            "ALIYUN_CLI_METADATA_ENDPOINT": emulator.http_url,
            "HTTPS_PROXY": url,
            "REQUESTS_CA_BUNDLE": str(emulator.ca_file),
        }
        numbers = {}
        for name in wanted:
            # Each guide begins with the keys of the world.
            emulator.core.keys.reset()
            numbers[name] = run(GUIDES / f"{name}.rst", environment, variables)
        assert sum(numbers.values()) and emulator.journal, "no block was run, or none has asked STS"
    for name, number in numbers.items():
        print(f"{name}: {number} blocks run")


if __name__ == "__main__":
    main()
