# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return the scripted responses of a test, over a socket or instead of one."""

import json
import socket
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Response

CREDENTIALS = {
    "AccessKeyId": "STS.NUEXAMPLE",
    "AccessKeySecret": "hidden-secret",
    "SecurityToken": "hidden-token",
    "Expiration": "2026-01-02T03:04:05Z",
}
EXPIRATION = 1767323045


def answer(content, status=200, **headers):
    """Return a response with a JSON document, or with text."""
    body = content if isinstance(content, str) else json.dumps(content)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, names, body.encode("utf-8"))


def assumed(arn):
    """Return the response of AssumeRole to a caller with permission."""
    user = {"Arn": arn + "/session", "AssumedRoleId": "300000000000000001:session"}
    return answer({"RequestId": "R-0", "AssumedRoleUser": user, "Credentials": CREDENTIALS})


def refused(code, status=400, message="hidden-message", **more):
    """Return the response of STS to a caller without permission."""
    return answer(dict({"RequestId": "R-1", "Code": code, "Message": message}, **more), status)


class Request:
    """Recorded request, which was not sent."""

    def __init__(self, method, url, headers, body, proxies):
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.proxies = proxies

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def form(self):
        return {name: values[0] for name, values in parse_qs(self.body.decode("ascii")).items()}


class Scripted(Http):
    """Connections without sockets: each request gets the next of ``answers``; an exception is raised.

    Time passes in pauses only.
    """

    def __init__(self, *answers):
        self.time = 0.0
        super().__init__(clock=lambda: self.time, sleep=self._pause)
        self.answers = list(answers)
        self.requests = []

    def _pause(self, seconds):
        self.time += seconds

    def send(self, method, url, *, headers, body=b"", proxies=True, limits=None):
        self.requests.append(Request(method, url, dict(headers), body, proxies))
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given


def obtained(http, environ=None, *, allow_process=False, warnings=None, **profile):
    """Return the credentials of a source alone: of a profile as stored in config.json."""
    profile = dict({"name": "begin"}, **profile)
    warn = (lambda text: None) if warnings is None else warnings.append
    resolver = Resolver(http, environ=environ or {}, allow_process=allow_process, warn=warn)
    return resolver.resolve(_chain.from_profile([profile], profile["name"]))


def failure(http, environ=None, **profile):
    """Return the error of a source without credentials."""
    with pytest.raises((SourceError, StsError)) as caught:
        obtained(http, environ, **profile)
    title = "source of mode {0} (profile 'begin'): ".format(profile["mode"])
    told = str(caught.value)
    assert told.startswith(title) and "hidden" not in told
    return told[len(title) :]


class Server:
    """Answers each request on loopback with the next of ``answers``, in pieces; keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.connections = 0
        self._stop = threading.Event()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(8)
        self._listener.settimeout(0.05)
        self._threads = [threading.Thread(target=self._serve)]

    @property
    def url(self):
        return "http://127.0.0.1:{0}".format(self._listener.getsockname()[1])

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_args):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _serve(self):
        while not self._stop.is_set():
            try:
                connection = self._listener.accept()[0]
            except socket.timeout:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._talk, args=(connection,))
            thread.start()
            self._threads.append(thread)

    def _talk(self, connection):
        with connection:
            connection.settimeout(0.05)
            while self.answers and self._receive(connection):
                self._send(connection, self.answers.pop(0))

    def _receive(self, connection):
        received = b""
        greeting_of_tls = b"\x16"
        while b"\r\n\r\n" not in received and not received.startswith(greeting_of_tls):
            if self._stop.is_set():
                return False
            try:
                piece = connection.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                return False
            if not piece:
                return False
            received += piece
        self.requests.append(received.decode("latin-1"))
        return True

    def _send(self, connection, answer):
        try:
            for piece in [answer] if isinstance(answer, bytes) else answer:
                if self._stop.wait(0 if isinstance(answer, bytes) else 0.1):
                    return
                connection.sendall(piece)
        except OSError:
            pass
