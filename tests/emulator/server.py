# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 on loopback, plain and over TLS: one thread for each connection, all of them ended."""

from __future__ import annotations

import itertools
import os
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .messages import Answer, Request

LOOPBACK = "127.0.0.1"
_BODY_LIMIT = 1 << 20
_IDLE_SECONDS = 60.0
_SLOW_STEPS = 20
_PAUSE_SECONDS = 0.01
_connection_numbers = itertools.count(1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    server: LoopbackServer

    def setup(self) -> None:
        self.number = next(_connection_numbers)
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request line may hold a token."""

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            return None
        if int(length) > _BODY_LIMIT:
            return None
        return self.rfile.read(int(length))

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(Answer(411, b"{}"))
            return
        names = {name.lower() for name in self.headers}
        request = Request(
            method=self.command,
            target=self.path,
            headers={name: tuple(self.headers.get_all(name, [])) for name in names},
            body=body,
            scheme=self.server.scheme,
            peer=str(self.client_address[0]),
            connection=self.number,
        )
        self._send(self.server.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve

    def _send(self, answer: Answer) -> None:
        if answer.manner == "hang":
            self._hang(answer)
        elif answer.manner == "reset":
            self._reset()
        elif answer.manner == "slow_body":
            self._send_slowly(answer)
        elif answer.manner in ("slow_header", "slow_chunk"):
            self._dribble(answer)
        elif answer.manner == "short_body":
            self.wfile.write(self._head(answer) + answer.body[: len(answer.body) // 2])
            self.close_connection = True
        else:
            body = b"" if self.command == "HEAD" else answer.body
            self.wfile.write(self._head(answer) + body)

    def _head(self, answer: Answer) -> bytes:
        reason = self.responses.get(answer.status, ("",))[0]
        headers = {
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.body)),
            "Connection": "close" if self.close_connection else "keep-alive",
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{k}: {v}" for k, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _hang(self, answer: Answer) -> None:
        self.close_connection = True
        self.server.stopping.wait(answer.seconds or None)

    def _reset(self) -> None:
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.server.close_at_once(self.connection)

    def _send_slowly(self, answer: Answer) -> None:
        self.wfile.write(self._head(answer))
        size = max(1, -(-len(answer.body) // _SLOW_STEPS))
        for start in range(0, len(answer.body), size):
            if self.server.stopping.wait(answer.seconds / _SLOW_STEPS):
                return
            self.wfile.write(answer.body[start : start + size])

    def _dribble(self, answer: Answer) -> None:
        """Send within a header, or behind the length of a chunk, sign by sign what has no end for the time being."""
        status, head = self._head(answer).split(b"\r\n", 1)
        length = len(answer.body)
        if answer.manner == "slow_header":
            begin, end = status + b"\r\nX-Slow: ", b"\r\n" + head + answer.body
        else:
            head = head.replace(b"Content-Length: %d" % length, b"Transfer-Encoding: chunked")
            begin = status + b"\r\n" + head + b"%x;" % length
            end = b"\r\n" + answer.body + b"\r\n0\r\n\r\n"
        self.wfile.write(begin)
        for _sign in range(int(answer.seconds / _PAUSE_SECONDS)):
            if self.server.stopping.wait(_PAUSE_SECONDS):
                return
            self.wfile.write(b"x")
        self.wfile.write(end)


class LoopbackServer(ThreadingHTTPServer):
    """Serves one port of 127.0.0.1 until it is stopped."""

    # Threads are ended by closing their connections; none may keep the process alive.
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        *,
        answer: Callable[[Request], Answer],
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.stopping = threading.Event()
        self.scheme = "https" if context else "http"
        self._context = context
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}
        super().__init__((LOOPBACK, port), _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=f"{self.scheme} server"
        )

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def server_bind(self) -> None:
        # Not HTTPServer's: that looks up the host name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.port

    def start(self) -> None:
        self._thread.daemon = True
        self._thread.start()

    def stop(self) -> None:
        """End every connection and thread."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._lock:
            left = dict(self._connections)
        for connection in left.values():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # gone already
        for thread in left:
            if thread is not threading.current_thread():
                thread.join()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection in its own thread; the TLS handshake belongs to it."""
        thread = threading.current_thread()
        request.settimeout(_IDLE_SECONDS)
        with self._lock:
            self._connections[thread] = request
        try:
            if self.stopping.is_set():
                self.shutdown_request(request)
                return
            if self._context is not None:
                request = self._context.wrap_socket(
                    request, server_side=True, do_handshake_on_connect=False
                )
                with self._lock:
                    self._connections[thread] = request
                request.do_handshake()
            super().process_request_thread(request, client_address)
        except OSError:
            request.close()  # a failed handshake is the client's affair
        finally:
            with self._lock:
                del self._connections[thread]

    @staticmethod
    def close_at_once(connection: socket.socket) -> None:
        """Close the descriptor under all its users, so that the peer sees a reset."""
        os.close(connection.detach())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong in the emulator, without the request: it may hold secrets."""
        kind, _value, trace = sys.exc_info()
        if kind is None or issubclass(kind, (OSError, ValueError)) and self.stopping.is_set():
            return
        if issubclass(kind, (ConnectionError, TimeoutError, ssl.SSLError)):
            return
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
        print(f"emulator: {kind.__name__} at {place}", file=sys.stderr)
