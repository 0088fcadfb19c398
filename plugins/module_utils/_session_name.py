# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Session names by which audit logs tell who assumed a role: templates with placeholders for user, host and play."""

import os
import pwd
import re
from typing import Any, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# The form of RoleSessionName of AssumeRole.
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9.@_-]")
SHORTEST, LONGEST = 2, 64

Options = Mapping[str, Any]


def of_node() -> Dict[str, str]:
    """The values of placeholders where a module runs."""
    return {"user": user_name(), "host": os.uname().nodename}


def user_name() -> str:
    """The name of the user who runs this, the number where there is no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def fill_in(options: Options, values: Mapping[str, str]) -> Dict[str, Any]:
    """The options that name a chain, with the placeholders in its session names replaced by ``values``.

    Raises ProfileError for a placeholder without a value. Options may be unchecked, as those of a lookup are.
    """
    filled = _filled(options, values)
    source = options.get("source")
    if isinstance(source, Mapping):
        filled["source"] = _filled(source, values)
    if isinstance(options["hops"], (list, tuple)):
        filled["hops"] = [
            _filled(hop, values) if isinstance(hop, Mapping) else hop for hop in options["hops"]
        ]
    return filled


def _filled(options: Options, values: Mapping[str, str]) -> Dict[str, Any]:
    name = options.get("role_session_name")
    if not isinstance(name, str) or "{" not in name:
        return dict(options)
    return dict(options, role_session_name=_name(name, values))


def _name(template: str, values: Mapping[str, str]) -> str:
    """A name of the allowed length; of the values, characters that are not allowed become hyphens."""

    def value(match: Any) -> str:
        found = values.get(match.group(1))
        if not found:
            known = ", ".join("{{{0}}}".format(name) for name in values if values[name])
            raise ProfileError(
                "role_session_name: {0} stands for nothing here, only {1}".format(
                    match.group(), known
                )
            )
        return _NOT_ALLOWED.sub("-", found)

    return _PLACEHOLDER.sub(value, template)[:LONGEST].ljust(SHORTEST, "-")
