# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``alibabacloud_credentials``, unchanged: its providers, signed with version 1 by GET."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.client import Client
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.models import Config
from alibabacloud_credentials.provider import (
    CloudSSOCredentialsProvider,
    EcsRamRoleCredentialsProvider,
    OAuthCredentialsProvider,
    OIDCRoleArnCredentialsProvider,
    RamRoleArnCredentialsProvider,
    RsaKeyPairCredentialsProvider,
    URLCredentialsProvider,
)
from ansible_collections.aliyun.cli.tests.conformance.world import (
    EXTERNAL_ID,
    HUB,
    KEY_ID,
    LONG,
    MACHINE,
    PIPELINE,
    POLICY,
    PROVIDER,
    SECRET,
    SPOKE,
    other_byte,
    session_arn,
)
from ansible_collections.aliyun.cli.tests.emulator import Emulator

CallerArn = Callable[[Any], str]


def provider(**values: Any) -> RamRoleArnCredentialsProvider:
    """Return the AssumeRole provider as the deploy user, to ``hub`` by default."""
    defaults = {
        "access_key_id": KEY_ID,
        "access_key_secret": SECRET,
        "role_arn": HUB,
        "role_session_name": "sdk",
    }
    return RamRoleArnCredentialsProvider(**{**defaults, **values})


def endpoint(emulator: Emulator, protocol: str) -> str:
    """Let the package use plain HTTP, which it does only if the endpoint names it."""
    return emulator.http_url if protocol == "http" else f"127.0.0.1:{emulator.https_port}"


def refused(call: Callable[[], object], emulator: Emulator) -> str:
    with pytest.raises(CredentialException):
        call()
    return str(emulator.journal[-1]["code"])


def test_assume_role(emulator: Emulator, caller_arn: CallerArn, protocol: str) -> None:
    credentials = provider(sts_endpoint=endpoint(emulator, protocol)).get_credentials()
    assert caller_arn(credentials) == session_arn(HUB, "sdk")
    first = emulator.journal[0]
    assert (first["signature"], first["method"], first["scheme"]) == ("v1", "GET", protocol)


def test_second_hop(emulator: Emulator, caller_arn: CallerArn, protocol: str) -> None:
    hub = provider(sts_endpoint=endpoint(emulator, protocol))
    spoke = provider(
        credentials_provider=hub,
        role_arn=SPOKE,
        external_id=EXTERNAL_ID,
        duration_seconds=900,
        sts_endpoint=endpoint(emulator, protocol),
    )
    assert caller_arn(spoke.get_credentials()) == session_arn(SPOKE, "sdk")
    assert [call["token_place"] for call in emulator.journal] == ["", "query", "header"]


def test_without_waiting(emulator: Emulator, caller_arn: CallerArn) -> None:
    hub = provider(sts_endpoint=emulator.http_url)
    assert caller_arn(asyncio.run(hub.get_credentials_async())) == session_arn(HUB, "sdk")


def test_generic_client(emulator: Emulator, caller_arn: CallerArn) -> None:
    config = Config(
        type="ram_role_arn",
        access_key_id=KEY_ID,
        access_key_secret=SECRET,
        role_arn=LONG,
        role_session_name="sdk",
        role_session_expiration=43200,
        policy=POLICY,
    )
    credential = Client(config).get_credential()
    assert emulator.journal[0]["duration_seconds"] == "43200"
    assert emulator.journal[0]["host"] == "sts.aliyuncs.com"
    assert credential.security_token.startswith("CAIS")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"access_key_secret": other_byte(SECRET)}, "SignatureDoesNotMatch"),
        ({"access_key_id": other_byte(KEY_ID)}, "InvalidAccessKeyId.NotFound"),
        ({"security_token": "CAISx"}, "InvalidSecurityToken.Malformed"),
        ({"role_arn": other_byte(HUB)}, "EntityNotExist.Role"),
        ({"role_session_name": "x"}, "InvalidParameter.RoleSessionName"),
        ({"duration_seconds": 3601}, "InvalidParameter.DurationSeconds"),
        ({"policy": "{"}, "InvalidParameter.PolicyGrammar"),
    ],
)
def test_one_wrong_value(
    emulator: Emulator, protocol: str, wrong: dict[str, Any], code: str
) -> None:
    asking = provider(sts_endpoint=endpoint(emulator, protocol), **wrong)
    assert refused(asking.get_credentials, emulator) == code


def test_wrong_byte_in_a_later_hop(emulator: Emulator) -> None:
    hub = provider().get_credentials()
    values = {
        "access_key_id": hub.get_access_key_id(),
        "access_key_secret": hub.get_access_key_secret(),
        "security_token": hub.get_security_token(),
        "external_id": EXTERNAL_ID,
    }
    provider(role_arn=SPOKE, **values).get_credentials()
    for name, code in {
        "access_key_secret": "SignatureDoesNotMatch",
        "security_token": "InvalidSecurityToken.Malformed",
        "external_id": "NoPermission",
    }.items():
        wrong = {**values, name: other_byte(values[name])}
        assert refused(provider(role_arn=SPOKE, **wrong).get_credentials, emulator) == code


@pytest.mark.parametrize("seconds", [-905, 905])
def test_wrong_clock(emulator: Emulator, seconds: int) -> None:
    emulator.clock.shift(seconds)
    assert refused(provider().get_credentials, emulator) == "InvalidTimeStamp.Expired"


def test_replayed_nonce(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package derives its nonce from uuid1 and the host name.
    fixed = uuid.uuid1()
    monkeypatch.setattr(uuid, "uuid1", lambda: fixed)
    provider().get_credentials()
    assert refused(provider().get_credentials, emulator) == "SignatureNonceUsed"


def oidc(token_file: Path, **values: Any) -> OIDCRoleArnCredentialsProvider:
    return OIDCRoleArnCredentialsProvider(
        role_arn=PIPELINE,
        oidc_provider_arn=PROVIDER,
        oidc_token_file_path=str(token_file),
        role_session_name="sdk",
        **values,
    )


def test_oidc(emulator: Emulator, caller_arn: CallerArn, tmp_path: Path, protocol: str) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(emulator.oidc_token())
    asking = oidc(token_file, sts_endpoint=endpoint(emulator, protocol))
    assert caller_arn(asking.get_credentials()) == session_arn(PIPELINE, "sdk")
    token_file.write_text(emulator.oidc_token(flaw="signature"))
    code = refused(oidc(token_file).get_credentials, emulator)
    assert code == "AuthenticationFail.OIDCToken.InvalidSignature"


@pytest.mark.parametrize("hardened", [False, True])
def test_instance_metadata(emulator: Emulator, caller_arn: CallerArn, hardened: bool) -> None:
    emulator.switches.imds_hardened = hardened
    asking = EcsRamRoleCredentialsProvider(async_update_enabled=False)
    assert caller_arn(asking.get_credentials()).startswith(session_arn(MACHINE, "i-"))
    actions = [call["action"] for call in emulator.journal]
    assert actions == ["ImdsToken", "ImdsRole", "ImdsToken", "ImdsCredentials", "GetCallerIdentity"]


def test_credentials_uri(emulator: Emulator, caller_arn: CallerArn) -> None:
    asking = URLCredentialsProvider(uri=emulator.http_url + "/credentials-uri")
    assert caller_arn(asking.get_credentials()) == session_arn(MACHINE, "credentials-uri")


def test_cloud_sso(emulator: Emulator, caller_arn: CallerArn) -> None:
    values = {
        "sign_in_url": f"{emulator.https_url}/example/login",
        "account_id": "1100000000000001",
        "access_config": "ac-fake0000000000000001",
        "access_token_expire": 1 << 40,
    }
    token = "fake-cloud-sso-access-token-Yv38"
    asking = CloudSSOCredentialsProvider(access_token=token, **values)
    assert caller_arn(asking.get_credentials()) == session_arn(MACHINE, "alice@example.com")
    wrong = CloudSSOCredentialsProvider(access_token=other_byte(token), **values)
    with pytest.raises(CredentialException, match="http_code: 401"):
        wrong.get_credentials()


def oauth(access_token: str, expires: int) -> OAuthCredentialsProvider:
    return OAuthCredentialsProvider(
        client_id="4038181954557748008",
        sign_in_url="https://oauth.aliyun.com",
        access_token=access_token,
        access_token_expire=expires,
        refresh_token="fake-oauth-refresh-token-Ps29",
    )


@pytest.mark.parametrize(("expires", "refreshed"), [(1 << 40, False), (1, True)])
def test_oauth(emulator: Emulator, caller_arn: CallerArn, expires: int, refreshed: bool) -> None:
    credentials = oauth("fake-oauth-access-token-Dm75", expires).get_credentials()
    assert caller_arn(credentials) == "acs:ram::1100000000000001:user/deploy"
    actions = [call["action"] for call in emulator.journal]
    assert ("OAuthToken" in actions) is refreshed


class TestWhereThePackageIsWrong:
    """Differences from the documented service: ours does right what the package does wrong."""

    def test_space_in_a_policy_is_signed_as_plus(self, emulator: Emulator) -> None:
        spaced = POLICY.replace(":", ": ")
        assert refused(provider(policy=spaced).get_credentials, emulator) == "SignatureDoesNotMatch"

    def test_key_pair_signs_with_hmac(self, emulator: Emulator, tmp_path: Path) -> None:
        file = tmp_path / "key.pem"
        file.write_text(emulator.key_pair("acs:ram::1100000000000001:user/deploy", name="pk-1"))
        asking = RsaKeyPairCredentialsProvider(public_key_id="pk-1", private_key_file=str(file))
        assert refused(asking.get_credentials, emulator) == "InvalidSignatureMethod"

    def test_token_travels_in_the_address(self, emulator: Emulator, tmp_path: Path) -> None:
        token_file = tmp_path / "token"
        token_file.write_text(emulator.oidc_token())
        oidc(token_file).get_credentials()
        assert "OIDCToken" in emulator.journal[0]["query_parameters"]
