# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fresh emulator core for every test, with the demo world."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.tests import emulator
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.unit.emulator.client import Client, new_client

DEMO_WORLD = Path(emulator.__file__).parent / "worlds" / "demo.yml"
_DEMO = yaml.safe_load(DEMO_WORLD.read_text(encoding="utf-8"))


@pytest.fixture
def demo() -> dict[str, Any]:
    """Return the demo world as a document that a test may change."""
    return copy.deepcopy(_DEMO)


@pytest.fixture
def demo_file() -> Path:
    return DEMO_WORLD


@pytest.fixture
def connected(demo: dict[str, Any]) -> tuple[Client, Core]:
    return new_client(demo)


@pytest.fixture
def client(connected: tuple[Client, Core]) -> Client:
    return connected[0]


@pytest.fixture
def core(connected: tuple[Client, Core]) -> Core:
    return connected[1]
