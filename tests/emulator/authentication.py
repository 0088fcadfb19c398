# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authenticate the caller: steps 5 to 10 of a call, from the access key to the security token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .clock import parse_iso_time
from .errors import StsError, missing, refusal
from .ram_keys import LongLivedKey
from .signature import (
    V3_ALGORITHM,
    rsa_signature_fits,
    same,
    v1_signature,
    v1_string_to_sign,
    v3_canonical_request,
    v3_signature,
    v3_string_to_sign,
)
from .state import TIME_WINDOW, Session, State
from .sts_call import StsCall
from .world import Identity, KeyPair, World

RSA_ACTION = "GenerateSessionAccessKey"
RSA_METHOD = "SHA256withRSA"


@dataclass(frozen=True)
class Caller:
    """Identity behind a call, and its session if the credentials are temporary."""

    identity: Identity
    session: Session | None = None

    @property
    def source_identity(self) -> str:
        return self.session.source_identity if self.session else ""


def _key(world: World, state: State, key_id: str) -> LongLivedKey | KeyPair | Session:
    found = state.keys.usable(key_id) or state.sessions.get(key_id) or world.key_pairs.get(key_id)
    if found is None:
        raise refusal("InvalidAccessKeyId.NotFound")
    if isinstance(found, LongLivedKey) and not found.active:
        raise refusal("InvalidAccessKeyId.Inactive")
    _check_rejected(state, key_id, "InvalidAccessKeyId.")
    return found


def _check_rejected(state: State, key_id: str, family: str) -> None:
    code = state.rejected.get(key_id, "")
    if code.startswith(family):
        raise refusal(code)


def _check_method(call: StsCall, key: LongLivedKey | KeyPair | Session) -> None:
    by_rsa = isinstance(key, KeyPair)
    if call.is_v3:
        fits = call.signature_method == V3_ALGORITHM
    else:
        fits = call.signature_method == (RSA_METHOD if by_rsa else "HMAC-SHA1")
        fits = fits and call.parameters["SignatureVersion"] == "1.0"
        if by_rsa:
            fits = fits and call.parameters.get("SignatureType") == "PRIVATEKEY"
    if not fits or by_rsa is not (call.action == RSA_ACTION) or (by_rsa and call.is_v3):
        raise refusal("InvalidSignatureMethod")


def _check_time(call: StsCall, state: State) -> None:
    try:
        moment = parse_iso_time(call.timestamp)
    except ValueError:
        raise refusal("InvalidTimeStamp.Format") from None
    if abs(state.clock.now() - moment) > TIME_WINDOW:
        raise refusal("InvalidTimeStamp.Expired")


def _mismatch(string_to_sign: str) -> StsError:
    # The real service echoes what it signed, token included: clients must not show this text.
    return refusal(
        "SignatureDoesNotMatch",
        "Specified signature is not matched with our calculation. "
        f"server string to sign is:{string_to_sign}",
    )


def _check_v1(call: StsCall, key: LongLivedKey | KeyPair | Session) -> None:
    pairs = [*call.request.query, *call.request.form]
    signed = v1_string_to_sign(call.request.method, pairs)
    if isinstance(key, KeyPair):
        fits = rsa_signature_fits(key.public_key, signature=call.signature, signed=signed)
    else:
        fits = same(v1_signature(_secret(key), signed), call.signature)
    if not fits:
        raise _mismatch(signed)


def _check_v3(call: StsCall, key: LongLivedKey | Session) -> None:
    body_hash = hashlib.sha256(call.request.body).hexdigest()
    names = set(call.signed_headers)
    canonical = v3_canonical_request(
        method=call.request.method,
        pairs=call.request.query,
        headers=call.request.headers,
        signed_headers=names,
        body_hash=body_hash,
    )
    signed = v3_string_to_sign(canonical)
    needed = {"host", *(name for name in call.request.headers if name.startswith("x-acs-"))}
    fits = (
        needed <= names
        and call.request.header("x-acs-content-sha256") == body_hash
        and same(v3_signature(_secret(key), signed), call.signature)
    )
    if not fits:
        raise refusal(
            "SignatureDoesNotMatch",
            f"Specified signature does not match our calculation. server StringToSign is [{signed}]"
            f" server CanonicalRequest is [{canonical}]",
        )


def _secret(key: LongLivedKey | Session) -> str:
    return key.secret if isinstance(key, LongLivedKey) else key.access_key_secret


def _check_token(call: StsCall, state: State, session: Session | None) -> None:
    if session and session.security_token and not call.security_token:
        raise missing("SecurityToken")
    if call.security_token:
        owner = state.tokens.get(call.security_token)
        if owner is None:
            raise refusal("InvalidSecurityToken.Malformed")
        if owner is not session:
            raise refusal("InvalidSecurityToken.MismatchWithAccessKey")
    if session:
        _check_rejected(state, session.access_key_id, "InvalidSecurityToken.")
    if session and session.expires <= state.clock.now():
        raise refusal("InvalidSecurityToken.Expired")


def authenticate(call: StsCall, *, world: World, state: State, service: str) -> Caller:
    """Return who signed this call, and record the use of a long-lived key with this service.

    :raises StsError: when the key, the time, the signature, the nonce or the token is wrong.
    """
    key = _key(world, state, call.access_key_id)
    _check_method(call, key)
    _check_time(call, state)
    if call.is_v3 and not isinstance(key, KeyPair):
        _check_v3(call, key)
    else:
        _check_v1(call, key)
    if not state.use_nonce(call.access_key_id, call.nonce):
        raise refusal("SignatureNonceUsed")
    session = key if isinstance(key, Session) else None
    _check_token(call, state, session)
    if isinstance(key, LongLivedKey):
        state.keys.use(key, service)
    return Caller(key.identity, session)
