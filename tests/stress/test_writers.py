# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test config.json with many writers, killed writers and torn reads, together with the official SDK and the CLI."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider.cli_profile import CLIProfileCredentialsProvider
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _lock
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.tests.stress.sts import REFRESH_TOKEN, Sts, running

WRITERS = 50
# Edits by each of the writers, and files.
EDITS = 5
RUNS = 4
# Other programs can lose changes. Their tests measure how many: the figures in the guide are from RUNS=10.
MIXED_RUNS = int(os.environ.get("RUNS", "2"))
KILLS = 100
# Results of a refresh by the SDK.
KEPT, LOST = b".", b"x"


def put(path: Path, name: str) -> None:
    entry = {"name": name, "mode": "Anonymous", "region": "cn-hangzhou"}
    _edit.edit(str(path), lambda document: _profiles.put(document, [entry]), lock_timeout=60)


def refresh_with_the_sdk(path: Path, sts: Sts, record: int) -> None:
    """Refresh the credentials of a profile as any program does that uses the official SDK.

    Each refresh of a login replaces its refresh token, and the old one is then invalid. If an edit brings an old one
    back, log in again, by the SDK's own way to store a login. Write each result to the pipe ``record``.
    """
    provider = CLIProfileCredentialsProvider(profile_name="sdk", profile_file=str(path))
    result = KEPT
    try:
        provider.get_credentials()
    except CredentialException:
        result = LOST
        sts.reset()
        provider._update_oauth_tokens(REFRESH_TOKEN, "", "", "", "", 0, 0)
    os.write(record, result)


def start_the_sdk(sts: Sts) -> None:
    # It logs each refresh of credentials that have expired.
    logging.disable()
    sts.take_over()


def put_like_the_cli(path: Path, name: str) -> None:
    """Set a profile as ``aliyun configure set`` does (config/configuration.go): read and replace the file, without a
    lock.
    """
    document = json.loads(path.read_bytes())
    document["profiles"].append({"name": name, "mode": "Anonymous", "region_id": "cn-hangzhou"})
    descriptor, temporary = tempfile.mkstemp(prefix=".config.json.tmp-", dir=path.parent)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(go_json.dump(document))
        file.flush()
        os.fsync(descriptor)
    os.rename(temporary, path)


def fork(work: Callable[[], None]) -> int:
    """Do the work in another process, and return its ID. The process ends with 0 if the work did not raise."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def exit_codes(pids: list[int]) -> set[int]:
    return {os.waitpid(pid, 0)[1] for pid in pids}


def names(path: Path) -> list[str]:
    return sorted(profile["name"] for profile in json.loads(path.read_bytes())["profiles"])


@contextlib.contextmanager
def in_background(
    work: Callable[[], None], before: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Do the work over and over in another process until the block ends; it must never raise."""

    def forever() -> None:
        before()
        while True:
            work()

    pid = fork(forever)
    try:
        yield
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def put_several(path: Path, name: str) -> None:
    """Make several edits, since a new process for each one costs more than the edit."""
    for number in range(EDITS):
        put(path, f"{name}-{number}")


def put_at_once(path: Path, writers: int) -> None:
    assert exit_codes([fork(partial(put_several, path, f"ours-{n}")) for n in range(writers)]) == {
        0
    }


def test_no_writer_loses_what_another_wrote(tmp_path: Path) -> None:
    for run in range(RUNS):
        path = tmp_path / str(run) / "config.json"
        put_at_once(path, WRITERS)
        assert names(path) == sorted(f"ours-{n}-{m}" for n in range(WRITERS) for m in range(EDITS))
        assert os.listdir(path.parent) == ["config.json"]


def write_first(path: Path, mode: str) -> None:
    """Write a file with a profile that each new provider of the SDK refreshes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"name": "sdk", "mode": mode, "region_id": "cn-hangzhou"}
    if mode == "External":
        credentials = {
            "mode": "StsToken",
            "access_key_id": "LTAI5tEXAMPLE",
            "access_key_secret": "fake-secret",
            "sts_token": "fake-token",
            "expiration": "2099-01-01T00:00:00Z",
        }
        printed = path.with_name("printed")
        printed.write_text(json.dumps(credentials))
        profile["process_command"] = f"cat {printed}"
    else:
        profile["oauth_site_type"] = "CN"
        profile["oauth_refresh_token"] = REFRESH_TOKEN
    path.write_bytes(go_json.dump({"current": "sdk", "profiles": [profile], "meta_path": ""}))
    path.chmod(0o600)


def kept(path: Path, kind: str) -> int:
    return len([name for name in names(path) if name.startswith(kind)])


@pytest.fixture(scope="module", name="sts")
def fixture_sts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    with running(tmp_path_factory.mktemp("sts")) as sts:
        yield sts


@pytest.mark.parametrize("mode", ["External", "OAuth"])
def test_writers_beside_the_real_sdk(
    tmp_path: Path, sts: Sts, record_property: Any, mode: str
) -> None:
    """Since the SDK reads before it locks, it can lose our edits. We lose its edits hardly ever, and never break a file."""
    ours, theirs = [], b""
    for run in range(MIXED_RUNS):
        sts.reset()
        path = tmp_path / str(run) / "config.json"
        write_first(path, mode)
        reader, writer = os.pipe()
        work = partial(refresh_with_the_sdk, path, sts, writer)
        with in_background(work, before=partial(start_the_sdk, sts)):
            pids = []
            for number in range(WRITERS):
                pids.append(fork(partial(put, path, f"ours-{number}")))
                time.sleep(0.02)
            assert exit_codes(pids) == {0}
        ours.append(kept(path, "ours-"))
        os.close(writer)
        with open(reader, "rb") as record:
            theirs += record.read()
        stored = next(p for p in json.loads(path.read_bytes())["profiles"] if p["name"] == "sdk")
        assert stored["access_key_secret"] and stored["sts_token"]
    lost, refreshed = theirs.count(LOST), len(theirs)
    print(f"{mode}: kept of {WRITERS}: {ours}; the SDK's refreshes lost: {lost} of {refreshed}")
    record_property("kept with the SDK", (ours, lost, refreshed))
    assert sum(ours) > 0 and refreshed > 0
    # With External, nobody notices a loss: the SDK runs the command again.
    if mode == "OAuth":
        assert lost * 20 < refreshed


def test_writers_beside_the_cli(tmp_path: Path, record_property: Any) -> None:
    """Since the CLI takes no lock, we read its edits before our rename, and it can lose ours after it."""
    ours, theirs = [], []
    for run in range(MIXED_RUNS):
        path = tmp_path / str(run) / "config.json"
        put(path, "first")
        pids = []
        for number in range(WRITERS // 2):
            pids.append(fork(partial(put, path, f"ours-{number}")))
            pids.append(fork(partial(put_like_the_cli, path, f"cli-{number}")))
            time.sleep(0.02)
        assert exit_codes(pids) == {0}
        ours.append(kept(path, "ours-"))
        theirs.append(kept(path, "cli-"))
        assert os.listdir(path.parent) == ["config.json"]
    print(f"with the CLI, kept of {WRITERS // 2}: ours {ours}, the CLI's {theirs}")
    record_property("kept with the CLI", (ours, theirs))
    assert sum(ours) > 0 and sum(theirs) > 0


def test_a_file_that_is_replaced_all_the_time_loses_no_edit_of_ours(tmp_path: Path) -> None:
    """A program that replaces the file by an equal one, and waits for our locks, as no official one does."""
    path = tmp_path / "config.json"
    put(path, "first")

    def replace() -> None:
        with _lock.hold_flock(str(path), time.monotonic() + 60):
            other = path.with_name("other")
            other.write_bytes(path.read_bytes())
            other.chmod(0o600)
            other.rename(path)

    with in_background(replace):
        put_at_once(path, 40)
    assert kept(path, "ours-") == 40 * EDITS


def edited(path: Path, value: int) -> None:
    def change(document: dict[str, Any]) -> None:
        document["profiles"] = [
            {
                "name": "p",
                "mode": "Anonymous",
                "region_id": "r",
                "read_timeout": value,
                "x": "x" * 9999,
            }
        ]

    _edit.edit(str(path), change, lock_timeout=60)


def whole(path: Path) -> None:
    """Read what ``edited`` wrote."""
    document = _edit.read(str(path)).document
    assert len(document["profiles"][0]["x"]) == 9999


def killed_before(work: Callable[[], None], call: int) -> bool:
    """Do the work in a process that is killed before one of its system calls. Return whether it makes so many."""
    calls = itertools.count()

    def kill(_frame: Any, event: str, function: Any) -> None:
        is_call = event == "c_call" and function.__module__ in ("posix", "fcntl")
        if is_call and next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched() -> None:
        sys.setprofile(kill)
        work()
        sys.setprofile(None)

    (code,) = exit_codes([fork(watched)])
    assert code in (0, signal.SIGKILL)
    return code != 0


def values(path: Path) -> int:
    """Return the value of a whole file that ``edited`` wrote. A killed writer leaves at most one temporary file."""
    assert len(os.listdir(path.parent)) <= 2
    whole(path)
    return int(_edit.read(str(path)).document["profiles"][0]["read_timeout"])


def test_a_writer_killed_before_any_call_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    edited(path, 1)
    old, seen = 1, []
    for call in itertools.count():
        if not killed_before(partial(edited, path, call + 2), call):
            break
        now = values(path)
        assert now in (old, call + 2)
        seen.append(now != old)
        old = now
    # Until the rename, it is the old file, and after it the new one.
    assert seen == sorted(seen) and set(seen) == {False, True} and len(seen) > 30
    edited(path, 0)
    assert os.listdir(tmp_path) == ["config.json"]


def test_a_writer_killed_at_any_moment_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """A kill can also come during a system call."""
    path = tmp_path / "config.json"
    edited(path, 0)
    started = time.monotonic()
    edited(path, 1)
    longest = max(time.monotonic() - started, 0.001) * 2
    chance = random.Random(1)
    old = 1
    for number in range(2, KILLS + 2):
        pid = fork(partial(edited, path, number))
        time.sleep(chance.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        now = values(path)
        assert now in (old, number)
        old = now
    edited(path, 0)
    assert os.listdir(tmp_path) == ["config.json"]


def test_a_writer_killed_at_its_first_file_leaves_no_lock(tmp_path: Path) -> None:
    for call in itertools.count():
        path = tmp_path / str(call) / "config.json"
        was_killed = killed_before(partial(put, path, "killed"), call)
        put(path, "next")
        assert "next" in names(path)
        assert os.listdir(path.parent) == ["config.json"]
        if not was_killed:
            break
    assert call > 30


def test_a_reader_never_sees_a_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    edited(path, 0)

    with in_background(lambda: whole(path)):
        for number in range(1, 300):
            edited(path, number)
