# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root acts as a user: with all rights of the user, and without any of root."""

import ctypes
import errno
import os
import pwd
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _as_user
from ansible_collections.aliyun.cli.plugins.module_utils._as_user import find_user, run_as
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ConfigFileError,
    StsError,
    UserError,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import Person, only_root

# A user without an entry in the user database.
UID = 3999999999
TITLE = "cannot act as user '3999999999': "


def status() -> Dict[str, str]:
    with open("/proc/self/status", encoding="utf-8") as file:
        pairs = [line.split(":", 1) for line in file]
    return {name: " ".join(value.split()) for name, value in pairs}


@pytest.fixture(autouse=True)
def fixture_interruptible() -> Iterator[None]:
    """Let SIGINT interrupt the tests. A process that was started in the background may have inherited to ignore it."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def test_find_user_takes_names_and_numbers() -> None:
    root = pwd.getpwuid(0)
    expected = (0, root.pw_gid, root.pw_name, root.pw_dir)
    assert find_user("root") == find_user("0") == find_user(0) == expected
    assert find_user(str(UID)) == find_user(UID) == (UID, 65534, "", "")


@pytest.mark.parametrize(
    "name", ["no-such-one", "²", "4294967295", "9" * 5000, "-1", "a\0b", "\udc80", ""]
)
def test_find_user_refuses_what_is_no_user(name: str) -> None:
    with pytest.raises(
        UserError, match="does not exist: create the user first, or correct the name"
    ):
        find_user(name)


def test_run_as_oneself_needs_no_child() -> None:
    assert run_as(os.geteuid(), os.getpid) == os.getpid()


def test_run_as_another_user_takes_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(UserError) as caught:
        run_as(UID, os.getpid)
    assert (
        str(caught.value) == "only root can act as user '3999999999': set become_user to this user"
    )


@only_root
def test_run_as_has_the_rights_of_the_user_only(alice: Person, bob: Person) -> None:
    group = "ac{0}-devs".format(os.getpid())
    subprocess.check_call(["groupadd", group])
    try:
        subprocess.check_call(["usermod", "-aG", group, alice.name])
        old = os.umask(0o022)
        found = run_as(alice.name, lambda: dict(status(), umask=os.umask(0), cwd=os.getcwd()))
        os.umask(old)
        gid = int(subprocess.check_output(["getent", "group", group]).split(b":")[2])
    finally:
        subprocess.check_call(["groupdel", group])
    assert found["Uid"] == " ".join([str(alice.uid)] * 4)
    assert found["Gid"] == " ".join([str(alice.gid)] * 4)
    assert set(found["Groups"].split()) == {str(alice.gid), str(gid)}
    for name in ("CapPrm", "CapEff", "CapAmb"):
        assert int(found[name], 16) == 0
    assert found["umask"] == 0o077 and found["cwd"] == "/"
    with pytest.raises(PermissionError) as caught:
        run_as(bob.uid, lambda: os.listdir(str(alice.home)))
    assert caught.value.errno == errno.EACCES and caught.value.filename == str(alice.home)


@only_root
def test_run_as_without_an_entry_has_no_groups() -> None:
    found = run_as(UID, status)
    assert (found["Uid"].split()[0], found["Gid"].split()[0], found["Groups"]) == (
        str(UID),
        "65534",
        "",
    )


@only_root
def test_run_as_gives_up_the_environment(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "of-root")
    monkeypatch.setenv("LC_TIME", "C")
    printed = run_as(
        alice.name,
        lambda: subprocess.check_output(["env"]).decode(),
        variables={"https_proxy": "http://127.0.0.1:3128"},
    )
    found = dict(line.split("=", 1) for line in printed.splitlines())
    assert found["HOME"] == str(alice.home)
    assert found["USER"] == found["LOGNAME"] == alice.name
    assert (found["https_proxy"], found["LC_TIME"]) == ("http://127.0.0.1:3128", "C")
    assert found["PATH"] == os.environ["PATH"]
    assert "of-root" not in printed


@only_root
def test_run_as_gives_up_descriptors_and_the_terminal(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of root")

    def look() -> Any:
        opened = ["/proc/self/fd/" + name for name in os.listdir("/proc/self/fd")]
        links = {os.readlink(path).split(":")[0] for path in opened if os.path.islink(path)}
        return sorted(links), os.getsid(0) == os.getpid()

    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        assert run_as(UID, look) == [["/dev/null", "pipe"], True]


@only_root
def test_run_as_hides_the_memory_of_root(alice: Person) -> None:
    def look() -> Any:
        return [os.stat("/proc/self/" + name).st_uid for name in ("mem", "environ", "fd")]

    assert run_as(alice.name, look) == [0, 0, 0]

    def trace() -> int:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writer, b"ready")
            signal.pause()
        os.read(reader, 5)
        try:
            # PTRACE_ATTACH
            return int(ctypes.CDLL(None).ptrace(16, pid, 0, 0))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    assert run_as(alice.name, trace) == -1


@only_root
def test_run_as_hides_the_memory_where_the_system_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    real = open

    def debugging(name: Any, *more: Any, **options: Any) -> Any:
        if name == "/proc/sys/fs/suid_dumpable":
            raise FileNotFoundError(errno.ENOENT, "no proc")
        return real(name, *more, **options)

    monkeypatch.setattr(_as_user, "open", debugging, raising=False)

    def look() -> int:
        # PR_SET_DUMPABLE was 1 before, as in a system that is set up to debug.
        return int(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))

    hide = _as_user._hide_memory

    def dumpable_first() -> None:
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
        hide()

    monkeypatch.setattr(_as_user, "_hide_memory", dumpable_first)
    assert run_as(UID, look) == 0


@only_root
@pytest.mark.parametrize(
    "value", [None, 1, "ä\udc80", [1, {"a": [True, 1.5]}], "x" * 3000000], ids=lambda value: ""
)
def test_run_as_returns_any_json(value: Any) -> None:
    assert run_as(UID, lambda: value) == value


@only_root
def test_run_as_raises_the_same_error() -> None:
    def refuse() -> None:
        raise StsError("hop 1: no", code="NoPermission", http_status=403, request_id="R")

    with pytest.raises(StsError) as caught:
        run_as(UID, refuse)
    assert str(caught.value) == "hop 1: no"
    assert vars(caught.value) == {"code": "NoPermission", "http_status": 403, "request_id": "R"}

    def fail() -> None:
        raise ConfigFileError("höme")

    with pytest.raises(ConfigFileError, match="höme"):
        run_as(UID, fail)
    with pytest.raises(
        RuntimeError, match="ZeroDivisionError as user '3999999999': integer division"
    ):
        run_as(UID, lambda: 1 // 0)
    with pytest.raises(RuntimeError, match="TypeError as user"):
        run_as(UID, object)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@only_root
@pytest.mark.parametrize(
    ("work", "why"),
    [
        (killed, "the process was killed by signal 15: try again"),
        (lambda: os._exit(0), "the process ended without a result: try again"),
    ],
    ids=["killed", "ended"],
)
def test_run_as_reports_a_child_without_a_result(work: Callable[[], None], why: str) -> None:
    with pytest.raises(UserError) as caught:
        run_as(UID, work)
    assert str(caught.value) == TITLE + why


@only_root
@pytest.mark.parametrize(
    "stop", [signal.pause, lambda: os.kill(os.getpid(), signal.SIGSTOP)], ids=["hangs", "stopped"]
)
def test_run_as_ends_a_child_that_hangs_and_what_it_started(tmp_path: Path, stop: Any) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(str(fifo))
    tmp_path.chmod(0o755)
    reader = os.open(str(fifo), os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(str(fifo), os.O_WRONLY)

    def work() -> None:
        # The program has a descriptor of the pipe for as long as it runs.
        subprocess.Popen(["sleep", "100"], stdout=writer)
        stop()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_as_user, "_close_inherited", lambda kept: None)
        with pytest.raises(UserError) as caught:
            run_as(UID, work, timeout=0.5)
    assert str(caught.value) == TITLE + (
        "the process did not end within 0.5 seconds: check that the file systems of this user respond"
    )
    os.close(writer)
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


def interrupt(*_arguments: Any) -> None:
    raise KeyboardInterrupt()


def close_slowly(fd: int) -> None:
    """Interrupt the process before the parent has closed its end of the pipe."""
    os.kill(os.getpid(), signal.SIGINT)
    REAL_CLOSE(fd)


REAL_CLOSE = os.close


@only_root
@pytest.mark.parametrize(
    "function, replacement",
    [("close", close_slowly), ("close", interrupt), ("read", interrupt), ("waitpid", interrupt)],
)
def test_run_as_leaves_no_child_if_it_is_interrupted(function: str, replacement: Any) -> None:
    parent = os.getpid()
    real = getattr(os, function)

    def call(*arguments: Any) -> Any:
        if os.getpid() != parent:
            return real(*arguments)
        patched.undo()
        return replacement(*arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, function, call)
        with pytest.raises(KeyboardInterrupt):
            run_as(UID, lambda: time.sleep(1 if function == "close" else 0))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


@only_root
def test_run_as_handles_a_signal_at_the_fork() -> None:
    """A handler runs after the process ID of the child is known."""
    real = os.fork

    def fork() -> int:
        pid = real()
        if pid:
            os.kill(os.getpid(), signal.SIGINT)
        return pid

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fork", fork)
        with pytest.raises(KeyboardInterrupt):
            run_as(UID, lambda: time.sleep(1))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@only_root
def test_run_as_lets_the_child_take_signals() -> None:
    assert run_as(UID, lambda: len(signal.pthread_sigmask(signal.SIG_BLOCK, []))) == 0


@only_root
def test_run_as_needs_no_status_of_the_child() -> None:
    old = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert run_as(UID, lambda: "done") == "done"
    finally:
        signal.signal(signal.SIGCHLD, old)


@only_root
def test_run_as_reports_a_system_that_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    before = os.listdir("/proc/self/fd")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fork", fork)
        with pytest.raises(UserError) as caught:
            run_as(UID, os.getpid)
    assert str(caught.value) == TITLE + "cannot start a process: Cannot allocate memory"
    assert os.listdir("/proc/self/fd") == before


@only_root
def test_run_as_reports_rights_that_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_number: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patched:
        patched.setattr(os, "setgid", refuse)
        with pytest.raises(UserError) as caught:
            run_as(UID, os.getpid)
    assert str(caught.value) == TITLE + "Operation not permitted"
    monkeypatch.setattr(os, "setuid", lambda _number: None)
    with pytest.raises(UserError) as caught:
        run_as(UID, os.getpid)
    assert str(caught.value) == TITLE + "the rights of root cannot be given up"


@only_root
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'["result"]',
        b'["result", 1',
        b"\xff",
        b"[" * 100000,
        b'["X", 1]',
        b'["OSError", [1]]',
        b'["ConfigFileError", ["a", 1]]',
        b'["SystemExit", ["a", {}]]',
        b'["OSError", ["x", "y", "z"]]',
    ],
    ids=lambda value: "",
)
def test_run_as_takes_nothing_but_data_from_the_child(content: bytes) -> None:
    def forge() -> None:
        for name in os.listdir("/proc/self/fd"):
            if os.path.exists("/proc/self/fd/" + name) and "pipe:" in os.readlink(
                "/proc/self/fd/" + name
            ):
                os.write(int(name), content)
        os._exit(0)

    with pytest.raises((UserError, RuntimeError)):
        run_as(UID, forge)


@only_root
def test_run_as_bounds_what_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_as_user, "MAX_RESULT", 1000)
    with pytest.raises(UserError, match="the result is larger than 1000 bytes"):
        run_as(UID, lambda: "x" * 1001)


@only_root
def test_run_as_imports_what_only_root_can_read(tmp_path: Path) -> None:
    (tmp_path / "only_of_root.py").write_text("VALUE = 42\n")
    tmp_path.chmod(0o700)
    sys.path.insert(0, str(tmp_path))
    try:

        def work() -> Any:
            import only_of_root  # type: ignore[import-not-found]

            return only_of_root.VALUE

        with pytest.raises(RuntimeError, match="ModuleNotFoundError"):
            run_as(UID, work)
        assert run_as(UID, work, imports=["only_of_root"]) == 42
        with pytest.raises(UserError, match="No module named 'no_such_one'"):
            run_as(UID, work, imports=["no_such_one"])
    finally:
        sys.path.remove(str(tmp_path))


@only_root
def test_run_as_can_import_the_files_of_a_packed_module(tmp_path: Path) -> None:
    """As Ansible runs a module: all files of the collection are in an archive that only root can read."""
    source = Path(_as_user.__file__).parent
    package = "ansible_collections/aliyun/cli/plugins/module_utils/"
    archive = tmp_path / "payload.zip"
    with zipfile.ZipFile(str(archive), "w") as file:
        for depth in range(1, 6):
            file.writestr("/".join(package.split("/")[:depth]) + "/__init__.py", "")
        for name in ("_as_user.py", "_errors.py"):
            file.write(str(source / name), package + name)
        file.writestr(package + "_rare/__init__.py", "")
        file.writestr(
            package + "_rare/late.py",
            "from ansible_collections.aliyun.cli.plugins.module_utils import"
            " _errors\nVALUE = _errors.__name__\n",
        )
    archive.chmod(0o600)
    code = (
        "import sys\nsys.path.insert(0, {0!r})\n"
        "from ansible_collections.aliyun.cli.plugins.module_utils._as_user import run_as\n"
        "def work():\n"
        "    from ansible_collections.aliyun.cli.plugins.module_utils._rare import late\n"
        "    return late.VALUE\n"
        "print(run_as({1}, work))"
    ).format(str(archive), UID)
    command = [sys.executable, "-I", "-S", "-c", code]
    printed = subprocess.check_output(command, env={}, cwd="/").decode()
    assert printed == "ansible_collections.aliyun.cli.plugins.module_utils._errors\n"
