# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the documentation of the collection as ansible-doc does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def ansible(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``ansible-<command>`` of the ansible-core that runs the tests, with this collection."""
    environment = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT.parents[2]))
    # ansible-test hides the scripts of ansible-core, and what would find them.
    return subprocess.run(
        [sys.executable, "-m", f"ansible.cli.{command}", *arguments],
        capture_output=True,
        check=False,
        env=environment,
        text=True,
    )


@pytest.fixture(name="documented", scope="session")
def fixture_documented() -> dict[str, Any]:
    """Return the documentation from ansible-doc, by kind (module, lookup, role, keyword, ...) and name."""
    done = ansible("doc", "--metadata-dump", "--no-fail-on-errors", "aliyun.cli")
    assert done.returncode == 0, done.stderr
    documented: dict[str, Any] = json.loads(done.stdout)["all"]
    return documented
