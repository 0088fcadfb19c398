# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that tests turn, and a place with a file of profiles, a cache and an STS that counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import Clock, Place

WORLD = Path(__file__).parents[3] / "emulator" / "worlds" / "demo.yml"


@pytest.fixture(name="clock")
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(hit, "read_clocks", clock.now)
    return clock


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    with Emulator(WORLD) as emulator:
        yield emulator


@pytest.fixture(name="place")
def fixture_place(
    emulator: Emulator, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Place:
    emulator.reset()
    # As if every file had been written long ago.
    monkeypatch.setattr(_resolve, "SETTLED_SECONDS", -1)
    return Place(tmp_path, emulator, clock)
