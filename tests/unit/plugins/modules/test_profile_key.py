# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module profile_key without calls."""

import json
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.modules import profile_key

OPTIONS = {
    "state": "prepared",
    "old_access_key_id": "LTAI5tOLD",
    "new_access_key_id": "LTAI5tNEW",
    "new_access_key_secret": "hidden-1",
}


@pytest.fixture(name="path")
def fixture_path(tmp_path: Any) -> Any:
    profile = {
        "name": "deploy",
        "mode": "AK",
        "access_key_id": "LTAI5tOLD",
        "access_key_secret": "hidden-2",
        "region_id": "cn-hangzhou",
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"current": "deploy", "profiles": [profile]}))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("state", ["prepared", "replaced"])
def test_check_mode_shows_no_secret(run: Any, path: Any, state: str) -> None:
    before = path.read_bytes()
    result = run(profile_key.main, True, config_path=str(path), **dict(OPTIONS, state=state))
    assert result["changed"] and path.read_bytes() == before
    assert "hidden" not in json.dumps(result) + "".join(run.logged)
    (user,) = result["users"]
    assert user["user"] == "" and not user["failed"]
    assert "LTAI5tOLD" not in json.dumps(result["diff"])


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"new_access_key_secret": None}, "state is prepared but all of the following are missing"),
        ({"new_access_key_id": "LTAI5tOLD"}, "old_access_key_id and new_access_key_id must differ"),
        ({"users": ["no-such-user"]}, "user 'no-such-user' does not exist"),
        ({"expected_account_id": "me"}, "expected_account_id must be the ID of an account: digits"),
        ({"retries": -1}, "retries must be 0 to 100"),
    ],
)
def test_failures_show_no_secret(run: Any, path: Any, options: Any, sentence: str) -> None:
    result = run(profile_key.main, **dict(OPTIONS, config_path=str(path), **options))
    assert result["failed"] and sentence in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)


def test_broken_file(run: Any, path: Any) -> None:
    path.write_text("{")
    result = run(profile_key.main, config_path=str(path), **OPTIONS)
    assert result["failed"] and "not valid JSON" in result["msg"]
    assert result["users"][0]["failed"] and path.read_text() == "{"
