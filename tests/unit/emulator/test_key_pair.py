# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GenerateSessionAccessKey: signed with RSA, answered with a key that needs no token."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable

import pytest
from ansible_collections.aliyun.cli.tests.unit.emulator.client import (
    HUB,
    Client,
    Reply,
    encode,
    query_of,
)
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

RSA = {"SignatureMethod": "SHA256withRSA", "SignatureType": "PRIVATEKEY"}
ACTION = "GenerateSessionAccessKey"


def ask(client: Client, key: RSAPrivateKey, action: str = ACTION, **parameters: str) -> Reply:
    values = client.v1_parameters(action, {**RSA, **parameters})
    signed = f"GET&%2F&{encode(query_of(sorted(values.items())))}"
    raw = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    values["Signature"] = base64.b64encode(raw).decode()
    return client.get("/?" + query_of(list(values.items())))


@pytest.fixture
def pair(client: Client) -> tuple[Client, RSAPrivateKey]:
    identity = "acs:ram::1100000000000001:user/deploy"
    pem = client.control("key-pair", id="pk-1", identity=identity).body["private_key"]
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return dataclasses.replace(client, access_key_id="pk-1"), key


def test_session_key_works_without_a_token(pair: tuple[Client, RSAPrivateKey]) -> None:
    client, key = pair
    session = ask(client, key, DurationSeconds="900").body["SessionAccessKey"]
    user = dataclasses.replace(
        client,
        access_key_id=session["SessionAccessKeyId"],
        access_key_secret=session["SessionAccessKeySecret"],
    )
    assert user.call("GetCallerIdentity").body["IdentityType"] == "RAMUser"
    assert user.hop(HUB).call("GetCallerIdentity").status == 200
    client.clock.advance(900)
    assert user.call("GetCallerIdentity").body["Code"] == "InvalidSecurityToken.Expired"


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (lambda c, k: ask(c, k, Timestamp="2020-01-01T00:00:00Z"), "InvalidTimeStamp.Expired"),
        (lambda c, k: ask(c, k, DurationSeconds="3601"), "InvalidParameter.DurationSeconds"),
        (lambda c, k: ask(c, k, SignatureType=""), "InvalidSignatureMethod"),
        (lambda c, k: ask(c, k, "GetCallerIdentity"), "InvalidSignatureMethod"),
        (lambda c, k: c.call_v1(ACTION), "InvalidSignatureMethod"),
        (lambda c, k: c.call_v1(ACTION, **RSA), "SignatureDoesNotMatch"),
    ],
)
def test_refusals(
    pair: tuple[Client, RSAPrivateKey], refused: Callable[[Client, RSAPrivateKey], Reply], code: str
) -> None:
    assert refused(*pair).outcome == (400, code)


def test_key_pair_belongs_to_a_user(client: Client) -> None:
    assert client.control("key-pair", id="x", identity=HUB).status == 400
