# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve the STS API: check a call in the documented order, and answer it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from . import parameters as check
from .authentication import RSA_ACTION, Caller, authenticate
from .clock import iso_time
from .core import Core
from .errors import refusal
from .oidc import check_token
from .policy import Decision, Principal, decide
from .rpc import Body, RpcService, denied
from .state import Session
from .sts_call import StsCall, check_common, check_http
from .world import MAX_ROLE_MAXIMUM, Role

VERSION = "2015-04-01"
CHAINED_MAXIMUM = 3600
_PARAMETERS: dict[str, frozenset[str]] = {
    "AssumeRole": frozenset(
        "RoleArn RoleSessionName DurationSeconds Policy ExternalId SourceIdentity".split()
    ),
    "AssumeRoleWithOIDC": frozenset(
        "RoleArn OIDCProviderArn OIDCToken RoleSessionName DurationSeconds Policy".split()
    ),
    "GetCallerIdentity": frozenset(),
    RSA_ACTION: frozenset({"DurationSeconds", "PublicKeyId"}),
}


def _credentials(session: Session) -> dict[str, str]:
    return {
        "AccessKeyId": session.access_key_id,
        "AccessKeySecret": session.access_key_secret,
        "SecurityToken": session.security_token or "",
        "Expiration": iso_time(session.expires),
    }


def _role_answer(role: Role, session: Session) -> Body:
    return {
        "AssumedRoleUser": {
            "Arn": f"{role.identity.arn}/{session.name}",
            "AssumedRoleId": f"{role.identity.id}:{session.name}",
        },
        "Credentials": _credentials(session),
    }


class Sts(RpcService):
    """Answers the calls of one core."""

    product = "Sts"
    parameters = _PARAMETERS

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._actions: dict[str, Callable[[StsCall, Caller], Body]] = {
            "AssumeRole": self._assume_role,
            "GetCallerIdentity": self._get_caller_identity,
            RSA_ACTION: self._generate_session_access_key,
        }

    def _perform(self, call: StsCall) -> Body:
        check_http(call.request)
        check_common(call)
        if call.action not in _PARAMETERS:
            raise refusal("InvalidAction.NotFound")
        if call.version != VERSION:
            raise refusal("InvalidVersion")
        if call.anonymous:
            self._refuse_unknown(call)
            return self._assume_role_with_oidc(call)
        caller = authenticate(
            call, world=self._core.world, state=self._core.state, service=self.product
        )
        self._refuse_unknown(call)
        return self._actions[call.action](call, caller)

    def _maximum(self, arn: str, caller: Caller | None) -> int:
        role = self._core.world.roles.get(arn)
        maximum = role.max_session_duration if role else MAX_ROLE_MAXIMUM
        chained = caller is not None and caller.session is not None
        if chained and self._core.switches.chained_duration_cap:
            return min(maximum, CHAINED_MAXIMUM)
        return maximum

    def _role(self, arn: str) -> Role:
        role = self._core.world.roles.get(arn)
        if role is None:
            raise refusal("EntityNotExist.Role")
        return role

    def _assume_role(self, call: StsCall, caller: Caller) -> Body:
        own = call.own_parameters
        check.require(own, "RoleArn", "RoleSessionName")
        arn = check.role_arn(own)
        name = check.role_session_name(own)
        seconds = check.duration_seconds(own, maximum=self._maximum(arn, caller))
        policy = check.session_policy(own)
        check.external_id(own)
        source_identity = check.source_identity(own)
        if caller.identity.kind == "root":
            raise refusal("NoPermission", "Roles may not be assumed by root accounts.")
        role = self._role(arn)
        if caller.source_identity and source_identity not in ("", caller.source_identity):
            raise refusal("NoPermission", "SourceIdentity of a session cannot be changed.")
        self._authorize(call, caller, role)
        self._check_quota(call, caller.identity.account_id)
        session = self._core.state.open_session(
            role.identity,
            seconds=seconds,
            name=name,
            source_identity=caller.source_identity or source_identity,
            policy=policy,
        )
        body = _role_answer(role, session)
        return {**body, "SourceIdentity": source_identity} if source_identity else body

    def _authorize(self, call: StsCall, caller: Caller, role: Role) -> None:
        """Check step 14: the permissions of the caller, and the trust policy of the role."""
        question: Body = {
            "action": "sts:AssumeRole",
            "resource": role.identity.arn,
            "principal": caller.identity.principal,
            "context": self._context(call, caller),
        }
        permissions = self._core.world.permissions.get(caller.identity.arn, ())
        verdict = decide(permissions, **question)
        if verdict is not Decision.ALLOW:
            raise denied(caller, verdict, "AccountLevelIdentityBasedPolicy")
        if caller.session is not None and caller.session.policy is not None:
            verdict = decide(caller.session.policy, **question)
            if verdict is not Decision.ALLOW:
                raise denied(caller, verdict, "SessionPolicy")
        verdict = decide(role.trust, **question)
        if verdict is not Decision.ALLOW:
            raise denied(caller, verdict, "AssumeRolePolicy")

    def _context(self, call: StsCall, caller: Caller) -> Mapping[str, str]:
        own = call.own_parameters
        values = {
            "sts:ExternalId": own.get("ExternalId", ""),
            "sts:RoleSessionName": own.get("RoleSessionName", ""),
            "sts:SourceIdentity": own.get("SourceIdentity", ""),
            "acs:SourceIdentity": caller.source_identity or own.get("SourceIdentity", ""),
            "acs:SourceIp": call.request.peer,
            "acs:SecureTransport": str(call.request.scheme == "https").lower(),
            "acs:CurrentTime": iso_time(self._core.clock.now()),
        }
        return {key: value for key, value in values.items() if value}

    def _assume_role_with_oidc(self, call: StsCall) -> Body:
        own = call.own_parameters
        check.require(own, "RoleArn", "OIDCProviderArn", "OIDCToken", "RoleSessionName")
        arn = check.role_arn(own)
        name = check.role_session_name(own)
        seconds = check.duration_seconds(own, maximum=self._maximum(arn, None))
        policy = check.session_policy(own)
        check.oidc_token(own)
        claims = self._oidc_claims(own["OIDCProviderArn"], own["OIDCToken"])
        role = self._role(arn)
        verdict = decide(
            role.trust,
            action="sts:AssumeRole",
            resource=arn,
            principal=Principal("Federated", own["OIDCProviderArn"]),
            context={f"oidc:{key}": str(claims[key]) for key in ("iss", "aud", "sub")},
        )
        if verdict is not Decision.ALLOW:
            raise refusal("AuthenticationFail.NoPermission")
        self._check_quota(call, role.identity.account_id)
        session = self._core.state.open_session(
            role.identity, seconds=seconds, name=name, policy=policy
        )
        info = {
            "Subject": claims["sub"],
            "Issuer": claims["iss"],
            "ClientIds": claims["aud"],
            "VerificationInfo": "Success",
        }
        return {**_role_answer(role, session), "OIDCTokenInfo": info}

    def _oidc_claims(self, arn: str, token: str) -> Mapping[str, Any]:
        if not re.fullmatch(r"acs:ram::\d+:oidc-provider/[\w.\-]+", arn, re.ASCII):
            raise refusal(
                "AuthenticationFail.NoPermission", "Parameter OIDCProviderArn is not valid"
            )
        provider = self._core.world.oidc_providers.get(arn)
        if provider is None:
            raise refusal("AuthenticationFail.NoPermission", "No such OIDC Provider registered.")
        return check_token(
            token, provider=provider, issuer=self._core.issuer, now=self._core.clock.now()
        )

    def _get_caller_identity(self, call: StsCall, caller: Caller) -> Body:
        identity = caller.identity
        self._check_quota(call, identity.account_id)
        if identity.kind == "role":
            name = caller.session.name if caller.session else ""
            arn = f"acs:ram::{identity.account_id}:assumed-role/{identity.name}/{name}"
            own = {"PrincipalId": f"{identity.id}:{name}", "RoleId": identity.id}
            return self._identity("AssumedRoleUser", identity.account_id, arn, own)
        kind = "Account" if identity.kind == "root" else "RAMUser"
        own = {"PrincipalId": identity.id, "UserId": identity.id}
        return self._identity(kind, identity.account_id, identity.arn, own)

    @staticmethod
    def _identity(kind: str, account_id: str, arn: str, own: Body) -> Body:
        return {"IdentityType": kind, "AccountId": account_id, "Arn": arn, **own}

    def _generate_session_access_key(self, call: StsCall, caller: Caller) -> Body:
        seconds = check.duration_seconds(call.own_parameters, maximum=3600)
        session = self._core.state.open_session(caller.identity, seconds=seconds, with_token=False)
        return {
            "SessionAccessKey": {
                "SessionAccessKeyId": session.access_key_id,
                "SessionAccessKeySecret": session.access_key_secret,
                "Expiration": iso_time(session.expires),
            }
        }
