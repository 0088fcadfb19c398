# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find and replace secret arguments. The names in the table of ``_modes`` and an argument spec decide which are secret."""

from typing import Any, Callable, Container, Dict, Iterable, List, Mapping, Optional, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes

# Ansible's replacement for a secret argument.
ARGUMENT = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Minimum length. Shorter values occur in ordinary text.
SHORTEST = 6
# Options that contain secrets and other values. If their value has another form, all of it is secret.
HOLDERS = ("credentials", "profiles", "source")
# Names within them that are not secret, in arguments and in results. All other names are secret, in case one is misspelled.
KNOWN = frozenset(field.name for field in _modes.list_options()).union(
    HOLDERS,
    ("account_id", "assumed_role_arn", "expiration", "mode", "name", "profile"),
    ("chain", "problems", "other_keys", "output_format", "verified", "site"),
)

Spec = Mapping[str, Mapping[str, Any]]


def mask(given: Any, hidden: Container[str] = (), spec: Optional[Spec] = None) -> Any:
    """Return the arguments with all secrets replaced.

    Options named ``hidden`` are secret too. With an argument spec, arguments that it does not contain are secret, at
    every depth.
    """
    return _walk(given, hidden, lambda _secret: ARGUMENT, spec)


def find_secrets(given: Any, hidden: Container[str] = (), spec: Optional[Spec] = None) -> List[str]:
    """Return the secrets among arguments, or in a result."""
    found: List[str] = []
    _walk(given, hidden, lambda secret: found.append(str(secret)), spec)
    return found


def select_findable(values: Iterable[str]) -> Set[str]:
    """Return the values that are long enough. Replacing shorter ones would make a text unreadable."""
    return {value for value in values if len(value) >= SHORTEST}


def without_no_log(spec: Spec) -> Dict[str, Dict[str, Any]]:
    """Return an argument spec with which Ansible hides nothing.

    Ansible hides a value with ``no_log`` wherever its letters occur, even a single letter, but in no other form.
    """
    return {
        name: dict(
            option,
            no_log=False,
            **({"options": without_no_log(option["options"])} if option.get("options") else {})
        )
        for name, option in spec.items()
    }


def find_secret_names(spec: Spec) -> Set[str]:
    """Return the names of options with ``no_log``, at any depth."""
    names = {name for name, option in spec.items() if option.get("no_log")}
    return names.union(
        *(find_secret_names(option.get("options") or {}) for option in spec.values())
    )


def _walk(
    value: Any,
    hidden: Container[str],
    replace: Callable[[Any], Any],
    spec: Optional[Spec] = None,
    secret: bool = False,
    held: bool = False,
) -> Any:
    if isinstance(value, Mapping):
        result = {}
        for name, item in value.items():
            # Skip options that are not given, which are the most by far: a task can have very many profiles.
            if item is not None:
                sub_spec = spec[name].get("options") if spec and name in spec else None
                item = _walk(
                    item,
                    hidden,
                    replace,
                    sub_spec,
                    secret
                    or _modes.is_secret(name)
                    or name in hidden
                    or (name not in spec if spec is not None else held and name not in KNOWN),
                    name in HOLDERS or sub_spec is not None,
                )
            result[name] = item
        return result
    if isinstance(value, (list, tuple)):
        return [_walk(item, hidden, replace, spec, secret, held) for item in value]
    if not (secret or held) or value in (None, "") or isinstance(value, bool):
        return value
    return replace(value)
