# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each page of the documentation site in a browser. SITE names the folder with the built pages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.tests.browser.conftest import NARROW, WIDE, Visit

SITE = Path(os.environ["SITE"])
PAGES = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


def test_site_has_its_pages() -> None:
    names = {path.name for path in PAGES}
    assert {
        "index.html",
        "profile_module.html",
        "assume_role_lookup.html",
        "guide_first_profile.html",
    } <= names


@pytest.mark.parametrize("visit", [WIDE, NARROW], ids=["wide", "narrow"], indirect=True)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_is_whole(visit: Visit, path: Path) -> None:
    visit.open(path)
    assert visit.page.title()
    assert visit.errors == []
    assert visit.broken_pictures() == []
    assert visit.overflow() == []
