# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.json under many writers, killed writers and torn reads: nothing is lost."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _config_file
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles

WRITERS = 50
RUNS = 20
KILLS = 1000


def put(path: Path, name: str) -> None:
    entry = {"name": name, "mode": "Anonymous", "region": "cn-hangzhou"}
    _config_file.edit(str(path), lambda document: _profiles.put(document, [entry]), lock_timeout=60)


def put_like_the_sdk(path: Path, name: str) -> None:
    """As the official SDKs write: flock on the file, and it is replaced while the lock is held."""
    while True:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
                continue
            document = json.loads(path.read_bytes())
            document["profiles"].append({"name": name, "mode": "AK"})
            temporary = path.with_name(f"sdk-{os.getpid()}")
            temporary.write_text(json.dumps(document, indent=4))
            temporary.rename(path)
            return


def fork(work: Callable[[], None]) -> int:
    """Do the work in another process; its ID. The process ends with 0 where the work did not raise."""
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


@pytest.mark.parametrize("sdks", [0, 10], ids=["alone", "beside SDKs"])
def test_no_writer_loses_what_another_wrote(tmp_path: Path, sdks: int) -> None:
    for run in range(RUNS):
        path = tmp_path / str(run) / "config.json"
        if sdks:
            # The SDKs only write a file that is there.
            put(path, "first")
        pids = [fork(partial(put, path, f"ours-{n}")) for n in range(WRITERS)]
        pids += [fork(partial(put_like_the_sdk, path, f"sdk-{n}")) for n in range(sdks)]
        assert exit_codes(pids) == {0}
        expected = [f"ours-{n}" for n in range(WRITERS)] + [f"sdk-{n}" for n in range(sdks)]
        assert names(path) == sorted(expected + ["first"] * bool(sdks))
        assert os.listdir(path.parent) == ["config.json"]


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

    _config_file.edit(str(path), change, lock_timeout=60)


def whole(path: Path) -> None:
    """Read what ``edited`` wrote."""
    document = _config_file.read(str(path)).document
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
            now = _config_file.read(str(path)).document["profiles"][0]["read_timeout"]
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
