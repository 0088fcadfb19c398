# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``alibabacloud_sts20150401``, unchanged: accepted when right, refused when one byte is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from alibabacloud_sts20150401.client import Client
from alibabacloud_sts20150401.models import AssumeRoleRequest, AssumeRoleWithOIDCRequest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from ansible_collections.aliyun.cli.tests.conformance.world import (
    EXTERNAL_ID,
    HUB,
    INACTIVE,
    KEY_ID,
    LONG,
    PIPELINE,
    POLICY,
    PROVIDER,
    SECRET,
    SPOKE,
    TARGET,
    other_byte,
    session_arn,
)
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from darabonba.runtime import ExtendsParameters, RuntimeOptions

NewClient = Callable[..., Client]


def assume(client: Client, role_arn: str, **values: Any) -> Any:
    request = AssumeRoleRequest(role_arn=role_arn, role_session_name="sdk", **values)
    return client.assume_role(request).body


def keys(credentials: Any) -> tuple[str, str, str]:
    return credentials.access_key_id, credentials.access_key_secret, credentials.security_token


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises((ClientException, ServerException)) as caught:
        call()
    return caught.value.status_code, caught.value.code


def test_three_hops(emulator: Emulator, new_client: NewClient, protocol: str) -> None:
    client = new_client(KEY_ID, SECRET, protocol=protocol)
    for role, external_id in ((HUB, None), (SPOKE, EXTERNAL_ID), (TARGET, None)):
        body = assume(client, role, external_id=external_id, duration_seconds=900)
        assert body.assumed_role_user.arn == f"{role}/sdk"
        client = new_client(*keys(body.credentials), protocol=protocol)
    assert client.get_caller_identity().body.arn == session_arn(TARGET, "sdk")
    calls = emulator.journal
    assert {call["code"] for call in calls} == {"OK"} and {call["signature"] for call in calls} == {
        "v3"
    }
    assert [call["token_place"] for call in calls] == ["", "header", "header", "header"]
    assert {call["scheme"] for call in calls} == {protocol}
    assert len({call["connection"] for call in calls}) == 1


def test_every_parameter(new_client: NewClient) -> None:
    policy = POLICY.replace(":", ": ")
    body = assume(
        new_client(KEY_ID, SECRET),
        LONG,
        duration_seconds=43200,
        policy=policy,
        external_id="=,.@:/-_Az09",
        source_identity="alice@example.com",
    )
    assert body.source_identity == "alice@example.com"


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ((KEY_ID, other_byte(SECRET)), 400, "SignatureDoesNotMatch"),
        ((other_byte(KEY_ID), SECRET), 404, "InvalidAccessKeyId.NotFound"),
        (INACTIVE, 400, "InvalidAccessKeyId.Inactive"),
    ],
)
def test_wrong_key(
    new_client: NewClient, protocol: str, key: tuple[str, str], status: int, code: str
) -> None:
    client = new_client(*key, protocol=protocol)
    assert refusal(client.get_caller_identity) == (status, code)


@pytest.mark.parametrize("position", [0, 100, -1])
def test_wrong_token(new_client: NewClient, protocol: str, position: int) -> None:
    session = assume(new_client(KEY_ID, SECRET), HUB).credentials
    key_id, secret, token = keys(session)
    client = new_client(key_id, secret, other_byte(token, position), protocol=protocol)
    assert refusal(client.get_caller_identity) == (400, "InvalidSecurityToken.Malformed")
    client = new_client(key_id, other_byte(secret), token, protocol=protocol)
    assert refusal(client.get_caller_identity) == (400, "SignatureDoesNotMatch")
    client = new_client(key_id, secret, protocol=protocol)
    assert refusal(client.get_caller_identity) == (400, "MissingSecurityToken")


def test_wrong_external_id(new_client: NewClient) -> None:
    hub = new_client(*keys(assume(new_client(KEY_ID, SECRET), HUB).credentials))
    for wrong in (None, other_byte(EXTERNAL_ID)):
        assert refusal(partial(assume, hub, SPOKE, external_id=wrong)) == (403, "NoPermission")


def test_denial_has_its_details(new_client: NewClient) -> None:
    with pytest.raises(ClientException) as caught:
        assume(new_client(KEY_ID, SECRET), SPOKE, external_id=EXTERNAL_ID)
    detail = caught.value.access_denied_detail
    assert (detail["AuthAction"], detail["PolicyType"]) == ("sts:AssumeRole", "AssumeRolePolicy")


@pytest.mark.parametrize("seconds", [-905, 905])
def test_wrong_clock(emulator: Emulator, new_client: NewClient, seconds: int) -> None:
    emulator.clock.shift(seconds)
    client = new_client(KEY_ID, SECRET)
    assert refusal(client.get_caller_identity) == (400, "InvalidTimeStamp.Expired")


def test_expired_session(emulator: Emulator, new_client: NewClient) -> None:
    client = new_client(KEY_ID, SECRET)
    session = new_client(*keys(assume(client, HUB, duration_seconds=900).credentials))
    assert session.get_caller_identity().status_code == 200
    # The session ends by the emulator's clock, which has to stay near that of the client.
    emulator.clock.shift(-600)
    old = new_client(*keys(assume(client, HUB, duration_seconds=900).credentials))
    emulator.clock.shift(301)
    assert refusal(old.get_caller_identity) == (400, "InvalidSecurityToken.Expired")


def test_replayed_nonce(new_client: NewClient, protocol: str) -> None:
    client = new_client(KEY_ID, SECRET, protocol=protocol)
    nonce = ExtendsParameters(headers={"x-acs-signature-nonce": "0123456789abcdef"})
    runtime = RuntimeOptions(extends_parameters=nonce)
    assert client.get_caller_identity_with_options(runtime).status_code == 200
    again = refusal(lambda: client.get_caller_identity_with_options(runtime))
    assert again == (400, "SignatureNonceUsed")


def federate(client: Client, token: str) -> Any:
    request = AssumeRoleWithOIDCRequest(
        role_arn=PIPELINE,
        role_session_name="sdk",
        oidcprovider_arn=PROVIDER,
        oidctoken=token,
        duration_seconds=900,
    )
    return client.assume_role_with_oidc(request).body


def test_oidc(emulator: Emulator, new_client: NewClient, protocol: str) -> None:
    client = new_client(KEY_ID, SECRET, protocol=protocol)
    body = federate(client, emulator.oidc_token())
    assert body.oidctoken_info.issuer == "https://oidc.ci.example.com"
    session = new_client(*keys(body.credentials), protocol=protocol)
    assert session.get_caller_identity().body.arn == session_arn(PIPELINE, "sdk")


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ("signature", "AuthenticationFail.OIDCToken.InvalidSignature"),
        ("expired", "AuthenticationFail.OIDCToken.Expired"),
        ("audience", "AuthenticationFail.OIDCToken.AudienceNotMatch"),
    ],
)
def test_flawed_oidc_token(emulator: Emulator, new_client: NewClient, flaw: str, code: str) -> None:
    token = emulator.oidc_token(flaw=flaw)
    assert refusal(lambda: federate(new_client(KEY_ID, SECRET), token)) == (401, code)


def test_failing_server(emulator: Emulator, new_client: NewClient) -> None:
    emulator.add_fault("internal_error")
    client = new_client(KEY_ID, SECRET)
    assert refusal(client.get_caller_identity) == (500, "InternalError")
    assert client.get_caller_identity().status_code == 200
