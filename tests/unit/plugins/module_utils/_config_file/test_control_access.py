# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that permissions of other users on the file and its directory are found and reported."""

from pathlib import Path

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    mode_of,
    write,
)


def test_what_others_can_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    folder.chmod(0o755)
    path = folder / "config.json"
    write(path, ONE_LINE, 0o644)
    findings = ["{0} can be read by others".format(name) for name in (path, folder)]
    assert _edit.read(str(path)).findings == findings
    edit = _edit.edit(str(path), lambda document: None)
    assert edit.changed and edit.findings == findings
    assert mode_of(path) == 0o600 and mode_of(folder) == 0o700
    assert path.read_bytes() == ONE_LINE


def test_a_folder_of_another_name_is_not_closed(path: Path) -> None:
    path.parent.chmod(0o755)
    write(path, ONE_LINE)
    assert _edit.read(str(path)).findings == []
    _edit.edit(str(path), activate_b)
    assert mode_of(path.parent) == 0o755
