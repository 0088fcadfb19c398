# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the file of a new access key: private, complete, and for one run at a time."""

import os
import resource
import signal

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


def test_secret_that_a_killed_run_left_is_removed(tmp_path):
    """Kill the run between writing the secret and the rename."""
    path = tmp_path / "key.json"
    child = os.fork()
    if not child:
        with hold(str(path)) as file:
            file.write(dict(RECORD, access_key_id="", access_key_secret=""))
            os.rename = lambda *_names: os._exit(9)
            file.write(RECORD)
        os._exit(1)
    assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 9
    left = [name for name in os.listdir(str(tmp_path)) if name != "key.json"]
    assert len(left) == 1 and "hidden" in (tmp_path / left[0]).read_text()
    assert (tmp_path / left[0]).stat().st_mode & 0o777 == 0o600
    with hold(str(path)) as file:
        assert file.read()["access_key_id"] == ""
        file.write(RECORD)
    assert os.listdir(str(tmp_path)) == ["key.json"]


def test_link_of_the_temporary_name_is_not_followed(tmp_path):
    other = tmp_path / "other"
    other.write_text("kept")
    (tmp_path / ".key.json.new").symlink_to(other)
    with hold(str(tmp_path / "key.json")) as file:
        file.write(RECORD)
    assert other.read_text() == "kept" and sorted(os.listdir(str(tmp_path))) == [
        "key.json",
        "other",
    ]


def test_full_disk_leaves_the_first_record_and_no_secret(tmp_path):
    path = tmp_path / "key.json"
    first = dict(RECORD, access_key_id="", access_key_secret="")
    child = os.fork()
    if not child:
        with hold(str(path)) as file:
            file.write(first)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            try:
                file.write(RECORD)
            except AccessKeyError:
                os._exit(9)
        os._exit(1)
    assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 9
    assert os.listdir(str(tmp_path)) == ["key.json"]
    with hold(str(path)) as file:
        assert file.read() == first


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
