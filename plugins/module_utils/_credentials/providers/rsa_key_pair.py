# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode RsaKeyPair: a session access key by GenerateSessionAccessKey, signed with a private key (version 1, RSA)."""

import base64
import uuid
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import (
    DEFAULT_EXPIRED_SECONDS,
    Source,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    read_text,
    require,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import (
    FORM,
    VERSION,
    check_text,
    format_timestamp,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts_errors import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Response
from ansible_collections.aliyun.cli.plugins.module_utils._rules import (
    KEY_PAIR_SECONDS,
    is_private_key,
)
from ansible_collections.aliyun.cli.plugins.module_utils._signature import (
    make_canonical_query,
    percent_encode,
)


def obtain(source: Source, context: Context) -> Credentials:
    """Return the session access key of a key pair. It has no security token. Requires the library ``cryptography``."""
    name, private_key = require(source, "key_pair_name", "private_key")
    seconds = source.settings.get("expired_seconds") or DEFAULT_EXPIRED_SECONDS
    if not KEY_PAIR_SECONDS.accepts(seconds):
        raise SourceError("expired_seconds must be " + KEY_PAIR_SECONDS.text)
    key = _load(private_key)

    def send(now: float) -> Response:
        body = make_canonical_query(_sign_parameters(key, name, seconds, now)).encode("ascii")
        headers = {"Content-Type": FORM}
        return context.http.send("POST", source.endpoint + "/", headers=headers, body=body)

    try:
        answer = context.sts.retry(send, source.endpoint)
    except StsError as error:
        what = source.title + ": GenerateSessionAccessKey"
        caller = "key pair {0}".format(name)
        raise explain(error, what, caller, source.endpoint, seconds=seconds) from None
    try:
        given = answer["SessionAccessKey"]
        return Credentials(
            check_text(given["SessionAccessKeyId"]),
            check_text(given["SessionAccessKeySecret"]),
            expiration=parse_time(check_text(given["Expiration"])),
        )
    except (KeyError, TypeError, ValueError):
        raise SourceError("STS returned no session access key: check sts_endpoint") from None


def _load(private_key: str) -> Any:
    """Return the private key from its text, or from the file that a path names."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import (
            load_der_private_key,
            load_pem_private_key,
        )
    except ImportError:
        raise SourceError("the Python library cryptography is missing; install it") from None

    text = private_key
    if not is_private_key(text):
        # The value is not shown, since it may be a damaged key.
        text = read_text(private_key, "the file that private_key names")
    try:
        if "-----BEGIN" in text:
            key = load_pem_private_key(text.encode("utf-8"), None)
        else:
            key = load_der_private_key(base64.b64decode("".join(text.split()), validate=True), None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SourceError(
            "private_key must be an unencrypted RSA key in PEM format or its base64 body, or the path of one"
        )
    return key


def _sign_parameters(key: Any, name: str, seconds: int, now: float) -> Dict[str, str]:
    """Return the parameters of the call with their signature: RPC version 1, SHA256withRSA."""
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
        "Timestamp": format_timestamp(now),
        "Version": VERSION,
    }
    string_to_sign = "POST&%2F&" + percent_encode(make_canonical_query(form))
    signature = key.sign(string_to_sign.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    form["Signature"] = base64.b64encode(signature).decode("ascii")
    return form
