# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure an edit against json.loads and json.dumps of the same file, and against these with a safe write.

An edit reads, locks, repairs, changes, and writes the file. A safe write is the least that every editor must do: a new
file, which is synchronized and takes the place of the old one. All are measured in each turn, and the medians over the
turns are printed, of processor time, which other work on the machine disturbs least, and of wall time, in which the disk
is waited for: on a small file that is nearly all. Run it with the collection below ``ansible_collections``:

    PYTHONPATH=ROOT python -m ansible_collections.aliyun.cli.tests.benchmarks.edit
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair

SIZES = {10: 300, 1_000: 30, 10_000: 7}


def profiles(count: int) -> list[dict[str, Any]]:
    return [
        {
            "name": f"profile-{number}",
            "mode": "AK",
            "region": "cn-hangzhou",
            "access_key_id": "LTAI5tEXAMPLE",
            "access_key_secret": "fake-secret",
        }
        for number in range(count)
    ]


class Times(NamedTuple):
    """Seconds of processor time and of wall time."""

    processor: float
    wall: float


def times(work: Callable[[int], object], turn: int) -> Times:
    processor, wall = time.process_time(), time.perf_counter()
    work(turn)
    return Times(time.process_time() - processor, time.perf_counter() - wall)


def measure(path: Path, turns: int) -> list[tuple[Times, ...]]:
    """Return the times of an edit, of the bare work, and of that with a safe write, in turns on the same machine."""

    def edit(turn: int) -> None:
        entry = {"name": "profile-5", "read_timeout": turn + 1}

        def change(document: dict[str, Any]) -> None:
            _profiles.put(document, [entry])

        done = _edit.edit(str(path), change, repair=_repair.repair)
        assert done.changed and done.repairs == []

    def bare(_turn: int) -> str:
        return json.dumps(json.loads(path.read_bytes()), indent="\t", ensure_ascii=False)

    def written(turn: int) -> None:
        other = path.with_name("other")
        with other.open("w", encoding="utf-8") as file:
            file.write(bare(turn))
            file.flush()
            os.fsync(file.fileno())
        other.replace(path.with_name("same"))
        directory = os.open(path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    return [tuple(times(work, turn) for work in (edit, bare, written)) for turn in range(turns)]


def main() -> None:
    for count, turns in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "config.json"
            entries = profiles(count)
            _edit.edit(str(path), lambda document: _profiles.put(document, entries))
            turns_taken = measure(path, turns)
        for kind in Times._fields:
            print(f"{count:6} profiles, {kind:>9} ms:", end="")
            columns = list(zip(*([getattr(taken, kind) for taken in turn] for turn in turns_taken)))
            for name, column in zip(("edit", "bare", "written"), columns):
                ratio = statistics.median(edit / other for edit, other in zip(columns[0], column))
                print(f"  {name} {statistics.median(column) * 1e3:.2f} ({ratio:.2f})", end="")
            print()


if __name__ == "__main__":
    main()
