# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module assume_role without calls."""

import json
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.modules import assume_role

SOURCE = {
    "mode": "AK",
    "access_key_id": "LTAI5tEXAMPLE",
    "access_key_secret": "hidden-1",
    "region": "cn-hangzhou",
}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_secret_that_was_given_is_returned_whole(run: Any, check_mode: bool) -> None:
    result = run(assume_role.main, check_mode, source=SOURCE)
    assert result["changed"] is False
    assert result["credentials"] == {
        "access_key_id": "LTAI5tEXAMPLE",
        "access_key_secret": "hidden-1",
        "security_token": "",
        "expiration": "",
        "assumed_role_arn": "",
        "account_id": "",
        "profile": "",
        "region": "cn-hangzhou",
    }
    assert not result["invocation"]
    assert "hidden" not in "".join(run.logged)


def test_credentials_as_variables(run: Any) -> None:
    result = run(assume_role.main, source=SOURCE, format="environment")
    assert result["credentials"]["ALICLOUD_SECRET_KEY"] == "hidden-1"
    assert "ALIBABA_CLOUD_SECURITY_TOKEN" not in result["credentials"]


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"profile": "nobody"}, "the profile 'nobody' does not exist"),
        ({"profile": "nobody", "min_lifetime": 1}, "min_lifetime is for the cache"),
        ({"profile": "nobody", "renew": True}, "renew is for the cache"),
        ({"profile": "nobody", "cache_url": "redis://:hidden@a/"}, "cache_url is for the cache"),
        ({"source": dict(SOURCE, mode="BearerToken")}, "is not used by mode BearerToken"),
        ({"profile": "a", "source": SOURCE}, "cannot be combined"),
        ({"source": dict(SOURCE, access_key_secret="hidden 2")}, "access_key_secret must be"),
    ],
)
def test_failures_show_no_secret(run: Any, options: Any, sentence: str) -> None:
    result = run(assume_role.main, **options)
    assert result["failed"] and sentence in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)
