# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instance metadata, credentials URI, CloudSSO and OAuth: sessions that STS accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.unit.emulator.client import (
    FORM,
    HUB,
    Client,
    Reply,
    new_client,
)

METADATA = "/latest/meta-data/ram/security-credentials"
MACHINE = "acs:ram::1100000000000001:assumed-role/machine/"
SSO = {"AccountId": "1100000000000001", "AccessConfigurationId": "ac-fake0000000000000001"}


def metadata_token(client: Client, seconds: str = "60", **headers: str) -> Reply:
    ttl = {"x_aliyun_ecs_metadata_token_ttl_seconds": seconds}
    return client.plain("PUT", "/latest/api/token", b"", **ttl, **headers)


def metadata(client: Client, path: str, token: str = "") -> Reply:
    return client.get(METADATA + path, x_aliyun_ecs_metadata_token=token)


def identity(client: Client, credentials: dict[str, str]) -> str:
    arn = client.using(credentials).call("GetCallerIdentity").body["Arn"]
    assert isinstance(arn, str)
    return arn


def test_metadata_with_a_token(client: Client) -> None:
    token = metadata_token(client).text
    assert metadata(client, "/", token).text == "machine"
    body = metadata(client, "/machine", token).body
    assert body["Code"] == "Success" and body["LastUpdated"] < body["Expiration"]
    assert identity(client, body) == MACHINE + "i-fake0000000000000001"
    assert client.using(body).assume(HUB).status == 200


def test_metadata_hands_out_one_session_until_it_nears_its_end(client: Client) -> None:
    first = metadata(client, "/machine").body["AccessKeyId"]
    client.clock.advance(21600 - 901)
    assert metadata(client, "/machine").body["AccessKeyId"] == first
    client.clock.advance(2)
    assert metadata(client, "/machine").body["AccessKeyId"] != first


def test_hardened_metadata_needs_a_token(client: Client, core: Core) -> None:
    assert metadata(client, "/").status == 200
    core.switches.imds_hardened = True
    assert [metadata(client, path).status for path in ("/", "/machine")] == [403, 403]
    assert metadata(client, "/", metadata_token(client).text).status == 200


def test_metadata_token_expires(client: Client) -> None:
    token = metadata_token(client, "60").text
    client.clock.advance(60)
    assert metadata(client, "/machine", token).status == 401
    assert metadata(client, "/machine", "unknown").status == 401


@pytest.mark.parametrize("seconds", ["", "0", "21601", "-1", "x"])
def test_metadata_token_lifetime(client: Client, seconds: str) -> None:
    assert metadata_token(client, seconds).status == 400


def test_metadata_token_not_through_a_proxy(client: Client) -> None:
    assert metadata_token(client, x_forwarded_for="10.0.0.1").status == 403


def test_machine_without_a_role(demo: dict[str, Any]) -> None:
    del demo["ecs"]
    client, _core = new_client(demo)
    reply = metadata(client, "/", metadata_token(client).text)
    assert reply.status == 404 and "404 - Not Found" in reply.text
    assert metadata(client, "/machine").status == 404


def test_metadata_of_another_role(client: Client) -> None:
    assert metadata(client, "/hub").status == 404


def test_credentials_uri(client: Client, demo: dict[str, Any]) -> None:
    body = client.get("/credentials-uri").body
    assert body["Code"] == "Success"
    assert identity(client, body) == MACHINE + "credentials-uri"
    del demo["credentials_uri"]
    assert new_client(demo)[0].get("/credentials-uri").status == 404


def cloud_sso(client: Client, token: str, body: dict[str, str]) -> Reply:
    headers = {"authorization": f"Bearer {token}", "content_type": "application/json"}
    return client.plain("POST", "/cloud-credentials", json.dumps(body).encode(), **headers)


def test_cloud_sso(client: Client) -> None:
    reply = cloud_sso(client, "fake-cloud-sso-access-token-Yv38", SSO)
    assert identity(client, reply.body["CloudCredential"]) == MACHINE + "alice@example.com"
    assert cloud_sso(client, "fake-cloud-sso-access-token-Yv39", SSO).status == 401
    other = {**SSO, "AccountId": "1"}
    assert cloud_sso(client, "fake-cloud-sso-access-token-Yv38", other).status == 403


def exchange(client: Client, token: str) -> Reply:
    return client.plain("POST", "/v1/exchange", authorization=f"Bearer {token}")


def refresh(client: Client, token: str, client_id: str = "4038181954557748008") -> Reply:
    form = f"grant_type=refresh_token&client_id={client_id}&refresh_token={token}"
    return client.plain("POST", "/v1/token", form.encode(), content_type=FORM)


def test_oauth_exchange(client: Client) -> None:
    reply = exchange(client, "fake-oauth-access-token-Dm75")
    credentials = {name[0].upper() + name[1:]: value for name, value in reply.body.items()}
    assert identity(client, credentials) == "acs:ram::1100000000000001:user/deploy"
    assert exchange(client, "fake-oauth-access-token-Dm76").status == 401


def test_oauth_spells_keys_as_the_test_server_of_the_cli(client: Client, core: Core) -> None:
    names = {"requestId", "accessKeyId", "accessKeySecret", "securityToken", "expiration"}
    assert set(exchange(client, "fake-oauth-access-token-Dm75").body) == names
    core.switches.oauth_capitals = True
    assert "AccessKeyId" in exchange(client, "fake-oauth-access-token-Dm75").body


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("utc", "2026-01-01T06:00:00Z"),
        ("offset", "2026-01-01T14:00:00+08:00"),
        ("fraction", "2026-01-01T06:00:00.123456789Z"),
        ("lower", "2026-01-01t06:00:00z"),
        ("space", "2026-01-01 06:00:00Z"),
        ("seconds", 1767247200),
        ("unreadable", "in an hour"),
        ("empty", ""),
    ],
)
def test_forms_of_time(client: Client, form: str, written: object) -> None:
    client.control("clock", now="2026-01-01T00:00:00Z")
    client.control("switches", expiration_form=form)
    assert client.get("/credentials-uri").body["Expiration"] == written
    assert client.assume(HUB).body["Credentials"]["Expiration"] == "2026-01-01T01:00:00Z"


def test_metadata_with_any_role_name(client: Client) -> None:
    client.control("switches", imds_role_name="a b/../c_é")
    assert metadata(client, "/").text == "a b/../c_é"
    assert metadata(client, "/machine").status == 404
    assert metadata(client, "/a%20b/../c_%C3%A9").body["Code"] == "Success"


def test_metadata_replaces_a_rejected_session(client: Client, core: Core) -> None:
    first = metadata(client, "/machine").body["AccessKeyId"]
    assert core.state.reject_sessions("forgotten", access_key_id=first) == 1
    second = metadata(client, "/machine").body
    assert second["AccessKeyId"] != first and identity(client, second)


def test_oauth_refresh_rotates_until_a_reset(client: Client) -> None:
    first = "fake-oauth-refresh-token-Ps29"
    assert refresh(client, first, "1").status == 400
    body = refresh(client, first).body
    assert exchange(client, "fake-oauth-access-token-Dm75").status == 401
    assert exchange(client, body["access_token"]).status == 200
    assert refresh(client, first).status == 400
    assert refresh(client, body["refresh_token"]).status == 200
    client.control("reset")
    assert refresh(client, first).status == 200
