# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the verification against published requests, and against signers that make one mistake."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.aliyun.cli.tests.emulator import signature
from ansible_collections.aliyun.cli.tests.unit.emulator.client import V1, V3, Client, encode

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
POLICY = (
    '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:*", "Resource": "~é 阿+"}]}'
)

EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def _ids(kind: str) -> list[str]:
    return [vector["id"] for vector in VECTORS[kind]]


@pytest.mark.parametrize("vector", VECTORS["v1"], ids=_ids("v1"))
def test_v1_vector(vector: dict[str, Any]) -> None:
    pairs = [*vector["params"].items(), ("Signature", "not signed")]
    signed = signature.v1_string_to_sign(vector["method"], pairs)
    assert signed == vector.get("string_to_sign", signed)
    assert signature.v1_signature(vector["access_key_secret"], signed) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["v3"], ids=_ids("v3"))
def test_v3_vector(vector: dict[str, Any]) -> None:
    canonical = signature.v3_canonical_request(
        method=vector["method"],
        pairs=list(vector["query"].items()),
        headers={name: [value] for name, value in vector["headers"].items()},
        signed_headers=vector["headers"],
        body_hash=vector["hashed_payload"],
    )
    assert canonical == vector["canonical_request"]
    signed = signature.v3_string_to_sign(canonical)
    assert signed == vector["string_to_sign"]
    assert signature.v3_signature(vector["access_key_secret"], signed) == vector["signature"]


def test_repeated_header_is_sorted_and_joined() -> None:
    canonical = signature.v3_canonical_request(
        method="POST",
        pairs=[],
        headers={"x-acs-a": [" b ", "a"]},
        signed_headers=["x-acs-a"],
        body_hash="",
    )
    assert "\nx-acs-a:a,b\n" in canonical


V1_MUTANTS = {
    "key without ampersand": V1(key=str),
    "space as plus": V1(encode=lambda text: quote_plus(text, safe="-_.~")),
    "asterisk as it is": V1(encode=lambda text: quote(text, safe="-_.~*")),
    "tilde encoded": V1(encode=lambda text: encode(text).replace("~", "%7E")),
    "lower-case escapes": V1(encode=lambda text: encode(text).replace("%2F", "%2f")),
    "not sorted": V1(order=lambda pairs: sorted(pairs, reverse=True)),
    "other method": V1(method=lambda method: {"GET": "POST", "POST": "GET"}[method]),
    "SHA-256": V1(digest="sha256"),
    "hexadecimal": V1(text=bytes.hex),
    "Base64 without padding": V1(text=lambda raw: base64.b64encode(raw).decode().rstrip("=")),
    "encoded once": V1(encode_again=str),
    "bare slash": V1(slash="/"),
    "own parameters not signed": V1(
        select=lambda pairs: [(k, v) for k, v in pairs if not k.startswith("Role")]
    ),
}
V3_MUTANTS = {
    "key with ampersand": V3(key=lambda secret: secret + "&"),
    "Base64": V3(text=lambda raw: base64.b64encode(raw).decode()),
    "upper-case hexadecimal": V3(text=lambda raw: raw.hex().upper()),
    "host not signed": V3(names=lambda names: names - {"host"}),
    "action not signed": V3(names=lambda names: names - {"x-acs-action"}),
    "token not signed": V3(names=lambda names: names - {"x-acs-security-token"}),
    "query not sorted": V3(order=lambda pairs: sorted(pairs, reverse=True)),
}


def _parameters() -> dict[str, str]:
    arn = "acs:ram::1100000000000001:role/long"
    # The asterisk and the tilde make the encoders differ; only the policy may hold them.
    return {"RoleArn": arn, "RoleSessionName": "tester", "Policy": POLICY.replace("阿", "阿*~/")}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_right_v1_is_accepted(client: Client, method: str) -> None:
    assert client.call_v1("AssumeRole", method=method, **_parameters()).outcome == (200, "OK")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("mutant", V1_MUTANTS.values(), ids=V1_MUTANTS)
def test_wrong_v1_is_refused(client: Client, mutant: V1, method: str) -> None:
    wrong = dataclasses.replace(client, v1=mutant)
    reply = wrong.call_v1("AssumeRole", method=method, **_parameters())
    assert reply.outcome == (400, "SignatureDoesNotMatch")


def test_right_v3_is_accepted(client: Client) -> None:
    assert client.call("AssumeRole", **_parameters()).outcome == (200, "OK")


def test_right_v3_with_a_form_is_accepted(client: Client) -> None:
    body = b"RoleArn=acs%3Aram%3A%3A1100000000000001%3Arole%2Fhub&RoleSessionName=tester"
    form = {"content-type": "application/x-www-form-urlencoded"}
    request = client.v3_request("AssumeRole", {}, body=body, headers=form)
    assert client.send(request).outcome == (200, "OK")


@pytest.mark.parametrize("mutant", V3_MUTANTS.values(), ids=V3_MUTANTS)
def test_wrong_v3_is_refused(client: Client, mutant: V3) -> None:
    session = client.hop("acs:ram::1100000000000001:role/long")
    wrong = dataclasses.replace(session, v3=mutant)
    parameters = {"RoleArn": "acs:ram::1200000000000002:role/spoke", "RoleSessionName": "tester"}
    reply = wrong.call("AssumeRole", **parameters)
    assert reply.outcome == (400, "SignatureDoesNotMatch")


def test_v3_body_must_fit_its_hash(client: Client) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    request = client.v3_request("GetCallerIdentity", {}, body=b"Format=JSON", headers=form)
    assert client.send(request).outcome == (200, "OK")
    request = client.v3_request("GetCallerIdentity", {}, body=b"Format=JSON", headers=form)
    changed = dataclasses.replace(request, body=b"Format=json")
    assert client.send(changed).outcome == (400, "SignatureDoesNotMatch")


def test_v3_header_must_name_the_hash_of_the_body(client: Client) -> None:
    signing_truly = dataclasses.replace(client, v3=V3(body_hash=lambda _header: EMPTY_HASH))
    for named, status in ((EMPTY_HASH, 200), ("0" * 64, 400)):
        headers = {"x-acs-content-sha256": named}
        request = signing_truly.v3_request("GetCallerIdentity", {}, headers=headers)
        assert client.send(request).status == status


def test_untrimmed_header_is_signed_trimmed(client: Client) -> None:
    padded = {"x-acs-date": client.v3_headers("", b"")["x-acs-date"] + "  "}
    assert client.send(client.v3_request("GetCallerIdentity", {}, headers=padded)).status == 200
    wrong = dataclasses.replace(client, v3=V3(trim=str))
    refused = wrong.send(wrong.v3_request("GetCallerIdentity", {}, headers=padded))
    assert refused.outcome == (400, "SignatureDoesNotMatch")


def test_refusal_repeats_what_was_signed(client: Client) -> None:
    wrong = dataclasses.replace(
        client.hop("acs:ram::1100000000000001:role/hub"), access_key_secret="x"
    )
    v1, v3 = wrong.call_v1("GetCallerIdentity").body, wrong.call("GetCallerIdentity").body
    assert "server string to sign is:GET&%2F&AccessKeyId%3D" in v1["Message"]
    assert f"x-acs-security-token:{wrong.security_token}" in v3["Message"]
