# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sources rest on beside their settings."""

from __future__ import annotations

import builtins
import io
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _surroundings

PEM = "-----BEGIN RSA PRIVATE KEY-----\n"
PLACES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "AK": ({}, []),
    "StsToken": ({}, []),
    "EcsRamRole": ({}, ["machine"]),
    "CredentialsURI": ({"credentials_uri": "http://127.0.0.1/"}, ["machine"]),
    "External": ({"process_command": "a"}, ["machine", "process"]),
    "OIDC": ({"oidc_token_file": "~/token"}, ["file:~/token"]),
    "RsaKeyPair": ({"private_key": "/key.pem"}, ["file:/key.pem"]),
    "CloudSSO": ({}, []),
    "OAuth": ({}, []),
    "BearerToken": ({}, []),
    "Anonymous": ({}, []),
    # What begins with a hop has another mode as its source.
    "RamRoleArn": ({}, []),
    "RamRoleArnWithRoleName": ({}, []),
    "ChainableRamRoleArn": ({}, []),
}


@pytest.mark.parametrize("mode", _modes.MODES)
def test_places_of_every_mode(mode: str) -> None:
    settings, places = PLACES[mode]
    assert _surroundings.places_of(mode, settings) == places


def test_key_that_is_given_as_text_is_in_no_file() -> None:
    assert _surroundings.places_of("RsaKeyPair", {"private_key": PEM}) == []


def test_no_place_is_no_basis() -> None:
    assert _surroundings.look([], {"a": "b"}) is None


def test_same_places_look_the_same() -> None:
    places = ["machine", "process", "file:/nothing"]
    basis = _surroundings.look(places, {"b": "1", "a": "2"})
    assert basis == _surroundings.look(places, {"a": "2", "b": "1"})
    assert basis and basis["places"] == places and len(basis["seen"]) == 64


def test_file_counts_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    seen = []
    for content in (None, b"", b"a", b"b", b"\xff"):
        if content is not None:
            (tmp_path / "token").write_bytes(content)
        seen.append(_surroundings.look(["file:~/token"], {}))
    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])
    (tmp_path / "same").write_bytes(b"\xff")
    # The place itself is part of the basis, so the same bytes elsewhere are something else.
    assert seen[-1] and seen[-1] != _surroundings.look([f"file:{tmp_path}/same"], {})
    assert "\xff" not in str(seen)


def test_file_without_an_end_is_not_read_to_it() -> None:
    assert _surroundings.look(["file:/dev/zero"], {})


def test_process_counts_by_its_environment_and_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [_surroundings.look(["process"], environ) for environ in ({}, {"A": "1"}, {"A": "2"})]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    seen.append(_surroundings.look(["process"], {}))
    (tmp_path / "here").rmdir()
    seen.append(_surroundings.look(["process"], {}))
    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])


@pytest.mark.parametrize("has_boot_id", [True, False])
def test_machine_counts_by_its_start_or_its_name(
    monkeypatch: pytest.MonkeyPatch, has_boot_id: bool
) -> None:
    opened = []
    number = 0

    def fake_open(path: str, _mode: str) -> Any:
        opened.append(path)
        if not has_boot_id:
            raise FileNotFoundError()
        return io.BytesIO(b"%d" % number)

    class Name:
        @property
        def nodename(self) -> str:
            return "host" if has_boot_id else f"host-{number}"

    monkeypatch.setattr(builtins, "open", fake_open)
    monkeypatch.setattr(os, "uname", Name)
    seen = []
    for number in range(2):
        seen.append(_surroundings.look(["machine"], {}))
    assert seen[0] != seen[1]
    assert set(opened) == {"/proc/sys/kernel/random/boot_id"}
