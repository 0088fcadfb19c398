# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play whose hosts all write into one file of the controller, at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit

HOSTS = 50
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Keep a profile of this host on the controller
      aliyun.cli.profile:
        name: "{{ inventory_hostname }}"
        mode: AK
        region: cn-hangzhou
        access_key_id: LTAI5tEXAMPLE
        access_key_secret: do-not-show
        config_path: "{{ config_path }}"
        lock_timeout: 120
      delegate_to: localhost
      vars:
        ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""


def environment(home: Path) -> dict[str, str]:
    """Return an environment that finds programs, without settings of Ansible."""
    root = Path(_edit.__file__).parents[5]
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(root),
        "ANSIBLE_PIPELINING": "true",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def play(tmp_path: Path, config: Path, *arguments: str) -> str:
    """Return the output of the play, which must succeed."""
    playbook = tmp_path / "play.yml"
    playbook.write_text(PLAY)
    hosts = "".join(f"host-{number}," for number in range(HOSTS))
    command = ["ansible-playbook", "-i", hosts, "-f", str(HOSTS), "-e", f"config_path='{config}'"]
    done = subprocess.run(
        [*command, *arguments, str(playbook)],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "do-not-show" not in done.stdout
    return done.stdout


def test_no_host_loses_the_profile_of_another(tmp_path: Path) -> None:
    # A file that is not there yet is the hardest to lock.
    config = tmp_path / "a höme" / ".aliyun" / "config.json"
    config.parent.parent.mkdir()
    expected = sorted(f"host-{number}" for number in range(HOSTS))

    output = play(tmp_path, config, "-v", "--diff")
    document = json.loads(config.read_bytes())
    assert sorted(profile["name"] for profile in document["profiles"]) == expected
    assert document["current"] in expected
    assert output.count("changed=1 ") == HOSTS
    assert [path.name for path in config.parent.iterdir()] == ["config.json"]
    assert config.stat().st_mode & 0o777 == 0o600

    before = config.stat()
    assert play(tmp_path, config).count("changed=0 ") == HOSTS
    after = config.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
