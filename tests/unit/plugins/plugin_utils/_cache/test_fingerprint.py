# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the inputs, in addition to settings, that the credentials of a source depend on."""

from __future__ import annotations

import builtins
import io
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _fingerprint

PEM = "-----BEGIN RSA PRIVATE KEY-----\n"
INPUTS: dict[str, tuple[dict[str, Any], list[str]]] = {
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
def test_inputs_of_every_mode(mode: str) -> None:
    settings, inputs = INPUTS[mode]
    assert _fingerprint.list_inputs(mode, settings) == inputs


def test_key_that_is_given_as_text_is_in_no_file() -> None:
    assert _fingerprint.list_inputs("RsaKeyPair", {"private_key": PEM}) == []


def test_no_inputs_are_no_fingerprint() -> None:
    assert _fingerprint.take([], {"a": "b"}) is None


def test_same_inputs_have_the_same_fingerprint() -> None:
    inputs = ["machine", "process", "file:/nothing"]
    fingerprint = _fingerprint.take(inputs, {"b": "1", "a": "2"})
    assert fingerprint == _fingerprint.take(inputs, {"a": "2", "b": "1"})
    assert fingerprint and fingerprint["inputs"] == inputs and len(fingerprint["seen"]) == 64


def test_file_counts_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    seen = []
    for content in (None, b"", b"a", b"b", b"\xff"):
        if content is not None:
            (tmp_path / "token").write_bytes(content)
        seen.append(_fingerprint.take(["file:~/token"], {}))
    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])
    (tmp_path / "same").write_bytes(b"\xff")
    # The path itself is part of the fingerprint, so the same bytes elsewhere are something else.
    assert seen[-1] and seen[-1] != _fingerprint.take([f"file:{tmp_path}/same"], {})
    assert "\xff" not in str(seen)


def test_what_is_no_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", "/no\0name", "/no\ud800name"):
        assert _fingerprint.take([f"file:{path}"], {})


def test_process_counts_by_its_environment_and_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [_fingerprint.take(["process"], environ) for environ in ({}, {"A": "1"}, {"A": "2"})]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    seen.append(_fingerprint.take(["process"], {}))
    (tmp_path / "here").rmdir()
    seen.append(_fingerprint.take(["process"], {}))
    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])


FACTS = {
    "boot ID": ("_read", "/proc/sys/kernel/random/boot_id"),
    "network namespace": ("_read_link", "/proc/self/ns/net"),
    "PID namespace": ("_read_link", "/proc/self/ns/pid"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_machine_counts_by_its_boot_and_its_namespaces(
    monkeypatch: pytest.MonkeyPatch, fact: str
) -> None:
    function, path = FACTS[fact]
    real = getattr(_fingerprint, function)
    before = _fingerprint.take(["machine"], {})
    monkeypatch.setattr(
        _fingerprint, function, lambda asked: "other" if asked == path else real(asked)
    )
    assert real(path) and before != _fingerprint.take(["machine"], {})


def test_machine_counts_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Name:
        nodename = "other"

    before = _fingerprint.take(["machine"], {})
    monkeypatch.setattr(os, "uname", Name)
    assert before != _fingerprint.take(["machine"], {})


def test_container_that_is_started_again_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stat = "1 (a (b) c) S " + " ".join(str(number) for number in range(4, 53))
    seen = [_fingerprint.take(["machine"], {})]
    for text in (stat, stat.replace(" 22 ", " 23 "), stat.replace(" 21 ", " 99 "), ""):
        monkeypatch.setattr(
            builtins,
            "open",
            lambda path, *rest, text=text, **more: (
                io.StringIO(text) if path == "/proc/1/stat" else io.BytesIO(b"boot")
            ),
        )
        seen.append(_fingerprint.take(["machine"], {}))
    monkeypatch.undo()
    assert seen[1] != seen[2] and seen[1] == seen[3] != seen[4]


def test_machine_without_proc_counts_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: Any, **_options: Any) -> Any:
        raise FileNotFoundError()

    monkeypatch.setattr(builtins, "open", missing)
    monkeypatch.setattr(os, "readlink", missing)
    assert _fingerprint.take(["machine"], {})


def test_command_counts_by_its_mount_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.readlink
    before = _fingerprint.take(["process"], {})
    monkeypatch.setattr(
        os, "readlink", lambda path: "other" if path == "/proc/self/ns/mnt" else real(path)
    )
    assert before != _fingerprint.take(["process"], {})
