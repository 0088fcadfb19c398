# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the directory of the cache: its owner, complete files, and locks of killed processes."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as cache
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    CacheError,
    FileStore,
    open_store,
)

KEY, OTHER = "a" * 64, "b" * 64
ENTRY = {"value": "old"}
IN_AN_HOUR = time.time() + 3600


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    return tmp_path / cache.FOLDER


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Iterator[FileStore]:
    folder = open_store([str(tmp_path)])
    yield folder
    folder.close()


def names(path: Path) -> list[str]:
    return sorted(found.name for found in path.iterdir())


@pytest.mark.parametrize("umask", [0, 0o077, 0o022])
def test_folder_and_files_are_closed_to_others(tmp_path: Path, path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = open_store([str(tmp_path)])
        folder.write(KEY, ENTRY, IN_AN_HOUR)
        with folder.locked(KEY):
            modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.iterdir()}
    finally:
        os.umask(before)
    folder.close()
    assert modes == {KEY: 0o600, KEY + ".lock": 0o600}
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_folder_is_made_in_the_first_directory_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "b").mkdir()
    parents = [str(tmp_path / name) for name in ("nothing", "file", "b")]
    open_store(parents).close()
    assert names(tmp_path / "b") == [cache.FOLDER]
    open_store(parents).close()


def test_directory_of_another_user_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(OSError, match="no parent directory belongs to this user"):
        open_store([str(tmp_path)])
    assert names(tmp_path) == []


def unsafe(path: Path, kind: str) -> None:
    if kind == "link":
        (path.parent / "target").mkdir(0o700)
        path.symlink_to("target")
    else:
        path.touch(0o600)


@pytest.mark.parametrize("kind", ["link", "file"])
def test_folder_that_is_not_safe_is_refused(tmp_path: Path, path: Path, kind: str) -> None:
    unsafe(path, kind)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(CacheError) as caught:
        open_store([str(tmp_path)])
    assert str(caught.value) == (
        f"the credential cache {path} must be a directory with mode 0700 of the user who runs Ansible, and not a symbolic"
        " link: remove it, or set the option cache to false"
    )
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o710, 0o701, 0o777, 0o2770])
def test_folder_that_was_opened_to_others_is_emptied_and_closed(
    tmp_path: Path, path: Path, mode: int
) -> None:
    store = open_store([str(tmp_path)])
    store.write(KEY, ENTRY, IN_AN_HOUR)
    (path / "planted").symlink_to("/etc/passwd")
    (path / "directory").mkdir()
    path.chmod(mode)
    warnings: list[str] = []
    store = open_store([str(tmp_path)], warnings.append)
    assert warnings == [
        f"The credential cache {path} was accessible to other users: it was emptied and closed"
    ]
    assert names(path) == ["directory"] and stat.S_IMODE(path.stat().st_mode) == 0o700
    store.write(KEY, ENTRY, IN_AN_HOUR)
    assert open_store([str(tmp_path)], warnings.append).read(KEY) and len(warnings) == 1


@pytest.mark.parametrize("refuses", [True, False])
def test_folder_on_a_file_system_without_permissions_cannot_be_used(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    path.mkdir()
    path.chmod(0o777)
    (path / KEY).touch()

    def fchmod(_file: int, _mode: int) -> None:
        if refuses:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fchmod", fchmod)
    with pytest.raises(OSError) as caught:
        open_store([str(tmp_path)])
    assert caught.value.strerror == f"the file system of {path} does not keep permissions"
    assert names(path) == [KEY]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOENT])
def test_folder_that_cannot_be_opened_for_another_reason_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError) as caught:
        open_store([str(tmp_path)])
    assert caught.value.errno == number


def test_folder_of_another_user_is_refused(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.mkdir(0o700)
    real = os.fstat

    def fstat(file: int) -> os.stat_result:
        info = real(file)
        return os.stat_result([*info[:4], 54321, *info[5:]])

    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(CacheError, match="mode 0700 of the user who runs Ansible"):
        open_store([str(tmp_path)])


def test_entry_is_there_until_it_expires(folder: FileStore, path: Path) -> None:
    folder.write(KEY, ENTRY, IN_AN_HOUR)
    assert folder.read(KEY) == ENTRY
    assert folder.read(OTHER) is None
    assert abs((path / KEY).stat().st_mtime - IN_AN_HOUR) < 1
    folder.write(KEY, {"value": "new"}, IN_AN_HOUR)
    assert folder.read(KEY) == {"value": "new"}
    assert names(path) == [KEY]


def test_link_in_the_way_is_replaced(folder: FileStore, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (path / KEY).symlink_to(target)
    folder.write(KEY, ENTRY, IN_AN_HOUR)
    assert target.read_text() == "mine"
    assert folder.read(KEY) == ENTRY


def test_link_that_waits_for_the_lock_is_not_followed(folder: FileStore, path: Path) -> None:
    (path / (KEY + ".lock")).symlink_to("target")
    with folder.locked(KEY) as locked:
        assert locked
    assert names(path) == [KEY + ".lock"]


def killed_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


CALLS = ("open", "unlink", "utime", "rename", "close", "fstat", "stat")


class Breaker:
    """Does something else than the call of the system whose number is reached."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, instead: Callable[[], None]):
        self.left = number
        self.instead = instead
        for name in CALLS:
            monkeypatch.setattr(os, name, self.wrapped(getattr(os, name)))
        monkeypatch.setattr(fcntl, "flock", self.wrapped(fcntl.flock))

    def wrapped(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                self.instead()
            return real(*arguments, **named)

        return call


def no_space() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def write_under_lock(folder: FileStore) -> None:
    with folder.locked(KEY) as locked:
        assert locked
        folder.write(KEY, {"value": "new"}, IN_AN_HOUR)


def test_disk_that_is_full_at_any_instant_leaves_the_old_or_the_new_entry(
    folder: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for number in range(1, 99):
        folder.write(KEY, ENTRY, IN_AN_HOUR)
        failed = False
        with monkeypatch.context() as patch:
            breaker = Breaker(patch, number, no_space)
            try:
                folder.write(KEY, {"value": "new"}, IN_AN_HOUR)
            except OSError:
                failed = True
        entry = folder.read(KEY)
        assert entry and (entry["value"], failed) in (("old", True), ("new", False))
        assert names(path) == [KEY]
        seen.append(failed)
        if breaker.left > 0:
            break
    assert seen.count(True) >= 3 and not seen[-1]


def test_process_killed_at_any_instant_leaves_no_lock_and_no_half_of_an_entry(
    folder: FileStore, path: Path
) -> None:
    codes = []
    for number in range(1, 99):
        folder.write(KEY, ENTRY, IN_AN_HOUR)
        pid = os.fork()
        if pid == 0:
            patch = pytest.MonkeyPatch()
            Breaker(patch, number, killed_self)
            try:
                write_under_lock(folder)
            finally:
                os._exit(0)
        codes.append(os.waitpid(pid, 0)[1])
        entry = folder.read(KEY)
        assert entry and entry["value"] in ("old", "new")
        with folder.locked(KEY) as locked:
            assert locked
            assert folder.read(KEY) == entry
        assert len(names(path)) <= 2
        for litter in path.glob("*.new"):
            litter.unlink()
        if codes[-1] == 0:
            break
    assert codes.count(signal.SIGKILL) >= 7 and codes[-1] == 0


def test_lock_has_one_holder_and_none_afterwards(
    tmp_path: Path, folder: FileStore, path: Path
) -> None:
    other = open_store([str(tmp_path)])
    with folder.locked(KEY) as first, other.locked(KEY) as second, other.locked(OTHER) as third:
        assert (first, second, third) == (True, False, True)
    with other.locked(KEY) as locked:
        assert locked
    assert names(path) == []
    other.close()


def test_lock_is_free_after_an_error(folder: FileStore, path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder.locked(KEY):
        raise ZeroDivisionError()
    assert names(path) == []


def test_lock_that_its_holder_has_removed_meanwhile_is_not_held(
    folder: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock

    def flock(file: int, operation: int) -> None:
        # The holder ends between our opening of the file and our locking of it.
        (path / (KEY + ".lock")).unlink()
        real(file, operation)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        with folder.locked(KEY) as locked:
            assert not locked

    def flock_and_another(file: int, operation: int) -> None:
        flock(file, operation)
        (path / (KEY + ".lock")).touch()

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", flock_and_another)
        with folder.locked(KEY) as locked:
            assert not locked
    assert names(path) == [KEY + ".lock"]


def test_where_files_cannot_be_locked_nobody_waits(
    folder: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with folder.locked(KEY) as locked:
        assert locked


def test_where_there_can_be_no_lock_nobody_waits(folder: FileStore, path: Path) -> None:
    path.rmdir()
    with folder.locked(KEY) as locked:
        assert locked
    with pytest.raises(FileNotFoundError):
        folder.write(KEY, ENTRY, IN_AN_HOUR)


LITTER = [
    # name, seconds since its time, whether it is removed
    (KEY, 1, True),
    (KEY, -60, False),
    (KEY + ".0123456789abcdef.failure", 1, True),
    (KEY + ".failure", 1, True),
    (KEY + ".failure", -1, False),
    (KEY + ".1.2.new", 61, True),
    (KEY + ".1.2.new", 50, False),
    (KEY + ".lock", 61, True),
    (KEY + ".lock", 50, False),
    ("README", 9999, False),
    ("a" * 63, 9999, False),
    ("." + KEY, 9999, False),
    (KEY.upper(), 9999, False),
]


@pytest.mark.parametrize("name, age, removed", LITTER)
def test_what_is_of_no_use_is_removed(
    folder: FileStore,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    age: float,
    removed: bool,
) -> None:
    moment = time.time()
    (path / name).touch()
    os.utime(path / name, (moment - age, moment - age))
    if name.endswith((".lock", ".new")):
        # The time of its last change, which nobody can set, is now.
        monkeypatch.setattr(time, "time", lambda: moment + age)
    folder.remove_expired()
    assert names(path) == ([] if removed else [name])


def test_old_lock_is_removed_once(
    folder: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = time.time()
    (path / (KEY + ".lock")).touch()
    monkeypatch.setattr(time, "time", lambda: moment + 61)
    removed: list[str] = []
    real = folder.remove

    def remove(name: str) -> None:
        removed.append(name)
        real(name)

    monkeypatch.setattr(folder, "remove", remove)
    folder.remove_expired()
    assert removed == [KEY + ".lock"]


def test_lock_that_is_held_is_not_removed(
    tmp_path: Path, folder: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path / KEY).touch()
    os.utime(path / KEY, (1, 1))
    other = open_store([str(tmp_path)])
    moment = time.time()
    with other.locked(KEY):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda: moment + 9999)
            folder.remove_expired()
        assert names(path) == [KEY, KEY + ".lock"]
    folder.remove_expired()
    assert names(path) == []
    other.close()


def test_what_another_process_has_renewed_meanwhile_stays(
    folder: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write(KEY, ENTRY, 1)
    real = fcntl.flock

    def flock(file: int, operation: int) -> None:
        real(file, operation)
        monkeypatch.undo()
        folder.write(KEY, {"value": "new"}, IN_AN_HOUR)

    monkeypatch.setattr(fcntl, "flock", flock)
    folder.remove_expired()
    assert folder.read(KEY) == {"value": "new"}
    assert names(path) == [KEY]


def test_what_cannot_be_removed_is_no_error(folder: FileStore, path: Path) -> None:
    (path / KEY).mkdir()
    os.utime(path / KEY, (1, 1))
    folder.write(OTHER, ENTRY, 1)
    folder.remove_expired()
    assert names(path) == [KEY]
    (path / KEY).rmdir()
    path.rmdir()
    folder.remove_expired()


def test_two_threads_may_write_at_once(
    folder: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.utime

    def utime(file: int, times: Any) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(threading, "get_ident", lambda: 99)
        folder.write(KEY, {"value": "of the other thread"}, IN_AN_HOUR)
        real(file, times)

    monkeypatch.setattr(os, "utime", utime)
    folder.write(KEY, ENTRY, IN_AN_HOUR)
    assert folder.read(KEY) == ENTRY
    assert names(path) == [KEY]


def test_write_replaces_what_a_killed_process_with_the_same_number_left(
    folder: FileStore, path: Path
) -> None:
    left = path / f"{KEY}.{os.getpid()}.{threading.get_ident()}.new"
    left.write_text("half an entry")
    folder.write(KEY, ENTRY, time.time() + 60)
    assert folder.read(KEY) == ENTRY and not left.exists()
