# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What every kind of source is given, how services other than STS are asked, and how the JSON that they answer is read."""

import json
import os
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Chain, Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import (
    Sts,
    check_text,
)
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

# Bytes. An OIDC token is the longest of what is read.
MAX_FILE = 64 * 1024


class Context(NamedTuple):
    """The connections that a provider may use, the environment variables it reads, and the time, UTC in seconds.

    ``allow_process`` lets a source of mode External run its command. ``resolve`` returns the credentials of another chain,
    and ``warn`` takes sentences for the user.
    """

    http: Http
    sts: Sts
    environ: Mapping[str, str]
    now: float
    allow_process: bool
    resolve: Callable[[Chain], Credentials]
    warn: Callable[[str], None]


class Service(NamedTuple):
    """A service other than STS: how errors name it, and what to check if it does not do what is expected.

    A service that ``may_start`` is asked again when it does not know the address yet.
    """

    name: str
    advice: str
    proxies: bool = True
    limits: Optional[Limits] = None
    may_start: bool = False


def require(source: Source, *names: str) -> List[Any]:
    """The values of settings that a source cannot do without. Raises SourceError for those that are missing."""
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
    """The answer of a service, which is asked again where that may help. Raises SourceError where there is none."""

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
            "{0} gave no answer: {1}; {2}".format(service.name, error, advice)
        ) from None


def read_answer(answer: Response, service: Service) -> Mapping[str, Any]:
    """The JSON object that a service answered with status 200. Raises SourceError."""
    if answer.status != 200:
        raise SourceError(
            "{0} answered HTTP status {1}; {2}".format(service.name, answer.status, service.advice)
        )
    try:
        return parse_object(answer.body, service.name)
    except SourceError as error:
        raise SourceError("{0}; {1}".format(error, service.advice)) from None


def parse_object(content: bytes, what: str) -> Mapping[str, Any]:
    """A JSON object. Raises SourceError, which never shows the content."""
    try:
        parsed = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise SourceError("{0} gave no JSON object".format(what))
    return parsed


def make_credentials(content: Any, service: Service, context: Context) -> Credentials:
    """Return the credentials of an object with the keys of the metadata service. Raise SourceError.

    Upper and lower case are the same, as for the CLI: OAuth writes ``accessKeyId``.
    """
    folded = fold(content) if isinstance(content, dict) else {}
    names = ("accesskeyid", "accesskeysecret", "securitytoken", "expiration")
    values = [folded.get(name) for name in names]
    try:
        key_id, secret, token = (check_text(value) for value in values[:3])
    except ValueError:
        key_id = secret = token = ""
    if not key_id or not secret or not token:
        raise SourceError("{0} gave no credentials; {1}".format(service.name, service.advice))
    return Credentials(key_id, secret, token, read_expiration(values[3], service.name, context))


def read_expiration(value: Any, what: str, context: Context) -> int:
    """Return when credentials expire, UTC in seconds, 0 if it is not known. Warn of a value that cannot be read."""
    if value in (None, ""):
        return 0
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        context.warn(
            "{0} gave an expiration that is no time as in RFC 3339: the credentials are not cached".format(
                what
            )
        )
        return 0


def fold(content: Mapping[str, Any]) -> Dict[str, Any]:
    """Return an object with its keys in lower case. The last of equal keys counts, as for the CLI (Go)."""
    return {name.lower(): value for name, value in content.items()}


def read_credentials(content: Mapping[str, Any], service: Service, context: Context) -> Credentials:
    """Credentials from an answer of the metadata service, or of a URI that answers alike. Raises SourceError."""
    if content.get("Code") != "Success":
        raise SourceError("{0} answered without success; {1}".format(service.name, service.advice))
    return make_credentials(content, service, context)


def read_text(path: str, what: str) -> str:
    """Return the text of a regular file of at most 64 KB. Raise SourceError, which calls the file ``what``."""
    try:
        return read_file(os.path.expanduser(path), MAX_FILE)[0].decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text file"
        raise SourceError("{0} cannot be read: {1}".format(what, reason)) from None
