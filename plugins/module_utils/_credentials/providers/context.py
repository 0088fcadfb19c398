# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Common code of all providers: their context, requests to services other than STS, and parsing of JSON responses."""

import json
import os
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Chain, Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts_errors import advise
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._files import read_file
from ansible_collections.aliyun.cli.plugins.module_utils._http import (
    Http,
    Limits,
    Response,
    is_transient,
)
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse_host

# Bytes. The longest file is one with an OIDC token.
MAX_FILE = 64 * 1024


class Context(NamedTuple):
    """Connections that a provider may use, environment variables that it reads, and the time, UTC in seconds.

    ``allow_process`` lets a source of mode External run its command. ``resolve`` returns the credentials of another
    chain. ``warn`` takes sentences for the user.
    """

    http: Http
    sts: Sts
    environ: Mapping[str, str]
    now: float
    allow_process: bool
    resolve: Callable[[Chain], Credentials]
    warn: Callable[[str], None]


class Service(NamedTuple):
    """A service other than STS: its name in errors, and advice for failures.

    With ``may_start``, status 404 is transient: the service may still be starting.
    """

    name: str
    advice: str
    proxies: bool = True
    limits: Optional[Limits] = None
    may_start: bool = False


def require(source: Source, *names: str) -> List[Any]:
    """Return the values of required settings of a source. Raise SourceError if settings are missing."""
    missing = [name for name in names if not source.settings.get(name)]
    if missing:
        raise SourceError("{0} is missing".format(", ".join(missing)))
    return [source.settings[name] for name in names]


def ask(
    context: Context,
    service: Service,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b""
) -> Response:
    """Return the response of a service. Retry transient errors. Raise SourceError without a response."""

    def attempt() -> Response:
        answer = context.http.send(
            method,
            url,
            headers=headers,
            body=body,
            proxies=service.proxies,
            limits=service.limits,
        )
        failure = StsError(
            "{0} failed with HTTP status {1}".format(parse_host(url), answer.status),
            code="Starting" if service.may_start and answer.status == 404 else "",
            http_status=answer.status,
        )
        if is_transient(failure):
            raise failure
        return answer

    try:
        return context.http.retry(attempt, limits=service.limits)
    except StsError as error:
        advice = advise(error.code) if error.code in ("Proxy", "TLS") else service.advice
        raise SourceError(
            "{0} sent no response: {1}; {2}".format(service.name, error, advice)
        ) from None


def read_answer(answer: Response, service: Service) -> Mapping[str, Any]:
    """Return the JSON object of a response with status 200. Raise SourceError."""
    if answer.status != 200:
        raise SourceError(
            "{0} responded with HTTP status {1}; {2}".format(
                service.name, answer.status, service.advice
            )
        )
    try:
        return parse_object(answer.body, service.name)
    except SourceError as error:
        raise SourceError("{0}; {1}".format(error, service.advice)) from None


def parse_object(content: bytes, what: str) -> Mapping[str, Any]:
    """Parse a JSON object. Raise SourceError, which never shows the content."""
    try:
        parsed = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise SourceError("{0} returned no JSON object".format(what))
    return parsed


def make_credentials(content: Any, service: Service, context: Context) -> Credentials:
    """Return the credentials of an object with the keys of the metadata service. Raise SourceError.

    Upper and lower case are the same, as for the CLI: OAuth writes ``accessKeyId``.
    """
    folded = fold(content) if isinstance(content, dict) else {}
    names = ("accesskeyid", "accesskeysecret", "securitytoken", "expiration")
    values: List[Any] = [folded.get(name) for name in names]
    if not all(isinstance(value, str) and value for value in values[:3]):
        raise SourceError("{0} returned no credentials; {1}".format(service.name, service.advice))
    key_id, secret, token = values[:3]
    return Credentials(key_id, secret, token, read_expiration(values[3], service.name, context))


def read_expiration(value: Any, what: str, context: Context) -> int:
    """Return when credentials expire, UTC in seconds, 0 if it is not known. Warn if the value cannot be parsed."""
    if value in (None, ""):
        return 0
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        context.warn(
            "{0} gave an expiration that is not in the format of RFC 3339: the credentials are not cached".format(
                what
            )
        )
        return 0


def fold(content: Mapping[str, Any]) -> Dict[str, Any]:
    """Return an object with its keys in lower case. The last of equal keys counts, as for the CLI (Go)."""
    return {name.lower(): value for name, value in content.items()}


def read_credentials(content: Mapping[str, Any], service: Service, context: Context) -> Credentials:
    """Read credentials from a response of the metadata service or a credentials URI. Raise SourceError."""
    if content.get("Code") != "Success":
        raise SourceError("{0} reported no success; {1}".format(service.name, service.advice))
    return make_credentials(content, service, context)


def read_text(path: str, what: str) -> str:
    """Return the text of a regular file of at most 64 KB. Raise SourceError; its text names the file ``what``."""
    try:
        return read_file(os.path.expanduser(path), MAX_FILE)[0].decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise SourceError("{0} cannot be read: {1}".format(what, reason)) from None
