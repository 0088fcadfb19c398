# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the credentials URI on loopback: renewals, responses, and permitted processes."""

import contextlib
import http.client
import os
import socket
import threading
import time
from typing import Any, Dict, List, Optional
from urllib.parse import urlsplit

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    uri_server as _uri_server,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    format_time,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError


class Source:
    """Gives sessions of some seconds, or the failures that are listed, in order."""

    def __init__(self, *seconds: Any) -> None:
        self._seconds = list(seconds)
        self.count = 0

    def __call__(self) -> Dict[str, str]:
        self.count += 1
        seconds = self._seconds.pop(0) if len(self._seconds) > 1 else self._seconds[0]
        if isinstance(seconds, Exception):
            raise seconds
        return {
            "access_key_id": "STS.{0}".format(self.count),
            "access_key_secret": "hidden",
            "security_token": "hidden-token",
            "expiration": format_time(int(time.time()) + seconds) if seconds else "",
        }


def get(url: str, path: Optional[str] = None) -> Any:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", path or parts.path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(condition: Any) -> None:
    for _attempt in range(500):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("this did not happen within 10 seconds")


def test_renewer_keeps_credentials_that_last() -> None:
    source = Source(3600)
    renewer = _uri_server.Renewer(source)
    renewer.start()
    assert renewer.get_response() == renewer.get_response()
    assert renewer.get_response()["Code"] == "Success"
    assert source.count == 1
    renewer.stop()


def test_renewer_obtains_new_credentials_before_they_expire() -> None:
    source = Source(3, 3600)
    renewer = _uri_server.Renewer(source)
    renewer.start()
    wait_for(lambda: renewer.get_response()["AccessKeyId"] == "STS.2")
    assert time.time() < parse_time(renewer.results[0]["expiration"])
    renewer.stop()


def test_renewer_continues_with_valid_credentials_if_renewing_fails() -> None:
    source = Source(4, SourceError("no network"), 3600)
    renewer = _uri_server.Renewer(source)
    renewer.start()
    wait_for(lambda: renewer.failures)
    assert renewer.get_response()["AccessKeyId"] == "STS.1"
    wait_for(lambda: renewer.get_response()["AccessKeyId"] == "STS.3")
    assert renewer.failures == ["no network"]
    renewer.stop()


def test_renewer_obtains_expired_credentials_for_a_request() -> None:
    source = Source(-5, 3600)
    assert _uri_server.Renewer(source).get_response()["AccessKeyId"] == "STS.2"


def test_renewer_reports_expired_credentials() -> None:
    renewer = _uri_server.Renewer(Source(-5, SourceError("no network")))
    with pytest.raises(SourceError, match="expired"):
        renewer.get_response()


def test_renewer_attempts_nothing_directly_after_a_failure() -> None:
    source = Source(-300, SourceError("no network"))
    renewer = _uri_server.Renewer(source)
    for _number in range(20):
        with pytest.raises(SourceError, match="expired"):
            renewer.get_response()
    assert source.count == 2 and renewer.failures == ["no network"]


def test_renewer_survives_an_unexpected_error() -> None:
    renewer = _uri_server.Renewer(Source(4, RuntimeError("hidden"), 3600))
    renewer.start()
    wait_for(lambda: renewer.get_response()["AccessKeyId"] == "STS.3")
    assert renewer.failures == ["RuntimeError"]
    renewer.stop()


@pytest.mark.parametrize(
    "clocks, left",
    [((1040.0, 90.0), 60), ((500.0, 140.0), 10), ((1090.0, 51.0), 10), ((1200.0, 51.0), -100)],
    ids=["usual", "set_back", "slept", "slept_for_long"],
)
def test_session_expires_by_the_clock_that_is_ahead(
    monkeypatch: Any, clocks: Any, left: float
) -> None:
    session = _uri_server._Session({}, (1000.0, 50.0), 100)
    monkeypatch.setattr(_uri_server, "_read_clocks", lambda: clocks)
    assert session.left == left
    assert session.left_until_due == pytest.approx(left - 100 / 3)


def test_renewer_does_not_trust_a_clock_that_is_behind() -> None:
    answer = _uri_server.Renewer(Source(7200), longest=900).get_response()
    assert parse_time(answer["Expiration"]) <= time.time() + 900


def test_renewer_requires_credentials_that_expire() -> None:
    with pytest.raises(SourceError, match="add a hop"):
        _uri_server.Renewer(Source(0))


def test_requests_at_once_cost_one_renewal() -> None:
    source = Source(-5, 3600)
    renewer = _uri_server.Renewer(source)
    found: List[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(renewer.get_response()["AccessKeyId"]))
        for _number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["STS.2"] * 8 and source.count == 2


def test_server_answers_under_an_unguessable_path_only(capfd: Any) -> None:
    with _uri_server.UriServer(_uri_server.Renewer(Source(3600))) as url:
        assert urlsplit(url).hostname == "127.0.0.1" and len(urlsplit(url).path) > 40
        status, body = get(url)
        assert status == 200 and b"hidden-token" in body
        for path in ("/", urlsplit(url).path[:-1], urlsplit(url).path + "/"):
            assert get(url, path) == (404, b"")
    assert capfd.readouterr() == ("", "")


def test_server_has_another_path_each_time() -> None:
    renewer = _uri_server.Renewer(Source(3600))
    paths = {_uri_server._Server(renewer).path for _number in range(3)}
    assert len(paths) == 3


def test_server_ends_with_its_context() -> None:
    threads = threading.active_count()
    with _uri_server.UriServer(_uri_server.Renewer(Source(3600))) as url:
        assert get(url)[0] == 200
    with pytest.raises(OSError):
        get(url)
    wait_for(lambda: threading.active_count() <= threads)


def test_server_refuses_processes_of_other_users(monkeypatch: Any) -> None:
    with _uri_server.UriServer(_uri_server.Renewer(Source(3600))) as url:
        for uid, status in ((os.geteuid(), 200), (0, 200), (None, 200), (12345, 403), (-1, 403)):
            monkeypatch.setattr(_uri_server, "find_uid_of_peer", lambda *_ends, uid=uid: uid)
            assert get(url)[0] == status


def test_server_closes_the_oldest_of_too_many_connections(monkeypatch: Any) -> None:
    monkeypatch.setattr(_uri_server, "_MAX_CONNECTIONS", 5)
    threads = threading.active_count()
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(_uri_server.UriServer(_uri_server.Renewer(Source(3600))))
        address = ("127.0.0.1", urlsplit(url).port)
        clients = [stack.enter_context(socket.create_connection(address)) for _n in range(20)]
        # The server accepts in order: it has seen all of them when it answers.
        assert get(url)[0] == 200
        assert [client.recv(1) for client in clients[:15]] == [b""] * 15
        wait_for(lambda: threading.active_count() <= threads + 2 + 5)
        clients[-1].sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert b"404" in clients[-1].recv(100)


def test_server_says_that_it_has_no_credentials() -> None:
    renewer = _uri_server.Renewer(Source(-5, SourceError("hidden")))
    with _uri_server.UriServer(renewer) as url:
        assert get(url) == (503, b"")


@pytest.mark.parametrize("family, address", [(socket.AF_INET, ""), (socket.AF_INET6, "::ffff:")])
def test_user_of_a_peer(family: int, address: str) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        port = server.getsockname()[1]
        with socket.socket(family) as client:
            client.connect((address + "127.0.0.1", port))
            peer = ("127.0.0.1", client.getsockname()[1])
            assert _uri_server.find_uid_of_peer(peer, port) == os.geteuid()
            other = ("127.0.0.1", 1)
            assert _uri_server.find_uid_of_peer(other, port) == -1


def test_user_of_a_peer_is_unknown_if_a_table_cannot_be_read(
    monkeypatch: Any, tmp_path: Any
) -> None:
    monkeypatch.setattr(_uri_server, "_TCP_TABLES", (str(tmp_path),))
    assert _uri_server.find_uid_of_peer(("127.0.0.1", 1), 2) == -1


def test_user_of_a_peer_that_the_platform_does_not_say(monkeypatch: Any) -> None:
    monkeypatch.setattr(_uri_server, "_TCP_TABLES", ("/nonexistent",))
    assert _uri_server.find_uid_of_peer(("127.0.0.1", 1), 2) is None
