# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test a hit: keys, the directory, entries, and their lifetime."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.lookup.assume_role import ORIGINS
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    environment as _environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import MAX_ANSWER
from ansible_collections.aliyun.cli.plugins.module_utils._modes import MODES
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as cache
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _fingerprint
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import Clock

KEY = "a" * 64
OPTIONS: dict[str, Any] = dict.fromkeys(ORIGINS)
IDENTITY = [1, 2, 3, 4, 5]


def result_key(
    profile: Any = "one",
    options: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    path: str = "/config.json",
    identity: Any = None,
) -> str:
    return cache.make_result_key(
        profile, {**OPTIONS, **(options or {})}, environ or {}, path, identity or IDENTITY
    )


def strings_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return strings_of([*value, *value.values()])
    if isinstance(value, (list, tuple)):
        return {text for item in value for text in strings_of(item)}
    return {value} if isinstance(value, str) else set()


def test_all_variables_that_sources_read_are_part_of_the_key() -> None:
    names = {
        text
        for text in strings_of([*filter(None, vars(_environment).values()), *MODES.values()])
        if re.match(r"(ALIBABA_?CLOUD|ALICLOUD|ALIYUN)_[A-Z0-9_]+\Z", text) and text[-1] != "_"
    }
    assert len(names) > 25
    assert cache.VARIABLES == names | {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}


OTHER_OPTIONS: dict[str, list[Any]] = {
    "profile": ["two", ""],
    "config_path": ["/other"],
    "source": [{"mode": "AK"}, {"mode": "AK", "access_key_id": "a"}],
    "hops": [[], [{}], [{"policy": "{}"}], [{"policy": {}}], [{}, {}]],
    "allow_process": [True],
    "expected_account_id": ["1"],
    "expected_arn": ["acs:ram::1:assumed-role/a/*"],
    "role_session_name": ["me", "you"],
    "connect_timeout": [6],
    "read_timeout": [6],
    "max_time": [6],
    "retries": [0],
    "ca_bundle": ["/ca.pem"],
    "validate_certs": [False],
    "cache": [False],
    "cache_url": ["redis://127.0.0.1/"],
    "cache_prefix": ["other:"],
    "renew": [True],
    "min_lifetime": [1],
    "format": ["environment"],
}


def test_each_option_is_part_of_the_key() -> None:
    assert set(OTHER_OPTIONS) == set(OPTIONS)
    keys = [result_key()]
    keys += [
        result_key(options={name: value})
        for name, values in OTHER_OPTIONS.items()
        for value in values
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("secret", ["access_key_secret", "sts_token", "private_key"])
def test_who_has_another_secret_has_another_key(secret: str) -> None:
    assert result_key(options={"source": {secret: "a"}}) != result_key(
        options={"source": {secret: "b"}}
    )


def test_each_variable_is_part_of_the_key() -> None:
    keys = [result_key(environ={name: value}) for name in cache.VARIABLES for value in "ab"]
    keys += [result_key(), result_key(environ={"HOME": "/root", "LANG": "C"})]
    assert len(set(keys)) == 2 * len(cache.VARIABLES) + 1


def test_term_path_and_identity_are_part_of_the_key() -> None:
    keys = [
        result_key(),
        result_key(profile=None),
        result_key(profile="None"),
        result_key(profile=None, options={"profile": "one"}),
        result_key(path="/other"),
        result_key(identity=[None]),
        *(result_key(identity=[*IDENTITY[:n], 9, *IDENTITY[n + 1 :]]) for n in range(5)),
    ]
    assert len(set(keys)) == len(keys)


def test_values_of_any_kind_have_a_key() -> None:
    strange = {"hops": [{"policy": {1: "a", "b": {2, 3}}}], "source": Path("/a")}
    assert re.match(r"[0-9a-f]{64}\Z", result_key(options=strange))
    assert result_key(options={"hops": ({"a": 1},)}) == result_key(options={"hops": [{"a": 1}]})
    assert result_key(environ={"ALIBABA_CLOUD_PROFILE": "\udcff"})


def rewrite(path: Path) -> None:
    path.write_text("b")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("a")
    shutil.copystat(path, other)
    other.replace(path)


def touch(path: Path) -> None:
    os.utime(path, (1, 1))


def lengthen_and_turn_back(path: Path) -> None:
    info = path.stat()
    path.write_text("ab")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [rewrite, replace, touch, lengthen_and_turn_back, remove])
def test_identity_changes_with_the_file(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text("a")
    os.utime(path, (5, 5))
    before = cache.read_config_identity(str(path))
    assert cache.read_config_identity(str(path)) == before
    change(path)
    assert cache.read_config_identity(str(path)) != before


def test_identity_is_that_of_what_a_link_points_to(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text("same")
    link = tmp_path / "link"
    identities = []
    for name in "ab":
        link.symlink_to(name)
        identities.append(cache.read_config_identity(str(link)))
        assert identities[-1] == cache.read_config_identity(str(tmp_path / name))
        link.unlink()
    assert identities[0] != identities[1]


@pytest.mark.parametrize(
    "given, home, path",
    [
        ("/given", "/home/me", "/given"),
        (None, "/home/me", "/home/me/.aliyun/config.json"),
        (None, "", ""),
        (None, None, ""),
    ],
)
def test_path_of_the_file_of_profiles(given: str | None, home: str | None, path: str) -> None:
    environ = {} if home is None else {"HOME": home}
    assert cache.find_config_path({"config_path": given}, environ) == path


@pytest.mark.parametrize(
    "environ, parents",
    [
        ({}, ["/home"]),
        ({"XDG_RUNTIME_DIR": ""}, ["/home"]),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, ["/run/user/1", "/home"]),
    ],
)
def test_runtime_directory_comes_before_the_home_of_ansible(
    environ: dict[str, str], parents: list[str]
) -> None:
    assert cache.list_parents(environ, "/home") == parents


def make_folder(parent: Path, mode: int = 0o700) -> Path:
    folder = parent / cache.FOLDER
    folder.mkdir(parents=True)
    folder.chmod(mode)
    return folder


def test_folder_is_the_first_one_that_is_there(tmp_path: Path) -> None:
    parents = [str(tmp_path / name) for name in "abc"]
    assert cache.find_folder(parents) == ""
    make_folder(tmp_path / "c")
    assert cache.find_folder(parents) == str(tmp_path / "c" / cache.FOLDER)
    make_folder(tmp_path / "b")
    assert cache.find_folder(parents) == str(tmp_path / "b" / cache.FOLDER)


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o704, 0o750, 0o777, 0o1777])
def test_folder_that_others_can_enter_is_not_used(tmp_path: Path, mode: int) -> None:
    make_folder(tmp_path / "a", mode)
    make_folder(tmp_path / "b")
    assert cache.find_folder([str(tmp_path / "a"), str(tmp_path / "b")]) == ""


def test_folder_that_is_a_link_or_a_file_is_not_used(tmp_path: Path) -> None:
    target = make_folder(tmp_path / "a")
    for name in "bc":
        (tmp_path / name).mkdir()
    (tmp_path / "b" / cache.FOLDER).symlink_to(target)
    (tmp_path / "c" / cache.FOLDER).touch(0o600)
    assert cache.find_folder([str(tmp_path / "b")]) == ""
    assert cache.find_folder([str(tmp_path / "c")]) == ""


def test_folder_of_another_user_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert cache.find_folder([str(tmp_path)]) == ""
    with monkeypatch.context() as patch:
        # As for root with the XDG_RUNTIME_DIR of the user of sudo.
        own = make_folder(tmp_path / "own")
        real = os.lstat

        def lstat(path: str) -> Any:
            info = real(path)
            return os.stat_result([*info[:4], 54321, *info[5:]]) if path == str(own) else info

        patch.setattr(os, "lstat", lstat)
        assert cache.find_folder([str(tmp_path), str(tmp_path / "own")]) == str(own)


ENTRY = {"value": {"access_key_id": "STS.a"}, "expiration": 5}


def put(folder: Path, key: str, entry: dict[str, Any], *, mode: int = 0o600) -> Path:
    content = json.dumps(entry).encode()
    path = folder / key
    path.write_bytes(cache._make_checksum(key, content) + b"\n" + content)
    path.chmod(mode)
    return path


def test_entry_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, KEY, ENTRY)
    assert cache.read(KEY, str(path)) == ENTRY
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert cache.read(KEY, KEY, dir_fd=descriptor) == ENTRY
    finally:
        os.close(descriptor)


def test_entry_that_was_cut_short_is_none(tmp_path: Path) -> None:
    path = put(tmp_path, KEY, ENTRY)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.read(KEY, str(path)) is None


def test_entry_with_a_changed_byte_is_none(tmp_path: Path) -> None:
    path = put(tmp_path, KEY, ENTRY)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.read(KEY, str(path)) is None


def test_entry_of_another_key_is_none(tmp_path: Path) -> None:
    path = put(tmp_path, "b" * 64, ENTRY)
    assert cache.read(KEY, str(path)) is None


def test_entry_may_be_as_long_as_an_answer_makes_it(tmp_path: Path) -> None:
    entry = {"value": "\0" * MAX_ANSWER}
    assert cache.read(KEY, str(put(tmp_path, KEY, entry))) == entry


def test_entry_that_is_too_long_is_none(tmp_path: Path) -> None:
    assert cache.read(KEY, str(put(tmp_path, KEY, {"value": "x" * cache.MAX_SIZE}))) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_entry_that_others_can_reach_is_none(tmp_path: Path, mode: int) -> None:
    assert cache.read(KEY, str(put(tmp_path, KEY, ENTRY, mode=mode))) is None


def test_entry_of_another_user_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, KEY, ENTRY)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert cache.read(KEY, str(path)) is None


def test_what_is_no_file_is_no_entry(tmp_path: Path) -> None:
    target = put(tmp_path, KEY, ENTRY)
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "directory").mkdir(0o700)
    for name in ("link", "fifo", "directory", "nothing"):
        assert cache.read(KEY, str(tmp_path / name)) is None


def test_reading_leaves_no_file_open(tmp_path: Path) -> None:
    path = str(put(tmp_path, KEY, ENTRY))
    (tmp_path / "directory").mkdir(0o700)
    before = os.listdir("/proc/self/fd")
    cache.read(KEY, path)
    cache.read(KEY, str(tmp_path / "directory"))
    assert os.listdir("/proc/self/fd") == before


def entry_at(clock: Clock, lifetime: float, wait: float = 0) -> dict[str, Any]:
    return {
        "obtained": clock.wall,
        "boot": clock.boot,
        "expiration": clock.wall + lifetime,
        "wait": wait,
        "fingerprint": None,
        "value": {"access_key_id": "STS.a"},
    }


STATES = [
    # lifetime, need, seconds that pass, state
    (3600, 0, 0, "fresh"),
    (3600, 0, 3239, "fresh"),
    (3600, 0, 3241, "stale"),
    (3600, 0, 3540, "stale"),
    (3600, 0, 3541, "expired"),
    (3600, 0, 9999, "expired"),
    (43200, 0, 42839, "fresh"),
    (43200, 0, 42841, "stale"),
    (43200, 0, 43141, "expired"),
    # Sessions of 900 seconds are used again.
    (900, 0, 793, "fresh"),
    (900, 0, 794, "stale"),
    (900, 0, 882, "stale"),
    (900, 0, 883, "expired"),
    (10, 0, 8, "fresh"),
    (10, 0, 9, "stale"),
    (10, 0, 9.9, "expired"),
    # What is needed is kept, and renewed ahead of that.
    (3600, 1800, 1619, "fresh"),
    (3600, 1800, 1621, "stale"),
    (3600, 1800, 1800, "stale"),
    (3600, 1800, 1801, "expired"),
    (3600, 3500, 89, "fresh"),
    (3600, 3500, 91, "stale"),
    (3600, 3500, 101, "expired"),
    (3600, 3600, 0, "fresh"),
    (3600, 3601, 0, "expired"),
]


@pytest.mark.parametrize("lifetime, need, seconds, state", STATES)
def test_how_long_credentials_are_good_for(
    clock: Clock, lifetime: float, need: float, seconds: float, state: str
) -> None:
    entry = entry_at(clock, lifetime)
    clock.advance(seconds)
    assert cache.find_state(entry, need) == state


@pytest.mark.parametrize("wait, state", [(3300, "stale"), (3301, "fresh")])
def test_what_is_being_renewed_is_fresh_to_others(clock: Clock, wait: float, state: str) -> None:
    entry = entry_at(clock, 3600, wait)
    clock.advance(3300)
    assert cache.find_state(entry, 0) == state


CLOCKS = [
    # Changes of the clock and of the seconds since the start, and the state of an entry of 3600 seconds after them.
    ("set back", -7200, 60, "fresh"),
    ("set back, and time passes", -7200, 3550, "expired"),
    ("set ahead", 7200, 60, "expired"),
    ("set ahead a little", 3300, 60, "stale"),
    ("restarted", 60, -5000, "fresh"),
    ("restarted after an hour", 3601, -5000, "expired"),
    ("restarted and set back", -1, -5000, "expired"),
    ("asleep", 3550, 3550, "expired"),
]


@pytest.mark.parametrize(
    "wall, boot, state", [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS]
)
def test_setting_the_clock_prolongs_nothing(
    clock: Clock, wall: float, boot: float, state: str
) -> None:
    entry = entry_at(clock, 3600)
    clock.wall += wall
    clock.boot += boot
    assert cache.find_state(entry, 0) == state


def test_time_since_the_start_counts_sleep() -> None:
    names = ["CLOCK_BOOTTIME", "CLOCK_MONOTONIC"]
    assert cache._BOOT_CLOCK == next(getattr(time, name) for name in names if hasattr(time, name))
    wall, boot = cache.read_clocks()
    assert abs(wall - time.time()) < 60
    assert 0 < boot <= time.clock_gettime(cache._BOOT_CLOCK)


def test_entry_of_another_machine_goes_by_the_clock(clock: Clock) -> None:
    entry = entry_at(clock, 3600)
    del entry["boot"]
    clock.boot += 999999
    clock.wall += 60
    assert cache.find_state(entry, 0) == "fresh"
    clock.wall += 3600
    assert cache.find_state(entry, 0) == "expired"


def test_nothing_is_gone() -> None:
    assert cache.find_state(None, 0) == "expired"


class Home:
    """A home with a file of profiles and a cache."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.config = path / ".aliyun" / "config.json"
        self.config.parent.mkdir()
        self.config.write_text("{}")
        self.folder = make_folder(path)
        self.environ = {"HOME": str(path)}
        self.parents = [str(path)]
        self.clock = clock

    def put(self, profile: Any, options: dict[str, Any] | None = None, **values: Any) -> None:
        identity = cache.read_config_identity(str(self.config))
        key = result_key(profile, options, self.environ, str(self.config), identity)
        put(self.folder, key, {**entry_at(self.clock, 3600), "value": {"of": profile}, **values})

    def find(self, *profiles: Any, **options: Any) -> Any:
        return cache.find(
            profiles or [None], {**OPTIONS, **options}, environ=self.environ, parents=self.parents
        )


@pytest.fixture(name="home")
def fixture_home(tmp_path: Path, clock: Clock) -> Home:
    return Home(tmp_path, clock)


def test_results_are_found_in_the_order_of_the_terms(home: Home) -> None:
    home.put("one")
    home.put("two")
    assert home.find("two", "one", "two") == [{"of": "two"}, {"of": "one"}, {"of": "two"}]
    assert home.find("one", "three") is None
    assert home.find() is None
    home.put(None)
    assert home.find() == [{"of": None}]


def test_nothing_is_found_of_a_file_that_has_changed(home: Home) -> None:
    home.put("one")
    home.config.write_text("{ }")
    assert home.find("one") is None


def test_nothing_is_found_without_a_home(home: Home) -> None:
    home.put("one")
    del home.environ["HOME"]
    assert home.find("one") is None
    assert home.find("one", config_path=str(home.config)) is None


def test_nothing_is_found_without_a_folder(home: Home) -> None:
    home.put("one")
    home.folder.chmod(0o755)
    assert home.find("one") is None
    home.folder.chmod(0o700)
    assert home.find("one")


@pytest.mark.parametrize("seconds, found", [(3200, True), (3300, False), (3600, False)])
def test_what_ages_is_not_found(home: Home, seconds: float, found: bool) -> None:
    home.put("one")
    home.clock.advance(seconds)
    assert bool(home.find("one")) == found


@pytest.mark.parametrize("need, found", [(None, True), (0, True), (3000, True), (3500, False)])
def test_what_does_not_last_long_enough_is_not_found(
    home: Home, need: int | None, found: bool
) -> None:
    home.put("one", {"min_lifetime": need})
    home.clock.advance(110)
    assert bool(home.find("one", min_lifetime=need)) == found


def test_what_rests_on_something_else_is_not_found(home: Home, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a")
    fingerprint = _fingerprint.take([f"file:{token}"], {})
    home.put("one", fingerprint=fingerprint)
    assert home.find("one")
    token.write_text("b")
    assert home.find("one") is None
