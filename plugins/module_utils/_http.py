# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""HTTP to whoever gives credentials: bounded in time and size, retried where that is safe, no secret in an error.

Nothing else in the collection speaks to the network. ``requests`` is imported when the first request is sent.
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
# Bytes. Answers of STS are 1 to 2 KB; how long a security token may become is not documented.
MAX_ANSWER = 64 * 1024
# Seconds. A service that is down for minutes is asked until ``max_time`` ends, and not more rarely than this.
_LONGEST_PAUSE = 8

T = TypeVar("T")


class Limits(NamedTuple):
    """How long a call may take; all times are seconds.

    A try takes no longer than ``connect_timeout`` and ``read_timeout`` together, whatever happens meanwhile.
    ``max_time`` bounds a call with all its tries and pauses. ``retries`` are the tries after the first one.
    """

    connect_timeout: float = 5
    read_timeout: float = 10
    max_time: float = 60
    retries: int = 8


class Response(NamedTuple):
    """An HTTP answer of whatever status; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_transient(error: StsError) -> bool:
    """Return whether a retry may help: throttling, a server error, or a connection that failed."""
    return (
        error.code.startswith("Throttling")
        or error.code in ("Connection", "Starting", "Timeout")
        or error.http_status == 429
        or (error.http_status or 0) >= 500
    )


class Http:
    """Connections that are kept alive over the hops of a chain. An object is for one thread.

    ``ca_bundle`` is the path of a file with the certificates of the authorities to trust; without it ``requests``
    decides (``REQUESTS_CA_BUNDLE``, else its own). Proxies are those of the environment, ``NO_PROXY`` honoured.
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
        """Let the calls from now on end within so many seconds together, beside the limits of each."""
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
        """Send one request once, and follow no redirect.

        ``proxies=False`` is for the metadata service. Raises StsError, with a code of our own (``Connection``,
        ``Timeout``, ``TLS``, ``Proxy``, ``Request``), where no answer came; ImportError without ``requests``.
        """
        import requests
        from urllib3.exceptions import HTTPError

        try:
            address = parse(url)
        except ValueError as error:
            message = "{0} cannot be asked: {1}".format(parse_host(url), error)
            raise StsError(message, code="Request") from None
        # A proxy has another loopback than ours, and would be told in clear what is for this machine only.
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
                # Another thread may still be using it.
                self._sessions.pop(proxies).close()
            raise _translate_error(error, address) from None

    def _session(self, proxies: bool) -> Any:
        import requests
        from urllib3.exceptions import InsecureRequestWarning

        if proxies not in self._sessions:
            if self._verify is False:
                # The user has said so. Filters are not restored, since threads share them.
                warnings.simplefilter("ignore", InsecureRequestWarning)
            session = requests.Session()
            session.trust_env = proxies
            # Else requests writes a password from ~/.netrc over our Authorization header.
            session.auth = _keep_authorization
            self._sessions[proxies] = session
        return self._sessions[proxies]

    def retry(self, call: Callable[[], T], *, limits: Optional[Limits] = None) -> T:
        """What ``call`` returns; it is called again, after a pause, where it raises an StsError that is transient.

        The pauses are a random share ("full jitter") of 0.25, 0.5, 1, 2, 4, 8, 8, ... seconds. What ``call`` sends must be
        answered within what is left of ``max_time``.
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
    """What ``call`` returns or raises, or TimeoutError after so many seconds.

    The timeouts of sockets bound neither looking up a name, nor trying its addresses, nor an answer that dribbles. So this
    is called in a thread, which is left alone where it is late: it ends with what it waits for, or with this process.
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
    """Return the body, which is not too long and, as not every urllib3 notices, not too short.

    It is read as it comes: none of it is unpacked, since a short one may unpack to any length.
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
    """An exception of requests and all that it wraps, from the outside in."""
    seen = [error]
    for cause in seen:
        yield cause
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None)] + list(
            cause.args
        )
        seen.extend(item for item in inner if isinstance(item, BaseException) and item not in seen)


def _find_socks_variable(scheme: str) -> str:
    """Return the environment variable that names a SOCKS proxy for a scheme; empty without one."""
    for name in (scheme + "_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if os.environ.get(variable, "").lower().startswith("socks"):
                return variable
    return ""


def _translate_error(error: Exception, address: Url) -> StsError:
    """An exception of requests in our words. Its own text is never shown: it holds the URL."""
    host = parse_host(address.text)
    from requests import exceptions
    from urllib3.exceptions import ProtocolError, ReadTimeoutError

    malformed = "{0} cannot be asked: the address, a proxy's address or a header is not valid"
    detail = ""
    for cause in _walk_causes(error):
        detail = (
            getattr(cause, "verify_message", None) or getattr(cause, "strerror", None) or detail
        )
        # While the body is read, this is not called a timeout by requests.
        if isinstance(cause, ReadTimeoutError):
            error = exceptions.ReadTimeout()
    variable = _find_socks_variable(address.scheme)
    if variable and "SOCKS" in str(error):
        text = "{0} cannot be asked through the SOCKS proxy in {1}: SOCKS proxies need PySocks; install it"
        return StsError(text.format(host, variable), code="Proxy")
    for kind, code, text in (
        (exceptions.InvalidProxyURL, "Proxy", "the address of the proxy for {0} is not valid"),
        (
            (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)
            + (exceptions.InvalidHeader,),
            "Request",
            malformed,
        ),
        (exceptions.ProxyError, "Proxy", "the proxy for {0} does not answer or refuses"),
        (exceptions.SSLError, "TLS", "the TLS certificate or connection of {0} is not accepted"),
        ((exceptions.Timeout, TimeoutError), "Timeout", "{0} did not answer in time"),
        (
            (exceptions.ConnectionError, exceptions.ChunkedEncodingError)
            + (ProtocolError, ConnectionError),
            "Connection",
            "no connection to {0}",
        ),
        (exceptions.RequestException, "Answer", "{0} sent no readable answer"),
        # What http.client says of a header, where requests itself does not look so closely.
        (ValueError, "Request", malformed),
        # What requests says of a ca_bundle that it cannot read.
        (OSError, "TLS", "{0} cannot be asked"),
    ):
        if isinstance(error, kind):
            break
    else:
        code, text = "Answer", "{0} sent no readable answer"
    # requests looks for it before it asks anyone.
    missing = re.search(r"CA certificate bundle, invalid path: (.+)", str(error))
    if missing:
        detail = "there is no CA bundle {0}".format(missing.group(1))
    message = text.format(host) + (" ({0})".format(detail) if detail else "")
    return StsError(message, code=code)
