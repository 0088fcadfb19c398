# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the locks of config.json: between edits, with the SDKs, and with the CLI, which takes none."""

import contextlib
import errno
import fcntl
import json
import os
from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _lock
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    write,
)

LOCKED = (
    "{0} is locked by another process, such as another task or an SDK that writes it; nothing was changed: try again, or"
    " raise lock_timeout"
)


def exchanged(path: Path, content: bytes) -> None:
    """Replace the file as the CLI and the SDKs do."""
    other = path.with_name("other")
    write(other, content)
    other.rename(path)


def lock(path: Path) -> int:
    """Hold the lock of a file or directory, as another process, until the descriptor is closed."""
    fd = os.open(str(path), os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return fd


@pytest.mark.parametrize("of_directory", [True, False])
def test_edit_waits_for_a_lock_and_reports_it(path: Path, of_directory: bool) -> None:
    write(path, b"{}")
    path.parent.chmod(0o700)
    holder = lock(path.parent if of_directory else path)
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b, lock_timeout=0)
    os.close(holder)
    assert str(caught.value) == LOCKED.format(path)
    assert _edit.edit(str(path), activate_b, lock_timeout=0).changed
    assert os.listdir(str(path.parent)) == ["config.json"]


def test_nobody_stops_edits_by_the_lock_of_an_open_directory(path: Path) -> None:
    """Such as /etc/aliyun: any user can open it, and so lock it."""
    write(path, b"{}")
    path.parent.chmod(0o755)
    holder = lock(path.parent)
    assert _edit.edit(str(path), activate_b, lock_timeout=0).changed
    os.close(holder)


def test_edit_holds_both_locks_while_it_writes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, b"{}")
    refused = []

    def rename(source: str, target: str) -> None:
        for held in (path, path.parent, Path(source)):
            with pytest.raises(BlockingIOError):
                lock(held)
            refused.append(held)
        os.replace(source, target)

    monkeypatch.setattr(os, "rename", rename)
    assert _edit.edit(str(path), activate_b).changed
    assert len(refused) == 3


def test_edit_needs_no_lock_if_nothing_changes(path: Path) -> None:
    write(path, b'{"current": "b", "profiles": [], "meta_path": ""}')
    holders = [lock(path), lock(path.parent)]
    assert not _edit.edit(str(path), activate_b, lock_timeout=0).changed
    for holder in holders:
        os.close(holder)


def add(name: str) -> Any:
    """Return a change that adds a key, to detect its loss."""

    def change(document: Dict[str, Any]) -> None:
        document[name] = 1

    return change


def keys_of(path: Path) -> List[str]:
    return sorted(set(json.loads(path.read_text())) - {"current", "profiles", "meta_path"})


def cli_sets(path: Path, name: str) -> None:
    """Change the file as the CLI does: read, and replace without a lock."""
    document = json.loads(path.read_text())
    document[name] = 1
    exchanged(path, json.dumps(document).encode("utf-8"))


@pytest.mark.parametrize("place", ["fsync", "flock"])
def test_edits_keep_what_the_cli_and_another_edit_write_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A is paused before it writes, or before it locks; the CLI replaces the file; B edits it; A goes on."""
    write(path, b"{}")
    module = os if place == "fsync" else fcntl
    real = getattr(module, place)
    reader, writer = os.pipe()
    # B begins before A, so that it has no descriptor of A's locks.
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.read(reader, 1)
            _edit.edit(str(path), add("b"))
            code = 0
        finally:
            os._exit(code)
    ended: List[int] = []

    def paused(*arguments: Any) -> Any:
        if not ended:
            cli_sets(path, "cli")
            os.write(writer, b"x")
            # If A holds its lock, B has to wait for it. Else B is done before A goes on.
            ended.append(0 if place == "fsync" else os.waitpid(pid, 0)[1])
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(module, place, paused)
        _edit.edit(str(path), add("a"))
    if place == "fsync":
        ended.append(os.waitpid(pid, 0)[1])
    os.close(reader)
    os.close(writer)
    assert set(ended) == {0}
    assert keys_of(path) == ["a", "b", "cli"]
    assert os.listdir(str(path.parent)) == ["config.json"]


def test_edit_starts_again_if_the_file_is_replaced_before_the_rename(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, b"{}")
    real = os.fsync
    names = ["cli-1", "cli-2"]

    def fsync(fd: int) -> None:
        real(fd)
        if names:
            cli_sets(path, names.pop(0))

    monkeypatch.setattr(os, "fsync", fsync)
    edit = _edit.edit(str(path), add("a"), backup=True)
    assert edit.changed and edit.after["cli-1"] == edit.before["cli-2"] == 1
    assert keys_of(path) == ["a", "cli-1", "cli-2"]
    assert edit.backup_file is not None
    assert keys_of(Path(edit.backup_file)) == ["cli-1", "cli-2"]
    assert len(os.listdir(str(path.parent))) == 2


def test_edit_finds_that_another_writer_has_done_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, b"{}")
    real = os.fsync

    def fsync(fd: int) -> None:
        real(fd)
        exchanged(path, b'{"current": "b", "profiles": [], "meta_path": ""}')

    monkeypatch.setattr(os, "fsync", fsync)
    assert not _edit.edit(str(path), activate_b).changed
    assert os.listdir(str(path.parent)) == ["config.json"]


def test_edit_gives_up_if_the_file_is_replaced_all_the_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, b"{}")
    real = os.fsync
    names = iter(range(1000))

    def fsync(fd: int) -> None:
        real(fd)
        cli_sets(path, "cli-{0}".format(next(names)))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), add("a"))
    assert str(caught.value) == (
        "{0} was left unchanged: another program, such as the CLI, replaces it all the time: try again".format(
            path
        )
    )
    assert next(names) == 20 == len(keys_of(path))
    assert os.listdir(str(path.parent)) == ["config.json"]


@pytest.mark.parametrize("goes", [True, False])
def test_edit_sees_a_file_that_comes_or_goes_before_the_lock(
    path: Path, monkeypatch: pytest.MonkeyPatch, goes: bool
) -> None:
    if goes:
        write(path, b'{"x": "gone"}')
    real = fcntl.flock
    seen: List[int] = []

    def flock(fd: int, operation: int) -> None:
        if not seen and goes:
            path.unlink()
        elif not seen:
            write(path, b'{"x": "come"}')
        seen.append(fd)
        real(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    edit = _edit.edit(str(path), activate_b)
    assert edit.before.get("x") == (None if goes else "come")
    assert os.listdir(str(path.parent)) == ["config.json"]


def test_a_directory_that_was_replaced_is_locked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "home" / "config.json"
    path.parent.mkdir()
    real = fcntl.flock
    moved: List[Path] = []

    def flock(fd: int, operation: int) -> None:
        if len(moved) < 3:
            moved.append(tmp_path / str(len(moved)))
            path.parent.rename(moved[-1])
            path.parent.mkdir()
        real(fd, operation)

    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", flock)
        with _lock.hold(str(path), 0):
            with pytest.raises(BlockingIOError):
                lock(path.parent)
    assert len(moved) == 3


def test_edit_reports_a_directory_that_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "config.json"
    with pytest.raises(ConfigFileError) as caught:
        with _lock.hold(str(path), 15):
            pass
    assert str(caught.value) == (
        "the directory of {0} was removed by another process: try again".format(path)
    )


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_wait_without_end_or_sense_is_refused(
    path: Path, timeout: float, check_mode: bool
) -> None:
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b, lock_timeout=timeout, check_mode=check_mode)
    assert str(caught.value) == "lock_timeout must be a number of seconds from 0"
    assert not path.exists()


@pytest.mark.parametrize("code", [errno.EBADF, errno.EINVAL, errno.ENOTSUP])
def test_the_lock_of_the_file_remains_where_directories_cannot_be_locked(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """As NFS: it locks only what is open for writing, and so no directory."""
    write(path, b"{}")
    real = fcntl.flock

    def flock(fd: int, operation: int) -> None:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(code, os.strerror(code))
        real(fd, operation)

    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", flock)
        assert _edit.edit(str(path), activate_b).changed
    holder = lock(path)
    with monkeypatch.context() as patched, pytest.raises(ConfigFileError) as caught:
        patched.setattr(fcntl, "flock", flock)
        _edit.edit(str(path), add("a"), lock_timeout=0)
    os.close(holder)
    assert str(caught.value) == LOCKED.format(path)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP])
def test_a_file_system_without_locks_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write(path, ONE_LINE)

    def flock(_fd: int, _operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    assert not _edit.edit(str(path), lambda document: None).changed
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b)
    assert str(caught.value) == (
        "{0} was left unchanged: the file system does not support locks".format(path)
    )


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_file_that_cannot_be_written_can_be_as_desired(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write(path, b'{"current": "b", "profiles": [], "meta_path": ""}')
    real = os.open

    def refusing(name: Any, flags: int, *more: Any, **options: Any) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY):
            raise OSError(code, os.strerror(code))
        return real(name, flags, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refusing)
        assert not _edit.edit(str(path), activate_b).changed
        with pytest.raises(ConfigFileError, match="was left unchanged"):
            _edit.edit(str(path), lambda document: document.update(current="c"))
    assert b'"b"' in path.read_bytes()


@pytest.mark.parametrize("held", [_lock.hold, _lock.hold_flock])
def test_a_lock_ends_with_its_block(path: Path, held: Any) -> None:
    write(path, b"{}")
    path.parent.chmod(0o700)
    for error in (None, ConfigFileError("no")):
        with contextlib.suppress(ConfigFileError):
            with held(str(path), 0):
                if error:
                    raise error
        with held(str(path), 0):
            with pytest.raises(ConfigFileError), held(str(path), 0):
                pass


def test_leftovers_of_killed_writers_are_removed(path: Path) -> None:
    write(path, ONE_LINE)
    kept = [".config.json.ansible-mine", "config.json~"]
    for name in [".config.json.ansible-4711"] + kept:
        write(path.with_name(name), b"")
    assert _edit.edit(str(path), activate_b, check_mode=True).changed
    assert len(os.listdir(str(path.parent))) == 4
    _edit.edit(str(path), activate_b)
    assert sorted(os.listdir(str(path.parent))) == sorted(kept + ["config.json"])


def test_the_temporary_file_of_a_live_writer_stays(path: Path) -> None:
    """Such as that of another host, where locks on a network file system do not reach."""
    write(path, ONE_LINE)
    temporary = path.with_name(".config.json.ansible-4711")
    write(temporary, b"")
    with temporary.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _edit.edit(str(path), activate_b)
        assert temporary.exists()
    _edit.edit(str(path), lambda document: document.update(current="c"))
    assert not temporary.exists()
