# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Step 11: the form of the parameters of AssumeRole and its siblings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from .errors import malformed, missing, refusal
from .policy import Statement, parse_policy

MIN_DURATION = 900
DEFAULT_DURATION = 3600
_ROLE_ARN = re.compile(r"acs:ram::\d+:role/[A-Za-z0-9.\-_]{1,64}")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@\-_]{2,64}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/\-]{2,1224}")
_SOURCE_IDENTITY = re.compile(r"(?!acs:|aliyun:|alibabacloud:)[A-Za-z0-9_+=,.@\-]{2,64}")
_OIDC_TOKEN = re.compile(r"(?s).{4,20000}")
_POLICY_LIMIT = 2048

Parameters = Mapping[str, str]


def require(parameters: Parameters, *names: str) -> None:
    """Require these parameters.

    :raises StsError: ``Missing<Name>`` for the first that is absent or empty.
    """
    for name in names:
        if not parameters.get(name):
            raise missing(name)


def _matching(parameters: Parameters, name: str, form: re.Pattern[str]) -> str:
    value = parameters.get(name, "")
    if name in parameters and not form.fullmatch(value):
        raise malformed(name)
    return value


def role_arn(parameters: Parameters) -> str:
    return _matching(parameters, "RoleArn", _ROLE_ARN)


def role_session_name(parameters: Parameters) -> str:
    return _matching(parameters, "RoleSessionName", _SESSION_NAME)


def external_id(parameters: Parameters) -> str:
    return _matching(parameters, "ExternalId", _EXTERNAL_ID)


def oidc_token(parameters: Parameters) -> str:
    return _matching(parameters, "OIDCToken", _OIDC_TOKEN)


def source_identity(parameters: Parameters) -> str:
    return _matching(parameters, "SourceIdentity", _SOURCE_IDENTITY)


def duration_seconds(parameters: Parameters, *, maximum: int) -> int:
    """Return the requested duration: 900 seconds to ``maximum``, by default one hour.

    :raises StsError: outside of that, or when it is no number.
    """
    value = parameters.get("DurationSeconds", str(DEFAULT_DURATION))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not MIN_DURATION <= int(value) <= maximum:
        raise refusal("InvalidParameter.DurationSeconds")
    return int(value)


def session_policy(parameters: Parameters) -> tuple[Statement, ...] | None:
    """Return the policy that narrows the session, if one is given.

    :raises StsError: when it is too long or not a policy.
    """
    text = parameters.get("Policy")
    if text is None:
        return None
    if len(text) > _POLICY_LIMIT:
        raise refusal("InvalidParameter.PolicySize")
    try:
        return parse_policy(json.loads(text))
    except ValueError:
        raise refusal("InvalidParameter.PolicyGrammar") from None
