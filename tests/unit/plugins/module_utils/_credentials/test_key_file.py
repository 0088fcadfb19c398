# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the file of a new access key: private, complete, and for one run at a time."""

import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.key_file import hold
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AccessKeyError

RECORD = {
    "user_name": "deploy",
    "began": 1,
    "before": ["LTAI5tOLD"],
    "access_key_id": "LTAI5tNEW",
    "access_key_secret": "hidden",
}


def test_write_read_remove(tmp_path):
    path = tmp_path / "a" / "b" / "key.json"
    with hold(str(path)) as file:
        assert file.read() is None
        file.write(RECORD)
        assert file.read() == RECORD
        assert path.stat().st_mode & 0o777 == 0o600
        assert os.listdir(str(path.parent)) == ["key.json"]
        file.remove()
        file.remove()
        assert file.read() is None


def test_one_run_at_a_time(tmp_path):
    path = str(tmp_path / "key.json")
    with hold(path):
        with pytest.raises(AccessKeyError, match="is in use by another run: wait for it"):
            with hold(path):
                pass
    with hold(path):
        pass


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"x"', b"\xff", b"{}", b'{"user_name": "x", "began": "1"}', b"[" * 99999],
)
def test_other_file_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "key.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with hold(str(path)) as file:
        with pytest.raises(AccessKeyError, match="was not written by this module"):
            file.read()
    assert path.read_bytes() == content


def test_file_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "key.json"
    with hold(str(path)) as file:
        file.write(RECORD)
        path.chmod(0o640)
        with pytest.raises(AccessKeyError, match="set its mode to 0600"):
            file.read()


def test_link_is_refused(tmp_path):
    path = tmp_path / "key.json"
    path.symlink_to("elsewhere")
    with hold(str(path)) as file:
        with pytest.raises(AccessKeyError, match="cannot be used"):
            file.read()


def test_directory_is_refused(tmp_path):
    with hold(str(tmp_path / "key")) as file:
        (tmp_path / "key").mkdir()
        for call in (file.read, lambda: file.write(RECORD), file.remove):
            with pytest.raises(AccessKeyError):
                call()
    assert os.listdir(str(tmp_path)) == ["key"]


def test_place_that_cannot_be_created(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AccessKeyError, match="cannot be used: "):
        with hold(str(tmp_path / "file" / "key.json")):
            pass
