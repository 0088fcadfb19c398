# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode RsaKeyPair: a session access key by GenerateSessionAccessKey, signed with a private key (version 1, RSA)."""

import base64
import uuid
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils._chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials, parse_time
from ansible_collections.aliyun.cli.plugins.module_utils._diagnosis import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer
from ansible_collections.aliyun.cli.plugins.module_utils._signature import (
    canonical_query,
    percent_encode,
)
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import Context, read_text
from ansible_collections.aliyun.cli.plugins.module_utils._sts import FORM, VERSION, timestamp

DEFAULT_SECONDS = 3600
SECONDS = (900, 3600)


def obtain(source: Source, context: Context) -> Credentials:
    """The session access key of a key pair, which needs no security token. Needs the library ``cryptography``."""
    settings = source.settings
    for name in ("key_pair_name", "private_key"):
        if not settings.get(name):
            raise SourceError("a source of mode RsaKeyPair has no {0}".format(name))
    seconds = settings.get("expired_seconds") or DEFAULT_SECONDS
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise SourceError(
            "expired_seconds of mode RsaKeyPair must be {0} to {1} seconds".format(*SECONDS)
        )
    key = _load(settings["private_key"])
    name = settings["key_pair_name"]

    def send(now: float) -> Answer:
        body = canonical_query(_signed(key, name, seconds, now)).encode("ascii")
        headers = {"Content-Type": FORM}
        return context.http.send("POST", source.endpoint + "/", headers=headers, body=body)

    try:
        answer = context.sts.retry(send, source.endpoint)
    except StsError as error:
        what = "source of mode RsaKeyPair: GenerateSessionAccessKey"
        raise explain(error, what, "key pair {0}".format(name), source.endpoint) from None
    try:
        given = answer["SessionAccessKey"]
        return Credentials(
            given["SessionAccessKeyId"],
            given["SessionAccessKeySecret"],
            expiration=parse_time(given["Expiration"]),
        )
    except (KeyError, TypeError, ValueError):
        raise SourceError("STS answered without a session access key") from None


def _load(private_key: str) -> Any:
    """The private key, from PEM text or from the file that a path names."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise SourceError("mode RsaKeyPair needs the Python library cryptography") from None

    text = private_key if "-----BEGIN" in private_key else read_text(private_key, "private_key")
    try:
        key = load_pem_private_key(text.encode("utf-8"), None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SourceError(
            "private_key is no unencrypted RSA private key in PEM format, nor a file with one"
        )
    return key


def _signed(key: Any, name: str, seconds: int, now: float) -> Dict[str, str]:
    """The parameters of the call with their signature: RPC version 1, SHA256withRSA."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    form = {
        "AccessKeyId": name,
        "Action": "GenerateSessionAccessKey",
        "DurationSeconds": str(seconds),
        "Format": "JSON",
        "SignatureMethod": "SHA256withRSA",
        "SignatureNonce": uuid.uuid4().hex,
        "SignatureType": "PRIVATEKEY",
        "SignatureVersion": "1.0",
        "Timestamp": timestamp(now),
        "Version": VERSION,
    }
    string_to_sign = "POST&%2F&" + percent_encode(canonical_query(form))
    signature = key.sign(string_to_sign.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    form["Signature"] = base64.b64encode(signature).decode("ascii")
    return form
