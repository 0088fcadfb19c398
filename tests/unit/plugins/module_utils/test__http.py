# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP against sockets that behave, and against those that do not."""

import socket
import sys
import threading

import pytest
import requests
from ansible_collections.aliyun.cli.plugins.module_utils import _http
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Limits
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import Server

FAST = Limits(connect_timeout=2, read_timeout=0.6, max_time=30, retries=2)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(autouse=True)
def fixture_no_proxies(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def refused(url, **options):
    headers = options.pop("headers", {})
    with Http(limits=options.pop("limits", FAST), **options) as http:
        with pytest.raises(StsError) as caught:
            http.send("POST", url, headers=headers, body=b"x")
    return caught.value


def test_answer():
    answer = b"HTTP/1.1 404 No\r\nX-Acs-Request-Id: R-1\r\nContent-Length: 3\r\n\r\nnot"
    with Server(answer) as server, Http(limits=FAST) as http:
        given = http.send("POST", server.url + "/?A=1", headers={"x-a": "b"}, body=b"x")
    assert (given.status, given.body, given.headers["x-acs-request-id"]) == (404, b"not", "R-1")
    sent = server.requests[0].lower()
    assert sent.startswith("post /?a=1 http/1.1") and "\r\nx-a: b\r\n" in sent
    assert "\r\naccept-encoding: identity\r\n" in sent


def test_connection_is_kept_alive():
    with Server(OK, OK, OK) as server, Http(limits=FAST) as http:
        for _time in range(3):
            http.send("GET", server.url, headers={})
    assert (server.connections, len(server.requests)) == (1, 3)


def test_what_is_asked_of_requests(monkeypatch):
    asked = {}

    def request(_session, method, url, **options):
        asked.update(options)
        raise requests.ConnectionError()

    monkeypatch.setattr(requests.Session, "request", request)
    limits = Limits(connect_timeout=3, read_timeout=7, max_time=60)
    still = {"clock": lambda: 0.0}
    refused("https://127.0.0.1:1", limits=limits, ca_bundle="/ca.pem", **still)
    assert (asked["timeout"], asked["verify"]) == ((3, 7), "/ca.pem")
    assert asked["allow_redirects"] is False
    limits = limits._replace(max_time=5)
    refused("https://127.0.0.1:1", limits=limits, validate_certs=False, **still)
    assert (asked["timeout"], asked["verify"]) == ((3, 5), False)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome body",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsome \r\n4\r\nbody\r\n0\r\n\r\n",
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"some ", b"body"],
    ],
)
def test_connection_is_kept_alive_whatever_way_the_body_comes(answer):
    with Server(answer, answer) as server, Http(limits=FAST) as http:
        for _time in range(2):
            assert http.send("GET", server.url, headers={}).body == b"some body"
    assert (server.connections, len(server.requests)) == (1, 2)


def test_redirect_is_not_followed():
    answer = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with Server(answer, OK) as server, Http(limits=FAST) as http:
        assert http.send("GET", server.url, headers={}).status == 302
    assert len(server.requests) == 1


def test_password_file_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine sts.example login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    # The environment is trusted only for hosts other than loopback, so the server plays the proxy.
    with Server(OK, OK) as server, Http(limits=FAST) as http:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        http.send("GET", "http://sts.example/", headers={"authorization": "ACS3 mine"})
        http.send("GET", "http://sts.example/", headers={})
    assert "authorization: ACS3 mine" in server.requests[0]
    assert "authorization" not in server.requests[1].lower()


def test_proxy_and_who_is_not_asked_through_it(monkeypatch):
    with Server(OK, OK) as server, Server(OK) as proxy, Http(limits=FAST) as http:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        http.send("GET", "http://sts.example/", headers={})
        for url in (server.url, server.url.replace("http://127.0.0.1", "HTTP://LOCALHOST")):
            http.send("GET", url, headers={})
        with pytest.raises(StsError):
            http.send("GET", "http://sts.example/", headers={}, proxies=False)
        monkeypatch.setenv("NO_PROXY", "sts.example")
        with pytest.raises(StsError):
            http.send("GET", "http://sts.example/", headers={})
    assert [request.split()[1] for request in proxy.requests] == ["http://sts.example/"]
    assert len(server.requests) == 2


def test_proxy_that_does_not_answer(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://user:proxy-password@127.0.0.1:1")
    error = refused("http://sts.example:2/?secret=1")
    assert error.code == "Proxy"
    assert str(error).startswith("the proxy for sts.example:2 does not respond or refuses")
    assert "proxy-password" not in str(error) and "secret" not in str(error)


@pytest.mark.parametrize("variable", ["ALL_PROXY", "http_proxy"])
def test_socks_proxy_needs_another_library(monkeypatch, variable):
    monkeypatch.setenv(variable, "socks5://user:hidden@127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "socks", None)
    error = refused("http://sts.example/")
    assert error.code == "Proxy" and "hidden" not in str(error)
    assert "through the SOCKS proxy in {0}: SOCKS proxies need PySocks".format(variable) in str(
        error
    )


def test_address_of_a_proxy_that_is_none(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://")
    assert refused("http://sts.example/").code == "Proxy"


@pytest.mark.parametrize(
    "host",
    ["127.1", "localhost.", "[::ffff:127.0.0.1]", "a.localhost", "169.254.1.1", "100.100.100.200"],
)
def test_addresses_that_are_never_asked_through_a_proxy(monkeypatch, host):
    monkeypatch.setattr(Http, "_session", lambda self, proxies: used.append(proxies))
    used = []
    limits = Limits(connect_timeout=1, read_timeout=1, max_time=1, retries=0)
    with Http(limits=limits) as http:
        with pytest.raises(AttributeError):
            http.send("GET", "http://{0}:1/secret".format(host), headers={})
    assert used == [False]


def test_body_that_stops_is_late():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"
    with Server([head] + [b""] * 9) as server:
        error = refused(server.url)
    assert (error.code, error.http_status) == ("Timeout", None)
    assert "did not respond in time" in str(error)


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
)
def test_answer_that_trickles_is_cut_off(begin):
    limits = FAST._replace(connect_timeout=0.2, read_timeout=0.3)
    pieces = iter([begin] + [b"x"] * 100)
    with Server(pieces, OK) as server, Http(limits=limits) as http:
        with pytest.raises(StsError) as caught:
            http.send("GET", server.url, headers={})
        assert next(pieces, None) == b"x"
        # It does not block the next one.
        assert http.send("GET", server.url, headers={}).body == b"{}"
        assert (server.connections, len(server.requests)) == (2, 2)
    assert (caught.value.code, caught.value.http_status) == ("Timeout", None)


def test_promises_of_an_answer_are_cut_off():
    limits = FAST._replace(connect_timeout=0.2, read_timeout=0.3)
    with Server([b"HTTP/1.1 100 Continue\r\n\r\n"] * 600) as server:
        error = refused(server.url, limits=limits)
    assert error.code == "Timeout"


def test_looking_for_an_address_is_cut_off(monkeypatch):
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found.wait())
    limits = Limits(connect_timeout=9, read_timeout=9, max_time=0.1)
    try:
        assert refused("http://sts.example", limits=limits).code == "Timeout"
    finally:
        found.set()


@pytest.mark.parametrize(
    "answer, code",
    [
        (b"", "Connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "Connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort", "Connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "Connection"),
        (b"what is this\r\n\r\n", "Connection"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone",
            "Answer",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}",
            "Answer",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70000,
            "Answer",
        ),
    ],
)
def test_answer_that_is_none(answer, code):
    with Server(answer) as server:
        assert refused(server.url, limits=FAST._replace(read_timeout=20)).code == code


def test_no_answer_in_time():
    with Server([b"", b"", b"", b"", b"", b"", b"", b"", b""]) as server:
        error = refused(server.url)
    assert error.code == "Timeout"
    assert "did not respond in time" in str(error)


@pytest.mark.parametrize(
    "url, told",
    [
        ("http://127.0.0.1:1/?token=hidden", "no connection to 127.0.0.1:1 (Connection refused)"),
        (
            "http://hidden@127.0.0.1:1/",
            "127.0.0.1:1 cannot be reached: a URL has no user before its",
        ),
        ("hidden", "the given address cannot be reached"),
        ("ftp://127.0.0.1/hidden", "127.0.0.1 cannot be reached"),
        ("http://[hidden", "the given address cannot be reached"),
        ("http:///hidden", "the given address cannot be reached"),
    ],
)
def test_what_an_error_tells_of_an_address(url, told):
    error = refused(url)
    assert str(error).startswith(told)
    assert "hidden" not in str(error)


@pytest.mark.parametrize("value", ["hidden\r\nx: y", "hidden\n", "hidden \u20ac"])
def test_header_that_is_none(value):
    with Server(OK) as server:
        error = refused(server.url, headers={"x-acs-security-token": value})
    assert error.code == "Request" and "hidden" not in str(error)
    assert not server.requests


def test_bundle_that_cannot_be_read(tmp_path):
    path = str(tmp_path / "none.pem")
    error = refused("https://127.0.0.1:1", ca_bundle=path)
    assert error.code == "TLS"
    assert str(error) == "127.0.0.1:1 cannot be reached (the CA bundle {0} does not exist)".format(
        path
    )


def test_no_tls_where_it_is_expected():
    with Server(b"HTTP/1.1 400 No\r\n\r\n") as server:
        error = refused(server.url.replace("http://", "https://"))
    assert error.code == "TLS"


class Clock:
    """Time that only passes while one sleeps, or when ``call`` takes a while."""

    def __init__(self):
        self.now = 0.0
        self.pauses = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def retried(clock, error, *, limits=Limits(), seconds=0.0, fails=99):
    """Return the number of calls and the outcome, for a call that takes ``seconds`` and fails ``fails`` times."""
    calls = []

    def call():
        calls.append(clock.now)
        clock.now += seconds
        if len(calls) <= fails:
            raise error
        return "done"

    http = Http(limits=limits, clock=clock, sleep=clock.sleep)
    try:
        return len(calls), http.retry(call)
    except StsError as raised:
        return len(calls), raised
    finally:
        clock.calls = len(calls)


@pytest.mark.parametrize(
    "error, again",
    [
        (StsError("", code="Throttling", http_status=400), True),
        (StsError("", code="Throttling.User", http_status=400), True),
        (StsError("", code="InternalError", http_status=500), True),
        (StsError("", code="Unknown", http_status=503), True),
        (StsError("", code="Unknown", http_status=429), True),
        (StsError("", code="Connection"), True),
        (StsError("", code="Timeout"), True),
        (StsError("", code="TLS"), False),
        (StsError("", code="Proxy"), False),
        (StsError("", code="Request"), False),
        (StsError("", code="Answer", http_status=200), False),
        (StsError("", code="NoPermission", http_status=403), False),
        (StsError("", code="Unknown", http_status=404), False),
    ],
)
def test_what_is_tried_again(error, again):
    clock = Clock()
    assert retried(clock, error)[1] is error
    assert clock.calls == (9 if again else 1)
    assert len(clock.pauses) == clock.calls - 1


def test_a_try_that_succeeds_ends_it():
    clock = Clock()
    assert retried(clock, StsError("", code="Timeout"), fails=2)[1] == "done"
    assert clock.calls == 3


def test_pauses_are_a_random_share_of_what_doubles(monkeypatch):
    bounds = []
    monkeypatch.setattr(
        _http.random, "uniform", lambda low, high: bounds.append((low, high)) or high
    )
    clock = Clock()
    retried(clock, StsError("", code="Timeout"))
    assert clock.pauses == [0.25, 0.5, 1, 2, 4, 8, 8, 8]
    assert bounds == [(0, pause) for pause in clock.pauses]


def test_no_try_begins_after_the_time_is_over(monkeypatch):
    monkeypatch.setattr(_http.random, "uniform", lambda low, high: high)
    clock = Clock()
    retried(clock, StsError("", code="Timeout"), seconds=4, limits=Limits(max_time=10, retries=99))
    assert clock.calls == 3
    assert clock.now <= 10 + 4


def test_the_last_try_has_what_is_left_of_the_time():
    clock = Clock()
    with Server([b"", b"", b"", b"", b"", b""]) as server:
        limits = Limits(connect_timeout=9, read_timeout=9, max_time=0.3, retries=0)
        with Http(limits=limits, clock=clock, sleep=clock.sleep) as http:
            with pytest.raises(StsError) as caught:
                http.retry(lambda: http.send("GET", server.url, headers={}))
            clock.now = 99
            with pytest.raises(StsError):
                http.retry(lambda: http.send("GET", server.url + "/again", headers={}))
    assert caught.value.code == "Timeout"


def test_calls_together_end_within_their_limit(monkeypatch):
    monkeypatch.setattr(_http.random, "uniform", lambda low, high: high)
    clock = Clock()
    http = Http(limits=Limits(max_time=10, retries=99), clock=clock, sleep=clock.sleep)
    http.limit(15)
    calls = []

    def fail():
        calls.append(1)
        clock.now += 4
        raise StsError("", code="Timeout")

    for seconds, tries in ((15, 3), (19, 1)):
        del calls[:]
        with pytest.raises(StsError):
            http.retry(fail)
        assert len(calls) <= tries
        assert clock.now <= seconds


def test_request_has_what_is_left_of_the_limit(monkeypatch):
    left = []
    monkeypatch.setattr(_http, "_run_within", lambda seconds, call: left.append(seconds) or call())
    clock = Clock()
    with Server([OK]) as server:
        with Http(clock=clock, sleep=clock.sleep) as http:
            http.limit(15)
            clock.now = 12
            http.send("GET", server.url, headers={})
    assert left == [3]
