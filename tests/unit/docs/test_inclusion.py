# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the statements of docs/inclusion_checklist.md, as far as a script can."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT

PAGE = ROOT / "docs" / "inclusion_checklist.md"
# In two parts, so that it does not name the licence of this file.
LICENCE = "SPDX-License-Identifier" + ": GPL-3.0-or-later\n"
FORUM_TAG = "https://forum.ansible.com/tag/alibaba-cloud"
PLUGINS = sorted(ROOT.glob("plugins/**/*.py"))
# Directories that ansible-core loads from a collection, and others that a collection may have.
PLUGIN_TYPES = set(
    "action become cache callback cliconf connection doc_fragments filter httpapi inventory lookup module_utils modules"
    " netconf plugin_utils shell strategy sub_plugins terminal test vars".split()
)
# At least one of them is required by Automation Hub: CHECK_REQUIRED_TAGS of galaxy-importer.
REQUIRED_TAGS = set(
    "application cloud database eda infrastructure linux monitoring networking security storage tools windows".split()
)
# Rules of ansible-lint that a certified collection must not skip.
ENFORCED_RULES = (
    "risky-shell-pipe command-instead-of-shell meta-no-info package-latest no-handler no-log-password meta-runtime"
    " no-changed-when risky-file-permissions command-instead-of-module unnamed-task"
).split()


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def parse(path: str) -> Any:
    return yaml.safe_load(read(path))


def modules(documented: dict[str, Any]) -> dict[str, Any]:
    return {name.rpartition(".")[2]: module["doc"] for name, module in documented["module"].items()}


def test_page_names_the_tests_that_there_are() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    defined = set(re.findall(r"^def (test_\w+)", Path(__file__).read_text(encoding="utf-8"), re.M))
    assert named == {name for name in defined if not name.startswith("test_page_")}


def test_page_links_what_there_is() -> None:
    links = re.findall(r"\]\((\.\./[^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert links and not [link for link in links if not (PAGE.parent / link).exists()]


def test_galaxy_metadata() -> None:
    galaxy = parse("galaxy.yml")
    for part in ("namespace", "name"):
        assert re.fullmatch(r"(?!.*__)[a-z][0-9a-z_]*", galaxy[part])
    major, _minor, _patch = map(int, galaxy["version"].split("."))
    assert major >= 1
    assert galaxy["license"] == ["GPL-3.0-or-later"]
    assert galaxy["dependencies"] == {}
    assert 1 <= len(galaxy["tags"]) <= 20 and REQUIRED_TAGS & set(galaxy["tags"])
    assert all(re.fullmatch(r"[a-z][0-9a-z]*", tag) for tag in galaxy["tags"])
    for link in ("repository", "documentation", "homepage", "issues"):
        assert galaxy[link].startswith("https://")
    assert galaxy["issues"] == galaxy["repository"] + "/issues"
    assert (ROOT / galaxy["readme"]).exists() and galaxy["description"] and galaxy["authors"]


def test_code_of_conduct() -> None:
    link = "https://docs.ansible.com/ansible/latest/community/code_of_conduct.html"
    assert link in read("CODE_OF_CONDUCT.md") and link in read("README.md")


def test_communication() -> None:
    section = read("README.md").split("### Communication")[1].split("## ")[0]
    assert "https://forum.ansible.com/c/help/6" in section and FORUM_TAG in section
    links = parse("docs/docsite/links.yml")
    assert FORUM_TAG in [forum["url"] for forum in links["communication"]["forums"]]


def test_semantic_versioning() -> None:
    assert "https://semver.org" in read("README.md") and "semantic version" in read(
        "CONTRIBUTING.md"
    )
    config = parse("changelogs/config.yaml")
    assert config["changes_file"] == "changelog.yaml"
    assert {"major_changes", "minor_changes", "breaking_changes", "bugfixes"} < {
        name for name, _title in config["sections"]
    }


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_plugins_are_gpl(path: Path) -> None:
    # An empty file is not a work, and is covered by what REUSE.toml says.
    text = path.read_text(encoding="utf-8")
    assert not text or LICENCE in text


def test_plugin_directories() -> None:
    assert {path.name for path in (ROOT / "plugins").iterdir()} <= PLUGIN_TYPES


def test_utilities_are_private() -> None:
    for path in PLUGINS:
        kind = path.relative_to(ROOT / "plugins").parts[0]
        if kind in ("doc_fragments", "module_utils", "plugin_utils") and path.read_text("utf-8"):
            private = path.relative_to(ROOT / "plugins").parts[1].startswith("_")
            assert private and "**PRIVATE**" in path.read_text("utf-8"), path


def test_documentation_is_complete(documented: dict[str, Any]) -> None:
    version = [int(number) for number in parse("galaxy.yml")["version"].split(".")]
    for path in PLUGINS:
        kind = path.parent.name.replace("modules", "module")
        if kind not in ("lookup", "module"):
            continue
        plugin = documented[kind][f"aliyun.cli.{path.stem}"]
        added = plugin["doc"]["version_added"]
        assert [int(number) for number in added.split(".")] <= version, path
        assert plugin["doc"]["version_added_collection"] == "aliyun.cli", path
        assert plugin["examples"] and plugin["return"], path
    for name, module in modules(documented).items():
        assert {"check_mode", "diff_mode", "idempotent", "action_group"} == set(
            module["attributes"]
        ), name
    for path in ROOT.glob("roles/*"):
        role = documented["role"][f"aliyun.cli.{path.name}"]["entry_points"]["main"]
        assert role["short_description"] and role["description"] and (path / "README.md").exists()


def test_info_modules(documented: dict[str, Any]) -> None:
    for name, module in modules(documented).items():
        changes_nothing = module["attributes"]["diff_mode"].get("support") == "N/A"
        if name.endswith("_info"):
            assert module["attributes"]["check_mode"]["support"] == "full" and changes_nothing
        assert not name.endswith("_facts")
        assert "ansible_facts" not in (documented["module"][f"aliyun.cli.{name}"]["return"] or {})


def test_no_state_queries(documented: dict[str, Any]) -> None:
    for name, module in modules(documented).items():
        choices = set(module["options"].get("state", {}).get("choices", ()))
        assert not choices & {"get", "info", "list", "query"}, name


def test_unsupported_pythons_are_documented(documented: dict[str, Any]) -> None:
    oldest = parse("tests/config.yml")["modules"]["python_requires"].removeprefix(">=")
    assert f"Python {oldest} or newer" in read("README.md")
    for name, module in modules(documented).items():
        assert f"Python {oldest} or newer." in module["requirements"], name


def test_no_files_outside() -> None:
    """Public content names no file outside of its four folders, except for the demo, which needs the emulator."""
    names = ("docs/", "tests/", "changelogs/", "extensions/", "LICENSES/")
    users = [
        *PLUGINS,
        *ROOT.glob("roles/**/*.yml"),
        *ROOT.glob("playbooks/**/*.yml"),
    ]
    found = []
    for path in users:
        lines = [line for line in path.read_text("utf-8").splitlines() if "SPDX" not in line]
        code = "\n".join(line for line in lines if "see LICENSES/" not in line)
        if any(re.search(rf"(?<![\w./]){name}", code) for name in names):
            found.append(str(path.relative_to(ROOT)))
    assert found == ["playbooks/tasks/start_emulator.yml"]


def test_action_group_is_complete() -> None:
    group = parse("meta/runtime.yml")["action_groups"]["cli"]
    assert group == sorted(path.stem for path in ROOT.glob("plugins/modules/*.py"))
    actions = {path.stem for path in ROOT.glob("plugins/action/*.py")}
    assert actions <= set(group)


def test_supported_cores_agree() -> None:
    """runtime.yml, the sessions of antsibull-nox, the pins, and the workflows have the cores of requirements/cores.yml."""
    table = parse("requirements/cores.yml")
    cores = [core["series"] for core in table]
    assert parse("meta/runtime.yml")["requires_ansible"] == f">={cores[0]}.0"
    sessions = read("antsibull-nox.toml")
    assert re.findall(r'^min_version = "(.+)"$', sessions, re.M) == [cores[0]] * 3
    assert sessions.count("include_devel = true") == 3
    assert re.findall(r'^"(2\.\d+)" = \["(.+)", "(.+)"\]$', sessions, re.M) == [
        (core["series"], core["node"], core["controller"][-1]) for core in table
    ]
    for core in table:
        pins = read(f"requirements/core-{core['series']}.txt")
        assert f"ansible-core=={core['release']} " in pins
    jobs = parse(".github/workflows/nox.yml")["jobs"]
    for job in jobs.values():
        (versions,) = [
            step["with"]["python-version"]
            for step in job["steps"]
            if "python-version" in step.get("with", {})
        ]
        assert set(versions.split()) == {python for core in table for python in core["controller"]}
    assert jobs["containers"]["strategy"]["matrix"]["core"] == [*cores, "devel"]


def test_pins_have_hashes() -> None:
    files = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("tests/conformance/requirements.txt")]
    assert len(files) > 10
    for path in files:
        text = path.read_text("utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in lines)


def test_no_large_files() -> None:
    folders = (
        "docs",
        "meta",
        "playbooks",
        "plugins",
        "roles",
        "tests/emulator",
        "tests/integration/targets",
    )
    sizes = {
        path: path.stat().st_size
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert max(sizes.values()) < 100_000 and sum(sizes.values()) < 5_000_000


def test_execution_environment() -> None:
    files = parse("meta/execution-environment.yml")["dependencies"]
    assert all((ROOT / path).exists() for path in files.values())
    lines = [line for line in read(files["python"]).splitlines() if line and line[0] != "#"]
    for line in lines:
        assert re.fullmatch(r"[a-z-]+(>=[0-9.]+)?", line) and not line.startswith("ansible")
    assert [line.partition(">=")[0] for line in lines] == ["requests", "redis"]


def test_nothing_is_ignored() -> None:
    assert (
        not list(ROOT.glob("tests/sanity/ignore*")) and not (ROOT / ".ansible-lint-ignore").exists()
    )


def test_ansible_lint_skips_nothing() -> None:
    config = parse(".ansible-lint")
    # Offline, it does not install the collection, whose modules it then does not find in a fresh clone.
    assert "offline" not in config
    assert config.get("profile", "production") == "production"
    skipped = [*config.get("skip_list", ()), *config.get("warn_list", ())]
    assert not [rule for rule in skipped if rule.partition("[")[0] in ENFORCED_RULES]
    content = ("plugins", "roles", "playbooks", "meta", "extensions/")
    assert not [path for path in config["exclude_paths"] if path.rstrip("/") in content]


def triggers(workflow: str) -> dict[str, Any]:
    found: dict[str, Any] = parse(f".github/workflows/{workflow}")["on"]
    return found


def test_tests_run_for_pull_requests_and_daily() -> None:
    on = triggers("nox.yml")
    assert "pull_request" in on and on["pull_request"] is None
    minute, hour, *rest = on["schedule"][0]["cron"].split()
    assert minute.isdigit() and hour.isdigit() and rest == ["*", "*", "*"]


def test_releases_are_tested_and_built_from_their_tag() -> None:
    assert list(triggers("release.yml")) == ["push"] and list(triggers("release.yml")["push"]) == [
        "tags"
    ]
    jobs = parse(".github/workflows/release.yml")["jobs"]
    assert jobs["test"]["uses"] == "$/.github/workflows/nox.yml" and "workflow_call" in triggers(
        "nox.yml"
    )
    assert jobs["build"]["needs"] == ["test"]
    assert "version: ${GITHUB_REF_NAME}" in str(jobs["build"]["steps"])
    assert {"attest", "sign"} == set(jobs["publish"]["needs"])


WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_what_is_pinned_with_least_rights(path: Path) -> None:
    text = path.read_text("utf-8")
    for action in re.findall(r"uses: (\S+)", text):
        assert re.search(r"@[0-9a-f]{40}$", action) or action.startswith("$/"), action
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {} and "pull_request_target" not in text
    for name, job in workflow["jobs"].items():
        assert "permissions" in job, name
        steps = job.get("steps", [])
        runs_our_code = "uses" in job or any("actions/checkout@" in str(step) for step in steps)
        secret = "secrets." in str(job)
        if runs_our_code:
            assert job["permissions"] == {"contents": "read"} and not secret, name
        if secret:
            assert job["environment"] in ("galaxy", "signing"), name
