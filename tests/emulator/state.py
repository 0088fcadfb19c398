# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep the state of a running emulator: sessions, nonces, quotas."""

from __future__ import annotations

import base64
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .clock import Clock
from .policy import Statement
from .ram_keys import KeyRing, random_text
from .world import Identity

TIME_WINDOW = timedelta(minutes=15)


def _security_token() -> str:
    # Standard Base64 with padding, so that +, / and = have to be encoded by every client.
    return "CAIS" + base64.b64encode(b"\xfb\xff" + secrets.token_bytes(402)).decode("ascii") + "+/="


# How a session ends before its time, and the code by which STS refuses it then.
REJECTIONS = {
    "forgotten": "InvalidAccessKeyId.NotFound",
    "revoked": "InvalidAccessKeyId.Inactive",
    "expired": "InvalidSecurityToken.Expired",
    "malformed": "InvalidSecurityToken.Malformed",
    "mismatched": "InvalidSecurityToken.MismatchWithAccessKey",
}


@dataclass(frozen=True)
class Session:
    """Temporary credentials and their identity. ``policy`` narrows their permissions."""

    access_key_id: str
    access_key_secret: str
    security_token: str | None
    expires: datetime
    identity: Identity
    name: str = ""
    source_identity: str = ""
    policy: tuple[Statement, ...] | None = None


@dataclass
class State:
    clock: Clock
    keys: KeyRing
    # Lifetime of every session; 0 for the requested one.
    session_seconds: Callable[[], int] = lambda: 0
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, Session] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    _nonces: set[tuple[str, str]] = field(default_factory=set)
    _nonce_times: deque[tuple[datetime, tuple[str, str]]] = field(default_factory=deque)
    _calls: dict[tuple[str, ...], deque[datetime]] = field(default_factory=dict)

    def open_session(
        self,
        identity: Identity,
        *,
        seconds: int,
        name: str = "",
        source_identity: str = "",
        policy: tuple[Statement, ...] | None = None,
        with_token: bool = True,
    ) -> Session:
        """Open a session: new temporary credentials of an identity, valid for this many seconds."""
        seconds = self.session_seconds() or seconds
        session = Session(
            access_key_id=("STS.NU" if with_token else "TMPSK.") + random_text(24),
            access_key_secret=random_text(44),
            security_token=_security_token() if with_token else None,
            expires=self.clock.now().replace(microsecond=0) + timedelta(seconds=seconds),
            identity=identity,
            name=name,
            source_identity=source_identity,
            policy=policy,
        )
        self.sessions[session.access_key_id] = session
        if session.security_token:
            self.tokens[session.security_token] = session
        return session

    def reject_sessions(self, how: str, *, role: str = "*", access_key_id: str = "*") -> int:
        """Reject sessions that exist now from the next call on; return their number.

        ``how`` is a key of :data:`REJECTIONS`; ``role`` is a part of the ARN of their identity.
        """
        code = REJECTIONS[how]
        found = [
            session
            for session in self.sessions.values()
            if access_key_id in ("*", session.access_key_id)
            and (role == "*" or role in session.identity.arn)
            and session.access_key_id not in self.rejected
        ]
        for session in found:
            self.rejected[session.access_key_id] = code
        return len(found)

    def use_nonce(self, access_key_id: str, nonce: str) -> bool:
        """Remember a nonce; false when this key used it within the time window."""
        now = self.clock.now()
        while self._nonce_times and now - self._nonce_times[0][0] > 2 * TIME_WINDOW:
            self._nonces.discard(self._nonce_times.popleft()[1])
        key = (access_key_id, nonce)
        if key in self._nonces:
            return False
        self._nonces.add(key)
        self._nonce_times.append((now, key))
        return True

    def within_quota(self, *key: str, per_second: int) -> bool:
        """Count a call; false when the last second saw as many of its kind as allowed."""
        now = self.clock.now()
        calls = self._calls.setdefault(key, deque())
        while calls and now - calls[0] >= timedelta(seconds=1):
            calls.popleft()
        if len(calls) >= per_second:
            return False
        calls.append(now)
        return True

    def forget(self) -> None:
        """Drop everything, and go back to the keys of the world."""
        self.keys.reset()
        self.sessions.clear()
        self.tokens.clear()
        self.rejected.clear()
        self._nonces.clear()
        self._nonce_times.clear()
        self._calls.clear()
