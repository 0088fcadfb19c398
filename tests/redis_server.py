# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a real Redis server for tests, in a new process and in a directory of the test."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from ansible_collections.aliyun.cli.tests.emulator.tls import make_certificates

# Seconds until a server that nobody stops ends by itself, and that starting it may take.
MAX_SECONDS = 900
START_SECONDS = 30
# The commands that the collection uses, as the guide has them.
ACL_RULES = ("+set", "+pttl", "+getrange", "+eval", "+get", "+del")


def free_port() -> int:
    """Return a TCP port of the loopback address that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class RedisServer:
    """``redis-server`` with a Unix socket, and what ``settings`` add, for example a port."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self._settings = {"port": 0, "save": "", "appendonly": "no", **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Return the URL of the Unix socket, over which the default user has all permissions."""
        return f"unix://{self.socket}"

    @property
    def client(self) -> redis.Redis:
        """Return a client with all permissions."""
        return redis.Redis(unix_socket_path=str(self.socket), protocol=2)

    def start(self) -> None:
        """Start the server, empty."""
        command = ["timeout", "--signal=KILL", str(MAX_SECONDS), "redis-server"]
        command += ["--unixsocket", str(self.socket), "--dir", str(self.folder)]
        for name, value in self._settings.items():
            values = value if isinstance(value, list) else [value]
            command += [f"--{name.replace('_', '-')}", *map(str, values)]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],  # ends with this process in any case
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(redis.RedisError, OSError):
                with self.client as client:
                    client.ping()
                    return
            assert self._process.poll() is None and time.monotonic() < deadline, "no redis-server"
            time.sleep(0.02)

    def signal(self, number: int) -> None:
        """Send a signal to the server."""
        assert self._process
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """Kill the server and wait for its end."""
        if self._process and self._process.poll() is None:
            self.signal(signal.SIGKILL)
        if self._process:
            self._process.wait()
        self._process = None
        self.socket.unlink(missing_ok=True)

    def dump(self) -> dict[bytes, bytes]:
        """Return all keys and values."""
        with self.client as client:
            return {key: client.get(key) or b"" for key in client.keys("*")}


@contextlib.contextmanager
def running(folder: Path, **settings: Any) -> Iterator[RedisServer]:
    """Run a server for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    server = RedisServer(folder, **settings)
    try:
        yield server
    finally:
        server.kill()


def write_certificates(folder: Path) -> tuple[Path, Path]:
    """Write the certificate of an authority, and certificate and key of a server on loopback. Return their paths."""
    server, authority = make_certificates()
    paths = (folder / "ca.pem", folder / "server.pem")
    paths[0].write_text(authority)
    paths[1].write_bytes(server)
    return paths
