# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a play in which every host uses the credentials of a chain of three hops, as ratios within one run.

Each round runs every variant once, in a new order. A round's times are divided by those of the empty lookup in the same
round; the medians over all rounds are printed, of processor time, which other work on the machine disturbs least, and
of wall time, and how often a play called AssumeRole. The empty lookup has the same documentation, and so the same
options, and returns nothing. If ansible-core masks registered secrets, one variant is the collection without registration,
and another line has the time for registering new and known credentials. The first line compares a hit in a running process with
reading and parsing the config file.

Run it with the Python of an environment that has ansible-core and requests, and with the collection below
``ansible_collections``; for ``--peers`` also what ``tests/conformance/requirements.txt`` names:

    PYTHONPATH=ROOT python tests/benchmarks/lookup.py --rounds 8 --hosts 100 --forks 10

``--plot docs/docsite/images/costs.svg`` also draws the picture of the documentation. Run tests/unit/docs/pictures.py after that.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.aliyun.cli.plugins.lookup import assume_role
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module
from ansible_collections.aliyun.cli.plugins.plugin_utils import _registration, _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate
from ansible_collections.aliyun.cli.tests.benchmarks.plot import LABELS, Row, draw
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
EXTERNAL_ID = "fake-external-id-Rb17"
EMPTY = """

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        return [{"access_key_id": "STS.EXAMPLE"}]
"""
BARE = EMPTY.replace("        self.set_options(var_options=variables, direct=kwargs)\n", "")
# What users have today: the official package in a script.
SCRIPT = """
import json, sys
from alibabacloud_credentials.provider import RamRoleArnCredentialsProvider as Provider
given = json.load(open(sys.argv[1]))
found = None
for hop in given["hops"]:
    source = {"credentials_provider": found} if found else given["keys"]
    found = Provider(role_session_name="script", **hop, **source)
print(json.dumps({"access_key_id": found.get_credentials().get_access_key_id()}))
"""


class Cost(NamedTuple):
    """Seconds of processor time and of wall time, and the calls of AssumeRole."""

    processor: float
    wall: float
    calls: int


def processor_time() -> float:
    """Return the processor time of all processes started from here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def profiles(url: str) -> list[dict[str, Any]]:
    """Return a chain of three hops, as stored in config.json."""
    result: list[dict[str, Any]] = [
        {"name": "deploy", "mode": "AK", "region_id": "cn-hangzhou", **KEYS}
    ]
    for name, arn in ARNS.items():
        hop = {"name": name, "mode": "ChainableRamRoleArn", "source_profile": result[-1]["name"]}
        result.append({**hop, "ram_role_arn": arn, "sts_endpoint": url})
    result[2]["external_id"] = EXTERNAL_ID
    return result


def uses(number: int) -> dict[str, Any]:
    """Return a task that uses the credentials this many times."""
    # One text for each, since newer versions of ansible-core run equal lookups in one text once.
    texts = [f"{index} {{{{ credentials.access_key_id }}}}" for index in range(number)]
    return {"ansible.builtin.debug": {"msg": texts}}


def plays(number: int, script: str) -> dict[str, dict[str, Any]]:
    """Return the variables and tasks of each variant; ``script`` is the command that gives credentials."""
    ours = "lookup('aliyun.cli.assume_role', 'target', config_path=config{0})"
    empty = "lookup('bench.empty.{0}', 'target', config_path=config)"
    pipe = f"lookup('ansible.builtin.pipe', {script!r}) | from_json"

    def using(expression: str) -> dict[str, Any]:
        return {
            "vars": {"credentials": "{{ " + expression + " }}"},
            "tasks": [uses(number)],
        }

    def once(expression: str) -> dict[str, Any]:
        fact = {"credentials": "{{ " + expression + " }}"}
        return {"tasks": [{"ansible.builtin.set_fact": fact, "run_once": True}, uses(number)]}

    return {
        "constant": {"vars": {"credentials": {"access_key_id": "a"}}, "tasks": [uses(number)]},
        "lookup without options": using(empty.format("bare")),
        "empty lookup": using(empty.format("empty")),
        "cache, warm": using(ours.format("")),
        **({UNREGISTERED: using(ours.format(""))} if _registration._register else {}),
        "cache, cold": using(ours.format("")),
        "run_once and set_fact": once(ours.format(", cache=false")),
        "without the cache": using(ours.format(", cache=false")),
        "script, run_once and set_fact": once(pipe),
        "script": using(pipe),
    }


# Run with a copy of the collection that registers nothing, if this ansible-core can register secrets.
UNREGISTERED = "cache, warm, not registered"
PEERS = ("script, run_once and set_fact", "script")


class Bench:
    """Plays in a separate folder, against an emulator of STS in this process."""

    def __init__(
        self, folder: Path, emulator: Emulator, *, hosts: int, forks: int, bytecode: bool
    ) -> None:
        self.folder = folder
        self.emulator = emulator
        self.bytecode = (
            {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
            if bytecode
            else {"PYTHONDONTWRITEBYTECODE": "1"}
        )
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
        (empty / "bare.py").write_text(BARE)
        copy = folder / "unregistered" / COLLECTION.relative_to(ROOT) / "plugins"
        shutil.copytree(COLLECTION / "plugins", copy)
        with (copy / "plugin_utils" / "_registration.py").open("a") as file:
            file.write("\n_register = None\n")
        (folder / "script.py").write_text(SCRIPT)

    def cost(self, name: str, play: dict[str, Any]) -> Cost:
        """Return the cost of a play. A cold cache is a new one."""
        playbook = self.folder / "play.yml"
        playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, **play}]))
        home = tempfile.mkdtemp(dir=self.folder) if name == "cache, cold" else str(self.folder)
        root = self.folder / "unregistered" if name == UNREGISTERED else ROOT
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
                "ANSIBLE_COLLECTIONS_PATH": f"{root}:{self.folder}",
                "HOME": home,
                "LC_ALL": "C.UTF-8",
                "PATH": os.environ["PATH"],
                **self.bytecode,
            },
        )
        return Cost(
            processor_time() - processor, time.perf_counter() - started, self.calls() - calls
        )

    def script(self) -> str:
        """Return the command line of the script, for the same chain."""
        hops: list[dict[str, Any]] = [
            {"role_arn": arn, "sts_endpoint": self.emulator.http_url} for arn in ARNS.values()
        ]
        hops[1]["external_id"] = EXTERNAL_ID
        # In a file, since a literal of Jinja changes text that is quoted for the shell.
        given = self.folder / "given.json"
        given.write_text(json.dumps({"keys": KEYS, "hops": hops}))
        return shlex.join([sys.executable, str(self.folder / "script.py"), str(given)])

    def hit(self) -> str:
        """Return the duration of a hit in this process, in microseconds."""
        options = validate({}, module.make_argument_spec(), name="")
        options["config_path"] = str(self.folder / "config.json")
        parents = [str(self.folder)]

        def find() -> Any:
            return _entry.find(["target"], options, environ=os.environ, parents=parents)

        def read() -> Any:
            with open(options["config_path"], "rb") as file:
                return json.load(file)

        _resolve.assume_role(["target"], options, environ=os.environ, parents=parents)
        assert find()
        costs = {
            name: min(timeit.repeat(work, number=1000, repeat=20)) * 1000
            for name, work in (("hit", find), ("file", read))
        }
        return "a hit takes {hit:.1f} us, reading and parsing the file of profiles {file:.1f} us".format(
            **costs
        )

    def registration(self) -> str:
        """Return how long it takes to register the secrets of new and of known credentials, in microseconds."""
        numbers = iter(range(10**6))

        def register(number: int) -> None:
            secret = f"{number:06}".ljust(30, "a")
            credentials = {"access_key_secret": secret, "security_token": secret * 20}
            _registration.register_results([credentials])

        new = min(timeit.repeat(lambda: register(next(numbers)), number=20, repeat=10))
        known = min(timeit.repeat(lambda: register(0), number=20, repeat=10))
        return f"registering new credentials takes {new * 50000:.1f} us, known ones {known * 50000:.1f} us"

    def calls(self) -> int:
        """Return the number of calls of AssumeRole so far."""
        return sum(call["action"] == "AssumeRole" for call in self.emulator.journal)


def measure(
    bench: Bench, variants: dict[str, dict[str, Any]], rounds: int
) -> list[dict[str, Cost]]:
    """Return the cost of each variant, round by round. Before the first round everything runs once."""
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
    """Return the ratio of a variant to the empty lookup, in the median of all rounds."""
    ratios = [
        getattr(costs[name], kind) / getattr(costs["empty lookup"], kind) for costs in results
    ]
    return float(statistics.median(ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the lookup.")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--forks", type=int, default=10)
    parser.add_argument("--uses", type=int, default=3, help="of the credentials, by each host")
    parser.add_argument(
        "--only", nargs="*", default=[], help="variants in addition to the empty lookup"
    )
    parser.add_argument(
        "--peers", action="store_true", help="scripts with the official package too"
    )
    parser.add_argument("--no-bytecode", action="store_true", help="as in a read-only installation")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios as SVG")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="aliyun-cli-bench-") as folder,
        Emulator(COLLECTION / "tests" / "emulator" / "worlds" / "demo.yml") as emulator,
    ):
        bench = Bench(
            Path(folder),
            emulator,
            hosts=arguments.hosts,
            forks=arguments.forks,
            bytecode=not arguments.no_bytecode,
        )
        variants = {
            name: play
            for name, play in plays(arguments.uses, bench.script()).items()
            if name == "empty lookup"
            or (name in arguments.only if arguments.only else arguments.peers or name not in PEERS)
        }
        # A result is not kept while config.json is new.
        time.sleep(2.5)
        print(bench.hit())
        if _registration._register:
            print(bench.registration())
        results = measure(bench, variants, arguments.rounds)
    print(f"{'variant':<31}{'processor':>10}{'wall':>8}{'seconds':>9}{'calls':>7}")
    rows = []
    for name in variants:
        seconds = statistics.median(costs[name].wall for costs in results)
        calls = max(costs[name].calls for costs in results)
        numbers = [ratio(results, name, kind) for kind in ("processor", "wall")]
        print(f"{name:<31}{numbers[0]:>10.2f}{numbers[1]:>8.2f}{seconds:>9.1f}{calls:>7}")
        if name in LABELS:
            rows.append(Row(LABELS[name], round(numbers[0], 2), round(numbers[1], 2), calls))
    if arguments.plot:
        arguments.plot.write_text(draw(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
