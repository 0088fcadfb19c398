# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the caller identity of a chain, as the module returns it, and the expected identity."""

from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import (
    Sts,
)
from ansible_collections.aliyun.cli.plugins.modules import caller_identity_info

USER = "acs:ram::1000000000000001:user/deploy"
HUB = "acs:ram::1000000000000001:role/hub"
SOURCE = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "hidden-secret"}


@pytest.fixture(name="callers", autouse=True)
def fixture_callers(monkeypatch: pytest.MonkeyPatch) -> Dict[str, Credentials]:
    """Return the credentials whose caller identity is requested."""
    callers: Dict[str, Credentials] = {}

    def get_caller_identity(_sts: Any, credentials: Credentials, endpoint: str) -> Dict[str, Any]:
        callers[endpoint] = credentials
        return {"AccountId": "1000000000000001", "Arn": USER, "IdentityType": "RAMUser"}

    monkeypatch.setattr(Sts, "get_caller_identity", get_caller_identity)
    return callers


def test_identity_and_chain_of_a_source(run: Any) -> None:
    result = run(caller_identity_info.main, source=SOURCE)
    assert (result["arn"], result["account_id"], result["changed"]) == (
        USER,
        "1000000000000001",
        False,
    )
    assert result["chain"] == {"profile": "", "source": {"mode": "AK", "profile": ""}, "hops": []}
    assert "hidden" not in str(result)


@pytest.mark.parametrize("token, mode", [(None, "AK"), ("", "AK"), ("hidden-token", "StsToken")])
def test_identity_of_given_credentials(
    run: Any, callers: Dict[str, Credentials], token: Any, mode: str
) -> None:
    given = dict(SOURCE, security_token=token)
    result = run(caller_identity_info.main, credentials=given, sts_region="cn-hangzhou")
    assert result["chain"]["source"]["mode"] == mode
    (credentials,) = callers.values()
    assert list(callers) == ["https://sts.cn-hangzhou.aliyuncs.com"]
    assert credentials.security_token == (token or "")


@pytest.mark.parametrize(
    "expected, fails",
    [
        (USER, False),
        ("acs:ram::*:user/deploy", False),
        ("acs:ram::1000000000000001:user/other", True),
        ("acs:ram::1000000000000001:user/*x", True),
    ],
)
def test_expected_arn(run: Any, expected: str, fails: bool) -> None:
    result = run(caller_identity_info.main, source=SOURCE, expected_arn=expected)
    assert bool(result.get("failed")) is fails
    if fails:
        told = "the caller is {0}, and not the expected {1}".format(USER, expected)
        assert (result["msg"], result["arn"]) == (told, USER)


def test_expected_account(run: Any) -> None:
    result = run(caller_identity_info.main, source=SOURCE, expected_account_id="1000000000000002")
    assert result["failed"] and "1000000000000002" in result["msg"]
