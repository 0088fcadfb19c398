# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Says what is secret among arguments, by the names of what holds it, as the table in ``_modes`` has them."""

from collections.abc import Mapping
from typing import Any, Callable, Container, Iterable, List, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes

# What Ansible shows instead of a secret argument.
ARGUMENT = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Less than this is found in ordinary text.
SHORTEST = 6
# Options that hold secrets beside other things. Of what has not the form of options all is taken for a secret.
HOLDERS = ("credentials", "profiles", "source")
# What stands in them, as arguments or as results, and may be shown, but for what is secret by its name. A slip in the
# name of a secret hides it too.
KNOWN = frozenset(field.name for field in _modes.options()).union(
    HOLDERS,
    ("account_id", "assumed_role_arn", "expiration", "mode", "name", "profile"),
    ("chain", "problems", "other_keys", "output_format", "verified", "site"),
)


def shown(given: Any, hidden: Container[str] = ()) -> Any:
    """Arguments, at whatever depth, as they may be shown. Options named ``hidden`` are not, beside what is secret."""
    return _walk(given, hidden, lambda _secret: ARGUMENT)


def secrets(given: Any) -> List[str]:
    """The secrets among arguments, or in a result, by the names of what holds them at whatever depth."""
    found: List[str] = []
    _walk(given, (), lambda secret: found.append(str(secret)))
    return found


def findable(values: Iterable[str]) -> Set[str]:
    """Those of the values that are not found in ordinary text, which would be shredded."""
    return {value for value in values if len(value) >= SHORTEST}


def _walk(
    value: Any,
    hidden: Container[str],
    replace: Callable[[Any], Any],
    secret: bool = False,
    held: bool = False,
) -> Any:
    if isinstance(value, Mapping):
        # Most options of most profiles are not given, and there can be very many.
        return {
            name: (
                item
                if item is None
                else _walk(
                    item,
                    hidden,
                    replace,
                    secret
                    or _modes.is_secret(name)
                    or name in hidden
                    or (held and name not in KNOWN),
                    name in HOLDERS,
                )
            )
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_walk(item, hidden, replace, secret, held) for item in value]
    if not (secret or held) or value in (None, "") or isinstance(value, bool):
        return value
    return replace(value)
