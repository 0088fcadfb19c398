# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RAM policies: grammar, principals, conditions, and Deny over Allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator.policy import (
    Decision,
    Principal,
    decide,
    parse_policy,
)

ROLE = Principal("RAM", "acs:ram::1:role/a", "1")


def trust(**statement: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": "*"}}
    return {"Version": "1", "Statement": [{**base, **statement}]}


def verdict(
    document: object, principal: Principal = ROLE, context: Mapping[str, str] | None = None
) -> Decision:
    return decide(
        parse_policy(document, trust=True),
        action="sts:AssumeRole",
        resource="acs:ram::2:role/b",
        principal=principal,
        context=context or {},
    )


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("*", True),
        ("acs:ram::1:root", True),
        ("acs:ram::1:role/a", True),
        ("acs:ram::1:role/ab", False),
        ("acs:ram::1:user/a", False),
        ("acs:ram::2:root", False),
    ],
)
def test_principal(name: str, allowed: bool) -> None:
    assert (verdict(trust(Principal={"RAM": [name]})) is Decision.ALLOW) is allowed


def test_a_service_is_no_user_and_a_provider_no_account() -> None:
    assert verdict(trust(Principal={"Service": "*"})) is Decision.IMPLICIT
    provider = Principal("Federated", "acs:ram::1:oidc-provider/ci")
    assert verdict(trust(Principal={"RAM": "acs:ram:::root"}), provider) is Decision.IMPLICIT
    assert verdict(trust(Principal={"Federated": [provider.arn]}), provider) is Decision.ALLOW


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a", None, False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringEqualsIgnoreCase", "ab", "AB", True),
        ("StringNotEqualsIgnoreCase", "ab", "AB", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "a.c", "abc", False),
        ("StringNotLike", "a*", "b", True),
        ("IpAddress", "127.0.0.0/8", "127.0.0.1", True),
        ("IpAddress", ["10.0.0.0/8", "::1"], "127.0.0.1", False),
        ("NotIpAddress", "10.0.0.0/8", "127.0.0.1", True),
        ("Bool", True, "true", True),
        ("Bool", "true", "false", False),
        ("DateLessThan", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThan", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", False),
    ],
)
def test_condition(operator: str, wanted: object, value: str | None, holds: bool) -> None:
    context = {} if value is None else {"key": value}
    result = verdict(trust(Condition={operator: {"key": wanted}}), context=context)
    assert (result is Decision.ALLOW) is holds


def test_all_conditions_must_hold() -> None:
    document = trust(Condition={"StringEquals": {"a": "1", "b": "2"}})
    assert verdict(document, context={"a": "1", "b": "2"}) is Decision.ALLOW
    assert verdict(document, context={"a": "1", "b": "3"}) is Decision.IMPLICIT


def test_deny_beats_allow() -> None:
    document = trust()
    document["Statement"].append(trust(Effect="Deny")["Statement"][0])
    assert verdict(document) is Decision.EXPLICIT


def test_another_action_is_not_meant() -> None:
    assert verdict(trust(Action=["sts:GetCallerIdentity", "oss:*"])) is Decision.IMPLICIT
    assert verdict(trust(Action="STS:assume*")) is Decision.ALLOW


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"Version": "1"},
        {"Version": "1", "Statement": []},
        {"Version": 1, "Statement": trust()["Statement"]},
        {**trust(), "Id": "x"},
        trust(Effect="Maybe"),
        trust(Sid="x"),
        trust(Action=[]),
        trust(Action=[1]),
        trust(Principal="*"),
        trust(Principal={"AWS": "*"}),
        trust(Principal={}),
        trust(Condition=[]),
        trust(Condition={"StringEqual": {"a": "b"}}),
        trust(Condition={"StringEquals": "a"}),
        trust(Resource="*"),
    ],
)
def test_grammar(document: object) -> None:
    with pytest.raises(ValueError):
        parse_policy(document, trust=True)


def test_permissions_have_resources_and_no_principal() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "acs:ram::*:role/b*"}
    statements = parse_policy({"Version": "1", "Statement": statement})
    for resource, allowed in (("acs:ram::2:role/b1", True), ("acs:ram::2:role/a", False)):
        result = decide(statements, action="a:b", resource=resource, principal=ROLE, context={})
        assert (result is Decision.ALLOW) is allowed
    with pytest.raises(ValueError):
        parse_policy(trust())
