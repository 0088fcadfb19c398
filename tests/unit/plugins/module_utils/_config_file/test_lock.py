# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of config.json, of one that is not there yet, and what is left behind where its holder is killed."""

import contextlib
import errno
import fcntl
import os
from pathlib import Path
from typing import Any, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _config_file
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _config_lock
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    write,
)


@pytest.mark.parametrize("exists", [True, False])
def test_a_lock_is_waited_for_and_then_told(path: Path, exists: bool) -> None:
    locked = path if exists else path.with_name("config.json.lock")
    write(locked, b"{}")
    with locked.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(ConfigFileError) as caught:
            _config_file.edit(str(path), activate_b, lock_timeout=0)
    assert str(caught.value) == (
        "{0} is locked by another process, such as another task or an SDK that writes it; nothing was changed: try"
        " again, or raise lock_timeout".format(path)
    )
    assert _config_file.edit(str(path), activate_b, lock_timeout=0).changed
    assert os.listdir(str(path.parent)) == ["config.json"]


def exchanged(path: Path, content: bytes) -> None:
    """Replace the file as the CLI and the SDKs do."""
    other = path.with_name("other")
    write(other, content)
    other.rename(path)


def test_a_file_that_was_replaced_before_the_lock_was_there_is_locked_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, b'{"x": "old"}')
    real = fcntl.flock
    contents = [b'{"x": "older"}', b'{"x": "new"}']

    def flock(fd: int, operation: int) -> None:
        if contents:
            exchanged(path, contents.pop(0))
        real(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    edit = _config_file.edit(str(path), activate_b)
    assert contents == [] and edit.before["x"] == edit.after["x"] == "new"
    with path.open("rb") as file:
        real(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("goes", [True, False])
def test_a_file_that_comes_or_goes_before_the_lock_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch, goes: bool
) -> None:
    if goes:
        write(path, b'{"x": "gone"}')
    real = fcntl.flock
    seen: List[str] = []

    def flock(fd: int, operation: int) -> None:
        if not seen and goes:
            path.unlink()
        elif not seen:
            write(path, b'{"x": "come"}')
        seen.append(os.readlink("/proc/self/fd/{0}".format(fd)).rpartition("/")[2])
        real(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    edit = _config_file.edit(str(path), activate_b)
    assert edit.before.get("x") == (None if goes else "come")
    locks = ["config.json", "config.json.lock"]
    assert [name.partition(" ")[0] for name in seen] == (locks if goes else locks[::-1])
    assert os.listdir(str(path.parent)) == ["config.json"]


def test_a_directory_that_goes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gone" / "config.json"
    path.parent.mkdir()
    opened: List[Any] = []
    real = os.open

    def counted(name: Any, *more: Any) -> int:
        opened.append(name)
        assert len(opened) < 10, "it goes on forever"
        return real(name, *more)

    with pytest.raises(ConfigFileError) as caught, monkeypatch.context() as patched:
        patched.setattr(os, "open", counted)
        path.parent.rmdir()
        with _config_lock.locked(str(path), 15):
            pass
    assert str(caught.value) == "the directory of {0} was removed meanwhile".format(path)


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_wait_without_end_or_sense_is_refused(
    path: Path, timeout: float, check_mode: bool
) -> None:
    with pytest.raises(ConfigFileError) as caught:
        _config_file.edit(str(path), activate_b, lock_timeout=timeout, check_mode=check_mode)
    assert str(caught.value) == "lock_timeout must be a number of seconds from 0"
    assert not path.exists()


def test_a_link_in_the_place_of_the_lock_file_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    path.with_name("config.json.lock").symlink_to(victim)
    with pytest.raises(ConfigFileError) as caught:
        _config_file.edit(str(path), activate_b)
    assert "symbolic links" in str(caught.value)
    assert not victim.exists() and not path.exists()


def test_the_lock_is_one_that_nfs_gives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, b"{}")
    real = fcntl.flock

    def flock(fd: int, operation: int) -> None:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDWR:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        real(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    assert _config_file.edit(str(path), activate_b).changed


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_what_cannot_be_written_can_be_found_as_it_should_be(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write(path, b'{"current": "b", "profiles": [], "meta_path": ""}')
    real = os.open

    def refusing(name: Any, flags: int, *more: Any) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY):
            raise OSError(code, os.strerror(code))
        return real(name, flags, *more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refusing)
        assert not _config_file.edit(str(path), activate_b).changed
        with pytest.raises(ConfigFileError, match="and was left as it was"):
            _config_file.edit(str(path), lambda document: document.update(current="c"))
    assert b'"b"' in path.read_bytes()


def test_a_lock_ends_with_what_it_is_held_for(path: Path) -> None:
    write(path, b"{}")
    for error in (None, ConfigFileError("no")):
        with contextlib.suppress(ConfigFileError):
            with _config_lock.locked(str(path), 0):
                if error:
                    raise error
        with _config_lock.locked(str(path), 0), path.open("rb") as other:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("change", [activate_b, lambda document: None])
def test_leftovers_of_killed_writers_go(path: Path, change: Any) -> None:
    write(path, ONE_LINE)
    kept = [".config.json.ansible-mine", "config.json~"]
    for name in [".config.json.ansible-4711", "config.json.lock"] + kept:
        write(path.with_name(name), b"")
    assert _config_file.edit(str(path), change, check_mode=True).changed == (change is activate_b)
    assert len(os.listdir(str(path.parent))) == 5
    _config_file.edit(str(path), change)
    assert sorted(os.listdir(str(path.parent))) == sorted(kept + ["config.json"])
