# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the emulator on real sockets and as a process: TLS, keep-alive, broken connections, endings."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.emulator.__main__ import main

IDENTITY = "/?Action=GetCallerIdentity&Version=2015-04-01&Format=JSON"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def emulator(demo_file: Path) -> Iterator[Emulator]:
    with Emulator(demo_file) as running:
        yield running


def connect(emulator: Emulator) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", emulator.http_port, timeout=30)


def fetch(connection: http.client.HTTPConnection, path: str = IDENTITY) -> tuple[int, bytes]:
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "sts.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com"]
)
def test_tls_by_the_authority(emulator: Emulator, name: str) -> None:
    context = ssl.create_default_context(cafile=emulator.ca_file)
    with socket.create_connection(("127.0.0.1", emulator.https_port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=name) as connection:
            connection.sendall(b"GET /_emulator/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_tls_is_refused_without_the_authority(emulator: Emulator) -> None:
    connection = http.client.HTTPSConnection("127.0.0.1", emulator.https_port, timeout=30)
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/")
    assert emulator.journal == []


def test_connection_is_kept_alive_and_numbered(emulator: Emulator) -> None:
    first, second = connect(emulator), connect(emulator)
    for connection in (first, first, second):
        assert fetch(connection)[0] == 400
    numbers = [entry["connection"] for entry in emulator.journal]
    assert numbers[0] == numbers[1] != numbers[2]
    first.close()
    second.close()


def test_reset_connection(emulator: Emulator) -> None:
    emulator.add_fault("reset")
    with pytest.raises(ConnectionResetError):
        fetch(connect(emulator))
    assert fetch(connect(emulator))[0] == 400
    assert [entry["http"] for entry in emulator.journal] == [0, 400]


def test_short_body(emulator: Emulator) -> None:
    emulator.add_fault("short_body")
    with pytest.raises(http.client.IncompleteRead):
        fetch(connect(emulator))


@pytest.mark.parametrize("kind", ["slow_body", "slow_header", "slow_chunk"])
def test_slow_answer_arrives_whole_in_the_end(emulator: Emulator, kind: str) -> None:
    emulator.add_fault(kind, seconds=0.2)
    status, body = fetch(connect(emulator))
    assert (status, json.loads(body)["Code"]) == (400, "MissingAccessKeyId")


def test_hanging_answer_ends_with_the_emulator(demo_file: Path) -> None:
    with Emulator(demo_file) as emulator:
        emulator.add_fault("hang")
        connection = connect(emulator)
        connection.request("GET", IDENTITY)
        idle = socket.create_connection(("127.0.0.1", emulator.https_port))
        emulator.core.journal.wait(1)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    idle.close()
    connection.close()


def test_nothing_is_left(demo_file: Path) -> None:
    before = set(threading.enumerate())
    with Emulator(demo_file) as emulator:
        connection = connect(emulator)
        assert fetch(connection)[0] == 400
        authority = Path(emulator.ca_file)
        assert authority.exists()
    assert set(threading.enumerate()) <= before
    assert not authority.exists()
    connection.close()


def test_other_requests(emulator: Emulator) -> None:
    connection = connect(emulator)
    connection.request("POST", "/", headers={"Transfer-Encoding": "chunked"}, body=iter([b"x"]))
    assert connection.getresponse().status == 411
    connection = connect(emulator)
    connection.request("HEAD", IDENTITY)
    response = connection.getresponse()
    assert (response.status, response.read()) == (405, b"")
    assert fetch(connection)[0] == 400


def test_only_loopback(emulator: Emulator) -> None:
    for url in (emulator.http_url, emulator.https_url):
        assert url.split("//")[1].startswith("127.0.0.1:")
    # Another address of the loopback network must find nobody there.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", emulator.http_port), timeout=30)


def test_taken_port(emulator: Emulator, demo_file: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(OSError):
        Emulator(demo_file, https_port=emulator.http_port).start()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def command(demo_file: Path, tmp_path: Path) -> list[str]:
    ready = str(tmp_path / "ready.json")
    run = [sys.executable, "-m", "tests.emulator", "--world", str(demo_file), "--ready-file", ready]
    return [*run, "--journal", str(tmp_path / "journal"), "--ca-file", str(tmp_path / "ca.pem")]


def wait_ready(process: subprocess.Popen[bytes], path: Path) -> dict[str, Any]:
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.02)
    description: dict[str, Any] = json.loads(path.read_text())
    return description


def start(command: list[str], tmp_path: Path) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return process, wait_ready(process, tmp_path / "ready.json")


@pytest.mark.parametrize("way", ["control", "signal"])
def test_process_ends_when_told(command: list[str], tmp_path: Path, way: str) -> None:
    process, ready = start(command, tmp_path)
    assert ready["pid"] == process.pid and Path(ready["ca_file"]).read_text().startswith("-----")
    connection = http.client.HTTPConnection("127.0.0.1", ready["http_port"], timeout=30)
    assert fetch(connection)[0] == 400
    if way == "control":
        connection.request("POST", "/_emulator/stop")
        assert connection.getresponse().status == 200
    else:
        process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 0
    assert not (tmp_path / "ready.json").exists()
    journal = tmp_path / "journal"
    assert json.loads(journal.read_text())["code"] == "MissingAccessKeyId"
    assert journal.stat().st_mode & 0o077 == 0
    connection.close()


def test_process_ends_with_its_parent(command: list[str], tmp_path: Path) -> None:
    script = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"
    parent, ready = start([sys.executable, "-c", script, *command], tmp_path)
    parent.kill()
    parent.communicate(timeout=60)
    with pytest.raises(ConnectionRefusedError):
        while True:
            socket.create_connection(("127.0.0.1", ready["http_port"]), timeout=30).close()
            time.sleep(0.05)
    assert ready["pid"] != os.getpid()


def test_process_ends_after_its_time(command: list[str]) -> None:
    done = subprocess.run([*command, "--max-seconds", "0.1"], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 0


def test_bad_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = tmp_path / "world.yml"
    world.write_text("accounts: []")
    assert main(["--world", str(world)]) == 1
    assert capsys.readouterr().err == "emulator: world: accounts must be of type dict\n"
    assert main(["--world", str(tmp_path / "none.yml")]) == 1


def test_own_mistake_is_reported_without_the_request(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("secret-in-the-text")

    monkeypatch.setattr(emulator.clock, "now", broken)
    with pytest.raises(http.client.RemoteDisconnected):
        fetch(connect(emulator))
    monkeypatch.undo()
    emulator.stop()
    error = capsys.readouterr().err
    assert error.startswith("emulator: RuntimeError at ") and "secret-in-the-text" not in error
