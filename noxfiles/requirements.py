# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files of pinned requirements, with the hash of each file that the package index has for a pin.

``--upgrade`` moves the pins to the newest releases; without it they stay the same. Needs uv and PyYAML, which the
project's own environment has: ``make requirements``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "requirements"
UV = Path(sys.executable).parent / "uv"


def compile_pins(output: Path, source: str, python: str, *options: str) -> None:
    """Pin the requirements in the text ``source``, for ``python`` and newer."""
    subprocess.run(
        [
            *(str(UV), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-config"),
            *("--generate-hashes", "--python-version", python, "--output-file", str(output)),
            *options,
            "-",
        ],
        input=source,
        text=True,
        check=True,
        cwd=ROOT,
    )


def main(upgrade: list[str]) -> None:
    """Write all files."""
    new = ("--universal", *upgrade)
    compile_pins(FOLDER / "nox.txt", (FOLDER / "nox.in").read_text("utf-8"), "3.11", *new)
    tools = FOLDER / "tools.txt"
    separate = ("ansible-core", "resolvelib")
    hidden = [f"--no-emit-package={name}" for name in separate]
    compile_pins(tools, (FOLDER / "tools.in").read_text("utf-8"), "3.10", *new, *hidden)

    # Pins that depend on the series of ansible-core, in addition to those for all series in tools.txt.
    names = re.findall(r"^([\w.-]+)==", tools.read_text("utf-8"), re.MULTILINE)
    others = [f"--no-emit-package={name}" for name in names]
    cores = ("--constraint", str(tools), *new, *others)
    compile_pins(FOLDER / "core.txt", "ansible-core", "3.11", *cores)
    for core in yaml.safe_load((FOLDER / "cores.yml").read_text("utf-8")):
        compile_pins(
            FOLDER / f"core-{core['series']}.txt",
            f"ansible-core=={core['release']}",
            core["controller"][0],
            "--prerelease=if-necessary-or-explicit",
            *cores,
        )

    # Their pins are chosen by hand, or by the packages under test.
    oldest = FOLDER / "oldest-target"
    compile_pins(oldest.with_suffix(".txt"), oldest.with_suffix(".in").read_text("utf-8"), "3.6")
    conformance = ROOT / "tests" / "conformance" / "requirements"
    source = conformance.with_suffix(".in").read_text("utf-8")
    compile_pins(conformance.with_suffix(".txt"), source, "3.12", *new)


if __name__ == "__main__":
    main(sys.argv[1:])
