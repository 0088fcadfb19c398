# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file and its directory belong to whom they shall, and are closed to others; root gives away nothing else."""

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    access as _config_access,
)
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _config_file
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    ownership as _config_owner,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    mode_of,
    write,
)

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
USER = (4711, 4712)


@pytest.mark.parametrize(
    "name",
    ["no-such-one", "²", "4294967295", "99999999999999", "9" * 5000, "-1", "a\0b", "\udc80"],
    ids=ascii,
)
@pytest.mark.parametrize("what", ["user", "group"])
def test_an_unknown_owner(path: Path, name: str, what: str) -> None:
    write(path, ONE_LINE)
    owner = _config_access.Owner(*((name, None) if what == "user" else (None, name)))
    with pytest.raises(ConfigFileError) as caught:
        _config_file.edit(str(path), activate_b, owner=owner)
    assert str(caught.value) == "there is no {0} {1}".format(what, name)
    assert path.read_bytes() == ONE_LINE


def owner_of(path: Path) -> Any:
    info = path.lstat()
    return info.st_uid, info.st_gid


@only_root
def test_root_gives_a_new_file_to_the_owner_of_its_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(str(home), *USER)
    path = home / ".config" / ".aliyun" / "config.json"
    path.parent.parent.mkdir()
    os.chown(str(path.parent.parent), *USER)
    edit = _config_file.edit(str(path), activate_b)
    assert edit.changed and owner_of(path) == owner_of(path.parent) == USER
    assert mode_of(path) == 0o600 and mode_of(path.parent) == 0o700
    assert not _config_file.edit(str(path), activate_b).changed


@only_root
def test_root_does_not_lock_the_user_out(path: Path) -> None:
    write(path, ONE_LINE)
    os.chown(str(path), *USER)
    edit = _config_file.edit(str(path), activate_b, backup=True)
    assert edit.backup_file is not None
    assert owner_of(path) == owner_of(Path(edit.backup_file)) == USER
    assert mode_of(path) == 0o600


def test_check_mode_fails_where_a_change_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(path: Path, **options: Any) -> str:
        with pytest.raises(ConfigFileError) as caught:
            _config_file.edit(str(path), activate_b, check_mode=True, **options)
        return str(caught.value)

    home = tmp_path / "home"
    path = home / ".aliyun" / "config.json"
    assert refusal(path) == "the home {0} does not exist".format(home)
    home.mkdir()
    assert _config_file.edit(str(path), activate_b, check_mode=True).changed
    denied = "{0} cannot be used, and was left as it was: permission denied".format(path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda name, how: Path(name) != home or not how & os.W_OK)
        assert refusal(path) == denied
    monkeypatch.setattr(os, "geteuid", lambda: USER[0])
    for owner in (_config_access.Owner("0"), _config_access.Owner(str(USER[0]), str(USER[1]))):
        assert refusal(path, owner=owner) == denied
    own = _config_access.Owner(str(USER[0]))
    assert _config_file.edit(str(path), activate_b, check_mode=True, owner=own).changed


def test_check_mode_does_not_fail_where_nothing_changes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)
    monkeypatch.setattr(os, "access", lambda name, how: False)
    assert not _config_file.edit(str(path), lambda document: None, check_mode=True).changed
    path.chmod(0o644)
    assert _config_file.edit(str(path), lambda document: None, check_mode=True).changed


@only_root
def test_the_group_alone_as_asked(path: Path) -> None:
    write(path, ONE_LINE)
    owner = _config_access.Owner(group=str(USER[1]))
    assert _config_file.edit(str(path), lambda document: None, owner=owner).changed
    assert owner_of(path) == (0, USER[1])
    assert not _config_file.edit(str(path), lambda document: None, owner=owner).changed


@only_root
@pytest.mark.parametrize("exists", [True, False])
def test_owner_and_group_as_asked(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / ".aliyun" / "config.json"
    if exists:
        path.parent.mkdir(mode=0o700)
        write(path, ONE_LINE)
    owner = _config_access.Owner(*map(str, USER))
    assert _config_file.edit(str(path), lambda document: None, owner=owner).changed
    assert owner_of(path) == USER
    assert owner_of(path.parent) == ((0, 0) if exists else USER)
    assert not _config_file.edit(str(path), lambda document: None, owner=owner).changed


@only_root
def test_root_gives_away_nothing_that_a_user_puts_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    write(victim, b"", 0o644)
    home = tmp_path / "home"
    home.mkdir()
    os.chown(str(home), *USER)
    real = os.mkdir

    def mkdir(path: str, mode: int) -> None:
        real(path, mode)
        os.rmdir(path)
        os.symlink(str(victim), path)

    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(ConfigFileError):
        _config_file.edit(str(home / ".aliyun" / "config.json"), activate_b)
    assert owner_of(victim) == (0, 0) and mode_of(victim) == 0o644


def test_a_link_that_takes_the_place_of_the_file_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    write(victim, b"", 0o644)
    path.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        _config_owner.mend_file(str(path), owner_of(victim))
    assert mode_of(victim) == 0o644


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_nothing_is_open_to_others_under_any_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / ".aliyun" / "config.json"
    old = os.umask(umask)
    try:
        _config_file.edit(str(path), lambda document: None)
        edit = _config_file.edit(str(path), activate_b, backup=True)
    finally:
        os.umask(old)
    assert edit.backup_file is not None
    assert mode_of(path) == 0o600 and mode_of(path.parent) == 0o700
    assert mode_of(Path(edit.backup_file)) == 0o600


def test_a_directory_that_the_cli_left_open_is_closed_and_told(tmp_path: Path) -> None:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    folder.chmod(0o755)
    path = folder / "config.json"
    told = ["{0} can be read by others".format(folder)]
    assert _config_file.edit(str(path), activate_b, check_mode=True).findings == told
    assert mode_of(folder) == 0o755
    assert _config_file.edit(str(path), activate_b).findings == told
    assert mode_of(folder) == 0o700


def test_a_directory_that_cannot_be_closed_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".aliyun" / "config.json"
    path.parent.mkdir()
    path.parent.chmod(0o755)
    write(path, ONE_LINE)

    def refuse(_fd: int, _mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(ConfigFileError) as caught:
        _config_file.edit(str(path), activate_b)
    assert str(caught.value) == (
        "{0} cannot be used, and was left as it was: permission denied".format(path)
    )
    assert path.read_bytes() == ONE_LINE
