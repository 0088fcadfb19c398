# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the lookup does once its options are known: chains, credentials, results."""

from __future__ import annotations

import typing as t

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._chain import Chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    as_environment,
    as_result,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._resolver import Resolver


def assume_role(
    terms: list[t.Any], options: t.Mapping[str, t.Any], *, environ: t.Mapping[str, str]
) -> list[dict[str, str]]:
    """One result for each term, or one for the options where there is no term. Raises AliyunCliError."""
    for term in terms:
        if not isinstance(term, str) or not term:
            raise ProfileError("a term must be the name of a profile")
    if terms and (options["profile"] or options["source"]):
        raise ProfileError(
            "terms exclude the options profile and source: a chain has one beginning"
        )
    plain = t.cast("dict[str, t.Any]", _plain(options))
    chains = [
        _options.make_chain(dict(plain, profile=name) if name else plain, environ=environ)
        for name in (_plain(terms) or [None])
    ]
    with _options.make_http(plain) as http:
        resolver = Resolver(http, environ=environ, allow_process=plain["allow_process"])
        return [_result(resolver, chain, plain["format"]) for chain in chains]


def _result(resolver: Resolver, chain: Chain, form: str) -> dict[str, str]:
    result = as_result(resolver.credentials(chain), profile=chain.profile, region=chain.region)
    return as_environment(result) if form == "environment" else result


def _plain(value: t.Any) -> t.Any:
    """The value without Ansible's tagged subclasses: ``requests`` refuses a header that is not exactly a str."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, t.Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
