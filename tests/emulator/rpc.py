# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Share code between the RPC services (STS, RAM, IMS): the journal, errors, and the form of a response."""

from __future__ import annotations

import base64
import secrets
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from .authentication import Caller
from .core import Core
from .errors import StsError, refusal
from .journal import fingerprint
from .messages import Answer, Request, json_answer, text_answer
from .policy import Decision
from .sts_call import StsCall

Body = dict[str, Any]


class RpcService(ABC):
    """Answers the calls of one service. A subclass names its parameters and performs its actions."""

    product = ""
    parameters: Mapping[str, frozenset[str]] = {}

    def __init__(self, core: Core) -> None:
        self._core = core

    def describe(self, request: Request) -> Body:
        """Return what the journal records of a call."""
        call = StsCall(request)
        own = call.own_parameters
        known = self.parameters.get(call.action, frozenset())
        return {
            "action": call.action,
            "signature": call.signature_kind,
            "access_key_id": call.access_key_id,
            "security_token": fingerprint(call.security_token),
            "token_place": call.token_place,
            "role_arn": own.get("RoleArn", ""),
            "role_session_name": own.get("RoleSessionName", ""),
            "duration_seconds": own.get("DurationSeconds", ""),
            "external_id": fingerprint(own.get("ExternalId", "")),
            "policy": fingerprint(own.get("Policy", "")),
            "source_identity": own.get("SourceIdentity", ""),
            "nonce": call.nonce,
            "timestamp": call.timestamp,
            "query_parameters": sorted({name for name, _value in request.query}),
            "unknown_parameters": sorted(set(own) - known),
        }

    def answer(self, request: Request, entry: Body, *, failure: StsError | None = None) -> Answer:
        """Perform one call, or fail it as told, and complete its journal entry."""
        call = StsCall(request)
        request_id = str(uuid.uuid4()).upper()
        entry["request_id"] = request_id
        try:
            if failure is not None:
                raise failure
            status, body = 200, self._perform(call)
            entry["code"] = "OK"
        except StsError as error:
            status, body = error.http, self._refuse(error, call, request_id)
            entry["code"] = error.code
        body = {"RequestId": request_id, **body}
        return _formatted(call, status, body, request_id)

    @abstractmethod
    def _perform(self, call: StsCall) -> Body:
        """Return the body of the response to a call, or raise StsError."""

    def _refuse(self, error: StsError, call: StsCall, request_id: str) -> Body:
        body: Body = {
            "HostId": call.host,
            "Code": error.code,
            "Message": error.message,
            "Recommend": f"https://api.aliyun.com/troubleshoot?q={error.code}"
            f"&product={self.product}&requestId={request_id}",
        }
        if error.detail is not None:
            body["AccessDeniedDetail"] = dict(error.detail)
        return body

    def _refuse_unknown(self, call: StsCall) -> None:
        names = set(call.own_parameters) - self.parameters[call.action]
        if names and self._core.switches.strict:
            name = min(names)
            raise StsError(400, f"InvalidParameter.{name}", f"{name} is unknown to this action.")

    def _check_quota(self, call: StsCall, account_id: str) -> None:
        limit = self._core.switches.rate_limit
        key = (call.region, call.action, account_id)
        if limit and not self._core.state.within_quota(*key, per_second=limit):
            raise refusal("Throttling.User")


def denied(
    caller: Caller, decision: Decision, policy_type: str, *, action: str = "sts:AssumeRole"
) -> StsError:
    """Return the refusal of an action that a policy does not allow."""
    identity = caller.identity
    name = f"{identity.name}:{caller.session.name}" if caller.session else identity.name
    detail = {
        "AuthAction": action,
        "AuthPrincipalDisplayName": name,
        "AuthPrincipalOwnerId": identity.account_id,
        "AuthPrincipalType": "AssumedRoleUser" if identity.kind == "role" else "SubUser",
        # What the real service says in there is for those only who may decode it.
        "EncodedDiagnosticMessage": base64.b64encode(secrets.token_bytes(48)).decode("ascii"),
        "NoPermissionType": decision.value,
        "PolicyType": policy_type,
    }
    return refusal("NoPermission", detail=detail)


def _xml(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_xml(name, item) for item in value)
    inner = (
        "".join(_xml(key, item) for key, item in value.items())
        if isinstance(value, dict)
        else escape(str(value))
    )
    return f"<{name}>{inner}</{name}>"


def _formatted(call: StsCall, status: int, body: Body, request_id: str) -> Answer:
    wants_json = call.is_v3 or call.parameters.get("Format", "").upper() == "JSON"
    if wants_json:
        return json_answer(status, body, x_acs_request_id=request_id)
    root = f"{call.action}Response" if status == 200 else "Error"
    answer = text_answer(
        status,
        f"<?xml version='1.0' encoding='UTF-8'?>{_xml(root, body)}",
        "text/xml;charset=utf-8",
    )
    answer.headers["x-acs-request-id"] = request_id
    return answer
