# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What Ansible's variables say of options: templates in them are filled in, and slips in their names are told."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError


def filled(variables: Mapping[str, Any], templar: Any) -> dict[str, Any]:
    """The variables with their templates filled in, which Ansible does only for those that a template names.

    Raises AnsibleLookupError with the name of one that cannot be.
    """
    result = {}
    for name, value in variables.items():
        try:
            result[name] = templar.template(value)
        except AnsibleError as error:
            raise AnsibleLookupError("{0}: {1}".format(name, error)) from None
    return result


def slips(variables: Mapping[str, Any], prefix: str, options: Container[str]) -> Iterator[str]:
    """A sentence for each variable that looks like an option, and is none: what it should have bounded is not."""
    for name in variables:
        if name.startswith(prefix) and name not in options:
            yield "the variable {0} is no option".format(name)
