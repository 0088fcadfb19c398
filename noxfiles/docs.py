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
"""


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
    subprocess.run(["./build.sh"], cwd=site, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
