# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the results of lookup.py as a picture of the documentation."""

from __future__ import annotations

import math
import re
from typing import NamedTuple
from xml.sax.saxutils import escape, unescape

# The variants of the benchmark that are drawn.
LABELS = {
    "constant": "a constant instead of a lookup",
    "lookup without options": "a constant lookup without options",
    "cache, warm": "aliyun.cli.assume_role, cached",
    "cache, cold": "the same, nothing cached yet",
    "run_once and set_fact": "run_once and set_fact, no cache",
    "without the cache": "aliyun.cli.assume_role, cache: false",
    "script": "a script with the official package",
}
LEFT, RIGHT, TOP, STEP = 270, 610, 64, 34
LOWEST, HIGHEST = 0.5, 50.0
TICKS = (0.5, 1, 2, 5, 10, 20, 50)
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 {height}" width="780" height="{height}" role="img" \
aria-labelledby="title desc">
<!--
Copyright (c) 2026, the aliyun.cli contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<title id="title">Time of a play by the way in which it gets credentials</title>
<desc id="desc">Ratios to a play whose lookup returns a constant. {summary}</desc>
<style>
text {{ font: 14px system-ui, sans-serif; fill: #1f2933; }}
.head {{ font-weight: 600; }}
.small {{ font-size: 12px; fill: #52606d; }}
.grid {{ stroke: #bcccdc; stroke-width: 1; }}
.one {{ stroke: #486581; stroke-width: 2; }}
.range {{ stroke: #829ab1; stroke-width: 1.5; }}
.processor {{ fill: #31843f; }}
.wall {{ fill: #de911d; }}
</style>
"""


class Row(NamedTuple):
    """A variant: its label, the ratios of processor time and wall time, and the calls of AssumeRole."""

    label: str
    processor: float
    wall: float
    calls: int


def place(ratio: float) -> float:
    """Return the horizontal position of a ratio, on a logarithmic scale."""
    share = math.log(ratio / LOWEST) / math.log(HIGHEST / LOWEST)
    return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)


def draw(rows: list[Row]) -> str:
    """Return the picture as SVG."""
    bottom = TOP + STEP * len(rows)
    summary = " ".join(f"{row.label}: {row.processor:g}, {row.calls} calls." for row in rows)
    lines = [HEAD.format(height=bottom + 34, summary=escape(summary))]
    lines.append(
        '<text x="10" y="22" class="head">Ratio to a lookup that returns a constant</text>\n'
    )
    for offset, name in ((0, "processor"), (140, "wall")):
        lines.append(f'<circle class="{name}" cx="{16 + offset}" cy="42" r="5"/>\n')
        lines.append(f'<text x="{26 + offset}" y="47" class="small">{name} time</text>\n')
    lines.append(
        '<text x="770" y="47" text-anchor="end" class="small">calls of AssumeRole</text>\n'
    )
    for tick in TICKS:
        kind, x = "one" if tick == 1 else "grid", place(tick)
        lines.append(f'<path class="{kind}" d="M{x:.1f} {TOP - 6}V{bottom}"/>\n')
        lines.append(
            f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle" class="small">{tick:g}</text>\n'
        )
    for number, row in enumerate(rows):
        y = TOP + STEP * number + STEP // 2
        first, last = sorted((place(row.processor), place(row.wall)))
        lines.append(f"<!-- {row.label} | {row.processor:g} | {row.wall:g} | {row.calls} -->\n")
        lines.append(f'<text x="10" y="{y + 5}">{escape(row.label)}</text>\n')
        lines.append(f'<path class="range" d="M{first:.1f} {y}H{last:.1f}"/>\n')
        lines.append(f'<circle class="wall" cx="{place(row.wall):.1f}" cy="{y}" r="5"/>\n')
        lines.append(
            f'<circle class="processor" cx="{place(row.processor):.1f}" cy="{y}" r="5"/>\n'
        )
        lines.append(
            f'<text x="640" y="{y + 5}" class="small">{row.processor:g} / {row.wall:g}</text>\n'
        )
        lines.append(f'<text x="770" y="{y + 5}" text-anchor="end">{row.calls}</text>\n')
    return "".join(lines) + "</svg>\n"


def rows_of(picture: str) -> list[Row]:
    """Return the rows of a picture that this file has drawn."""
    found = re.findall(r"^<!-- (.+) \| (.+) \| (.+) \| (\d+) -->$", picture, re.MULTILINE)
    return [
        Row(unescape(label), float(processor), float(wall), int(calls))
        for label, processor, wall, calls in found
    ]
