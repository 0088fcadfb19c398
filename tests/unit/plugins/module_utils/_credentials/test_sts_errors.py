# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the message for every documented error of STS, and for errors of this collection."""

import json
import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    sts_errors as _sts_errors,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    Scripted,
    answer,
    assumed,
    refused,
)

# The documented errors: HTTP status, code and message of the server.
with open(os.path.join(os.path.dirname(__file__), "sts_errors.json"), encoding="utf-8") as _file:
    ERRORS = json.load(_file)
HUB = "acs:ram::1000000000000001:role/hub"
SPOKE = "acs:ram::1000000000000002:role/spoke"
KEY = {
    "name": "deploy",
    "mode": "AK",
    "access_key_id": "LTAI5tEXAMPLE",
    "access_key_secret": "hidden-key",
}
OIDC = {
    "name": "ci",
    "mode": "OIDC",
    "oidc_provider_arn": "acs:ram::1000000000000001:oidc-provider/ci",
    "ram_role_arn": HUB,
    "ram_session_name": "ci",
    "expired_seconds": 7200,
}
REPORT = "this looks like a fault of this collection or of something between it and STS: please report it"
NOT_STS = "check sts_endpoint: what answers there is not STS"
NO_DETAILS = "check sts_endpoint, and proxies on the way: what answers there is not STS"
MFA = "the caller needs multi-factor authentication, which cannot be given here"
TOKEN = "check where the credentials come from: the security token "
NETWORK = (
    "check the network, sts_endpoint and sts_region; inside a VPC, sts-vpc.<region>.aliyuncs.com"
)
NO_PERMISSION = (
    "this has one of three causes, so check that the caller, "
    + HUB
    + ", may call sts:AssumeRole on the role and is not"
    " the root of an account; that the trust policy of the role names the caller; and that external_id, of which none is"
    " given, is what the trust policy asks for"
)
# What the sentence ends with for each documented code.
ADVICE = {
    "InvalidAccessKeyId.NotFound": "check access_key_id: STS does not know the ID",
    "InvalidAccessKeyId.Inactive": "check access_key_id: the access key is disabled; enable it or use another one",
    "InvalidSecurityToken.Expired": TOKEN + "has expired",
    "InvalidSecurityToken.Malformed": TOKEN + "is not complete",
    "InvalidSecurityToken.MismatchWithAccessKey": TOKEN + "belongs to another access key ID",
    "MissingSecurityToken": "check where the credentials come from: an access key ID that begins with STS. needs its"
    " security token",
    "SignatureDoesNotMatch": "check access_key_secret: it does not belong to the access key ID",
    "IncompleteSignature": REPORT,
    "SignatureNonceUsed": "something between here and STS sends requests twice, such as a proxy",
    "InvalidTimeStamp.Expired": "the clock of this machine is more than 15 minutes off, and the time in the answer of"
    " STS did not help to correct that: set the clock",
    "InvalidTimeStamp.Format": REPORT,
    "MissingParameter": REPORT,
    "MissingRoleArn": "ram_role_arn is missing",
    "MissingRoleSessionName": "role_session_name is missing",
    "InvalidParameter.DurationSeconds": "check expired_seconds (7200): it must be at least 900, and at most the maximum"
    " session duration of the role",
    "InvalidParameter.RoleArn": "the value of ram_role_arn does not have the documented form",
    "InvalidParameter.RoleSessionName": "the value of role_session_name does not have the documented form",
    "InvalidParameter.ExternalId": "the value of external_id does not have the documented form",
    "InvalidParameter.PolicyGrammar": "check the grammar of policy",
    "InvalidParameter.PolicySize": "policy is too long: at most 2048 characters",
    "InvalidParameter.SerialNumber": MFA,
    "InvalidParameter.TokenCode": MFA,
    "InvalidParameter.ContentType": REPORT,
    "NoPermission": NO_PERMISSION,
    "EntityNotExist.Role": "check the account ID and the role name in ram_role_arn",
    "InvalidAction.NotFound": NOT_STS,
    "InvalidVersion": NOT_STS,
    "Throttling.User": "too many calls: use fewer forks, or assume the role once for all hosts",
    "InternalError": "STS failed: try again later",
    "AuthenticationFail.NoPermission": "check oidc_provider_arn, and that the trust policy of the role names the"
    " provider",
    "AuthenticationFail.OIDCToken.Expired": "the OIDC token has expired: check that whoever writes oidc_token_file"
    " renews it",
    "AuthenticationFail.OIDCToken.AudienceNotMatch": "the audience of the OIDC token is none of the client IDs of the"
    " provider: check for whom the token is issued",
    "AuthenticationFail.OIDCToken.Invalid": "oidc_token_file holds no valid OIDC token",
    "AuthenticationFail.OIDCToken.InvalidSignature": "the signature of the OIDC token does not fit: check that the"
    " provider is the one that issued it",
}
CASES = [
    (code, row["http"], row["message"])
    for row in ERRORS
    for code in row["code"]
    .replace("/ .", "/ {0}.".format(row["code"].partition(".")[0]))
    .split(" / ")
]
IDS = ["{0}-{1}".format(number, case[0]) for number, case in enumerate(CASES, 1)]


def sentence(chain, *answers):
    """Return the message for a chain if STS returns this error."""
    with pytest.raises(StsError) as caught:
        Resolver(Scripted(*answers), environ={}).resolve(chain)
    assert "hidden" not in str(caught.value)
    return str(caught.value)


def three_hops(**second):
    hops = [
        {"ram_role_arn": HUB},
        dict({"ram_role_arn": SPOKE, "sts_region": "cn-hangzhou"}, **second),
        {"ram_role_arn": HUB},
    ]
    return _chain.extend(_chain.from_profile([KEY], "deploy"), hops)


def test_all_documented_errors_are_here():
    assert len(ERRORS) == 36
    assert {case[0] for case in CASES} == set(ADVICE)


@pytest.mark.parametrize("code, status, message", CASES, ids=IDS)
def test_hop_that_is_refused(code, status, message):
    answers = [refused(code, status, message + " hidden")] * 9
    chain = three_hops(expired_seconds=7200)
    assert sentence(chain, assumed(HUB), *answers) == (
        "hop 2 of 3: AssumeRole of {0}, called by {1} at sts.cn-hangzhou.aliyuncs.com: the call is refused ({2}, HTTP"
        " status {3}, request ID R-1); {4}".format(SPOKE, HUB, code, status, ADVICE[code])
    )


@pytest.mark.parametrize("code, status, message", CASES, ids=IDS)
def test_oidc_token_that_is_refused(tmp_path, code, status, message):
    (tmp_path / "token").write_text("hidden.oidc.token")
    path = str(tmp_path / "token")
    chain = _chain.from_profile([dict(OIDC, oidc_token_file=path)], "ci")
    answers = [refused(code, status, message + " hidden")] * 9
    advice = "check what the caller is allowed to do" if code == "NoPermission" else ADVICE[code]
    assert sentence(chain, *answers) == (
        "source of mode OIDC (profile 'ci'): AssumeRoleWithOIDC of {0}, called by the token in {1} at"
        " sts.aliyuncs.com: the call is refused ({2}, HTTP status {3}, request ID R-1); {4}".format(
            HUB, path, code, status, advice
        )
    )


@pytest.mark.parametrize(
    "given, words", [({}, "none is"), ({"external_id": "hidden-id"}, "one is")]
)
def test_three_causes_of_no_permission(given, words):
    detail = {
        "NoPermissionType": "ImplicitDeny",
        "PolicyType": "AssumeRolePolicy",
        "EncodedDiagnosticMessage": "hidden",
    }
    answers = (assumed(HUB), refused("NoPermission", 403, AccessDeniedDetail=detail))
    told = sentence(three_hops(**given), *answers)
    assert (
        ": the call is refused by ImplicitDeny of AssumeRolePolicy (NoPermission, HTTP status 403, request ID R-1); "
        + NO_PERMISSION.replace("none is", words)
    ) in told


@pytest.mark.parametrize("detail", [None, [], "hidden", {"PolicyType": "hidden policy type"}])
def test_details_that_are_none(detail):
    answers = (assumed(HUB), refused("NoPermission", 403, AccessDeniedDetail=detail))
    assert ": the call is refused (NoPermission, " in sentence(three_hops(), *answers)


@pytest.mark.parametrize("code", ["Unheard", "Unheard.Of", "NoPermissionAtAll"])
def test_unknown_code_is_shown_as_it_is(code):
    told = sentence(three_hops(), refused(code, 418))
    assert told == (
        "hop 1 of 3: AssumeRole of {0}, called by access key ***PLE of profile 'deploy' at sts.aliyuncs.com: the call"
        " is refused ({1}, HTTP status 418, request ID R-1)".format(HUB, code)
    )


@pytest.mark.parametrize("code", ["hidden code", "hidden" * 20, "", None, 7, ["hidden"]])
def test_code_that_is_none_is_not_shown(code):
    told = sentence(three_hops(), answer({"Code": code, "RequestId": "hidden id"}, 400))
    assert told.endswith("the call is refused (HTTP status 400); " + NO_DETAILS)


@pytest.mark.parametrize(
    "given, ending",
    [
        (answer("<html>hidden"), "the answer is not readable (HTTP status 200); " + NO_DETAILS),
        (answer("[" * 100000), "the answer is not readable (HTTP status 200); " + NO_DETAILS),
        (answer({}), "the answer holds no credentials (HTTP status 200); " + NO_DETAILS),
        (answer("hidden", 302), "the call is refused (HTTP status 302); " + NO_DETAILS),
        (
            answer("hidden", 403, x_acs_request_id="R-2"),
            "the call is refused (HTTP status 403, request ID R-2); " + NO_DETAILS,
        ),
        (StsError("no connection to x", code="Connection"), "no connection to x; " + NETWORK),
        (StsError("x did not answer", code="Timeout"), "x did not answer; " + NETWORK),
        (
            StsError("the proxy refuses", code="Proxy"),
            "the proxy refuses; check HTTPS_PROXY and NO_PROXY",
        ),
        (
            StsError("no TLS", code="TLS"),
            "no TLS; check ca_bundle and the clock of this machine, and whether a proxy opens the connection",
        ),
        (
            StsError("no request", code="Request"),
            "no request; check sts_endpoint and HTTPS_PROXY, and that the credentials are complete",
        ),
    ],
)
def test_no_answer_of_sts(given, ending):
    assert sentence(three_hops(), *[given] * 9) == (
        "hop 1 of 3: AssumeRole of {0}, called by access key ***PLE of profile 'deploy' at sts.aliyuncs.com: {1}".format(
            HUB, ending
        )
    )


def test_caller_identity_that_is_refused():
    resolver = Resolver(Scripted(refused("NoPermission", 403)), environ={})
    with pytest.raises(StsError) as caught:
        resolver.get_caller_identity(_chain.from_profile([KEY], "deploy"))
    assert str(caught.value) == (
        "GetCallerIdentity, called by access key ***PLE of profile 'deploy' at sts.aliyuncs.com: the call is refused"
        " (NoPermission, HTTP status 403, request ID R-1); check what the caller is allowed to do"
    )


def test_what_is_known_of_an_error_stays():
    error = StsError("x", code="EntityNotExist.Role", http_status=404, request_id="R-1")
    told = _sts_errors.explain(error, "what", "who", "https://sts.aliyuncs.com")
    assert (told.code, told.http_status, told.request_id) == ("EntityNotExist.Role", 404, "R-1")


def test_every_advice_is_a_code_that_can_come():
    ours = set(_sts_errors.list_codes()) - set(ADVICE)
    # The first stands for all codes that begin so. The others are not documented for AssumeRole, but come of the
    # gateway.
    gateway = {
        "Throttling",
        "ServiceUnavailable",
        "InvalidSignatureMethod",
        "UnsupportedHTTPMethod",
    }
    oidc = {"InvalidParameter.OIDCProviderArn", "InvalidParameter.OIDCToken"}
    identity = {"InvalidParameter.SourceIdentity"}
    keys = {
        "EntityNotExist.User",
        "EntityNotExist.User.AccessKey",
        "InvalidParameter.UserName",
        "LimitExceeded.User.AccessKey",
        "MissingUserName",
        "MissingUserPrincipalName",
    }
    assert ours == gateway | oidc | identity | keys | set(_sts_errors.OWN_CODES)
