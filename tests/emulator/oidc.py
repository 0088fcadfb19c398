# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An OIDC identity provider with a real RS256 key, and the check of its tokens."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .errors import refusal
from .signature import rsa_signature_fits
from .world import OidcProvider

KEY_ID = "emulator-1"
FLAWS = ("algorithm", "audience", "expired", "issuer", "not_yet", "signature", "unsigned")


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _number(value: int) -> str:
    return _encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Issuer:
    """Signs tokens for the providers of the world; the private key lives in memory only."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return new_rsa_key()

    @cached_property
    def _foreign_key(self) -> rsa.RSAPrivateKey:
        return new_rsa_key()

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        return self._key.public_key()

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set."""
        numbers = self.public_key.public_numbers()
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": "RS256",
                    "kid": KEY_ID,
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                }
            ]
        }

    def token(
        self,
        provider: OidcProvider,
        *,
        now: datetime,
        subject: str = "repo:example/project",
        audience: str = "",
        seconds: int = 3600,
        flaw: str = "",
    ) -> str:
        """Return a token of the provider, valid or with one of the :data:`FLAWS`.

        :raises ValueError: for an unknown flaw.
        """
        if flaw and flaw not in FLAWS:
            raise ValueError(f"flaw must be one of {', '.join(FLAWS)}")
        start = now + timedelta(seconds={"expired": -seconds - 60, "not_yet": 600}.get(flaw, 0))
        claims = {
            "iss": provider.issuer + ("/other" if flaw == "issuer" else ""),
            "aud": "another-audience" if flaw == "audience" else audience or provider.client_ids[0],
            "sub": subject,
            "iat": int(start.timestamp()),
            "nbf": int(start.timestamp()),
            "exp": int(start.timestamp()) + seconds,
            "jti": str(uuid.uuid4()),
        }
        algorithm = {"unsigned": "none", "algorithm": "HS256"}.get(flaw, "RS256")
        header = {"alg": algorithm, "typ": "JWT", "kid": KEY_ID}
        signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
        if flaw == "unsigned":
            return signed + "."
        key = self._foreign_key if flaw == "signature" else self._key
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encode(signature)}"


def _parse(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = token.split(".")
    if len(parts) != 3:
        raise refusal("AuthenticationFail.OIDCToken.Invalid")
    try:
        header, claims = (json.loads(_decode(part)) for part in parts[:2])
        _decode(parts[2])
    except (ValueError, binascii.Error):
        raise refusal("AuthenticationFail.OIDCToken.Invalid", "Can not decode the Jwt.") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise refusal("AuthenticationFail.OIDCToken.Invalid", "Can not decode the Jwt.")
    return header, claims


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    for name in ("exp", "iat"):
        if not isinstance(claims.get(name), int) or isinstance(claims[name], bool):
            raise refusal("AuthenticationFail.OIDCToken.Invalid", f"The claim {name} is missing.")
    seconds = now.timestamp()
    if claims["exp"] <= seconds:
        raise refusal("AuthenticationFail.OIDCToken.Expired")
    if max(claims["iat"], claims.get("nbf", 0)) > seconds + 60:
        raise refusal("AuthenticationFail.OIDCToken.Invalid", "This JsonWebToken is not valid yet.")


def check_token(
    token: str, *, provider: OidcProvider, issuer: Issuer, now: datetime
) -> dict[str, Any]:
    """Return the claims of a token, if the provider has signed it.

    :raises StsError: ``AuthenticationFail.OIDCToken...`` for any flaw.
    """
    header, claims = _parse(token)
    signed, _dot, signature = token.rpartition(".")
    raw = base64.b64encode(_decode(signature)).decode("ascii")
    if header.get("alg") != "RS256" or not rsa_signature_fits(
        issuer.public_key, signature=raw, signed=signed
    ):
        raise refusal("AuthenticationFail.OIDCToken.InvalidSignature")
    if claims.get("iss") != provider.issuer:
        raise refusal("AuthenticationFail.OIDCToken.Invalid", "Invalid issuer.")
    if claims.get("aud") not in provider.client_ids:
        raise refusal("AuthenticationFail.OIDCToken.AudienceNotMatch")
    _check_times(claims, now)
    if not isinstance(claims.get("sub"), str):
        raise refusal("AuthenticationFail.OIDCToken.Invalid", "The claim sub is missing.")
    return claims
