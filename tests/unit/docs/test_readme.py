# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the content of the README, and the form that Galaxy and Automation Hub require."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
LINKS = re.findall(r"\]\(([^)\s]+)\)", TEXT)
# Directories of plugins/ with plugins that users do not name in playbooks.
INTERNAL = ("action", "doc_fragments", "module_utils", "plugin_utils")


def included() -> set[tuple[str, str]]:
    """Return kind and name of all included content."""
    files = [path for path in ROOT.glob("plugins/*/*.py") if not path.stem.startswith("_")]
    plugins = [(path.parent.name, path) for path in files if path.parent.name not in INTERNAL]
    found = [("module" if kind == "modules" else kind, path) for kind, path in plugins]
    found += [("role", path.parents[1]) for path in ROOT.glob("roles/*/meta/main.yml")]
    found += [("playbook", path) for path in ROOT.glob("playbooks/*.yml")]
    return {(kind, f"aliyun.cli.{path.stem}") for kind, path in found}


def test_table_of_content_is_what_there_is() -> None:
    rows = re.findall(r"^\| (\w+) \| `(aliyun\.cli\.\w+)` \| [^|]+ \|$", TEXT, re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == included()


def test_sections_are_those_of_the_template() -> None:
    assert re.findall(r"^## (.+)$", TEXT, re.MULTILINE) == [
        "Description",
        "Requirements",
        "Installation",
        "Use cases",
        "Testing",
        "Contributing",
        "Support",
        "Release notes and roadmap",
        "Related information",
        "License",
    ]


def test_links_are_whole() -> None:
    """A README is shown outside of the repository too."""
    assert LINKS and not [link for link in LINKS if not link.startswith("https://")]


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(re.escape(REPOSITORY) + r"/(?:blob|tree)/main/([^)#]+)", TEXT)))
)
def test_files_that_are_linked_exist(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("guide", sorted(set(re.findall(r"/docsite/(\w+)\.html", TEXT))))
def test_guides_that_are_linked_exist(guide: str) -> None:
    assert (ROOT / "docs" / "docsite" / "rst" / f"{guide}.rst").exists()


def test_every_promise_names_its_proof() -> None:
    table = re.search(r"^\| promise \|.*?\n\n", TEXT, re.MULTILINE | re.DOTALL)
    assert table
    rows = table[0].strip().splitlines()[2:]
    assert rows and all("/blob/main/tests/" in row.rsplit("|", 2)[1] for row in rows)


def test_no_ansible_is_installed_with_pip() -> None:
    """Customers of Automation Hub have ansible-core in execution environments."""
    assert "pip install" not in TEXT


def test_supported_versions_are_those_of_the_tests() -> None:
    table = yaml.safe_load((ROOT / "requirements" / "cores.yml").read_text(encoding="utf-8"))
    wanted = [
        "  | {series} | {0} to {1} | {node} | {support_ends} |".format(
            core["controller"][0], core["controller"][-1], **core
        )
        for core in table
    ]
    assert re.findall(r"^  \| 2\.\d+ \|.*$", TEXT, re.MULTILINE) == wanted
    candidates = {core["series"] for core in table if "rc" in core["release"]}
    assert set(re.findall(r"(2\.\d+) is tested as a release candidate", TEXT)) == candidates
