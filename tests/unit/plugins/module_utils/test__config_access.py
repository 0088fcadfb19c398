# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nobody else can read the file and its directory, whoever made them."""

import os
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _config_file
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    mode_of,
    write,
)


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


def test_what_others_can_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    folder.chmod(0o755)
    path = folder / "config.json"
    write(path, ONE_LINE, 0o644)
    findings = ["{0} can be read by others".format(name) for name in (path, folder)]
    assert _config_file.read(str(path)).findings == findings
    edit = _config_file.edit(str(path), lambda document: None)
    assert edit.changed and edit.findings == findings
    assert mode_of(path) == 0o600 and mode_of(folder) == 0o700
    assert path.read_bytes() == ONE_LINE


def test_a_folder_of_another_name_is_not_closed(path: Path) -> None:
    path.parent.chmod(0o755)
    write(path, ONE_LINE)
    assert _config_file.read(str(path)).findings == []
    _config_file.edit(str(path), activate_b)
    assert mode_of(path.parent) == 0o755


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
