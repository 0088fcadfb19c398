# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test config.json with many writers, killed writers and torn reads, together with the official SDK and the CLI."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator

from alibabacloud_credentials.provider.cli_profile import CLIProfileCredentialsProvider
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _lock
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles

WRITERS = 50
RUNS = 20
# Other programs can lose changes. Their tests measure how many.
MIXED_RUNS = 5
KILLS = 1000


def put(path: Path, name: str) -> None:
    entry = {"name": name, "mode": "Anonymous", "region": "cn-hangzhou"}
    _edit.edit(str(path), lambda document: _profiles.put(document, [entry]), lock_timeout=60)


def refresh_with_the_sdk(path: Path) -> None:
    """Refresh the profile of mode External as any program does that uses the official SDK."""
    CLIProfileCredentialsProvider(profile_name="sdk", profile_file=str(path)).get_credentials()


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
def in_background(work: Callable[[], None]) -> Iterator[None]:
    """Do the work over and over in another process until the block ends; it must never raise."""

    def forever() -> None:
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


def test_no_writer_loses_what_another_wrote(tmp_path: Path) -> None:
    for run in range(RUNS):
        path = tmp_path / str(run) / "config.json"
        assert exit_codes([fork(partial(put, path, f"ours-{n}")) for n in range(WRITERS)]) == {0}
        assert names(path) == sorted(f"ours-{n}" for n in range(WRITERS))
        assert os.listdir(path.parent) == ["config.json"]


def first(path: Path) -> None:
    """Write a file with a profile that each new provider of the SDK refreshes."""
    credentials = {
        "mode": "StsToken",
        "access_key_id": "LTAI5tEXAMPLE",
        "access_key_secret": "fake-secret",
        "sts_token": "fake-token",
        "expiration": "2099-01-01T00:00:00Z",
    }
    printed = path.with_name("printed")
    path.parent.mkdir(parents=True, exist_ok=True)
    printed.write_text(json.dumps(credentials))
    entry = {"name": "sdk", "mode": "External", "process_command": f"cat {printed}"}
    _edit.edit(
        str(path), lambda document: _profiles.put(document, [{**entry, "region": "cn-hangzhou"}])
    )


def kept(path: Path, kind: str) -> int:
    return len([name for name in names(path) if name.startswith(kind)])


def test_writers_beside_the_real_sdk(tmp_path: Path, record_property: Any) -> None:
    """Since the SDK reads before it locks, it can lose our edits. It never breaks a file, and we never lose its edits."""
    found = []
    for run in range(MIXED_RUNS):
        path = tmp_path / str(run) / "config.json"
        first(path)
        with in_background(partial(refresh_with_the_sdk, path)):
            pids = []
            for number in range(WRITERS):
                pids.append(fork(partial(put, path, f"ours-{number}")))
                time.sleep(0.02)
            assert exit_codes(pids) == {0}
        found.append(kept(path, "ours-"))
        stored = next(p for p in json.loads(path.read_bytes())["profiles"] if p["name"] == "sdk")
        assert stored["access_key_secret"] == "fake-secret"
    print(f"with the SDK, kept of {WRITERS}: {found}")
    record_property("kept with the SDK", found)
    assert sum(found) > 0


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
        for round_ in range(RUNS):
            pids = [fork(partial(put, path, f"ours-{round_}-{n}")) for n in range(10)]
            assert exit_codes(pids) == {0}
    assert kept(path, "ours-") == RUNS * 10


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


def test_a_killed_writer_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    edited(path, 0)
    started = time.monotonic()
    edited(path, 1)
    longest = max(time.monotonic() - started, 0.001) * 2
    chance = random.Random(1)
    old, seen = 1, set()

    with in_background(lambda: whole(path)):
        for number in range(2, KILLS + 2):
            pid = fork(partial(edited, path, number))
            time.sleep(chance.uniform(0, longest))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            now = _edit.read(str(path)).document["profiles"][0]["read_timeout"]
            assert now in (old, number)
            seen.add(now == number)
            # What a writer that was killed leaves is one temporary file, until the next write.
            assert len(os.listdir(tmp_path)) <= 2
            old = now
    assert seen == {True, False}, "the kills did not meet the writers at work"
    edited(path, 0)
    assert os.listdir(tmp_path) == ["config.json"]


def test_a_writer_killed_at_its_first_file_leaves_no_lock(tmp_path: Path) -> None:
    chance = random.Random(2)
    for number in range(100):
        path = tmp_path / str(number) / "config.json"
        pid = fork(partial(put, path, "killed"))
        time.sleep(chance.uniform(0, 0.004))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        put(path, "next")
        assert "next" in names(path)
        assert os.listdir(path.parent) == ["config.json"]


def test_a_reader_never_sees_a_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    edited(path, 0)

    with in_background(lambda: whole(path)):
        for number in range(1, 500):
            edited(path, number)
