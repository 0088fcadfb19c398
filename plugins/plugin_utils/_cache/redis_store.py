# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Share the credential cache between controllers in Redis (second level): encrypted entries, and locks with a lease.

The key of an entry is a hash of its identity, including the secret of the source. HMAC-SHA256 derives from it a name
for the server and a key for AES-256-GCM. So only processes that know the secret can find, read, or write the entry.
"""

from __future__ import annotations

import hmac
import json
import math
import os
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    CacheError,
    FileStore,
)

T = TypeVar("T")

SCHEMES = ("redis", "rediss", "unix")
# Seconds. The URL can override them.
CONNECT_TIMEOUT = ANSWER_TIMEOUT = 0.5
# Seconds in which no process contacts a server after it failed.
PAUSE_SECONDS = 30
MAX_LIFETIME = 43200
# A response may take this many times the timeout if it arrives in parts.
MAX_RESPONSE_TIMEOUTS = 10
# Bytes of a response: an entry, and the responses before it.
MAX_RESPONSE = _entry.MAX_SIZE + 4096
# Maximum seconds by which the clock of another controller can be ahead, for an entry without a lifetime.
MARKER_TOLERANCE = 5
_NONCE = 12
_LOCK = ":lock"
# Delete a key if it has the expected value: a lock by its owner, or an entry that STS rejected.
_DELETE = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)
# Meanings of errors, by names of their classes and base classes. The text of a server is not shown.
_REASONS = {
    "AuthenticationError": "it rejected the user name or password of cache_url",
    "AuthenticationWrongNumberOfArgsError": "it rejected the user name or password of cache_url",
    "NoPermissionError": "its ACL does not allow a command or key",
    "OutOfMemoryError": "its memory is full",
    "ReadOnlyError": "it is a read-only replica",
    "TimeoutError": "it did not respond in time",
    "ConnectionError": "the connection failed",
    "InvalidResponse": "its response is invalid",
    "_ResponseError": "its response is invalid",
    "TypeError": "cache_url contains an unknown setting",
    "ValueError": "cache_url contains an invalid value",
}


class _ResponseError(Exception):
    """Report that the response of the server is too long or of another type."""


class RedisStore:
    """Entries by name in Redis or a compatible server. The Python package ``redis`` parses ``url``.

    Names on the server begin with ``prefix``. The lock of a process that died is freed after ``lease`` seconds.
    ``files`` record that the server failed. ``warn`` receives sentences for the user. A failure of the server is never
    an error: nothing is found, and nobody waits. Raise CacheError for an invalid URL, or ImportError from the first use
    without ``redis``.
    """

    def __init__(
        self, url: str, *, prefix: str, lease: float, files: FileStore, warn: Callable[[str], None]
    ) -> None:
        if _parse_scheme(url) not in SCHEMES:
            raise CacheError("cache_url must begin with redis://, rediss://, or unix://")
        self._url = url
        self._prefix = prefix
        self._lease = lease
        self._files = files
        self._warn = warn
        self._client: Any = None
        self._failed = False
        self._marker = _entry.digest(["engine that failed", url])

    def close(self) -> None:
        """Close the connections."""
        if self._client:
            self._client.close()

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the entry of a name by the clocks of this machine, or None if it is missing or cannot be decrypted."""
        cipher = _Cipher.of(name)
        raw, left = self._ask(lambda client: self._get(client, cipher), (b"", 0.0))
        entry = cipher.decrypt(raw)
        return _convert_clocks(entry, left) if entry else None

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Write an entry, which the server removes at ``until``, in UTC in seconds since the epoch."""
        cipher = _Cipher.of(name)
        until = min(until, _entry.read_clocks()[0] + MAX_LIFETIME)
        # By both clocks, since the clock can be set while the credentials are obtained.
        seconds = until - entry["obtained"] - _entry.measure_age(entry)
        if seconds > 0:
            # The start of this machine and the renewing process are meaningless on other controllers.
            shared = {key: entry[key] for key in entry if key not in ("boot", "wait")}
            if "expiration" in shared:
                shared["expiration"] = until
            raw = cipher.encrypt(shared)
            milliseconds = max(1, int(seconds * 1000))
            self._ask(
                lambda client: client.set(self._prefix + cipher.name, raw, px=milliseconds), None
            )

    def lock(self, name: str) -> Callable[[], None] | None:
        """Lock a name and return the function that unlocks it. Return None if another process holds the lock.

        If the server fails, nobody waits for a lock.
        """
        key = self._prefix + _Cipher.of(name).name + _LOCK
        token = secrets.token_hex(16)
        lease = max(1, int(self._lease * 1000))
        if not self._ask(lambda client: client.set(key, token, nx=True, px=lease), True):
            return None

        def unlock() -> None:
            self._ask(lambda client: client.eval(_DELETE, 1, key, token), None)

        return unlock

    def remove_value(self, name: str, value: Any) -> None:
        """Remove an entry if it has this value. Another controller may already have replaced it."""
        cipher = _Cipher.of(name)
        raw, _left = self._ask(lambda client: self._get(client, cipher), (b"", 0.0))
        entry = cipher.decrypt(raw)
        if entry and entry.get("value") == value:
            self._ask(lambda client: client.eval(_DELETE, 1, self._prefix + cipher.name, raw), None)

    def _get(self, client: Any, cipher: _Cipher) -> tuple[bytes, float]:
        """Return the content of an entry, and the seconds until the server removes it."""
        name = self._prefix + cipher.name
        # In this order, since another controller can replace the entry in between.
        commands = client.pipeline(transaction=False).pttl(name).getrange(name, 0, _entry.MAX_SIZE)
        left, raw = commands.execute()
        if not isinstance(left, int) or not isinstance(raw, bytes):
            raise _ResponseError()
        return raw, left / 1000

    def _ask(self, command: Callable[[Any], T], default: T) -> T:
        """Return the result of a command, or the default if the server fails or recently failed for another process."""
        if self._failed or self._is_left_alone():
            return default
        try:
            return command(self._connected())
        except ImportError:
            raise
        except Exception as error:  # pylint: disable=broad-exception-caught
            # A server can return anything, and its client can raise anything.
            self._leave_alone(error)
            return default

    def _connected(self) -> Any:
        if not self._client:
            self._client = _connect(self._url)
        return self._client

    def _is_left_alone(self) -> bool:
        marker = self._files.read(self._marker)
        self._failed = bool(marker) and 0 <= _entry.measure_age(marker or {}) < PAUSE_SECONDS
        return self._failed

    def _leave_alone(self, error: Exception) -> None:
        self._failed = True
        clock, boot = _entry.read_clocks()
        try:
            self._files.write(
                self._marker, {"obtained": clock, "boot": boot}, clock + PAUSE_SECONDS
            )
        except OSError:
            # Without the marker, each process has to notice the failure itself.
            pass
        self._warn(
            "The shared credential cache at {0} is not used for {1} seconds: {2}".format(
                format_location(self._url), PAUSE_SECONDS, _describe_error(error)
            )
        )


class _Cipher(NamedTuple):
    """Name and encrypt an entry for the server."""

    name: str
    key: bytes

    @classmethod
    def of(cls, name: str) -> _Cipher:
        """Derive both from the name of the entry, which is a hash of its identity."""
        secret = name.encode()
        return cls(
            hmac.digest(secret, b"aliyun.cli cache 1 name", "sha256").hex(),
            hmac.digest(secret, b"aliyun.cli cache 1 key", "sha256"),
        )

    def encrypt(self, entry: Mapping[str, Any]) -> bytes:
        """Return nonce and ciphertext. The name is authenticated with it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        content = json.dumps(entry).encode()
        return nonce + AESGCM(self.key).encrypt(nonce, content, self.name.encode())

    def decrypt(self, raw: bytes) -> dict[str, Any] | None:
        """Return the entry that was encrypted for this name, or None for any other content."""
        if not raw:
            return None
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            content = AESGCM(self.key).decrypt(raw[:_NONCE], raw[_NONCE:], self.name.encode())
        except (InvalidTag, ValueError):
            return None
        entry = json.loads(content)
        return entry if isinstance(entry, dict) else None


def _connect(url: str) -> Any:
    """Return a client, which connects later. A setting in the URL replaces the one here."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": ANSWER_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        # Version 3 of the protocol would need more commands in an ACL.
        "protocol": 2,
    }
    if _parse_scheme(url) == "rediss":
        # Older versions of the package omit this check.
        options["ssl_check_hostname"] = True
    client = redis.Redis.from_url(url, **options)
    base: Any = client.connection_pool.connection_class

    class Connection(base):
        """A connection of the kind that the URL needs, with limits for each response."""

        def _connect(self) -> _LimitedSocket:
            return _LimitedSocket(super()._connect())

    client.connection_pool.connection_class = Connection
    return client


class _LimitedSocket:
    """A socket that limits the size of each response, and its time, since the timeout is only for each part."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._deadline = math.inf
        self._left = MAX_RESPONSE

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, data: bytes) -> None:
        """Send a request. The time and size of the response begin to count."""
        self._sock.sendall(data)
        self._deadline = time.monotonic() + MAX_RESPONSE_TIMEOUTS * (
            self._sock.gettimeout() or math.inf
        )
        self._left = MAX_RESPONSE

    def recv(self, size: int) -> bytes:
        """Return the next part of a response."""
        data: bytes = self._sock.recv(size)
        self._count(len(data))
        return data

    def recv_into(self, *arguments: Any) -> int:
        """Read the next part of a response, for the parser of the package ``hiredis``."""
        size: int = self._sock.recv_into(*arguments)
        self._count(size)
        return size

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _ResponseError()
        if time.monotonic() > self._deadline:
            raise TimeoutError()


def _parse_scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def format_location(url: str) -> str:
    """Return the host and port, or the path of the socket. No other part of a URL may be shown."""
    parts = urlsplit(url)
    if "@" in parts.path + parts.query + parts.fragment:
        # A password that is not quoted can end the host, for example with a slash.
        return "cache_url"
    return parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]


def _describe_error(error: Exception) -> str:
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((_REASONS[name] for name in names if name in _REASONS), names[0])


def _convert_clocks(entry: dict[str, Any], left: float) -> dict[str, Any] | None:
    """Return the entry of another controller, or None if the local clock is too far behind that of the controller or of
    the server, which removes the entry in ``left`` seconds.

    The clocks can differ by half of the unused part of a lifetime, see :func:`_entry.find_state`.
    """
    try:
        obtained = float(entry["obtained"])
        expiration = float(entry["expiration"]) if "expiration" in entry else 0
    except (KeyError, TypeError, ValueError):
        return None
    clock, boot = _entry.read_clocks()
    age = clock - obtained
    if expiration:
        tolerance = min(_entry.MAX_MARGIN, (expiration - obtained) / 10) / 10
        # An old entry looks young to a slow clock, but the server counts its remaining time.
        is_old = expiration - clock > left + tolerance
    else:
        tolerance, is_old = MARKER_TOLERANCE, False
    if is_old or age < -tolerance:
        return None
    return {
        **entry,
        "obtained": min(obtained, clock),
        "boot": boot - max(age, 0),
        "wait": 0,
    }
