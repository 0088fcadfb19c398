# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains from every kind of source, and what goes wrong with them, against the emulator."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _chain, _http
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Limits
from ansible_collections.aliyun.cli.plugins.module_utils._resolver import Resolver
from ansible_collections.aliyun.cli.tests.emulator import Emulator

WORLD = Path(__file__).parents[2] / "emulator" / "worlds" / "demo.yml"
KEY = "LTAI5tEXAMPLEdeploy0001A"
SECRET = "fake-deploy-secret-Hd52mVx7Qe"
HUB = "acs:ram::1100000000000001:role/hub"
SPOKE = "acs:ram::1200000000000002:role/spoke"
MACHINE = "acs:ram::1100000000000001:role/machine"
EXTERNAL_ID = "fake-external-id-Rb17"
FAST = Limits(connect_timeout=2, read_timeout=0.5, max_time=3, retries=2)


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    with Emulator(WORLD) as emulator:
        yield emulator


@pytest.fixture(name="world")
def fixture_world(emulator: Emulator) -> Emulator:
    emulator.reset()
    return emulator


def hops(url: str) -> list[dict[str, Any]]:
    return [
        {"ram_role_arn": HUB, "role_session_name": "test", "sts_endpoint": url},
        {
            "ram_role_arn": SPOKE,
            "role_session_name": "test",
            "external_id": EXTERNAL_ID,
            "sts_endpoint": url,
        },
    ]


def assume(
    world: Emulator,
    source: dict[str, Any],
    *,
    top: list[dict[str, Any]] | None = None,
    environ: dict[str, str] | None = None,
    allow_process: bool = False,
    limits: Limits = FAST,
) -> str:
    """The ARN that STS gives the credentials at the end of the chain."""
    profile = {"name": "begin", "sts_endpoint": world.http_url, **source}
    chain = _chain.extend(
        _chain.of_profile([profile], "begin"), hops(world.http_url) if top is None else top
    )
    environ = {"ALIYUN_CLI_METADATA_ENDPOINT": world.http_url, **(environ or {})}
    with Http(limits=limits, sleep=lambda seconds: None, ca_bundle=str(world.ca_file)) as http:
        resolver = Resolver(http, environ=environ, allow_process=allow_process)
        return str(resolver.caller_identity(chain)["Arn"])


def in_an_hour() -> int:
    return int(time.time()) + 3600


def sources(world: Emulator, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """A profile of each mode that can begin a chain, as it stands in config.json."""
    token = tmp_path / "token"
    token.write_text(world.oidc_token() + "\n")
    printed = {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET}
    program = tmp_path / "print it.py"
    program.write_text(f"print({json.dumps(printed)!r})")
    pem = world.key_pair("acs:ram::1100000000000001:user/deploy", name="pair")
    return {
        "AK": {"access_key_id": KEY, "access_key_secret": SECRET},
        "EcsRamRole": {},
        "RsaKeyPair": {"key_pair_name": "pair", "private_key": pem},
        "External": {"process_command": f"{sys.executable} '{program}'"},
        "CredentialsURI": {"credentials_uri": world.http_url + "/credentials-uri"},
        "OIDC": {
            "oidc_provider_arn": "acs:ram::1100000000000001:oidc-provider/ci",
            "oidc_token_file": str(token),
            "ram_role_arn": "acs:ram::1100000000000001:role/pipeline",
            "ram_session_name": "test",
            "expired_seconds": 900,
        },
        "CloudSSO": {
            "cloud_sso_sign_in_url": world.https_url + "/login",
            "cloud_sso_account_id": "1100000000000001",
            "cloud_sso_access_config": "ac-fake0000000000000001",
            "access_token": "fake-cloud-sso-access-token-Yv38",
            "cloud_sso_access_token_expire": in_an_hour(),
        },
        "OAuth": {
            "oauth_site_type": "CN",
            "oauth_access_token": "fake-oauth-access-token-Dm75",
            "oauth_access_token_expire": in_an_hour(),
        },
    }


MODES = (
    "AK",
    "EcsRamRole",
    "RsaKeyPair",
    "External",
    "CredentialsURI",
    "OIDC",
    "CloudSSO",
    "OAuth",
)


@pytest.fixture(name="oauth_here")
def fixture_oauth_here(world: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.aliyun.cli.plugins.module_utils._sources import _login

    monkeypatch.setitem(_login.OAUTH_HOSTS, "CN", world.https_url)


@pytest.mark.usefixtures("oauth_here")
@pytest.mark.parametrize("mode", MODES)
def test_two_hops_from_each_mode(world: Emulator, tmp_path: Path, mode: str) -> None:
    source = dict(sources(world, tmp_path)[mode], mode=mode)
    arn = assume(world, source, allow_process=True)
    assert arn == "acs:ram::1200000000000002:assumed-role/spoke/test"


def test_role_of_the_instance_with_an_external_id(world: Emulator) -> None:
    top = hops(world.http_url)
    source = {"mode": "RamRoleArnWithRoleName", "ram_role_arn": HUB, "ram_session_name": "test"}
    assert assume(world, source, top=top[1:]).endswith("assumed-role/spoke/test")


def test_token_of_the_caller_goes_in_a_header(world: Emulator) -> None:
    assume(world, {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET})
    calls = [
        call for call in world.journal if call["action"] in ("AssumeRole", "GetCallerIdentity")
    ]
    assert [call["token_place"] for call in calls] == ["", "header", "header"] or [
        call["token_place"] for call in calls
    ] == [None, "header", "header"]
    assert len({call["connection"] for call in calls}) == 1
    assert len({call["nonce"] for call in calls}) == 3


def test_oidc_honours_the_lifetime_and_sends_the_token_in_the_body(
    world: Emulator, tmp_path: Path
) -> None:
    source = dict(sources(world, tmp_path)["OIDC"], mode="OIDC")
    assert assume(world, source, top=[]).endswith("assumed-role/pipeline/test")
    call = next(call for call in world.journal if call["action"] == "AssumeRoleWithOIDC")
    assert int(call["duration_seconds"]) == 900
    assert "OIDCToken" not in call["query_parameters"]


@pytest.mark.parametrize(
    "flaw, code",
    [
        ("expired", "AuthenticationFail.OIDCToken.Expired"),
        ("audience", "AuthenticationFail.OIDCToken.AudienceNotMatch"),
        ("signature", "AuthenticationFail.OIDCToken.InvalidSignature"),
    ],
)
def test_oidc_token_that_is_refused(world: Emulator, tmp_path: Path, flaw: str, code: str) -> None:
    source = dict(sources(world, tmp_path)["OIDC"], mode="OIDC")
    Path(source["oidc_token_file"]).write_text(world.oidc_token(flaw=flaw))
    with pytest.raises(StsError, match=code) as caught:
        assume(world, source)
    assert Path(source["oidc_token_file"]).read_text() not in str(caught.value)


def test_hardened_metadata_service(world: Emulator) -> None:
    world.switches.imds_hardened = True
    assert assume(world, {"mode": "EcsRamRole"}, top=[]).startswith(
        "acs:ram::1100000000000001:assumed-role/machine/"
    )


def test_metadata_service_without_version_2(world: Emulator) -> None:
    world.add_fault("html", action="ImdsToken")
    world.add_fault("redirect", action="ImdsToken")
    source = {"mode": "EcsRamRole", "ram_role_name": "machine"}
    with pytest.raises(SourceError, match="its version 1 is not asked"):
        world.add_fault("redirect", action="ImdsToken", count=9)
        world.reset()
        world.add_fault("redirect", action="ImdsToken")
        assume(world, source, top=[], environ={"ALIBABA_CLOUD_IMDSV1_DISABLED": "true"})
    world.reset()
    world.add_fault("redirect", action="ImdsToken")
    assert assume(world, source, top=[]).startswith(
        "acs:ram::1100000000000001:assumed-role/machine/"
    )


@pytest.mark.parametrize(
    "source, environ, message",
    [
        ({"ram_role_name": "other"}, {}, "the instance has no RAM role 'other'"),
        ({}, {"ALIBABA_CLOUD_ECS_METADATA": "other"}, "the instance has no RAM role 'other'"),
        (
            {},
            {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"},
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED is set",
        ),
        (
            {},
            {"ALIYUN_CLI_METADATA_ENDPOINT": "http://10.0.0.1"},
            "must be http:// with a loopback address",
        ),
        (
            {},
            {"ALIYUN_CLI_METADATA_ENDPOINT": "http://127.0.0.1:1"},
            "check that this runs on an ECS instance",
        ),
    ],
)
def test_metadata_service_that_gives_nothing(
    world: Emulator, source: dict[str, str], environ: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        assume(world, {"mode": "EcsRamRole", **source}, environ=environ)


def test_metadata_service_is_never_asked_through_a_proxy(
    world: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    source = {"mode": "EcsRamRole", "ram_role_name": "machine"}
    with pytest.raises(StsError, match="the proxy for 127.0.0.1:"):
        assume(world, source, top=[])
    assert [call["action"] for call in world.journal] == ["ImdsToken", "ImdsCredentials"]


@pytest.mark.parametrize(
    "command, message",
    [
        ("", "process_command is no command"),
        ("'", "process_command is no command"),
        ("/nonexistent/command", "cannot be run: No such file or directory"),
        (f"{sys.executable} -c 'import sys; print(7); sys.exit(3)'", "failed with exit code 3"),
        (f"{sys.executable} -c 'print(7)'", "gave no JSON object"),
        (f"{sys.executable} -c 'print(\"{{}}\")'", "of a mode other than AK and StsToken"),
    ],
)
def test_command_that_gives_nothing(world: Emulator, command: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        assume(world, {"mode": "External", "process_command": command}, allow_process=True)


def test_command_that_does_not_end(world: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.aliyun.cli.plugins.module_utils._sources import _external

    monkeypatch.setattr(_external, "MAX_SECONDS", 0.2)
    command = f"{sys.executable} -c 'import time; time.sleep(60)'"
    with pytest.raises(SourceError, match="did not end within"):
        assume(world, {"mode": "External", "process_command": command}, allow_process=True)


def test_command_that_nobody_allowed(world: Emulator, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    source = {"mode": "External", "process_command": f"touch {witness}"}
    with pytest.raises(SourceError, match="unless the option allow_process says so"):
        assume(world, source)
    forbidden = {"ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS": "1"}
    with pytest.raises(SourceError, match="ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS is set"):
        assume(world, source, allow_process=True, environ=forbidden)
    assert not witness.exists()


@pytest.mark.parametrize("mode", ["CloudSSO", "OAuth"])
def test_expired_login(world: Emulator, mode: str) -> None:
    with pytest.raises(SourceError, match=f"'aliyun configure --mode {mode} --profile begin'"):
        assume(world, {"mode": mode})


@pytest.mark.parametrize("mode", ["CloudSSO", "OAuth"])
def test_credentials_that_a_login_left(world: Emulator, mode: str) -> None:
    with Http(limits=FAST) as http:
        chain = _chain.of_source(
            {
                "mode": "RamRoleArn",
                "access_key_id": KEY,
                "access_key_secret": SECRET,
                "ram_role_arn": HUB,
                "role_session_name": "test",
                "sts_endpoint": world.http_url,
            }
        )
        kept = Resolver(http, environ={}).credentials(chain)
    source = {
        "mode": mode,
        "access_key_id": kept.access_key_id,
        "access_key_secret": kept.access_key_secret,
        "sts_token": kept.security_token,
        "sts_expiration": kept.expiration,
    }
    assert assume(world, source, top=[]).endswith("assumed-role/hub/test")


@pytest.mark.parametrize("mode", ["BearerToken", "Anonymous", "Unheard"])
def test_mode_that_cannot_begin_a_chain(world: Emulator, mode: str) -> None:
    with pytest.raises(SourceError, match=f"no chain can begin with mode {mode}"):
        assume(world, {"mode": mode})


def test_key_pair_that_is_none(world: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("no key")
    for private_key in (str(path), "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"):
        source = {"mode": "RsaKeyPair", "key_pair_name": "pair", "private_key": private_key}
        with pytest.raises(
            SourceError, match="private_key is no unencrypted RSA private key"
        ) as caught:
            assume(world, source)
        assert "BEGIN" not in str(caught.value)


FAULTS = {
    "internal_error": "InternalError",
    "unavailable": "",
    "throttling": "Throttling.User",
    "hang": "did not answer in time",
    "reset": "no connection to 127.0.0.1",
    "html": "no readable answer",
    "redirect": "HTTP status 302",
    "truncated_json": "no readable answer",
    "short_body": "no connection to 127.0.0.1",
    "slow_body": "did not answer in time",
    "no_credentials": "without credentials",
}
MENDED = ("internal_error", "unavailable", "throttling", "hang", "reset", "short_body", "slow_body")


@pytest.mark.parametrize("hop", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_at_a_hop(world: Emulator, fault: str, hop: int) -> None:
    """Each fault that lasts ends in a sentence that names the hop; one that passes is mended where that is safe."""
    source = {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET}
    role = ("role/hub", "role/spoke")[hop - 1]
    world.add_fault(fault, action="AssumeRole", role=role, count=9, seconds=2)
    with pytest.raises(StsError) as caught:
        assume(world, source)
    message = str(caught.value)
    assert FAULTS[fault] in message
    assert message.startswith(f"hop {hop} of 2: AssumeRole of {(HUB, SPOKE)[hop - 1]}")
    assert SECRET not in message and EXTERNAL_ID not in message
    world.reset()
    world.add_fault(fault, action="AssumeRole", role=role, seconds=2)
    if fault in MENDED:
        assert assume(world, source).endswith("assumed-role/spoke/test")
    else:
        with pytest.raises(StsError, match=f"hop {hop} of 2"):
            assume(world, source)


def test_clock_that_is_off_is_corrected_once(world: Emulator) -> None:
    world.clock.shift(-7200) if hasattr(world.clock, "shift") else world.clock.advance(7200)
    source = {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET}
    assert assume(world, source).endswith("assumed-role/spoke/test")
    codes = [call["code"] for call in world.journal if call["action"] == "AssumeRole"]
    assert codes == ["InvalidTimeStamp.Expired", "OK", "OK"]


REFUSALS = [
    ({"ram_role_arn": "acs:ram::1100000000000001:role/locked"}, "NoPermission", "trust policy"),
    (
        {"ram_role_arn": "acs:ram::1100000000000001:role/none"},
        "EntityNotExist.Role",
        "check the account ID",
    ),
    (
        {"ram_role_arn": HUB, "expired_seconds": 7200},
        "InvalidParameter.DurationSeconds",
        "maximum session duration",
    ),
]


@pytest.mark.parametrize("hop, code, advice", REFUSALS)
def test_refusal_names_hop_code_request_and_advice(
    world: Emulator, hop: dict[str, Any], code: str, advice: str
) -> None:
    source = {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET}
    with pytest.raises(StsError) as caught:
        assume(
            world,
            source,
            top=[{"sts_endpoint": world.http_url, "role_session_name": "test", **hop}],
        )
    message = str(caught.value)
    assert message.startswith(f"hop 1 of 1: AssumeRole of {hop['ram_role_arn']}")
    assert f"access key ***{KEY[-3:]} of profile 'begin'" in message
    assert code in message and advice in message
    assert (
        f"HTTP status {caught.value.http_status}, request ID {caught.value.request_id}" in message
    )


def test_wrong_secret_is_told_and_not_shown(world: Emulator) -> None:
    source = {"mode": "AK", "access_key_id": KEY, "access_key_secret": "wrong-secret-value"}
    with pytest.raises(StsError, match="SignatureDoesNotMatch.*check access_key_secret") as caught:
        assume(world, source)
    assert "wrong-secret-value" not in str(caught.value)
    assert len(world.journal) == 1


def test_certificate_of_an_unknown_authority(world: Emulator) -> None:
    source = {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET}
    chain = _chain.of_profile(
        [{"name": "x", "mode": "", "sts_endpoint": world.https_url, **source}], "x"
    )
    with Http(limits=FAST) as http:
        resolver = Resolver(http, environ={})
        with pytest.raises(
            StsError, match="the TLS certificate or connection of 127.0.0.1:.* is not accepted"
        ):
            resolver.caller_identity(chain)


def test_https_with_our_authority_and_a_password_file_beside_it(
    world: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    source = {
        "mode": "AK",
        "access_key_id": KEY,
        "access_key_secret": SECRET,
        "sts_endpoint": world.https_url,
    }
    assert assume(world, source, top=hops(world.https_url)).endswith("assumed-role/spoke/test")


def test_every_error_of_ours_is_one_sentence_tree() -> None:
    assert issubclass(SourceError, AliyunCliError) and issubclass(StsError, AliyunCliError)
    assert _http.is_transient(StsError("", code="Throttling.Api"))
    assert not _http.is_transient(StsError("", code="NoPermission", http_status=403))
