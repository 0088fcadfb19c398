# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A disk that is full, broken or read-only: the old file stays, and the error says why."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EIO: "Input/output error",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
}
# What a write asks of the system before the new file takes the place of the old one.
CALLS = ("fsync", "fchmod", "rename", "open")
# A file system without permissions is not broken.
KEEPS_NO_PERMISSIONS = ("fchmod", errno.EACCES)


def activate_other(document: dict[str, Any]) -> None:
    document["current"] = "other"


@pytest.mark.parametrize("code", REASONS, ids=lambda code: errno.errorcode[code])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("exists", [True, False], ids=["edited", "created"])
def test_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, call: str, exists: bool
) -> None:
    path = tmp_path / "config.json"
    if exists:
        path.write_bytes(b'{"current":"a","profiles":[{"name":"a","mode":"Anonymous"}]}')
        path.chmod(0o600)
    before = path.read_bytes() if exists else None
    real = getattr(os, call)

    def broken(*args: Any, **kwargs: Any) -> Any:
        # Files are opened to be read and locked too; just the one that is written cannot be made.
        if call == "open" and not args[1] & os.O_EXCL:
            return real(*args, **kwargs)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, broken)
        if (call, code) == KEEPS_NO_PERMISSIONS:
            assert _edit.edit(str(path), activate_other).changed
            return
        with pytest.raises(ConfigFileError) as caught:
            _edit.edit(str(path), activate_other)
    assert str(caught.value) == f"{path} was left unchanged: {REASONS[code]}"
    assert os.listdir(tmp_path) == (["config.json"] if exists else [])
    assert not exists or path.read_bytes() == before
    _edit.edit(str(path), activate_other)
    assert _edit.read(str(path)).document["current"] == "other"
