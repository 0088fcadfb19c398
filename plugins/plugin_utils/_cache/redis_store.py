# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The second level of the credential cache: encrypted entries and locks with a lease in Redis, for several controllers.

The key of an entry is a hash of its identity, the source's secret included. From it HMAC-SHA256 derives a name for the
engine and a key for AES-256-GCM, so that only processes that know the secret can find, read or write the entry.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
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
# Seconds. The URL can set others.
CONNECT_TIMEOUT = ANSWER_TIMEOUT = 0.5
# Seconds for which all processes leave an engine alone that has failed.
PAUSE_SECONDS = 30
MAX_LIFETIME = 43200
# Seconds that the clock of another controller can be ahead of ours for an entry without a lifetime.
MARKER_TOLERANCE = 5
_NONCE = 12
_LOCK = ":lock"
# Delete a key if it holds what is expected: a lock by its owner, an entry that STS has rejected.
_DELETE = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)
# What an error means, by the names of its class and base classes. The text of a server is not shown.
_REASONS = {
    "AuthenticationError": "it does not accept the user name or password",
    "AuthenticationWrongNumberOfArgsError": "it does not accept the user name or password",
    "NoPermissionError": "its ACL does not allow a command or key",
    "OutOfMemoryError": "its memory is full",
    "ReadOnlyError": "it is a read-only replica",
    "TimeoutError": "it did not respond in time",
    "ConnectionError": "no connection",
    "TypeError": "an unknown setting in cache_url",
}


class RedisStore:
    """Entries by name in Redis or a compatible engine, at ``url`` as the Python package ``redis`` reads it.

    The names in the engine begin with ``prefix``. ``lease`` are the seconds after which the lock of a process that died
    is free. ``files`` remember that the engine has failed. ``warn`` takes sentences for the user. A failure of the engine
    is never an error: nothing is found, and nobody waits. Raise CacheError for a URL that cannot be one, ImportError from
    the first use without ``redis``.
    """

    def __init__(
        self, url: str, *, prefix: str, lease: float, files: FileStore, warn: Callable[[str], None]
    ) -> None:
        if _parse_scheme(url) not in SCHEMES:
            raise CacheError("cache_url must begin with redis://, rediss:// or unix://")
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
        """Return the entry of a name in terms of our clocks. None if it is missing or cannot be decrypted."""
        cipher = _Cipher.of(name)
        raw = self._ask(lambda client: self._get(client, cipher), b"")
        entry = cipher.decrypt(raw)
        return _convert_clocks(entry) if entry else None

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Write an entry, which the engine forgets at ``until``: UTC in seconds since the epoch."""
        cipher = _Cipher.of(name)
        seconds = min(until - _entry.read_clocks()[0], MAX_LIFETIME)
        if seconds > 0:
            # Since when this machine runs, and who renews the entry here, means nothing to others.
            shared = {key: entry[key] for key in entry if key not in ("boot", "wait")}
            raw = cipher.encrypt(shared)
            milliseconds = max(1, int(seconds * 1000))
            self._ask(
                lambda client: client.set(self._prefix + cipher.name, raw, px=milliseconds), None
            )

    def lock(self, name: str) -> Callable[[], None] | None:
        """Lock a name and return the function that unlocks it. Return None if another process holds the lock.

        If the engine fails, there is no lock to wait for.
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
        """Remove an entry if it has this value. Another controller may have written a new one."""
        cipher = _Cipher.of(name)
        raw = self._ask(lambda client: self._get(client, cipher), b"")
        entry = cipher.decrypt(raw)
        if entry and entry.get("value") == value:
            self._ask(lambda client: client.eval(_DELETE, 1, self._prefix + cipher.name, raw), None)

    def _get(self, client: Any, cipher: _Cipher) -> bytes:
        raw: bytes = client.getrange(self._prefix + cipher.name, 0, _entry.MAX_SIZE)
        return raw

    def _ask(self, command: Callable[[Any], T], default: T) -> T:
        """Return what a command returns, or the default if the engine fails or has failed for a process lately."""
        if self._failed or self._is_left_alone():
            return default
        try:
            return command(self._connected())
        except ImportError:
            raise
        except Exception as error:  # pylint: disable=broad-exception-caught
            # An engine can answer anything, and its client raise anything.
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
            # Each process finds out by itself.
            pass
        self._warn(
            "The shared credential cache at {0} is not used for {1} seconds: {2}".format(
                format_location(self._url), PAUSE_SECONDS, _describe_error(error)
            )
        )


class _Cipher(NamedTuple):
    """The name of an entry in the engine, and the key that encrypts it."""

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
        """Return the entry that was encrypted for this name; None for anything else."""
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
        # Version 3 would need more commands in an ACL.
        "protocol": 2,
    }
    if _parse_scheme(url) == "rediss":
        # Older versions of the package leave it out.
        options["ssl_check_hostname"] = True
    return redis.Redis.from_url(url, **options)


def _parse_scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def format_location(url: str) -> str:
    """Return the host and port, or the path of the socket: all of a URL that may be shown."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]


def _describe_error(error: Exception) -> str:
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((_REASONS[name] for name in names if name in _REASONS), names[0])


def _convert_clocks(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return the entry of another controller; None if its clock is too far ahead of ours.

    The clocks may differ by half of the time that is never used of a lifetime, see :func:`_entry.find_state`.
    """
    try:
        obtained = float(entry["obtained"])
        lifetime = float(entry["expiration"]) - obtained if "expiration" in entry else 0
    except (KeyError, TypeError, ValueError):
        return None
    clock, boot = _entry.read_clocks()
    age = clock - obtained
    tolerance = min(_entry.MAX_MARGIN, lifetime / 10) / 10 if lifetime else MARKER_TOLERANCE
    if age < -tolerance:
        return None
    return {
        **entry,
        "obtained": min(obtained, clock),
        "boot": boot - max(age, 0),
        "wait": 0,
    }
