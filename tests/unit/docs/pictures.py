# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the dark variant of each picture in docs/docsite/images.

A picture is drawn once, for a light page. Run this file after a change of a picture.
"""

from pathlib import Path

IMAGES = Path(__file__).parents[3] / "docs" / "docsite" / "images"
# Colour on a light page and on a dark page.
COLOURS = {
    "#1f2933": "#f0f4f8",
    "#52606d": "#bcccdc",
    "#ffffff": "#243b53",
    "#829ab1": "#9fb3c8",
    "#f0f4f8": "#102a43",
    "#bcccdc": "#627d98",
    "#fff3d6": "#513c06",
    "#de911d": "#f7c948",
    "#e3f9e5": "#0f3d1c",
    "#31843f": "#57ae5b",
    "#486581": "#9fb3c8",
}


def darken(picture: str) -> str:
    """Return the picture in the colours of a dark page."""
    parts = picture.split("#")
    return parts[0] + "".join(
        COLOURS.get("#" + part[:6], "#" + part[:6]) + part[6:] for part in parts[1:]
    )


def light_pictures() -> list[Path]:
    """Return the pictures for a light page."""
    return [path for path in sorted(IMAGES.glob("*.svg")) if not path.stem.endswith("-dark")]


if __name__ == "__main__":
    for path in light_pictures():
        dark = path.with_name(f"{path.stem}-dark.svg")
        dark.write_text(darken(path.read_text(encoding="utf-8")), encoding="utf-8")
