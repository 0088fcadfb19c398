# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Credentials for a program, given, obtained, or renewed while it runs, and the variables that contain them."""

import contextlib
import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.variables import (
    PROXIES_OF_URI,
    as_environment,
    list_not_inherited,
    make_renewed_environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._options import (
    assume_role,
    check_given,
)


class Given(NamedTuple):
    """Credentials of a program: the first ones, all so far, its variables, and names that it must not inherit."""

    first: Dict[str, str]
    all: List[Dict[str, str]]
    variables: Dict[str, str]
    removed: List[str]
    failures: List[str]


def obtain(
    params: Mapping[str, Any],
    environ: Mapping[str, str],
    stack: contextlib.ExitStack,
    *,
    warn: _options.Warn = lambda text: None
) -> Given:
    """Obtain the credentials that the options contain or select. With ``renew``, renew them until the stack is closed.

    ``warn`` takes sentences for the user, also from the thread that renews, and then often similar ones. Raise
    AliyunCliError; ImportError without requests.
    """
    removed = list_not_inherited()
    if params["renew"]:
        # Imported only if needed: each host compiles all imported code.
        from ansible_collections.aliyun.cli.plugins.module_utils._credentials import uri_server

        hops = _options.make_chain(params, environ=environ).hops
        longest = hops[-1].expired_seconds if hops else None
        renewer = uri_server.Renewer(
            lambda: assume_role(params, environ=environ, warn=warn),
            longest=longest,
        )
        first = renewer.results[0]
        uri = stack.enter_context(uri_server.UriServer(renewer))
        variables = make_renewed_environment(first, uri)
        removed.extend(PROXIES_OF_URI)
        return Given(first, renewer.results, variables, removed, renewer.failures)
    if params["credentials"] is not None:
        first = {name: value or "" for name, value in params["credentials"].items()}
        check_given(first, params)
    else:
        first = assume_role(params, environ=environ, warn=warn)
    return Given(first, [first], as_environment(first), removed, [])


def make_environment(
    given: Given, inherited: Mapping[str, str], env: Optional[Mapping[str, Any]]
) -> Dict[str, str]:
    """Return all variables of the program."""
    removed = set(given.removed)
    variables = {name: value for name, value in inherited.items() if name not in removed}
    variables.update(given.variables, ALIBABA_CLOUD_IGNORE_PROFILE="TRUE")
    for name, value in (env or {}).items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value if isinstance(value, str) else json.dumps(value)
    return variables
