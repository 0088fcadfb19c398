# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of the file of profiles share."""

from pathlib import Path
from typing import Iterator, List

import pytest
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import Person, people


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    """Where a file of profiles may be."""
    return tmp_path / "config.json"


@pytest.fixture
def home_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a file of profiles is by default, in nobody's real home, whose name has a space and a letter beyond ASCII."""
    home = tmp_path / "höme of a"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return str(home / ".aliyun" / "config.json")


@pytest.fixture(scope="session", name="people")
def fixture_people() -> Iterator[List[Person]]:
    """Two users of the system, for tests that run as root."""
    with people() as created:
        yield created


@pytest.fixture(name="alice")
def fixture_alice(people: List[Person]) -> Person:
    """The first user."""
    return people[0]


@pytest.fixture(name="bob")
def fixture_bob(people: List[Person]) -> Person:
    """The second user."""
    return people[1]
