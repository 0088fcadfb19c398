# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Client of the Security Token Service, version 2015-04-01.

Requests are signed POSTs. The parameters of AssumeRole are in the query, as in the official SDK. A security token or an
OIDC token is never part of a URL.
"""

import json
import re
import time
import uuid
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _signature
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Hop
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    PRINTABLE,
    Credentials,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Limits, Response
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse_host

VERSION = "2015-04-01"
# Seconds. A smaller correction of the clock does not help: STS accepts 15 minutes.
_CLOCK_STEP = 60
FORM = "application/x-www-form-urlencoded"
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_SESSION_ARN = re.compile(r"acs:ram::[0-9]+:role/[A-Za-z0-9._-]+/[A-Za-z0-9.@_-]+\Z")
# Required values of a GetCallerIdentity response, with their forms.
_IDENTITY = {
    "AccountId": re.compile(r"[0-9]+\Z"),
    "Arn": re.compile(r"acs:ram::[0-9]+:[A-Za-z0-9._@/-]+\Z"),
}
_IDENTITY_TEXT = re.compile(r"[A-Za-z0-9._@:/-]{1,256}\Z")


class Sts:
    """A client of STS. ``now`` returns UTC in seconds since the epoch."""

    def __init__(self, http: Http, *, now: Callable[[], float] = time.time) -> None:
        self._http = http
        self._now = now
        # Seconds that the clock of a host is ahead of the local clock, for hosts that refused a request because of it.
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
        return parse_credentials(
            self.call("AssumeRole", hop.endpoint, query=query, credentials=credentials)
        )

    def get_caller_identity(self, credentials: Credentials, endpoint: str) -> Dict[str, Any]:
        """Return the caller identity from STS: AccountId, Arn, IdentityType, PrincipalId, ...

        Other values are left out if they do not have the form of an ID.
        """
        answer = self.call("GetCallerIdentity", endpoint, credentials=credentials)
        if not all(form.match(str(answer.get(name))) for name, form in _IDENTITY.items()):
            raise StsError("the response contains no identity", code="Answer", http_status=200)
        return {
            name: value
            for name, value in answer.items()
            if isinstance(value, str) and _IDENTITY_TEXT.match(value)
        }

    def call(
        self,
        action: str,
        endpoint: str,
        *,
        query: Optional[Mapping[str, str]] = None,
        form: Optional[Mapping[str, str]] = None,
        credentials: Optional[Credentials] = None
    ) -> Dict[str, Any]:
        """Return the parsed response to one call. Retry transient errors. Without credentials, do not sign."""

        def send(now: float) -> Response:
            return self.send(action, endpoint, query or {}, form, credentials, now)

        return self.retry(send, endpoint)

    def retry(
        self, send: Callable[[float], Response], endpoint: str, *, limits: Optional[Limits] = None
    ) -> Dict[str, Any]:
        """Return the parsed response to ``send``, which gets UTC in seconds. Retry transient errors.

        If STS rejects the time of a request, its ``Date`` header corrects the local clock for further requests.
        """
        host = parse_host(endpoint)

        def attempt() -> Dict[str, Any]:
            answer = send(self._now() + self._skew.get(host, 0))
            try:
                return parse(answer)
            except StsError as error:
                if error.code != "InvalidTimeStamp.Expired" or not self._correct(host, answer):
                    raise
            return parse(send(self._now() + self._skew[host]))

        return self._http.retry(attempt, limits=limits)

    def get_skew(self, endpoint: str) -> float:
        """Return the seconds that a host's clock is ahead of the local one; 0 if it refused no request because of it."""
        return self._skew.get(parse_host(endpoint), 0)

    def _correct(self, host: str, answer: Response) -> bool:
        """Correct the clock for a host. Return False if its response does not change the correction."""
        try:
            server = parsedate_to_datetime(answer.headers["date"]).timestamp()
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            return False
        skew = server - self._now()
        if abs(skew - self._skew.get(host, 0)) < _CLOCK_STEP:
            return False
        self._skew[host] = skew
        return True

    def send(
        self,
        action: str,
        endpoint: str,
        query: Mapping[str, str],
        form: Optional[Mapping[str, str]],
        credentials: Optional[Credentials],
        now: float,
        version: str = VERSION,
    ) -> Response:
        """Send one request of an API with this version, signed if there are credentials."""
        host = parse_host(endpoint)
        body = _signature.make_canonical_query(form).encode("ascii") if form else b""
        headers = {
            "host": host,
            "accept": "application/json",
            "x-acs-action": action,
            "x-acs-version": version,
            "x-acs-date": format_timestamp(now),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": _signature.hash_body(body),
        }
        if form:
            headers["content-type"] = FORM
        if credentials:
            _sign(headers, query, credentials)
        url = endpoint + "/" + ("?" + _signature.make_canonical_query(query) if query else "")
        return self._http.send("POST", url, headers=headers, body=body)


def format_timestamp(now: float) -> str:
    """Return a time, UTC in seconds since the epoch, in the format of a request."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))


def _sign(headers: Dict[str, str], query: Mapping[str, str], credentials: Credentials) -> None:
    if credentials.security_token:
        headers["x-acs-security-token"] = credentials.security_token
    headers["authorization"] = _signature.make_authorization(
        method="POST",
        path="/",
        query=query,
        headers=headers,
        access_key_id=credentials.access_key_id,
        access_key_secret=credentials.access_key_secret,
    )


def parse(answer: Response) -> Dict[str, Any]:
    """Return the JSON object of a response with status 200. Otherwise raise StsError with code, status and request ID.

    The server's message is not kept: for some codes it repeats the request with the security token.
    """
    try:
        content = json.loads(answer.body.decode("utf-8"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        content = {}
        if answer.status == 200:
            raise StsError("the response is not readable", code="Answer", http_status=200)
    if answer.status == 200:
        return content
    code = _clean_word(content.get("Code"))
    request_id = _clean_word(content.get("RequestId")) or _clean_word(
        answer.headers.get("x-acs-request-id")
    )
    raise StsError(
        "the call is refused" + _describe_policy(content.get("AccessDeniedDetail")),
        code=code or "Unknown",
        http_status=answer.status,
        request_id=request_id,
    )


def _describe_policy(detail: Any) -> str:
    """Return the type of the denying policy and of the denial, with words around them; empty if STS gives neither."""
    names = ("NoPermissionType", "PolicyType")
    words = [_clean_word(detail.get(name)) if isinstance(detail, dict) else None for name in names]
    return " by {0} of {1}".format(*words) if all(words) else ""


def _clean_word(value: Any) -> Optional[str]:
    """Return a code or an ID unchanged, None for text that could contain something else."""
    return value if isinstance(value, str) and _WORD.match(value) else None


def parse_credentials(answer: Mapping[str, Any]) -> Credentials:
    """Return the credentials in a response to AssumeRole or AssumeRoleWithOIDC. Raise StsError if they are missing."""
    try:
        given = answer["Credentials"]
        return Credentials(
            access_key_id=check_text(given["AccessKeyId"]),
            access_key_secret=check_text(given["AccessKeySecret"]),
            security_token=check_text(given["SecurityToken"]),
            expiration=parse_time(check_text(given["Expiration"])),
            assumed_role_arn=_parse_session_arn(answer["AssumedRoleUser"]["Arn"]),
        )
    except (KeyError, TypeError, ValueError):
        raise StsError(
            "the response contains no credentials", code="Answer", http_status=200
        ) from None


def _parse_session_arn(value: Any) -> str:
    if not _SESSION_ARN.match(check_text(value)):
        raise ValueError()
    return str(value)


def check_text(value: Any) -> str:
    """Return a text of a response that a header can hold. Raise ValueError for anything else."""
    if not isinstance(value, str) or not PRINTABLE.match(value):
        raise ValueError()
    return value
