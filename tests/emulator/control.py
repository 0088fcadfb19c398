# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve the control endpoint under ``/_emulator/``, for tests and playbooks that drive the emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from .clock import iso_time, parse_iso_time
from .core import Core
from .faults import parse_fault
from .messages import Answer, Request, json_answer, text_answer
from .oidc import new_rsa_key
from .services import Services
from .state import REJECTIONS
from .world import KeyPair, WorldError

PREFIX = "/_emulator"
Values = dict[str, Any]


def mint_token(core: Core, values: Values) -> str:
    """Return an OIDC token; ``provider`` may be left out when the world has only one.

    :raises ValueError: when the provider does not exist, or another value is wrong.
    """
    wanted = dict(values)
    provider_arn = wanted.pop("provider", None) or next(iter(core.world.oidc_providers), "")
    if provider_arn not in core.world.oidc_providers:
        raise ValueError("provider: no such OIDC provider in this world")
    if set(wanted) - {"subject", "audience", "seconds", "flaw"}:
        raise ValueError("a token has provider, subject, audience, seconds and flaw")
    provider = core.world.oidc_providers[provider_arn]
    return core.issuer.token(provider, now=core.clock.now(), **wanted)


def make_key_pair(core: Core, values: Values) -> Values:
    """Register a new RSA key pair for an identity, and hand out its private key.

    :raises ValueError: when the identity is not a user of this world.
    """
    identity = core.world.identities.get(values.get("identity", ""))
    if identity is None or identity.kind != "user" or set(values) != {"identity", "id"}:
        raise ValueError("a key pair has id, and identity: the ARN of a user of this world")
    key = new_rsa_key()
    with core.lock:
        core.world.key_pairs[values["id"]] = KeyPair(values["id"], key.public_key(), identity)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return {"key_pair_name": values["id"], "private_key": pem.decode("ascii")}


def reject_sessions(core: Core, values: Values) -> Values:
    """Let STS reject sessions that it gave out: ``how``, and optionally ``role`` and ``access_key_id``.

    :raises ValueError: for another key or an unknown way.
    """
    if set(values) - {"how", "role", "access_key_id"} or values.get("how") not in REJECTIONS:
        raise ValueError(
            "a rejection has how, role and access_key_id; how is one of " + ", ".join(REJECTIONS)
        )
    with core.lock:
        return {"sessions": core.state.reject_sessions(**values)}


def list_sessions(core: Core) -> Values:
    """Return the sessions that STS issued, without their secrets."""
    with core.lock:
        return {
            "sessions": [
                {
                    "access_key_id": session.access_key_id,
                    "identity": session.identity.arn,
                    "name": session.name,
                    "expires": iso_time(session.expires),
                    "rejected": core.state.rejected.get(session.access_key_id, ""),
                }
                for session in core.state.sessions.values()
            ]
        }


def set_clock(core: Core, values: Values) -> None:
    """Set the clock: ``now`` freezes, ``offset`` shifts, ``advance`` jumps, an empty object restores real time.

    :raises ValueError: for anything else.
    """
    if not values:
        core.clock.reset()
        return
    ((name, value),) = values.items()
    if name == "now":
        core.clock.freeze(parse_iso_time(value))
    elif name in ("offset", "advance") and isinstance(value, (int, float)):
        (core.clock.shift if name == "offset" else core.clock.advance)(value)
    else:
        raise ValueError("the clock takes one of now, offset and advance")


class Control:
    """Router of control requests; ``stop`` ends the emulator, ``describe`` returns its addresses."""

    def __init__(
        self,
        core: Core,
        services: Services,
        *,
        stop: Callable[[], None],
        describe: Callable[[], Values],
    ) -> None:
        self._core = core
        self._services = services
        self._stop = stop
        self._describe = describe

    def answer(self, request: Request) -> Answer:
        """Perform one control request; every mistake is a 400 that says what it is."""
        name = f"{request.method} {request.path.removeprefix(PREFIX).strip('/')}"
        if name == "POST oidc-token":
            return self._guarded(request, self._token)
        handlers: dict[str, Callable[[Request], object]] = {
            "GET ": lambda _request: self._describe(),
            "GET journal": lambda _request: {"calls": self._core.journal.entries()},
            "DELETE journal": lambda _request: self._core.journal.clear(),
            "GET clock": lambda _request: {"now": iso_time(self._core.clock.now())},
            "POST clock": lambda request: set_clock(self._core, request.json()),
            "GET faults": lambda _request: {"faults": self._core.faults.pending()},
            "POST faults": lambda request: self._core.faults.add(parse_fault(request.json())),
            "DELETE faults": lambda _request: self._core.faults.clear(),
            "GET switches": lambda _request: dict(vars(self._core.switches)),
            "POST switches": lambda request: self._core.switches.update(request.json()),
            "GET sessions": lambda _request: list_sessions(self._core),
            "POST sessions": lambda request: reject_sessions(self._core, request.json()),
            "POST key-pair": lambda request: make_key_pair(self._core, request.json()),
            "POST reset": lambda _request: self.reset(),
            "POST stop": lambda _request: self._stop(),
        }
        if name not in handlers:
            return json_answer(404, {"error": f"no such control: {name}"})
        handler = handlers[name]
        return self._guarded(request, lambda request: json_answer(200, handler(request) or {}))

    @staticmethod
    def _guarded(request: Request, handler: Callable[[Request], Answer]) -> Answer:
        try:
            return handler(request)
        except (ValueError, TypeError, WorldError) as error:
            return json_answer(400, {"error": str(error)})

    def _token(self, request: Request) -> Answer:
        # Plain text, so that a download of this address is a token file.
        return text_answer(200, mint_token(self._core, request.json()), "application/jwt")

    def reset(self) -> None:
        """Forget everything that happened since the start."""
        with self._core.lock:
            self._core.reset()
            self._services.forget()
