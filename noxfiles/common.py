# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choose the versions of ansible-core and Python for the sessions, and share code between sessions."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nox
import yaml
from packaging.markers import Marker

ROOT = Path(__file__).parent.parent
NOX = ROOT / ".nox"
TOOLS = "requirements/tools.txt"
CORES = {
    core["series"]: core
    for core in yaml.safe_load((ROOT / "requirements/cores.yml").read_text("utf-8"))
}
# The versions of get-pip.py that the ansible-test of the supported cores downloads.
GET_PIP = ("20_3_4", "21_3_1", "23_1_2", "24_2", "25_2")


def starts(python: str) -> bool:
    """Return whether an interpreter starts and can make environments: a name on PATH may be a shim of pyenv."""
    command = [python, "-c", "import venv"]
    return (
        bool(shutil.which(python))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


PYTHONS = [
    version for version in (f"3.{minor}" for minor in range(6, 16)) if starts(f"python{version}")
]


def pythons(core: str) -> list[str]:
    """Return the Pythons of this machine on which the controller of a core runs, oldest first."""
    return [python for python in CORES[core]["controller"] if python in PYTHONS]


RUNNABLE = [core for core in CORES if pythons(core)]
OLDEST, NEWEST = RUNNABLE[0], RUNNABLE[-1]
BETWEEN = RUNNABLE[1:-1]
NEWEST_PYTHON = pythons(NEWEST)[-1]


def on_newest_python(cores: list[str]) -> Any:
    """Parametrize a session: one for each core, on its newest Python here."""
    return nox.parametrize(
        "core, python", [nox.param(core, pythons(core)[-1], id=core) for core in cores]
    )


def on_oldest_and_newest_python(cores: list[str]) -> Any:
    """Parametrize a session: two for each core, on its oldest and its newest Python here."""
    pairs = {
        (core, python): None for core in cores for python in (pythons(core)[0], pythons(core)[-1])
    }
    return nox.parametrize("core, python", [nox.param(*pair, id="-".join(pair)) for pair in pairs])


def install(session: nox.Session, core: str, *names: str) -> None:
    """Install packages at the versions and with the hashes that are pinned, and the ansible-core of a series if one is named."""
    files = [TOOLS, *([f"requirements/core-{core}.txt"] if core else [])]
    text = "\n".join((ROOT / file).read_text("utf-8") for file in files)
    python = {"python_full_version": f"{session.python or platform.python_version()}.0"}
    pins = {
        name: version
        for name, version, marker in re.findall(
            r"^([\w.-]+)==([^\s;]+)(?: ; ([^\\\n]+))?", text, re.MULTILINE
        )
        if not marker or Marker(marker.strip()).evaluate(python)
    }
    wanted = [*(["ansible-core"] if core else []), *names]
    versions = [f"{name}=={pins[name.partition('[')[0]]}" for name in wanted]
    session.install(
        "--require-hashes", *versions, silent=True, env={"UV_CONSTRAINT": " ".join(files)}
    )


def folder_of(session: nox.Session, kind: str) -> Path:
    """Return the folder of one kind that only this session uses: sessions run at the same time."""
    return NOX / kind / re.sub(r"\W+", "-", session.name).strip("-")


def copy_tree(session: nox.Session) -> Path:
    """Copy the checkout to where Ansible looks for the collection, work there, and return its path."""
    root = folder_of(session, "trees")
    tree = root / "ansible_collections" / "aliyun" / "cli"
    shutil.rmtree(root, ignore_errors=True)
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    # ansible-test asks git for files, and the repository around the copy ignores it.
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
    session.env.update(
        PYTHONPATH=str(root), ANSIBLE_COLLECTIONS_PATH=str(root), ANSIBLE_LOCALHOST_WARNING="false"
    )
    session.chdir(tree)
    return tree


def run_ansible_test(session: nox.Session, command: str, *arguments: str) -> None:
    """Run a command of ansible-test. Show its output only if it fails or the user picked tests."""
    home = folder_of(session, "homes")
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP:
        # ansible-test would download it from a host that is no package index.
        shutil.copy2(ROOT / ".ci" / "get-pip.py", cache / f"get_pip_{version}.py")
    output = session.run(
        *("ansible-test", command, "--color", "no", *arguments, *session.posargs),
        env={"HOME": str(home)},
        silent=not session.posargs,
    )
    if isinstance(output, str):
        session.log(f"{len(re.findall('^Running ', output, re.MULTILINE))} tests passed")


def run_pytest(session: nox.Session, command: tuple[str, ...], *folders: str) -> None:
    """Run the tests in some folders, or those of them that the user picked by path or by -k."""
    paths = [argument for argument in session.posargs if argument.startswith("tests/")]
    options = [argument for argument in session.posargs if argument not in paths]
    tests = [path for path in paths if path.startswith(folders)] if paths else list(folders)
    if not tests:
        session.skip("none of the picked tests is one of these")
    # 5: no test has such a name.
    codes = [0, 5] if session.posargs else [0]
    session.run(*command, *options, *tests, external=True, success_codes=codes)
