# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Fill in templates in variables of Ansible that set options, and find typing errors in their names."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.template import Templar
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.entry import find_omit


def fill(found: Mapping[str, Any], variables: Mapping[str, Any], loader: Any) -> dict[str, Any]:
    """Return the found variables with their templates filled in from all variables.

    Ansible fills in only variables that a template names. Facts of managed nodes would override the inventory, so they
    are available in ``ansible_facts`` only. Raise AnsibleLookupError with the name of a variable that cannot be filled
    in.
    """
    facts = variables.get("ansible_facts") or {}
    injected = set(facts).union("ansible_" + name for name in facts)
    own = {name: value for name, value in variables.items() if name not in injected}
    templar = Templar(loader=loader, variables=own)
    omit = find_omit(variables)
    result = {}
    for name, value in found.items():
        try:
            # Omitted items are removed from a list. Otherwise they would be an error.
            (result[name],) = _without(omit, templar.template([value])) or [None]
        except Exception as error:
            # The text of the error can contain the value of a secret.
            raise AnsibleLookupError(
                "the template of the variable {0} cannot be filled in ({1}): show the variable with"
                " ansible.builtin.debug to see why; a fact of the node must be taken from ansible_facts".format(
                    name, type(error).__name__
                )
            ) from None
    return result


def _without(omit: Any, value: Any) -> Any:
    """Return a value without omitted items."""
    if isinstance(value, dict):
        return {key: _without(omit, item) for key, item in value.items() if item != omit}
    if isinstance(value, list):
        return [_without(omit, item) for item in value if item != omit]
    return value


# Roles and playbooks of the collection. Their variables begin with the prefix and one of these names.
CONTENT = ("demo_", "install_", "profiles_", "rotate_", "verify_")


def find_unknown_variables(
    variables: Mapping[str, Any], prefix: str, options: Container[str]
) -> Iterator[str]:
    """Yield a sentence for each variable that looks like an option but has no effect."""
    content = tuple(prefix + name for name in CONTENT)
    for name in variables:
        if name.startswith(prefix) and name not in options and not name.startswith(content):
            yield "the variable {0} has no effect, since no such option exists: correct its name".format(
                name
            )
