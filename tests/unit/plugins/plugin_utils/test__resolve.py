# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the number of calls with the cache, and the identity of credentials, against the emulator."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts as Client
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _fingerprint
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import CacheError
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import (
    HUB,
    KEYS,
    SPOKE,
    TARGET,
    Place,
)

CHAIN = (HUB, SPOKE, TARGET)
ACCOUNTS = [role.split(":")[3] for role in CHAIN]
LOCKED = "acs:ram::1100000000000001:role/locked"
LONG = "acs:ram::1100000000000001:role/long"


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
    inline = place.assume(dict(options, source={"mode": "AK", **KEYS}))
    assert inline["access_key_id"] == first["access_key_id"]
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


# Other arguments of a hop, each of which STS accepts.
OTHERS: dict[str, Any] = {
    "ram_role_arn": LONG,
    "role_session_name": "other",
    "expired_seconds": 900,
    "policy": {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    "source_identity": "alice",
    "external_id": "not-asked-for",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_arguments_are_other_credentials(place: Place, name: str) -> None:
    first = place.assume(place.options(HUB))
    options = place.options(hops=[place.hop(HUB, **{name: OTHERS[name]})])
    assert place.assume(options)["access_key_id"] != first["access_key_id"]
    assert place.calls() == 2


def test_other_endpoints_are_other_credentials(place: Place) -> None:
    port = place.emulator.http_port
    for endpoint in (f"http://127.0.0.1:{port}", f"http://localhost:{port}"):
        place.assume(place.options(hops=[place.hop(HUB, sts_endpoint=endpoint)]))
    assert place.calls() == 2


def test_wrong_external_id_is_refused_although_the_right_one_is_kept(place: Place) -> None:
    place.assume(place.options(HUB, SPOKE))
    for external_id in ("fake-external-id-Rb18", None):
        with pytest.raises(StsError, match="NoPermission"):
            place.assume(
                place.options(hops=[place.hop(HUB), place.hop(SPOKE, external_id=external_id)])
            )
    assert place.calls() == 4


INTERN = {
    "name": "intern",
    "mode": "AK",
    "region_id": "cn-hangzhou",
    "access_key_id": "LTAI5tEXAMPLEintern0001A",
    "access_key_secret": "fake-intern-secret-Wf63tGj8Xo",
}


def test_two_users_never_share(place: Place) -> None:
    place.assume(place.options(HUB))
    place.write(INTERN)
    with pytest.raises(StsError, match="hop 1 of 1"):
        place.assume(place.options(HUB))
    assert place.calls() == 2


def wrong_in_the_file(place: Place) -> dict[str, Any]:
    place.write({"name": "deploy", "mode": "AK", **KEYS, "access_key_secret": "wrong"})
    return place.options(HUB)


def wrong_in_the_source(place: Place) -> dict[str, Any]:
    return place.options(HUB, source={"mode": "AK", **KEYS, "access_key_secret": "wrong"})


def wrong_in_the_environment(place: Place) -> dict[str, Any]:
    place.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = KEYS["access_key_id"]
    place.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = KEYS["access_key_secret"]
    place.assume(place.options(HUB))
    place.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "wrong"
    return place.options(HUB)


@pytest.mark.parametrize(
    "wrong", [wrong_in_the_file, wrong_in_the_source, wrong_in_the_environment]
)
def test_who_knows_only_the_id_of_a_key_is_refused(
    place: Place, wrong: Callable[[Place], dict[str, Any]]
) -> None:
    place.assume(place.options(HUB))
    options = wrong(place)
    assert place.find(options) is None
    with pytest.raises(StsError, match="SignatureDoesNotMatch"):
        place.assume(options)
    assert place.calls() == 2


@pytest.mark.parametrize(
    "options, variables",
    [
        ({"validate_certs": False}, {}),
        ({"ca_bundle": "/ca.pem"}, {}),
        ({}, {"REQUESTS_CA_BUNDLE": "/ca.pem"}),
        ({}, {"CURL_CA_BUNDLE": "/ca.pem"}),
    ],
    ids=str,
)
def test_who_trusts_another_authority_does_not_share(
    place: Place, options: dict[str, Any], variables: dict[str, str]
) -> None:
    place.assume(place.options(HUB))
    place.environ.update(variables)
    place.assume(place.options(HUB, **options))
    assert place.calls() == 2


def test_long_lived_keys_are_not_kept(place: Place) -> None:
    place.assume(place.options())
    place.assume(place.options(HUB))
    place.assume(place.options(HUB, source={"mode": "AK", **KEYS}))
    kept = place.kept()
    assert b"STS." in kept
    for secret in KEYS.values():
        assert secret.encode() not in kept


def test_token_of_a_profile_is_not_kept(place: Place) -> None:
    given = place.assume(place.options(HUB, cache=False))
    names = {"access_key_id": "access_key_id", "access_key_secret": "access_key_secret"}
    source = {"mode": "StsToken", "sts_token": given["security_token"]}
    source.update({name: given[key] for name, key in names.items()})
    assert place.assume(place.options(source=source))["access_key_id"] == given["access_key_id"]
    assert list(place.folder.iterdir()) == []
    place.assume(place.options(SPOKE, source=source))
    place.assume(place.options(SPOKE, source=source))
    assert place.calls() == 2
    assert given["security_token"].encode() not in place.kept()


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
        options = place.options(HUB, role_session_name=host)
        place.assume(options)
    sessions = [call["role_session_name"] for call in place.emulator.journal]
    assert sessions == ["web-1", "web-2"]


def test_denial_costs_one_call_and_stays_clear(place: Place) -> None:
    texts = set()
    for _use in range(5):
        with pytest.raises(StsError) as caught:
            place.assume(place.options(LOCKED))
        texts.add((str(caught.value), caught.value.code, caught.value.http_status))
    assert place.calls() == 1
    ((text, code, status),) = texts
    assert text.startswith(f"hop 1 of 1: AssumeRole of {LOCKED}, called by access key ***01A")
    assert (code, status) == ("NoPermission", 403)
    place.clock.advance(6)
    with pytest.raises(StsError):
        place.assume(place.options(LOCKED))
    assert place.calls() == 2


def test_denial_is_told_in_the_words_of_the_chain_that_meets_it(place: Place) -> None:
    for roles, text in (
        ((LOCKED,), "hop 1 of 1"),
        ((LOCKED, SPOKE), "hop 1 of 2"),
        ((LOCKED, TARGET), "hop 1 of 2"),
    ):
        with pytest.raises(StsError, match=text):
            place.assume(place.options(*roles))
    # Two chains of the same length share the denial as they would share the credentials.
    assert place.calls() == 2
    place.write({"name": "renamed", "mode": "AK", "region_id": "cn-hangzhou", **KEYS})
    with pytest.raises(StsError, match="of profile 'renamed'"):
        place.assume(place.options(LOCKED))


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout", "max_time", "retries"])
def test_who_has_more_patience_asks_anew(place: Place, name: str) -> None:
    for value in (3, 3, 4):
        with pytest.raises(StsError, match="NoPermission"):
            place.assume(place.options(LOCKED, **{name: value}))
    assert place.calls() == 2


def test_changed_file_of_profiles_is_seen(place: Place) -> None:
    options = place.options(HUB)
    assert place.assume(options)["region"] == "cn-hangzhou"
    place.write({"name": "deploy", "mode": "AK", "region_id": "cn-beijing", **KEYS})
    assert place.find(options) is None
    assert place.assume(options)["region"] == "cn-beijing"
    assert place.calls() == 1


def test_link_to_another_file_of_profiles_is_seen(place: Place, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(place.config)
    options = place.options(HUB, config_path=str(link))
    place.assume(options)
    assert place.find(options)
    (tmp_path / "interns").write_text(json.dumps({"current": "intern", "profiles": [INTERN]}))
    link.unlink()
    link.symlink_to(tmp_path / "interns")
    assert place.find(options) is None
    with pytest.raises(StsError, match="NoPermission"):
        place.assume(options)


def test_same_relative_path_elsewhere_is_another_file(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = place.options(HUB, config_path="config.json")
    monkeypatch.chdir(tmp_path)
    place.assume(options)
    assert place.find(options)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "config.json").write_text(
        json.dumps({"current": "intern", "profiles": [INTERN]})
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert place.find(options) is None
    with pytest.raises(StsError, match="NoPermission"):
        place.assume(options)


def test_without_a_home_the_file_is_read_each_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_edit, "find_default_path", lambda: str(place.config))
    place.environ.clear()
    options = place.options(HUB, config_path=None)
    assert place.assume(options)["region"] == "cn-hangzhou"
    place.write({"name": "deploy", "mode": "AK", "region_id": "cn-beijing", **KEYS})
    assert place.assume(options)["region"] == "cn-beijing"
    assert place.find(options) is None
    assert place.calls() == 1


def test_environment_without_a_file_of_profiles(place: Place) -> None:
    place.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = KEYS["access_key_id"]
    place.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = KEYS["access_key_secret"]
    place.config.unlink()
    options = place.options(HUB)
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.calls() == 1


def test_changed_file_that_the_environment_names_is_seen(place: Place) -> None:
    place.environ["ALIBABA_CLOUD_CONFIG_FILE"] = str(place.config)
    options = place.options(HUB, config_path=None)
    assert place.assume(options)["region"] == "cn-hangzhou"
    assert place.find(options)
    place.write({"name": "deploy", "mode": "AK", "region_id": "cn-beijing", **KEYS})
    assert place.find(options) is None
    assert place.assume(options)["region"] == "cn-beijing"


def test_file_that_was_just_written_is_read_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_resolve, "SETTLED_SECONDS", 3600)
    place.assume(place.options(HUB))
    assert place.find(place.options(HUB)) is None
    place.assume(place.options(HUB))
    assert place.calls() == 1


def test_two_seconds_after_a_write_a_file_is_settled(place: Place) -> None:
    assert _resolve._is_settled(None)
    now = time.time()
    for age, settled in ((0, True), (-2, False)):
        assert _resolve._is_settled([1, int((now - age) * 1e9)]) == settled


def test_file_that_changes_meanwhile_leaves_no_result(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.json"
    other.write_text(place.config.read_text().replace("cn-hangzhou", "cn-beijing"))
    link = tmp_path / "link"
    options = place.options(HUB, config_path=str(link))
    identity = hit.read_config_identity

    def look_and_change(path: str) -> list[int] | None:
        found = identity(path)
        lead(link, other)
        return found

    lead(link, place.config)
    with monkeypatch.context() as patch:
        patch.setattr(hit, "read_config_identity", look_and_change)
        assert place.assume(options)["region"] == "cn-beijing"
    lead(link, place.config)
    assert place.find(options) is None
    assert place.assume(options)["region"] == "cn-hangzhou" and place.find(options)


def lead(link: Path, file: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(file)


def test_each_thread_has_connections_of_its_own(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = {"mode": "AK", "region_id": "cn-hangzhou", "sts_endpoint": place.emulator.http_url}
    place.write(*({"name": name, **common, **KEYS} for name in "ab"))
    send = Http.send
    users: dict[Http, set[int]] = {}
    both = threading.Barrier(2)

    def send_together(http: Http, *arguments: Any, **options: Any) -> Any:
        users.setdefault(http, set()).add(threading.get_ident())
        both.wait(60)
        return send(http, *arguments, **options)

    monkeypatch.setattr(Http, "send", send_together)
    place.assume_all(place.options(expected_account_id=ACCOUNTS[0]), "a", "b")
    assert [len(threads) for threads in users.values()] == [1, 1]


def test_min_lifetime_is_kept(place: Place) -> None:
    options = place.options(HUB, min_lifetime=3000)
    place.assume(place.options(HUB))
    place.assume(options)
    assert place.calls() == 1
    place.advance(700)
    assert place.find(place.options(HUB)) is not None
    assert place.find(options) is None
    place.assume(options)
    assert place.find(options) is not None
    assert place.calls() == 2


@pytest.mark.parametrize("cache", [True, False])
def test_min_lifetime_that_is_negative(place: Place, cache: bool) -> None:
    place.assume(place.options(HUB))
    options = place.options(HUB, min_lifetime=-5, cache=cache)
    assert place.find(options) is None
    with pytest.raises(ProfileError, match="^min_lifetime must be 0 or more seconds$"):
        place.assume(options)
    assert place.calls() == 1


def test_min_lifetime_is_of_the_last_hop_only(place: Place) -> None:
    place.assume(place.options(HUB))
    place.advance(700)
    place.assume(place.options(HUB, SPOKE, min_lifetime=3000))
    assert place.calls() == 2


@pytest.mark.parametrize("cache", [True, False])
def test_min_lifetime_that_cannot_be_kept(place: Place, cache: bool) -> None:
    with pytest.raises(
        SourceError, match=r"new credentials last 3\d\d\d seconds, less than min_lifetime \(4000\)"
    ):
        place.assume(place.options(HUB, min_lifetime=4000, cache=cache))
    assert place.assume(place.options(min_lifetime=4000, cache=cache))


def test_min_lifetime_that_a_source_cannot_keep(place: Place, machine: type[Machine]) -> None:
    with pytest.raises(SourceError, match=r"\(30000\): reduce min_lifetime, or add a hop"):
        place.assume(place.options(source={"mode": "EcsRamRole"}, min_lifetime=30000))


@pytest.mark.parametrize("cache", [True, False])
def test_min_lifetime_of_what_does_not_say_how_long_it_lasts(place: Place, cache: bool) -> None:
    source = {"mode": "StsToken", "sts_token": "a", **KEYS}
    with pytest.raises(SourceError, match="min_lifetime cannot be guaranteed"):
        place.assume(place.options(source=source, min_lifetime=1, cache=cache))


def test_session_of_900_seconds_is_used_again(place: Place) -> None:
    options = place.options(hops=[place.hop(HUB, expired_seconds=900)])
    first = place.assume(options)
    for seconds, found in ((790, True), (5, False), (80, False)):
        place.advance(seconds)
        assert bool(place.find(options)) == found
    assert place.calls() == 1
    assert place.assume(options) != first
    assert place.calls() == 2


def test_chain_is_renewed_ahead_of_time_by_one_call_for_each_hop(place: Place) -> None:
    options = place.options(*CHAIN)
    first = place.assume(options)
    place.advance(3300)
    second = place.assume(options)
    assert second["access_key_id"] != first["access_key_id"]
    assert place.find(options) == [second]
    assert place.calls() == 6


def test_renewal_that_fails_is_a_warning(place: Place) -> None:
    options = place.options(HUB)
    first = place.assume(options)
    place.advance(3400)
    place.emulator.add_fault("unavailable", action="AssumeRole", count=1)
    assert place.assume(options) == first
    assert len(place.warnings) == 1
    assert "renewed early" in place.warnings[0] and "hop 1 of 1" in place.warnings[0]
    assert place.find(options) == [first]
    assert place.calls() == 2
    place.advance(31)
    assert place.find(options) is None
    assert place.assume(options) != first
    assert place.calls() == 3


def test_clock_that_is_behind_prolongs_nothing(place: Place) -> None:
    # Ten minutes, which STS does not mind.
    place.emulator.clock.shift(600)
    options = place.options(HUB)
    first = place.assume(options)
    place.clock.advance(3545)
    assert place.find(options) is None
    place.emulator.clock.shift(600 + 3545)
    assert place.assume(options) != first
    assert place.calls() == 2


def test_clock_that_is_set_during_the_call_prolongs_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assume = Client.assume_role

    def set_back(*arguments: Any) -> Any:
        credentials = assume(*arguments)
        place.clock.wall -= 7200
        return credentials

    monkeypatch.setattr(Client, "assume_role", set_back)
    options = place.options(HUB)
    place.assume(options)
    place.clock.advance(3700)
    assert place.find(options) is None
    place.assume(options)
    assert place.calls() == 2


@pytest.mark.parametrize("mode", ["OIDC", "RsaKeyPair"])
def test_clock_that_is_behind_prolongs_no_source(place: Place, tmp_path: Path, mode: str) -> None:
    place.emulator.clock.shift(600)
    token = tmp_path / "token"
    token.write_text(place.emulator.oidc_token())
    source = oidc(place, token) if mode == "OIDC" else key_pair(place, tmp_path)
    for seconds, given in ((3600, source), (900, {**source, "expired_seconds": 900})):
        options = place.options(source=given)
        place.assume(options)
        identity = hit.read_config_identity(str(place.config))
        key = hit.make_result_key(None, options, place.environ, str(place.config), identity)
        entry = hit.read(key, str(place.folder / key))
        assert entry and entry["expiration"] == place.clock.wall + seconds


def test_disk_is_full(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "utime", no_space)
    assert place.assume(place.options(HUB))["access_key_id"].startswith("STS.")
    assert place.warnings == ["Credentials could not be cached: No space left on device"]
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
    assert place.clock.wall < min(path.stat().st_mtime for path in place.folder.iterdir())


def test_folder_that_was_opened_to_others_is_a_warning(place: Place) -> None:
    place.folder.mkdir(0o700)
    place.folder.chmod(0o2770)
    assert place.assume(place.options(HUB)) == place.assume(place.options(HUB))
    assert len(place.warnings) == 1 and "it was emptied and closed" in place.warnings[0]


def test_folder_on_a_file_system_without_permissions_is_a_warning(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.folder.mkdir(0o700)
    place.folder.chmod(0o777)
    monkeypatch.setattr(os, "fchmod", lambda file, mode: None)
    assert place.assume(place.options(HUB)) != place.assume(place.options(HUB))
    assert set(place.warnings) == {
        "Credentials are not cached: no cache directory can be created: the file system of"
        f" {place.folder} does not keep permissions"
    }


def test_folder_that_is_not_safe_is_an_error(place: Place) -> None:
    place.folder.symlink_to("/tmp")
    with pytest.raises(CacheError, match="symbolic link: remove it"):
        place.assume(place.options(HUB))
    assert place.assume(place.options(HUB, cache=False))


def test_where_there_can_be_no_folder_is_a_warning(place: Place) -> None:
    place.parents = [str(place.config)]
    assert place.assume(place.options(HUB)) != place.assume(place.options(HUB))
    assert set(place.warnings) == {
        "Credentials are not cached: no cache directory can be created: no parent directory belongs to this user"
    }


def test_expired_entries_are_removed(place: Place) -> None:
    place.assume(place.options(HUB))
    for path in place.folder.iterdir():
        os.utime(path, (1, 1))
    place.assume(place.options(LONG))
    assert len(list(place.folder.iterdir())) == 2


class Machine:
    """Instance that runs this code."""

    boot_id = "one"


@pytest.fixture(name="machine")
def fixture_machine(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Machine]]:
    real = _fingerprint._read
    monkeypatch.setattr(
        _fingerprint,
        "_read",
        lambda path: Machine.boot_id if path.startswith("/proc") else real(path),
    )
    place.environ["ALIYUN_CLI_METADATA_ENDPOINT"] = place.emulator.http_url
    yield Machine
    Machine.boot_id = "one"


def test_role_of_the_instance_is_kept_for_this_instance(
    place: Place, machine: type[Machine]
) -> None:
    options = place.options(HUB, source={"mode": "EcsRamRole"})
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.assume(place.options(HUB, SPOKE, source={"mode": "EcsRamRole"}))
    assert (place.calls("ImdsCredentials"), place.calls()) == (1, 2)
    machine.boot_id = "two"
    assert place.find(options) is None
    place.assume(options)
    assert (place.calls("ImdsCredentials"), place.calls()) == (2, 3)
    machine.boot_id = "one"
    assert place.assume(options) == first


def test_role_of_the_instance_is_kept_without_hops(place: Place, machine: type[Machine]) -> None:
    options = place.options(source={"mode": "EcsRamRole"})
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.assume(options) == first
    assert place.calls("ImdsCredentials") == 1


def test_other_uris_are_other_sources(place: Place, machine: type[Machine]) -> None:
    uri = place.emulator.http_url + "/credentials-uri"
    for suffix in ("", "", "?other"):
        source = {"mode": "CredentialsURI", "credentials_uri": uri + suffix}
        place.assume(place.options(source=source))
    assert place.calls("CredentialsUri") == 2
    assert b"?other" not in place.kept()


def oidc(place: Place, token: Path) -> dict[str, Any]:
    return {
        "mode": "OIDC",
        "region": "cn-hangzhou",
        "oidc_provider_arn": "acs:ram::1100000000000001:oidc-provider/ci",
        "oidc_token_file": str(token),
        "ram_role_arn": "acs:ram::1100000000000001:role/pipeline",
        "role_session_name": "ansible",
        "sts_endpoint": place.emulator.http_url,
    }


def test_who_has_another_oidc_token_is_somebody_else(place: Place, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(place.emulator.oidc_token(subject="repo:example/one"))
    options = place.options(HUB, source=oidc(place, token))
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.calls("AssumeRoleWithOIDC") == 1
    token.write_text(place.emulator.oidc_token(subject="repo:somebody/else"))
    assert place.find(options) is None
    with pytest.raises(AliyunCliError, match="AssumeRoleWithOIDC"):
        place.assume(options)
    token.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        place.assume(options)


def test_token_that_changes_meanwhile_leaves_nothing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text(place.emulator.oidc_token())
    real = _fingerprint.take
    contents = iter(["x", place.emulator.oidc_token(seconds=60), "y"])

    def take(inputs: list[str], environ: Any) -> Any:
        fingerprint = real(inputs, environ)
        token.write_text(next(contents, "z"))
        return fingerprint

    with monkeypatch.context() as patch:
        patch.setattr(_fingerprint, "take", take)
        # Looked at, and replaced before it is read.
        contents = iter([place.emulator.oidc_token(seconds=60), "y"])
        place.assume(place.options(source=oidc(place, token)))
    assert {path.suffix for path in place.folder.iterdir()} == {".uncacheable"}


def program(tmp_path: Path, printed: dict[str, str]) -> dict[str, Any]:
    """Return a source whose command prints these credentials, and counts its runs."""
    script = tmp_path / "command.py"
    script.write_text(f"open('{tmp_path}/runs', 'a').write('x')\nprint({json.dumps(printed)!r})\n")
    return {"mode": "External", "process_command": f"{sys.executable} {script}"}


def runs(tmp_path: Path) -> int:
    return len((tmp_path / "runs").read_text())


def test_command_is_run_once_for_the_same_environment(place: Place, tmp_path: Path) -> None:
    given = place.assume(place.options(HUB, cache=False))
    printed = {
        "mode": "StsToken",
        "access_key_id": given["access_key_id"],
        "access_key_secret": given["access_key_secret"],
        "sts_token": given["security_token"],
        "expiration": given["expiration"],
    }
    options = place.options(source=program(tmp_path, printed), allow_process=True)
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.assume(options) == first
    assert runs(tmp_path) == 1
    place.environ["WHO"] = "somebody else"
    assert place.find(options) is None
    with pytest.raises(SourceError, match="allow_process"):
        place.assume(dict(options, allow_process=False))
    place.assume(options)
    assert runs(tmp_path) == 2
    with pytest.raises(SourceError, match="allow_process"):
        place.assume(dict(options, allow_process=False))


@pytest.mark.parametrize("expiration", ["", "2999-01-01T00:00:00Z"])
def test_long_lived_key_that_a_command_prints_is_not_kept(
    place: Place, tmp_path: Path, expiration: str
) -> None:
    source = program(tmp_path, {"mode": "AK", "expiration": expiration, **KEYS})
    options = place.options(source=source, allow_process=True)
    assert place.assume(options)["access_key_id"] == KEYS["access_key_id"]
    assert {path.suffix for path in place.folder.iterdir()} == {".uncacheable"}
    for _use in range(2):
        place.assume(place.options(HUB, source=source, allow_process=True))
    assert (runs(tmp_path), place.calls()) == (2, 1)
    assert KEYS["access_key_secret"].encode() not in place.kept()


def key_pair(place: Place, tmp_path: Path) -> dict[str, Any]:
    pem = place.emulator.key_pair("acs:ram::1100000000000001:user/deploy", name="pair")
    (tmp_path / "key.pem").write_text(pem)
    return {
        "mode": "RsaKeyPair",
        "key_pair_name": "pair",
        "private_key": str(tmp_path / "key.pem"),
        "sts_endpoint": place.emulator.http_url,
    }


def test_session_key_of_a_key_pair_is_kept_and_the_private_key_is_not(
    place: Place, tmp_path: Path
) -> None:
    source = key_pair(place, tmp_path)
    options = place.options(source=source)
    first = place.assume(options)
    assert place.find(options) == [first]
    assert first["access_key_secret"].encode() in place.kept()
    assert place.calls("GenerateSessionAccessKey") == 1
    pem = (tmp_path / "key.pem").read_text()
    place.assume(place.options(source={**source, "private_key": pem}))
    assert place.calls("GenerateSessionAccessKey") == 2
    assert b"PRIVATE KEY" not in place.kept() and pem.splitlines()[3].encode() not in place.kept()
    (tmp_path / "key.pem").write_text("no key")
    assert place.find(options) is None
    with pytest.raises(SourceError, match="private_key must be an unencrypted RSA key"):
        place.assume(options)


LOGINS: dict[str, dict[str, Any]] = {
    "CloudSSO": {
        "cloud_sso_sign_in_url": "https://signin.example.com",
        "cloud_sso_account_id": "1100000000000001",
        "cloud_sso_access_config": "ac",
        "access_token": "token",
    },
    "OAuth": {
        "oauth_site_type": "CN",
        "oauth_access_token": "token",
        "oauth_refresh_token": "token",
    },
}


@pytest.mark.parametrize(
    "mode, name", [(mode, name) for mode, login in LOGINS.items() for name in login]
)
def test_other_logins_are_other_sources(place: Place, mode: str, name: str) -> None:
    given = place.assume(place.options(HUB, cache=False))
    profile = {
        "name": "login",
        "mode": mode,
        "region_id": "cn-hangzhou",
        "access_key_id": given["access_key_id"],
        "access_key_secret": given["access_key_secret"],
        "sts_token": given["security_token"],
        "sts_expiration": int(place.clock.wall) + 3600,
        **LOGINS[mode],
    }
    place.write(profile)
    place.assume(place.options(SPOKE))
    place.write({**profile, "region_id": "cn-beijing"})
    place.assume(place.options(SPOKE))
    assert place.calls() == 2
    place.write({**profile, name: "INTL" if name == "oauth_site_type" else "other"})
    place.assume(place.options(SPOKE))
    assert place.calls() == 3


class Recording(dict[str, str]):
    """Environment variables that record which of them were read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def test_no_variable_is_read_that_is_not_part_of_the_key(
    place: Place, machine: type[Machine], tmp_path: Path
) -> None:
    environ = Recording(place.environ)
    place.environ = environ
    place.config.unlink()
    with pytest.raises(ProfileError, match="no credentials found"):
        place.assume(place.options())
    environ["ALIBABA_CLOUD_STS_REGION"] = "cn-hangzhou"
    with pytest.raises(SourceError):
        place.assume(place.options(source={"mode": "OIDC", **oidc(place, tmp_path / "none")}))
    environ["ALIBABA_CLOUD_ECS_METADATA"] = "machine"
    assert place.assume(place.options())
    environ.update(ALICLOUD_ACCESS_KEY="a", ALICLOUD_SECRET_KEY="b")
    assert place.assume(place.options())
    for mode, more in (("CredentialsURI", {"credentials_uri": "http://127.0.0.1:1/"}),):
        with pytest.raises(SourceError):
            place.assume(place.options(source={"mode": mode, **more}))
    with pytest.raises(SourceError):
        place.assume(place.options(source={"mode": "External", "process_command": "true"}))
    assert len(environ.asked) > 20
    assert environ.asked - hit.VARIABLES == {"HOME"}


def test_terms_are_resolved_at_the_same_time_and_what_they_share_once(place: Place) -> None:
    profiles: list[dict[str, Any]] = [{"name": "deploy", "mode": "AK", **KEYS}]
    hub = {"name": "hub", "source_profile": "deploy", **place.hop(HUB)}
    spokes = [
        {
            "name": f"spoke-{number}",
            "source_profile": "hub",
            "ram_session_name": f"team-{number}",
            **place.hop(SPOKE),
        }
        for number in range(20)
    ]
    for profile in [hub, *spokes]:
        profiles.append({"mode": "ChainableRamRoleArn", "ram_session_name": "ansible", **profile})
    place.write(*profiles)
    terms = [f"spoke-{number}" for number in reversed(range(20))] + ["deploy", "spoke-3", "hub"]
    for cache, calls in ((True, 21), (False, 42)):
        results = place.assume_all(place.options(cache=cache, hops=None), *terms)
        assert [result["profile"] for result in results] == terms
        assert [result["assumed_role_arn"].rpartition("/")[2] for result in results] == [
            *(f"team-{number}" for number in reversed(range(20))),
            "",
            "team-3",
            "ansible",
        ]
        assert place.calls() == calls
        assert results[-2]["access_key_id"] == results[16]["access_key_id"]
    connections = {call["connection"] for call in place.emulator.journal}
    assert 2 <= len(connections) <= 2 * _resolve.MAX_THREADS


def test_no_more_than_eight_threads_and_none_that_stays(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_pool() -> int:
        return sum(thread.name.startswith("ThreadPool") for thread in threading.enumerate())

    counts = []
    real = _resolve._Session.result

    def result(use: Any, profile: str | None) -> Any:
        counts.append(of_pool())
        return real(use, profile)

    monkeypatch.setattr(_resolve._Session, "result", result)
    place.assume_all(place.options(HUB), *["deploy"] * 30)
    assert 1 <= max(counts) <= 8
    counts.clear()
    place.assume_all(place.options(HUB), "deploy")
    assert counts == [0]
    assert of_pool() == 0


def test_each_term_that_fails_is_named(place: Place) -> None:
    profile = {"mode": "AK", "region_id": "cn-hangzhou", **KEYS}
    place.write(
        {"name": "good", **profile},
        {"name": "bad", **profile, "access_key_secret": "wrong"},
        {"name": "intern", **profile, **INTERN},
    )
    with pytest.raises(AliyunCliError) as caught:
        place.assume_all(place.options(HUB), "good", "bad", "nobody", "intern", "nobody")
    messages = str(caught.value).split("; '")
    assert [message.partition(":")[0] for message in messages] == [
        "'bad'",
        "nobody', 'nobody'",
        "intern'",
    ]
    assert "SignatureDoesNotMatch" in messages[0] and "NoPermission" in messages[2]
    assert messages[1].startswith("nobody', 'nobody': the profile 'nobody' does not exist: /")
    assert messages[1].endswith(" has 'good', 'bad', 'intern'")
    with pytest.raises(StsError, match="^hop 1 of 1: .*SignatureDoesNotMatch"):
        place.assume(place.options(HUB), "bad")


def test_error_that_is_no_sentence_is_raised_as_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(ImportError):
        place.assume_all(place.options(HUB), "deploy", "deploy")
    with pytest.raises(ImportError):
        place.assume(place.options(HUB))


@pytest.mark.parametrize("term", ["", 1, None, ["deploy"], {"profile": "deploy"}])
def test_term_that_is_no_name(place: Place, term: Any) -> None:
    with pytest.raises(ProfileError, match="a term must be the name of a profile"):
        place.assume(place.options(HUB), term)


@pytest.mark.parametrize("option", [{"profile": "deploy"}, {"source": {"mode": "AK"}}], ids=str)
def test_terms_exclude_another_beginning(place: Place, option: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match="terms cannot be combined with profile or source"):
        place.assume(place.options(**option), "deploy")
