# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real browser without a network: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

WIDE, NARROW = (1280, 900), (400, 800)
# No request for updates or lists of the browser's vendor.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()


class Visit:
    """A page, and everything that went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self._note(message.type == "error", message.text))
        page.on("pageerror", lambda error: self._note(True, str(error)))
        page.route("**/*", self._answer)

    def _note(self, wrong: bool, text: str) -> None:
        if wrong:
            self.errors.append(text)

    def _answer(self, route: Any) -> None:
        url = route.request.url
        if url.startswith(("file:", "data:")):
            route.continue_()
        else:
            self.requests.append(url)
            route.fulfill(status=204, body="")

    def open(self, path: Path) -> None:
        """Open a file and wait until it is complete."""
        self.page.goto(path.as_uri(), wait_until="load")

    def overflow(self) -> list[str]:
        """Return the elements that make the page wider than the window. What scrolls by itself is no fault."""
        script = """() => {
            const width = document.documentElement.clientWidth, found = [];
            if (document.documentElement.scrollWidth <= width) return found;
            for (const element of document.body.querySelectorAll("*")) {
                if (element.getBoundingClientRect().right > width + 1 && !element.closest("pre, table, .scrolls"))
                    found.push(element.tagName + "." + element.className + ": " + element.textContent.trim().slice(0, 60));
            }
            return found.length ? found : ["the page is wider than the window"];
        }"""
        return list(self.page.evaluate(script))

    def broken_pictures(self) -> list[str]:
        """Return the pictures that did not load."""
        script = (
            "() => [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
        )
        return list(self.page.evaluate(script))

    def accessibility(self) -> list[str]:
        """Return what axe-core finds, one line for each rule."""
        found = Axe().run(self.page).response["violations"]
        return [f"{item['id']}: {item['nodes'][0]['html'][:120]}" for item in found]


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    width, height = getattr(request, "param", WIDE)
    page = browser.new_page(viewport={"width": width, "height": height})
    yield Visit(page)
    page.close()
