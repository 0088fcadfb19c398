# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the store of long-lived keys: the recycle bin holds three per user, for thirty days."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator import parse_world
from ansible_collections.aliyun.cli.tests.emulator.clock import Clock, iso_time
from ansible_collections.aliyun.cli.tests.emulator.ram_keys import KeyRing
from ansible_collections.aliyun.cli.tests.emulator.world import Identity

INTERN = Identity("user", "1100000000000001", "intern")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ring(demo: dict[str, Any], clock: Clock) -> KeyRing:
    return KeyRing(parse_world(demo), clock)


def test_created_comes_from_the_world(demo: dict[str, Any], clock: Clock) -> None:
    key = demo["accounts"]["1100000000000001"]["users"]["intern"]["access_keys"][0]
    key["created"] = "2026-01-02T03:04:05Z"
    ring = KeyRing(parse_world(demo), clock)
    assert iso_time(ring.of(INTERN)[0].created) == "2026-01-02T03:04:05Z"


def test_recycle_bin_holds_three(ring: KeyRing, clock: Clock) -> None:
    ids = []
    for _number in range(4):
        key = ring.create(INTERN)
        clock.advance(1)
        ring.recycle(key)
        ids.append(key.id)
    assert [key.id for key in ring.recycled(INTERN)] == ids[1:]
    assert ring.in_recycle_bin(ids[0]) is None and ring.usable(ids[3]) is None


def test_recycle_bin_empties_itself(ring: KeyRing, clock: Clock) -> None:
    key = ring.create(INTERN)
    ring.recycle(key)
    assert ring.in_recycle_bin(key.id) is key
    clock.advance(30 * 86400)
    assert ring.in_recycle_bin(key.id) is None


def test_reset_forgets_new_keys(ring: KeyRing) -> None:
    ring.create(INTERN)
    ring.set_active(ring.of(INTERN)[0], False)
    ring.reset()
    assert [key.active for key in ring.of(INTERN)] == [True]
