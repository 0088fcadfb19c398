# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compute the three request signatures, from their published descriptions.

This is the judge of the signers under test, so it shares no code with them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Pairs = Sequence[tuple[str, str]]
V3_ALGORITHM = "ACS3-HMAC-SHA256"


def percent_encode(text: str) -> str:
    """Return a value encoded by RFC 3986: only letters, digits, ``-``, ``_``, ``.`` and ``~`` stay unchanged."""
    return quote(text.encode("utf-8"), safe="-_.~")


def canonical_query(pairs: Pairs) -> str:
    """Return the parameters sorted by name, each name and value percent-encoded."""
    return "&".join(f"{percent_encode(k)}={percent_encode(v)}" for k, v in sorted(pairs))


def v1_string_to_sign(method: str, pairs: Pairs) -> str:
    """Return the string to sign of RPC version 1: query and form parameters, without ``Signature``."""
    signed = [(name, value) for name, value in pairs if name != "Signature"]
    return f"{method}&%2F&{percent_encode(canonical_query(signed))}"


def v1_signature(secret: str, string_to_sign: str) -> str:
    """Return the Base64 of HMAC-SHA1, with the secret and an ampersand as the key."""
    digest = hmac.new(f"{secret}&".encode(), string_to_sign.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def v3_canonical_request(
    *,
    method: str,
    pairs: Pairs,
    headers: Mapping[str, Sequence[str]],
    signed_headers: Iterable[str],
    body_hash: str,
) -> str:
    """Return the ACS3 canonical request for path ``/``; repeated headers are sorted and joined by commas."""
    names = sorted(signed_headers)
    lines = [f"{n}:{','.join(sorted(v.strip() for v in headers.get(n, ())))}\n" for n in names]
    return "\n".join(
        [method, "/", canonical_query(pairs), "".join(lines), ";".join(names), body_hash]
    )


def v3_string_to_sign(canonical_request: str) -> str:
    return f"{V3_ALGORITHM}\n{hashlib.sha256(canonical_request.encode()).hexdigest()}"


def v3_signature(secret: str, string_to_sign: str) -> str:
    """Return the hexadecimal HMAC-SHA256, with the secret as the key."""
    return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time, whatever the characters."""
    return hmac.compare_digest(left.encode("utf-8"), right.encode("utf-8"))


def rsa_signature_fits(key: RSAPublicKey, *, signature: str, signed: str) -> bool:
    """Return whether the Base64 text is the SHA256withRSA (PKCS #1 v1.5) signature of ``signed``."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, signed.encode("utf-8"), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
