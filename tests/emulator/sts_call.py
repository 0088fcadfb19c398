# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of the STS API, taken out of an HTTP request in any of the forms that clients use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from .errors import missing, refusal
from .messages import FORM_TYPE, Request

ANONYMOUS_ACTIONS = frozenset({"AssumeRoleWithOIDC"})
_COMMON = frozenset(
    "AccessKeyId Action Format RegionId SecurityToken Signature SignatureMethod SignatureNonce "
    "SignatureType SignatureVersion Timestamp Version".split()
)
_AUTHORIZATION = re.compile(
    r"(?P<algorithm>\S+) +Credential=(?P<key>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+), *"
    r"Signature=(?P<signature>\S+)"
)


@dataclass(frozen=True)
class StsCall:
    """A view of a request; a missing value is an empty text."""

    request: Request

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Query and form parameters together, common ones included."""
        return dict([*self.request.query, *self.request.form])

    @cached_property
    def own_parameters(self) -> dict[str, str]:
        """Return the parameters of the action itself."""
        return {k: v for k, v in self.parameters.items() if k not in _COMMON}

    @cached_property
    def _authorization(self) -> dict[str, str]:
        match = _AUTHORIZATION.fullmatch(self.request.header("authorization"))
        return match.groupdict() if match else {}

    @cached_property
    def is_v3(self) -> bool:
        if self.request.header("authorization"):
            return True
        signed_v1 = {"Signature", "SignatureMethod", "AccessKeyId"} & set(self.parameters)
        return not signed_v1 and bool(self.request.header("x-acs-action"))

    def _common(self, parameter: str, header: str) -> str:
        if self.is_v3:
            return self.request.header(header)
        return self.parameters.get(parameter, "")

    @property
    def action(self) -> str:
        return self._common("Action", "x-acs-action")

    @property
    def version(self) -> str:
        return self._common("Version", "x-acs-version")

    @property
    def timestamp(self) -> str:
        return self._common("Timestamp", "x-acs-date")

    @property
    def nonce(self) -> str:
        return self._common("SignatureNonce", "x-acs-signature-nonce")

    @property
    def security_token(self) -> str:
        return self._common("SecurityToken", "x-acs-security-token")

    @property
    def access_key_id(self) -> str:
        if self.is_v3:
            return self._authorization.get("key", "")
        return self.parameters.get("AccessKeyId", "")

    @property
    def signature(self) -> str:
        if self.is_v3:
            return self._authorization.get("signature", "")
        return self.parameters.get("Signature", "")

    @property
    def signature_method(self) -> str:
        if self.is_v3:
            return self._authorization.get("algorithm", "")
        return self.parameters.get("SignatureMethod", "")

    @property
    def signed_headers(self) -> list[str]:
        return [name for name in self._authorization.get("headers", "").split(";") if name]

    @property
    def anonymous(self) -> bool:
        return self.action in ANONYMOUS_ACTIONS

    @property
    def signature_kind(self) -> str:
        """Return the kind of signature, in a word for the journal."""
        if self.anonymous:
            return "none"
        if self.signature_method == "SHA256withRSA":
            return "rsa"
        return "v3" if self.is_v3 else "v1"

    @property
    def token_place(self) -> str:
        """Return the place of the security token: header, query, body or none."""
        if not self.security_token:
            return ""
        if self.is_v3:
            return "header"
        return "query" if "SecurityToken" in dict(self.request.query) else "body"

    @property
    def host(self) -> str:
        return self.request.header("host")

    @property
    def region(self) -> str:
        """Return the region of the endpoint that was addressed, or ``global``."""
        match = re.match(r"sts(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com(?::\d+)?$", self.host)
        return match.group(1) if match else "global"


def check_http(request: Request) -> None:
    """Check steps 1 and 2: the method, and the type of a body.

    :raises StsError: for anything but GET, or POST of a form or of JSON.
    """
    if request.method not in ("GET", "POST"):
        raise refusal("UnsupportedHTTPMethod")
    kind = request.content_type
    if (kind or request.body) and kind not in (FORM_TYPE, "application/json"):
        raise refusal("InvalidParameter.ContentType")


def check_common(call: StsCall) -> None:
    """Check step 3: the parameters that every call needs.

    :raises StsError: ``Missing...``, or ``IncompleteSignature`` without a usable signature.
    """
    for name, value in (("Action", call.action), ("Version", call.version)):
        if not value:
            raise missing(name)
    if call.anonymous:
        return
    if call.is_v3 and not call.signature:
        raise refusal("IncompleteSignature")
    if not call.access_key_id:
        raise missing("AccessKeyId")
    if not call.signature:
        raise refusal("IncompleteSignature")
    required = {"Timestamp": call.timestamp, "SignatureNonce": call.nonce}
    if not call.is_v3:
        required["SignatureMethod"] = call.signature_method
        required["SignatureVersion"] = call.parameters.get("SignatureVersion", "")
    for name, value in required.items():
        if not value:
            raise missing(name)
