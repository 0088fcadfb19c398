# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""HTTP requests for credentials: limited in time and size, retried if that is safe, without secrets in errors.

No other code of the collection uses the network. ``requests`` is imported when the first request is sent.
"""

import os
import random
import re
import threading
import time
import warnings
from concurrent.futures import Future
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, TypeVar

from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._url import Url, parse, parse_host

USER_AGENT = "ansible-aliyun.cli"
# Bytes. Responses of STS have 1 to 2 KB. The maximum length of a security token is not documented.
MAX_ANSWER = 64 * 1024
# Seconds. If a service is down for minutes, requests are sent at least this often until ``max_time`` ends.
_LONGEST_PAUSE = 8

T = TypeVar("T")


class Limits(NamedTuple):
    """Time limits of a call, in seconds.

    An attempt always takes at most the sum of ``connect_timeout`` and ``read_timeout``. ``max_time`` limits a call with
    all its attempts and pauses. ``retries`` is the number of attempts after the first one.
    """

    connect_timeout: float = 5
    read_timeout: float = 10
    max_time: float = 60
    retries: int = 8


class Response(NamedTuple):
    """An HTTP response with any status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_transient(error: StsError) -> bool:
    """Return whether a retry may help: after throttling, a server error, or a failed connection."""
    return (
        error.code.startswith("Throttling")
        or error.code in ("Connection", "Starting", "Timeout")
        or error.http_status == 429
        or (error.http_status or 0) >= 500
    )


class Http:
    """Connections that stay open for all hops of a chain. Use an object in one thread only.

    ``ca_bundle`` is the path of a file with trusted CA certificates. Without it, ``requests`` uses
    ``REQUESTS_CA_BUNDLE``, or else its own certificates. Proxies are those of the environment, with ``NO_PROXY``.
    """

    def __init__(
        self,
        *,
        limits: Limits = Limits(),
        ca_bundle: Optional[str] = None,
        validate_certs: bool = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._limits = limits
        self._verify = (ca_bundle or None) if validate_certs else False
        self._clock = clock
        self._sleep = sleep
        self._sessions: Dict[bool, Any] = {}
        self._deadline: Optional[float] = None
        self._end = float("inf")

    def limit(self, seconds: float) -> None:
        """Limit the total time of all calls from now on, in seconds. The limits of each call still apply."""
        self._end = self._clock() + seconds

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *_args: object) -> None:
        self.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        proxies: bool = True,
        limits: Optional[Limits] = None
    ) -> Response:
        """Send one request once. Follow no redirects.

        ``proxies=False`` is for the metadata service. Without a response, raise StsError with a code of this collection:
        ``Connection``, ``Timeout``, ``TLS``, ``Proxy``, or ``Request``. Raise ImportError without ``requests``.
        """
        import requests
        from urllib3.exceptions import HTTPError

        try:
            address = parse(url)
        except ValueError as error:
            message = "{0} cannot be reached: {1}".format(parse_host(url), error)
            raise StsError(message, code="Request") from None
        # To a proxy, loopback is another machine. It would see unencrypted data that must not leave this machine.
        is_clear = address.scheme == "http"
        proxies = proxies and not address.is_link_local
        proxies = proxies and not (is_clear and address.is_loopback)
        limits = limits or self._limits
        deadline = self._clock() + limits.max_time if self._deadline is None else self._deadline
        left = max(0.001, min(deadline, self._end) - self._clock())
        connect, read = (
            min(seconds, left) for seconds in (limits.connect_timeout, limits.read_timeout)
        )
        all_headers = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        all_headers.update(headers)
        session = self._session(proxies)

        def exchange() -> Response:
            with session.request(
                method,
                address.text,
                headers=all_headers,
                data=body,
                timeout=(connect, read),
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read(response)
                lowered = {name.lower(): value for name, value in response.headers.items()}
                return Response(response.status_code, lowered, content)

        try:
            return _run_within(min(connect + read, left), exchange)
        except (requests.RequestException, HTTPError, OSError, ValueError, EOFError) as error:
            if isinstance(error, TimeoutError):
                # Another thread may still use the session.
                self._sessions.pop(proxies).close()
            raise _translate_error(error, address) from None

    def _session(self, proxies: bool) -> Any:
        import requests
        from urllib3.exceptions import InsecureRequestWarning

        if proxies not in self._sessions:
            if self._verify is False:
                # The user disabled validation. Filters are not restored, since threads share them.
                warnings.simplefilter("ignore", InsecureRequestWarning)
            session = requests.Session()
            session.trust_env = proxies
            # Otherwise, requests replaces the Authorization header with a password from ~/.netrc.
            session.auth = _keep_authorization
            self._sessions[proxies] = session
        return self._sessions[proxies]

    def retry(self, call: Callable[[], T], *, limits: Optional[Limits] = None) -> T:
        """Return the result of ``call``. After a transient StsError, pause and call it again.

        The pauses are a random part ("full jitter") of 0.25, 0.5, 1, 2, 4, 8, 8, ... seconds. Requests of ``call`` must
        end within the rest of ``max_time``.
        """
        limits = limits or self._limits
        self._deadline = deadline = min(self._clock() + limits.max_time, self._end)
        try:
            for attempt in range(limits.retries):
                try:
                    return call()
                except StsError as error:
                    pause = random.uniform(0, min(0.25 * 2**attempt, _LONGEST_PAUSE))
                    if not is_transient(error) or self._clock() + pause >= deadline:
                        raise
                self._sleep(pause)
            return call()
        finally:
            self._deadline = None


def _run_within(seconds: float, call: Callable[[], T]) -> T:
    """Return the result of ``call``, or raise its exception. Raise TimeoutError after so many seconds.

    Socket timeouts limit neither the lookup of a name, nor the attempts for its addresses, nor a very slow response. So
    ``call`` runs in a thread. After a timeout, the thread is abandoned: it ends when its call or this process ends.
    """
    future = Future()  # type: Future[T]

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # pylint: disable=broad-exception-caught
            future.set_exception(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not future.done():
        raise TimeoutError()
    return future.result()


def _read(response: Any) -> bytes:
    """Return the body. Raise EOFError if it is too long, ConnectionError if it is too short.

    Some versions of urllib3 do not notice that a body is too short. The body is not decompressed, since a short one can
    expand to any length.
    """
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise EOFError()
    content = bytearray()
    for piece in response.raw.stream(MAX_ANSWER, decode_content=False):
        content += piece
        if len(content) > MAX_ANSWER:
            raise EOFError()
    length = response.headers.get("content-length") or ""
    if length.isdigit() and len(content) < int(length):
        raise ConnectionError()
    return bytes(content)


def _keep_authorization(request: Any) -> Any:
    return request


def _walk_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception of requests and the exceptions that it wraps, from the outside in."""
    seen = [error]
    for cause in seen:
        yield cause
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None)] + list(
            cause.args
        )
        seen.extend(item for item in inner if isinstance(item, BaseException) and item not in seen)


def _find_socks_variable(scheme: str) -> str:
    """Return the environment variable with a SOCKS proxy for a scheme; empty without one."""
    for name in (scheme + "_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if os.environ.get(variable, "").lower().startswith("socks"):
                return variable
    return ""


def _translate_error(error: Exception, address: Url) -> StsError:
    """Translate an exception of requests. Its own text is never shown, since it contains the URL."""
    host = parse_host(address.text)
    from requests import exceptions
    from urllib3.exceptions import ProtocolError, ReadTimeoutError

    malformed = "{0} cannot be reached: the address, a proxy's address or a header is not valid"
    detail = ""
    for cause in _walk_causes(error):
        detail = (
            getattr(cause, "verify_message", None) or getattr(cause, "strerror", None) or detail
        )
        # requests does not report a timeout while the body is read.
        if isinstance(cause, ReadTimeoutError):
            error = exceptions.ReadTimeout()
    variable = _find_socks_variable(address.scheme)
    if variable and "SOCKS" in str(error):
        text = "{0} cannot be reached through the SOCKS proxy in {1}: SOCKS proxies need PySocks, install it"
        return StsError(text.format(host, variable), code="Proxy")
    for kind, code, text in (
        (exceptions.InvalidProxyURL, "Proxy", "the address of the proxy for {0} is not valid"),
        (
            (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)
            + (exceptions.InvalidHeader,),
            "Request",
            malformed,
        ),
        (exceptions.ProxyError, "Proxy", "the proxy for {0} does not respond or refuses"),
        (exceptions.SSLError, "TLS", "the TLS certificate or connection of {0} is not accepted"),
        ((exceptions.Timeout, TimeoutError), "Timeout", "{0} did not respond in time"),
        (
            (exceptions.ConnectionError, exceptions.ChunkedEncodingError)
            + (ProtocolError, ConnectionError),
            "Connection",
            "no connection to {0}",
        ),
        (exceptions.RequestException, "Answer", "{0} sent no readable response"),
        # From http.client, for invalid headers that requests does not detect.
        (ValueError, "Request", malformed),
        # From requests, for a ca_bundle that it cannot read.
        (OSError, "TLS", "{0} cannot be reached"),
    ):
        if isinstance(error, kind):
            break
    else:
        code, text = "Answer", "{0} sent no readable response"
    # requests checks this before it connects.
    missing = re.search(r"CA certificate bundle, invalid path: (.+)", str(error))
    if missing:
        detail = "the CA bundle {0} does not exist".format(missing.group(1))
    message = text.format(host) + (" ({0})".format(detail) if detail else "")
    return StsError(message, code=code)
