# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cache plugin of Ansible as the store: which ones are refused, what they are given, and what they may break."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import plugin_store as _cache_plugin
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    CacheError,
    Folder,
    open_folder,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.plugin_store import (
    PluginStore,
    reader,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import (
    HUB,
    KEYS,
    SPOKE,
    TARGET,
    Clock,
    Place,
)

KEY = "a" * 64
ENTRY = {"value": {"access_key_id": "STS.a"}, "obtained": 5.0}


@pytest.fixture(name="directory")
def fixture_directory(tmp_path: Path) -> Path:
    directory = tmp_path / "kept"
    directory.mkdir(0o700)
    return directory


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Iterator[Folder]:
    folder = open_folder([str(tmp_path)])
    yield folder
    folder.close()


def test_entry_is_kept_in_files(directory: Path, clock: Clock) -> None:
    store = PluginStore("jsonfile", str(directory))
    assert store.read(KEY) is None
    store.write(KEY, {**ENTRY, "boot": 7}, clock.wall + 60)
    # When this machine started is kept from others.
    assert store.read(KEY) == ENTRY
    assert PluginStore("jsonfile", str(directory)).read(KEY) == ENTRY
    (file,) = directory.iterdir()
    assert file.name.startswith("aliyun.cli_") and file.name.endswith(KEY)
    assert reader("jsonfile", str(directory))(KEY) == ENTRY


def test_renewed_entry_is_seen(directory: Path, clock: Clock) -> None:
    store, other = (PluginStore("jsonfile", str(directory)) for _number in range(2))
    for number in range(3):
        other.write(KEY, {"value": number}, clock.wall + 60)
        assert store.read(KEY) == {"value": number}


def test_changed_entry_is_none(directory: Path, clock: Clock) -> None:
    store = PluginStore("jsonfile", str(directory))
    store.write(KEY, ENTRY, clock.wall + 60)
    (file,) = directory.iterdir()
    whole = file.read_text()
    for text in (whole.replace("STS.a", "STS.b"), "{}", "[", ""):
        file.write_text(text)
        assert store.read(KEY) is None


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o711])
def test_files_that_others_can_read_are_refused(directory: Path, mode: int) -> None:
    directory.chmod(mode)
    with pytest.raises(CacheError) as caught:
        PluginStore("jsonfile", str(directory))
    assert str(caught.value) == (
        "the cache plugin jsonfile cannot keep credentials: its files are readable by others unless its directory"
        f" {directory} belongs to the user who runs Ansible, with mode 0700"
    )
    assert reader("jsonfile", str(directory))(KEY) is None


def test_memory_is_refused() -> None:
    with pytest.raises(CacheError, match="it keeps nothing beyond a process"):
        PluginStore("memory", None)


@pytest.mark.parametrize("name", ["nothing", "aliyun.cli.nothing", "no.such.plugin"])
def test_plugin_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(CacheError, match=f"the cache plugin {name} cannot keep credentials: "):
        PluginStore(name, None)
    assert reader(name, None)(KEY) is None


class Engine:
    """A cache plugin that keeps what it is given, as one that speaks to a server does."""

    given: list[dict[str, Any]] = []
    kept: dict[str, Any] = {}
    error: Exception | None = None

    def __init__(self, **options: Any) -> None:
        self.given.append(options)

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def contains(self, key: str) -> bool:
        raise NotImplementedError("memcached loses count when two write at once")

    def get(self, key: str) -> Any:
        self._check()
        return self.kept[key]

    def set(self, key: str, value: Any) -> None:
        self._check()
        self.kept[key] = json.loads(json.dumps(value))


class Loader:
    """Finds the engine, unless it cannot be made."""

    error: Exception | None = None

    def get(self, name: str, **options: Any) -> Any:
        if self.error is not None:
            raise self.error
        return Engine(**options) if name == "engine" else None


@pytest.fixture(name="loader")
def fixture_loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    for name, value in (("given", []), ("kept", {}), ("error", None)):
        monkeypatch.setattr(Engine, name, value)
    loader = Loader()
    monkeypatch.setattr(_cache_plugin, "cache_loader", loader)
    return loader


@pytest.mark.parametrize(
    "seconds, timeout", [(3600, 3600), (0.5, 1), (-5, 1), (99999, 43200)], ids=str
)
def test_engine_forgets_what_has_expired(
    loader: Loader, clock: Clock, seconds: float, timeout: int
) -> None:
    store = PluginStore("engine", "host:6379")
    store.write(KEY, ENTRY, clock.wall + seconds)
    assert Engine.given[-1] == {
        "_prefix": "aliyun.cli_",
        "_keyset_name": "aliyun.cli_keys",
        "_timeout": timeout,
        "_uri": "host:6379",
    }
    assert store.read(KEY) == ENTRY
    assert Engine.given[-1]["_timeout"] == 43200


def test_engine_has_a_connection_of_its_own(loader: Loader) -> None:
    PluginStore("engine", None)
    assert "_uri" not in Engine.given[-1]


def test_error_of_the_engine_shows_no_connection(
    loader: Loader, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PluginStore("engine", None)
    store.write(KEY, ENTRY, clock.wall + 60)
    monkeypatch.setattr(Engine, "error", ConnectionError("redis://:password@host"))
    assert store.read(KEY) is None
    with pytest.raises(OSError) as caught:
        store.write(KEY, ENTRY, clock.wall + 60)
    assert caught.value.strerror == "the cache plugin engine raised ConnectionError"
    for kind in (ValueError, AnsibleError):
        loader.error = kind("redis://:password@host")
        with pytest.raises(CacheError) as refused:
            PluginStore("engine", None)
        assert str(refused.value) == (
            f"the cache plugin engine cannot keep credentials: it raised {kind.__name__}"
        )
    loader.error = None
    with pytest.raises(CacheError, match="other cannot keep credentials: there is no such plugin"):
        PluginStore("other", None)


def test_locks_are_those_of_the_folder(loader: Loader, folder: Folder) -> None:
    store = PluginStore("engine", None, folder)
    with store.locked(KEY) as first, folder.locked(KEY) as second:
        assert (first, second) == (True, False)
    with PluginStore("engine", None).locked(KEY) as locked:
        assert locked


CHAIN = (HUB, SPOKE, TARGET)


def test_controllers_share_hops(loader: Loader, place: Place) -> None:
    options = place.options(*CHAIN, cache_plugin="engine")
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.calls() == 3
    # Another controller has another folder, another file of profiles, and another time since its start.
    place.clock.boot = 1.0
    place.parents = [str(place.folder / "other")]
    os.mkdir(place.parents[0])
    place.config.with_name("other").write_bytes(place.config.read_bytes())
    other = dict(options, config_path=str(place.config.with_name("other")))
    assert place.find(other) is None
    assert place.assume(other) == first
    assert place.find(other) == [first]
    assert place.calls() == 3
    assert place.warnings == []


def test_failure_is_shared_too(loader: Loader, place: Place) -> None:
    options = place.options("acs:ram::1100000000000001:role/locked", cache_plugin="engine")
    for _use in range(2):
        with pytest.raises(AliyunCliError, match="NoPermission"):
            place.assume(options)
        place.clock.boot = 1.0
    assert place.calls() == 1


def test_nothing_long_lived_goes_into_the_engine(loader: Loader, place: Place) -> None:
    place.assume(place.options(*CHAIN, cache_plugin="engine"))
    place.assume(place.options(cache_plugin="engine"))
    kept = json.dumps(Engine.kept)
    assert "STS." in kept
    assert not any(secret in kept for secret in KEYS.values())
    assert os.listdir(place.folder) == []


def test_engine_that_fails_costs_calls_and_a_warning(
    loader: Loader, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "error", ConnectionError("redis://:password@host"))
    for _use in range(2):
        assert place.assume(place.options(HUB, cache_plugin="engine"))["access_key_id"]
    assert place.calls() == 2
    assert set(place.warnings) == {
        "Credentials could not be cached: the cache plugin engine raised ConnectionError"
    }


def test_plugin_that_cannot_be_used_is_an_error(place: Place) -> None:
    options = place.options(HUB, cache_plugin="memory")
    assert place.find(options) is None
    with pytest.raises(CacheError, match="it keeps nothing beyond a process"):
        place.assume(options)
    assert place.calls() == 0


def test_engine_works_without_a_folder(loader: Loader, place: Place) -> None:
    place.parents = []
    options = place.options(HUB, cache_plugin="engine")
    first = place.assume(options)
    assert place.find(options) == [first]
    assert place.calls() == 1
    assert place.warnings == [
        "There is no folder for the credential cache: this user has no directory for it"
    ]
