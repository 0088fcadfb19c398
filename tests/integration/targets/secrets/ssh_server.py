# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SSH server on a loopback port, for the user who starts it, with a key that it accepts."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

# The server requires this folder of root, which only its service creates.
_SEPARATION = Path("/run/sshd")
_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/key
AuthorizedKeysFile {folder}/key.pub
PidFile none
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
MaxSessions 100
Subsystem sftp internal-sftp
SetEnv {environment}
"""


@contextlib.contextmanager
def make_separation_folder() -> Iterator[None]:
    """Create the folder that servers of root require, and remove it at the end if it was missing."""
    missing = os.geteuid() == 0 and not _SEPARATION.exists()
    if missing:
        _SEPARATION.mkdir(mode=0o755)
    try:
        yield
    finally:
        if missing:
            _SEPARATION.rmdir()


class SshServer:
    """A running server. ``host`` has the variables of the host in an inventory, ``arguments`` are those of ssh.

    Commands get the environment that is given. The folder ``ssh`` in ``folder`` has the sockets of connections.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        program = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            raise RuntimeError("sshd not found: install openssh-server, as .ci/apt does")
        self._sockets = folder / "ssh"
        key = folder / "read" / "key"
        self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        values = " ".join(f'"{name}={value}"' for name, value in environment.items())
        config = folder / "read" / "sshd"
        config.write_text(_CONFIG.format(port=port, folder=key.parent, environment=values))
        self.host = (
            f"ansible_connection=ssh ansible_host=127.0.0.1 ansible_port={port}"
            f" ansible_user={pwd.getpwuid(os.geteuid()).pw_name} ansible_ssh_private_key_file={key}"
        )
        self.arguments = (
            "-F /dev/null -o ControlMaster=auto -o ControlPersist=60 -o IdentitiesOnly=yes"
            " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        )
        # It reads its configuration again for each connection, by its whole path.
        self._process = subprocess.Popen([program, "-D", "-q", "-f", str(config)])
        self._wait(port)

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=60).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """End the connections that are kept, and the server."""
        for path in self._sockets.iterdir():
            command = ["ssh", "-F", "/dev/null", "-O", "exit", "-o", f"ControlPath={path}", "node"]
            subprocess.run(command, check=False, capture_output=True)
        self._process.terminate()
        self._process.wait(timeout=60)
