# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the profile modules, as ratios within one run.

Each round runs every variant once for a number of hosts, in a new order. The time of a play without tasks is subtracted,
and a round's times are divided by those of the variant that it is compared with in the same round. The medians over all
rounds are printed, of processor time, which other work on the machine disturbs least, and of wall time. Run it with
the Python of an environment that has ansible-core, and with the collection below ``ansible_collections``:

    PYTHONPATH=ROOT python tests/benchmarks/modules.py --rounds 8 --hosts 20
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply

ROOT = Path(_modes.__file__).parents[5]
ENTRIES = 20
EMPTY_MODULE = """\
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule


def main():
    AnsibleModule(argument_spec={0!r}, supports_check_mode=True).exit_json(changed=False)


if __name__ == "__main__":
    main()
"""
# What is measured, with what, and the ratio that is aimed at.
COMPARED = (
    ("same options, empty", "empty module", 1.0),
    ("profile unchanged", "empty module", 1.05),
    ("profile changed", "empty module", 1.05),
    ("profile unchanged", "copy unchanged", 0.5),
    ("profile changed", "copy changed", 0.5),
    ("profiles, 20 entries", "profile, 20 tasks", 0.08),
)
# A file of another user, on which root works in a child process, and the milliseconds that this may cost.
OF_A_USER = "profile of a user"
NOBODY = 65534
CHILD_MS = 5


def entry(name: str, region: str) -> dict[str, Any]:
    """Return a profile as an option."""
    key = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "fake"}
    return {"name": name, "mode": "AK", "region": region, **key}


def tasks(text: str) -> dict[str, list[dict[str, Any]]]:
    """Return the tasks of each variant. ``text`` changes in each round, so that changing tasks have a change."""
    path = "{{ folder }}/{{ inventory_hostname }}"
    many = [f"p{number}" for number in range(ENTRIES)]
    profile = "aliyun.cli.profile"
    same = {"config_path": f"{path}.a", **entry("a", "same")}
    return {
        "no task": [],
        "empty module": [{"empty": {"name": "a"}}],
        "same options, empty": [{"empty_options": same}],
        "copy unchanged": [{"copy": {"content": "same", "dest": f"{path}.same", "mode": "0600"}}],
        "copy changed": [{"copy": {"content": text, "dest": f"{path}.new", "mode": "0600"}}],
        "profile unchanged": [{profile: same}],
        "profile changed": [{profile: {"config_path": f"{path}.b", **entry("a", text)}}],
        OF_A_USER: [
            {profile: {**same, "config_path": "{{ folder }}/user/{{ inventory_hostname }}"}}
        ],
        "profile, 20 tasks": [
            {profile: {"config_path": f"{path}.c", **entry(name, text)}} for name in many
        ],
        "profiles, 20 entries": [
            {
                "aliyun.cli.profiles": {
                    "config_path": f"{path}.d",
                    "profiles": [entry(name, text) for name in many],
                }
            }
        ],
    }


class Times(NamedTuple):
    """Seconds of processor time and of wall time."""

    processor: float
    wall: float


def processor_time() -> float:
    """Return the processor time of all processes started from here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    """Plays in a separate folder."""

    def __init__(self, folder: Path, hosts: int) -> None:
        self.folder = folder
        (folder / "user").mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            os.chown(folder / "user", NOBODY, NOBODY)
        self.hosts = "".join(f"h{number}," for number in range(hosts))
        (folder / "library").mkdir()
        options = {
            "name": {"type": "str"},
            **_apply.make_file_argument_spec(),
            **_modes.make_argument_spec(),
        }
        for name, spec in (("empty", {"name": {"type": "str"}}), ("empty_options", options)):
            (folder / "library" / f"{name}.py").write_text(EMPTY_MODULE.format(spec))

    def times(self, variant: list[dict[str, Any]]) -> Times:
        """Return the times of a play with these tasks."""
        playbook = self.folder / "play.yml"
        playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": variant}]))
        connection = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "folder": str(self.folder),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", self.hosts, "-f", "10"]
        processor, started = processor_time(), time.perf_counter()
        subprocess.run(
            [*command, "-e", json.dumps(connection), str(playbook)],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            env={
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
                "ANSIBLE_LIBRARY": str(self.folder / "library"),
                "ANSIBLE_PIPELINING": "true",
                "HOME": str(self.folder),
                "LC_ALL": "C.UTF-8",
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        return Times(processor_time() - processor, time.perf_counter() - started)


def measure(bench: Bench, rounds: int, report: Callable[[str], None]) -> list[dict[str, Times]]:
    """Return the times of each variant, round by round. Before the first round everything runs once."""
    chance = random.Random(1)
    result = []
    for number in range(rounds + 1):
        variants = list(tasks(f"r{number}").items())
        chance.shuffle(variants)
        times = {name: bench.times(variant) for name, variant in variants}
        if number:
            result.append(times)
            report(f"round {number} of {rounds}")
    return result


def ratio(results: list[dict[str, Times]], name: str, other: str, kind: str) -> float:
    """Return the ratio of a variant to another, in the median of all rounds."""
    ratios: list[float] = [
        (getattr(times[name], kind) - getattr(times["no task"], kind))
        / (getattr(times[other], kind) - getattr(times["no task"], kind))
        for times in results
    ]
    return statistics.median(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the profile modules.")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--hosts", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aliyun-cli-bench-") as folder:
        bench = Bench(Path(folder), arguments.hosts)
        results = measure(bench, arguments.rounds, lambda text: print(text, file=sys.stderr))
    print(f"{'measured':<22}{'compared with':<20}{'processor':>10}{'wall':>8}{'goal':>8}")
    for name, other, goal in COMPARED:
        numbers = [ratio(results, name, other, kind) for kind in Times._fields]
        print(f"{name:<22}{other:<20}{numbers[0]:>10.2f}{numbers[1]:>8.2f}{goal:>8.2f}")
    if os.geteuid() == 0:
        spent = [
            1000
            * statistics.median(
                getattr(times[OF_A_USER], kind) - getattr(times["profile unchanged"], kind)
                for times in results
            )
            / arguments.hosts
            for kind in Times._fields
        ]
        print(
            f"child of a task, ms: processor {spent[0]:.1f}, wall {spent[1]:.1f}, goal {CHILD_MS}"
        )


if __name__ == "__main__":
    main()
