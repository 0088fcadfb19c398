# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the project as nox sessions, for a machine without containers.

``make help`` lists the commands over it. The sessions that need no more than a package index, and those that GitHub
runs in containers, come from antsibull-nox and its antsibull-nox.toml.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import antsibull_nox
import nox

ROOT = Path(__file__).parent
NOX = ROOT / ".nox"
HOME = NOX / "home"
# Pins for everything but ansible-core, whose pins are in the table below.
PINS = "requirements/tools.txt"


class Core(NamedTuple):
    """A series of ansible-core: its newest release, and the Pythons on which its controller runs."""

    version: str
    pythons: tuple[str, ...]


CORES = {
    "2.16": Core("2.16.19", ("3.10", "3.11", "3.12")),
    "2.17": Core("2.17.14", ("3.10", "3.11", "3.12")),
    "2.18": Core("2.18.19", ("3.11", "3.12", "3.13")),
    "2.19": Core("2.19.14", ("3.11", "3.12", "3.13")),
    "2.20": Core("2.20.10", ("3.12", "3.13", "3.14")),
    "2.21": Core("2.21.5", ("3.12", "3.13", "3.14")),
    # A release candidate, until this names the final release.
    "2.22": Core("2.22.0rc1", ("3.13", "3.14", "3.15")),
}
# The oldest Python of managed nodes, and the last ansible-core that still manages it.
OLDEST_TARGET, OLDEST_TARGET_CORE = "3.6", "2.16"
# What runs on a managed node with nothing but Python.
PLAIN_TARGETS = ("profile", "profile_info", "profiles")
SCENARIOS = sorted(path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml"))
# What must not be wrong: the signer, the chain, the file of profiles, the credential cache.
MUTATED = (
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
# Whose outcome is up to how ansible-core shows results.
WORDY_TARGETS = ("secrets",)
# The versions of get-pip.py for which the ansible-test of those cores asks.
GET_PIP = ("20_3_4", "21_3_1", "23_1_2", "24_2", "25_2")


def real_path() -> str:
    """PATH without the shims of pyenv, which may start nothing, and with what they stand for."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = sorted(
        pyenv.glob("versions/3.*/bin"),
        key=lambda path: [int(number) for number in re.findall(r"\d+", path.parent.name)],
        reverse=True,
    )
    others = [path for path in os.environ["PATH"].split(os.pathsep) if not path.endswith("shims")]
    return os.pathsep.join(dict.fromkeys([*others, *map(str, installed)]))


def find_pythons(path: str) -> list[str]:
    """The versions, oldest first, for which ``path`` has an interpreter that starts."""
    found = []
    for version in (f"3.{minor}" for minor in range(6, 16)):
        python = shutil.which(f"python{version}", path=path)
        if (
            python
            and subprocess.run(
                [python, "-c", "import venv"], capture_output=True, check=False
            ).returncode
            == 0
        ):
            found.append(version)
    return found


def clean_environment() -> None:
    """Leave nothing of the user's set-up that could change a result, and keep caches below .nox."""
    prefixes = ("ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "ANSIBLE_", "PYTHON")
    for name in [name for name in os.environ if name.startswith(prefixes)]:
        del os.environ[name]
    os.environ.setdefault("XDG_CONFIG_HOME", str(Path.home() / ".config"))
    HOME.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        HOME=str(HOME),
        PATH=real_path(),
        PYTHONDONTWRITEBYTECODE="1",
        UV_PYTHON_DOWNLOADS="never",
        XDG_CACHE_HOME=str(HOME / ".cache"),
    )


clean_environment()
PYTHONS = find_pythons(os.environ["PATH"])


def runnable(core: Core) -> list[str]:
    """The Pythons of this machine on which the controller of a core runs, oldest first."""
    return [python for python in core.pythons if python in PYTHONS]


# Every supported ansible-core that this machine can run, and the oldest and the newest of them.
RUNNABLE = [name for name, core in CORES.items() if runnable(core)]
OLDEST_AND_NEWEST = list(dict.fromkeys([RUNNABLE[0], RUNNABLE[-1]]))
NEWEST = RUNNABLE[-1]
NEWEST_PYTHON = runnable(CORES[NEWEST])[-1]


def pin_installs() -> None:
    """Pin what sessions install, those of antsibull-nox too, which run on the Python that runs nox.

    What an environment has is not installed again: a second run needs no network.
    """
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    pins = [f"ansible-core=={core.version}\n" for core in CORES.values() if own in core.pythons]
    core_pin = NOX / f"ansible-core-{own}.txt"
    if not core_pin.exists() or core_pin.read_text(encoding="utf-8") != "".join(pins[-1:]):
        core_pin.write_text("".join(pins[-1:]), encoding="utf-8")
    constraints = f"{PINS} {core_pin.relative_to(ROOT)}"
    os.environ.update(PIP_CONSTRAINT=constraints, UV_CONSTRAINT=constraints)

    files = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("tests/*/requirements.txt"), core_pin]
    contents = [file.read_text(encoding="utf-8") for file in sorted(files)]
    nox_install = nox.Session.install

    def install_once(session: nox.Session, *args: str, **kwargs: Any) -> None:
        wanted = hashlib.sha256(repr((args, kwargs.get("env"), contents)).encode()).hexdigest()
        record = Path(session.virtualenv.location) / "installed"
        installed = record.read_text(encoding="utf-8") if record.exists() else ""
        if wanted not in installed:
            nox_install(session, *args, **kwargs)
            record.write_text(f"{installed}{wanted}\n", encoding="utf-8")

    nox.Session.install = install_once


def core_parameters(names: list[str]) -> list[nox.param]:
    """One session for each of these cores, on its newest Python here."""
    return [nox.param(name, runnable(CORES[name])[-1], id=name) for name in names]


def copy_tree(session: nox.Session) -> Path:
    """A copy of the checkout where Ansible looks for the collection; its path."""
    root = NOX / "trees" / re.sub(r"\W", "-", session.name)
    tree = root / "ansible_collections" / "aliyun" / "cli"
    shutil.rmtree(root, ignore_errors=True)
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
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


def install(session: nox.Session, *requirements: str) -> None:
    """Install what is pinned, beside an ansible-core that the session chooses."""
    pins = {"PIP_CONSTRAINT": PINS, "UV_CONSTRAINT": PINS}
    session.install(*requirements, silent=True, env=pins)


def run_ansible_test(session: nox.Session, command: str, *arguments: str) -> None:
    """Run a command of ansible-test; unless the user narrows it down, show its output only if it fails."""
    output = session.run(
        *("ansible-test", command, "--color", "no", *arguments, *session.posargs),
        env={"HOME": str(home_of(session)), "PIP_CONSTRAINT": ""},
        silent=not session.posargs,
    )
    if isinstance(output, str):
        session.log(f"{len(re.findall('^Running ', output, re.MULTILINE))} tests passed")


def home_of(session: nox.Session) -> Path:
    """A home of the session's own: ansible-test keeps environments there, and sessions run at the same time."""
    return NOX / "homes" / re.sub(r"\W", "-", session.name)


def put_get_pip_in_place(session: nox.Session) -> None:
    """Give ansible-test the file that it would download, so that it needs a package index only."""
    cache = home_of(session) / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP:
        shutil.copy2(ROOT / ".ci" / "get-pip.py", cache / f"get_pip_{version}.py")


@nox.session
def licences(session: nox.Session) -> None:
    """Every file says whose it is and under which licence (REUSE)."""
    install(session, "reuse[charset-normalizer]")
    session.run("reuse", "lint", "--quiet")


@nox.session
def oldest_syntax(session: nox.Session) -> None:
    """What runs on managed nodes needs no more than the oldest Python there."""
    install(session, "vermin")
    session.run(
        "vermin",
        "--quiet",
        "--no-tips",
        "--violations",
        "--backport=typing",
        f"--target={OLDEST_TARGET}-",
        "plugins/modules",
        "plugins/module_utils",
        "tests/unit/plugins/modules",
        "tests/unit/plugins/module_utils",
    )


@nox.session
def changelog(session: nox.Session) -> None:
    """Changelog fragments are well-formed."""
    install(session, "antsibull-changelog")
    session.run("antsibull-changelog", "lint")


@nox.session(python=NEWEST_PYTHON)
def release(session: nox.Session) -> None:
    """Turn the fragments into the changelog of the version that galaxy.yml names."""
    install(session, f"ansible-core=={CORES[NEWEST].version}", "antsibull-changelog")
    session.run("antsibull-changelog", "release", *session.posargs)


def run_pytest(session: nox.Session, command: tuple[str, ...], *folders: str) -> None:
    """Run what the user picks of the tests in these folders, by path or by -k; all of them without a choice."""
    paths = [argument for argument in session.posargs if argument.startswith("tests/")]
    options = [argument for argument in session.posargs if argument not in paths]
    tests = [path for path in paths if path.startswith(folders)] if paths else list(folders)
    if not tests:
        session.skip("the tests that were picked are none of these")
    # 5: no test has such a name.
    codes = [0, 5] if session.posargs else [0]
    session.run(*command, *options, *tests, external=True, success_codes=codes)


UNIT_PYTHONS = sorted(
    {
        runnable(CORES[name])[0 if number == 0 else -1]
        for number, name in enumerate(OLDEST_AND_NEWEST)
    },
    key=PYTHONS.index,
)


@nox.session(tags=["units"], python=UNIT_PYTHONS)
def units(session: nox.Session) -> None:
    """Unit tests on the oldest and the newest Python of the controller, on the newest one measured."""
    core = [name for name in CORES if session.python in runnable(CORES[name])][-1]
    version = CORES[core].version
    install(session, f"ansible-core=={version}", "coverage", "hypothesis", "pytest", "requests")
    tree = copy_tree(session)
    # Properties try the same lines with many values: once is enough, and not measured, which takes three times as long.
    others = ("pytest", "--ignore-glob=*_property.py", "tests/unit")
    if session.posargs:
        run_pytest(session, ("pytest",), "tests/unit")
    elif session.python != NEWEST_PYTHON:
        # The matrix of faults waits more than it works, and for the same on each Python.
        session.run(*others, "--ignore-glob=*_faults.py")
    else:
        session.run("pytest", *map(str, (tree / "tests" / "unit").rglob("*_property.py")))
        session.run("coverage", "run", "-m", *others)
        session.run("coverage", "report")


@nox.session(tags=["units"], python=runnable(CORES[OLDEST_TARGET_CORE])[-1:] or False)
def units_oldest_target(session: nox.Session) -> None:
    """Unit tests of what runs on managed nodes, on the oldest Python there."""
    if OLDEST_TARGET not in PYTHONS:
        session.skip(f"there is no python{OLDEST_TARGET} here")
    # uv and virtualenv no longer make environments for it.
    environment = NOX / "oldest-target"
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not (environment / "complete").exists():
        session.run(
            f"python{OLDEST_TARGET}", "-m", "venv", "--clear", str(environment), external=True
        )
        requirements = str(ROOT / "requirements" / "oldest-target.txt")
        session.run(*pip, "-r", requirements, external=True, env={"PIP_CONSTRAINT": ""})
        (environment / "complete").touch()
    # Its module_utils are what a module runs with; the controller itself needs a newer Python.
    install(session, f"ansible-core=={CORES[OLDEST_TARGET_CORE].version}")
    library = session.run(
        "python",
        "-c",
        "import ansible; print(ansible.__path__[0])",
        silent=True,
        env={"PYTHONPATH": ""},
    )
    root = copy_tree(session).parents[2]
    (root / "ansible").symlink_to(str(library).strip())
    run_pytest(
        session,
        (str(python), "-m", "pytest", "--ignore-glob=*_property.py"),
        "tests/unit/plugins/module_utils",
        "tests/unit/plugins/modules",
    )


@nox.session(tags=["units"], python=NEWEST_PYTHON)
def stress(session: nox.Session) -> None:
    """Many writers, killed writers, broken disks."""
    install(
        session,
        f"ansible-core=={CORES[NEWEST].version}",
        "hypothesis",
        "pytest",
        "requests",
    )
    copy_tree(session)
    run_pytest(session, ("pytest",), "tests/stress")


@nox.session(python=NEWEST_PYTHON)
def conformance(session: nox.Session) -> None:
    """The official SDKs, unchanged, as clients of the emulator and readers of our files."""
    if not shutil.which("npm"):
        session.error("npm is missing: install nodejs and npm, as .ci/apt does")
    core = CORES[NEWEST].version
    # The official SDKs pin what they need themselves.
    requirements = ("-r", "tests/conformance/requirements.txt")
    session.install(
        f"ansible-core=={core}",
        "pytest",
        "requests",
        *requirements,
        silent=True,
        env={"UV_CONSTRAINT": ""},
    )
    folder = copy_tree(session) / "tests" / "conformance"
    npm = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder))
    session.run(*npm, external=True, silent=True)
    session.run("pytest", "tests/conformance")


@nox.session(tags=["integration"])
@nox.parametrize("core, python", core_parameters(OLDEST_AND_NEWEST))
def integration(session: nox.Session, core: str) -> None:
    """ansible-test integration, each module and plugin against the emulator."""
    install(session, f"ansible-core=={CORES[core].version}", "requests")
    copy_tree(session)
    run_ansible_test(session, "integration", "--local")


@nox.session(tags=["integration"])
@nox.parametrize(
    "core, python", core_parameters([name for name in RUNNABLE if name not in OLDEST_AND_NEWEST])
)
def integration_between(session: nox.Session, core: str) -> None:
    """The search for secrets on the other versions too: what is printed is up to ansible-core."""
    targets = [name for name in WORDY_TARGETS if name in (session.posargs or WORDY_TARGETS)]
    if not targets:
        session.skip("these targets are tested on the oldest and the newest ansible-core")
    install(session, f"ansible-core=={CORES[core].version}", "requests")
    copy_tree(session)
    run_ansible_test(session, "integration", "--local", *([] if session.posargs else targets))


@nox.session(tags=["integration"], python=runnable(CORES[OLDEST_TARGET_CORE])[-1:] or False)
def integration_oldest_target(session: nox.Session) -> None:
    """The modules that need nothing but Python, on the oldest Python of managed nodes."""
    targets = [name for name in PLAIN_TARGETS if name in (session.posargs or PLAIN_TARGETS)]
    if OLDEST_TARGET not in PYTHONS or not targets:
        session.skip(f"there is no python{OLDEST_TARGET} here, or no such target")
    install(session, f"ansible-core=={CORES[OLDEST_TARGET_CORE].version}")
    tree = copy_tree(session)
    output = tree / "tests" / "output"
    for target in targets:
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        session.run(
            *("ansible", "testhost", "--inventory", "testhost,", "--connection", "local"),
            *(
                "--extra-vars",
                f"ansible_python_interpreter=python{OLDEST_TARGET} output_dir={output}",
            ),
            *("--module-name", "ansible.builtin.include_role", "--args", f"name={target}"),
            env={"ANSIBLE_ROLES_PATH": str(tree / "tests" / "integration" / "targets")},
            silent=True,
        )


@nox.session(python=NEWEST_PYTHON)
def mutation(session: nox.Session) -> None:
    """Change one thing after the other in some files of plugins/, and show which changes their own tests let pass."""
    install(
        session,
        *(f"ansible-core=={CORES[NEWEST].version}", "hypothesis", "mutmut", "pytest", "requests"),
    )
    tree = copy_tree(session)
    root = tree.parents[2]
    session.chdir(root)
    session.env["PYTHONPATH"] = str(root / "mutants")
    for file in session.posargs or MUTATED:
        # Without the properties: to try thousands of values takes too long for each change.
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
        session.run("mutmut", "run", silent=True)
        results = str(session.run("mutmut", "results", "--all", "true", silent=True, log=False))
        states = Counter(re.findall(r": ([a-z ]+)$", results, re.MULTILINE))
        session.log(f"{file}: {', '.join(f'{number} {state}' for state, number in states.items())}")
        for name in re.findall(r"(\S+): (?!killed)[a-z ]+$", results, re.MULTILINE):
            session.run("mutmut", "show", name, log=False)


@nox.session(tags=["sanity"])
@nox.parametrize("core, python", core_parameters(RUNNABLE))
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, with nothing ignored."""
    install(session, f"ansible-core=={CORES[core].version}")
    put_get_pip_in_place(session)
    copy_tree(session)
    # These try each Python, and the oldest and the newest ansible-core have them all. They take half of the time.
    between = core not in OLDEST_AND_NEWEST and not session.posargs
    skipped = ["compile", "import"] if between else []
    if core == "2.22":
        # Its pylint requires an archive from GitHub, which a package index does not have.
        skipped.append("pylint")
    run_ansible_test(session, "sanity", *(f"--skip-test={name}" for name in skipped))


@nox.session(tags=["artefact"], python=NEWEST_PYTHON)
def execution_environment(session: nox.Session) -> None:
    """What ansible-builder makes of the definition, and the main job with nothing but what it would install."""
    install(session, "ansible-builder")
    tree = copy_tree(session)
    context = str(tree.parents[2] / "context")
    builder = ("ansible-builder", "create", "--file", "tests/ee/execution-environment.yml")
    session.run(*builder, "--context", context, silent=True)
    wanted = str(Path(context) / "requirements.txt")
    introspect = ("ansible-builder", "introspect", str(tree.parents[2]), "--write-pip", wanted)
    session.run(*introspect, silent=True)
    install(session, f"ansible-core=={CORES[NEWEST].version}", "--requirements", wanted)
    session.run("ansible-playbook", "tests/ee/test.yml", silent=True)


def missing_for_molecule() -> str:
    """What this machine lacks for the hosts of the molecule scenarios, as a sentence."""
    if os.geteuid():
        return "only root can make the hosts of the scenarios"
    programs = ("/usr/sbin/sshd", "sudo", "ip", "nsenter", "unshare")
    absent = [program for program in programs if not shutil.which(program)]
    python = ["/usr/bin/python3", "-c", "import requests"]
    if not absent and subprocess.run(python, capture_output=True, check=False).returncode:
        absent = ["python3-requests"]
    return f"the hosts of the scenarios need {', '.join(absent)}" if absent else ""


@nox.session(tags=["molecule"], python=NEWEST_PYTHON)
@nox.parametrize("scenario", [nox.param(name, id=name) for name in SCENARIOS])
def molecule(session: nox.Session, scenario: str) -> None:
    """The roles and playbooks on hosts with SSH servers, users, and networks of their own."""
    if session.posargs and scenario not in session.posargs:
        session.skip("another scenario was picked")
    missing = missing_for_molecule()
    if missing:
        session.skip(missing)
    install(session, f"ansible-core=={CORES[NEWEST].version}", "molecule", "requests")
    copy_tree(session)
    # SSH keeps connections there, by the names of hosts that all scenarios have.
    session.env["HOME"] = str(home_of(session))
    session.env["PATH"] = os.pathsep.join([session.bin, os.environ["PATH"]])
    session.run(
        *("molecule", "--base-config", "extensions/molecule/config.yml"),
        *("test", "--scenario-name", scenario, "--destroy", "always"),
        silent=not session.posargs,
    )


@nox.session(python=NEWEST_PYTHON)
def demo(session: nox.Session) -> None:
    """The main job: profiles kept, a chain assumed, a template filled, the caller verified."""
    install(session, f"ansible-core=={CORES[NEWEST].version}", "requests")
    copy_tree(session)
    session.run("ansible-playbook", "aliyun.cli.demo", env={"ANSIBLE_DISPLAY_OK_HOSTS": "true"})


@nox.session(tags=["artefact"])
@nox.parametrize("core, python", core_parameters(RUNNABLE))
def artefact(session: nox.Session, core: str) -> None:
    """What Galaxy would be given, installed into an empty folder: the main job runs from there."""
    install(session, f"ansible-core=={CORES[core].version}", "requests")
    tree = copy_tree(session)
    root = tree.parents[2] / "installed"
    session.run("ansible-galaxy", "collection", "build", silent=True)
    session.env.update(PYTHONPATH="", ANSIBLE_COLLECTIONS_PATH=str(root))
    built = [str(path) for path in tree.glob("*.tar.gz")]
    options = ("--offline", "--no-deps", "--collections-path", str(root))
    session.run("ansible-galaxy", "collection", "install", *built, *options, silent=True)
    session.chdir(root)
    session.run("ansible-playbook", "aliyun.cli.demo", silent=True)


# A reference to something of this collection that does not exist is an error. What ansible-core documents is in an inventory
# on the internet.
SPHINX_CONF = """
intersphinx_mapping = {}
nitpick_ignore_regex = [("ref|envvar", r"(?!.*(?i:aliyun)).*")]
"""


@nox.session(python=NEWEST_PYTHON)
def docs(session: nox.Session) -> None:
    """The documentation site, in .nox/site."""
    core = CORES[NEWEST].version
    install(session, f"ansible-core=={core}", "antsibull-docs", "sphinx", "sphinx-ansible-theme")
    copy_tree(session)
    site = NOX / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(mode=0o700)
    session.run(
        "antsibull-docs",
        "sphinx-init",
        "--use-current",
        "--squash-hierarchy",
        "--fail-on-error",
        "--project=aliyun.cli",
        "--copyright=the aliyun.cli contributors",
        "--title=aliyun.cli documentation",
        "--html-short-title=aliyun.cli",
        f"--dest-dir={site}",
        "aliyun.cli",
        silent=True,
    )
    session.chdir(site)
    with open("conf.py", "a", encoding="utf-8") as file:
        file.write(SPHINX_CONF)
    session.run("./build.sh", external=True, silent=True)


@nox.session(
    python=False,
    requires=[
        "lint",
        "licences",
        "oldest_syntax",
        "changelog",
        "docs-check",
        "extra-checks",
        "build-import-check",
        "ansible-lint",
    ],
)
def read(_session: nox.Session) -> None:
    """Everything that reads the project without running it."""


pin_installs()
antsibull_nox.load_antsibull_nox_toml()
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.parallel = "auto"
nox.options.allow_parallel = True
# What takes longest begins first.
nox.options.sessions = [
    "molecule",
    "integration",
    "sanity",
    "stress",
    "units",
    "integration_between",
    "read",
    "units_oldest_target",
    "integration_oldest_target",
    "conformance",
    "artefact",
    "execution_environment",
    "docs",
    "demo",
]
