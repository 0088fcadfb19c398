# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator for each file of tests, as just started for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers import o_auth
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.emulated.world import DEMO, make_profiles


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    with Emulator(DEMO) as emulator:
        yield emulator


@pytest.fixture(name="made", scope="module")
def fixture_made(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    return make_profiles(emulator, tmp_path_factory.mktemp("profiles"))


@pytest.fixture(name="profiles")
def fixture_profiles(made: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return a profile of each mode, by mode."""
    return {mode: dict(profile) for mode, profile in made.items()}


@pytest.fixture(name="world")
def fixture_world(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """Return the emulator, which also serves modes that name no address."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setitem(o_auth.HOSTS, "CN", emulator.https_url)
    emulator.reset()
    return emulator
