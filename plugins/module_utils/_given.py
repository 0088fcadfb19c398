# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Decide which options are given, for all plugins.

None means not given, as with ``omit``. Everything else is given, also 0, false, ``[]``, and ``{}``. An empty text is an
error: it is often the default of an undefined variable, and would disable a guard or select another chain. The guide on
providers shows what each value means for each option.
"""

from typing import Any, Container, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

Spec = Mapping[str, Mapping[str, Any]]


def select_given(options: Mapping[str, Any], where: str = "") -> Dict[str, Any]:
    """Return the options that are given. Raise ProfileError for an empty text; its message begins with ``where``."""
    for name, value in options.items():
        if value == "":
            raise _make_error(where, name)
    return {name: value for name, value in options.items() if value is not None}


def refuse_empty(
    options: Mapping[str, Any],
    spec: Spec,
    *,
    allowed: Container[str] = (),
    where: str = "",
    path: str = ""
) -> None:
    """Raise ProfileError for an empty text at any depth of the options of an argument spec.

    It is a value of the options ``allowed``, such as ``stdin`` or ``profiles.region``. ``where`` and ``path`` are the
    place of these options, for messages and for ``allowed``.
    """
    for name, value in options.items():
        if name not in spec or path + name in allowed:
            continue
        if value == "":
            raise _make_error(where, name)
        own = spec[name].get("options") or {}
        inner = "{0}: {1}".format(where, name) if where else name
        entries = {inner: value}
        if isinstance(value, list):
            entries = {
                "{0}, entry {1}".format(inner, number): entry
                for number, entry in enumerate(value, 1)
            }
        for place, entry in entries.items():
            if entry == "":
                raise _make_error("", place)
            if own and isinstance(entry, Mapping):
                refuse_empty(
                    entry, own, allowed=allowed, where=place, path="{0}{1}.".format(path, name)
                )


def _make_error(where: str, name: str) -> ProfileError:
    return ProfileError(
        "{0}{1} is empty: give a value, or omit it".format(where and where + ": ", name)
    )


def without_absent(arguments: Mapping[str, Any], spec: Spec) -> Dict[str, Any]:
    """Return the arguments without options and suboptions that are None.

    Ansible rejects None for an option with choices or of some types. It fails without a message if a mapping is required
    and the value is of another type. For such a value, return its text, which Ansible rejects with a message.
    """
    return {
        name: _without_absent(value, spec.get(name) or {})
        for name, value in arguments.items()
        if value is not None or name not in spec
    }


def _without_absent(value: Any, option: Mapping[str, Any]) -> Any:
    own = option.get("options")
    if not own:
        return value
    if isinstance(value, Mapping):
        return without_absent({name: item for name, item in value.items() if item is not None}, own)
    if isinstance(value, list) and option.get("type") == "list":
        return [_without_absent(item, dict(option, type="dict")) for item in value]
    items = value if isinstance(value, list) else [value]
    if option.get("type") == "dict" and any(
        item is None or isinstance(item, (int, float)) for item in items
    ):
        return str(value)
    return value
