# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a play over a fleet: each host writes profiles, assumes a chain of three hops, and verifies the identity.

The credentials are assumed by the lookup, once for all hosts, and each host gets their caller identity. For comparison, there is
the same play with tasks that do nothing: a module without options in the place of a module, a constant in the place of
the lookup. Hosts differ in their file of profiles only: all of them are this machine, so that the times hold what a
fleet would do itself. Printed are wall and processor time, as they are and divided by those of the empty play, the
memory of the largest process of the controller, and the calls that the emulator of STS has counted.

Run it with the Python of an environment that has ansible-core and requests, and with the collection below
``ansible_collections``:

    PYTHONPATH=ROOT python tests/benchmarks/fleet.py --hosts 10 100 1000 --forks 50
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.tests.emulator import Emulator

ROOT = Path(_edit.__file__).parents[5]
COLLECTION = Path(_edit.__file__).parents[2]
EMPTY_MODULE = """\
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule


def main():
    AnsibleModule(argument_spec={}, supports_check_mode=True).exit_json(changed=False)


if __name__ == "__main__":
    main()
"""
KEY = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
HOPS = {
    "hub": {"ram_role_arn": "acs:ram::1100000000000001:role/hub"},
    "spoke": {
        "ram_role_arn": "acs:ram::1200000000000002:role/spoke",
        "external_id": "fake-external-id-Rb17",
    },
    "target": {"ram_role_arn": "acs:ram::1300000000000003:role/target"},
}


def profiles(url: str) -> list[dict[str, Any]]:
    """Return an access key, and a chain of three roles, as options."""
    result: list[dict[str, Any]] = [
        {"name": "deploy", "mode": "AK", "region": "cn-hangzhou", **KEY}
    ]
    for name, hop in HOPS.items():
        source = {"source_profile": result[-1]["name"], "sts_endpoint": url}
        common = {
            "mode": "ChainableRamRoleArn",
            "region": "cn-hangzhou",
            "role_session_name": "fleet",
        }
        result.append({"name": name, **common, **source, **hop})
    return result


def plays(url: str) -> dict[str, list[dict[str, Any]]]:
    """Return the tasks of the play, and those that do nothing. The lookup reads a file of the controller."""
    lookup = "lookup('aliyun.cli.assume_role', 'target', config_path=folder ~ '/controller.json')"
    config = "{{ folder }}/{{ inventory_hostname }}.json"
    constant = {"access_key_id": "a", "access_key_secret": "b", "security_token": "c"}
    return {
        "empty": [
            {"empty": {}},
            {"set_fact": {"credentials": constant}, "no_log": True},
            {"empty": {}},
        ],
        "fleet": [
            {"aliyun.cli.profiles": {"config_path": config, "profiles": profiles(url)}},
            {"set_fact": {"credentials": f"{{{{ {lookup} }}}}"}, "no_log": True},
            {
                "aliyun.cli.caller_identity_info": {
                    "credentials": "{{ credentials }}",
                    "sts_endpoint": url,
                    "expected_account_id": "1300000000000003",
                },
                "no_log": True,
            },
        ],
    }


class Cost(NamedTuple):
    """Seconds of wall and processor time, megabytes of the largest process, and calls by action."""

    wall: float
    processor: float
    memory: float
    calls: Counter[str]


def run(
    folder: Path, emulator: Emulator, tasks: list[dict[str, Any]], *, hosts: int, forks: int
) -> Cost:
    """Return the cost of a play with these tasks, in a new home."""
    playbook = folder / "play.yml"
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "folder": str(folder),
    }
    (folder / "inventory").write_text("".join(f"h{number}\n" for number in range(hosts)))
    before = len(emulator.journal)
    started = time.perf_counter()
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "ansible", "playbook", "-i", str(folder / "inventory")),
            *("-f", str(forks), "-e", json.dumps(variables), str(playbook)),
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        env={
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
            "ANSIBLE_LIBRARY": str(folder / "library"),
            "ANSIBLE_PIPELINING": "true",
            "HOME": tempfile.mkdtemp(dir=folder),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        },
    ) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"the play over {hosts} hosts failed with exit code {process.returncode}")
    calls = Counter(call["action"] for call in emulator.journal[before:])
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, calls)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure plays over fleets.")
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--forks", type=int, default=50)
    arguments = parser.parse_args()
    columns = (
        "hosts",
        "wall s",
        "ratio",
        "CPU s",
        "ratio",
        "memory MB",
        "empty",
        "AssumeRole",
        "GetCallerIdentity",
    )
    print(*columns, sep=" | ")
    for hosts in arguments.hosts:
        with (
            tempfile.TemporaryDirectory(prefix="aliyun-cli-fleet-") as name,
            Emulator(COLLECTION / "tests" / "emulator" / "worlds" / "demo.yml") as emulator,
        ):
            folder = Path(name)
            (folder / "library").mkdir()
            (folder / "library" / "empty.py").write_text(EMPTY_MODULE)
            document = {"current": "target", "profiles": stored(profiles(emulator.http_url))}
            (folder / "controller.json").write_text(json.dumps(document))
            variants = plays(emulator.http_url)
            # Once, so that everything is compiled.
            run(folder, emulator, variants["fleet"], hosts=1, forks=1)
            costs = {
                variant: run(folder, emulator, tasks, hosts=hosts, forks=arguments.forks)
                for variant, tasks in variants.items()
            }
        show(hosts, costs["fleet"], costs["empty"])


def stored(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return profiles as stored in the file."""
    keys = {"region": "region_id", "role_session_name": "ram_session_name"}
    return [{keys.get(name, name): value for name, value in entry.items()} for entry in entries]


def show(hosts: int, cost: Cost, empty: Cost) -> None:
    """Print a row of the table."""
    print(
        hosts,
        f"{cost.wall:.0f}",
        f"{cost.wall / empty.wall:.2f}",
        f"{cost.processor:.0f}",
        f"{cost.processor / empty.processor:.2f}",
        f"{cost.memory:.0f}",
        f"{empty.memory:.0f}",
        cost.calls["AssumeRole"],
        cost.calls["GetCallerIdentity"],
        sep=" | ",
        flush=True,
    )


if __name__ == "__main__":
    main()
