# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What STS answered, told to the person who has to mend it."""

from typing import Dict

from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import host_of

_ADVICE: Dict[str, str] = {
    "NoPermission": "check that the caller may call sts:AssumeRole on the role, that the trust policy of the role names"
    " the caller, and that external_id is the one that the trust policy asks for",
    "EntityNotExist.Role": "check the account ID and the role name in ram_role_arn",
    "InvalidAccessKeyId.NotFound": "check access_key_id: STS does not know it",
    "InvalidAccessKeyId.Inactive": "the access key is disabled: enable it or use another one",
    "SignatureDoesNotMatch": "check access_key_secret: it does not belong to the access key ID",
    "InvalidTimeStamp.Expired": "check the clock of the machine that calls STS",
}


def explain(error: StsError, what: str, caller: str, endpoint: str) -> StsError:
    """The same error with what was tried, by whom and where, and what to check."""
    facts = [error.code]
    if error.http_status is not None:
        facts.append("HTTP status {0}".format(error.http_status))
    if error.request_id:
        facts.append("request ID {0}".format(error.request_id))
    advice = _ADVICE.get(error.code)
    return StsError(
        "{0}, called by {1} at {2}: {3} ({4}){5}".format(
            what,
            caller,
            host_of(endpoint),
            error,
            ", ".join(facts),
            "; " + advice if advice else "",
        ),
        code=error.code,
        http_status=error.http_status,
        request_id=error.request_id,
    )
