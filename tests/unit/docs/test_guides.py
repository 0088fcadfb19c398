# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each YAML block of the guides, the READMEs and CONTRIBUTING, and each example of a plugin, is one that Ansible takes.

Plays and tasks pass the syntax check of ansible-playbook. Their arguments for modules, lookups and roles of this
collection is held against their documentation, and modes and hops against the table of fields. A value with a
template in it may be anything.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT, ansible

PREFIX = "aliyun.cli."
PAGES = [
    *sorted(ROOT.glob("docs/docsite/rst/*.rst")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("roles/*/README.md")),
]
ANY = "{{ any }}"
# Arguments of every lookup, in addition to its options.
LOOKUP_KEYWORDS: dict[str, Any] = {"errors": {}, "wantlist": {}}
TASK_LISTS = ("pre_tasks", "tasks", "post_tasks", "handlers")
BLOCKS = ("block", "rescue", "always")


class Block(NamedTuple):
    """A block of YAML, and its first line."""

    page: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Loader(yaml.SafeLoader):
    """Refuses a key that is given twice, and takes any tag, such as that of a vault."""


def construct_mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _value in node.value]
    assert len(keys) == len(set(keys)), f"a key is given twice:{node.start_mark}"
    return loader.construct_mapping(node, deep=True)


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, construct_mapping)
Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: ANY)


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the YAML blocks of a page in reStructuredText or Markdown."""
    start = r"\.\. code-block:: yaml" if page.suffix == ".rst" else "```yaml"
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        found = re.match(rf"( *){start}(\+jinja)?$", line)
        if not found:
            continue
        body = []
        for content in lines[number:]:
            indented = content.startswith(f"{found[1]} ")
            if content.strip() == "```" or page.suffix == ".rst" and content and not indented:
                break
            body.append(content)
        yield Block(page, number, textwrap.dedent("\n".join(body)).strip("\n") + "\n")


ALL = [block for page in PAGES for block in blocks_of(page)]


def documents_of(block: Block) -> list[Any]:
    return list(yaml.load_all(block.text, Loader))  # noqa: S506


def is_template(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


def is_play(entry: Any) -> bool:
    return "hosts" in entry or "ansible.builtin.import_playbook" in entry


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield all values at every depth, with their keys."""
    for key, item in value.items() if isinstance(value, dict) else [("", item) for item in value]:
        yield key, item
        if isinstance(item, (dict, list)):
            yield from walk(item)


def tasks_of(entries: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the tasks in a list of plays or tasks, with those in blocks."""
    for entry in entries:
        inner = [entry[name] for name in TASK_LISTS + BLOCKS if name in entry]
        for tasks in inner:
            yield from tasks_of(tasks)
        if not inner and not is_play(entry):
            yield entry


def wrong_arguments(options: dict[str, Any], given: dict[str, Any]) -> Iterator[str]:
    """Yield the problems of arguments, by documented options and the table of fields."""
    spec = {name: {"type": "raw"} for name in options}
    for name, option in options.items():
        if not is_template(given.get(name)):
            spec[name] = {key: option[key] for key in ("type", "choices") if key in option}
        spec[name]["required"] = option.get("required", False)
    yield from ArgumentSpecValidator(spec).validate(given).error_messages
    for name, option in options.items():
        inner = option.get("suboptions") or option.get("options")
        value = given.get(name)
        for entry in value if isinstance(value, list) else [value]:
            if inner and isinstance(entry, dict):
                yield from wrong_arguments(inner, entry)
                yield from wrong_values(name, entry)


def wrong_values(where: str, given: dict[str, Any]) -> Iterator[str]:
    """Yield the problems of a profile, an inline source, or a hop."""
    literal = {name: value for name, value in given.items() if not is_template(value)}
    try:
        if where == "hops":
            _chain.make_hop({"ram_role_arn": "acs:ram::1:role/any", **literal})
        elif literal.get("mode"):
            stored = {field.key: given.get(field.name) for field in _modes.FIELDS}
            if where == "source":
                # What an inline source can do without.
                stored.update(region_id="any", ram_session_name="any")
            if "oidc_token" in given:
                stored["oidc_token_file"] = "the token itself"
            _modes.check_mode_fields(literal["mode"], literal, stored)
    except ProfileError as error:
        yield str(error)


def wrong_task(documented: dict[str, Any], task: dict[str, Any]) -> Iterator[str]:
    """Yield the problems of a task. Check only the form of a task with a foreign module."""
    actions = [key for key in task if key not in documented["keyword"]]
    if len(actions) != 1 or actions[0].count(".") < 2 or not task.get("name"):
        yield f"a task has a name and one action by its full name, and not {sorted(task)}"
        return
    action, arguments = actions[0], task[actions[0]] or {}
    if action.startswith(PREFIX):
        if action not in documented["module"]:
            yield f"there is no module {action}"
            return
        yield from wrong_arguments(documented["module"][action]["doc"]["options"], arguments)
        yield from wrong_values("", arguments)
    elif re.search(r"\b(lookup|query|q)\(.aliyun\.cli\.", str(arguments)):
        if task.get("no_log") is not True:
            yield "a task that is given credentials needs no_log: true"
    if action in ("ansible.builtin.include_role", "ansible.builtin.import_role"):
        yield from wrong_role(documented, arguments["name"], task.get("vars", {}))


def wrong_role(documented: dict[str, Any], name: str, given: dict[str, Any]) -> Iterator[str]:
    """Yield the problems in the use of a role of this collection."""
    if name.startswith(PREFIX):
        points = documented.get("role", {}).get(name, {}).get("entry_points")
        if not points:
            yield f"there is no role {name}"
            return
        yield from wrong_arguments(points["main"]["options"], given)


def wrong_template(documented: dict[str, Any], text: str) -> Iterator[str]:
    """Yield the problems of lookups and filters of this collection in a template or an expression."""
    if PREFIX not in text or not re.search(r"\||\b(lookup|query|q)\(", text):
        return
    tree = jinja2.Environment().parse(text if "{{" in text else f"{{{{ {text} }}}}")
    for call in tree.find_all(jinja2.nodes.Call):
        if getattr(call.node, "name", "") not in ("lookup", "query", "q"):
            continue
        values = [constant(node) for node in call.args]
        if str(values[0]).startswith(PREFIX):
            if values[0] not in documented["lookup"]:
                yield f"there is no lookup {values[0]}"
                continue
            given = {pair.key: constant(pair.value) for pair in call.kwargs}
            options = documented["lookup"][values[0]]["doc"]["options"]
            terms = {"_terms": values[1:]} if values[1:] else {}
            yield from wrong_arguments({**LOOKUP_KEYWORDS, **options}, {**terms, **given})
    for used in tree.find_all((jinja2.nodes.Filter, jinja2.nodes.Test)):
        kind = type(used).__name__.lower()
        if used.name.startswith(PREFIX) and used.name not in documented.get(kind, {}):
            yield f"there is no {kind} {used.name}"


def constant(node: jinja2.nodes.Expr) -> Any:
    """Return the value of an expression, with a placeholder for each part that needs evaluation."""
    if isinstance(node, jinja2.nodes.List):
        return [constant(item) for item in node.items]
    if isinstance(node, jinja2.nodes.Dict):
        return {constant(pair.key): constant(pair.value) for pair in node.items}
    try:
        return node.as_const()
    except jinja2.nodes.Impossible:
        return ANY


def wrong_defaults(documented: dict[str, Any], defaults: dict[str, Any]) -> Iterator[str]:
    """Yield the problems of module_defaults: options that no module has."""
    for name, options in defaults.items():
        group = list(documented["module"]) if name == "group/aliyun.cli.cli" else [name]
        known = {
            option
            for module in group
            for option in documented["module"].get(module, {"doc": {"options": {}}})["doc"][
                "options"
            ]
        }
        if name.startswith((PREFIX, f"group/{PREFIX}")) and not set(options) <= known:
            yield f"module_defaults of {name}: {sorted(set(options) - known)}"


def wrong_document(documented: dict[str, Any], document: Any) -> Iterator[str]:
    """Yield the problems of a document of any kind."""
    for key, value in walk(document):
        if key == "module_defaults":
            yield from wrong_defaults(documented, value)
        if isinstance(value, str):
            yield from wrong_template(documented, value)
    if isinstance(document, list):
        for task in tasks_of(document):
            yield from wrong_task(documented, task)
        for play in filter(is_play, document):
            for role in play.get("roles", []):
                used: dict[str, Any] = {"role": role} if isinstance(role, str) else role
                yield from wrong_role(documented, used["role"], used.get("vars", {}))


@pytest.mark.parametrize("block", ALL, ids=str)
def test_a_block_is_as_documented(block: Block, documented: dict[str, Any]) -> None:
    problems = [
        problem
        for document in documents_of(block)
        for problem in wrong_document(documented, document)
    ]
    assert not problems, f"{block}: {problems}"


def examples(documented: dict[str, Any]) -> Iterator[Block]:
    """Yield the examples of all modules and plugins."""
    for plugins in documented.values():
        for plugin in plugins.values():
            if plugin.get("examples"):
                yield Block(Path(plugin["doc"]["filename"]), 0, plugin["examples"])


def test_examples_are_as_documented(documented: dict[str, Any]) -> None:
    problems = [
        f"{block.page.name}: {problem}"
        for block in examples(documented)
        for document in documents_of(block)
        for problem in wrong_document(documented, document)
    ]
    assert not problems


def test_plays_and_tasks_pass_the_syntax_check(tmp_path: Path, documented: dict[str, Any]) -> None:
    playbooks = []
    for number, block in enumerate([*ALL, *examples(documented)]):
        for document in documents_of(block):
            if not isinstance(document, list):
                continue
            plays = (
                document if all(map(is_play, document)) else [{"hosts": "all", "tasks": document}]
            )
            playbook = tmp_path / f"{number}-{block.page.stem}-{block.line}.yml"
            playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
            playbooks.append(str(playbook))
    done = ansible("playbook", "--syntax-check", "--inventory", "localhost,", *playbooks)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "problem, text",
    [
        ("no module", "[{name: A, aliyun.cli.none: }]"),
        ("a task has a name", "[{aliyun.cli.profile_info: }]"),
        ("one action by its full name", "[{name: A, profile_info: }]"),
        ("missing required arguments: name", "[{name: A, aliyun.cli.profile: {state: absent}}]"),
        ("name. Supported", "[{name: A, aliyun.cli.profile_info: {name: a}}]"),
        ("unable to convert", "[{name: A, aliyun.cli.profile_info: {names: {a: b}}}]"),
        ("must be one of", "[{name: A, aliyun.cli.profile: {name: a, state: got}}]"),
        ("requires region", "[{name: A, aliyun.cli.profile: {name: a, mode: EcsRamRole}}]"),
        ("nam. Supported", "[{name: A, aliyun.cli.profiles: {profiles: [{nam: a}]}}]"),
        (
            "AK requires access_key_id",
            "[{name: A, block: [{name: B, aliyun.cli.assume_role: {source: {mode: AK}}}]}]",
        ),
        (
            "must be acs:ram::",
            "[{name: A, aliyun.cli.exec: {argv: [a], hops: [{ram_role_arn: acs:ram:role}]}}]",
        ),
        ("no lookup", "{a: \"{{ lookup('aliyun.cli.none') }}\"}"),
        ("hop. Supported", "{a: \"{{ query('aliyun.cli.assume_role', 'a', hop=[]) }}\"}"),
        ("role. Supported", "{a: \"{{ q('aliyun.cli.assume_role', hops=[{'role': b}]) }}\"}"),
        ("no filter", '{a: "{{ b | aliyun.cli.none }}"}'),
        (
            "needs no_log",
            "[{name: A, ansible.builtin.set_fact: {a: \"{{ lookup('aliyun.cli.assume_role') }}\"}}]",
        ),
        ("no role", "[{name: A, ansible.builtin.include_role: {name: aliyun.cli.none}}]"),
        ("no role", "[{hosts: all, roles: [aliyun.cli.none]}]"),
        ("['nam']", "[{hosts: all, module_defaults: {aliyun.cli.profile: {nam: a}}}]"),
        ("['nam']", "[{hosts: all, module_defaults: {group/aliyun.cli.cli: {nam: a}}}]"),
    ],
)
def test_a_fault_is_found(problem: str, text: str, documented: dict[str, Any]) -> None:
    found = list(wrong_document(documented, yaml.load(text, Loader)))  # noqa: S506
    assert any(problem in sentence for sentence in found), found


def test_a_key_that_is_given_twice_is_found() -> None:
    with pytest.raises(AssertionError, match="twice"):
        yaml.load("{a: 1, b: {c: 1, c: 2}}", Loader)  # noqa: S506


def test_blocks_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.rst"
    page.write_text(
        "A\n\n1. B\n\n   .. code-block:: yaml\n\n       - a\n\n       - b\n\n   C\n\n"
        ".. code-block:: yaml+jinja\n\n  c: 1\n\n.. code-block:: text\n\n  d\n",
        encoding="utf-8",
    )
    assert [(block.line, block.text) for block in blocks_of(page)] == [
        (5, "- a\n\n- b\n"),
        (13, "c: 1\n"),
    ]
    page = tmp_path / "page.md"
    page.write_text("A\n\n```yaml\na: 1\n```\n\n```text\nb\n```\n", encoding="utf-8")
    assert [(block.line, block.text) for block in blocks_of(page)] == [(3, "a: 1\n")]
