# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Credentials: the value that everything else here is about, and the forms in which it is handed to a user."""

import calendar
import time
from typing import Dict, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._modes import masked_id


class Credentials(NamedTuple):
    """What STS, a source or a profile gives.

    ``expiration`` is UTC in seconds since the epoch, 0 for keys that do not expire. ``security_token`` is empty for a
    long-lived access key. ``assumed_role_arn`` is what AssumeRole answered, empty for a source.
    """

    access_key_id: str
    access_key_secret: str
    security_token: str = ""
    expiration: int = 0
    assumed_role_arn: str = ""

    def __repr__(self) -> str:
        return "Credentials(access_key_id='{0}')".format(masked_id(self.access_key_id))

    @property
    def account_id(self) -> str:
        """The ID of the account that the assumed role belongs to; empty where no role was assumed."""
        return account_of(self.assumed_role_arn) if self.assumed_role_arn else ""


def account_of(arn: str) -> str:
    """The ID of the account in the ARN of a role or a session."""
    return arn.split(":")[3]


def check_account(who: str, account_id: str, expected: str) -> None:
    """Raise ProfileError where ``who`` belongs to another account than the expected one, if any is expected."""
    if expected and account_id != expected:
        raise ProfileError(
            "{0} belongs to account {1}, and not to the expected account {2}".format(
                who, account_id, expected
            )
        )


def parse_time(text: str) -> int:
    """Seconds since the epoch of a time such as ``2026-01-02T03:04:05Z``, as STS and the metadata service write it."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def format_time(seconds: int) -> str:
    """The time in UTC as STS writes it; empty for 0."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else ""


def as_result(credentials: Credentials, *, profile: str, region: str) -> Dict[str, str]:
    """The credentials as the plugins return them (``format: credentials``); ``expiration`` as STS writes it."""
    return {
        "access_key_id": credentials.access_key_id,
        "access_key_secret": credentials.access_key_secret,
        "security_token": credentials.security_token,
        "expiration": format_time(credentials.expiration),
        "assumed_role_arn": credentials.assumed_role_arn,
        "account_id": credentials.account_id,
        "profile": profile,
        "region": region,
    }
