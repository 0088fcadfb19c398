# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test STS: identities, chains, and every error in its order."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator.clock import iso_time
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.unit.emulator.client import (
    DEPLOY,
    EXTERNAL_ID,
    HUB,
    INACTIVE,
    INTERN,
    LOCKED,
    LONG,
    NAMED,
    ROOT,
    SPOKE,
    TARGET,
    Client,
    Reply,
    new_client,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
ALLOW_ALL = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def as_key(client: Client, key: tuple[str, str]) -> Client:
    return dataclasses.replace(client, access_key_id=key[0], access_key_secret=key[1])


def chain(client: Client) -> Client:
    """Return the demo world's three hops."""
    return client.hop(HUB).hop(SPOKE, ExternalId=EXTERNAL_ID).hop(TARGET)


def test_answer_of_assume_role(client: Client, core: Core) -> None:
    core.clock.freeze(NOW)
    reply = client.assume(HUB, DurationSeconds="900")
    body = reply.body
    assert reply.status == 200 and reply.headers["x-acs-request-id"] == body["RequestId"]
    assert reply.headers["Date"] == "Wed, 04 Mar 2026 05:06:07 GMT"
    assert list(body) == ["RequestId", "AssumedRoleUser", "Credentials"]
    assert body["AssumedRoleUser"]["Arn"] == f"{HUB}/tester"
    assert body["AssumedRoleUser"]["AssumedRoleId"].endswith(":tester")
    assert body["Credentials"]["Expiration"] == "2026-03-04T05:21:07Z"
    assert body["Credentials"]["AccessKeyId"].startswith("STS.")
    assert body["RequestId"] == body["RequestId"].upper() and len(body["RequestId"]) == 36


def test_shape_of_a_refusal(client: Client) -> None:
    reply = client.assume(LOCKED)
    assert {"RequestId", "HostId", "Code", "Message", "Recommend"} < set(reply.body)
    assert reply.body["HostId"] == "sts.aliyuncs.com"
    assert reply.headers["x-acs-request-id"] == reply.body["RequestId"]
    detail = reply.body["AccessDeniedDetail"]
    assert detail["AuthAction"] == "sts:AssumeRole"
    assert detail["EncodedDiagnosticMessage"]
    assert (
        detail["AuthPrincipalType"] == "SubUser" and detail["AuthPrincipalDisplayName"] == "deploy"
    )
    assert (
        detail["PolicyType"] == "AssumeRolePolicy" and detail["NoPermissionType"] == "ImplicitDeny"
    )


def test_three_hops_and_who_one_is_then(client: Client) -> None:
    body = chain(client).call("GetCallerIdentity").body
    assert body["IdentityType"] == "AssumedRoleUser" and body["AccountId"] == "1300000000000003"
    assert body["Arn"] == "acs:ram::1300000000000003:assumed-role/target/tester"
    assert body["PrincipalId"] == f"{body['RoleId']}:tester" and "UserId" not in body


@pytest.mark.parametrize(
    ("key", "kind", "arn"),
    [
        (DEPLOY, "RAMUser", "acs:ram::1100000000000001:user/deploy"),
        (ROOT, "Account", "acs:ram::1100000000000001:root"),
    ],
)
def test_identity_of_a_long_lived_key(
    client: Client, key: tuple[str, str], kind: str, arn: str
) -> None:
    body = as_key(client, key).call("GetCallerIdentity").body
    assert (body["IdentityType"], body["Arn"]) == (kind, arn)
    assert body["PrincipalId"] == body["UserId"] and "RoleId" not in body


def test_format_decides_about_json(client: Client) -> None:
    reply = client.call_v1("GetCallerIdentity", Format="XML")
    assert reply.status == 200
    assert "<GetCallerIdentityResponse><RequestId>" in reply.text
    assert "<Code>Missing" in client.get("/?Action=GetCallerIdentity&Version=2015-04-01").text


def tampered_token(client: Client) -> Client:
    return dataclasses.replace(client, security_token=client.security_token[:-1] + "A")


def expired(client: Client) -> Client:
    client.clock.advance(3600)
    return client


def foreign_token(client: Client) -> Client:
    other = client.hop(HUB)
    return dataclasses.replace(client.hop(HUB), security_token=other.security_token)


def v1(client: Client, **parameters: str) -> Reply:
    return client.call_v1("GetCallerIdentity", **parameters)


def v3(client: Client, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.send(client.v3_request("GetCallerIdentity", {}, headers=names))


def at(client: Client, seconds: int) -> str:
    return iso_time(client.clock.now() + timedelta(seconds=seconds))


REFUSALS: dict[str, tuple[Callable[[Client], Reply], int, str]] = {
    "method": (lambda c: c.plain("PUT", "/?Format=JSON"), 405, "UnsupportedHTTPMethod"),
    "content type": (
        lambda c: c.plain("POST", "/?Format=JSON", b"x", content_type="text/plain"),
        400,
        "InvalidParameter.ContentType",
    ),
    "v1 no action": (lambda c: v1(c, Action="(absent)"), 400, "MissingAction"),
    "v1 no version": (lambda c: v1(c, Version="(absent)"), 400, "MissingVersion"),
    "v1 no key": (lambda c: v1(c, AccessKeyId="(absent)"), 400, "MissingAccessKeyId"),
    "v1 no signature": (lambda c: v1(c, Signature="(none)"), 400, "IncompleteSignature"),
    "v1 no time": (lambda c: v1(c, Timestamp="(absent)"), 400, "MissingTimestamp"),
    "v1 no nonce": (lambda c: v1(c, SignatureNonce="(absent)"), 400, "MissingSignatureNonce"),
    "v1 no method": (lambda c: v1(c, SignatureMethod="(absent)"), 400, "MissingSignatureMethod"),
    "v3 no action": (lambda c: v3(c, x_acs_action="(absent)"), 400, "MissingAction"),
    "v3 no version": (lambda c: v3(c, x_acs_version="(absent)"), 400, "MissingVersion"),
    "v3 no time": (lambda c: v3(c, x_acs_date="(absent)"), 400, "MissingTimestamp"),
    "v3 no nonce": (
        lambda c: v3(c, x_acs_signature_nonce="(absent)"),
        400,
        "MissingSignatureNonce",
    ),
    "v3 broken authorization": (
        lambda c: c.plain(
            "POST",
            "/",
            authorization="ACS3-HMAC-SHA256 x",
            x_acs_action="GetCallerIdentity",
            x_acs_version="2015-04-01",
        ),
        400,
        "IncompleteSignature",
    ),
    "v3 no authorization": (
        lambda c: c.plain("POST", "/", x_acs_action="AssumeRole", x_acs_version="2015-04-01"),
        400,
        "IncompleteSignature",
    ),
    "unknown action": (lambda c: c.call("DeleteEverything"), 404, "InvalidAction.NotFound"),
    "unknown version": (lambda c: v1(c, Version="2014-01-01"), 400, "InvalidVersion"),
    "unknown key": (
        lambda c: as_key(c, ("LTAI5tEXAMPLEnobody", "x")).call("GetCallerIdentity"),
        404,
        "InvalidAccessKeyId.NotFound",
    ),
    "inactive key": (
        lambda c: as_key(c, INACTIVE).call("GetCallerIdentity"),
        400,
        "InvalidAccessKeyId.Inactive",
    ),
    "v1 other method": (
        lambda c: v1(c, SignatureMethod="HMAC-SHA256"),
        400,
        "InvalidSignatureMethod",
    ),
    "v1 other signature version": (
        lambda c: v1(c, SignatureVersion="2.0"),
        400,
        "InvalidSignatureMethod",
    ),
    "v1 malformed time": (
        lambda c: v1(c, Timestamp="2026-03-04 05:06:07"),
        400,
        "InvalidTimeStamp.Format",
    ),
    "v3 malformed time": (lambda c: v3(c, x_acs_date="now"), 400, "InvalidTimeStamp.Format"),
    "late": (lambda c: v1(c, Timestamp=at(c, -902)), 400, "InvalidTimeStamp.Expired"),
    "early": (lambda c: v3(c, x_acs_date=at(c, 902)), 400, "InvalidTimeStamp.Expired"),
    "wrong secret v1": (
        lambda c: v1(as_key(c, (DEPLOY[0], "x"))),
        400,
        "SignatureDoesNotMatch",
    ),
    "wrong secret v3": (
        lambda c: v3(as_key(c, (DEPLOY[0], "x"))),
        400,
        "SignatureDoesNotMatch",
    ),
    "session without token": (
        lambda c: v3(dataclasses.replace(c.hop(HUB), security_token="")),
        400,
        "MissingSecurityToken",
    ),
    "unknown token": (
        lambda c: v3(tampered_token(c.hop(HUB))),
        400,
        "InvalidSecurityToken.Malformed",
    ),
    "token of another session": (
        lambda c: v3(foreign_token(c)),
        400,
        "InvalidSecurityToken.MismatchWithAccessKey",
    ),
    "token with a long-lived key": (
        lambda c: v1(dataclasses.replace(c, security_token=c.hop(HUB).security_token)),
        400,
        "InvalidSecurityToken.MismatchWithAccessKey",
    ),
    "expired": (lambda c: v3(expired(c.hop(HUB))), 400, "InvalidSecurityToken.Expired"),
    "no role": (lambda c: c.call("AssumeRole", RoleSessionName="me"), 400, "MissingRoleArn"),
    "no session name": (lambda c: c.call("AssumeRole", RoleArn=HUB), 400, "MissingRoleSessionName"),
    "role ARN that may be": (
        lambda c: c.assume("acs:ram::1100000000000001:role/a_b"),
        404,
        "EntityNotExist.Role",
    ),
    "role ARN": (lambda c: c.assume("arn:aws:iam::1:role/x"), 400, "InvalidParameter.RoleArn"),
    "session name": (
        lambda c: c.call("AssumeRole", RoleArn=HUB, RoleSessionName="x"),
        400,
        "InvalidParameter.RoleSessionName",
    ),
    "short": (
        lambda c: c.assume(HUB, DurationSeconds="899"),
        400,
        "InvalidParameter.DurationSeconds",
    ),
    "above the role's maximum": (
        lambda c: c.assume(HUB, DurationSeconds="3601"),
        400,
        "InvalidParameter.DurationSeconds",
    ),
    "no number": (
        lambda c: c.assume(HUB, DurationSeconds="1e3"),
        400,
        "InvalidParameter.DurationSeconds",
    ),
    "long policy": (
        lambda c: c.assume(HUB, Policy=json.dumps(ALLOW_ALL) + " " * 2048),
        400,
        "InvalidParameter.PolicySize",
    ),
    "policy not JSON": (lambda c: c.assume(HUB, Policy="{"), 400, "InvalidParameter.PolicyGrammar"),
    "policy of another version": (
        lambda c: c.assume(HUB, Policy=json.dumps({**ALLOW_ALL, "Version": "2012-10-17"})),
        400,
        "InvalidParameter.PolicyGrammar",
    ),
    "external ID": (lambda c: c.assume(HUB, ExternalId="a b"), 400, "InvalidParameter.ExternalId"),
    "long external ID": (
        lambda c: c.assume(HUB, ExternalId="x" * 1225),
        400,
        "InvalidParameter.ExternalId",
    ),
    "source identity": (
        lambda c: c.assume(HUB, SourceIdentity="acs:me"),
        400,
        "InvalidParameter.SourceIdentity",
    ),
    "root": (lambda c: as_key(c, ROOT).assume(HUB), 403, "NoPermission"),
    "unknown role": (lambda c: c.assume(HUB + "s"), 404, "EntityNotExist.Role"),
    "no grant": (lambda c: as_key(c, INTERN).assume(HUB), 403, "NoPermission"),
    "no trust": (lambda c: c.assume(SPOKE, ExternalId=EXTERNAL_ID), 403, "NoPermission"),
    "trust in a service": (lambda c: c.assume(LOCKED), 403, "NoPermission"),
    "no external ID": (lambda c: c.hop(HUB).assume(SPOKE), 403, "NoPermission"),
    "wrong external ID": (
        lambda c: c.hop(HUB).assume(SPOKE, ExternalId=EXTERNAL_ID + "0"),
        403,
        "NoPermission",
    ),
    "hop that is not granted": (lambda c: c.hop(HUB).assume(TARGET), 403, "NoPermission"),
    "hop without condition": (lambda c: c.hop(HUB).assume(NAMED), 403, "NoPermission"),
}


@pytest.mark.parametrize(("ask", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_refusal(
    client: Client, core: Core, ask: Callable[[Client], Reply], status: int, code: str
) -> None:
    core.clock.freeze(NOW)
    reply = ask(client)
    if reply.text.startswith("<?xml"):
        assert (reply.status, f"<Code>{code}</Code>" in reply.text) == (status, True)
    else:
        assert reply.outcome == (status, code)
    assert core.journal.entries()[-1]["code"] == code


def test_root_is_told_so(client: Client) -> None:
    body = as_key(client, ROOT).assume(HUB).body
    assert body["Message"] == "Roles may not be assumed by root accounts."


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        # Each list is one call with several faults: the first check in the order decides.
        (["key", "time", "signature", "RoleArn"], "InvalidAccessKeyId.NotFound"),
        (["inactive", "time", "signature"], "InvalidAccessKeyId.Inactive"),
        (["time", "signature", "RoleArn"], "InvalidTimeStamp.Expired"),
        (["signature", "token", "RoleArn"], "SignatureDoesNotMatch"),
        (["token", "RoleArn"], "InvalidSecurityToken.Malformed"),
        (["RoleArn", "RoleSessionName"], "InvalidParameter.RoleArn"),
        (["RoleSessionName", "DurationSeconds"], "InvalidParameter.RoleSessionName"),
        (["DurationSeconds", "Policy"], "InvalidParameter.DurationSeconds"),
        (["Policy", "ExternalId"], "InvalidParameter.PolicyGrammar"),
        (["ExternalId", "SourceIdentity"], "InvalidParameter.ExternalId"),
        (["SourceIdentity", "root"], "InvalidParameter.SourceIdentity"),
        (["root", "role"], "NoPermission"),
    ],
)
def test_order_of_checks(client: Client, what: list[str], expected: str) -> None:
    changes: dict[str, dict[str, str]] = {
        "key": {"access_key_id": "LTAI5tEXAMPLEnobody"},
        "inactive": {"access_key_id": INACTIVE[0], "access_key_secret": INACTIVE[1]},
        "root": {"access_key_id": ROOT[0], "access_key_secret": ROOT[1]},
        "signature": {"access_key_secret": "wrong"},
        "token": {"security_token": "CAISwrong"},
    }
    for fault in what:
        client = dataclasses.replace(client, **changes.get(fault, {}))  # type: ignore[arg-type]
    query = {"RoleArn": HUB + "s" * ("role" in what), "RoleSessionName": "tester"}
    query |= {name: "?" for name in what if name[0].isupper()}
    late = {"x-acs-date": at(client, -5000)} if "time" in what else {}
    reply = client.send(client.v3_request("AssumeRole", query, headers=late))
    assert reply.body["Code"] == expected


def test_nonce_serves_once_and_only_when_the_signature_was_right(client: Client) -> None:
    nonce = {"x-acs-signature-nonce": "0123456789abcdef"}
    wrong = dataclasses.replace(client, access_key_secret="wrong")
    request = wrong.v3_request("GetCallerIdentity", {}, headers=nonce)
    assert client.send(request).body["Code"] == "SignatureDoesNotMatch"
    request = client.v3_request("GetCallerIdentity", {}, headers=nonce)
    assert client.send(request).status == 200
    assert client.send(request).outcome == (400, "SignatureNonceUsed")
    root = as_key(client, ROOT)
    assert root.send(root.v3_request("GetCallerIdentity", {}, headers=nonce)).status == 200


def test_nonce_may_serve_again_when_no_request_can_be_repeated(client: Client, core: Core) -> None:
    core.clock.freeze(NOW)
    outcomes = []
    for seconds in (0, 1800, 1):
        core.clock.advance(seconds)
        outcomes.append(v1(client, SignatureNonce="0123456789abcdef").status)
    assert outcomes == [200, 400, 200]


@pytest.mark.parametrize("seconds", [-900, 900])
def test_time_within_the_window(client: Client, core: Core, seconds: int) -> None:
    core.clock.freeze(NOW)
    assert v1(client, Timestamp=at(client, seconds)).status == 200


def test_session_ends_at_its_expiration(client: Client, core: Core) -> None:
    core.clock.freeze(NOW)
    session = client.hop(HUB, DurationSeconds="900")
    core.clock.advance(899)
    assert session.call("GetCallerIdentity").status == 200
    later = session.hop(SPOKE, ExternalId=EXTERNAL_ID)
    core.clock.advance(1)
    assert session.call("GetCallerIdentity").body["Code"] == "InvalidSecurityToken.Expired"
    assert later.call("GetCallerIdentity").status == 200


def test_old_session_stays_valid_beside_a_new_one(client: Client) -> None:
    old, new = client.hop(HUB), client.hop(HUB)
    assert old.access_key_id != new.access_key_id
    assert {c.call("GetCallerIdentity").status for c in (old, new)} == {200}


def test_role_with_a_long_maximum(client: Client) -> None:
    assert client.assume(LONG, DurationSeconds="43200").status == 200
    assert client.assume(LONG, DurationSeconds="43201").status == 400


def test_cap_for_chained_sessions_is_a_switch(
    client: Client, core: Core, demo: dict[str, Any]
) -> None:
    demo["accounts"]["1200000000000002"]["roles"]["spoke"]["max_session_duration"] = 43200
    client, core = new_client(demo)
    long = client.hop(LONG, DurationSeconds="43200")
    wanted = {"ExternalId": EXTERNAL_ID, "DurationSeconds": "7200"}
    assert long.assume(SPOKE, **wanted).status == 200
    core.switches.chained_duration_cap = True
    assert long.assume(SPOKE, **wanted).body["Code"] == "InvalidParameter.DurationSeconds"
    assert client.assume(LONG, DurationSeconds="43200").status == 200


def test_session_policy_narrows_the_next_hop(client: Client) -> None:
    deny = {"Effect": "Deny", "Action": "sts:*", "Resource": SPOKE}
    policies = [ALLOW_ALL, {**ALLOW_ALL, "Statement": [*ALLOW_ALL["Statement"], deny]}]
    free, bound = (client.hop(HUB, Policy=json.dumps(policy)) for policy in policies)
    assert free.assume(SPOKE, ExternalId=EXTERNAL_ID).status == 200
    reply = bound.assume(SPOKE, ExternalId=EXTERNAL_ID)
    assert reply.status == 403
    assert reply.body["AccessDeniedDetail"]["NoPermissionType"] == "ExplicitDeny"
    assert reply.body["AccessDeniedDetail"]["PolicyType"] == "SessionPolicy"


def test_source_identity_persists_and_cannot_change(client: Client, demo: dict[str, Any]) -> None:
    roles = demo["accounts"]["1100000000000001"]["roles"]
    roles["hub"]["grants"] = roles["named"]["grants"] = ["*"]
    client, _core = new_client(demo)
    reply = client.assume(HUB, SourceIdentity="alice.b")
    assert reply.body["SourceIdentity"] == "alice.b"
    session = client.using(reply.body["Credentials"])
    assert "SourceIdentity" not in session.assume(NAMED).body
    assert session.assume(NAMED, SourceIdentity="alice.b").status == 200
    assert session.hop(NAMED).hop(NAMED).call("GetCallerIdentity").status == 200
    assert session.assume(NAMED, SourceIdentity="alice.c").outcome == (403, "NoPermission")
    assert client.hop(HUB).assume(NAMED).outcome == (403, "NoPermission")


def test_rate_limit_counts_per_second_and_account(client: Client, core: Core) -> None:
    core.clock.freeze(NOW)
    core.switches.rate_limit = 2
    session = client.hop(HUB)
    outcomes = [c.call("GetCallerIdentity").outcome for c in (client, session, client)]
    assert outcomes == [(200, "OK"), (200, "OK"), (400, "Throttling.User")]
    assert client.assume(HUB).status == 200
    core.clock.advance(1)
    assert client.call("GetCallerIdentity").status == 200


def test_unknown_parameters_are_noted_and_refused_when_strict(client: Client, core: Core) -> None:
    assert client.assume(HUB, Tags="x").status == 200
    assert core.journal.entries()[-1]["unknown_parameters"] == ["Tags"]
    core.switches.strict = True
    assert client.assume(HUB, Tags="x").outcome == (400, "InvalidParameter.Tags")


def test_journal_tells_much_and_holds_no_secret(client: Client, core: Core) -> None:
    client = chain(client)
    client.call_v1("GetCallerIdentity")
    first, second, third, last = core.journal.entries()
    assert [entry["number"] for entry in (first, last)] == [1, 4]
    assert (first["action"], first["signature"], first["code"]) == ("AssumeRole", "v3", "OK")
    assert (second["role_arn"], second["token_place"]) == (SPOKE, "header")
    assert (last["signature"], last["token_place"]) == ("v1", "query")
    assert third["security_token"].startswith("sha256:")
    assert third["security_token"] not in (second["security_token"], last["security_token"])
    text = json.dumps(core.journal.entries())
    for session in core.state.sessions.values():
        assert session.access_key_secret not in text
        assert session.security_token and session.security_token[:20] not in text
    assert DEPLOY[1] not in text and EXTERNAL_ID not in text
