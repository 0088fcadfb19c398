# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Convert a result to the form that the option ``format`` selects."""

from typing import Any, Callable, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.variables import (
    as_environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError

# Options of the modules of alibaba.alicloud. The token has the name of an alias, since some versions ignore the other name.
_ALICLOUD = {
    "alicloud_access_key": "access_key_id",
    "alicloud_secret_key": "access_key_secret",
    "security_token": "security_token",
    "alicloud_region": "region",
}
# Keys of the response of a credentials URI.
_URI = {
    "AccessKeyId": "access_key_id",
    "AccessKeySecret": "access_key_secret",
    "SecurityToken": "security_token",
    "Expiration": "expiration",
}
# Keys of ~/.alibabacloud/credentials.
_INI = ("access_key_id", "access_key_secret", "security_token")


def as_alicloud(result: Mapping[str, str]) -> Dict[str, str]:
    """Return options of the modules of ``alibaba.alicloud``, without empty ones."""
    return {name: result[key] for name, key in _ALICLOUD.items() if result[key]}


def as_uri(result: Mapping[str, str]) -> Dict[str, str]:
    """Return the response of a credentials URI. Raise SourceError if the credentials do not expire."""
    if not result["security_token"] or not result["expiration"]:
        raise SourceError(
            "format=uri needs credentials with a token and a known expiration: add a hop to the chain"
        )
    return dict({name: result[key] for name, key in _URI.items()}, Code="Success")


def as_ini(result: Mapping[str, str]) -> str:
    """Return a text for ``~/.alibabacloud/credentials`` with the profile ``default``."""
    kind = "sts" if result["security_token"] else "access_key"
    lines = ["[default]", "enable = true", "type = " + kind]
    lines += ["{0} = {1}".format(key, result[key]) for key in _INI if result[key]]
    return "\n".join(lines) + "\n"


# By the value of the option; ``credentials`` returns the result unchanged.
FORMATS: Dict[str, Callable[[Mapping[str, str]], Any]] = {
    "environment": as_environment,
    "alicloud": as_alicloud,
    "uri": as_uri,
    "ini": as_ini,
}
