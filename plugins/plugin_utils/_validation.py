# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Validate and convert options on the controller with the argument spec and the messages of a module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible_collections.aliyun.cli.plugins.module_utils import _given, _secret_arguments
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._masking import Masking

Spec = Mapping[str, Mapping[str, Any]]


def validate(options: Mapping[str, Any], spec: Spec, *, name: str) -> dict[str, Any]:
    """Return the options with the types and defaults of an argument spec.

    Raise ProfileError with the message of the module ``name`` for the same options. Secrets in the options are not
    shown, not even in the wrong place.
    """
    given = _given.without_absent(options, spec)
    checked = ArgumentSpecValidator(_secret_arguments.without_no_log(spec)).validate(given)
    if not checked.error_messages:
        result: dict[str, Any] = checked.validated_parameters
        for params in (given, result):
            _given.refuse_empty(params, spec)
        return result
    error = checked.errors[0]
    text = str(error.msg)
    if isinstance(error, UnsupportedError):
        text = "Unsupported parameters for ({0}) module: {1}".format(name, text)
    hidden = _secret_arguments.find_secret_names(spec)
    secrets = _secret_arguments.select_findable(_secret_arguments.find_secrets(given, hidden, spec))
    raise ProfileError(Masking(secrets=secrets).mask_text(text))
