# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test reading, refusing, repairing, and writing config.json."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ConfigFileError,
    NoHomeError,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    activate_b,
    write,
)

EMPTY = {"current": "", "profiles": [], "meta_path": ""}
WRITTEN = (
    b'{\n\t"current": "a",\n\t"profiles": [\n\t\t{\n\t\t\t"name": "a",\n\t\t\t"mode": "AK",\n\t\t\t"expired_seconds": 900,\n'
    b'\t\t\t"region_id": "\\u003c\\u0026\\u003e\\u2028\\u2029\xc3\xa4"\n\t\t}\n\t],\n\t"meta_path": ""\n}'
)


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", "the file is empty, so the CLI does not start"),
        (b" \n", "the file is empty, so the CLI does not start"),
        (b'{"profiles": null}', "profiles is null, so the CLI does not start"),
        (
            b"\xef\xbb\xbf{}",
            "the file begins with a byte order mark, so the CLI does not start",
        ),
        (b'{"Current": ""}', "the key current is spelled Current"),
    ],
)
def test_findings_are_mended_by_a_write(path: Path, content: bytes, finding: str) -> None:
    write(path, content)
    config = _edit.read(str(path))
    assert config.document == EMPTY and config.findings == [finding] and config.exists
    edit = _edit.edit(str(path), lambda document: None)
    assert edit.changed and edit.findings == [finding]
    assert json.loads(path.read_text()) == EMPTY
    assert _edit.read(str(path)).findings == []


def test_no_file(path: Path) -> None:
    assert _edit.read(str(path)) == (str(path), EMPTY, [], False)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"a": 1,\n  "b": }', ", line 2, column 8: not valid JSON: Expecting value"),
        (b"[]", ": not a configuration of the CLI: an object is expected"),
        (
            b'{"profiles": [{"x": %s}]}' % (b"[" * 900 + b"]" * 900),
            ": not a configuration of the CLI: nested too deeply",
        ),
    ],
    ids=lambda value: "",
)
def test_what_cannot_be_understood_is_refused_and_kept(
    path: Path, content: bytes, what: str
) -> None:
    write(path, content)
    for work in (
        lambda: _edit.read(str(path)),
        lambda: _edit.edit(str(path), activate_b),
    ):
        with pytest.raises(ConfigFileError) as caught:
            work()
        assert str(caught.value) == str(path) + what
    assert path.read_bytes() == content


def test_nothing_is_written_where_nothing_changes(path: Path) -> None:
    write(path, WRITTEN + b"\n")
    before = path.stat()
    edit = _edit.edit(str(path), lambda document: "result")
    after = path.stat()
    assert not edit.changed and edit.result == "result" and edit.backup_file is None
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_check_mode_tells_and_writes_nothing(path: Path) -> None:
    edit = _edit.edit(str(path), activate_b, check_mode=True)
    assert edit.changed and edit.after["current"] == "b" and edit.before == EMPTY
    assert os.listdir(str(path.parent)) == []


def test_a_change_that_raises_leaves_the_file(path: Path) -> None:
    write(path, WRITTEN)

    def fail(document: Dict[str, Any]) -> None:
        document.clear()
        raise ConfigFileError("no")

    with pytest.raises(ConfigFileError):
        _edit.edit(str(path), fail)
    assert path.read_bytes() == WRITTEN


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    write(target, WRITTEN)
    link.symlink_to(target)
    assert _edit.edit(str(link), activate_b).path == str(target)
    assert link.is_symlink()
    assert _edit.read(str(target)).document["current"] == "b"


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "nowhere")
    folder = tmp_path / ".aliyun"
    folder.symlink_to(tmp_path / "nowhere" / ".aliyun")
    file = tmp_path / "file"
    write(file, b"{}")
    pipe = tmp_path / "pipe"
    os.mkfifo(str(pipe))
    cases = {
        Path("/dev/null"): "/dev/null is not a file",
        pipe: "{0} is not a file".format(pipe),
        link: "{0} is a symbolic link to {1}/nowhere, which does not exist".format(link, tmp_path),
        folder
        / "config.json": "{0} is a symbolic link to {1}/nowhere/.aliyun, which does not exist".format(
            folder, tmp_path
        ),
        tmp_path: "{0} is a directory".format(tmp_path),
        tmp_path
        / "home"
        / ".aliyun"
        / "config.json": "the home {0}/home does not exist: create it or set config_path".format(
            tmp_path
        ),
        file
        / "config.json": (
            "{0}/config.json was left unchanged: a part of the path is not a directory"
        ).format(file),
    }
    for path, sentence in cases.items():
        with pytest.raises(ConfigFileError) as caught:
            _edit.edit(str(path), activate_b)
        assert str(caught.value) == sentence


def test_a_path_with_a_nul_byte_is_refused() -> None:
    for work in (_edit.read, _edit.read_for_credentials, lambda path: _edit.edit(path, print)):
        with pytest.raises(ConfigFileError, match="config_path contains a NUL byte"):
            work("/tmp/a\0b")


def test_the_home_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = "~no-such-user/.aliyun/config.json"
    for work in (
        lambda: _edit.read(path),
        lambda: _edit.edit(path, activate_b),
        lambda: _edit.edit(path, activate_b, check_mode=True),
    ):
        with pytest.raises(ConfigFileError) as caught:
            work()
        assert (
            str(caught.value)
            == path
            + " begins with the home of a user who does not exist: create the user or correct the path"
        )
    assert os.listdir(str(tmp_path)) == []


def test_default_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/of the user")
    assert _edit.find_default_path() == "/home/of the user/.aliyun/config.json"
    monkeypatch.delenv("HOME")
    assert _edit.find_default_path() == os.path.expanduser("~/.aliyun/config.json")


def test_default_path_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 3999999999)
    with pytest.raises(NoHomeError) as caught:
        _edit.find_default_path()
    assert str(caught.value) == (
        "there is no default config file, since HOME is not set and user ID 3999999999 is not in the user database: set"
        " config_path"
    )


def test_a_pipe_or_a_huge_file_in_place_of_the_file_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, b"{}")
    real = fcntl.flock

    def flock(fd: int, operation: int) -> None:
        real(fd, operation)
        if path.is_file():
            path.unlink()
            os.mkfifo(str(path))

    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", flock)
        with pytest.raises(ConfigFileError) as caught:
            _edit.edit(str(path), activate_b)
    assert str(caught.value) == "{0} was left unchanged: it is not a regular file".format(path)
    path.unlink()
    with path.open("wb") as file:
        file.truncate(3 * 2**30)
    for work, what in (
        (lambda: _edit.read(str(path)), "cannot be read"),
        (lambda: _edit.edit(str(path), activate_b), "was left unchanged"),
    ):
        with pytest.raises(ConfigFileError) as caught:
            work()
        assert str(caught.value) == "{0} {1}: it is larger than 16777216 bytes".format(path, what)


LOCALE = """
import json, locale, sys
locale.setlocale(locale.LC_ALL, "")
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit
path = json.loads(sys.argv[1])
found = [edit.edit(path, lambda document: document.update(current="b"), backup=True), edit.read(path)]
try:
    edit.read(path + "/x")
except edit.ConfigFileError as error:
    found.append([str(error)])
print(json.dumps([list(entry) for entry in found]))
"""


def test_a_path_of_any_letters_in_the_locale_c(tmp_path: Path) -> None:
    path = str(tmp_path / "höme" / "ü.json")
    environ = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    command = [sys.executable, "-c", LOCALE, json.dumps(path)]
    edited, found, error = json.loads(subprocess.check_output(command, env=environ).decode("ascii"))
    assert edited[0] == found[0] == path and found[3] is True
    assert error == ["{0}/x cannot be read: a part of the path is not a directory".format(path)]
    assert json.loads((tmp_path / "höme" / "ü.json").read_text())["current"] == "b"
