# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _http_options
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Limits
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import verify

SPEC = _http_options.make_http_argument_spec()
OPTIONS = dict({name: option.get("default") for name, option in SPEC.items()}, allow_process=False)


def test_defaults_are_those_of_the_limits() -> None:
    assert {name: SPEC[name]["default"] for name in Limits._fields} == Limits()._asdict()


def test_problem_of_a_profile_is_returned(tmp_path: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"current": "a", "profiles": [{"name": "a", "mode": "AK", "region_id": "r"}]}')
    found = verify.verify(str(path), ["a", "b"], OPTIONS, expected={})
    assert "access_key_id" in found["a"]["problem"] and "'b'" in found["b"]["problem"]
    assert found["a"]["arn"] == found["a"]["account_id"] == found["a"]["expiration"] == ""


def test_options_that_cannot_be_used(tmp_path: Any) -> None:
    with pytest.raises(ProfileError, match="max_time"):
        verify.verify(str(tmp_path), ["a"], dict(OPTIONS, max_time=0), expected={})


def test_profiles_without_an_identity_are_left_out() -> None:
    profiles = [{"name": mode, "mode": mode} for mode in ("Anonymous", "BearerToken", "OAuth")]
    result = {"profiles": profiles, "config_path": "/none"}
    assert verify.verify_declared(result, OPTIONS, expected={}) == {"identities": {}}


def test_variables_for_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.setenv(name, "value of " + name)
    found = verify.list_environment()
    assert found["https_proxy"] == "value of https_proxy" and "HTTPS_PROXY" in found
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET" not in found
