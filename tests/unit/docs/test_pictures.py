# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ansible_collections.aliyun.cli.tests.benchmarks.plot import LABELS, draw, rows_of
from ansible_collections.aliyun.cli.tests.unit.docs.pictures import IMAGES, darken, light_pictures

SVG = "{http://www.w3.org/2000/svg}"
LIGHT = pytest.mark.parametrize("path", light_pictures(), ids=lambda path: path.stem)


@LIGHT
def test_picture_has_a_text_alternative(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    for name in ("title", "desc"):
        element = root.find(SVG + name)
        assert (
            element is not None
            and element.text
            and str(element.get("id")) in root.get("aria-labelledby", "")
        )


@LIGHT
def test_dark_variant_has_the_same_content(path: Path) -> None:
    light = path.read_text(encoding="utf-8")
    dark = path.with_name(f"{path.stem}-dark.svg").read_text(encoding="utf-8")
    assert dark == darken(light), "run tests/unit/docs/pictures.py"
    assert not set(re.findall(r"#\w{6}\b", light)) & {"#102a43", "#243b53"}


@LIGHT
def test_picture_loads_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"href|<script|<image|@import|url\((?!#)", text.split("-->", 1)[1])


def test_every_picture_is_shown() -> None:
    pages = "".join(
        page.read_text(encoding="utf-8")
        for page in [
            *IMAGES.parent.glob("rst/*.rst"),
            IMAGES.parent / "front.rst",
            IMAGES.parents[2] / "README.md",
        ]
    )
    assert [path.name for path in light_pictures() if path.name not in pages] == []


def test_picture_of_costs_has_the_figures_of_its_table() -> None:
    """Draw it again with tests/benchmarks/lookup.py --plot."""
    picture = (IMAGES / "costs.svg").read_text(encoding="utf-8")
    guide = (IMAGES.parent / "rst" / "guide_cache.rst").read_text(encoding="utf-8")
    table = guide[guide.index("images/costs.svg") :]
    found = re.findall(r"^     - ([\d.]+)\n     - ([\d.]+)\n     - (\d+)$", table, re.MULTILINE)
    figures = {(float(processor), float(wall), int(calls)) for processor, wall, calls in found}
    rows = rows_of(picture)
    assert [row.label for row in rows] == list(LABELS.values())
    assert {row[1:] for row in rows} <= figures
    assert draw(rows) == picture
