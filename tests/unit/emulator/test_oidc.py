# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AssumeRoleWithOIDC: real RS256 tokens, and every way to be refused."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.unit.emulator.client import (
    HUB,
    PIPELINE,
    PROVIDER,
    Client,
    Reply,
)
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

INVALID = "AuthenticationFail.OIDCToken.Invalid"


def mint(client: Client, **values: Any) -> str:
    reply = client.control("oidc-token", **values)
    assert reply.status == 200, reply.text
    return reply.text


def federate(client: Client, token: str, **changes: str) -> Reply:
    parameters = {
        "RoleArn": PIPELINE,
        "RoleSessionName": "pipeline",
        "OIDCProviderArn": PROVIDER,
        "OIDCToken": token,
        **changes,
    }
    form = "&".join(f"{k}={v}" for k, v in parameters.items()).encode()
    return client.plain(
        "POST",
        "/?Action=AssumeRoleWithOIDC&Version=2015-04-01&Format=JSON",
        form,
        content_type="application/x-www-form-urlencoded",
    )


def test_token_opens_the_role_and_the_next_hop(client: Client) -> None:
    reply = federate(client, mint(client), DurationSeconds="900")
    assert reply.body["OIDCTokenInfo"]["Subject"] == "repo:example/project"
    assert reply.body["AssumedRoleUser"]["Arn"] == f"{PIPELINE}/pipeline"
    body = client.using(reply.body["Credentials"]).hop(HUB).call("GetCallerIdentity").body
    assert body["Arn"] == "acs:ram::1100000000000001:assumed-role/hub/tester"


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ("algorithm", "AuthenticationFail.OIDCToken.InvalidSignature"),
        ("audience", "AuthenticationFail.OIDCToken.AudienceNotMatch"),
        ("expired", "AuthenticationFail.OIDCToken.Expired"),
        ("issuer", INVALID),
        ("not_yet", INVALID),
        ("signature", "AuthenticationFail.OIDCToken.InvalidSignature"),
        ("unsigned", "AuthenticationFail.OIDCToken.InvalidSignature"),
    ],
)
def test_flawed_token(client: Client, flaw: str, code: str) -> None:
    assert federate(client, mint(client, flaw=flaw)).outcome == (401, code)


@pytest.mark.parametrize("token", ["one.two", "a.b.c", "e30.W10.e30", "e30.e30.!"])
def test_not_a_token(client: Client, token: str) -> None:
    assert federate(client, token).body["Code"].startswith(INVALID)


def test_one_changed_byte_of_the_claims(client: Client) -> None:
    header, claims, signature = mint(client).split(".")
    changed = claims[:-1] + ("A" if claims[-1] != "A" else "B")
    outcome = federate(client, f"{header}.{changed}.{signature}").body["Code"]
    assert outcome in ("AuthenticationFail.OIDCToken.InvalidSignature", INVALID)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"OIDCProviderArn": "ci"}, 401, "AuthenticationFail.NoPermission"),
        ({"OIDCProviderArn": PROVIDER + "x"}, 401, "AuthenticationFail.NoPermission"),
        ({"RoleArn": PIPELINE + "x"}, 404, "EntityNotExist.Role"),
        ({"RoleArn": HUB}, 401, "AuthenticationFail.NoPermission"),
        ({"OIDCToken": ""}, 400, "MissingOIDCToken"),
        ({"OIDCToken": "a.b"}, 400, "InvalidParameter.OIDCToken"),
        ({"OIDCToken": "x" * 20001}, 400, "InvalidParameter.OIDCToken"),
        ({"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"),
    ],
)
def test_refusals(client: Client, changes: dict[str, str], status: int, code: str) -> None:
    assert federate(client, mint(client), **changes).outcome == (status, code)


def test_subject_must_fit_the_trust_policy(client: Client) -> None:
    token = mint(client, subject="repo:other/project")
    assert federate(client, token).outcome == (401, "AuthenticationFail.NoPermission")


def test_token_expires_by_the_emulators_clock(client: Client, core: Core) -> None:
    core.clock.freeze(datetime(2026, 1, 1, tzinfo=timezone.utc))
    token = mint(client, seconds=60)
    core.clock.advance(59)
    assert federate(client, token).status == 200
    core.clock.advance(1)
    assert federate(client, token).body["Code"] == "AuthenticationFail.OIDCToken.Expired"


def test_published_key_verifies_the_token(client: Client) -> None:
    def number(text: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")

    discovery = client.get("/.well-known/openid-configuration", host="127.0.0.1:1").body
    assert discovery["jwks_uri"] == "http://127.0.0.1:1/.well-known/jwks.json"
    (key,) = client.get("/.well-known/jwks.json").body["keys"]
    header, claims, signature = mint(client).split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["kid"] == key["kid"]
    RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key().verify(
        base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)),
        f"{header}.{claims}".encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )


@pytest.mark.parametrize("values", [{"flaw": "x"}, {"provider": "x"}, {"issuer": "x"}])
def test_minting_mistakes(client: Client, values: dict[str, str]) -> None:
    assert client.control("oidc-token", **values).status == 400
