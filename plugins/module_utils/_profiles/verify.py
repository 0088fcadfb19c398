# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Verify profiles: request the caller identity of each one from STS. Imported only with the option ``verify``."""

import os
from typing import Any, Callable, Dict, Iterable, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    check_account,
    format_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import (
    SharingResolver,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError

# Modules that a child process imports before it changes to a user who may be unable to read root's libraries.
IMPORTS = ("requests", "encodings.idna", "_strptime")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def check_options(options: Mapping[str, Any]) -> None:
    """Raise ProfileError for options with which :func:`verify` would fail, before anything is written."""
    _options.make_http(options).close()


def verify(
    path: str,
    names: Iterable[str],
    options: Mapping[str, Any],
    *,
    expected: Mapping[str, str],
    warn: Callable[[str], None]
) -> Dict[str, Dict[str, Any]]:
    """Return the identity of each named profile of a config file, by name.

    Each value has ``arn``, ``account_id``, ``expiration`` (UTC, empty if unknown) and ``problem``, which is empty if the
    identity is the expected one. ``options`` are those of ``make_http_argument_spec`` and ``allow_process``. ``expected``
    are account IDs by name. ``warn`` takes sentences for the user. Raise ImportError without ``requests``, ProfileError for
    options that cannot be used.
    """
    found: Dict[str, Dict[str, Any]] = {}
    with _options.make_http(options) as http:
        resolver = SharingResolver(
            http,
            keep_errors=True,
            environ=os.environ,
            allow_process=options["allow_process"],
            warn=warn,
        )
        for name in names:
            result: Dict[str, Any] = {"arn": "", "account_id": "", "expiration": "", "problem": ""}
            try:
                chain = _options.make_chain(
                    {"profile": name, "config_path": path}, environ=os.environ
                )
                credentials, identity = resolver.identify(chain)
                account_id = identity["AccountId"]
                check_account("the caller " + identity["Arn"], account_id, expected.get(name, ""))
                expiration = format_time(credentials.expiration)
                result.update(arn=identity["Arn"], account_id=account_id, expiration=expiration)
            except AliyunCliError as error:
                result["problem"] = str(error)
            found[name] = result
    return found


def verify_declared(
    result: Mapping[str, Any], options: Mapping[str, Any], *, expected: Mapping[str, str]
) -> Dict[str, Any]:
    """Verify the profiles in the result of an edit. Return ``identities`` and ``warnings``.

    If a profile is wrong, return ``failed`` and ``msg`` too. Profiles of modes without an access key have no identity, and
    those of a login need a login of their user. Both are skipped. Raise as :func:`verify` does.
    """
    modes = {profile["name"]: _modes.get_mode(profile["mode"]) for profile in result["profiles"]}
    names = [name for name, mode in modes.items() if mode.has_credentials and not mode.login]
    warnings = list(result.get("warnings", ()))
    identities = verify(
        result["config_path"], names, options, expected=expected, warn=warnings.append
    )
    problems = [
        "profile '{0}': {1}".format(name, identity["problem"])
        for name, identity in identities.items()
        if identity["problem"]
    ]
    problems += [
        "profile '{0}': its account is not checked, since mode {1} is not verified: remove it from"
        " expected_account_ids".format(name, mode.name)
        for name, mode in modes.items()
        if name in expected and name not in identities
    ]
    wrong = {"failed": True, "msg": "; ".join(problems)} if problems else {}
    return dict(wrong, identities=identities, warnings=warnings)


def list_environment() -> Dict[str, str]:
    """Return the variables that a child process needs to verify as another user: proxies, CA bundles, metadata."""
    names: List[str] = list(_BUNDLES) + list(_PROXIES) + [name.upper() for name in _PROXIES]
    for mode in _modes.MODES.values():
        names.extend(mode.environ)
    return {name: os.environ[name] for name in names if name in os.environ}
