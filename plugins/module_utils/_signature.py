# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Sign requests to Alibaba Cloud, version 3 (``ACS3-HMAC-SHA256``), with the standard library only.

Source: "V3 request structure and signature" in the Alibaba Cloud SDK documentation.
"""

import hashlib
import hmac
from typing import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def percent_encode(text: str) -> str:
    """Percent-encode the UTF-8 of a text as in RFC 3986: all characters except ``A-Z a-z 0-9 - _ . ~``."""
    # Python 3.6 still escapes the tilde.
    return quote(text, safe="~")


def make_canonical_query(query: Mapping[str, str]) -> str:
    """Return the query string, sorted by name. It is signed and sent in this form."""
    return "&".join(
        percent_encode(name) + "=" + percent_encode(query[name]) for name in sorted(query)
    )


def hash_body(body: bytes) -> str:
    """Return the value of the header ``x-acs-content-sha256``."""
    return hashlib.sha256(body).hexdigest()


def is_signed(name: str) -> bool:
    """Return whether a header, named in lower case, is part of the signature."""
    return name.startswith("x-acs-") or name in ("host", "content-type")


def make_authorization(
    *,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    access_key_id: str,
    access_key_secret: str
) -> str:
    """Return the value of the header ``Authorization``.

    ``headers`` have lower-case names. Required are ``host``, ``x-acs-action``, ``x-acs-version``, ``x-acs-date``,
    ``x-acs-signature-nonce`` and ``x-acs-content-sha256``. :func:`is_signed` decides which headers are signed.
    """
    names = sorted(name for name in headers if is_signed(name))
    signed_headers = ";".join(names)
    canonical_headers = "".join("{0}:{1}\n".format(name, headers[name].strip()) for name in names)
    canonical_request = "\n".join(
        (
            method,
            path,
            make_canonical_query(query),
            canonical_headers,
            signed_headers,
            headers["x-acs-content-sha256"],
        )
    )
    string_to_sign = ALGORITHM + "\n" + hash_body(canonical_request.encode("utf-8"))
    signature = hmac.new(
        access_key_secret.encode("utf-8"), string_to_sign.encode("utf-8"), hashlib.sha256
    )
    return "{0} Credential={1},SignedHeaders={2},Signature={3}".format(
        ALGORITHM, access_key_id, signed_headers, signature.hexdigest()
    )
