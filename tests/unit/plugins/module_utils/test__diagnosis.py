# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code that STS documents has an advice, and an error names what is needed to mend it."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _chain, _diagnosis
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError

HOP = _chain.make_hop({"ram_role_arn": "acs:ram::1000000000000001:role/hub"})

CODES = [
    ("InvalidAccessKeyId.NotFound", "STS does not know the ID"),
    ("InvalidAccessKeyId.Inactive", "disabled"),
    ("InvalidSecurityToken.Expired", "has expired"),
    ("InvalidSecurityToken.Malformed", "not complete"),
    ("InvalidSecurityToken.MismatchWithAccessKey", "another access key ID"),
    ("MissingSecurityToken", "needs its security token"),
    ("SignatureDoesNotMatch", "check access_key_secret"),
    ("IncompleteSignature", "please report"),
    ("SignatureNonceUsed", "twice"),
    ("InvalidTimeStamp.Expired", "set the clock"),
    ("InvalidTimeStamp.Format", "please report"),
    ("MissingParameter", "please report"),
    ("MissingParameter.RoleArn", "please report"),
    ("MissingRoleArn", "ram_role_arn"),
    ("MissingRoleSessionName", "role_session_name"),
    ("InvalidParameter.DurationSeconds", "maximum session duration of the role"),
    ("InvalidParameter.RoleArn", "ram_role_arn"),
    ("InvalidParameter.RoleSessionName", "role_session_name"),
    ("InvalidParameter.ExternalId", "external_id"),
    ("InvalidParameter.PolicyGrammar", "grammar"),
    ("InvalidParameter.PolicySize", "too long"),
    ("InvalidParameter.SerialNumber", "multi-factor"),
    ("InvalidParameter.TokenCode", "multi-factor"),
    ("InvalidParameter.ContentType", "please report"),
    ("NoPermission", "trust policy"),
    ("EntityNotExist.Role", "role name"),
    ("InvalidAction.NotFound", "not STS"),
    ("InvalidVersion", "not STS"),
    ("Throttling", "fewer forks"),
    ("Throttling.User", "fewer forks"),
    ("InternalError", "later"),
    ("AuthenticationFail.NoPermission", "oidc_provider_arn"),
    ("AuthenticationFail.OIDCToken.Expired", "expired"),
    ("AuthenticationFail.OIDCToken.AudienceNotMatch", "audience"),
    ("AuthenticationFail.OIDCToken.Invalid", "no valid OIDC token"),
    ("AuthenticationFail.OIDCToken.InvalidSignature", "signature"),
    ("Answer", "not STS"),
    ("Connection", "network"),
    ("Proxy", "HTTPS_PROXY"),
    ("Timeout", "network"),
    ("TLS", "ca_bundle"),
]


@pytest.mark.parametrize("code, words", CODES)
def test_advice(code, words):
    assert words in _diagnosis.advise(code, HOP)


@pytest.mark.parametrize("code", ["Unheard", "Unheard.Of", "NoPermissionAtAll"])
def test_no_advice_for_an_unknown_code(code):
    assert _diagnosis.advise(code, HOP) == ""


@pytest.mark.parametrize("external_id, words", [("", "none is given"), ("abcd1234", "it is given")])
def test_three_causes_of_no_permission(external_id, words):
    advice = _diagnosis.advise("NoPermission", HOP._replace(external_id=external_id))
    for cause in (
        "may call sts:AssumeRole",
        "trust policy of the role names the caller",
        "external_id",
        words,
    ):
        assert cause in advice
    assert not external_id or external_id not in advice


def test_explained():
    error = StsError(
        "sts.aliyuncs.com refused the call",
        code="EntityNotExist.Role",
        http_status=404,
        request_id="R-1",
    )
    told = _diagnosis.explain(
        error, "hop 2 of 3: AssumeRole of X", "Y", "https://sts.aliyuncs.com", HOP
    )
    assert str(told) == (
        "hop 2 of 3: AssumeRole of X, called by Y at sts.aliyuncs.com: sts.aliyuncs.com refused the call"
        " (EntityNotExist.Role, HTTP status 404, request ID R-1);"
        " check the account ID and the role name in ram_role_arn"
    )
    assert (told.code, told.http_status, told.request_id) == ("EntityNotExist.Role", 404, "R-1")
