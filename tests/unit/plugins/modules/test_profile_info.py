# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module profile_info, which reports any content and never fails."""

import json
import os
from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.modules import profile_info

KEY = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "SECRET-1"}
AK = dict({"name": "a", "mode": "AK", "region_id": "x"}, **KEY)


@pytest.fixture(name="path")
def path_fixture(tmp_path: Any) -> str:
    """Return the default path of the home of the tests."""
    return str(tmp_path / ".aliyun" / "config.json")


def write(path: str, content: Any) -> None:
    """Write a file, as JSON unless it is given as bytes."""
    os.mkdir(os.path.dirname(path), 0o700)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content if isinstance(content, bytes) else json.dumps(content).encode("utf-8"))


def info(run: Any, **options: Any) -> Dict[str, Any]:
    """Return the result of the module, which has touched nothing and shows no secret."""
    result: Dict[str, Any] = run(profile_info.main, **options)
    assert result.pop("changed") is False
    result.pop("invocation")
    assert "SECRET" not in json.dumps(result) + "".join(run.logged)
    return result


@pytest.mark.parametrize("check_mode", [True, False])
def test_no_file(run: Any, path: str, check_mode: bool) -> None:
    assert info(run, check_mode=check_mode) == {
        "profiles": [],
        "current": "",
        "problems": [],
        "config_path": path,
        "exists": False,
    }
    assert not os.path.exists(os.path.dirname(path))


def test_profiles(run: Any, path: str) -> None:
    chained = {"mode": "ChainableRamRoleArn", "ram_role_arn": "acs:ram::1:role/a"}
    chained.update(ram_session_name="alice", region_id="x")
    first = dict(chained, name="c", source_profile="b")
    second = dict(chained, name="b", source_profile="a", mystery="SECRET-2")
    write(path, {"current": "c", "profiles": [first, second, AK], "meta_path": ""})
    result = info(run)
    assert (result["current"], result["problems"], result["exists"]) == ("c", [], True)
    assert [profile["chain"] for profile in result["profiles"]] == [
        ["a", "b", "c"],
        ["a", "b"],
        ["a"],
    ]
    assert result["profiles"][1]["other_keys"] == ["mystery"]
    assert result["profiles"][2] == {
        "name": "a",
        "mode": "AK",
        "access_key_id": "***PLE",
        "access_key_secret": "***",
        "region": "x",
        "chain": ["a"],
        "problems": [],
        "other_keys": [],
    }
    some = info(run, names=["c", "no", "a"])
    assert [profile["name"] for profile in some["profiles"]] == ["c", "a"]
    assert info(run, names=[])["profiles"] == []


def test_problems(run: Any, path: str) -> None:
    chained = {"mode": "ChainableRamRoleArn", "ram_role_arn": "acs:ram::1:role/a"}
    chained.update(ram_session_name="alice", region_id="x")
    profiles = [
        {"name": "default", "mode": ""},
        dict(AK, mode="ak", region_id=""),
        dict(chained, name="b", source_profile="no"),
        dict(chained, name="c", source_profile="c", expired_seconds=["SECRET-3"]),
        {"name": "d", "mode": "Future"},
    ]
    write(path, {"current": "gone", "profiles": profiles, "meta_path": ""})
    os.chmod(path, 0o644)
    os.chmod(os.path.dirname(path), 0o755)
    before = os.stat(path)
    result = info(run)
    after = os.stat(path)
    # Reading changes the time of the last access.
    assert (after.st_mode, after.st_ino, after.st_ctime_ns) == (
        before.st_mode,
        before.st_ino,
        before.st_ctime_ns,
    )
    assert result["current"] == ""
    assert result["problems"] == [
        "{0} can be read by others".format(path),
        "{0} can be read by others".format(os.path.dirname(path)),
        "profile 'a': mode 'ak' must be spelled 'AK'",
        "the placeholder profile 'default' is not needed, and the CLI can fall back to it",
        "current names the profile 'gone', which does not exist, so the CLI does not start",
    ]
    assert {profile["name"]: profile["problems"] for profile in result["profiles"]} == {
        "a": ["mode AK requires region"],
        "b": ["can not load the source profile: no (profile 'b')"],
        "c": [
            "expired_seconds is not of type int, so the CLI does not start",
            "the source profiles form a cycle: c -> c",
        ],
        "d": ["the mode Future is not known"],
    }
    assert all(profile["chain"] == [] for profile in result["profiles"][1:3])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b'{\n\t"current": "SECRET",\n\t"profiles": [}\n',
            "{0}, line 3, column 15: not valid JSON: Expecting value",
        ),
        (b'{"current": NaN}', None),
        (b"\xff\xfe", None),
        (b"[" * 100000, None),
        (b"[]", None),
        (b'{"profiles": [1]}', None),
        (b'{"profiles": [{"name": 1}]}', None),
    ],
)
def test_what_is_not_understood_is_reported(
    run: Any, path: str, content: bytes, problem: Any
) -> None:
    write(path, content)
    result = info(run)
    assert (result["profiles"], result["exists"]) == ([], True)
    assert len(result["problems"]) == 1 and path in result["problems"][0]
    if problem:
        assert result["problems"] == [problem.format(path)]


@pytest.mark.parametrize("kind", ["directory", "dangling", "loop", "below a file"])
def test_what_cannot_be_read_is_reported(run: Any, path: str, kind: str) -> None:
    os.mkdir(os.path.dirname(path))
    if kind == "directory":
        os.mkdir(path)
    elif kind == "dangling":
        os.symlink(path + ".gone", path)
    elif kind == "loop":
        os.symlink(path, path)
    else:
        os.rmdir(os.path.dirname(path))
        with open(os.path.dirname(path), "wb"):
            pass
    result = info(run)
    assert (result["profiles"], result["exists"]) == ([], kind == "directory")
    assert len(result["problems"]) == 1 and path in result["problems"][0]
    assert "was left" not in result["problems"][0]


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"{}", b'{"profiles": null}', b'\xef\xbb\xbf{"current": "", "profiles": []}'],
)
def test_a_file_without_profiles(run: Any, path: str, content: bytes) -> None:
    write(path, content)
    result = info(run)
    assert (result["profiles"], result["current"], result["exists"]) == ([], "", True)
