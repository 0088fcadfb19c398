# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the package and this collection get the same caller from a ``config.json``, or give the reason why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider import ecs_ram_role
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.repair import repair
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
    TARGET,
    USER,
    session_arn,
)
from ansible_collections.aliyun.cli.tests.emulator import Emulator

CallerArn = Callable[[Any], str]
Ours = Callable[..., Credentials]
OurArn = Callable[[Credentials], str]
Profile = dict[str, Any]
Resolve = Callable[..., Any]
Write = Callable[..., Path]
AK = {"mode": "AK", "access_key_id": KEY_ID, "access_key_secret": SECRET}
ROLE = {**AK, "mode": "RamRoleArn", "ram_role_arn": HUB, "ram_session_name": "cli"}
FAR = 1 << 40


class NoScheduler:
    """Scheduler without a thread. The package's thread for the role of an instance would outlive the test."""

    def add_job(self, *_args: Any, **_kwargs: Any) -> None:
        """Begin nothing."""

    def start(self) -> None:
        """Begin nothing."""

    def shutdown(self, **_kwargs: Any) -> None:
        """Do nothing, since no thread runs."""


@pytest.fixture(autouse=True)
def _no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecs_ram_role, "BackgroundScheduler", NoScheduler)


def named(name: str, settings: Profile, **more: Any) -> Profile:
    return {"name": name, "region_id": "cn-hangzhou", **settings, **more}


def chained(name: str, source: str, role_arn: str, **values: Any) -> Profile:
    role = {"mode": "ChainableRamRoleArn", "ram_role_arn": role_arn, "ram_session_name": "cli"}
    return named(name, role, source_profile=source, **values)


@pytest.fixture
def profiles(emulator: Emulator, tmp_path: Path, ours: Ours, write_like_the_cli: Write) -> Any:
    """Return a profile of each mode that the package supports."""
    (tmp_path / "token").write_text(emulator.oidc_token())
    (tmp_path / "it is printed").write_text(json.dumps(AK))
    write_like_the_cli(named("hub", ROLE), current="hub")
    session = ours()
    return {
        "AK": AK,
        "StsToken": {
            "mode": "StsToken",
            "access_key_id": session.access_key_id,
            "access_key_secret": session.access_key_secret,
            "sts_token": session.security_token,
        },
        "RamRoleArn": {**ROLE, "expired_seconds": 900, "sts_region": "cn-hangzhou"},
        "EcsRamRole": {"mode": "EcsRamRole"},
        "OIDC": {
            "mode": "OIDC",
            "oidc_provider_arn": PROVIDER,
            "oidc_token_file": str(tmp_path / "token"),
            "ram_role_arn": PIPELINE,
            "ram_session_name": "cli",
            # The package reads this one; the CLI and this collection do not know it.
            "role_session_name": "cli",
        },
        "CloudSSO": {
            "mode": "CloudSSO",
            "cloud_sso_sign_in_url": "https://signin-fake.aliyuncs.com/start",
            "cloud_sso_account_id": "1100000000000001",
            "cloud_sso_access_config": "ac-fake0000000000000001",
            "access_token": "fake-cloud-sso-access-token-Yv38",
            "cloud_sso_access_token_expire": FAR,
        },
        "OAuth": {
            "mode": "OAuth",
            "oauth_site_type": "CN",
            "oauth_access_token": "fake-oauth-access-token-Dm75",
            "oauth_access_token_expire": FAR,
            "oauth_refresh_token": "fake-oauth-refresh-token-Ps29",
        },
        "External": {
            "mode": "External",
            "process_command": f"cat '{tmp_path / 'it is printed'}'",
        },
    }


CALLERS = {
    "AK": USER,
    "StsToken": session_arn(HUB, "cli"),
    "RamRoleArn": session_arn(HUB, "cli"),
    "EcsRamRole": session_arn(MACHINE, "i-fake0000000000000001"),
    "OIDC": session_arn(PIPELINE, "cli"),
    "CloudSSO": session_arn(MACHINE, "alice@example.com"),
    "OAuth": USER,
    "External": USER,
}


@pytest.mark.parametrize("mode", CALLERS)
def test_source(
    profiles: dict[str, Profile],
    write_like_the_cli: Write,
    resolve: Resolve,
    caller_arn: CallerArn,
    ours: Ours,
    our_arn: OurArn,
    mode: str,
) -> None:
    write_like_the_cli(named("begin", profiles[mode]), current="begin")
    # Ours first: the package may write into the file.
    assert our_arn(ours()) == CALLERS[mode]
    assert caller_arn(resolve()) == CALLERS[mode]


@pytest.mark.parametrize(
    "mode", [mode for mode in CALLERS if mode not in ("StsToken", "RamRoleArn")]
)
def test_chain_on_a_source(
    profiles: dict[str, Profile],
    write_like_the_cli: Write,
    resolve: Resolve,
    caller_arn: CallerArn,
    ours: Ours,
    our_arn: OurArn,
    mode: str,
) -> None:
    write_like_the_cli(
        named("begin", profiles[mode]),
        chained("hub", "begin", HUB, sts_region="eu-central-1", expired_seconds=900),
        chained("spoke", "hub", SPOKE, external_id=EXTERNAL_ID),
        chained("target", "spoke", TARGET),
        current="target",
    )
    expected = session_arn(TARGET, "cli")
    assert (our_arn(ours()), caller_arn(resolve())) == (expected, expected)


def test_same_hosts_and_arguments(
    emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, ours: Ours
) -> None:
    write_like_the_cli(
        named("hub", ROLE, expired_seconds=1800, sts_region="cn-beijing"),
        chained("spoke", "hub", SPOKE, external_id=EXTERNAL_ID),
        current="spoke",
    )
    asked = []
    for read in (resolve, ours):
        emulator.reset()
        read()
        names = ("host", "role_arn", "role_session_name", "duration_seconds", "external_id")
        asked.append([{name: call[name] for name in names} for call in emulator.journal])
    assert asked[0] == asked[1]


def test_the_first_of_two_profiles_with_one_name(
    write_like_the_cli: Write,
    resolve: Resolve,
    caller_arn: CallerArn,
    ours: Ours,
    our_arn: OurArn,
) -> None:
    write_like_the_cli(named("two", AK), named("two", ROLE), current="two")
    assert (our_arn(ours()), caller_arn(resolve())) == (USER, USER)


class TestWhereThePackageIsWrong:
    """Cases in which the package differs from the CLI, which writes the file, or from the documentation of STS."""

    def test_sts_endpoint_is_ignored(
        self, emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, ours: Ours
    ) -> None:
        """Since version 3.4.5, the CLI has the key for networks without access to the global endpoint."""
        endpoint = "sts-vpc.cn-shanghai.aliyuncs.com"
        write_like_the_cli(named("hub", ROLE, sts_endpoint=endpoint), current="hub")
        resolve()
        ours()
        assert [call["host"] for call in emulator.journal] == ["sts.aliyuncs.com", endpoint]

    def test_expiration_is_dropped(
        self, write_like_the_cli: Write, resolve: Resolve, ours: Ours
    ) -> None:
        """Whoever is handed the credentials has to know when to ask for new ones."""
        write_like_the_cli(named("hub", ROLE), current="hub")
        assert getattr(resolve(), "_expiration", None) is None
        assert ours().expiration > 0

    @pytest.mark.parametrize("source, path", [("a", "a -> a"), ("b", "a -> b -> a")])
    def test_cycle_is_not_seen(
        self, write_like_the_cli: Write, resolve: Resolve, ours: Ours, source: str, path: str
    ) -> None:
        """It recurses until Python ends it; ours names the path."""
        write_like_the_cli(chained("a", source, HUB), chained("b", "a", HUB), current="a")
        with pytest.raises(RecursionError):
            resolve()
        with pytest.raises(ProfileError, match=f"form a cycle: {path}$"):
            ours()

    def test_space_in_a_policy_is_signed_as_plus(
        self, emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, ours: Ours
    ) -> None:
        """A signature follows RFC 3986, which does not allow a plus for a space."""
        policy = POLICY.replace(":", ": ")
        write_like_the_cli(named("hub", ROLE, ram_role_arn=LONG, policy=policy), current="hub")
        with pytest.raises(CredentialException):
            resolve()
        assert emulator.journal[-1]["code"] == "SignatureDoesNotMatch"
        assert ours().assumed_role_arn == f"{LONG}/cli"

    def test_session_name_of_an_oidc_token_is_not_found(
        self,
        profiles: dict[str, Profile],
        write_like_the_cli: Write,
        resolve: Resolve,
        caller_arn: CallerArn,
        ours: Ours,
        our_arn: OurArn,
    ) -> None:
        """In all modes, the CLI writes ``ram_session_name``. In this mode, the package reads ``role_session_name``."""
        profile = named("ci", profiles["OIDC"])
        del profile["role_session_name"]
        write_like_the_cli(profile, current="ci")
        assert caller_arn(resolve()).startswith(session_arn(PIPELINE, "credentials-python-"))
        assert our_arn(ours()) == session_arn(PIPELINE, "cli")

    def test_token_of_a_role_profile_is_ignored(
        self,
        emulator: Emulator,
        profiles: dict[str, Profile],
        write_like_the_cli: Write,
        resolve: Resolve,
        ours: Ours,
    ) -> None:
        """If the profile has a token, the CLI assumes the role with temporary credentials."""
        role = {"mode": "RamRoleArn", "ram_role_arn": SPOKE, "external_id": EXTERNAL_ID}
        profile = named("spoke", profiles["StsToken"], **role, ram_session_name="cli")
        write_like_the_cli(profile, current="spoke")
        with pytest.raises(CredentialException):
            resolve()
        assert emulator.journal[-1]["code"] == "MissingSecurityToken"
        assert ours().assumed_role_arn == f"{SPOKE}/cli"

    @pytest.mark.parametrize("mode", ["CredentialsURI", "RsaKeyPair", "RamRoleArnWithRoleName", ""])
    def test_mode_is_not_supported(
        self,
        emulator: Emulator,
        write_like_the_cli: Write,
        resolve: Resolve,
        ours: Ours,
        our_arn: OurArn,
        mode: str,
    ) -> None:
        """Only the CLI has these modes, and derives a missing mode from other fields."""
        settings: dict[str, tuple[Profile, str]] = {
            "CredentialsURI": (
                {"credentials_uri": emulator.http_url + "/credentials-uri"},
                session_arn(MACHINE, "credentials-uri"),
            ),
            "RsaKeyPair": (
                {"key_pair_name": "pk", "private_key": emulator.key_pair(USER, name="pk")},
                USER,
            ),
            "RamRoleArnWithRoleName": (
                {"ram_role_arn": HUB, "ram_session_name": "cli"},
                session_arn(HUB, "cli"),
            ),
            "": (AK, USER),
        }
        write_like_the_cli(named("begin", {**settings[mode][0], "mode": mode}), current="begin")
        with pytest.raises(CredentialException, match="unsupported profile mode"):
            resolve()
        assert our_arn(ours()) == settings[mode][1]

    def test_tokens_travel_in_addresses(
        self,
        emulator: Emulator,
        profiles: dict[str, Profile],
        write_like_the_cli: Write,
        resolve: Resolve,
        ours: Ours,
    ) -> None:
        """Servers and proxies log URLs."""
        write_like_the_cli(
            named("begin", profiles["OIDC"]), chained("hub", "begin", HUB), current="hub"
        )
        places = []
        for read in (resolve, ours):
            emulator.reset()
            read()
            first, second = emulator.journal
            places.append(("OIDCToken" in first["query_parameters"], second["token_place"]))
        assert places == [(True, "query"), (False, "header")]

    @pytest.mark.parametrize("mode", ["OAuth", "External"])
    def test_file_is_rewritten_with_what_was_obtained(
        self,
        profiles: dict[str, Profile],
        write_like_the_cli: Write,
        resolve: Resolve,
        ours: Ours,
        mode: str,
    ) -> None:
        """Credentials that nobody stored are in the file then, and its bytes are not those of the CLI."""
        file = write_like_the_cli(named("begin", profiles[mode]), current="begin")
        before = file.read_bytes()
        key_id = ours().access_key_id
        assert file.read_bytes() == before
        resolve()
        assert file.read_bytes() != before
        stored = json.loads(file.read_bytes())["profiles"][0]["access_key_id"]
        assert stored == key_id if mode == "External" else stored.startswith("STS.")

    @pytest.mark.parametrize("mode", ["OAuth", "External"])
    def test_state_that_the_sdk_stores_stays_with_its_settings(
        self,
        profiles: dict[str, Profile],
        write_like_the_cli: Write,
        resolve: Resolve,
        mode: str,
    ) -> None:
        """A task changes nothing in profiles of the SDK, until the setting of the cached credentials changes."""
        profile = named("begin", profiles[mode])
        file = write_like_the_cli(profile, current="begin")
        resolve()
        options = {
            field.name: profile[field.key]
            for field in _modes.list_options()
            if mode in field.modes and field.key in profile
        }
        state = {key for key, field in _modes.KEYS.items() if mode in field.kept}

        def put(**more: str) -> dict[str, Any]:
            document, findings = go_json.parse(file.read_bytes(), str(file))
            assert not findings and repair(document) == []
            _profiles.put(document, [{**options, "name": "begin", "mode": mode, **more}])
            stored: dict[str, Any] = document["profiles"][0]
            return stored

        stored = json.loads(file.read_bytes())["profiles"][0]
        assert put() == stored and stored["access_key_secret"]
        assert _profiles.find_problems(stored) == []
        other = {"External": {"process_command": "true"}, "OAuth": {"oauth_site_type": "INTL"}}
        assert state & stored.keys() and not state & put(**other[mode]).keys()

    def test_failure_that_passes_is_final(
        self, emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, ours: Ours
    ) -> None:
        """STS throttles each account at 100 calls per second: a call must be made again."""
        write_like_the_cli(named("hub", ROLE), current="hub")
        for read, fails in ((resolve, True), (ours, False)):
            emulator.add_fault("throttling")
            if fails:
                with pytest.raises(CredentialException):
                    read()
            else:
                assert read().assumed_role_arn == f"{HUB}/cli"

    def test_clock_that_is_off_is_final(
        self, emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, ours: Ours
    ) -> None:
        """STS returns its time with this error."""
        emulator.clock.shift(3600)
        write_like_the_cli(named("hub", ROLE), current="hub")
        with pytest.raises(CredentialException):
            resolve()
        assert ours().assumed_role_arn == f"{HUB}/cli"
