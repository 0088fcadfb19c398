# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the cost and the savings of sessions shared over a Redis server, as ratios within one run.

A hit of the lookup with the option ``cache_url`` is compared with a hit without it, and a lookup that finds the chain on the
server with one that calls STS three times, each response 50 milliseconds late. Both run in turns, in this process; the
medians of the ratios of all rounds are printed. STS is the emulator in another process, the server is ``redis-server``.

Run it with the Python of an environment that has ansible-core, requests, and redis, and with the collection below
``ansible_collections``:

    PYTHONPATH=ROOT python tests/benchmarks/shared.py --rounds 30
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis  # noqa: F401  # pylint: disable=unused-import  # each process of Ansible loads it once
from ansible_collections.aliyun.cli.plugins.lookup import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.entry import FOLDER
from ansible_collections.aliyun.cli.tests import redis_server
from ansible_collections.aliyun.cli.tests.stress import sts as _sts

HITS = 300
STS_SECONDS = 0.05


class Controller:
    """A use of the lookup with the home and the cache of one controller."""

    def __init__(self, home: Path, sts: _sts.Sts, **options: Any) -> None:
        self.home = home
        self.options = {**options, "config_path": str(home / ".aliyun" / "config.json")}
        _sts.write_profiles(home / ".aliyun" / "config.json", sts)

    def use(self) -> dict[str, str]:
        os.environ["XDG_RUNTIME_DIR"] = str(self.home)
        lookup = assume_role.LookupModule()
        lookup._load_name = assume_role.__name__
        result: dict[str, str] = lookup.run(["target"], variables={}, **self.options)[0]
        return result

    def purge(self) -> None:
        """Forget what the files hold."""
        for path in (self.home / FOLDER).iterdir():
            path.unlink()


def seconds(
    work: Callable[[], object], number: int = 1, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return what a call takes, of wall time or by another clock."""
    began = clock()
    for _call in range(number):
        work()
    return (clock() - began) / number


def report(title: str, ours: list[float], other: list[float]) -> None:
    ratio = statistics.median(one / two for one, two in zip(ours, other, strict=True))
    times = [statistics.median(found) * 1000 for found in (ours, other)]
    print(f"{title}: {times[0]:.3f} ms against {times[1]:.3f} ms, ratio {ratio:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure shared sessions.")
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="aliyun-cli-bench-") as name:
        folder = Path(name)
        with _sts.running(folder) as sts, redis_server.running(folder / "redis") as server:
            shared = Controller(folder / "shared", sts, cache_url=server.url)
            alone = Controller(folder / "alone", sts)
            # A result is not cached while config.json is new.
            time.sleep(2.5)
            keys = {one.use()["access_key_id"] for one in (shared, alone) for _use in range(2)}
            calls = len(sts.calls())
            assert len(keys) == 2 and calls == 6
            hits: tuple[list[float], list[float]] = ([], [])
            for number in range(rounds):
                # The order changes, so that neither of them always has the warmer processor.
                order = [(shared, hits[0]), (alone, hits[1])]
                for one, found in order if number % 2 else reversed(order):
                    # Other work on the machine disturbs processor time least.
                    found.append(seconds(one.use, HITS, time.process_time))
            assert len(sts.calls()) == calls
            report("hit with cache_url, and without", *hits)
            sts.fail("slow_body", seconds=STS_SECONDS)
            misses: tuple[list[float], list[float]] = ([], [])
            for _round in range(rounds):
                for one, found in zip((shared, alone), misses, strict=True):
                    one.purge()
                    found.append(seconds(one.use))
            assert len(sts.calls()) == calls + 3 * rounds
            sts.recover()
            report("second-level hit, and three calls of STS", *misses)


if __name__ == "__main__":
    main()
