# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the artefact: what it holds, what it never holds, and that a build can be repeated."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from noxfiles.build import build, copy_known_files  # noqa: E402

# What developers have lying around, in the root of the clone and beside files that are published.
PRIVATE = (
    ".env",
    ".vault_pass",
    ".netrc",
    ".pypirc",
    ".idea/workspace.xml",
    ".vscode/settings.json",
    ".git/config",
    ".ssh/id_ed25519",
    ".aliyun/config.json",
    ".terraform/terraform.tfstate",
    ".nox/home/.cache/token",
    "venv/lib/python3.13/site-packages/secret.py",
    "id_rsa.pem",
    "dump.sql",
    "AccessKey.csv",
    "kubeconfig",
    "inventory.ini",
    "group_vars/all.yml",
    "host_vars/one/vault.yml",
    "galaxy_token",
    "playbooks/inventory",
    "playbooks/group_vars/all/vault.yml",
    "playbooks/rotate.yml.orig",
    "plugins/modules/.env",
    "plugins/modules/profile.py~",
    "plugins/modules/__pycache__/profile.cpython-313.pyc",
    "plugins/lookup/.assume_role.py.swp",
    "roles/install/files/private.key",
    "roles/profiles/vars/vault.yml",
    "roles/profiles/tests/inventory",
    "docs/docsite/rst/notes.txt",
    "meta/credentials.yml",
    "changelogs/.plugin-cache.yaml",
    "tests/output/bot/secrets.json",
    "tests/emulator/worlds/production.yml",
    "tests/integration/cloud-config-alibaba.ini",
)
WHEN = 1_700_000_000


def names(artefact: Path) -> set[str]:
    with tarfile.open(artefact) as archive:
        return {member.name for member in archive if member.isfile()}


@pytest.fixture(name="source")
def _source(tmp_path: Path) -> Path:
    copy_known_files(tmp_path / "source")
    return tmp_path / "source"


def test_no_private_file_is_published(source: Path, tmp_path: Path) -> None:
    before = names(build(source, tmp_path / "before", WHEN))
    for name in PRIVATE:
        assert not (source / name).exists(), name
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("secret", encoding="utf-8")
    assert names(build(source, tmp_path / "after", WHEN)) == before


def test_content_of_the_collection_is_published(source: Path, tmp_path: Path) -> None:
    wanted = {
        str(path.relative_to(source))
        for folder in ("plugins", "roles", "playbooks", "meta", "docs/docsite", "LICENSES")
        for path in (source / folder).rglob("*")
        if path.is_file()
    }
    wanted |= {"README.md", "CHANGELOG.rst", "REUSE.toml"}
    wanted |= {"changelogs/changelog.yaml", "changelogs/config.yaml"}
    found = names(build(source, tmp_path, WHEN)) - {"MANIFEST.json", "FILES.json"}
    assert {name for name in found if not name.startswith("tests/")} == wanted


def test_of_the_tests_only_what_the_demo_loads_is_published(source: Path, tmp_path: Path) -> None:
    found = {name for name in names(build(source, tmp_path, WHEN)) if name.startswith("tests/")}
    code = (
        "import json, sys, tests.emulator.__main__;"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.startswith('tests.emulator')]))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=source,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    loaded = {str(Path(name).relative_to(source)) for name in json.loads(printed)}
    assert found == loaded | {"tests/emulator/worlds/demo.yml"}


def test_build_can_be_repeated(source: Path, tmp_path: Path) -> None:
    first = build(source, tmp_path / "first", WHEN).read_bytes()
    # Another clone, at another time, in a folder that lists its files in another order, with another umask.
    other = tmp_path / "a" / "longer" / "path"
    for path in sorted(source.rglob("*"), reverse=True):
        if path.is_file():
            target = other / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o600 | path.stat().st_mode & 0o100)
            os.utime(target, (time.time() - 86400, time.time() - 86400))
    mask = os.umask(0o077)
    try:
        second = build(other, tmp_path / "second", WHEN).read_bytes()
    finally:
        os.umask(mask)
    assert first == second


def test_artefact_installs(source: Path, tmp_path: Path) -> None:
    built = build(source, tmp_path, WHEN)
    options = ("--offline", "--no-deps", "--collections-path", str(tmp_path / "installed"))
    command = ("ansible-galaxy", "collection", "install", str(built), *options)
    subprocess.run(command, check=True, capture_output=True)
    verify = ("ansible-galaxy", "collection", "verify", "aliyun.cli", "--offline", *options[2:])
    subprocess.run(verify, check=True, capture_output=True)
