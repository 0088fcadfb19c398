# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are read up to a limit, pipes and devices not at all, and paths may have any letters in any locale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._files import (
    make_native,
    make_printable,
    read_file,
)


def test_read_file_returns_content_and_status(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    content, info = read_file(str(path), 5)
    assert content == b"12345" and os.path.samestat(info, path.stat())
    assert read_file("/proc/self/stat", 65536)[0].startswith(b"%d " % os.getpid())


def test_read_file_refuses_all_but_files_of_bounded_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"123456")
    pipe = tmp_path / "pipe"
    os.mkfifo(str(pipe))
    cases = {
        path: "it is larger than 5 bytes",
        pipe: "it is not a regular file",
        Path("/dev/zero"): "it is not a regular file",
        tmp_path: "Is a directory",
        tmp_path / "none": "No such file or directory",
    }
    before = os.listdir("/proc/self/fd")
    for name, why in cases.items():
        with pytest.raises(OSError) as caught:
            read_file(str(name), 5)
        assert caught.value.strerror == why
    assert os.listdir("/proc/self/fd") == before


def test_native_and_printable_change_nothing_in_a_locale_with_all_letters() -> None:
    for text in ("/home/jörg", "/\udcff", "/ascii"):
        assert make_native(text) == make_printable(text) == text
    assert make_printable("\ud800") == "\ud800"


def test_native_and_printable_in_the_locale_c(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from ansible_collections.aliyun.cli.plugins.module_utils._files import make_native, make_printable\n"
        "text = 'h' + chr(246) + 'me'\n"
        "open(make_native(text), 'w').close()\n"
        "assert make_printable(make_native(text)) == text\n"
    )
    environ = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    subprocess.check_call([sys.executable, "-c", code], env=environ, cwd=str(tmp_path))
    assert os.listdir(str(tmp_path)) == ["höme"]
