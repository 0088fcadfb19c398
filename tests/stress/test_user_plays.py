# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays of root on files of a user who tries to gain root's rights, and plays that must work.

Each test runs ansible-playbook as root on the paths of two real users. The same swaps at each system call are in
``test_races``.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._as_user import run_as
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import mode_of, write
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import (
    Person,
    only_root,
    people,
)

pytestmark = only_root
VICTIM = b'{"current": "of-root", "profiles": [{"name": "of-root", "mode": "Anonymous"}]}'
# A file that needs no repair.
EMPTY = b'{"current": "a", "profiles": [{"name": "a", "mode": "Anonymous", "region_id": "cn-hangzhou"}]}'
TOKEN = "token-of-root-only"
DEFAULT_CONFIG = ".aliyun/config.json"
# No play takes as long: a task that hangs fails the test.
LONGEST = 180
# Prints the result of each task as one line.
CALLBACK = """
import json
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = "name: lines\\ntype: stdout\\nshort_description: Print results"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lines"

    def v2_runner_on_ok(self, result):
        self._print(result, False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._print(result, True)

    def _print(self, result, failed):
        found = json.loads(self._dump_results(result._result))
        self._display.display("RESULT " + json.dumps(dict(found, failed=failed)))
"""
ANONYMOUS = {"name": "new", "mode": "Anonymous", "region": "cn-hangzhou"}
SECRET = {
    "name": "deploy",
    "mode": "AK",
    "region": "cn-hangzhou",
    "access_key_id": "LTAI5tEXAMPLE",
    "access_key_secret": "fake-secret",
}


class Stage:
    """A home of alice, a home of bob, and a directory that belongs to root."""

    def __init__(self, folder: Path, alice: Person, bob: Person) -> None:
        self.folder = folder
        self.alice = alice
        self.bob = bob
        self.root = alice.home.parent / "root"
        self.root.mkdir(mode=0o700)
        self.victim = self.root / "config.json"
        write(self.victim, VICTIM)
        (folder / "lines.py").write_text(CALLBACK)

    def start(self, *tasks: dict[str, Any], before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        playbook = self.folder / "play.yml"
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
            },
            "tasks": [{**task, "ignore_errors": True} for task in tasks],
        }
        playbook.write_text(json.dumps([play]))
        command = ["ansible-playbook", "-i", "localhost,", str(playbook)]
        return subprocess.Popen(
            [*before, *command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Of the caller's environment only what it takes to find programs.
            env={
                "ANSIBLE_CALLBACK_PLUGINS": str(self.folder),
                "ANSIBLE_STDOUT_CALLBACK": "lines",
                "ANSIBLE_COLLECTIONS_PATH": str(Path(_modes.__file__).parents[5]),
                "ANSIBLE_PIPELINING": "true",
                "HOME": str(self.folder),
                "LC_ALL": "C.UTF-8",
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )

    def play(self, *tasks: dict[str, Any], before: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Return the results of the tasks."""
        return results_of(self.start(*tasks, before=before), len(tasks))

    def assert_unharmed(self) -> None:
        """Assert that root's file is as it was, alone in its directory, and no secret of root is readable by alice."""
        info = self.victim.stat()
        assert self.victim.read_bytes() == VICTIM
        assert (info.st_uid, info.st_gid, mode_of(self.victim)) == (0, 0, 0o600)
        assert os.listdir(self.root) == ["config.json"]
        assert (self.root.stat().st_uid, mode_of(self.root)) == (0, 0o700)


def results_of(process: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    with process:
        try:
            out, err = process.communicate(timeout=LONGEST)
        finally:
            process.kill()
    results = [json.loads(line[7:]) for line in out.splitlines() if line.startswith("RESULT ")]
    assert len(results) == count, out + err
    return results


@pytest.fixture(name="stage")
def fixture_stage(tmp_path: Path) -> Iterator[Stage]:
    with people() as (alice, bob):
        yield Stage(tmp_path, alice, bob)


def profile(path: Path, **options: Any) -> dict[str, Any]:
    return {"aliyun.cli.profile": {**ANONYMOUS, "config_path": str(path), **options}}


def purge(path: Path) -> dict[str, Any]:
    return {
        "aliyun.cli.profiles": {"config_path": str(path), "purge": True, "profiles": [ANONYMOUS]}
    }


def assert_denied(results: list[dict[str, Any]]) -> None:
    for result in results:
        assert result["failed"] and not result.get("changed"), result
        assert "permission denied" in result["msg"], result


def put_link(person: Person, target: Path, name: str) -> Path:
    """Let a user put a link into the own home."""
    link = person.home / name
    run_as(person.name, lambda: os.symlink(str(target), str(link)))
    return link


# --- what a user tries


def test_rows_1_2_and_4_links_to_files_and_directories_of_root(stage: Stage) -> None:
    """Links to a file of root, to a directory of root (by bob), and to a new directory above the path."""
    alice, bob = stage.alice, stage.bob
    alice.put(b"")
    alice.config.unlink()
    put_link(alice, stage.victim, DEFAULT_CONFIG)
    empty = stage.root.parent / "empty"
    write(empty, b"")
    put_link(alice, empty, "empty.json")
    put_link(bob, stage.root, ".aliyun")
    put_link(alice, stage.root / "newdir", "conf")
    above = Path(f"~{alice.name}/conf/aliyun/config.json")
    assert_denied(
        stage.play(
            profile(alice.config, owner=alice.name),
            profile(alice.config),
            purge(alice.config),
            profile(alice.home / "empty.json"),
            profile(bob.config.with_name("new.json"), owner=bob.name),
            profile(bob.config),
            purge(bob.config),
            profile(above),
            profile(above, owner=alice.name),
        )
    )
    stage.assert_unharmed()
    assert (empty.read_bytes(), mode_of(empty), empty.stat().st_uid) == (b"", 0o600, 0)


@contextlib.contextmanager
def locked_by_the_user(person: Person, act: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Let a user hold the lock of the own config file until a function is called; the user acts before that."""
    reader, writer = os.pipe()
    ready, tell = os.pipe()

    def work() -> None:
        import fcntl

        with person.config.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.write(tell, b"x")
            os.read(reader, 1)
            act()

    with pytest.MonkeyPatch.context() as patched:
        # The user needs the two pipes.
        patched.setattr(
            "ansible_collections.aliyun.cli.plugins.module_utils._as_user._close_inherited",
            lambda kept: None,
        )
        thread = threading.Thread(target=lambda: run_as(person.name, work, timeout=LONGEST))
        thread.start()
        assert os.read(ready, 1) == b"x"

    def let_go() -> None:
        os.write(writer, b"x")

    try:
        yield let_go
    finally:
        os.write(writer, b"x")
        thread.join()
        for fd in (reader, writer, ready, tell):
            os.close(fd)


def wait_until_root_waits(person: Person) -> None:
    """Return when a process that acts as the user holds the lock of the directory, and so waits for that of the file."""
    number = str(person.config.parent.stat().st_ino)
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        locks = Path("/proc/locks").read_text(encoding="ascii").split("\n")
        if any("FLOCK" in lock and f":{number} " in lock for lock in locks):
            return
        time.sleep(0.01)
    raise AssertionError("root takes no lock")


@pytest.mark.parametrize("kind", ["directory", "pipe"])
def test_rows_3_and_7_a_swap_while_root_waits_for_the_lock(stage: Stage, kind: str) -> None:
    alice = stage.alice
    alice.put(EMPTY)

    def swap() -> None:
        if kind == "directory":
            os.rename(str(alice.config.parent), str(alice.home / "old"))
            os.symlink(str(stage.root), str(alice.config.parent))
        else:
            os.unlink(str(alice.config))
            os.mkfifo(str(alice.config))

    with locked_by_the_user(alice, swap) as release:
        process = stage.start(profile(alice.config, owner=alice.name, lock_timeout=60))
        wait_until_root_waits(alice)
        release()
        (result,) = results_of(process, 1)
    assert result["failed"] and not result.get("changed"), result
    told = "permission denied" if kind == "directory" else "it is not a regular file"
    assert told in result["msg"]
    stage.assert_unharmed()


class Endpoint:
    """An STS endpoint under the control of a user: it keeps what it receives, and ends the connection."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection = self.server.accept()[0]
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                content = b""
                with contextlib.suppress(OSError):
                    while TOKEN.encode() not in content:
                        part = connection.recv(65536)
                        if not part:
                            break
                        content += part
                self.received.append(content)


@contextlib.contextmanager
def serving() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    thread = threading.Thread(target=endpoint.serve)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.server.shutdown(socket.SHUT_RDWR)
        endpoint.server.close()
        thread.join()


@pytest.fixture(name="endpoint")
def fixture_endpoint() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield endpoint


def baits(stage: Stage, endpoint: Endpoint) -> bytes:
    """Return a config file whose profiles make a process send root's files, or sign with them."""
    token, key = stage.folder / "token", stage.folder / "key.pem"
    write(token, TOKEN.encode())
    subprocess.check_call(
        ["openssl", "genrsa", "-out", str(key), "2048"], stderr=subprocess.DEVNULL
    )
    key.chmod(0o600)
    common = {"region_id": "cn-hangzhou", "sts_endpoint": endpoint.url}
    oidc = {
        "name": "oidc",
        "mode": "OIDC",
        "oidc_provider_arn": "acs:ram::1000000000000001:oidc-provider/example",
        "oidc_token_file": str(token),
        "ram_role_arn": "acs:ram::1000000000000001:role/alice",
        "ram_session_name": "alice",
    }
    pair = {"name": "pair", "mode": "RsaKeyPair", "key_pair_name": "k", "private_key": str(key)}
    profiles = [{**oidc, **common}, {**pair, **common}]
    return json.dumps({"current": "oidc", "profiles": profiles}).encode()


def uses_of(path: Path, name: str) -> list[dict[str, Any]]:
    """Return a task for each way to obtain credentials from a profile."""
    options = {"profile": name, "config_path": str(path), "max_time": 5, "retries": 0}
    arguments = f"profile='{name}', config_path='{path}', max_time=5, retries=0"
    return [
        {"aliyun.cli.caller_identity_info": options},
        {"aliyun.cli.exec": {**options, "argv": ["/bin/true"]}},
        {"aliyun.cli.assume_role": options},
        {
            "ansible.builtin.debug": {
                "msg": f"{{{{ lookup('aliyun.cli.assume_role', {arguments}) }}}}"
            }
        },
    ]


def test_row_5_a_file_of_a_user_provides_no_credentials(stage: Stage, endpoint: Endpoint) -> None:
    """Check that the same profiles do what they say if root wrote them, so the test would notice a leak."""
    own = stage.folder / "config.json"
    with serving() as endpoint_of_root:
        write(own, baits(stage, endpoint_of_root))
        stage.alice.put(baits(stage, endpoint))
        path = stage.alice.config
        *denied, token, key = stage.play(
            *uses_of(path, "oidc"),
            *uses_of(path, "pair"),
            *uses_of(own, "oidc")[:1],
            *uses_of(own, "pair")[:1],
        )
    told = f"set become_user to '{stage.alice.name}'"
    for result in denied:
        assert result["failed"] and told in result["msg"], result
    assert endpoint.received == []
    assert token["failed"] and key["failed"]
    received = endpoint_of_root.received
    assert any(TOKEN.encode() in content for content in received)
    assert any(b"GenerateSessionAccessKey" in content for content in received)


def acl_for(uid: int) -> bytes:
    """Return an access control list that lets a user read."""
    entries = [(1, 6, -1), (2, 4, uid), (4, 0, -1), (16, 4, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, number & 0xFFFFFFFF) for tag, rights, number in entries
    )


def test_row_6_an_acl_gives_another_user_no_new_secret(stage: Stage) -> None:
    alice, bob = stage.alice, stage.bob
    alice.put(EMPTY)
    alice.home.chmod(0o755)
    alice.config.parent.chmod(0o755)
    os.setxattr(alice.config, "system.posix_acl_access", acl_for(bob.uid))
    os.setxattr(alice.config.parent, "system.posix_acl_default", acl_for(bob.uid))
    assert "profiles" in run_as(bob.name, alice.config.read_text)
    (result,) = stage.play(
        {"aliyun.cli.profile": {**SECRET, "config_path": str(alice.config), "backup": True}}
    )
    assert result["changed"] and not result.get("warnings"), result
    for path in (alice.config, Path(result["backup_file"])):
        assert mode_of(path) == 0o600
        assert "system.posix_acl_access" not in os.listxattr(path)
        with pytest.raises(PermissionError):
            run_as(bob.name, path.read_text)
    assert "fake-secret" in run_as(alice.name, alice.config.read_text)


def test_row_7_pipes_and_huge_files_do_not_stop_a_task(stage: Stage, endpoint: Endpoint) -> None:
    alice = stage.alice
    alice.put(b"")
    huge = alice.config.with_name("huge.json")

    def make_huge() -> None:
        huge.touch()
        os.truncate(huge, 3 * 1024**3)

    run_as(alice.name, make_huge)
    pipe = alice.config.with_name("pipe.json")
    run_as(alice.name, lambda: os.mkfifo(pipe))
    own = stage.folder / "config.json"
    document = json.loads(baits(stage, endpoint))
    for entry, key, target in zip(
        document["profiles"], ("oidc_token_file", "private_key"), (pipe, huge)
    ):
        entry[key] = str(target)
    write(own, json.dumps(document).encode())
    results = stage.play(
        profile(huge),
        profile(pipe),
        {"aliyun.cli.profile_info": {"config_path": str(huge)}},
        *uses_of(own, "oidc")[:1],
        *uses_of(own, "pair")[:1],
    )
    texts = [result.get("msg") or str(result.get("problems")) for result in results]
    for text, told in zip(
        texts, ("larger than", "is not a file", "larger than", "regular", "larger")
    ):
        assert told in text, texts
    assert endpoint.received == [] and huge.stat().st_size == 3 * 1024**3


# --- what must work


def assert_of(path: Path, uid: int, names: list[str]) -> None:
    """Assert that a file and its directory belong to a user and are closed to others."""
    assert (path.stat().st_uid, mode_of(path)) == (uid, 0o600)
    assert [entry["name"] for entry in json.loads(path.read_bytes())["profiles"]] == names


def assert_works(results: list[dict[str, Any]]) -> None:
    for result in results:
        assert not result["failed"] and result["changed"], result


def test_root_edits_files_of_a_user_and_own_files(stage: Stage) -> None:
    """By path, by the name of the user, through a link of root, and below a directory like /etc."""
    alice = stage.alice
    path, named = alice.config, f"~{alice.name}/{DEFAULT_CONFIG}"
    link = stage.root.parent / "linked"
    link.symlink_to(alice.home.parent)
    etc = stage.root.parent / "etc"
    etc.mkdir(mode=0o755)
    own, given = etc / "root" / "config.json", etc / "aliyun.json"
    results = stage.play(
        profile(path),
        profile(path, name="more", backup=True),
        profile(path),
        profile(Path(named), name="named"),
        {"aliyun.cli.profile_info": {"config_path": named}},
        profile(link / alice.home.name / DEFAULT_CONFIG, name="linked"),
        profile(own),
        profile(given, owner=alice.name),
    )
    first, more, again, by_name, info, linked, of_root, of_alice = results
    assert_works([first, more, by_name, linked, of_root, of_alice])
    assert not again["changed"] and not again["failed"]
    assert info["config_path"] == linked["config_path"] == str(path)
    assert_of(path, alice.uid, ["new", "more", "named", "linked"])
    assert (path.parent.stat().st_uid, mode_of(path.parent)) == (alice.uid, 0o700)
    assert os.stat(more["backup_file"]).st_uid == alice.uid
    assert_of(own, 0, ["new"])
    assert_of(given, alice.uid, ["new"])
    assert etc.stat().st_uid == 0
    assert "new" in run_as(alice.name, given.read_text)


def test_a_user_edits_the_own_file(stage: Stage) -> None:
    become = {
        "become": True,
        "become_user": stage.alice.name,
        "become_method": "ansible.builtin.su",
        "vars": {"ansible_python_interpreter": "/usr/bin/python3"},
    }
    task = {"aliyun.cli.profile": ANONYMOUS, **become}
    info = {"aliyun.cli.profile_info": {}, **become}
    results = stage.play(task, task, info)
    assert_works(results[:1])
    assert results[1]["changed"] is False and results[2]["problems"] == []
    assert_of(stage.alice.config, stage.alice.uid, ["new"])


@pytest.mark.parametrize("home, directory", [(0o700, 0o700), (0o755, 0o700), (0o711, 0o755)])
def test_root_without_rights_on_a_home(stage: Stage, home: int, directory: int) -> None:
    """As on NFS with root squash: root has no more rights on a home than anybody else."""
    alice = stage.alice
    alice.put(EMPTY)
    alice.home.chmod(home)
    alice.config.parent.chmod(directory)
    squashed = "-dac_override,-dac_read_search,-fowner,-chown,-fsetid"
    before = ("setpriv", f"--bounding-set={squashed}", f"--inh-caps={squashed}")
    denied = subprocess.run([*before, "cat", alice.config], check=False, capture_output=True)
    assert b"Permission denied" in denied.stderr
    results = stage.play(
        profile(alice.config, backup=True),
        {"aliyun.cli.profile_info": {"config_path": str(alice.config)}},
        {"aliyun.cli.profiles": {"users": [{"user": alice.name, "profiles": [SECRET]}]}},
        before=before,
    )
    assert_works([results[0], results[2]])
    assert [entry["name"] for entry in results[1]["profiles"]] == ["a", "new"]
    assert_of(alice.config, alice.uid, ["a", "new", "deploy"])
    assert results[0].get("repairs") == (
        [] if directory == 0o700 else [f"{alice.config.parent} can be read by others"]
    )
