# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many calls chains cost with the cache, and whose credentials come back, against the emulator."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _environment
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils import _credential_cache as hit
from ansible_collections.aliyun.cli.plugins.plugin_utils._assume_role import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._session_name import fill_in
from ansible_collections.aliyun.cli.tests.emulator import Emulator

WORLD = Path(__file__).parents[3] / "emulator" / "worlds" / "demo.yml"
KEYS = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
ACCOUNTS = ("1100000000000001", "1200000000000002", "1300000000000003")
HUB, SPOKE, TARGET = (
    f"acs:ram::{account}:role/{name}"
    for account, name in zip(ACCOUNTS, ("hub", "spoke", "target"), strict=True)
)
LOCKED = "acs:ram::1100000000000001:role/locked"


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    with Emulator(WORLD) as emulator:
        yield emulator


class Place:
    """A file of profiles, a cache, and an STS that counts."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.emulator = emulator
        self.config = folder / "config.json"
        self.parents = [str(folder)]
        self.folder = folder / hit.FOLDER
        self.environ = {"HOME": str(folder)}
        self.warnings: list[str] = []
        self.write(
            {
                "name": "deploy",
                "mode": "AK",
                "region_id": "cn-hangzhou",
                "sts_endpoint": emulator.http_url,
                **KEYS,
            }
        )

    def write(self, *profiles: dict[str, Any]) -> None:
        document = {"current": profiles[0]["name"], "profiles": profiles}
        self.config.write_text(json.dumps(document))

    def settle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As if the file had been written long ago."""
        from ansible_collections.aliyun.cli.plugins.plugin_utils import _assume_role

        monkeypatch.setattr(_assume_role, "SETTLED_SECONDS", -1)

    def hop(self, role: str, **values: Any) -> dict[str, Any]:
        hop = {"ram_role_arn": role, "sts_endpoint": self.emulator.http_url}
        if role == SPOKE:
            hop["external_id"] = "fake-external-id-Rb17"
        return {**hop, **values}

    def options(self, *roles: str, **values: Any) -> dict[str, Any]:
        options = {
            "profile": None,
            "source": None,
            "hops": [self.hop(role) for role in roles],
            "config_path": str(self.config),
            "allow_process": False,
            "expected_account_id": None,
            "role_session_name": None,
            "connect_timeout": 2,
            "read_timeout": 2,
            "max_time": 10,
            "retries": 0,
            "ca_bundle": None,
            "validate_certs": True,
            "cache": True,
            "min_lifetime": 0,
            "format": "credentials",
        }
        return {**options, **values}

    def assume(self, options: dict[str, Any], *terms: str) -> dict[str, str]:
        return assume_role(
            list(terms),
            options,
            environ=self.environ,
            parents=self.parents,
            warn=self.warnings.append,
        )[0]

    def find(self, options: dict[str, Any], *terms: str) -> list[dict[str, str]] | None:
        return hit.find(terms or [None], options, environ=self.environ, parents=self.parents)

    def calls(self) -> int:
        return sum(call["action"] == "AssumeRole" for call in self.emulator.journal)


@pytest.fixture(name="place")
def fixture_place(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    emulator.reset()
    place = Place(tmp_path, emulator)
    place.settle(monkeypatch)
    return place


CHAIN = (HUB, SPOKE, TARGET)


def test_chain_costs_one_call_for_each_hop(place: Place) -> None:
    options = place.options(*CHAIN)
    assert place.find(options) is None
    first = place.assume(options)
    assert first["assumed_role_arn"] == "acs:ram::1300000000000003:role/target/ansible"
    assert place.assume(options) == first
    assert place.find(options) == [first]
    assert place.calls() == 3
    assert place.warnings == []


def test_other_terms_and_forms_share_the_hops(place: Place) -> None:
    options = place.options(*CHAIN)
    first = place.assume(options)
    environment = place.assume(dict(options, format="environment"), "deploy")
    assert environment["ALIBABA_CLOUD_ACCESS_KEY_ID"] == first["access_key_id"]
    assert place.calls() == 3


def test_one_hundred_roles_behind_one_hub(place: Place) -> None:
    for number in range(100):
        hops = [place.hop(HUB), place.hop(SPOKE, role_session_name=f"team-{number}")]
        place.assume(place.options(hops=hops))
    assert place.calls() == 101


def test_without_the_cache_each_use_costs_its_calls(place: Place) -> None:
    options = place.options(*CHAIN, cache=False)
    assert place.assume(options) != place.assume(options)
    assert place.calls() == 6
    assert not place.folder.exists()


def test_two_users_never_share(place: Place) -> None:
    place.assume(place.options(HUB))
    place.write(
        {
            "name": "intern",
            "mode": "AK",
            "region_id": "cn-hangzhou",
            "access_key_id": "LTAI5tEXAMPLEintern0001A",
            "access_key_secret": "fake-intern-secret-Wf63tGj8Xo",
        }
    )
    with pytest.raises(StsError, match="hop 1 of 1"):
        place.assume(place.options(HUB))
    assert place.calls() == 2


def test_long_lived_keys_are_not_kept(place: Place) -> None:
    place.assume(place.options())
    place.assume(place.options(HUB))
    kept = b"".join(path.read_bytes() for path in place.folder.iterdir())
    assert b"STS." in kept
    for secret in KEYS.values():
        assert secret.encode() not in kept


def test_inline_source_finds_its_credentials_again(place: Place) -> None:
    options = place.options(HUB, source={"mode": "AK", **KEYS})
    first = place.assume(options)
    assert place.find(options) == [first]
    other = dict(options, source={"mode": "AK", **KEYS, "access_key_id": "LTAI5tEXAMPLEother00001"})
    assert place.find(other) is None


def test_expected_account_is_looked_at_with_the_cache_and_without(place: Place) -> None:
    right = place.options(*CHAIN, expected_account_id=ACCOUNTS[2])
    wrong = place.options(*CHAIN, expected_account_id=ACCOUNTS[1])
    first = place.assume(right)
    assert place.find(right) == [first]
    assert place.find(wrong) is None
    for options in (wrong, dict(wrong, cache=False)):
        with pytest.raises(ProfileError, match=f"not to the expected account {ACCOUNTS[1]}"):
            place.assume(options)
    assert place.calls() == 3


def test_expected_account_of_a_source_without_hops(place: Place) -> None:
    place.assume(place.options(expected_account_id=ACCOUNTS[0]))
    with pytest.raises(ProfileError, match="the caller acs:ram::1100000000000001:user/deploy"):
        place.assume(place.options(expected_account_id=ACCOUNTS[1]))
    assert [call["action"] for call in place.emulator.journal] == ["GetCallerIdentity"] * 2


def test_name_for_each_host_costs_a_call_for_each_host(place: Place) -> None:
    for host in ("web-1", "web-2", "web-1"):
        options = place.options(HUB, role_session_name="{user}@{host}")
        place.assume(fill_in(options, {"inventory_hostname": host}))
    sessions = [call["role_session_name"].partition("@")[2] for call in place.emulator.journal]
    assert sessions == ["web-1", "web-2"]


def test_denial_costs_one_call_and_stays_clear(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = set()
    for _use in range(5):
        with pytest.raises(StsError) as caught:
            place.assume(place.options(LOCKED))
        texts.add((str(caught.value), caught.value.code, caught.value.http_status))
    assert place.calls() == 1
    assert len(texts) == 1
    clock, boot = hit.now()
    monkeypatch.setattr(hit, "now", lambda: (clock + 6, boot + 6))
    with pytest.raises(StsError):
        place.assume(place.options(LOCKED))
    assert place.calls() == 2


def test_changed_file_of_profiles_is_seen(place: Place) -> None:
    options = place.options(HUB)
    assert place.assume(options)["region"] == "cn-hangzhou"
    place.write({"name": "deploy", "mode": "AK", "region_id": "cn-beijing", **KEYS})
    assert place.find(options) is None
    assert place.assume(options)["region"] == "cn-beijing"
    assert place.calls() == 1


def test_file_that_was_just_written_is_read_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.aliyun.cli.plugins.plugin_utils import _assume_role

    monkeypatch.setattr(_assume_role, "SETTLED_SECONDS", 3600)
    place.assume(place.options(HUB))
    assert place.find(place.options(HUB)) is None
    place.assume(place.options(HUB))
    assert place.calls() == 1


def test_file_that_changes_meanwhile_leaves_no_result(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = place.options(HUB)
    with monkeypatch.context() as patch:
        numbers = itertools.count()
        patch.setattr(hit, "config_identity", lambda path: [next(numbers), 0])
        place.assume(options)
    assert place.find(options) is None
    assert place.assume(options) and place.find(options)


def test_min_lifetime_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    options = place.options(HUB, min_lifetime=3000)
    place.assume(place.options(HUB))
    place.assume(options)
    assert place.calls() == 1
    clock, boot = hit.now()
    monkeypatch.setattr(hit, "now", lambda: (clock + 700, boot + 700))
    assert place.find(place.options(HUB)) is not None
    assert place.find(options) is None
    place.assume(options)
    assert place.calls() == 2


@pytest.mark.parametrize("cache", [True, False])
def test_min_lifetime_that_cannot_be_kept(place: Place, cache: bool) -> None:
    with pytest.raises(AliyunCliError, match=r"less than min_lifetime \(4000\)"):
        place.assume(place.options(HUB, min_lifetime=4000, cache=cache))


def test_session_of_900_seconds_is_used_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = place.options(hops=[place.hop(HUB, expired_seconds=900)])
    place.assume(options)
    clock, boot = hit.now()
    for passed, found in ((800, True), (815, False), (890, False)):
        monkeypatch.setattr(hit, "now", lambda: (clock + passed, boot + passed))
        assert bool(place.find(options)) == found
    assert place.calls() == 1


def test_renewal_that_fails_is_a_warning(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    options = place.options(HUB)
    first = place.assume(options)
    clock, boot = hit.now()
    monkeypatch.setattr(hit, "now", lambda: (clock + 3400, boot + 3400))
    place.emulator.add_fault("unavailable", action="AssumeRole", count=9)
    assert place.assume(options) == first
    assert "renewed ahead of time" in place.warnings[0]
    assert place.find(options) == [first]
    assert place.calls() == 2


def test_all_of_the_environment_that_a_result_depends_on_is_in_its_key() -> None:
    class Asked(dict[str, str]):
        """An environment in which every variable is set."""

        def __contains__(self, name: object) -> bool:
            return True

        def get(self, name: str, default: Any = None) -> Any:
            return "x"

        def __missing__(self, name: str) -> str:
            return "x"

    assert set(hit.VARIABLES) == set(_environment.relevant(Asked()))


def test_disk_is_full(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "utime", no_space)
    assert place.assume(place.options(HUB))["access_key_id"].startswith("STS.")
    assert set(place.warnings) == {"Credentials could not be cached: No space left on device"}
    assert list(place.folder.iterdir()) == []


def test_no_file_is_open_to_others(place: Place) -> None:
    before = os.umask(0)
    try:
        place.assume(place.options(*CHAIN))
    finally:
        os.umask(before)
    modes = Counter(path.stat().st_mode & 0o777 for path in place.folder.iterdir())
    assert modes == {0o600: 4}
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert time.time() < min(path.stat().st_mtime for path in place.folder.iterdir())
