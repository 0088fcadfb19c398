# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run plays in folders that contain everything that Ansible writes, and look for secrets there."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible import constants
from runs import LEAKS, Run
from ssh_server import SshServer

HERE = Path(__file__).resolve().parent
COLLECTION = next(
    path
    for path in (
        Path(root) / "ansible_collections" / "aliyun" / "cli"
        for root in constants.COLLECTIONS_PATHS
    )
    if path.exists()
)
ROOT = COLLECTION.parents[2]
WORLD = COLLECTION / "tests" / "emulator" / "worlds" / "demo.yml"
GUIDE = COLLECTION / "docs" / "docsite" / "rst" / "guide_passing_credentials.rst"
KEY = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
# Each has a part that is the same as plain text, in URLs and in JSON. The test searches for this part.
SECRETS = {
    "access_key_secret": KEY["access_key_secret"],
    "other_secret": "fake-other-secret-Lk40/+=",
    "sts_token": "fake-token-Nw17xYz33/+==",
    "private_key": "-----BEGIN\nfake-private-key-Bz66\n-----END\n",
    "bearer_token": "fake-bearer-token-Ua09",
    "process_command": '/nonexistent/command --as "it\'s" fake-process-password-Io25',
    "credentials_uri": "http://127.0.0.1:9/fake-uri-secret-Gt58",
    "oidc_token": "fake-oidc-token-Vc71",
    "broken_file": "fake-broken-file-secret-Ye93",
    "stdin": "fake-secret-on-stdin-Rf26",
    "variable": "fake-secret-in-env-Qw84",
    "hidden_item": "fake-secret-in-a-loop-Zt15",
    "misspelled": "fake-secret-of-a-misspelled-option-Pb38",
}


# Files that a play writes secrets to on request.
_REQUESTED = (
    "home/.aliyun/config.json",
    "home/asked_for.json",
    "other/.aliyun/config.json",
)


def variables(url: str, folder: Path) -> dict[str, Any]:
    """Return the variables of the plays."""
    common = {"region": "cn-hangzhou", "sts_endpoint": url}
    hub = {"ram_role_arn": "acs:ram::1100000000000001:role/hub", "role_session_name": "test"}
    spoke = {"ram_role_arn": "acs:ram::1200000000000002:role/spoke", "role_session_name": "test"}
    chained = {"mode": "ChainableRamRoleArn", "source_profile": "hub", **spoke, **common}
    pair = {"mode": "RsaKeyPair", "key_pair_name": "pair", "private_key": SECRETS["private_key"]}
    command = {"mode": "External", "process_command": SECRETS["process_command"]}
    uri = {"mode": "CredentialsURI", "credentials_uri": SECRETS["credentials_uri"]}
    token = {
        "mode": "OIDC",
        "oidc_provider_arn": "acs:ram::1100000000000001:oidc-provider/ci",
        "oidc_token_file": str(folder / "read" / "token"),
        **hub,
    }
    deploy = {"name": "deploy", "mode": "AK", **KEY, **common}
    given = {
        "profile": deploy,
        "profiles": [
            deploy,
            {"name": "pair", **pair, **common},
            {"name": "program", **command, **common},
            {
                "name": "token",
                "mode": "StsToken",
                "sts_token": SECRETS["sts_token"],
                **KEY,
                **common,
            },
            {
                "name": "bearer",
                "mode": "BearerToken",
                "bearer_token": SECRETS["bearer_token"],
                **common,
            },
            {"name": "uri", **uri, **common},
        ],
        "chain": [
            {"name": "hub", "mode": "RamRoleArn", **KEY, **hub, **common},
            {"name": "spoke", "external_id": "fake-external-id-Rb17", **chained},
            {"name": "stranger", "external_id": "wrong", **chained},
        ],
        "source": {"mode": "AK", **KEY, **common},
        "sources": [{**source, **common} for source in (pair, command, uri, token)],
        "hops": [{"sts_endpoint": url, **hub}],
        "sts_endpoint": url,
        "other_secret": SECRETS["other_secret"],
        "stdin": SECRETS["stdin"],
        "variable": SECRETS["variable"],
        "misspelled": SECRETS["misspelled"],
    }
    return {
        "given": given,
        "leak": {name: leak_secret(name) for name in LEAKS if name != "assumed"},
        "hidden_item": SECRETS["hidden_item"],
        "config_path": str(folder / "home" / ".aliyun" / "config.json"),
        "broken_path": str(folder / "read" / "broken.json"),
        "asked_for": str(folder / "home" / "asked_for.json"),
        "running": str(folder / "running"),
        "ansible_python_interpreter": sys.executable,
    }


def leak_secret(name: str) -> str:
    return f"fake-secret-that-leaks-{name.replace('_', '-')}"


def stored(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a profile as stored in config.json."""
    keys = {"region": "region_id", "role_session_name": "ram_session_name"}
    return {keys.get(name, name): value for name, value in profile.items()}


def needles(secret: str) -> Iterator[bytes]:
    """Yield the bytes of a secret as plain text, in URLs, in JSON, and in base64, alone or within other text.

    A part of it that all of these leave as it is, and the same of each of the three ways in which base64 can divide it.
    """
    plain = max(re.findall(r"[\w.~-]+", secret), key=len).encode()
    yield plain
    for before in range(3):
        # Behind and before the signs that depend on the neighbours.
        text = base64.b64encode(b"\0" * before + plain)[4 if before else 0 : -4].decode()
        yield max(re.findall("[0-9A-Za-z]+", text), key=len).encode()


def found_in(content: bytes, secrets: dict[str, str]) -> set[str]:
    """Return the names of the secrets in a text, even if a terminal has wrapped them."""
    content = content.replace(b"\n", b"")
    return {
        name
        for name, secret in secrets.items()
        if any(needle in content for needle in needles(secret))
    }


class Watch(threading.Thread):
    """Collects arguments and environments of the processes that a play starts, but not of the program that gets secrets.

    It looks ten times a second, and on request, by a call or by a connection to its port.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.seen: set[bytes] = set()
        self._mark = os.fsencode(folder)
        self._others = set(os.listdir("/proc"))
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]

    def run(self) -> None:
        while not self._stopped.is_set():
            ready = select.select([self._server], [], [], 0.1)[0]
            if ready:
                with self._server.accept()[0]:
                    self.look()
            else:
                self.look()

    def look(self) -> None:
        with self._lock:
            for number in set(os.listdir("/proc")) - self._others:
                process = Path("/proc") / number
                with contextlib.suppress(OSError):
                    # In this order, so that a process that has just become the program is recognized.
                    environment = (process / "environ").read_bytes()
                    arguments = (process / "cmdline").read_bytes()
                    if self._mark in environment and b"shows.py" not in arguments:
                        self.seen |= {environment, arguments}

    def stop(self) -> None:
        self._stopped.set()
        self.join()
        self._server.close()


class Sandbox:
    """A home, temporary folders, and files for a play, and their content afterwards.

    ``cache`` is where Python keeps what it compiles, for all plays.
    """

    def __init__(self, url: str, run: Run, cache: str) -> None:
        self.run = run
        self._cache = cache
        # A short path: the sockets of SSH must not have long ones.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="leaks-", dir="/tmp"))
        self.watch = Watch(self.folder)
        self.config = self.folder / "home" / ".aliyun" / "config.json"
        self._vars = variables(url, folder)
        self.given: dict[str, Any] = self._vars["given"]
        self.leaking: dict[str, str] = self._vars["leak"]
        for name in ("home/.aliyun", "read", "results", "ssh", "tmp"):
            (folder / name).mkdir(mode=0o700, parents=True)
        self.add_variables({})
        self._write("read/token", SECRETS["oidc_token"])
        self._write("read/broken.json", '{"access_key_secret": "' + SECRETS["broken_file"] + '",}')
        self._server: SshServer | None = None
        if run.connection == "ssh":
            try:
                self._server = SshServer(folder, self._node_environment())
            except BaseException:
                shutil.rmtree(folder)
                raise
        node = self._server.host if self._server else "ansible_connection=local"
        self._write(
            "read/inventory",
            "localhost ansible_connection=local\n"
            f"node {node}\n"
            "noisy ansible_connection=ssh ansible_ssh_extra_args=noisy ansible_ssh_transfer_method=piped"
            f" ansible_ssh_executable={HERE / 'ssh.sh'}\n",
        )

    def close(self) -> None:
        """Stop the SSH server, and remove all files."""
        if self._server:
            self._server.stop()
        shutil.rmtree(self.folder)

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def add_variables(self, more: dict[str, Any]) -> None:
        """Give the play more variables."""
        self._vars.update(more)
        self._write("read/vars.json", json.dumps(self._vars))

    def keep_profiles(self) -> None:
        """Have the profiles on disk before the play begins."""
        given = self.given["profiles"] + self.given["chain"]
        profiles = [stored(profile) for profile in given]
        self._write(
            "home/.aliyun/config.json", json.dumps({"current": "spoke", "profiles": profiles})
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of the play."""
        folder = self.folder
        return {
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "results,ansible.builtin.junit",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
            "ANSIBLE_HOST_KEY_CHECKING": "0",
            "ANSIBLE_ASYNC_DIR": str(folder / "async"),
            "ANSIBLE_LOG_PATH": str(folder / "log"),
            "ANSIBLE_PIPELINING": "1" if self.run.connection == "ssh" else "0",
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
            "ANSIBLE_SSH_ARGS": self._server.arguments if self._server else "",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh"),
            "JUNIT_OUTPUT_DIR": str(folder / "results" / "junit"),
            "LEAKS_RESULTS": str(folder / "results" / "results.json"),
            **self._node_environment(),
            **self.run.environ,
        }

    def _node_environment(self) -> dict[str, str]:
        """Return the part of the environment that modules need. An SSH server does not inherit it."""
        folder = self.folder
        return {
            "HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "LEAKS_SYSLOG": str(folder / "syslog"),
            "LEAKS_WATCH": str(self.watch.port),
            "PATH": os.environ["PATH"],
            "PYTHONPYCACHEPREFIX": self._cache,
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(HERE / "node"), os.environ.get("PYTHONPATH")])
            ),
            "TMPDIR": str(folder / "tmp"),
        }

    def command(self, playbook: str) -> list[str]:
        """Return the command that runs the play."""
        read = self.folder / "read"
        options = ["-e", f"@{read}/vars.json", "-i", str(read / "inventory"), *self.run.arguments]
        if self.run.program == "ansible-console":
            return ["ansible-console", *options, "node"]
        if self.run.program == "ansible-pull":
            self._make_repository(read / "repository", playbook)
            source = ["-U", f"file://{read}/repository", "-d", str(read / "pulled"), "-l", "node"]
            return ["ansible-pull", *source, *options, playbook]
        return ["ansible-playbook", *options, str(HERE / playbook)]

    def _make_repository(self, repository: Path, playbook: str) -> None:
        repository.mkdir()
        for name in (playbook, "shows.py"):
            shutil.copy(HERE / name, repository)
        author = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        for arguments in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "Add"]):
            subprocess.run(["git", "-C", str(repository), *arguments], check=True)

    def interrupt(self, playbook: str) -> None:
        """Run the play until its program says that it runs, and then interrupt it, as Ctrl-C does."""
        running = self.folder / "running"
        self.watch.start()
        with subprocess.Popen(
            self.command(playbook),
            env=self.environment(),
            cwd=self.folder / "tmp",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                deadline = time.monotonic() + 120
                while not running.exists() and time.monotonic() < deadline:
                    time.sleep(0.1)
                os.killpg(process.pid, signal.SIGINT)
                process.wait(timeout=120)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                # Without it the program ends, if it still runs.
                running.unlink(missing_ok=True)
        self.watch.stop()

    def play(self, playbook: str) -> str:
        """Return the output of the play."""
        folder = self.folder
        self.watch.start()
        try:
            done = subprocess.run(
                self.command(playbook),
                env=self.environment(),
                cwd=folder / "tmp",
                input=self.run.typed.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=600,
                check=False,
            )
            self._wait_for_background()
        finally:
            self.watch.stop()
        output = done.stdout.decode("utf-8", "replace")
        self._write("output", output)
        lines = [line for line in output.splitlines() if line.startswith("[DEPRECATION WARNING]")]
        expected = self.run.deprecated
        deprecated = [line for line in lines if not (expected and expected in line)]
        assert not deprecated, deprecated
        failed = done.returncode != self.run.status and self.run.program == "ansible-playbook"
        assert not failed, f"{self.run.name}: status {done.returncode}:\n{output[-4000:]}"
        return output

    def _wait_for_background(self) -> None:
        """Wait until tasks in the background have removed their modules. Ansible looks for their end every 5 seconds."""
        deadline = time.monotonic() + 20
        while (self.folder / "async").exists() and time.monotonic() < deadline:
            if not list(self.folder.glob("remote/*/AnsiballZ_*")):
                return
            time.sleep(0.1)

    def find(self, secrets: dict[str, str]) -> dict[str, set[str]]:
        """Return the places that contain each secret, if any."""
        found: dict[str, set[str]] = {}
        for path in self.folder.rglob("*"):
            if path.is_file():
                place = path.relative_to(self.folder).parts[0]
                for name in found_in(path.read_bytes(), self._searched(path, secrets)):
                    found.setdefault(name, set()).add(place)
        for name in found_in(b"\n".join(self.watch.seen), secrets):
            found.setdefault(name, set()).add("processes")
        return found

    def _searched(self, path: Path, secrets: dict[str, str]) -> dict[str, str]:
        """Return the secrets that must not be in a file."""
        name = str(path.relative_to(self.folder))
        if name.startswith("read/") or name in _REQUESTED:
            return {}
        if re.fullmatch(r"home/\.ansible/ansible-aliyun\.cli/[0-9a-f]{64}", name):
            # The cache holds temporary credentials, in files that are protected, and no others.
            assert (
                path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
            )
            return {name: secret for name, secret in secrets.items() if " of session " not in name}
        return secrets


class Sts:
    """Emulator that inspects each client while the client waits for the response."""

    def __init__(self, emulator: Any) -> None:
        self.emulator = emulator
        self.watches: list[Watch] = []
        add = emulator.core.journal.add

        def look_and_add(entry: Any) -> None:
            for watch in list(self.watches):
                watch.look()
            add(entry)

        emulator.core.journal.add = look_and_add

    def secrets(self) -> dict[str, str]:
        """Return all secrets by name: those of the test, and those that STS has created since then."""
        secrets = dict(SECRETS)
        for number, session in enumerate(list(self.emulator.core.state.sessions.values())):
            secrets[f"access_key_secret of session {number}"] = session.access_key_secret
            secrets[f"security_token of session {number}"] = session.security_token
        for number, key in enumerate(self.emulator.core.keys.all()):
            secrets[f"secret of key {number}"] = key.secret
        return secrets


@contextlib.contextmanager
def sandbox(sts: Sts, run: Run, cache: str) -> Iterator[Sandbox]:
    box = Sandbox(sts.emulator.http_url, run, cache)
    sts.watches.append(box.watch)
    try:
        yield box
    finally:
        sts.watches.remove(box.watch)
        box.close()
