# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RAM policy documents: grammar and decision, for trust, permission and session policies."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

Context = Mapping[str, str]


class Decision(Enum):
    """Decision of a policy about one request. The values are those of ``NoPermissionType``."""

    ALLOW = "Allow"
    IMPLICIT = "ImplicitDeny"
    EXPLICIT = "ExplicitDeny"


@dataclass(frozen=True)
class Principal:
    """Caller: a RAM identity (and its account), or a federated identity provider."""

    kind: str
    arn: str
    account_id: str = ""


@dataclass(frozen=True)
class Statement:
    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...] | None
    principals: Mapping[str, tuple[str, ...]] | None
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]


def _like(pattern: str, value: str) -> bool:
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, value, re.DOTALL) is not None


def _in_network(network: str, value: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "IpAddress": _in_network,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    # Moments are compared as text: both sides are UTC in the one form that STS uses.
    "DateLessThan": lambda wanted, value: value < wanted,
    "DateGreaterThan": lambda wanted, value: value > wanted,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NotIpAddress": "IpAddress",
}


def _texts(value: object, what: str) -> tuple[str, ...]:
    items: list[Any] = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, (str, bool)) for item in items):
        raise ValueError(f"{what} must be a text or a list of texts")
    return tuple(str(item).lower() if isinstance(item, bool) else item for item in items)


def _conditions(value: object) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("Condition must be a mapping")
    found = []
    for operator, keys in value.items():
        if operator not in _OPERATORS and operator not in _NEGATED:
            raise ValueError(f"unknown condition operator {operator}")
        if not isinstance(keys, dict):
            raise ValueError(f"condition {operator} must be a mapping")
        found += [(operator, key, _texts(wanted, key)) for key, wanted in keys.items()]
    return tuple(found)


def _principals(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value or set(value) - {"RAM", "Service", "Federated"}:
        raise ValueError("Principal must name RAM, Service or Federated")
    return {kind: _texts(names, kind) for kind, names in value.items()}


def _statement(value: object, *, trust: bool) -> Statement:
    subject = "Principal" if trust else "Resource"
    if not isinstance(value, dict) or set(value) - {"Effect", "Action", subject, "Condition"}:
        raise ValueError(f"a statement has Effect, Action, {subject} and Condition")
    if value.get("Effect") not in ("Allow", "Deny"):
        raise ValueError("Effect must be Allow or Deny")
    if "Action" not in value or subject not in value:
        raise ValueError(f"a statement needs Action and {subject}")
    return Statement(
        allow=value["Effect"] == "Allow",
        actions=_texts(value["Action"], "Action"),
        resources=None if trust else _texts(value["Resource"], "Resource"),
        principals=_principals(value["Principal"]) if trust else None,
        conditions=_conditions(value.get("Condition", {})),
    )


def parse_policy(document: object, *, trust: bool = False) -> tuple[Statement, ...]:
    """Return the statements of a policy document, version 1.

    :raises ValueError: when the document breaks the grammar.
    """
    if not isinstance(document, dict) or set(document) - {"Version", "Statement"}:
        raise ValueError("a policy has Version and Statement")
    if document.get("Version") != "1":
        raise ValueError("Version must be 1")
    statements: Any = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise ValueError("Statement must be a list")
    return tuple(_statement(statement, trust=trust) for statement in statements)


def _holds(operator: str, wanted: Sequence[str], value: str | None) -> bool:
    positive = _NEGATED.get(operator, operator)
    matched = value is not None and any(_OPERATORS[positive](item, value) for item in wanted)
    return matched is (operator not in _NEGATED)


def _names(statement: Statement, principal: Principal) -> bool:
    names = (statement.principals or {}).get(principal.kind, ())
    root = f"acs:ram::{principal.account_id}:root"
    return any(name in ("*", principal.arn) or (name == root) for name in names)


def _concerns(
    statement: Statement, *, action: str, resource: str, principal: Principal, context: Context
) -> bool:
    if not any(_like(pattern.lower(), action.lower()) for pattern in statement.actions):
        return False
    if statement.resources is not None:
        if not any(_like(pattern, resource) for pattern in statement.resources):
            return False
    elif not _names(statement, principal):
        return False
    return all(_holds(op, wanted, context.get(key)) for op, key, wanted in statement.conditions)


def decide(
    statements: Sequence[Statement],
    *,
    action: str,
    resource: str,
    principal: Principal,
    context: Context,
) -> Decision:
    """Return the decision of the statements: a matching Deny beats every Allow, and no match denies."""
    effects = [
        statement.allow
        for statement in statements
        if _concerns(
            statement, action=action, resource=resource, principal=principal, context=context
        )
    ]
    if False in effects:
        return Decision.EXPLICIT
    return Decision.ALLOW if effects else Decision.IMPLICIT
