# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep documentation, messages, docstrings, and comments in plain English."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.aliyun.cli.tests.unit.docs.plain_english import (
    SETS,
    count_words,
    docstrings,
    files,
    matches,
    prose,
)


class Limit(NamedTuple):
    """Turns of phrase per 1,000 words, and docstrings that do not begin with a verb."""

    rate: float
    docstrings: int


# The goal of each set is 2.0 and 0. Lower the docstrings of plugins with each sweep. Never raise a limit.
LIMITS = {
    "plugins": Limit(2.0, 0),
    "guides": Limit(2.0, 0),
    "roles and playbooks": Limit(2.0, 0),
    "tests": Limit(2.0, 0),
}


def test_each_set_has_a_limit() -> None:
    assert set(LIMITS) == set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_prose_is_plain(name: str) -> None:
    texts = {path: prose(path) for path in files(SETS[name])}
    found = [match for path, text in texts.items() for match in matches(path, text)]
    words = sum(map(count_words, texts.values()))
    assert words
    rate = 1000 * len(found) / words
    assert rate <= LIMITS[name].rate, "\n".join(map(str, [f"{rate:.1f} per 1,000", *found]))


@pytest.mark.parametrize("name", SETS)
def test_docstrings_begin_with_a_verb(name: str) -> None:
    """See VERBS in plain_english.py, which lists the verbs."""
    found = [
        f"{path}: {where} begins with {word!r}"
        for path in files(SETS[name])
        if path.suffix == ".py"
        for where, word in docstrings(path)
    ]
    assert len(found) <= LIMITS[name].docstrings, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "It is mended.",
        "It returns an error where there is no file.",
        "The owner. Who holds it removes it.",
        "Show whom it is for.",
        "An error with what is known.",
        "V(AK) stands for a key.",
        "It has a lock of its own.",
    ],
)
def test_a_turn_of_phrase_is_found(text: str) -> None:
    assert matches(Path("page"), text)


@pytest.mark.parametrize(
    "text",
    [
        "Repair the file.",
        "It returns an error if the file is missing.",
        "The owner, a user who can write, removes the lock.",
        "The guide says what to do.",
        "The directory where profiles are stored.",
    ],
)
def test_plain_text_is_left_alone(text: str) -> None:
    assert not matches(Path("page"), text)


def test_code_and_licences_are_not_prose(tmp_path: Path) -> None:
    page = tmp_path / "page.rst"
    page.write_text(
        ".. Copyright by whom\n\n1. One\n\n   .. code-block:: yaml\n\n     a: whom\n\n   Two\n\nThree\n",
        encoding="utf-8",
    )
    assert prose(page).split() == ["1.", "One", "Two", "Three"]
    page = tmp_path / "page.md"
    page.write_text("One\n\n```yaml\na: whom\n```\n\nTwo\n", encoding="utf-8")
    assert prose(page).split() == ["One", "Two"]


def test_strings_and_comments_are_prose(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""One two."""\nvalue = "three"\nwhom = f"four {value} five"  # six\n', encoding="utf-8"
    )
    found = prose(module)
    assert "One two" in found and "four " in found and "# six" in found
    assert "three" not in found and "whom" not in found


def test_docstring_without_a_verb_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""A file."""\nclass A:\n    """The class."""\n    def b(self):\n        """One of them."""\n'
        '    def c(self):\n        """Return it."""\n    def _d(self):\n        """One of them."""\n',
        encoding="utf-8",
    )
    assert list(docstrings(module)) == [("A", "The"), ("b", "One")]
