# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules that write profiles share: the result, the diff, and what they hide."""

import copy
import json
import os
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import (
    _config_file,
    _config_shape,
    _modes,
    _profile_edit,
    _profiles,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

DEFAULTS = {
    name: option.get("default") for name, option in _profile_edit.file_argument_spec().items()
}
KEY = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "do-not-show"}
AK = dict({"name": "a", "mode": "AK"}, region_id="cn-hangzhou", **KEY)


@pytest.fixture(name="path")
def path_fixture(tmp_path: Any) -> str:
    """A file that does not exist yet, in a directory with a space and a letter beyond ASCII in its name."""
    return str(tmp_path / "höme of a" / ".aliyun" / "config.json")


@pytest.fixture(autouse=True)
def home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody's real home."""
    os.mkdir(str(tmp_path / "höme of a"))
    monkeypatch.setenv("HOME", str(tmp_path / "höme of a"))
    yield


def write(path: str, *profiles: Dict[str, Any], **more: Any) -> bytes:
    """Write a file as the CLI does and return what it holds."""
    document = {"current": "a", "profiles": list(profiles), "meta_path": ""}
    content = _config_shape.dumps(dict(document, **more))
    os.makedirs(os.path.dirname(path), 0o700)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    return content


def read(path: str) -> bytes:
    """What the file holds."""
    with open(path, "rb") as file:
        return file.read()


def put(
    path: str, check_mode: bool = False, creates: bool = True, **options: Any
) -> Dict[str, Any]:
    """Put a profile through an edit."""

    def change(document: Dict[str, Any]) -> Dict[str, Any]:
        _profiles.put(document, [options] if options else [])
        return {"more": sorted(options)}

    params = dict(DEFAULTS, config_path=path)
    return _profile_edit.apply(params, change, check_mode=check_mode, creates=creates)


def test_result_of_a_first_profile_predicted_and_done(path: str) -> None:
    options: Dict[str, Any] = dict({"name": "a", "mode": "AK", "region": "cn-hangzhou"}, **KEY)
    predicted = put(path, check_mode=True, **options)
    assert not os.path.exists(os.path.dirname(path))
    done = put(path, **options)
    assert predicted == done
    assert done.pop("diff")["before"] == ""
    assert done == {
        "changed": True,
        "config_path": path,
        "current": "a",
        "repairs": [],
        "more": sorted(options),
    }
    again = put(path, **options)
    assert again["changed"] is False
    assert again["diff"]["before"] == again["diff"]["after"]


def test_the_default_path_is_in_the_home(path: str) -> None:
    result = _profile_edit.apply(DEFAULTS, lambda document: {}, check_mode=True)
    assert result["config_path"] == path


def test_a_file_that_is_not_there_is_not_made_to_hold_nothing(path: str) -> None:
    result = put(path, creates=False)
    assert (result["changed"], result["current"], result["repairs"]) == (False, "", [])
    assert result["diff"]["before"] == result["diff"]["after"] == ""
    assert not os.path.exists(os.path.dirname(path))


def test_backup(path: str) -> None:
    before = write(path, AK)
    params = dict(DEFAULTS, config_path=path, backup=True)
    assert "backup_file" not in _profile_edit.apply(params, lambda document: {}, check_mode=False)

    def change(document: Dict[str, Any]) -> Dict[str, Any]:
        _profiles.put(document, [{"name": "a", "region": "cn-beijing"}])
        return {}

    result = _profile_edit.apply(params, change, check_mode=False)
    assert read(result["backup_file"]) == before
    assert os.stat(result["backup_file"]).st_mode & 0o777 == 0o600


def test_repairs_are_told(path: str) -> None:
    write(path, AK, current="gone")
    os.chmod(path, 0o644)
    predicted = put(path, check_mode=True)
    done = put(path)
    assert predicted == done
    assert done["changed"] and done["current"] == "a"
    assert done["repairs"] == [
        "{0} can be read by others".format(path),
        "current names the profile 'gone', which does not exist, so that the CLI does not start",
    ]
    assert done["diff"]["before"].replace("gone", "a") == done["diff"]["after"]
    assert put(path)["repairs"] == []


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("retry_count", True, 1),
        ("retry_count", 1.0, 1),
        ("retry_count", "1.0", 1),
        ("auto_plugin_install", 1, True),
    ],
)
def test_a_value_that_equals_but_is_of_another_type_is_changed(
    path: str, name: str, wrong: Any, right: Any
) -> None:
    write(path, dict(AK, **{name: wrong}))
    result = put(path, name="a", **{name: right})
    assert result["changed"] and result["diff"]["before"] != result["diff"]["after"]
    stored = json.loads(read(path).decode("utf-8"))["profiles"][0][name]
    assert repr(stored) == repr(right)
    assert not put(path, name="a", **{name: right})["changed"]


def test_a_refused_change_leaves_the_file(path: str) -> None:
    before = write(path, AK, current="gone")
    with pytest.raises(ProfileError):
        put(path, name="a", region="a b")
    assert read(path) == before
    assert os.listdir(os.path.dirname(path)) == ["config.json"]


# --- the diff


def lines(path: str, *profiles: Dict[str, Any], **options: Any) -> Tuple[List[str], List[str]]:
    """The lines that only one side of the diff has, in a file with these profiles."""
    write(path, *profiles)
    diff = put(path, **options)["diff"]
    before, after = (diff[side].splitlines() for side in ("before", "after"))
    return (
        [line.strip("\t,") for line in before if line not in after],
        [line.strip("\t,") for line in after if line not in before],
    )


def test_diff_has_the_shape_of_the_file(path: str) -> None:
    write(path, AK, dict(AK, name="b"), unknown="do-not-show")
    diff = put(path, name="b", region="cn-beijing")["diff"]
    assert diff["before_header"] == diff["after_header"] == path
    shown = dict(AK, name="b", access_key_id="***PLE", access_key_secret="***")
    for side, region in (("before", "cn-hangzhou"), ("after", "cn-beijing")):
        document = {"current": "a", "profiles": [dict(shown, region_id=region)]}
        assert diff[side] == json.dumps(document, indent="\t") + "\n"


def test_a_changed_secret_is_seen_but_not_read(path: str) -> None:
    assert lines(path, AK, name="a", access_key_secret="new") == (
        ['"access_key_secret": "***"'],
        ['"access_key_secret": "*** (changed)"'],
    )


def test_a_set_and_a_removed_secret_are_seen(path: str) -> None:
    role = {"ram_role_arn": "acs:ram::1:role/a", "ram_session_name": "alice"}
    stored = dict(AK, mode="RamRoleArn", **role)
    assert lines(path, stored, name="a", sts_token="do-not-show") == ([], ['"sts_token": "***"'])
    assert put(path, name="a", sts_token="")["diff"]["before"].count('"sts_token": "***"') == 1
    assert "sts_token" not in json.loads(read(path).decode("utf-8"))["profiles"][0]


def test_another_access_key_id_with_the_same_end_is_seen(path: str) -> None:
    assert lines(
        path, AK, name="a", access_key_id="LTAI5tSAMPLE", access_key_secret="do-not-show"
    ) == (
        ['"access_key_id": "***PLE"'],
        ['"access_key_id": "***PLE (changed)"'],
    )


def test_unknown_keys_are_hidden(path: str) -> None:
    stored = dict(AK, mystery={"deep": "do-not-show"})
    assert lines(path, stored, name="a", region="cn-beijing") == (
        ['"region_id": "cn-hangzhou"'],
        ['"region_id": "cn-beijing"'],
    )


def test_a_secret_of_another_mode_is_seen_to_go(path: str) -> None:
    before, after = lines(path, AK, name="a", mode="BearerToken", bearer_token="do-not-show")
    assert '"access_key_secret": "***"' in before
    assert '"bearer_token": "***"' in after


def test_both_of_two_profiles_with_one_name_are_seen(path: str) -> None:
    write(path, AK, dict(AK, region_id="cn-beijing"), AK)
    diff = put(path)["diff"]
    assert [profile["name"] for profile in json.loads(diff["before"])["profiles"]] == ["a", "a"]
    assert [profile["name"] for profile in json.loads(diff["after"])["profiles"]] == ["a-2"]


def test_no_value_of_a_secret_is_in_a_diff(path: str) -> None:
    for mode in _modes.MODES:
        old = {field.key: "do-not-show" for field in _modes.FIELDS if field.secret}
        stored = dict(old, name="a", mode=mode, region_id="x", x="do-not-show", y=["do-not-show"])
        other = {"current": "a", "profiles": [{"name": "a", "mode": "AK"}], "meta_path": ""}
        before = {"current": "a", "profiles": [stored], "meta_path": ""}
        after: Dict[str, Any] = copy.deepcopy(before)
        after["profiles"][0].update({key: value + "!" for key, value in old.items()})
        for pair in ((before, after), (before, other), (other, after)):
            edit = _config_file.Edit(path, True, pair[0], pair[1], [], None, {})
            text = json.dumps(_profile_edit._diff(edit))
            assert "show" not in text and "***" in text
