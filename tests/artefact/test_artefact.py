# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the artefact: required files, forbidden files, and repeatable builds."""

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
from noxfiles.sbom import describe  # noqa: E402

# Files that developers may have in the root of the clone and next to published files.
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


@pytest.fixture(name="source")
def _source(tmp_path: Path) -> Path:
    copy_known_files(tmp_path / "source")
    return tmp_path / "source"


@pytest.fixture(name="built", scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    copy_known_files(folder / "source")
    return build(folder / "source", folder, WHEN)


def names(artefact: Path) -> set[str]:
    with tarfile.open(artefact) as archive:
        return {member.name for member in archive if member.isfile()}


def test_no_private_file_is_published(source: Path, built: Path, tmp_path: Path) -> None:
    for name in PRIVATE:
        assert not (source / name).exists(), name
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("secret", encoding="utf-8")
    assert names(build(source, tmp_path, WHEN)) == names(built)


def test_content_of_the_collection_is_published(source: Path, built: Path) -> None:
    wanted = {
        str(path.relative_to(source))
        for folder in ("plugins", "roles", "playbooks", "meta", "docs/docsite", "LICENSES")
        for path in (source / folder).rglob("*")
        if path.is_file()
    }
    wanted |= {"README.md", "CHANGELOG.rst", "REUSE.toml"}
    wanted |= {"changelogs/changelog.yaml", "changelogs/config.yaml"}
    found = names(built) - {"MANIFEST.json", "FILES.json"}
    assert {name for name in found if not name.startswith("tests/")} == wanted


def test_of_the_tests_only_what_the_demo_loads_is_published(source: Path, built: Path) -> None:
    found = {name for name in names(built) if name.startswith("tests/")}
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


def test_build_can_be_repeated(source: Path, built: Path, tmp_path: Path) -> None:
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
    assert built.read_bytes() == second


def test_artefact_installs(built: Path, tmp_path: Path) -> None:
    options = ("--offline", "--no-deps", "--collections-path", str(tmp_path / "installed"))
    command = ("ansible-galaxy", "collection", "install", str(built), *options)
    subprocess.run(command, check=True, capture_output=True)
    verify = ("ansible-galaxy", "collection", "verify", "aliyun.cli", "--offline", *options[2:])
    subprocess.run(verify, check=True, capture_output=True)


def test_sbom_names_every_file_and_requirement(built: Path) -> None:
    text = describe(built)
    assert describe(built) == text
    components = json.loads(text)["components"]
    files = {item["name"] for item in components if item["type"] == "file"}
    assert files == names(built) - {"MANIFEST.json", "FILES.json"}
    libraries = {
        item["name"]: item["description"] for item in components if item["type"] == "library"
    }
    assert libraries["ansible-core"] == "any version >=2.16.0"
    assert libraries["requests"] == "any version >=2.20"


def test_signature_is_verified_and_a_change_is_noticed(built: Path, tmp_path: Path) -> None:
    """Follow the steps of the documentation, with a key of this test."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ("gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", "")
    subprocess.run(
        [*gpg, "--quick-generate-key", "test@example.com", "ed25519", "sign"], check=True
    )
    subprocess.run(["tar", "-xzf", built, "MANIFEST.json"], cwd=tmp_path, check=True)
    subprocess.run([*gpg, "--detach-sign", "--armor", "MANIFEST.json"], cwd=tmp_path, check=True)
    keyring = tmp_path / "keyring.kbx"
    key = subprocess.run([*gpg, "--export"], check=True, capture_output=True).stdout
    subprocess.run(
        ["gpg", "--no-default-keyring", "--keyring", str(keyring), "--import", "--quiet"],
        input=key,
        env={**os.environ, "GNUPGHOME": str(home)},
        check=True,
    )
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    collections = tmp_path / "installed"
    options = ("--offline", "--collections-path", str(collections))
    signed = ("--keyring", str(keyring), "--signature", (tmp_path / "MANIFEST.json.asc").as_uri())
    strict = ("--required-valid-signature-count", "+all")
    galaxy = ("ansible-galaxy", "collection")
    install = (*galaxy, "install", str(built), "--no-deps", *options)
    subprocess.run(install, check=True, capture_output=True)
    verify = [*galaxy, "verify", "aliyun.cli", *options, *signed, *strict]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    manifest = collections / "ansible_collections" / "aliyun" / "cli" / "MANIFEST.json"
    manifest.write_text(manifest.read_text("utf-8").replace("1.0.0", "1.0.1"), encoding="utf-8")
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "ignature" in done.stdout + done.stderr
