# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains whose calls go through a proxy by HTTPS, and those that must not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.emulated.world import (
    AK,
    SPOKE,
    caller,
    hops,
    make_chain,
    session_arn,
)

PASSWORD = "fake-proxy-password"


class Proxy:
    """Proxy for CONNECT on loopback, which can refuse connections and records their targets."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\n\r\n"
        self.asked: list[str] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://user:{PASSWORD}@127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def _start(self, target: Any, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self._sockets.append(connection)
            self._start(self._connect, connection)

    def _connect(self, connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            piece = connection.recv(65536)
            if not piece:
                return
            asked += piece
        self.asked.append(asked.decode("latin-1"))
        host, port = asked.split()[1].decode("ascii").split(":")
        connection.sendall(self.answer)
        if not self.answer.startswith(b"HTTP/1.1 200"):
            connection.shutdown(socket.SHUT_RDWR)
            return
        target = socket.create_connection((host, int(port)))
        self._sockets.append(target)
        self._start(self._lead, connection, target)
        self._lead(target, connection)

    @staticmethod
    def _lead(source: socket.socket, target: socket.socket) -> None:
        try:
            piece = source.recv(65536)
            while piece:
                target.sendall(piece)
                piece = source.recv(65536)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side has gone

    def stop(self) -> None:
        """End every connection and thread."""
        for sock in (self._listener, *self._sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # gone already
        for thread in self._threads:
            thread.join()
        for sock in (self._listener, *self._sockets):
            sock.close()


@pytest.fixture(name="proxy")
def fixture_proxy(world: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    proxy = Proxy()
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    yield proxy
    proxy.stop()


def two_hops(world: Emulator) -> str:
    profile = {"name": "begin", **AK, "sts_endpoint": world.https_url}
    return caller(world, make_chain(profile, hops(world.https_url)))


def test_calls_go_through_the_proxy_over_one_connection(world: Emulator, proxy: Proxy) -> None:
    assert two_hops(world) == session_arn(SPOKE, "test")
    (asked,) = proxy.asked
    assert asked.startswith(f"CONNECT 127.0.0.1:{world.https_port} HTTP/1.")
    assert "proxy-authorization: basic " in asked.lower()
    assert len({call["connection"] for call in world.journal}) == 1


@pytest.mark.parametrize("exempt", ["127.0.0.1", "example.com,127.0.0.0/8", "*"])
def test_hosts_that_are_exempt(
    world: Emulator, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, exempt: str
) -> None:
    monkeypatch.setenv("NO_PROXY", exempt)
    assert two_hops(world) == session_arn(SPOKE, "test")
    assert proxy.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    ],
)
def test_proxy_that_refuses(world: Emulator, proxy: Proxy, answer: bytes) -> None:
    proxy.answer = answer
    with pytest.raises(StsError) as caught:
        two_hops(world)
    told = str(caught.value)
    assert told.startswith("hop 1 of 2: AssumeRole of ")
    assert f": the proxy for 127.0.0.1:{world.https_port} does not respond or refuses" in told
    assert told.endswith("; check HTTPS_PROXY and NO_PROXY")
    assert PASSWORD not in told and world.journal == []
