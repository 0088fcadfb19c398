# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""World files: the demo world is one, and mistakes are named with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator import WorldError, load_world, parse_world

ROLE = {"trust": {"Version": "1", "Statement": []}}


def test_demo_world(demo_file: Path) -> None:
    world = load_world(demo_file)
    assert len(world.accounts) == 3
    assert world.roles["acs:ram::1100000000000001:role/long"].max_session_duration == 43200
    secrets = [key.secret for key in world.keys.values()]
    assert len(set(secrets)) == len(secrets) and all(text.startswith("fake-") for text in secrets)
    assert all(key_id.startswith("LTAI5tEXAMPLE") for key_id in world.keys)


def test_ids_are_stable_and_differ(demo: dict[str, Any]) -> None:
    first, second = parse_world(demo), parse_world(demo)
    ids = [identity.id for identity in first.identities.values()]
    assert ids == [identity.id for identity in second.identities.values()]
    assert len(set(ids)) == len(ids)


def account(**values: Any) -> dict[str, Any]:
    return {"accounts": {"1": values}}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "world"),
        ({"acounts": {}}, "world: unknown acounts"),
        ({"accounts": {"x": {}}}, "world.accounts.x"),
        (account(user={}), "world.accounts.1: unknown user"),
        (account(users={"u": {"access_keys": [{"id": "a"}]}}), r"access_keys\[0\]: secret"),
        (account(root_keys=[{"id": "a", "secret": "s"}] * 2), "the access key a exists already"),
        (account(roles={"r": {}}), "world.accounts.1.roles.r: trust is missing"),
        (account(roles={"r_": ROLE}), "not a role name"),
        (account(roles={"r": {**ROLE, "max_session_duration": 60}}), "3600 to 43200"),
        (account(roles={"r": ROLE}), "Statement must be a list"),
        ({"switches": {"strict": 1}}, "switches: strict"),
        ({"switches": {"lenient": True}}, "switches: lenient"),
        ({"ecs": {"identity": "acs:ram::1:role/x"}}, "world.ecs: identity"),
    ],
)
def test_mistakes(document: object, place: str) -> None:
    with pytest.raises(WorldError, match=place):
        parse_world(document)


def test_not_yaml(tmp_path: Path) -> None:
    path = tmp_path / "world.yml"
    path.write_text("{")
    with pytest.raises(WorldError, match="not YAML"):
        load_world(path)
