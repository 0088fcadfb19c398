# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time of an edit against json.loads and json.dumps of the same file: ``python -m tests.benchmarks.edit``."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

from ansible_collections.aliyun.cli.plugins.module_utils import _config_file, _profiles

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


def seconds(work: Callable[[int], object], turn: int) -> float:
    started = time.perf_counter()
    work(turn)
    return time.perf_counter() - started


def ratio(path: Path, turns: int) -> tuple[float, float]:
    """The medians of an edit and of the bare work, in seconds, measured in turns so that both meet the same machine."""

    def edit(turn: int) -> None:
        entry = {"name": "profile-5", "read_timeout": turn + 1}
        changed = _config_file.edit(str(path), lambda document: _profiles.put(document, [entry]))
        assert changed.changed

    def bare(turn: int) -> None:
        json.dumps(json.loads(path.read_bytes()), indent="\t", ensure_ascii=False)

    pairs = [(seconds(edit, turn), seconds(bare, turn)) for turn in range(turns)]
    edits, bares = zip(*pairs)
    return statistics.median(edits), statistics.median(bares)


def main() -> None:
    for count, turns in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "config.json"
            entries = profiles(count)
            _config_file.edit(str(path), lambda document: _profiles.put(document, entries))
            edit, bare = ratio(path, turns)
            print(
                f"{count:6} profiles: edit {edit * 1e3:8.2f} ms, bare {bare * 1e3:8.2f} ms, ratio {edit / bare:.2f}"
            )


if __name__ == "__main__":
    main()
