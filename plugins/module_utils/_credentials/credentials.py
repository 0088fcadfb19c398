# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Credentials: the type, its checks, and the form in which plugins return them."""

import calendar
import re
import time
from typing import Dict, NamedTuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._modes import mask_id


class Credentials(NamedTuple):
    """Credentials from STS, another source, or a profile.

    ``expiration`` is UTC in seconds since the epoch, 0 for keys that do not expire. ``security_token`` is empty for a
    long-lived access key. ``assumed_role_arn`` is from the response to AssumeRole, empty for a source.
    """

    access_key_id: str
    access_key_secret: str
    security_token: str = ""
    expiration: int = 0
    assumed_role_arn: str = ""

    def __repr__(self) -> str:
        return "Credentials(access_key_id='{0}')".format(mask_id(self.access_key_id))

    @property
    def account_id(self) -> str:
        """Return the ID of the account of the assumed role; empty if no role was assumed."""
        return get_account(self.assumed_role_arn) if self.assumed_role_arn else ""


def get_account(arn: str) -> str:
    """Return the ID of the account in the ARN of a role or a session."""
    return arn.split(":")[3]


def check_account(who: str, account_id: str, expected: str) -> None:
    """Raise ProfileError if ``who`` does not belong to the expected account. An empty ``expected`` matches any."""
    if expected and account_id != expected:
        raise ProfileError(
            "{0} belongs to account {1}, and not to the expected account {2}".format(
                who, account_id, expected
            )
        )


# Characters that a header can hold. Keys, secrets, and tokens consist of them.
PRINTABLE = re.compile(r"[!-~]+\Z")
# Maximum length in characters. A security token has some thousand.
MAX_LENGTH = 16384


def check_form(credentials: Credentials) -> None:
    """Raise ProfileError if a value is too long, or has a character that no access key has."""
    for name in ("access_key_id", "access_key_secret", "security_token"):
        value = getattr(credentials, name)
        what = ""
        if len(value) > MAX_LENGTH:
            what = "more than {0} characters".format(MAX_LENGTH)
        elif value and not PRINTABLE.match(value):
            what = "a space, a line break, or another character that no access key has"
        if what:
            raise ProfileError(
                "{0} has {1}: correct the profile, or the program or service that returns it".format(
                    name, what
                )
            )


def normalize_session_arn(arn: str) -> str:
    """Convert the ARN of a session from the form of AssumeRole to that of GetCallerIdentity."""
    return arn.replace(":role/", ":assumed-role/", 1)


def check_arn(who: str, arn: str, expected: str) -> None:
    """Raise ProfileError if ``who`` does not have the expected ARN. In it, ``*`` matches any text. Empty matches any."""
    if expected and not _matches(arn, expected):
        raise ProfileError("{0} is {1}, and not the expected {2}".format(who, arn, expected))


def _matches(text: str, pattern: str) -> bool:
    """Return whether a text has the parts around each ``*`` in this order. A regular expression could take hours."""
    first, *others = pattern.split("*")
    if not others or not text.startswith(first):
        return text == pattern
    position = len(first)
    for part in others[:-1]:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return text.endswith(others[-1]) and len(text) - len(others[-1]) >= position


# RFC 3339, 5.6: the fraction, the offset, lower case, and a space instead of the T are optional.
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))\Z"
)


def parse_time(text: str) -> int:
    """Return the seconds since the epoch of a time as in RFC 3339, for example ``2026-01-02T03:04:05Z``.

    STS and the metadata service write this form. Raise ValueError for anything else, TypeError if it is no text.
    """
    found = _TIME.match(text)
    if not found:
        raise ValueError("not a time as in RFC 3339")
    date, clock, sign, hours, minutes = found.groups()
    seconds = calendar.timegm(time.strptime(date + " " + clock, "%Y-%m-%d %H:%M:%S"))
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return seconds + (offset if sign == "-" else -offset)


def format_time(seconds: int) -> str:
    """Return a time in UTC in the format of STS; empty for 0, and for a number that is no time."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else ""
    except (OSError, OverflowError, ValueError):
        # A file can contain any number.
        return ""


def as_result(credentials: Credentials, *, profile: str, region: str) -> Dict[str, str]:
    """Return the credentials as plugins return them (``format: credentials``), ``expiration`` in the format of STS."""
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
