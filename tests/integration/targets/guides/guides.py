# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run marked YAML blocks of the guides against the emulator, without changes.

A block is run if it follows the comment ``.. run``. The blocks of one guide are plays of one playbook, in order, so
that later ones can use what earlier ones have registered; tasks are put into a separate play. They find:

- the hosts ``fleet``, which is this machine, with the profiles ``deploy`` and ``production`` in a temporary home,
- STS under its own names, with the accounts of ``world.yml``,
- an ``aliyun`` that wants credentials, in the folder ``bin``,
- the variables below.

By itself: ``python guides.py [name of a guide]``, with an ansible-core that finds the collection.
"""

from __future__ import annotations

import contextlib
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
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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


def prepare(folder: Path) -> None:
    """Create a home with profiles, hosts, and variables."""
    (folder / "home" / ".aliyun").mkdir(mode=0o700, parents=True)
    (folder / "tmp").mkdir()
    document = {"current": "production", "profiles": PROFILES}
    config = folder / "home" / ".aliyun" / "config.json"
    config.write_text(json.dumps(document))
    config.chmod(0o600)
    variables = {"ansible_python_interpreter": sys.executable, **VARIABLES}
    (folder / "vars.json").write_text(json.dumps(variables))
    (folder / "inventory").write_text("[fleet]\nnode ansible_connection=local\n")


def run(guide: Path, environment: dict[str, str]) -> int:
    """Run the blocks of a guide; their number."""
    blocks = blocks_of(guide.read_text(encoding="utf-8"))
    if not blocks:
        return 0
    with tempfile.TemporaryDirectory(prefix="guides-") as name:
        folder = Path(name)
        prepare(folder)
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
    with Emulator(HERE / "world.yml") as emulator, proxy(emulator.https_port) as url:
        environment = {
            "ALIYUN_CLI_METADATA_ENDPOINT": emulator.http_url,
            "HTTPS_PROXY": url,
            "REQUESTS_CA_BUNDLE": str(emulator.ca_file),
        }
        numbers = {}
        for name in wanted:
            # Each guide begins with the keys of the world.
            emulator.core.keys.reset()
            numbers[name] = run(GUIDES / f"{name}.rst", environment)
        assert sum(numbers.values()) and emulator.journal, "no block was run, or none has asked STS"
    for name, number in numbers.items():
        print(f"{name}: {number} blocks run")


if __name__ == "__main__":
    main()
