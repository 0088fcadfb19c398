# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the credentials of a chain of three hops cost that every host of a play uses, as ratios within one run.

Each round runs every variant once, in a new order. A round's times are divided by those of the empty lookup in the same
round; the medians over all rounds are printed, of processor time, which other work on the machine disturbs least, and
of wall time, and how often a play called AssumeRole. The empty lookup declares the same options and returns nothing.
Run it with the Python of an environment that has ansible-core and requests, and with the collection below
``ansible_collections``:

    PYTHONPATH=ROOT python tests/benchmarks/lookup.py --rounds 8 --hosts 100 --forks 10
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
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.aliyun.cli.plugins.lookup import assume_role
from ansible_collections.aliyun.cli.tests.emulator import Emulator

ROOT = Path(assume_role.__file__).parents[5]
COLLECTION = Path(assume_role.__file__).parents[2]
ARNS = {
    "hub": "acs:ram::1100000000000001:role/hub",
    "spoke": "acs:ram::1200000000000002:role/spoke",
    "target": "acs:ram::1300000000000003:role/target",
}
KEYS = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
EMPTY = """

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        return [{"access_key_id": "STS.EXAMPLE"}]
"""


class Cost(NamedTuple):
    """Seconds of processor time and of wall time, and the calls of AssumeRole."""

    processor: float
    wall: float
    calls: int


def processor_time() -> float:
    """The processor time of all processes started from here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def profiles(url: str) -> list[dict[str, Any]]:
    """A chain of three hops, as it stands in config.json."""
    result: list[dict[str, Any]] = [
        {"name": "deploy", "mode": "AK", "region_id": "cn-hangzhou", **KEYS}
    ]
    for name, arn in ARNS.items():
        hop = {"name": name, "mode": "ChainableRamRoleArn", "source_profile": result[-1]["name"]}
        result.append({**hop, "ram_role_arn": arn, "sts_endpoint": url})
    result[2]["external_id"] = "fake-external-id-Rb17"
    return result


def uses(number: int) -> dict[str, Any]:
    """A task that uses the credentials so many times."""
    text = " ".join(f"{index} {{{{ credentials.access_key_id }}}}" for index in range(number))
    return {"ansible.builtin.debug": {"msg": text}}


def plays(number: int) -> dict[str, dict[str, Any]]:
    """The variables and tasks of each variant."""
    ours = "lookup('aliyun.cli.assume_role', 'target', config_path=config{0})"
    empty = "lookup('bench.empty.empty', 'target', config_path=config)"
    once = {
        "ansible.builtin.set_fact": {"credentials": "{{ " + ours.format(", cache=false") + " }}"},
        "run_once": True,
    }

    def using(expression: str) -> dict[str, Any]:
        return {
            "vars": {"credentials": "{{ " + expression + " }}"},
            "tasks": [uses(number)],
        }

    return {
        "constant": {"vars": {"credentials": {"access_key_id": "a"}}, "tasks": [uses(number)]},
        "empty lookup": using(empty),
        "cache, warm": using(ours.format("")),
        "cache, cold": using(ours.format("")),
        "run_once and set_fact": {"tasks": [once, uses(number)]},
        "without the cache": using(ours.format(", cache=false")),
    }


class Bench:
    """Plays in a folder of their own, against an emulator of STS in this process."""

    def __init__(self, folder: Path, emulator: Emulator, *, hosts: int, forks: int) -> None:
        self.folder = folder
        self.emulator = emulator
        self.hosts = "".join(f"h{number}," for number in range(hosts))
        self.forks = str(forks)
        (folder / "config.json").write_text(
            json.dumps({"current": "target", "profiles": profiles(emulator.http_url)})
        )
        empty = folder / "ansible_collections" / "bench" / "empty" / "plugins" / "lookup"
        empty.mkdir(parents=True)
        documented = Path(assume_role.__file__).read_text().partition("import os\n")[0]
        (empty / "empty.py").write_text(
            documented.replace("name: assume_role", "name: empty") + EMPTY
        )

    def cost(self, name: str, play: dict[str, Any]) -> Cost:
        """What a play costs. A cold cache is a new one."""
        playbook = self.folder / "play.yml"
        playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, **play}]))
        home = tempfile.mkdtemp(dir=self.folder) if name == "cache, cold" else str(self.folder)
        calls = self.calls()
        processor, started = processor_time(), time.perf_counter()
        subprocess.run(
            [
                *(sys.executable, "-m", "ansible", "playbook", "-i", self.hosts),
                *("-c", "local", "-f", self.forks, "-e", f"config='{self.folder}/config.json'"),
                str(playbook),
            ],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            env={
                "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}:{self.folder}",
                "HOME": home,
                "LC_ALL": "C.UTF-8",
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        return Cost(
            processor_time() - processor, time.perf_counter() - started, self.calls() - calls
        )

    def calls(self) -> int:
        """How often AssumeRole was called so far."""
        return sum(call["action"] == "AssumeRole" for call in self.emulator.journal)


def measure(
    bench: Bench, variants: dict[str, dict[str, Any]], rounds: int
) -> list[dict[str, Cost]]:
    """What each variant costs, round by round. Before the first round everything runs once."""
    chance = random.Random(1)
    result = []
    for number in range(rounds + 1):
        order = list(variants.items())
        chance.shuffle(order)
        costs = {name: bench.cost(name, play) for name, play in order}
        if number:
            result.append(costs)
            print(f"round {number} of {rounds}", file=sys.stderr)
    return result


def ratio(results: list[dict[str, Cost]], name: str, kind: str) -> float:
    """How a variant compares with the empty lookup, in the median of all rounds."""
    return statistics.median(
        getattr(costs[name], kind) / getattr(costs["empty lookup"], kind) for costs in results
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the lookup.")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--forks", type=int, default=10)
    parser.add_argument("--uses", type=int, default=3, help="of the credentials, by each host")
    parser.add_argument("--only", nargs="*", default=[], help="variants beside the empty lookup")
    arguments = parser.parse_args()
    variants = plays(arguments.uses)
    if arguments.only:
        variants = {name: variants[name] for name in ["empty lookup", *arguments.only]}
    with (
        tempfile.TemporaryDirectory(prefix="aliyun-cli-bench-") as folder,
        Emulator(COLLECTION / "tests" / "emulator" / "worlds" / "demo.yml") as emulator,
    ):
        bench = Bench(Path(folder), emulator, hosts=arguments.hosts, forks=arguments.forks)
        # A result is not kept while config.json is new.
        time.sleep(2.5)
        results = measure(bench, variants, arguments.rounds)
    print(f"{'variant':<24}{'processor':>10}{'wall':>8}{'seconds':>9}{'calls':>7}")
    for name in variants:
        seconds = statistics.median(costs[name].wall for costs in results)
        calls = max(costs[name].calls for costs in results)
        numbers = [ratio(results, name, kind) for kind in ("processor", "wall")]
        print(f"{name:<24}{numbers[0]:>10.2f}{numbers[1]:>8.2f}{seconds:>9.1f}{calls:>7}")


if __name__ == "__main__":
    main()
