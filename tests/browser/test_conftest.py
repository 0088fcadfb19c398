# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the checks of a page find the faults of a page."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aliyun.cli.tests.browser.conftest import Visit

PAGE = """<!doctype html><title>wrong</title>
<div class="wide" style="width: 5000px">too wide</div><pre style="overflow: auto">{0}</pre>
<img src="missing.svg"><script>console.error("broken")</script><script src="https://example.com/a.js"></script>
""".format("a " * 5000)


def test_faults_of_a_page_are_found(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    visit.open(path)
    assert [error for error in visit.errors if "broken" in error]
    assert visit.overflow() == ["DIV.wide: too wide"]
    assert visit.broken_pictures() == [(tmp_path / "missing.svg").as_uri()]
    assert visit.requests == ["https://example.com/a.js"]
    assert [line for line in visit.accessibility() if line.startswith("image-alt")]
