# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file is replaced in one step, whatever the disk does."""

import errno
import os
import resource
import stat
from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _config_file
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _config_lock
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import write as _config_write
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    write,
)


def test_the_backup_is_the_file_as_it_was(path: Path) -> None:
    write(path, ONE_LINE)
    edit = _config_file.edit(str(path), activate_b, backup=True)
    assert edit.backup_file is not None
    assert Path(edit.backup_file).read_bytes() == ONE_LINE


def test_a_file_that_is_only_closed_needs_no_backup(path: Path) -> None:
    write(path, ONE_LINE, 0o644)
    edit = _config_file.edit(str(path), lambda document: None, backup=True)
    assert edit.changed and edit.backup_file is None
    assert os.listdir(str(path.parent)) == ["config.json"]


@pytest.mark.parametrize("backup, bytes_left", [(False, 100), (True, 100), (True, 10)])
def test_a_disk_that_takes_a_part_only(path: Path, backup: bool, bytes_left: int) -> None:
    write(path, ONE_LINE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, hard))
    try:
        with pytest.raises(ConfigFileError) as caught:
            _config_file.edit(
                str(path), lambda document: document.update(x="x" * 1000), backup=backup
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == (
        "{0} cannot be used, and was left as it was: {1}".format(path, os.strerror(errno.EFBIG))
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
        _config_file.edit(str(path), activate_b)
    assert str(caught.value) == (
        "{0} was written, but may be as before after a crash of the system: Input/output error".format(
            path
        )
    )
    assert seen == [False, True]
    assert b'"b"' in path.read_bytes() and os.listdir(str(path.parent)) == ["config.json"]


def test_a_file_system_that_cannot_synchronize_directories(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)
    assert fail_for_directories(monkeypatch, errno.EINVAL) == []
    assert _config_file.edit(str(path), activate_b).changed


def test_nobody_can_read_what_is_written_before_it_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE, 0o644)
    real = os.open
    modes: Dict[str, int] = {}

    def watch(name: Any, flags: int, *more: Any) -> int:
        fd = real(name, flags, *more)
        if flags & os.O_CREAT:
            modes[str(name)] = stat.S_IMODE(os.fstat(fd).st_mode)
        return fd

    old = os.umask(0)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(os, "open", watch)
            _config_file.edit(str(path), activate_b, backup=True)
    finally:
        os.umask(old)
    assert len(modes) == 2 and set(modes.values()) == {0o600}


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    Path(_config_lock.temporary(str(path))).symlink_to(victim)
    with pytest.raises(FileExistsError):
        _config_write.write(str(path), b"", (os.getuid(), os.getgid()), None)
    assert not victim.exists()


def test_attributes_of_the_file_stay(path: Path) -> None:
    write(path, ONE_LINE)
    try:
        os.setxattr(str(path), "user.note", b"mine")
    except OSError:
        pytest.skip("the file system keeps no attributes")
    _config_file.edit(str(path), activate_b)
    assert os.getxattr(str(path), "user.note") == b"mine"
