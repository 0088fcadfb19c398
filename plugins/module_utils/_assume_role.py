# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""From options to a result: what the modules do, and the lookup where its cache has no result ready."""

from typing import Any, Callable, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    as_result,
    check_account,
    check_arn,
    normalize_session_arn,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http

Warn = Callable[[str], None]


def assume_role(
    options: Mapping[str, Any], *, environ: Mapping[str, str], warn: Warn = lambda text: None
) -> Any:
    """Return the result that the options of ``_options`` ask for, in the form of the option ``format`` if there is one.

    ``warn`` takes sentences for the user. Raise AliyunCliError; ImportError without ``requests``.
    """
    chain = _options.make_chain(options, environ=environ)
    with _options.make_http(options) as http:
        resolver = make_resolver(options, http, environ=environ, warn=warn)
        credentials = resolver.resolve(chain)
    return make_result(credentials, chain, options)


def get_caller_identity(
    chain: _chain.Chain,
    options: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    warn: Warn = lambda text: None
) -> Dict[str, Any]:
    """Return what STS says of the credentials at the end of a chain, whatever ``expected_arn`` is.

    Raise as :func:`assume_role` does.
    """
    options = dict(options, expected_arn=None)
    with _options.make_http(options) as http:
        return make_resolver(options, http, environ=environ, warn=warn).get_caller_identity(chain)


def check_given(credentials: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """Raise ProfileError unless credentials that a task was given say that they are the expected ones."""
    expected = _options.select_given(options)
    for option, value in (
        ("expected_account_id", credentials["account_id"]),
        ("expected_arn", credentials["assumed_role_arn"]),
    ):
        if option in expected and not value:
            raise ProfileError(
                "the given credentials do not say to which account and role they belong, so that {0} cannot be checked:"
                " ask with aliyun.cli.caller_identity_info".format(option)
            )
    who = "the role of the given credentials"
    check_account(who, credentials["account_id"], expected.get("expected_account_id", ""))
    arn = normalize_session_arn(credentials["assumed_role_arn"])
    check_arn(who, arn, expected.get("expected_arn", ""))


def make_resolver(
    options: Mapping[str, Any],
    http: Http,
    *,
    environ: Mapping[str, str],
    warn: Warn = lambda text: None
) -> Resolver:
    """Return the resolver that the options ask for."""
    return Resolver(
        http,
        environ=environ,
        allow_process=options["allow_process"],
        expected_account_id=options.get("expected_account_id") or "",
        expected_arn=options.get("expected_arn") or "",
        warn=warn,
    )


def make_result(credentials: Credentials, chain: _chain.Chain, options: Mapping[str, Any]) -> Any:
    """Return the credentials at the end of a chain in the form of the option ``format``.

    Raises SourceError if they cannot have this form.
    """
    result = as_result(credentials, profile=chain.profile, region=chain.region)
    name = options.get("format") or "credentials"
    if name == "credentials":
        return result
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._credentials.formats import FORMATS

    return FORMATS[name](result)
