# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the common code of the modules that write profiles: the result, reports, and unchanged content."""

import json
import os
import subprocess
import sys
from typing import Any, Dict, List, Set

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.edited import (
    AK,
    DEFAULTS,
    KEY,
    put,
    read,
    write,
)


@pytest.fixture(name="path")
def fixture_path(home_path: str) -> str:
    """Return a file that does not exist yet."""
    return home_path


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
    result = _apply.apply(DEFAULTS, lambda document: {}, check_mode=True)
    assert result["config_path"] == path


def test_a_file_that_is_not_there_is_not_made_to_hold_nothing(path: str) -> None:
    result = put(path, creates=False)
    assert (result["changed"], result["current"], result["repairs"]) == (False, "", [])
    assert result["diff"]["before"] == result["diff"]["after"] == ""
    assert not os.path.exists(os.path.dirname(path))


def test_backup(path: str) -> None:
    before = write(path, AK)
    params = dict(DEFAULTS, config_path=path, backup=True)
    assert "backup_file" not in _apply.apply(params, lambda document: {}, check_mode=False)

    def change(document: Dict[str, Any]) -> Dict[str, Any]:
        _profiles.put(document, [{"name": "a", "region": "cn-beijing"}])
        return {}

    result = _apply.apply(params, change, check_mode=False)
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
        "current names the profile 'gone', which does not exist, so the CLI does not start",
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


LOADED = """
import json, sys
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils import edited
edited.put(sys.argv[1], **json.loads(sys.argv[2]))
package = "ansible_collections.aliyun.cli.plugins.module_utils."
print(json.dumps([name[len(package):] for name in sys.modules if name.startswith(package)]))
"""


def test_what_only_a_change_needs_is_loaded_by_a_change(path: str) -> None:
    write(path, AK)

    def loaded(**options: Any) -> Set[str]:
        command = [sys.executable, "-c", LOADED, path, json.dumps(dict(options, name="a"))]
        environ = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), PYTHONIOENCODING="utf-8")
        return set(json.loads(subprocess.check_output(command, env=environ).decode("utf-8")))

    unchanged = loaded(region=AK["region_id"])
    assert unchanged == {
        "_config_file",
        "_config_file.control",
        "_config_file.edit",
        "_config_file.go_json",
        "_errors",
        "_files",
        "_modes",
        "_profiles",
        "_profiles.apply",
        "_profiles.profiles",
        "_profiles.repair",
        "_rows",
        "_rules",
        "_text",
    }
    predicted = loaded(region="cn-beijing", check_mode=True)
    assert predicted - unchanged == {"_as_user", "_config_file.ownership"}
    assert loaded(region="cn-beijing") - predicted == {"_config_file.lock", "_config_file.write"}
    os.chmod(path, 0o644)
    assert loaded() == predicted | {"_config_file.lock"}


def test_old_credentials_that_are_not_imported_any_more_are_told(path: str) -> None:
    home = os.path.dirname(os.path.dirname(path))
    os.makedirs(os.path.join(home, ".aliyuncli"))
    legacy = os.path.join(home, ".aliyuncli", "credentials")
    with open(legacy, "w", encoding="utf-8") as file:
        file.write("[default]\n")
    told = "the CLI no longer imports {0}, since {1} exists: add its keys as profiles"
    options: Dict[str, Any] = dict({"name": "a", "mode": "AK", "region": "cn-hangzhou"}, **KEY)
    for check_mode in (True, False):
        done = put(path, check_mode=check_mode, **options)
        assert done["warnings"] == [told.format(legacy, path)]
    assert "warnings" not in put(path, **options)
    options["region"] = "cn-beijing"
    assert "warnings" not in put(path, **options)


def test_key_that_the_cli_cannot_use_is_told_once(path: str) -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nhidden\n-----END RSA PRIVATE KEY-----\n"
    options: Dict[str, Any] = {"name": "a", "mode": "RsaKeyPair", "key_pair_name": "k"}
    options["private_key"] = pem
    done = put(path, region="cn-hangzhou", **options)
    assert len(done["warnings"]) == 2 and "hidden" not in str(done["warnings"])
    assert "warnings" not in put(path, region="cn-beijing", **options)


def test_an_edit_scans_the_profiles_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans take most of the time of an edit of a large file."""
    write(path, AK)
    real = _go_json.scan
    calls: List[int] = []

    def scan(profiles: List[Dict[str, Any]]) -> _go_json.Scan:
        calls.append(len(profiles))
        return real(profiles)

    monkeypatch.setattr(_go_json, "scan", scan)
    assert put(path, name="b", mode="Anonymous", region="cn-hangzhou")["changed"]
    assert calls == [1]
