# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays with known secrets and looks for them in everything that Ansible printed, logged, and left behind."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible import constants

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
KEY = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
OTHERS = {
    "other_secret": "fake-other/secret+Lk40=",
    "sts_token": "fake-token/given+Nw17==",
    "private_key": "fake-private/key+Bz66",
    "bearer_token": "fake-bearer/token+Ua09",
    "process_command": "/nonexistent/fake-command --password fake-process-password-Io25",
    "credentials_uri": "http://127.0.0.1:9/fake-uri-secret-Gt58",
}


def given(url: str) -> dict[str, Any]:
    """The variables of the plays."""
    common = {"region": "cn-hangzhou", "sts_endpoint": url}
    hub = {"ram_role_arn": "acs:ram::1100000000000001:role/hub", "role_session_name": "test"}
    spoke = {"ram_role_arn": "acs:ram::1200000000000002:role/spoke", "role_session_name": "test"}
    deploy = {"name": "deploy", "mode": "AK", **KEY, **common}
    chained = {"mode": "ChainableRamRoleArn", "source_profile": "hub", **spoke, **common}
    profiles = [
        deploy,
        {"name": "token", "mode": "StsToken", **KEY, "sts_token": OTHERS["sts_token"], **common},
        {
            "name": "pair",
            "mode": "RsaKeyPair",
            "key_pair_name": "pair",
            "private_key": OTHERS["private_key"],
            **common,
        },
        {"name": "bearer", "mode": "BearerToken", "bearer_token": OTHERS["bearer_token"], **common},
        {
            "name": "program",
            "mode": "External",
            "process_command": OTHERS["process_command"],
            **common,
        },
        {
            "name": "uri",
            "mode": "CredentialsURI",
            "credentials_uri": OTHERS["credentials_uri"],
            **common,
        },
    ]
    return {
        "profile": deploy,
        "profiles": profiles,
        "chain": [
            {"name": "hub", "mode": "RamRoleArn", **KEY, **hub, **common},
            {"name": "spoke", "external_id": "fake-external-id-Rb17", **chained},
            {"name": "stranger", "external_id": "wrong", **chained},
        ],
        "source": {"mode": "AK", **KEY, **common},
        "hops": [dict(hub, sts_endpoint=url)],
        "environment": {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY["access_key_secret"]},
        "sts_endpoint": url,
        **OTHERS,
    }


def forms(secret: str) -> Iterator[bytes]:
    """How a secret can look: as it is, as URLs and JSON write it, and its part of a longer base64 text."""
    yield from (
        text.encode()
        for text in (secret, quote(secret), quote(secret, safe=""), secret.replace("/", "\\/"))
    )
    for before in range(3):
        # Behind and before the characters that depend on the neighbours.
        text = base64.b64encode(b"\0" * before + secret.encode())[4 if before else 0 : -4]
        yield text
        yield text.replace(b"+", b"-").replace(b"/", b"_")


class Sandbox:
    """A home, temporary folders, and files for a play, and what is found there afterwards."""

    def __init__(self, folder: Path, variables: dict[str, Any]) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.config = self.home / ".aliyun" / "config.json"
        self.asked_for = self.home / "asked_for.json"
        self.vars = folder / "vars.json"
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        more = {"config_path": str(self.config), "asked_for": str(self.asked_for)}
        self.vars.write_text(json.dumps({"given": variables, **more}))

    def play(self, playbook: str, *arguments: str, **environ: str) -> str:
        """What the play prints."""
        environment = {
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT),
            "ANSIBLE_LOG_PATH": str(self.folder / "log"),
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "LEAKS_RESULTS": str(self.folder / "results"),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "TMPDIR": str(self.folder / "tmp"),
            **environ,
        }
        command = ["ansible-playbook", "-i", "node,", "-c", "local"]
        command += ["-e", f"@{self.vars}", "-e", f"ansible_python_interpreter={sys.executable}"]
        done = subprocess.run(
            [*command, *arguments, str(HERE / playbook)],
            env=environment,
            cwd=self.folder / "tmp",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"the play failed:\n{done.stdout[-4000:]}"
        (self.folder / "output").write_text(done.stdout)
        return done.stdout

    def find(self, secrets: dict[str, str]) -> set[tuple[str, str]]:
        """In which files which secrets are."""
        found = set()
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in (self.vars, self.config, self.asked_for):
                content = path.read_bytes()
                for name, secret in secrets.items():
                    if any(form in content for form in forms(secret)):
                        found.add((str(path.relative_to(self.folder)), name))
        return found


class Watch(threading.Thread):
    """Collects the arguments of all processes of this machine, until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[bytes] = set()
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self.seen.add(path.read_bytes())

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def secrets_of(emulator: Any) -> dict[str, str]:
    """All secrets by a name: those that were given, and those that STS has made since."""
    secrets = {"access_key_secret": KEY["access_key_secret"], **OTHERS}
    for number, session in enumerate(emulator.core.state.sessions.values()):
        secrets[f"access_key_secret of session {number}"] = session.access_key_secret
        secrets[f"security_token of session {number}"] = session.security_token
    return secrets


@contextlib.contextmanager
def sandbox(url: str) -> Iterator[Sandbox]:
    folder = Path(tempfile.mkdtemp(prefix="leaks-"))
    try:
        yield Sandbox(folder, given(url))
    finally:
        shutil.rmtree(folder)


def check_nothing_leaks(emulator: Any, *arguments: str, checked: bool = False) -> None:
    """Run the play with arguments; none of the secrets may be anywhere but in the files that were asked for."""
    with sandbox(emulator.http_url) as box:
        if checked:
            # What a check looks at must be there.
            box.play("play.yml")
        sessions = len(emulator.core.state.sessions)
        watch = Watch()
        watch.start()
        try:
            output = box.play("play.yml", *arguments)
        finally:
            watch.stop()
        secrets = secrets_of(emulator)
        # If the play had not got as far as this, nothing could have leaked.
        assert len(emulator.core.state.sessions) >= sessions + 10, output[-4000:]
        assert KEY["access_key_secret"] in box.vars.read_text()
        assert box.find(secrets) == set(), box.find(secrets)
        for name, secret in secrets.items():
            assert not any(form in line for line in watch.seen for form in forms(secret)), name
    print(f"nothing leaks: {' '.join(arguments) or 'no arguments'}, {len(secrets)} secrets")


def check_what_ansible_leaks(emulator: Any) -> None:
    """The guide on handing over credentials names these; once Ansible mends one, it has to be changed."""
    for tag, leaks, arguments, environ in (
        ("environment", False, ["-vv"], {}),
        ("environment", True, ["-vvv"], {}),
        ("arguments", False, ["-vvvvv"], {}),
        ("arguments", True, [], {"ANSIBLE_KEEP_REMOTE_FILES": "1"}),
        ("skipped", True, [], {"ANSIBLE_DISPLAY_SKIPPED_HOSTS": "1"}),
        ("exec", False, ["-vvvvv"], {"ANSIBLE_KEEP_REMOTE_FILES": "1"}),
    ):
        with sandbox(emulator.http_url) as box:
            box.config.parent.mkdir(mode=0o700)
            profile = {"name": "deploy", "mode": "AK", "region_id": "cn-hangzhou", **KEY}
            box.config.write_text(json.dumps({"current": "deploy", "profiles": [profile]}))
            box.play("leaking.yml", "--tags", tag, *arguments, **environ)
            found = box.find(secrets_of(emulator))
            assert bool(found) == leaks, (tag, arguments, environ, found)
            places = ", ".join(sorted({place.split("/")[0] for place, _name in found})) or "nowhere"
            print(f"{tag} {' '.join([*arguments, *environ])}: {places}")


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from ansible_collections.aliyun.cli.tests.emulator import Emulator

    with Emulator(COLLECTION / "tests" / "emulator" / "worlds" / "demo.yml") as emulator:
        check_nothing_leaks(emulator)
        check_nothing_leaks(emulator, "-vvvvv", "--diff")
        check_nothing_leaks(emulator, "-vvvvv", "--diff", "--check", checked=True)
        check_what_ansible_leaks(emulator)


if __name__ == "__main__":
    main()
