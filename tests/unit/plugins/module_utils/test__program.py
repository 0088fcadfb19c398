# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a program: streams, files, permissions, and time."""

import contextlib
import gc
import os
import signal
import stat
import sys
import time
from typing import Any, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _program
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import only_root

ENVIRON = {"PATH": os.environ.get("PATH", "")}


def program(code: str) -> List[str]:
    return [sys.executable, "-c", code]


def run(code: str, **options: Any) -> Any:
    return _program.run(program(code), environ=ENVIRON, **options)


def test_run_returns_streams_and_code() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run(code) == (3, b"out\n", b"err\n", False)


def test_run_passes_only_the_given_variables() -> None:
    code = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    assert run(code).stdout == b"['PATH']\n"


def test_run_passes_any_bytes() -> None:
    ended = _program.run(
        program("import os, sys; os.write(1, os.fsencode(sys.argv[1]) + os.environb[b'A'])")
        + ["\u20ac\udcff"],
        environ=dict(ENVIRON, A="\u20ac\udcfe"),
    )
    assert ended.stdout == b"\xe2\x82\xac\xff\xe2\x82\xac\xfe"


def test_run_streams_output_to_a_private_file(tmp_path: Any) -> None:
    path = tmp_path / "output"
    ended = run("print('x' * 1000000)", output_file=str(path))
    assert ended.stdout == b"" and path.stat().st_size == 1000001
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    run("print('y')", output_file=str(path))
    assert path.read_text() == "y\n"


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda path: os.symlink("/etc/hosts", path), "cannot be opened"),
        (os.mkdir, "cannot be opened"),
        (os.mkfifo, "cannot be opened"),
    ],
)
def test_run_refuses_output_files_that_are_no_files(
    tmp_path: Any, make: Any, sentence: str
) -> None:
    path = str(tmp_path / "output")
    make(path)
    with pytest.raises(ProfileError, match=sentence):
        run("", output_file=path)


def test_run_refuses_a_device_as_output_file() -> None:
    with pytest.raises(ProfileError, match="must be a regular file"):
        run("", output_file="/dev/null")


@only_root
def test_run_refuses_an_output_file_of_another_user(tmp_path: Any) -> None:
    path = tmp_path / "output"
    path.write_text("old")
    os.chown(str(path), 12345, -1)
    with pytest.raises(ProfileError, match="belongs to another user"):
        run("", output_file=str(path))
    assert path.read_text() == "old"


def test_run_refuses_an_output_file_with_two_names(tmp_path: Any) -> None:
    path = tmp_path / "output"
    (tmp_path / "important").write_text("old")
    os.link(str(tmp_path / "important"), str(path))
    with pytest.raises(ProfileError, match="another hard link"):
        run("", output_file=str(path))
    assert path.read_text() == "old"


def test_run_sets_the_umask_of_the_program_only(tmp_path: Any) -> None:
    before = os.umask(0o022)
    try:
        path = tmp_path / "made"
        run("open({0!r}, 'w')".format(str(path)), umask=0o077)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_run_ends_a_program_that_takes_too_long() -> None:
    ended = run("import time; print('begun', flush=True); time.sleep(60)", timeout=1)
    assert ended == (-signal.SIGTERM, b"begun\n", b"", True)


def test_run_kills_a_program_that_ignores_the_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(_program, "_GRACE", 0.2)
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    assert run(code, timeout=2).code == -signal.SIGKILL


def test_run_ends_the_children_too(tmp_path: Any) -> None:
    path = tmp_path / "child"
    code = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', "
        "'import time; time.sleep(60)']); open({0!r}, 'w').write(str(child.pid)); time.sleep(60)"
    ).format(str(path))
    run(code, timeout=2)
    child = int(path.read_text())
    for _attempt in range(500):
        try:
            with open("/proc/{0}/stat".format(child), encoding="ascii") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.02)
    pytest.fail("the child lives")


def test_run_does_not_wait_for_processes_in_the_background() -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c',"
        " 'import time; time.sleep(60)']).pid)"
    )
    child = int(run(code).stdout)
    # It lives, or this fails.
    os.kill(child, signal.SIGKILL)


def test_run_leaves_files_alone_that_are_opened_later(tmp_path: Any) -> None:
    """A process in the background writes for longer than the output is read."""
    path = tmp_path / "child"
    code = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c',"
        " 'import os, sys, time\\n"
        "time.sleep(2.5); print(1, flush=True)\\n"
        "time.sleep(0.5); open(sys.argv[1], chr(119)).close()', {0!r}])"
    ).format(str(path))
    assert run(code).stdout == b""
    gc.collect()
    with contextlib.ExitStack() as stack:
        pipes = [os.pipe() for _number in range(5)]
        for reading, writing in pipes:
            stack.callback(os.close, reading)
            os.write(writing, b"mine")
            os.close(writing)
        for _attempt in range(500):
            if path.exists():
                break
            time.sleep(0.02)
        assert [os.read(reading, 10) for reading, _writing in pipes] == [b"mine"] * 5


def test_run_gives_input_that_is_not_read() -> None:
    assert run("print('done')", stdin=b"0123456789" * 100000).stdout == b"done\n"
