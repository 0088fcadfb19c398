# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A credentials URI on loopback that renews credentials for as long as a program runs.

The path is unguessable. On Linux, only processes of this user and of root get an answer. Nothing is logged.
"""

import hmac
import json
import os
import secrets
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Callable, Dict, List, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    format_time,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.formats import as_uri
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    SourceError,
)

# Renewed when a third of the lifetime is left: of an hour, before the last 15 minutes, in which the SDKs ask each time.
_RENEWED_PART = 3
# Seconds between attempts that fail, as a part of what is left, and at least.
_RETRIES_LEFT, _SHORTEST_PAUSE = 10, 0.2
_TCP_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")

Obtain = Callable[[], Dict[str, str]]


class Renewer:
    """Credentials that are obtained again before they expire.

    ``obtain`` returns a result of ``as_result``. ``longest`` bounds the lifetime in seconds if the clock is behind.
    """

    def __init__(self, obtain: Obtain, *, longest: Optional[int] = None) -> None:
        self._obtain = obtain
        self._longest = longest
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        # All results, for masking, and sentences of failures.
        self.results: List[Dict[str, str]] = []
        self.failures: List[str] = []
        self._current = self._made()

    def start(self) -> None:
        """Begin to renew, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more."""
        self._stopped.set()

    def get_response(self) -> Dict[str, str]:
        """Return what a credentials URI answers now. Raise AliyunCliError if the credentials expired."""
        if time.time() >= self._current[2]:
            self._renew()
        result, _due, until = self._current
        if time.time() >= until:
            raise SourceError("the credentials expired and were not renewed")
        return as_uri(dict(result, expiration=format_time(int(until))))

    def _made(self) -> Tuple[Dict[str, str], float, float]:
        """Return new credentials, when to renew them, and when they expire."""
        begun = time.time()
        result = self._obtain()
        self.results.append(result)
        if not result["security_token"] or not result["expiration"]:
            raise SourceError("renew needs credentials that expire: add a hop to the chain")
        until = float(parse_time(result["expiration"]))
        if self._longest:
            until = min(until, begun + self._longest)
        return result, until - (until - begun) / _RENEWED_PART, until

    def _renew(self) -> bool:
        """Obtain new credentials unless somebody else just did. Return whether there are new ones."""
        with self._lock:
            if time.time() < self._current[1]:
                return True
            try:
                self._current = self._made()
            except AliyunCliError as error:
                self.failures.append(str(error))
                return False
            return True

    def _run(self) -> None:
        pause = 0.0
        while not self._stopped.wait(max(pause, self._current[1] - time.time())):
            pause = 0.0
            if not self._renew():
                left = (self._current[2] - time.time()) / _RETRIES_LEFT
                pause = max(_SHORTEST_PAUSE, min(30.0, left))


class UriServer:
    """Serves the answers of a renewer on a loopback port while the context lasts."""

    def __init__(self, renewer: Renewer) -> None:
        self._renewer = renewer
        self._server = _Server(renewer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> str:
        """Start, and return the URL."""
        self._renewer.start()
        self._thread.start()
        return "http://127.0.0.1:{0}{1}".format(self._server.server_port, self._server.path)

    def __exit__(self, *_args: object) -> None:
        self._renewer.stop()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True

    def __init__(self, renewer: Renewer) -> None:
        self.renewer = renewer
        self.path = "/" + secrets.token_urlsafe(32)
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # That of HTTPServer asks a name server for the name of the address.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, *_args: Any) -> None:
        """Say nothing: standard error is the module's."""

    def allows(self, peer: Tuple[str, int]) -> bool:
        """Return whether the process at the other end is one of this user or of root, as far as the platform says."""
        uid = find_uid_of_peer(peer, self.server_port)
        return uid is None or uid in (0, os.geteuid())


class _Handler(BaseHTTPRequestHandler):
    # Of a client that sends nothing.
    timeout = 10
    server_version, sys_version = "ansible-aliyun.cli", ""
    server: _Server

    def do_GET(self) -> None:
        """Answer with credentials."""
        if not hmac.compare_digest(self.path.encode(), self.server.path.encode()):
            self._send(404)
        elif not self.server.allows(self.client_address[:2]):
            self._send(403)
        else:
            self._send_credentials()

    def _send_credentials(self) -> None:
        try:
            body = json.dumps(self.server.renewer.get_response()).encode()
        except AliyunCliError:
            self._send(503)
        else:
            self._send(200, body)

    def _send(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Log nothing."""


def find_uid_of_peer(peer: Tuple[str, int], port: int) -> Optional[int]:
    """Return the user of the local socket ``peer`` that is connected to a port of 127.0.0.1, by /proc of Linux.

    None if the platform does not say it, -1 if no such socket exists. A socket for IPv6 has the mapped address.
    """
    ends = [_format_address(*peer), _format_address("127.0.0.1", port)]
    known = False
    for path in _TCP_TABLES:
        try:
            with open(path, encoding="ascii") as table:
                rows = [line.split() for line in table]
        except OSError:
            continue
        known = True
        for row in rows[1:]:
            if [address[-13:] for address in row[1:3]] == ends:
                return int(row[7])
    return -1 if known else None


def _format_address(address: str, port: int) -> str:
    """Return an address as the tables of /proc have it: in the byte order of the machine."""
    (number,) = struct.unpack("=I", socket.inet_aton(address))
    return "{0:08X}:{1:04X}".format(number, port)
