# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call the router of the emulator without sockets, with separate signers.

Each signer takes its steps as replaceable functions, so that a test can get exactly one wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.aliyun.cli.tests.emulator.clock import Clock, iso_time
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.emulator.messages import Request
from ansible_collections.aliyun.cli.tests.emulator.router import Router
from ansible_collections.aliyun.cli.tests.emulator.world import parse_world

FORM = "application/x-www-form-urlencoded"
DEPLOY = ("LTAI5tEXAMPLEdeploy0001A", "fake-deploy-secret-Hd52mVx7Qe")
INACTIVE = ("LTAI5tEXAMPLEdeploy0002I", "fake-inactive-secret-Kc94pBn3Us")
INTERN = ("LTAI5tEXAMPLEintern0001A", "fake-intern-secret-Wf63tGj8Xo")
ROOT = ("LTAI5tEXAMPLEroot000000A", "fake-root-secret-Zr81qLw0Ty")
HUB = "acs:ram::1100000000000001:role/hub"
LONG = "acs:ram::1100000000000001:role/long"
LOCKED = "acs:ram::1100000000000001:role/locked"
NAMED = "acs:ram::1100000000000001:role/named"
PIPELINE = "acs:ram::1100000000000001:role/pipeline"
PROVIDER = "acs:ram::1100000000000001:oidc-provider/ci"
SPOKE = "acs:ram::1200000000000002:role/spoke"
TARGET = "acs:ram::1300000000000003:role/target"
EXTERNAL_ID = "fake-external-id-Rb17"


def encode(text: str) -> str:
    return quote(text, safe="-_.~")


def query_of(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)


@dataclass(frozen=True)
class V1:
    """Signature version 1, step by step."""

    order: Callable[[Any], Any] = sorted
    encode: Callable[[str], str] = encode
    encode_again: Callable[[str], str] = encode
    select: Callable[[list[tuple[str, str]]], list[tuple[str, str]]] = list
    method: Callable[[str], str] = str
    slash: str = "%2F"
    key: Callable[[str], str] = lambda secret: secret + "&"
    digest: str = "sha1"
    text: Callable[[bytes], str] = lambda raw: base64.b64encode(raw).decode()

    def sign(self, method: str, parameters: Mapping[str, str], secret: str) -> str:
        pairs = self.order(self.select(list(parameters.items())))
        canonical = "&".join(f"{self.encode(name)}={self.encode(value)}" for name, value in pairs)
        signed = f"{self.method(method)}&{self.slash}&{self.encode_again(canonical)}"
        raw = hmac.new(self.key(secret).encode(), signed.encode(), self.digest).digest()
        return self.text(raw)


@dataclass(frozen=True)
class V3:
    """ACS3-HMAC-SHA256, step by step."""

    order: Callable[[Any], Any] = sorted
    trim: Callable[[str], str] = str.strip
    names: Callable[[set[str]], set[str]] = set
    body_hash: Callable[[str], str] = str
    key: Callable[[str], str] = str
    text: Callable[[bytes], str] = bytes.hex
    algorithm: str = "ACS3-HMAC-SHA256"

    def sign(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], secret: str
    ) -> tuple[str, str]:
        names = sorted(self.names({*headers}))
        lines = "".join(f"{name}:{self.trim(headers[name])}\n" for name in names)
        body_hash = self.body_hash(headers["x-acs-content-sha256"])
        canonical = "\n".join(
            [
                method,
                "/",
                query_of(self.order(list(query.items()))),
                lines,
                ";".join(names),
                body_hash,
            ]
        )
        signed = f"{self.algorithm}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        raw = hmac.new(self.key(secret).encode(), signed.encode(), "sha256").digest()
        return ";".join(names), self.text(raw)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def outcome(self) -> tuple[int, str]:
        return self.status, self.body.get("Code", "OK")


@dataclass(frozen=True)
class Client:
    """Calls the router as one access key; ``v1`` or ``v3`` may be a wrong signer."""

    router: Router
    clock: Clock
    access_key_id: str = DEPLOY[0]
    access_key_secret: str = DEPLOY[1]
    security_token: str = ""
    v1: V1 = field(default_factory=V1)
    v3: V3 = field(default_factory=V3)

    def send(self, request: Request) -> Reply:
        answer = self.router.answer(request)
        return Reply(answer.status, answer.headers, answer.body.decode("utf-8"))

    def get(self, target: str, **headers: str) -> Reply:
        return self.plain("GET", target, b"", **headers)

    def plain(self, method: str, target: str, body: bytes = b"", **headers: str) -> Reply:
        names = {name.replace("_", "-"): (value,) for name, value in headers.items()}
        return self.send(Request(method=method, target=target, headers=names, body=body))

    def control(self, path: str, **values: Any) -> Reply:
        return self.plain("POST", f"/_emulator/{path}", json.dumps(values).encode())

    def v1_parameters(self, action: str, parameters: Mapping[str, str]) -> dict[str, str]:
        values = {
            "Action": action,
            "Version": "2015-04-01",
            "Format": "JSON",
            "AccessKeyId": self.access_key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": str(uuid.uuid4()),
            "Timestamp": iso_time(self.clock.now()),
        }
        if self.security_token:
            values["SecurityToken"] = self.security_token
        values.update(parameters)
        return {name: value for name, value in values.items() if value != "(absent)"}

    def call_v1(self, action: str, *, method: str = "GET", **parameters: str) -> Reply:
        """Call version 1. With GET all parameters are in the query; with POST those of the action are in the form."""
        values = self.v1_parameters(action, parameters)
        signature = self.v1.sign(method, values, self.access_key_secret)
        values.setdefault("Signature", signature)
        values = {name: value for name, value in values.items() if value != "(none)"}
        form = {
            name: values.pop(name) for name in parameters if method == "POST" and name in values
        }
        return self.send(
            Request(
                method=method,
                target="/?" + urlencode(values),
                headers={"host": ("sts.aliyuncs.com",), "content-type": (FORM,)},
                body=urlencode(form).encode(),
            )
        )

    def v3_headers(self, action: str, body: bytes) -> dict[str, str]:
        headers = {
            "host": "sts.aliyuncs.com",
            "x-acs-action": action,
            "x-acs-version": "2015-04-01",
            "x-acs-date": iso_time(self.clock.now()),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        }
        if self.security_token:
            headers["x-acs-security-token"] = self.security_token
        return headers

    def v3_request(
        self,
        action: str,
        query: Mapping[str, str],
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        """Return a signed request; ``headers`` replace the usual ones before it is signed."""
        values = {**self.v3_headers(action, body), **(headers or {})}
        values = {name: value for name, value in values.items() if value != "(absent)"}
        names, signature = self.v3.sign("POST", query, values, self.access_key_secret)
        values["authorization"] = (
            f"{self.v3.algorithm} Credential={self.access_key_id},SignedHeaders={names},"
            f"Signature={signature}"
        )
        return Request(
            method="POST",
            target="/?" + urlencode(query),
            headers={name: (value,) for name, value in values.items()},
            body=body,
        )

    def call(self, action: str, **parameters: str) -> Reply:
        """Return a call as the official SDK makes it: version 3, parameters in the query."""
        return self.send(self.v3_request(action, parameters))

    def assume(self, role_arn: str, **parameters: str) -> Reply:
        return self.call("AssumeRole", RoleArn=role_arn, RoleSessionName="tester", **parameters)

    def using(self, credentials: Mapping[str, str]) -> Client:
        """Return a client with the credentials of an answer."""
        return replace(
            self,
            access_key_id=credentials["AccessKeyId"],
            access_key_secret=credentials["AccessKeySecret"],
            security_token=credentials.get("SecurityToken", ""),
        )

    def hop(self, role_arn: str, **parameters: str) -> Client:
        """Assume a role and go on as it."""
        reply = self.assume(role_arn, **parameters)
        assert reply.status == 200, reply.text
        return self.using(reply.body["Credentials"])


def new_client(document: dict[str, Any]) -> tuple[Client, Core]:
    """Return a client of a new emulator core with this world."""
    core = Core(parse_world(document))
    router = Router(core, stop=lambda: None, describe=dict)
    return Client(router, core.clock), core
