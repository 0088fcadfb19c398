# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Documented forms of values: texts for messages, and checks."""

import re
from typing import Any, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

# Maximum length in characters of a value without a documented limit.
_LONGEST = 65536


class Rule(NamedTuple):
    """Documented form of a value: ``low`` to ``high`` characters that match ``pattern``, or a range of numbers."""

    text: str
    pattern: str = ""
    low: int = 1
    high: int = _LONGEST

    def accepts(self, value: Any) -> bool:
        """Return whether a value has the documented form. True is a number for Ansible, but not for the CLI."""
        if isinstance(value, int):
            return not isinstance(value, bool) and self.low <= value <= self.high
        return self.low <= len(value) <= self.high and bool(re.match(self.pattern + r"\Z", value))

    def describe(self, value: Any) -> str:
        """Return the form, and the error in the value if the form does not show it."""
        if isinstance(value, str) and value.endswith(("\n", "\r")):
            return self.text + ": it ends with a line break"
        if isinstance(value, str) and len(value) > self.high == _LONGEST:
            return "{0}: it has more than {1} characters".format(self.text, _LONGEST)
        return self.text


# Forms as documented for STS 2015-04-01 (AssumeRole) and RAM (CreateRole). The pages differ
# on '_' in a role name, so STS decides.
ROLE_NAME = Rule("1 to 64 letters, digits, '.', '-' and '_'", r"[A-Za-z0-9.\-_]{1,64}")
ROLE_ARN = Rule(
    "acs:ram::<account ID>:role/<role name>, with {0} in the role name".format(ROLE_NAME.text),
    r"acs:ram::[0-9]+:role/" + ROLE_NAME.pattern,
)
SESSION_NAME = Rule(
    "2 to 64 letters, digits and the characters . @ - _", r"[A-Za-z0-9.@\-_]*", 2, 64
)
EXTERNAL_ID = Rule(
    "2 to 1224 letters, digits and the characters _ + = , . @ : / -",
    r"[A-Za-z0-9_+=,.@:/\-]*",
    2,
    1224,
)
EXPIRED_SECONDS = Rule("900 to 43200 seconds", low=900, high=43200)
KEY_PAIR_SECONDS = Rule("900 to 3600 seconds", low=900, high=3600)
REGION = Rule("a region ID such as cn-hangzhou", r"[A-Za-z0-9\-]+")
_LABEL = "[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*"
# 0 to 255.
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
# 1 to 65535.
_PORT = "(?:[1-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
ENDPOINT = Rule(
    "a host such as sts-vpc.cn-hangzhou.aliyuncs.com, with an optional port; http:// is for loopback addresses only",
    # The last label of a name has a letter, or else it would be an address.
    r"(?:(?:https://)?(?:(?:{0}\.)*(?![0-9]+\.?(?:[:/]|$)){0}\.?|{2}(?:\.{2}){{3}})"
    r"|https?://(?:127(?:\.{2}){{3}}|localhost|\[::1\]))(?::(?!0){1})?/?".format(
        _LABEL, _PORT, _OCTET
    ),
)
SOURCE_IDENTITY = Rule(
    "2 to 64 letters, digits and the characters _ + = , . @ -, not beginning with acs:, aliyun: or alibabacloud:",
    r"[A-Za-z0-9_+=,.@\-]*",
    2,
    64,
)
POLICY = Rule("a RAM policy as JSON of at most 2048 characters", r"(?s)\s*\{.*\}\s*", 2, 2048)
WORD = Rule("text without spaces", r"\S+")
ACCOUNT_ID = Rule("the ID of an account: digits, such as '1000000000000001'", r"[0-9]+")
OIDC_PROVIDER = Rule(
    "acs:ram::<account ID>:oidc-provider/<name>", r"acs:ram::[0-9]+:oidc-provider/\S+"
)
URL = Rule("an http:// or https:// URL", r"https?://[^\s/]\S*")
HTTPS_URL = Rule("an https:// URL", r"https://[^\s/]\S*")
LINE = Rule("text without line breaks", r"[^\r\n]+")
# The CLI rejects other values (config/profile.go).
HEADER = Rule(
    "the name of an HTTP header such as X-Auth-Token: ASCII characters without spaces and colons",
    r"[!-9;-~]+",
)
NOT_NEGATIVE = Rule("a number from 0 to 2147483647", low=0, high=2147483647)


def check_value(name: str, rule: Optional[Rule], value: Any) -> None:
    """Raise ProfileError if a value is not empty and does not have the documented form. Do not show the value."""
    if rule is not None and value and not rule.accepts(value):
        raise ProfileError("{0} must be {1}".format(name, rule.describe(value)))


def check_account_id(name: str, value: Any) -> None:
    """Raise ProfileError if a given value of the option ``name`` is no account ID. None is not given."""
    if value is not None and not ACCOUNT_ID.accepts(value):
        raise ProfileError("{0} must be {1}".format(name, ACCOUNT_ID.text))


def is_private_key(value: str) -> bool:
    """Return whether the value of ``private_key`` is a key, not a path: PEM, or its base64 body without header."""
    return "-----BEGIN" in value or bool(re.match(r"MI[A-Za-z0-9+/\s]{200,}={0,2}\s*\Z", value))


def is_pkcs1(key: str) -> bool:
    """Return whether a private key has the form PKCS#1: by its header, or by a number where PKCS#8 has an algorithm."""
    return "-----BEGIN RSA" in key or bool(re.match(r"\s*MI.{6}AAK", key))
