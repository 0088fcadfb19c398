# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the number of STS calls with the credential cache, in plays as users run them."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.tests.stress.sts import (
    COLLECTION,
    HUB,
    SPOKE,
    TARGET,
    Sts,
    running,
    write_profiles,
)

CHAIN = [HUB, SPOKE, TARGET]
RUNS = 50
PLAY = """
- hosts: all
  gather_facts: false
  vars:
    credentials: "{{ lookup('aliyun.cli.assume_role', 'target') }}"
  tasks:
    - name: Use the credentials three times
      ansible.builtin.debug:
        # One text for each, since newer versions of ansible-core run equal lookups in one text once.
        msg:
          - "{{ credentials.access_key_id }}"
          - "{{ credentials.access_key_id }}"
          - "{{ credentials.access_key_id }}"
"""


@pytest.fixture(name="sts_process", scope="module")
def fixture_sts_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    with running(tmp_path_factory.mktemp("sts")) as sts:
        yield sts


@pytest.fixture(name="bytecode", scope="module")
def fixture_bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


class Home:
    """Home of a user who runs Ansible, without a cache."""

    def __init__(self, path: Path, sts: Sts, bytecode: Path) -> None:
        self.path = path
        self.bytecode = bytecode
        self.config = path / ".aliyun" / "config.json"
        write_profiles(self.config, sts)
        # Ansible makes it when it starts, but the seeding below comes before that.
        (path / ".ansible").mkdir(mode=0o700)
        (path / "play.yml").write_text(PLAY)

    def start(self, *, hosts: int, forks: int) -> subprocess.Popen[str]:
        inventory = "".join(f"h{number}," for number in range(hosts))
        # Of the caller's environment only what it takes to find programs.
        environ = {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTION.parents[2]),
            "ANSIBLE_DISPLAY_OK_HOSTS": "true",
            "HOME": str(self.path),
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            # As on any machine of a user, nothing is compiled twice.
            "PYTHONPYCACHEPREFIX": str(self.bytecode),
        }
        return subprocess.Popen(
            ["ansible-playbook", "-i", inventory, "-c", "local", "-f", str(forks), "play.yml"],
            cwd=self.path,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *, hosts: int, forks: int) -> set[str]:
        """Return the key IDs that a play prints. No task fails, none warns, and each host prints three."""
        return results([self.start(hosts=hosts, forks=forks)], hosts)


def results(processes: list[subprocess.Popen[str]], hosts: int) -> set[str]:
    outputs = [process.communicate(timeout=600)[0] for process in processes]
    found = []
    for process, output in zip(processes, outputs, strict=True):
        assert process.returncode == 0, output
        assert "WARNING" not in output and "fatal" not in output, output
        found.append(re.findall(r"\bSTS\.[A-Za-z0-9]+", output))
        assert len(found[-1]) == 3 * hosts, output
    return {key_id for key_ids in found for key_id in key_ids}


@pytest.fixture(name="sts")
def fixture_sts(sts_process: Sts) -> Sts:
    sts_process.reset()
    return sts_process


@pytest.fixture(name="home")
def fixture_home(sts: Sts, tmp_path: Path, bytecode: Path) -> Home:
    return Home(tmp_path, sts, bytecode)


def test_hundred_hosts_cost_one_call_for_each_hop(sts: Sts, home: Home) -> None:
    first = home.run(hosts=100, forks=10)
    assert len(first) == 1
    assert sts.calls() == CHAIN
    assert home.run(hosts=100, forks=50) == first
    assert sts.calls() == CHAIN


def test_fifty_forks_that_begin_at_once_cost_one_call_for_each_hop(sts: Sts, home: Home) -> None:
    assert len(home.run(hosts=100, forks=50)) == 1
    assert sts.calls() == CHAIN


def test_fifty_runs_at_once_cost_one_call_for_each_hop(sts: Sts, home: Home) -> None:
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(home.start(hosts=1, forks=5)) for _run in range(RUNS)]
        assert len(results(started, 1)) == 1
    assert sts.calls() == CHAIN


def test_at_expiry_under_load_each_hop_costs_one_call_and_no_task_fails(
    sts: Sts, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {
        **{name: None for name in ("profile", "source", "hops", "ca_bundle")},
        **{"connect_timeout": 30, "read_timeout": 30, "max_time": 120, "retries": 4},
        **{"cache": True, "validate_certs": True, "allow_process": False, "min_lifetime": 0},
        **{"cache_url": None, "cache_prefix": "aliyun.cli:", "renew": False},
        **{"config_path": str(home.config), "format": "credentials"},
    }
    # Of the hour that they last 200 seconds are left, when the play begins.
    with monkeypatch.context() as past:
        clock, boot = hit.read_clocks()
        past.setattr(hit, "read_clocks", lambda: (clock - 3400, boot - 3400))
        sts.shift(-3400)
        first = _resolve.assume_role(
            ["target"], options, environ={}, parents=[str(home.path / ".ansible")], warn=print
        )
        sts.shift(0)
    second = home.run(hosts=50, forks=50)
    assert len(second - {first[0]["access_key_id"]}) == 1
    assert sts.calls() == CHAIN * 2
