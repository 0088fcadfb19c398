# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the file is replaced in one step, even if the disk fails."""

import errno
import os
import resource
import stat
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _lock
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import write as _write
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    write,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import only_root


def test_the_backup_is_the_file_as_it_was(path: Path) -> None:
    write(path, ONE_LINE)
    edit = _edit.edit(str(path), activate_b, backup=True)
    assert edit.backup_file is not None
    assert Path(edit.backup_file).read_bytes() == ONE_LINE


def test_a_file_that_is_only_closed_needs_no_backup(path: Path) -> None:
    write(path, ONE_LINE, 0o644)
    edit = _edit.edit(str(path), lambda document: None, backup=True)
    assert edit.changed and edit.backup_file is None
    assert os.listdir(str(path.parent)) == ["config.json"]


@pytest.mark.parametrize("backup, bytes_left", [(False, 100), (True, 100), (True, 10)])
def test_a_disk_that_takes_a_part_only(path: Path, backup: bool, bytes_left: int) -> None:
    write(path, ONE_LINE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, hard))
    try:
        with pytest.raises(ConfigFileError) as caught:
            _edit.edit(str(path), lambda document: document.update(x="x" * 1000), backup=backup)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == (
        "{0} was left unchanged: {1}".format(path, os.strerror(errno.EFBIG))
    )
    assert path.read_bytes() == ONE_LINE
    # A copy of the whole file may stay.
    left = [path.parent.joinpath(name).read_bytes() for name in os.listdir(str(path.parent))]
    assert left == [ONE_LINE] * (2 if backup and bytes_left == 100 else 1)


def fail_for_directories(monkeypatch: pytest.MonkeyPatch, code: int) -> List[bool]:
    """Let fsync of directories fail. Of what it is called for, in order, whether it is a directory."""
    real = os.fsync
    seen = []

    def fsync(fd: int) -> None:
        seen.append(stat.S_ISDIR(os.fstat(fd).st_mode))
        if seen[-1]:
            raise OSError(code, os.strerror(code))
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_a_directory_that_is_not_synchronized_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)
    seen = fail_for_directories(monkeypatch, errno.EIO)
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b)
    assert str(caught.value) == (
        "{0} was written, but a crash of the system can undo this: Input/output error; "
        "check the disk and run the task again".format(path)
    )
    assert seen == [False, True]
    assert b'"b"' in path.read_bytes() and os.listdir(str(path.parent)) == ["config.json"]


def test_a_file_system_that_cannot_synchronize_directories(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)
    assert fail_for_directories(monkeypatch, errno.EINVAL) == []
    assert _edit.edit(str(path), activate_b).changed


def test_nobody_can_read_what_is_written_before_it_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE, 0o644)
    real = os.open
    modes: Dict[str, int] = {}

    def watch(name: Any, flags: int, *more: Any, **options: Any) -> int:
        fd = real(name, flags, *more, **options)
        if flags & os.O_CREAT:
            modes[str(name)] = stat.S_IMODE(os.fstat(fd).st_mode)
        return fd

    old = os.umask(0)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(os, "open", watch)
            _edit.edit(str(path), activate_b, backup=True)
    finally:
        os.umask(old)
    assert len(modes) == 2 and set(modes.values()) == {0o600}


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    Path(_lock.make_temporary_path(str(path))).symlink_to(victim)
    with pytest.raises(FileExistsError):
        _write.write(str(path), b"", (os.getuid(), os.getgid()), None, lambda: True)
    assert not victim.exists()


def test_labels_of_the_file_stay(path: Path) -> None:
    write(path, ONE_LINE)
    os.setxattr(str(path), "user.note", b"mine")
    _edit.edit(str(path), activate_b)
    assert os.getxattr(str(path), "user.note") == b"mine"


# Version 2: the owner, the user with this ID, the group, the mask, and the others, each with permissions.
def acl(uid: int, permissions: int) -> bytes:
    entries = [(1, 6, -1), (2, permissions, uid), (4, 0, -1), (16, permissions, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, number & 0xFFFFFFFF) for tag, rights, number in entries
    )


ACL = "system.posix_acl_access"


@pytest.mark.parametrize("change", [activate_b, lambda document: None])
def test_nobody_keeps_access_by_an_access_control_list(path: Path, change: Any) -> None:
    write(path, ONE_LINE)
    os.setxattr(str(path), ACL, acl(4711, 4))
    edit = _edit.edit(str(path), change)
    assert edit.findings == ["{0} can be read by others".format(path)] and edit.warnings == []
    assert ACL not in os.listxattr(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nobody_gets_access_by_the_list_of_the_directory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)
    os.setxattr(str(path.parent), "system.posix_acl_default", acl(4711, 4))
    real = os.write
    found = []

    def watch(fd: int, content: Any) -> int:
        found.extend(os.listxattr(fd))
        found.append(str(os.fstat(fd).st_mode & 0o777))
        return real(fd, content)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", watch)
        edit = _edit.edit(str(path), activate_b, backup=True)
    assert found == [str(0o600)] * 2
    assert edit.backup_file and ACL not in os.listxattr(edit.backup_file)
    assert ACL not in os.listxattr(str(path))


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, None])
@pytest.mark.parametrize("exists", [True, False])
def test_a_file_system_that_keeps_no_permissions_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: Optional[int], exists: bool
) -> None:
    """As drvfs of WSL, SMB, and some FUSE file systems: all files are open, whatever mode a program sets."""
    path = tmp_path / ".aliyun" / "config.json"
    path.parent.mkdir()
    real_stat, real_fstat = os.stat, os.fstat

    def opened(info: os.stat_result) -> os.stat_result:
        return os.stat_result((info.st_mode | 0o077,) + tuple(info)[1:])

    def fchmod(_fd: int, _mode: int) -> None:
        if code:
            raise OSError(code, os.strerror(code))

    if exists:
        write(path, ONE_LINE)
    monkeypatch.setattr(
        _control, "find", lambda path, strict=True: _control.Location(path, 0, True)
    )
    monkeypatch.setattr(os, "fchmod", fchmod)
    monkeypatch.setattr(os, "stat", lambda *args, **options: opened(real_stat(*args, **options)))
    monkeypatch.setattr(os, "fstat", lambda fd: opened(real_fstat(fd)))
    told = [
        "{0} can be read by others and {1} can be read by others, and the file system does not allow a change:"
        " move config_path to another file system".format(path, path.parent)
    ]
    edit = _edit.edit(str(path), activate_b)
    assert edit.changed and (edit.findings, edit.warnings) == ([], told)
    again = _edit.edit(str(path), activate_b)
    assert not again.changed and (again.findings, again.warnings) == ([], told)


def test_a_file_that_is_a_mount_point_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)

    def rename(_source: str, _target: str) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b)
    assert str(caught.value) == (
        "{0} was left unchanged: it is a mount point: mount its directory".format(path)
    )
    assert os.listdir(str(path.parent)) == ["config.json"] and path.read_bytes() == ONE_LINE


MOUNTED = """
import ctypes, sys
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit
path = sys.argv[1].encode()
libc = ctypes.CDLL(None, use_errno=True)
# A mount namespace of this process: CLONE_NEWNS, then MS_REC | MS_PRIVATE, then MS_BIND.
assert libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0
assert libc.mount(path, path, None, 0x1000, None) == 0
for check_mode in (True, False):
    print(edit.edit(sys.argv[1], lambda document: None, check_mode=check_mode).changed)
    try:
        edit.edit(sys.argv[1], lambda document: document.update(current="b"), check_mode=check_mode)
    except edit.ConfigFileError as error:
        print(error)
"""


@only_root
def test_a_mount_point_is_refused_in_check_mode_too(tmp_path: Path) -> None:
    path = tmp_path / "a \\b" / "config.json"
    path.parent.mkdir()
    write(path, ONE_LINE)
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    command = [sys.executable, "-c", MOUNTED, str(path)]
    printed = subprocess.check_output(command, env=environ).decode().splitlines()
    told = "{0} was left unchanged: it is a mount point: mount its directory".format(path)
    assert printed == ["False", told] * 2
    assert path.read_bytes() == ONE_LINE
