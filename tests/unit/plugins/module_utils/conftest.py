# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Share fixtures between the tests of the config file."""

from pathlib import Path
from typing import Iterator, List

import pytest
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import Person, people


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    """Return a path for a config file."""
    return tmp_path / "config.json"


@pytest.fixture
def home_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the default path of a config file, in a temporary home whose name has a space and a non-ASCII letter."""
    home = tmp_path / "höme of a"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return str(home / ".aliyun" / "config.json")


@pytest.fixture(scope="session", name="people")
def fixture_people() -> Iterator[List[Person]]:
    """Yield two users of the system, for tests that run as root."""
    with people() as created:
        yield created


@pytest.fixture(name="alice")
def fixture_alice(people: List[Person]) -> Person:
    """Return the first user."""
    return people[0]


@pytest.fixture(name="bob")
def fixture_bob(people: List[Person]) -> Person:
    """Return the second user."""
    return people[1]
