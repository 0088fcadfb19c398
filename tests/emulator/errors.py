# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the errors of STS, RAM and IMS, with their documented codes, HTTP statuses and texts."""

from __future__ import annotations

from collections.abc import Mapping

_TABLE: dict[str, tuple[int, str]] = {
    "AuthenticationFail.NoPermission": (401, "There is no permission"),
    "AuthenticationFail.OIDCToken.AudienceNotMatch": (401, "Invalid audience."),
    "AuthenticationFail.OIDCToken.Expired": (401, "This JsonWebToken is expired."),
    "AuthenticationFail.OIDCToken.Invalid": (
        401,
        "The number of Jwt field should be divided into 3 parts with '.' .",
    ),
    "AuthenticationFail.OIDCToken.InvalidSignature": (
        401,
        "OIDC token validate failed: invalid signature.",
    ),
    "EntityNotExist.User": (404, "The user does not exist."),
    "EntityNotExist.User.AccessKey": (404, "The accesskey does not exist."),
    "EntityNotExist.Role": (404, "The specified Role not exists ."),
    "IncompleteSignature": (
        400,
        "The request signature does not conform to Alibaba Cloud standards.",
    ),
    "InternalError": (
        500,
        "STS Server Internal Error happened, please send the RequestId to us.",
    ),
    "InvalidAccessKeyId.Inactive": (400, "Specified access key is disabled."),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "InvalidAction.NotFound": (
        404,
        "Specified api is not found, please check your url and method.",
    ),
    "InvalidParameter.ContentType": (
        400,
        'The ContentType request header must be either "application/json" or '
        '"application/x-www-form-urlencoded".',
    ),
    "InvalidParameter.DurationSeconds": (
        400,
        "The Min/Max value of DurationSeconds is 15min/1hr.",
    ),
    "InvalidParameter.UserName.InvalidChars": (
        400,
        'The parameter - "UserName" contains invalid chars.',
    ),
    "InvalidParameter.UserName.Length": (
        400,
        'The parameter - "UserName" beyond the length limit.',
    ),
    "InvalidParameter.PolicyGrammar": (
        400,
        "The parameter Policy has not passed grammar check.",
    ),
    "InvalidParameter.PolicySize": (400, "The size of Policy must be smaller than 2048 bytes."),
    "InvalidSecurityToken.Expired": (400, "Specified SecurityToken is expired."),
    "InvalidSecurityToken.Malformed": (400, "Specified SecurityToken is malformed."),
    "InvalidSecurityToken.MismatchWithAccessKey": (
        400,
        "Specified SecurityToken mismatch with the AccessKey.",
    ),
    "InvalidSignatureMethod": (400, "Specified signature method is not valid."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "InvalidTimeStamp.Format": (
        400,
        "Specified time stamp or date value is not well formatted.",
    ),
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "LimitExceeded.User.AccessKey": (
        409,
        "The count of accesskey beyond the current limits.",
    ),
    "NoPermission": (
        403,
        "You are not authorized to do this action. You should be authorized by RAM.",
    ),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "SignatureDoesNotMatch": (400, "Specified signature is not matched with our calculation."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "UnsupportedHTTPMethod": (405, "This http method is not supported."),
}


class StsError(Exception):
    """One refusal: HTTP status, code, text and, for a denied access, its details."""

    def __init__(
        self, http: int, code: str, message: str, *, detail: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.http = http
        self.code = code
        self.message = message
        self.detail = detail


def refusal(
    code: str, message: str | None = None, *, detail: Mapping[str, str] | None = None
) -> StsError:
    """Return the error with this code. A given message replaces the documented one.

    :raises KeyError: for a code that STS does not have.
    """
    http, documented = _TABLE[code]
    return StsError(http, code, message or documented, detail=detail)


def missing(name: str) -> StsError:
    """Return the error for a mandatory parameter that is missing or empty."""
    return StsError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def malformed(name: str) -> StsError:
    """Return the error for a parameter without the documented form."""
    return StsError(400, f"InvalidParameter.{name}", f"The parameter {name} is wrongly formed.")
