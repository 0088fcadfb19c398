# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What every kind of source is given, and how the JSON that most of them answer is read."""

import json
import os
from typing import Any, Mapping, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials, parse_time
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer, Http
from ansible_collections.aliyun.cli.plugins.module_utils._sts import Sts


class Context(NamedTuple):
    """The connections that a source may use, the environment variables it reads, and the time, UTC in seconds.

    ``allow_process`` lets a source of mode External run its command.
    """

    http: Http
    sts: Sts
    environ: Mapping[str, str]
    now: float
    allow_process: bool


def checked(answer: Answer) -> Answer:
    """The answer, unless the server failed, which a new try may mend. Raises StsError."""
    if answer.status >= 500:
        raise StsError(
            "the server failed with HTTP status {0}".format(answer.status),
            code="Unavailable",
            http_status=answer.status,
        )
    return answer


def parse_object(content: bytes, what: str) -> Mapping[str, Any]:
    """A JSON object. Raises SourceError, which never shows the content."""
    try:
        parsed = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise SourceError("{0} gave no JSON object".format(what))
    return parsed


def flat_credentials(answer: Answer, what: str, *, success: bool) -> Credentials:
    """Credentials from an answer with AccessKeyId, AccessKeySecret, SecurityToken and Expiration at the top.

    With ``success``, ''Code'' must say so, as the metadata service has it.
    """
    if answer.status != 200:
        raise SourceError("{0} answered HTTP status {1}".format(what, answer.status))
    content = parse_object(answer.body, what)
    if success and content.get("Code") != "Success":
        raise SourceError("{0} answered without success".format(what))
    return given_credentials(content, what)


def given_credentials(content: Mapping[str, Any], what: str) -> Credentials:
    """Credentials from a mapping with the keys of the metadata service. Raises SourceError."""
    values = [
        content.get(key)
        for key in ("AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration")
    ]
    key_id, secret, token, expiration = (
        value if isinstance(value, str) else "" for value in values
    )
    if not key_id or not secret or not token:
        raise SourceError("{0} gave no credentials".format(what))
    try:
        return Credentials(key_id, secret, token, parse_time(expiration) if expiration else 0)
    except ValueError:
        raise SourceError(
            "{0} gave credentials with an unreadable expiration".format(what)
        ) from None


def read_text(path: str, what: str) -> str:
    """The text of a file. Raises SourceError."""
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise SourceError("the {0} {1} cannot be read: {2}".format(what, path, reason)) from None
