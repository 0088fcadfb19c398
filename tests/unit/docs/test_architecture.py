# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that imports run in one direction, and that only the table and the provider define a mode."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT

PACKAGE = "ansible_collections.aliyun.cli."
PROVIDERS = ROOT / "plugins" / "module_utils" / "_credentials" / "providers"
TABLE = ROOT / "plugins" / "module_utils" / "_modes.py"
FILES = {
    PACKAGE + ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "plugins").rglob("*.py"))
}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def texts_of(path: Path) -> Iterator[str]:
    """Yield the strings of a file that are values, not documentation."""
    nodes = list(ast.walk(tree_of(path)))
    prose = [node.value for node in nodes if isinstance(node, ast.Expr)]
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN"):
                prose.append(node.value)
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.value


def imports_of(path: Path) -> set[str]:
    """Return the files of the collection that a file imports, anywhere in its text."""
    named = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in named if name in FILES}


IMPORTS = {name: imports_of(path) for name, path in FILES.items()}


def find_circle(imports: dict[str, set[str]]) -> list[str]:
    """Return names that import each other in a circle, or an empty list."""
    left = dict(imports)
    ends = [""]
    while ends:
        needed = set().union(*left.values())
        ends = [name for name in left if name not in needed or not left[name] & left.keys()]
        for name in ends:
            del left[name]
    return sorted(left)


def test_no_circle_of_imports() -> None:
    assert find_circle(IMPORTS) == []


def test_a_circle_of_imports_is_found() -> None:
    assert find_circle({"a": {"b"}, "b": {"c", "d"}, "c": {"b"}, "d": set()}) == ["b", "c"]


@pytest.mark.parametrize("path", FILES.values(), ids=str)
def test_files_have_at_most_500_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_an_alias_of_a_file_is_its_name() -> None:
    wrong = [
        (str(path), alias.name, alias.asname)
        for path in FILES.values()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}" in FILES
        # Every action has the name of its module, and so has the lookup.
        and alias.asname not in (None, "_" + alias.name, "module", "lookup")
    ]
    assert wrong == []


def test_no_shared_code_knows_ansible() -> None:
    knowing = [
        name
        for name, path in FILES.items()
        if ".module_utils." in name
        and re.search(
            r"^\s*(from|import) ansible\b", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert [name.rpartition(".")[2] for name in knowing] == ["_module"]


@pytest.mark.parametrize(
    "path", [path for path in FILES.values() if path not in (TABLE, *PROVIDERS.iterdir())], ids=str
)
def test_modes_are_named_in_the_table_and_the_providers_only(path: Path) -> None:
    if path.parent.name != "doc_fragments":
        assert not set(_modes.MODES).intersection(texts_of(path))


def test_every_provider_belongs_to_a_mode_and_is_copied_to_nodes() -> None:
    names = {mode.provider for mode in _modes.MODES.values() if mode.provider}
    obtaining = {
        path.stem for path in PROVIDERS.glob("*.py") if "def obtain(" in path.read_text("utf-8")
    }
    assert obtaining == names
    package = f"{PACKAGE}plugins.module_utils._credentials."
    copied = {f"{package}providers.{name}" for name in names}
    assert copied <= IMPORTS[f"{package}resolver"]


@pytest.mark.parametrize(
    "name", sorted(mode.provider for mode in _modes.MODES.values() if mode.provider)
)
def test_a_provider_reads_the_variables_of_its_row(name: str) -> None:
    read = {
        text
        for text in texts_of(PROVIDERS / f"{name}.py")
        if re.fullmatch("(ALIBABA|ALICLOUD|ALIYUN)[A-Z0-9_]+", text)
    }
    rows = [mode for mode in _modes.MODES.values() if mode.provider == name]
    assert {*read, *filter(None, (mode.disabled_by for mode in rows))} == {
        variable for mode in rows for variable in mode.environ
    }
