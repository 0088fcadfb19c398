# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CONTRIBUTING names what there is, and its way to a new field leads there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODES = Path("plugins") / "module_utils" / "_modes.py"
FIELDS = Path("plugins") / "doc_fragments" / "_profile_fields.py"
TRY_THE_FIELD = """
import json, sys
from ansible.module_utils import basic
from ansible_collections.aliyun.cli.plugins.modules import profile
arguments = {"name": "a", "mode": "Anonymous", "region": "b", "colour": "red", "config_path": sys.argv[1]}
arguments["_ansible_diff"] = True
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
basic._ANSIBLE_PROFILE = "legacy"
profile.main()
"""


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\.github|\w+)/[\w./]+)`", TEXT))))
def test_files_that_are_named_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"`make (\w+)", TEXT))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named <= set(re.findall(r"^(\w+):.*## ", makefile, re.MULTILINE))


def insert(path: Path, before: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(before) == 1, (path, before)
    path.write_text(content.replace(before, text + before), encoding="utf-8")


def test_a_new_field_takes_one_row_and_one_entry(tmp_path: Path) -> None:
    tree = tmp_path / "ansible_collections" / "aliyun" / "cli"
    for folder in ("plugins", "tests/unit/plugins/doc_fragments"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    insert(
        tree / MODES,
        '    Field("endpoint_type", ',
        '    Field("colour", "colour", _ALL, secret=True),\n',
    )
    insert(
        tree / FIELDS,
        "endpoint_type:\n",
        "colour:\n  description:\n    - The colour. For all modes.\n  type: str\n",
    )
    environment = dict(os.environ, PYTHONPATH=str(tmp_path))
    config = tmp_path / "config.json"
    for command in (
        ["-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", "tests"],
        ["-c", TRY_THE_FIELD, str(config)],
    ):
        done = subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            check=False,
            cwd=tree,
            env=environment,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(config.read_text(encoding="utf-8"))["profiles"][0]["colour"] == "red"
    result = json.loads(done.stdout)
    assert result["changed"] and "red" not in json.dumps([result["profile"], result["diff"]])


PROVIDER = '''"""Mode Moon: credentials from the moon."""

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials


def obtain(source, context):
    return Credentials("STS.moon", "secret", "token", int(context.now) + len(source.settings["region"]))
'''
TRY_THE_MODE = """
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles
document = {"current": "", "profiles": []}
profiles.put(document, [{"name": "a", "mode": "Moon", "region": "b"}])
profiles.put(document, [dict(name="c", mode="ChainableRamRoleArn", source_profile="a", region="b",
    ram_role_arn="acs:ram::1:role/r", role_session_name="me")])
profiles.check_references(document, ["c"])
found = chain.from_profile(document["profiles"], "c")
print(Resolver(Http(), environ={}).obtain(found.source).access_key_id, len(chain.make_keys(found, {})))
"""


def test_a_new_mode_takes_the_steps_of_the_text(tmp_path: Path) -> None:
    tree = tmp_path / "ansible_collections" / "aliyun" / "cli"
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(ROOT, tree, ignore=ignore)
    guide = Path("docs") / "docsite" / "rst" / "guide_sources.rst"
    unit, utils = tree / "tests" / "unit", tree / "plugins" / "module_utils"
    providers = utils / "_credentials" / "providers"
    # The row, the option, the guide.
    row = '        Mode("Moon", provider="moon", identity=("region",), inputs=(MACHINE,), since="9.0.0"),\n'
    insert(tree / MODES, '        Mode("Anonymous", ', row)
    insert(tree / FIELDS, "    - Anonymous\n", "    - Moon\n")
    versions = tree / "roles" / "profiles" / "vars" / "main.yml"
    insert(versions, "  Anonymous: ", "  Moon: 9.0.0\n")
    section = "Moon\n~~~~\n\n.. code-block:: yaml\n\n    - name: Ask\n      aliyun.cli.caller_identity_info:\n"
    section += "        source:\n          mode: Moon\n          region: moon\n\n"
    insert(tree / guide, "BearerToken and Anonymous\n~~~", section)
    # The provider.
    (providers / "moon.py").write_text(PROVIDER, encoding="utf-8")
    insert(utils / "_credentials" / "resolver.py", "        o_auth,\n", "        moon,\n")
    # The lists of all modes in tests.
    table = unit / "plugins" / "module_utils" / "test__modes.py"
    insert(table, '    "Anonymous": ("", ""),\n', '    "Moon": ("", ""),\n')
    insert(
        unit / "plugins" / "modules" / "test_profile.py", '    "Anonymous": {}', '    "Moon": {},\n'
    )
    fingerprint = unit / "plugins" / "plugin_utils" / "_cache" / "test_fingerprint.py"
    insert(fingerprint, '    "Anonymous": ({}, []),\n', '    "Moon": ({}, ["machine"]),\n')
    chains = unit / "emulated" / "test_chains.py"
    insert(chains, '"BearerToken", "Anonymous"}', '"Moon", ')
    touched = [
        "docs/test_architecture.py",
        "docs/test_guide_sources.py",
        "plugins/doc_fragments",
        "plugins/module_utils/test__modes.py",
        "plugins/module_utils/_credentials/test_chain.py",
        "plugins/module_utils/_profiles/test_profiles.py",
        "plugins/modules/test_profile.py",
        "plugins/plugin_utils/_cache/test_fingerprint.py",
        "emulated/test_chains.py::test_all_modes_are_here",
        "docs/test_roles.py::test_versions_of_features_are_those_of_the_documentation",
    ]
    environment = dict(os.environ, PYTHONPATH=str(tmp_path))
    command = ["-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", "-x"]
    for arguments in (command + [f"tests/unit/{path}" for path in touched], ["-c", TRY_THE_MODE]):
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            check=False,
            cwd=tree,
            env=environment,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "STS.moon 2\n"
