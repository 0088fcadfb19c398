# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No page is left with a word in capitals in the place of a paragraph or a table that was to be written later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.tests.unit.docs.test_guides import PAGES


def placeholders_of(page: Path) -> Iterator[str]:
    """Yield the lines of capitals only, except for titles."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, (line, below) in enumerate(pairwise([*lines, ""]), 1):
        title = re.fullmatch(r"([^\w\s])\1+", below)
        if re.fullmatch(r"\s*[A-Z][A-Z0-9_ ]+", line) and not title:
            yield f"{page.name}:{number}: {line.strip()}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_is_left_to_be_written(page: Path) -> None:
    assert not list(placeholders_of(page))


def test_a_placeholder_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.rst"
    page.write_text(
        "OIDC\n====\n\nText\n\nSCALE\n\n    THE_FIGURES 2\n\nSTS.\n\nEND", encoding="utf-8"
    )
    assert list(placeholders_of(page)) == [
        "page.rst:6: SCALE",
        "page.rst:8: THE_FIGURES 2",
        "page.rst:12: END",
    ]
