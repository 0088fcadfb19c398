# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow the guide "Try it on your own hosts" step by step, with this machine as the host.

Run it by itself with ``python own_hosts.py``, with an ansible-core that finds the collection.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from guides import COLLECTION, GUIDES, ROOT

GUIDE = GUIDES / "guide_try.rst"


def code(kind: str) -> list[str]:
    """Return the code blocks of this kind, in the order of the guide."""
    page = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(rf"^\.\. code-block:: {kind}\n\n((?: {{4}}.*\n|\n)+)", page, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") + "\n" for block in blocks]


def free_port() -> str:
    """Return a port on which nothing listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return str(server.getsockname()[1])


def main() -> None:
    """Run the playbook twice, and delete what it has created."""
    (playbook,), (inventory,) = code("yaml"), code("ini")
    (path, start), (play,), (clean,) = (
        re.findall(r"^\$ (.*)$", block, re.M) for block in code("console")
    )
    with tempfile.TemporaryDirectory(prefix="own-hosts-") as name:
        folder, port = Path(name), free_port()
        (folder / "home").mkdir()
        # Without SSH, no port is forwarded: the play uses the port of the emulator. The action plugin copy takes "~" from
        # the user database for a local connection.
        home = str(folder / "home")
        (folder / "try.yml").write_text(playbook.replace("9443", port).replace("~", home))
        hosts = f"one ansible_connection=local ansible_python_interpreter={sys.executable}"
        assert inventory.count("9443:localhost:8443") == 1
        (folder / "inventory").write_text(
            re.sub(r"one\.example\.com\ntwo\.example\.com", hosts, inventory)
        )
        assert path == "export PYTHONPATH=~/.ansible/collections/ansible_collections/aliyun/cli"
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
            "HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(COLLECTION), os.environ.get("PYTHONPATH", "")]),
        }
        # PYTHONPATH has further entries here, so the path of the world is written out.
        start = start.replace("$PYTHONPATH", str(COLLECTION)).replace("8443", port)
        with subprocess.Popen(
            ["bash", "-c", f"exec {start}"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as emulator:
            try:
                assert emulator.stdout and "https_url" in emulator.stdout.readline()
                outputs = [
                    subprocess.run(
                        ["bash", "-c", command],
                        cwd=folder,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT,
                        text=True,
                        timeout=300,
                        check=False,
                    ).stdout
                    for command in (play, play, clean.replace("~", home))
                ]
            finally:
                emulator.terminate()
        first, second, _removed = outputs
        assert "acs:ram::1300000000000003:assumed-role/target/try" in first, first
        assert "changed=3" in first and "changed=0" in second, second
        assert not (folder / "home" / "aliyun-cli-try").exists(), outputs
    print("guide_try: done twice, and cleaned up")


if __name__ == "__main__":
    main()
