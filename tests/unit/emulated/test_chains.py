# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains from every kind of source, and refusals, against the emulator."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.emulated.world import (
    AK,
    HUB,
    KEY,
    LIMITS,
    SECRET,
    SPOKE,
    above,
    caller,
    hops,
    inline,
    make_chain,
    session_arn,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

Profiles = dict[str, dict[str, Any]]
MACHINE = "acs:ram::1100000000000001:role/machine"
PIPELINE = "acs:ram::1100000000000001:role/pipeline"
# These cannot be given inline: the login is in a profile only.
LOGINS = ("CloudSSO", "OAuth")
MODES = (
    "AK",
    "RamRoleArn",
    "EcsRamRole",
    "RamRoleArnWithRoleName",
    "RsaKeyPair",
    "External",
    "CredentialsURI",
    "OIDC",
    *LOGINS,
)


def ak(world: Emulator, **values: Any) -> dict[str, Any]:
    return {"name": "begin", **AK, "sts_endpoint": world.http_url, **values}


def session(world: Emulator, profiles: Profiles) -> dict[str, Any]:
    """Return credentials of the role ``hub``, as a profile of mode StsToken has them."""
    with Http(limits=LIMITS) as http:
        kept = Resolver(http, environ={}).resolve(make_chain(profiles["RamRoleArn"], []))
    return {
        "name": "begin",
        "mode": "StsToken",
        "sts_endpoint": world.http_url,
        "access_key_id": kept.access_key_id,
        "access_key_secret": kept.access_key_secret,
        "sts_token": kept.security_token,
        "sts_expiration": kept.expiration,
    }


def test_all_modes_are_here() -> None:
    begins = {*MODES, "StsToken", "ChainableRamRoleArn", "BearerToken", "Anonymous"}
    assert begins == set(_modes.MODES)


@pytest.mark.parametrize("mode", MODES)
def test_two_hops_from_a_profile_of_each_mode(
    world: Emulator, profiles: Profiles, mode: str
) -> None:
    chain = make_chain(profiles[mode], above(mode, world.http_url))
    assert caller(world, chain) == session_arn(SPOKE, "test")


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in LOGINS])
def test_two_hops_from_a_source_of_each_mode(
    world: Emulator, profiles: Profiles, mode: str
) -> None:
    source = _chain.from_source(inline(profiles[mode]))
    chain = _chain.extend(source, above(mode, world.http_url))
    assert caller(world, chain) == session_arn(SPOKE, "test")


@pytest.mark.parametrize("mode", LOGINS)
def test_login_cannot_be_given_inline(world: Emulator, profiles: Profiles, mode: str) -> None:
    chain = _chain.extend(_chain.from_source(inline(profiles[mode])), hops(world.http_url))
    with pytest.raises(SourceError, match="a login is stored only in a profile"):
        caller(world, chain)


def test_two_hops_from_temporary_credentials(world: Emulator, profiles: Profiles) -> None:
    profile = session(world, profiles)
    del profile["sts_expiration"]
    top = hops(world.http_url)[1:]
    assert caller(world, make_chain(profile, top)) == session_arn(SPOKE, "test")
    source = _chain.from_source(inline(profile))
    assert caller(world, _chain.extend(source, top)) == session_arn(SPOKE, "test")


def test_two_hops_from_a_chained_profile(world: Emulator, profiles: Profiles) -> None:
    first, second = hops(world.http_url)
    chained = [
        {
            "name": name,
            "mode": "ChainableRamRoleArn",
            "source_profile": source,
            "ram_role_arn": hop["ram_role_arn"],
            "ram_session_name": "test",
            "external_id": hop.get("external_id", ""),
            "sts_endpoint": world.http_url,
        }
        for name, source, hop in (("hub", "begin", first), ("spoke", "hub", second))
    ]
    chain = _chain.from_profile([profiles["AK"], *chained], "spoke")
    assert caller(world, chain) == session_arn(SPOKE, "test")
    source = {**inline(chained[1]), "source_profile": "hub"}
    chain = _chain.from_source(source, [profiles["AK"], chained[0]])
    assert caller(world, chain) == session_arn(SPOKE, "test")


@pytest.mark.parametrize("mode", LOGINS)
def test_credentials_that_a_login_left(world: Emulator, profiles: Profiles, mode: str) -> None:
    chain = make_chain({**session(world, profiles), "mode": mode}, [])
    assert caller(world, chain) == session_arn(HUB, "test")


@pytest.mark.parametrize("mode", ["BearerToken", "Anonymous"])
def test_mode_that_cannot_begin_a_chain(world: Emulator, mode: str) -> None:
    chain = make_chain({"name": "begin", "mode": mode}, hops(world.http_url))
    with pytest.raises(SourceError) as caught:
        caller(world, chain)
    assert str(caught.value) == (
        f"source of mode {mode} (profile 'begin'): the mode provides no credentials: use another mode"
    )
    assert world.journal == []


def test_external_id_of_the_role_that_an_instance_assumes(
    world: Emulator, profiles: Profiles
) -> None:
    profile = {**profiles["RamRoleArnWithRoleName"], "external_id": "fake-id-of-the-instance"}
    caller(world, make_chain(profile, []))
    call = next(call for call in world.journal if call["action"] == "AssumeRole")
    assert call["external_id"].startswith("sha256:")


def test_one_connection_and_new_nonces_for_all_hops(world: Emulator) -> None:
    caller(world, make_chain(ak(world), hops(world.http_url)))
    assert [call["action"] for call in world.journal] == [
        "AssumeRole",
        "AssumeRole",
        "GetCallerIdentity",
    ]
    assert [call["token_place"] for call in world.journal] == ["", "header", "header"]
    assert len({call["connection"] for call in world.journal}) == 1
    assert len({call["nonce"] for call in world.journal}) == 3
    assert {call["signature"] for call in world.journal} == {"v3"}


def test_what_is_sent_is_known_to_each_action(world: Emulator, profiles: Profiles) -> None:
    world.switches.strict = True
    for mode in ("OIDC", "RsaKeyPair"):
        caller(world, make_chain(profiles[mode], hops(world.http_url)))
    assert {tuple(call["unknown_parameters"]) for call in world.journal} == {()}


def test_every_argument_of_a_hop_arrives(world: Emulator) -> None:
    hop = {
        "ram_role_arn": "acs:ram::1100000000000001:role/named",
        "role_session_name": "a.b@c-d_e",
        "source_identity": "alice@example.com",
        "expired_seconds": 1800,
        "policy": {
            "Version": "1",
            "Statement": [{"Effect": "Allow", "Action": "oss:*", "Resource": "\u963f ~*'"}],
        },
        "sts_endpoint": world.http_url,
    }
    assert caller(world, make_chain(ak(world), [hop])).endswith("assumed-role/named/a.b@c-d_e")
    call = world.journal[0]
    assert call["duration_seconds"] == "1800"
    assert call["source_identity"] == "alice@example.com"
    assert call["policy"].startswith("sha256:")


def test_oidc_honours_the_lifetime_and_sends_the_token_in_the_body(
    world: Emulator, profiles: Profiles
) -> None:
    assert caller(world, make_chain(profiles["OIDC"], [])) == session_arn(PIPELINE, "test")
    call = world.journal[0]
    assert (call["action"], call["duration_seconds"]) == ("AssumeRoleWithOIDC", "900")
    assert call["query_parameters"] == []


@pytest.mark.parametrize(
    "flaw, code",
    [
        ("expired", "AuthenticationFail.OIDCToken.Expired"),
        ("audience", "AuthenticationFail.OIDCToken.AudienceNotMatch"),
        ("signature", "AuthenticationFail.OIDCToken.InvalidSignature"),
        ("issuer", "AuthenticationFail.OIDCToken.Invalid"),
        ("unsigned", "AuthenticationFail.OIDCToken.InvalidSignature"),
    ],
)
def test_oidc_token_that_is_refused(
    world: Emulator, profiles: Profiles, tmp_path: Path, flaw: str, code: str
) -> None:
    token = world.oidc_token(flaw=flaw)
    (tmp_path / "token").write_text(token)
    profile = {**profiles["OIDC"], "oidc_token_file": str(tmp_path / "token")}
    with pytest.raises(StsError) as caught:
        caller(world, make_chain(profile, []))
    assert caught.value.code == code
    assert token not in str(caught.value)


@pytest.mark.parametrize("hardened", [True, False])
def test_metadata_service_is_asked_with_a_token(
    world: Emulator, profiles: Profiles, hardened: bool
) -> None:
    world.switches.imds_hardened = hardened
    assert caller(world, make_chain(profiles["EcsRamRole"], [])).startswith(
        session_arn(MACHINE, "i-")
    )
    actions = [call["action"] for call in world.journal]
    assert actions == ["ImdsToken", "ImdsRole", "ImdsCredentials", "GetCallerIdentity"]


def test_hardened_metadata_service_that_gives_no_token(world: Emulator, profiles: Profiles) -> None:
    world.switches.imds_hardened = True
    world.add_fault("redirect", action="ImdsToken")
    with pytest.raises(SourceError, match=r"named no RAM role \(HTTP status 403\)"):
        caller(world, make_chain(profiles["EcsRamRole"], []))


def test_metadata_service_without_a_role(profiles: Profiles, world: Emulator) -> None:
    chain = make_chain({**profiles["EcsRamRole"], "ram_role_name": "other"}, [])
    with pytest.raises(SourceError, match="the instance has no RAM role 'other'"):
        caller(world, chain)
    ecs = world.core.world.grantors.pop("ecs")
    try:
        with pytest.raises(SourceError, match="the instance has no RAM role; attach one"):
            caller(world, make_chain(profiles["EcsRamRole"], []))
    finally:
        world.core.world.grantors["ecs"] = ecs


def test_nothing_of_this_machine_is_asked_through_a_proxy_in_clear(
    world: Emulator, profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    profile = {**profiles["EcsRamRole"], "ram_role_name": "machine"}
    caller(world, make_chain(profile, []))
    asked = [call["action"] for call in world.journal]
    assert asked == ["ImdsToken", "ImdsCredentials", "GetCallerIdentity"]


def test_key_pair_in_a_file(world: Emulator, profiles: Profiles, tmp_path: Path) -> None:
    pem = profiles["RsaKeyPair"]["private_key"]
    (tmp_path / "key.pem").write_text(pem)
    profile = {**profiles["RsaKeyPair"], "private_key": str(tmp_path / "key.pem")}
    assert caller(world, make_chain(profile, [])).endswith("user/deploy")


def body_of(pem: str) -> str:
    """Return a key without its first and last line, as some users pass it."""
    return "".join(line for line in pem.splitlines() if "-----" not in line)


@pytest.mark.parametrize("form", ["PKCS1", "PKCS8"])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("stored", [False, True])
def test_key_pair_in_each_form(
    world: Emulator, profiles: Profiles, tmp_path: Path, form: str, bare: bool, stored: bool
) -> None:
    key = load_pem_private_key(profiles["RsaKeyPair"]["private_key"].encode(), None)
    format_of = {"PKCS1": PrivateFormat.TraditionalOpenSSL, "PKCS8": PrivateFormat.PKCS8}
    pem = key.private_bytes(Encoding.PEM, format_of[form], NoEncryption()).decode()
    given = body_of(pem) if bare else pem
    if stored:
        (tmp_path / "key").write_text(given)
        given = str(tmp_path / "key")
    profile = {**profiles["RsaKeyPair"], "private_key": given}
    assert caller(world, make_chain(profile, [])).endswith("user/deploy")


def test_key_pair_that_is_none(world: Emulator, profiles: Profiles, tmp_path: Path) -> None:
    pem = profiles["RsaKeyPair"]["private_key"]
    (tmp_path / "no key").write_text("no key")
    for private_key, told in (
        (pem[:400], "must be an unencrypted RSA key"),
        (pem.replace("PRIVATE", "PUBLIC"), "must be an unencrypted RSA key"),
        (body_of(pem)[:300], "must be an unencrypted RSA key"),
        (str(tmp_path / "no key"), "must be an unencrypted RSA key"),
        (body_of(pem)[:100], "the file that private_key names cannot be read: No such file"),
        (str(tmp_path), "the file that private_key names cannot be read: Is a directory"),
    ):
        with pytest.raises(SourceError, match=told) as caught:
            caller(world, make_chain({**profiles["RsaKeyPair"], "private_key": private_key}, []))
        assert body_of(pem)[:20] not in str(caught.value)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seconds", [-7200, 7200])
def test_clock_that_is_off_is_corrected_once(
    world: Emulator, profiles: Profiles, tmp_path: Path, mode: str, seconds: int
) -> None:
    world.clock.shift(seconds)
    profile = profiles[mode]
    if mode == "OIDC":
        # Its own times are of the clock that is right.
        (tmp_path / "token").write_text(world.oidc_token())
        profile["oidc_token_file"] = str(tmp_path / "token")
    chain = make_chain(profile, above(mode, world.http_url))
    assert caller(world, chain) == session_arn(SPOKE, "test")
    codes = [call["code"] for call in world.journal]
    assert codes.count("InvalidTimeStamp.Expired") == 1


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"ram_role_arn": "acs:ram::1100000000000001:role/locked"}, "NoPermission", "trust policy"),
    (
        {"ram_role_arn": "acs:ram::1100000000000001:role/none"},
        "EntityNotExist.Role",
        "check the account ID",
    ),
    (
        {"ram_role_arn": HUB, "expired_seconds": 7200},
        "InvalidParameter.DurationSeconds",
        "check expired_seconds (7200)",
    ),
]


@pytest.mark.parametrize("hop, code, advice", REFUSALS)
def test_refusal_names_hop_code_request_and_advice(
    world: Emulator, hop: dict[str, Any], code: str, advice: str
) -> None:
    with pytest.raises(StsError) as caught:
        caller(world, make_chain(ak(world), [{"sts_endpoint": world.http_url, **hop}]))
    message = str(caught.value)
    assert message.startswith(f"hop 1 of 1: AssumeRole of {hop['ram_role_arn']}")
    assert f"access key ***{KEY[-3:]} of profile 'begin'" in message
    assert code in message and advice in message
    assert (
        f"HTTP status {caught.value.http_status}, request ID {caught.value.request_id}" in message
    )


def test_denial_names_the_policy(world: Emulator) -> None:
    locked = {"ram_role_arn": REFUSALS[0][0]["ram_role_arn"], "sts_endpoint": world.http_url}
    with pytest.raises(StsError, match="refused by ImplicitDeny of AssumeRolePolicy"):
        caller(world, make_chain(ak(world), [locked]))


def test_wrong_secret_is_told_and_not_shown(world: Emulator) -> None:
    chain = make_chain(ak(world, access_key_secret="wrong-secret-value"), hops(world.http_url))
    with pytest.raises(StsError, match="SignatureDoesNotMatch.*check access_key_secret") as caught:
        caller(world, chain)
    assert "wrong-secret-value" not in str(caught.value)
    assert len(world.journal) == 1


def test_certificate_of_an_unknown_authority(world: Emulator) -> None:
    chain = make_chain(ak(world, sts_endpoint=world.https_url), [])
    with pytest.raises(StsError, match="the TLS certificate or connection of 127.0.0.1:.* is not"):
        caller(world, chain, http=Http(limits=LIMITS))
    assert world.journal == []


def test_https_with_our_authority_and_a_password_file_beside_it(
    world: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    chain = make_chain(ak(world, sts_endpoint=world.https_url), hops(world.https_url))
    assert caller(world, chain) == session_arn(SPOKE, "test")


@pytest.mark.parametrize("way", ["option", "variable", "off"])
def test_ways_to_trust_an_authority(
    world: Emulator, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    ca_bundle = world.ca_file if way == "option" else None
    if way == "variable":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", world.ca_file)
    http = Http(limits=LIMITS, ca_bundle=ca_bundle, validate_certs=way != "off")
    chain = make_chain(ak(world, sts_endpoint=world.https_url), [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert caller(world, chain, http=http).endswith("user/deploy")


def test_throttled_calls_are_made_again(world: Emulator) -> None:
    world.switches.rate_limit = 1

    def sleep(_seconds: float) -> None:
        world.clock.advance(1)

    again = {**hops(world.http_url)[0], "ram_role_arn": HUB.replace("hub", "named")}
    again["source_identity"] = "alice"
    top = [{**again, "ram_role_arn": HUB}]
    for _time in range(3):
        http = Http(limits=LIMITS, sleep=sleep)
        assert caller(world, make_chain(ak(world), top), http=http) == session_arn(HUB, "test")
    assert "Throttling.User" in [call["code"] for call in world.journal]


def test_secret_of_an_example_is_in_no_call(world: Emulator, profiles: Profiles) -> None:
    for mode in MODES:
        caller(world, make_chain(profiles[mode], above(mode, world.http_url)))
    assert SECRET not in str(world.journal)
