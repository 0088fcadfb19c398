# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A credentials URI on loopback that renews credentials as long as a program runs.

The path cannot be guessed. On Linux, only processes of this user and of root get a response. Nothing is logged.
"""

import contextlib
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

# Credentials are renewed when this part of the lifetime is left: 20 minutes of an hour. In the last 15 minutes, the SDKs
# send a request for each use.
_RENEWED_PART = 1 / 3
# Pause after a failed attempt: this part of the time until the expiration or since it. Minimum and maximum in seconds.
_PAUSE_PART, _SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 0.2, 30.0
# Any user of the machine can connect. This many connections use neither all threads nor all files of the module.
_MAX_CONNECTIONS = 200
_TCP_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")

Obtain = Callable[[], Dict[str, str]]


def _read_clocks() -> Tuple[float, float]:
    return time.time(), time.monotonic()


class _Session:
    """Credentials and their lifetime in seconds, by the clock that is ahead: one can be set, the other one can stop."""

    def __init__(self, result: Dict[str, str], begun: Tuple[float, float], lifetime: float) -> None:
        self.result = result
        self._begun = begun
        self._lifetime = lifetime

    @property
    def left(self) -> float:
        """Return the seconds until the credentials expire, negative after that."""
        return self._lifetime - max(now - begun for now, begun in zip(_read_clocks(), self._begun))

    @property
    def left_until_due(self) -> float:
        """Return the seconds until the credentials must be renewed, negative after that."""
        return self.left - self._lifetime * _RENEWED_PART


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
        self._no_attempt_before = 0.0
        # All results, for masking, and the errors of failed attempts.
        self.results: List[Dict[str, str]] = []
        self.failures: List[str] = []
        self._current = self._make_session()

    def start(self) -> None:
        """Start the thread that renews."""
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end."""
        self._stopped.set()

    def get_response(self) -> Dict[str, str]:
        """Return the answer of a credentials URI. Raise AliyunCliError if the credentials expired."""
        if self._current.left <= 0:
            self._renew()
        session = self._current
        left = session.left
        if left <= 0:
            raise SourceError("the credentials expired and were not renewed")
        return as_uri(dict(session.result, expiration=format_time(int(time.time() + left))))

    def _make_session(self) -> _Session:
        begun = _read_clocks()
        result = self._obtain()
        self.results.append(result)
        if not result["security_token"] or not result["expiration"]:
            raise SourceError("renew needs credentials that expire: add a hop to the chain")
        lifetime = float(parse_time(result["expiration"])) - begun[0]
        if self._longest:
            lifetime = min(lifetime, self._longest)
        return _Session(result, begun, lifetime)

    def _renew(self) -> None:
        """Obtain new credentials, unless another thread just did, or an attempt just failed."""
        with self._lock:
            if self._current.left_until_due > 0 or time.monotonic() < self._no_attempt_before:
                return
            try:
                self._current = self._make_session()
            except AliyunCliError as error:
                self._add_failure(str(error))
            except Exception as error:  # pylint: disable=broad-exception-caught
                # The thread must go on, since a later attempt can succeed. The text can hold a secret.
                self._add_failure(type(error).__name__)

    def _add_failure(self, reason: str) -> None:
        self.failures.append(reason)
        pause = abs(self._current.left) * _PAUSE_PART
        pause = max(_SHORTEST_PAUSE, min(_LONGEST_PAUSE, pause))
        self._no_attempt_before = time.monotonic() + pause

    def _run(self) -> None:
        # In short steps, since a clock can be set at any time.
        while not self._stopped.wait(min(_LONGEST_PAUSE, self._left_until_attempt)):
            if self._left_until_attempt <= 0:
                self._renew()

    @property
    def _left_until_attempt(self) -> float:
        pause = self._no_attempt_before - time.monotonic()
        return max(0.0, self._current.left_until_due, pause)


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
    # The port is new, and no other process can use it too.
    allow_reuse_address = False
    request_queue_size = 128

    def __init__(self, renewer: Renewer) -> None:
        self.renewer = renewer
        self.path = "/" + secrets.token_urlsafe(32)
        self._open: List[Any] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # The method of HTTPServer looks up the name of the address at a name server.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, *_args: Any) -> None:
        """Print nothing: standard error is that of the module."""

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread. If too many connections are open, close the oldest: its client is slow or sends nothing."""
        with self._lock:
            self._open.append(request)
            oldest = self._open[0] if len(self._open) > _MAX_CONNECTIONS else None
            if oldest:
                self._open.remove(oldest)
                with contextlib.suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            if request in self._open:
                self._open.remove(request)
        super().shutdown_request(request)

    def allows(self, peer: Tuple[str, int]) -> bool:
        """Return whether the client is a process of this user or of root, if the platform has a table of users."""
        uid = find_uid_of_peer(peer, self.server_port)
        return uid is None or uid in (0, os.geteuid())


class _Handler(BaseHTTPRequestHandler):
    # In seconds, for a client that sends nothing.
    timeout = 10
    server_version, sys_version = "ansible-aliyun.cli", ""
    server: _Server

    def do_GET(self) -> None:
        """Answer with credentials."""
        # The table of users is read last: on a busy machine, that takes long.
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
    """Return the user of the local socket ``peer`` that is connected to a port of 127.0.0.1, from /proc of Linux.

    None if the platform has no such table, -1 if the socket is not found. A socket for IPv6 has the mapped address.
    """
    ends = [_format_address(*peer), _format_address("127.0.0.1", port)]
    uid: Optional[int] = None
    for path in _TCP_TABLES:
        try:
            with open(path, encoding="ascii") as table:
                # A busy machine has many rows.
                rows = [line.split() for line in table if ends[0] in line]
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        except OSError:
            # For example too many open files. Without the table, the client gets no credentials.
            rows = []
        uid = -1
        for row in rows:
            if [address[-13:] for address in row[1:3]] == ends:
                return int(row[7])
    return uid


def _format_address(address: str, port: int) -> str:
    """Return an address as the tables of /proc write it, in the byte order of the machine."""
    (number,) = struct.unpack("=I", socket.inet_aton(address))
    return "{0:08X}:{1:04X}".format(number, port)
