# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import json
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _http_options
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Limits
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import verify

SPEC = _http_options.make_http_argument_spec()
OPTIONS = dict({name: option.get("default") for name, option in SPEC.items()}, allow_process=False)


def ignore(text: str) -> None:
    """Show no warning."""


def test_defaults_are_those_of_the_limits() -> None:
    assert {name: SPEC[name]["default"] for name in Limits._fields} == Limits()._asdict()


def test_problem_of_a_profile_is_returned(tmp_path: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"current": "a", "profiles": [{"name": "a", "mode": "AK", "region_id": "r"}]}')
    found = verify.verify(str(path), ["a", "b"], OPTIONS, expected={}, warn=ignore)
    assert "access_key_id" in found["a"]["problem"] and "'b'" in found["b"]["problem"]
    assert found["a"]["arn"] == found["a"]["account_id"] == found["a"]["expiration"] == ""


def test_options_that_cannot_be_used(tmp_path: Any) -> None:
    with pytest.raises(ProfileError, match="max_time"):
        verify.verify(str(tmp_path), ["a"], dict(OPTIONS, max_time=0), expected={}, warn=ignore)


def test_profiles_without_an_identity_are_left_out() -> None:
    profiles = [{"name": mode, "mode": mode} for mode in ("Anonymous", "BearerToken", "OAuth")]
    result = {"profiles": profiles, "config_path": "/none"}
    assert verify.verify_declared(result, OPTIONS, expected={}) == {
        "identities": {},
        "warnings": [],
    }


def test_warning_on_credentials_follows_those_of_the_edit(tmp_path: Any) -> None:
    path = tmp_path / "config.json"
    printed = {"mode": "StsToken", "access_key_id": "i", "access_key_secret": "s", "sts_token": "t"}
    command = tmp_path / "command"
    command.write_text(
        "#!/bin/sh\necho '{0}'\n".format(json.dumps(dict(printed, expiration="late")))
    )
    command.chmod(0o700)
    external = {"name": "a", "mode": "External", "process_command": str(command)}
    external.update(region_id="cn-hangzhou", sts_endpoint="http://127.0.0.1:9")
    path.write_text(json.dumps({"current": "a", "profiles": [external]}))
    result = {"profiles": [external], "config_path": str(path), "warnings": ["first"]}
    options = dict(OPTIONS, allow_process=True, retries=0)
    first, second = verify.verify_declared(result, options, expected={})["warnings"]
    assert first == "first" and "expiration" in second


@pytest.mark.parametrize("mode", ["CloudSSO", "OAuth", "Anonymous"])
def test_account_that_nothing_checks_is_an_error(mode: str) -> None:
    result = {"profiles": [{"name": "a", "mode": mode}], "config_path": "/none"}
    found = verify.verify_declared(result, OPTIONS, expected={"a": "1"})
    assert found["failed"] and "remove it from expected_account_ids" in found["msg"]


def test_variables_for_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.setenv(name, "value of " + name)
    found = verify.list_environment()
    assert found["https_proxy"] == "value of https_proxy" and "HTTPS_PROXY" in found
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET" not in found
