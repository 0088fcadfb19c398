# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The Security Token Service, version 2015-04-01: the calls that this collection makes of it.

Requests are signed POSTs. The parameters of AssumeRole stand in the query, as the official SDK places them; a security
token and an OIDC token never stand in a URL.
"""

import json
import time
import uuid
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _signature
from ansible_collections.aliyun.cli.plugins.module_utils._chain import Hop
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials, parse_time
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer, Http, host_of

VERSION = "2015-04-01"
FORM = "application/x-www-form-urlencoded"


class Sts:
    """A client of STS. ``now`` gives UTC in seconds since the epoch."""

    def __init__(self, http: Http, *, now: Callable[[], float] = time.time) -> None:
        self._http = http
        self._now = now
        # Seconds that the clock of a host is ahead of ours: as its answers say, and as our requests account for.
        self._measured_skew: Dict[str, float] = {}
        self._skew: Dict[str, float] = {}

    def assume_role(self, credentials: Credentials, hop: Hop) -> Credentials:
        """Assume the role of a hop with the credentials of the hop before it. Raises StsError."""
        query = {
            "RoleArn": hop.ram_role_arn,
            "RoleSessionName": hop.role_session_name,
            "DurationSeconds": str(hop.expired_seconds),
            "ExternalId": hop.external_id,
            "Policy": hop.policy,
            "SourceIdentity": hop.source_identity,
        }
        query = {name: value for name, value in query.items() if value}
        return credentials_of(
            self.call("AssumeRole", hop.endpoint, query=query, credentials=credentials)
        )

    def get_caller_identity(self, credentials: Credentials, endpoint: str) -> Dict[str, Any]:
        """Who the credentials belong to, as STS answers it: AccountId, Arn, IdentityType, PrincipalId, ..."""
        return self.call("GetCallerIdentity", endpoint, credentials=credentials)

    def call(
        self,
        action: str,
        endpoint: str,
        *,
        query: Optional[Mapping[str, str]] = None,
        form: Optional[Mapping[str, str]] = None,
        credentials: Optional[Credentials] = None
    ) -> Dict[str, Any]:
        """The parsed answer to one call, retried where that may help; unsigned without credentials.

        A clock of ours that is off is corrected once, by the ``Date`` of the answer that says so.
        """

        def attempt() -> Dict[str, Any]:
            return self._attempt(action, endpoint, query or {}, form, credentials)

        try:
            return self._http.retry(attempt)
        except StsError as error:
            host = host_of(endpoint)
            measured = self._measured_skew.get(host)
            if error.code != "InvalidTimeStamp.Expired" or measured is None or host in self._skew:
                raise
            self._skew[host] = measured
            return self._http.retry(attempt)

    def _attempt(
        self,
        action: str,
        endpoint: str,
        query: Mapping[str, str],
        form: Optional[Mapping[str, str]],
        credentials: Optional[Credentials],
    ) -> Dict[str, Any]:
        host = host_of(endpoint)
        now = time.gmtime(self._now() + self._skew.get(host, 0))
        body = _signature.canonical_query(form).encode("ascii") if form else b""
        headers = {
            "host": host,
            "accept": "application/json",
            "x-acs-action": action,
            "x-acs-version": VERSION,
            "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": _signature.hash_body(body),
        }
        if form:
            headers["content-type"] = FORM
        if credentials:
            _sign(headers, query, credentials)
        url = endpoint + "/" + ("?" + _signature.canonical_query(query) if query else "")
        answer = self._http.send("POST", url, headers=headers, body=body)
        self._measure_skew(host, answer)
        return parse(answer, host)

    def _measure_skew(self, host: str, answer: Answer) -> None:
        try:
            server = parsedate_to_datetime(answer.headers["date"]).timestamp()
        except (KeyError, TypeError, ValueError, IndexError):
            return
        self._measured_skew[host] = server - self._now()


def _sign(headers: Dict[str, str], query: Mapping[str, str], credentials: Credentials) -> None:
    if credentials.security_token:
        headers["x-acs-security-token"] = credentials.security_token
    headers["authorization"] = _signature.authorization(
        method="POST",
        path="/",
        query=query,
        headers=headers,
        access_key_id=credentials.access_key_id,
        access_key_secret=credentials.access_key_secret,
    )


def parse(answer: Answer, host: str) -> Dict[str, Any]:
    """The JSON object of an answer with status 200; StsError with the server's code, status and request ID otherwise.

    The server's message is not kept: for some codes it repeats the request, security token included.
    """
    try:
        content = json.loads(answer.body.decode("utf-8"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        content = {}
        if answer.status == 200:
            raise StsError(
                "{0} sent no readable answer".format(host), code="Answer", http_status=200
            )
    if answer.status == 200:
        return content
    code = content.get("Code")
    request_id = content.get("RequestId") or answer.headers.get("x-acs-request-id")
    raise StsError(
        "{0} refused the call".format(host),
        code=code if isinstance(code, str) and code.replace(".", "").isalnum() else "Unknown",
        http_status=answer.status,
        request_id=request_id if isinstance(request_id, str) else None,
    )


def credentials_of(answer: Mapping[str, Any]) -> Credentials:
    """The credentials in an answer of AssumeRole or AssumeRoleWithOIDC."""
    try:
        given = answer["Credentials"]
        return Credentials(
            access_key_id=_text(given["AccessKeyId"]),
            access_key_secret=_text(given["AccessKeySecret"]),
            security_token=_text(given["SecurityToken"]),
            expiration=parse_time(_text(given["Expiration"])),
            assumed_role_arn=_text(answer["AssumedRoleUser"]["Arn"]),
        )
    except (KeyError, TypeError, ValueError):
        raise StsError("STS answered without credentials", code="Answer", http_status=200) from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError()
    return value
