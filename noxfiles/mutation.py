# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change one thing after the other in some files of plugins/, and show the changes that their own tests let pass.

python noxfiles/mutation.py TREE [FILE...], in an environment with mutmut and the requirements of the tests. TREE is a copy of the checkout at
ansible_collections/aliyun/cli; files are relative to it. Slow: minutes for each file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

# The signer, the chain, the edit of config.json, and the credential cache: a fault in there loses or leaks something.
FILES = (
    "plugins/module_utils/_signature.py",
    "plugins/module_utils/_credentials/chain.py",
    "plugins/module_utils/_config_file/edit.py",
    "plugins/module_utils/_config_file/lock.py",
    "plugins/module_utils/_config_file/ownership.py",
    "plugins/module_utils/_config_file/go_json.py",
    "plugins/module_utils/_config_file/write.py",
    "plugins/module_utils/_profiles/profiles.py",
    "plugins/plugin_utils/_cache/entry.py",
    "plugins/plugin_utils/_cache/single_flight.py",
)


def run(root: Path, *arguments: str, show: bool = False) -> str:
    """Run mutmut and return what it prints."""
    environ = {**os.environ, "PYTHONPATH": str(root / "mutants")}
    done = subprocess.run(
        ["mutmut", *arguments],
        cwd=root,
        env=environ,
        stdout=None if show else subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout or ""


def try_file(tree: Path, file: str) -> None:
    """Change one file in all the ways that mutmut knows, and print what its tests let pass."""
    root = tree.parents[2]
    # Without the properties: trying thousands of values takes too long for each change.
    tests = (tree / "tests/unit" / file).parent.glob(f"test_{Path(file).stem}.py")
    options = {
        "source_paths": tree / file,
        "pytest_add_cli_args_test_selection": "\n    ".join(map(str, tests)),
        "also_copy": tree.parents[1],
    }
    lines = [f"{name}=\n    {value}\n" for name, value in options.items()]
    text = "".join(["[mutmut]\n", *lines]).replace(f"{root}/", "")
    (root / "setup.cfg").write_text(text, encoding="utf-8")
    shutil.rmtree(root / "mutants", ignore_errors=True)
    run(root, "run")
    results = run(root, "results", "--all", "true")
    states = Counter(re.findall(r": ([a-z ]+)$", results, re.MULTILINE))
    print(
        f"{file}: {', '.join(f'{number} {state}' for state, number in states.items())}", flush=True
    )
    for name in re.findall(r"(\S+): (?!killed)[a-z ]+$", results, re.MULTILINE):
        run(root, "show", name, show=True)


if __name__ == "__main__":
    for path in sys.argv[2:] or FILES:
        try_file(Path(sys.argv[1]), path)
