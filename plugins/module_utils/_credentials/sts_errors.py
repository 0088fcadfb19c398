# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Advice for the errors of STS. The server's own message is never shown.

The codes are those of STS 2015-04-01 (AssumeRole, AssumeRoleWithOIDC), of the calls for access keys of RAM 2015-05-01
and IMS 2019-08-15, and of the gateway before them.
"""

from typing import Dict, Iterator, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Hop
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse_host

_KEY = "check access_key_id: "
_TOKEN = "check the origin of the credentials: "
_FORM = "the value of {0} does not have the documented form"
_BUG = "this looks like a fault of this collection or of something between it and STS: please report it"

_ADVICE: Dict[str, str] = {
    "AuthenticationFail.NoPermission": "check oidc_provider_arn, and that the trust policy of the role names the"
    " provider",
    "AuthenticationFail.OIDCToken.AudienceNotMatch": "the audience of the OIDC token matches no client ID of the"
    " provider: check the audience of the token",
    "AuthenticationFail.OIDCToken.Expired": "the OIDC token has expired: check that the program that writes"
    " oidc_token_file renews it",
    "AuthenticationFail.OIDCToken.Invalid": "oidc_token_file holds no valid OIDC token",
    "AuthenticationFail.OIDCToken.InvalidSignature": "the signature of the OIDC token is not valid: check that the"
    " provider issued the token",
    "EntityNotExist.User": "check user_name: the account of the caller has no such RAM user",
    "EntityNotExist.User.AccessKey": "check access_key_id and user_name: the user has no such access key",
    "EntityNotExist.Role": "check the account ID and the role name in ram_role_arn",
    "IncompleteSignature": _BUG,
    "InternalError": "STS failed: try again later",
    "ServiceUnavailable": "STS failed: try again later",
    "InvalidAccessKeyId.Inactive": _KEY
    + "the access key is disabled; enable it or use another one",
    "InvalidAccessKeyId.NotFound": _KEY + "STS does not know the ID",
    "InvalidAction.NotFound": "check sts_endpoint: the server there is not STS",
    "InvalidParameter.ContentType": _BUG,
    "InvalidParameter.DurationSeconds": "check expired_seconds ({expired_seconds}): it must be at least 900, and at"
    " most the maximum session duration of the role",
    "InvalidParameter.ExternalId": _FORM.format("external_id"),
    "InvalidParameter.OIDCProviderArn": _FORM.format("oidc_provider_arn"),
    "InvalidParameter.OIDCToken": "oidc_token_file holds no valid OIDC token",
    "InvalidParameter.UserName": "user_name must have 1 to 64 letters, digits, and the characters . _ -",
    "InvalidParameter.PolicyGrammar": "check the grammar of policy",
    "InvalidParameter.PolicySize": "policy is too long: at most 2048 characters",
    "InvalidParameter.RoleArn": _FORM.format("ram_role_arn"),
    "InvalidParameter.RoleSessionName": _FORM.format("role_session_name"),
    "InvalidParameter.SerialNumber": "the caller needs multi-factor authentication, which is not supported",
    "InvalidParameter.SourceIdentity": _FORM.format("source_identity"),
    "InvalidParameter.TokenCode": "the caller needs multi-factor authentication, which is not supported",
    "InvalidSecurityToken.Expired": _TOKEN + "the security token has expired",
    "InvalidSecurityToken.Malformed": _TOKEN + "the security token is not complete",
    "InvalidSecurityToken.MismatchWithAccessKey": _TOKEN
    + "the security token belongs to another access key ID",
    "InvalidSignatureMethod": _BUG,
    "InvalidTimeStamp.Expired": "the clock of this machine is more than 15 minutes off, and the time in the response"
    " of STS did not correct that: set the clock",
    "InvalidTimeStamp.Format": _BUG,
    "InvalidVersion": "check sts_endpoint: the server there is not STS",
    "LimitExceeded.User.AccessKey": "the user has two access keys, which is the limit: delete one first",
    "MissingParameter": _BUG,
    "MissingRoleArn": "ram_role_arn is missing",
    "MissingRoleSessionName": "role_session_name is missing",
    "MissingUserName": "set user_name: the credentials of a role have no access keys",
    "MissingUserPrincipalName": "set user_name: the credentials of a role have no access keys",
    "MissingSecurityToken": _TOKEN
    + "an access key ID that begins with STS. needs its security token",
    "SignatureDoesNotMatch": "check access_key_secret: it does not belong to the access key ID",
    "SignatureNonceUsed": "requests are sent twice: check proxies and other programs between this machine and STS",
    "Throttling": "too many calls: use fewer forks, or assume the role once for all hosts",
    "UnsupportedHTTPMethod": "check sts_endpoint: the server there is not STS",
    # Codes of this collection, for calls without a response of STS.
    "Answer": "check sts_endpoint, and proxies on the way: the server there is not STS",
    "Connection": "check the network, sts_endpoint and sts_region; inside a VPC, sts-vpc.<region>.aliyuncs.com",
    "Proxy": "check HTTPS_PROXY and NO_PROXY",
    "Timeout": "check the network, sts_endpoint and sts_region; inside a VPC, sts-vpc.<region>.aliyuncs.com",
    "Request": "check sts_endpoint and HTTPS_PROXY, and that the credentials are complete",
    "TLS": "check ca_bundle and the clock of this machine, and whether a proxy opens the connection",
    "Unknown": "check sts_endpoint, and proxies on the way: the server there is not STS",
}
# Not shown, since the error says the same in words.
OWN_CODES = ("Answer", "Connection", "Proxy", "Request", "TLS", "Timeout", "Unknown")


def list_codes() -> Iterator[str]:
    """Yield the codes that have advice."""
    yield "NoPermission"
    yield from _ADVICE


def advise(code: str, caller: str = "", *, hop: Optional[Hop] = None, seconds: int = 0) -> str:
    """Return what to check for an error code; empty for an unknown code.

    ``hop`` is the AssumeRole call that failed, ``seconds`` the lifetime that another call requested.
    """
    if code == "NoPermission":
        return _explain_no_permission(caller, hop)
    seconds = hop.expired_seconds if hop else seconds
    while code:
        if code in _ADVICE:
            return _ADVICE[code].format(expired_seconds=seconds)
        code = code.rpartition(".")[0]
    return ""


def _explain_no_permission(caller: str, hop: Optional[Hop]) -> str:
    """Return advice on the three causes for which STS has a single code."""
    if hop is None:
        return "check the permissions of the caller"
    return (
        "this error has three possible causes: check that the caller, {0}, may call sts:AssumeRole on the role and is not the"
        " root of an account; that the trust policy of the role names the caller; and that external_id ({1})"
        " is the one that the trust policy requires".format(
            caller, "given" if hop.external_id else "not given"
        )
    )


def explain(
    error: StsError,
    what: str,
    caller: str,
    endpoint: str,
    *,
    hop: Optional[Hop] = None,
    seconds: int = 0,
    advice: str = ""
) -> StsError:
    """Return the error with the call, the caller, the host, and advice; ``advice`` replaces that of the table."""
    facts = [] if error.code in OWN_CODES else [error.code]
    if error.http_status is not None:
        facts.append("HTTP status {0}".format(error.http_status))
    if error.request_id:
        facts.append("request ID {0}".format(error.request_id))
    advice = advice or advise(error.code, caller, hop=hop, seconds=seconds)
    return StsError(
        "{0}, called by {1} at {2}: {3}{4}{5}".format(
            what,
            caller,
            parse_host(endpoint),
            error,
            " ({0})".format(", ".join(facts)) if facts else "",
            "; " + advice if advice else "",
        ),
        code=error.code,
        http_status=error.http_status,
        request_id=error.request_id,
    )
