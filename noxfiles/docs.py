# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site in a folder: python noxfiles/docs.py FOLDER, where Ansible finds the collection."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

# A reference to something of this collection that does not exist is an error. What ansible-core documents is in an
# inventory on the internet.
CONF = """
intersphinx_mapping = {}
nitpick_ignore_regex = [("ref|envvar", r"(?!.*(?i:aliyun)).*")]
html_static_path = ["static"]
html_css_files = ["site.css"]
"""


DOCSITE = Path(__file__).parents[1] / "docs" / "docsite"


def add_front_page(pages: Path) -> None:
    """Copy the pictures, and begin the landing page with the front page."""
    shutil.copytree(DOCSITE / "images", pages / "images")
    shutil.copy2(DOCSITE / "front.rst", pages / "front.txt")
    index = pages / "index.rst"
    text = index.read_text(encoding="utf-8")
    start = text.index("\nCollection version")
    index.write_text(f"{text[:start]}\n.. include:: front.txt\n{text[start:]}", encoding="utf-8")


def main(site: Path) -> None:
    """Replace the folder by a new site."""
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(mode=0o700, parents=True)
    subprocess.run(
        [
            "antsibull-docs",
            "sphinx-init",
            "--use-current",
            "--squash-hierarchy",
            "--fail-on-error",
            "--project=aliyun.cli",
            "--copyright=the aliyun.cli contributors",
            "--title=aliyun.cli documentation",
            "--html-short-title=aliyun.cli",
            f"--dest-dir={site}",
            "aliyun.cli",
        ],
        check=True,
    )
    with open(site / "conf.py", "a", encoding="utf-8") as file:
        file.write(CONF)
    (site / "rst").mkdir(exist_ok=True)
    (site / "static").mkdir()
    shutil.copy2(DOCSITE / "site.css", site / "static")
    generate = [
        "antsibull-docs",
        "--config-file",
        "antsibull-docs.cfg",
        "collection",
        "--use-current",
    ]
    options = [
        "--squash-hierarchy",
        "--fail-on-error",
        "--cleanup",
        "everything",
        "--dest-dir",
        "rst",
    ]
    subprocess.run([*generate, *options, "aliyun.cli"], cwd=site, check=True)
    add_front_page(site / "rst")
    sphinx = ["sphinx-build", "-M", "html", "rst", "build", "-c", ".", "-W", "--keep-going"]
    subprocess.run(sphinx, cwd=site, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
