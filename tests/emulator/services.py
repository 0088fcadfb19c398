# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve sessions without AssumeRole: instance metadata, a URI, CloudSSO, OAuth, OIDC."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from .clock import TIME_FORMS, iso_time
from .core import Core
from .errors import StsError
from .messages import Answer, Request, json_answer, text_answer
from .state import Session
from .world import Grantor

METADATA = "/latest/meta-data/ram/security-credentials"
TOKEN_PATH = "/latest/api/token"
DISCOVERY_PATH = "/.well-known/openid-configuration"
KEYS_PATH = "/.well-known/jwks.json"
URI_PATH = "/credentials-uri"
_FRESH_FOR = timedelta(minutes=15)
_OAUTH_CLIENTS = ("4038181954557748008", "4103531455503354461")
Handler = Callable[[Request], Answer]

_NOT_FOUND_PAGE = (
    '<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>404 - Not Found</title>'
    "</head><body><h1>404 - Not Found</h1></body></html>\n"
)


def not_found() -> Answer:
    """Return the page of the metadata service and of a web server for an unknown path."""
    return text_answer(404, _NOT_FOUND_PAGE, "text/html")


def _bearer(request: Request) -> str:
    scheme, _space, token = request.header("authorization").partition(" ")
    return token if scheme == "Bearer" else ""


class Services:
    """Everything on the emulator's port that is not STS."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.forget()

    def forget(self) -> None:
        """Drop what was handed out, and let the first OAuth tokens work again."""
        self._metadata_tokens: dict[str, datetime] = {}
        self._last: dict[str, Session] = {}
        oauth = self._core.world.grantors.get("oauth")
        self._oauth = dict(oauth.options) if oauth else {}

    def find(self, request: Request) -> tuple[str, Handler] | None:
        """Return the name of the service that a path belongs to, and its handler."""
        if request.path.rstrip("/") == METADATA:
            return "ImdsRole", self._imds_role
        if request.path.startswith(METADATA + "/"):
            return "ImdsCredentials", self._imds_credentials
        return {
            TOKEN_PATH: ("ImdsToken", self._imds_token),
            URI_PATH: ("CredentialsUri", self._credentials_uri),
            "/cloud-credentials": ("CloudSso", self._cloud_sso),
            "/v1/token": ("OAuthToken", self._oauth_token),
            "/v1/exchange": ("OAuthExchange", self._oauth_exchange),
            DISCOVERY_PATH: ("OidcDiscovery", self._oidc_discovery),
            KEYS_PATH: ("OidcKeys", self._oidc_keys),
        }.get(request.path)

    @staticmethod
    def fail(failure: StsError) -> Answer:
        """Return an error in the format of these services. Unlike STS, they have a status for throttling."""
        status = 429 if failure.code.startswith("Throttling") else failure.http
        return json_answer(status, {"Code": failure.code, "Message": failure.message})

    def _flat(self, session: Session) -> dict[str, object]:
        return {
            "AccessKeyId": session.access_key_id,
            "AccessKeySecret": session.access_key_secret,
            "SecurityToken": session.security_token or "",
            "Expiration": TIME_FORMS[self._core.switches.expiration_form](session.expires),
        }

    def _session(self, name: str, grantor: Grantor) -> Session:
        """Return the session of a grantor: the same one until it is about to expire or is rejected."""
        last = self._last.get(name)
        if (
            last is None
            or last.expires - self._core.clock.now() < _FRESH_FOR
            or last.access_key_id in self._core.state.rejected
        ):
            last = self._new_session(grantor)
            self._last[name] = last
        return last

    def _new_session(self, grantor: Grantor) -> Session:
        seconds = int(grantor.options.get("seconds", 21600))
        session_name = str(grantor.options.get("session_name", ""))
        return self._core.state.open_session(grantor.identity, seconds=seconds, name=session_name)

    def _imds_token(self, request: Request) -> Answer:
        seconds = request.header("x-aliyun-ecs-metadata-token-ttl-seconds")
        if request.method != "PUT":
            return text_answer(405, "Method Not Allowed")
        if not seconds.isdecimal() or not 1 <= int(seconds) <= 21600:
            return text_answer(400, "Bad Request")
        if request.header("x-forwarded-for"):
            return text_answer(403, "Forbidden")
        token = secrets.token_urlsafe(40) + "=="
        self._metadata_tokens[token] = self._core.clock.now() + timedelta(seconds=int(seconds))
        return text_answer(200, token)

    def _imds_refusal(self, request: Request) -> Answer | None:
        token = request.header("x-aliyun-ecs-metadata-token")
        expires = self._metadata_tokens.get(token)
        if request.method != "GET":
            return text_answer(405, "Method Not Allowed")
        if token and (expires is None or expires <= self._core.clock.now()):
            return text_answer(401, "Unauthorized")
        if not token and self._core.switches.imds_hardened:
            return text_answer(403, "Forbidden")
        return None

    def _imds_role(self, request: Request) -> Answer:
        refused = self._imds_refusal(request)
        grantor = self._core.world.grantors.get("ecs")
        if refused is not None or grantor is None:
            return refused or not_found()
        return text_answer(200, self._imds_role_name(grantor))

    def _imds_role_name(self, grantor: Grantor) -> str:
        return self._core.switches.imds_role_name or grantor.identity.name

    def _imds_credentials(self, request: Request) -> Answer:
        refused = self._imds_refusal(request)
        grantor = self._core.world.grantors.get("ecs")
        if refused is not None or grantor is None:
            return refused or not_found()
        if unquote(request.path) != f"{METADATA}/{self._imds_role_name(grantor)}":
            return not_found()
        return self._success("ecs", grantor)

    def _success(self, name: str, grantor: Grantor) -> Answer:
        session = self._session(name, grantor)
        updated = iso_time(self._core.clock.now())
        return json_answer(200, {**self._flat(session), "LastUpdated": updated, "Code": "Success"})

    def _credentials_uri(self, request: Request) -> Answer:
        grantor = self._core.world.grantors.get("credentials_uri")
        if grantor is None:
            return not_found()
        if request.method != "GET":
            return text_answer(405, "Method Not Allowed")
        return self._success("credentials_uri", grantor)

    def _cloud_sso(self, request: Request) -> Answer:
        grantor = self._core.world.grantors.get("cloud_sso")
        if grantor is None or request.method != "POST":
            return not_found()
        if not _bearer(request) or _bearer(request) != grantor.options.get("access_token"):
            return json_answer(
                401,
                {
                    "ErrorCode": "InvalidAccessToken",
                    "ErrorMessage": "The access token is invalid or expired.",
                },
            )
        wanted = {
            "AccountId": grantor.options.get("account_id"),
            "AccessConfigurationId": grantor.options.get("access_configuration"),
        }
        if self._json(request) != wanted:
            return json_answer(
                403, {"ErrorCode": "NoPermission", "ErrorMessage": "The access is not assigned."}
            )
        return json_answer(200, {"CloudCredential": self._flat(self._new_session(grantor))})

    @staticmethod
    def _json(request: Request) -> dict[str, Any]:
        try:
            return request.json()
        except ValueError:
            return {}

    def _oauth_token(self, request: Request) -> Answer:
        form = dict(request.form)
        if not self._oauth or request.method != "POST":
            return not_found()
        if (
            form.get("grant_type") != "refresh_token"
            or form.get("client_id") not in _OAUTH_CLIENTS
            or form.get("refresh_token") != self._oauth["refresh_token"]
        ):
            return json_answer(400, {"error": "invalid_grant"})
        for name in ("access_token", "refresh_token"):
            self._oauth[name] = f"fake-{secrets.token_urlsafe(24)}"
        return json_answer(
            200,
            {
                "access_token": self._oauth["access_token"],
                "refresh_token": self._oauth["refresh_token"],
                "token_type": "Bearer",
                "expires_in": int(self._oauth.get("token_seconds", 10800)),
            },
        )

    def _oauth_exchange(self, request: Request) -> Answer:
        grantor = self._core.world.grantors.get("oauth")
        if grantor is None or request.method != "POST":
            return not_found()
        if not _bearer(request) or _bearer(request) != self._oauth.get("access_token"):
            return json_answer(401, {"error": "invalid_token"})
        answer = self._flat(self._new_session(grantor))
        if not self._core.switches.oauth_capitals:
            answer = {name[0].lower() + name[1:]: value for name, value in answer.items()}
            answer["requestId"] = str(uuid.uuid4()).upper()
        return json_answer(200, answer)

    def _oidc_discovery(self, request: Request) -> Answer:
        base = f"{request.scheme}://{request.header('host')}"
        issuers = sorted({item.issuer for item in self._core.world.oidc_providers.values()})
        if not issuers:
            return not_found()
        return json_answer(
            200,
            {
                "issuer": issuers[0],
                "jwks_uri": f"{base}{KEYS_PATH}",
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
            },
        )

    def _oidc_keys(self, request: Request) -> Answer:
        del request
        return json_answer(200, self._core.issuer.jwks())
