# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Options of all plugins that use credentials, the chain that they select, and its credentials."""

import os
from typing import Any, Callable, Dict, Mapping, Optional, TypeVar

from ansible_collections.aliyun.cli.plugins.module_utils import _given, _modes, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    environment as _environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    as_result,
    check_account,
    check_arn,
    normalize_session_arn,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    MissingProfileError,
    NoHomeError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Limits
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair

T = TypeVar("T")
Warn = Callable[[str], None]

# The maximum for a call. Python cannot wait for an arbitrary number of seconds.
MAX_SECONDS = 86400
MAX_RETRIES = 100
# Options that are empty in a result of the lookup if they do not apply.
EMPTY_OF_CREDENTIALS = tuple(
    "credentials." + name
    for name in (
        "security_token",
        "expiration",
        "assumed_role_arn",
        "account_id",
        "profile",
        "region",
    )
)
# Groups of options that exclude each other.
EXCLUSIVE = (("profile", "source", "credentials"), ("hops", "credentials"))
ARN = _rules.Rule(
    "an ARN as GetCallerIdentity writes it, such as acs:ram::1000000000000001:assumed-role/hub/*",
    r"[!-~]*:[!-~]*",
)


def make_hop_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return the options of a hop."""
    return {
        "ram_role_arn": {"type": "str", "required": True},
        "role_session_name": {"type": "str"},
        "external_id": {"type": "str"},
        "expired_seconds": {"type": "int"},
        "policy": {"type": "raw"},
        "source_identity": {"type": "str"},
        "sts_region": {"type": "str"},
        "sts_endpoint": {"type": "str"},
    }


def make_chain_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return the options that select a chain: a profile or a source, and hops on top."""
    return {
        "profile": {"type": "str"},
        "config_path": {"type": "path"},
        "source": {
            "type": "dict",
            "options": dict(
                _modes.make_argument_spec(), oidc_token={"type": "str", "no_log": True}
            ),
        },
        "hops": {"type": "list", "elements": "dict", "options": make_hop_argument_spec()},
        "allow_process": {"type": "bool", "default": False},
        "expected_account_id": {"type": "str"},
        "expected_arn": {"type": "str"},
        "role_session_name": {"type": "str"},
    }


def make_credentials_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return the suboptions of ``credentials``, which takes a result of the lookup."""
    spec = {
        name: {"type": "str"}
        for name in ("expiration", "assumed_role_arn", "account_id", "profile", "region")
    }  # type: Dict[str, Dict[str, Any]]
    spec["access_key_id"] = {"type": "str", "required": True}
    spec["access_key_secret"] = {"type": "str", "required": True, "no_log": True}
    spec["security_token"] = {"type": "str", "no_log": True}
    return spec


def make_cache_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return the options of the credential cache of the controller."""
    return {
        "cache": {"type": "bool", "default": True},
        "cache_url": {"type": "str", "no_log": True},
        "cache_prefix": {"type": "str", "default": "aliyun.cli:"},
        "renew": {"type": "bool", "default": False},
        "min_lifetime": {"type": "int", "default": 0},
    }


def select_given(options: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the given options that this file declares. Raise ProfileError if one is empty or excludes another one.

    ``options`` can be those of any plugin. :func:`select_given` of ``_given`` decides which options are given.
    """
    shared = make_chain_argument_spec()
    for spec in (make_http_argument_spec(), make_cache_argument_spec(), make_hop_argument_spec()):
        shared.update(spec)
    found = _given.select_given({name: options[name] for name in shared if name in options})
    for names in EXCLUSIVE:
        both = [name for name in names if options.get(name) is not None]
        if len(both) > 1:
            raise ProfileError(
                "{0} cannot be combined: give only one of them".format(" and ".join(both))
            )
    _rules.check_account_id("expected_account_id", found.get("expected_account_id"))
    arn = found.get("expected_arn")
    if arn is not None and not ARN.accepts(arn):
        raise ProfileError("expected_arn must be {0}".format(ARN.text))
    return found


def check_wait(seconds: float) -> None:
    """Raise ProfileError if ``wait_timeout`` is no number of seconds that ends."""
    if not 0 <= seconds <= MAX_SECONDS:
        raise ProfileError("wait_timeout must be 0 to {0} seconds".format(MAX_SECONDS))


def make_http(options: Mapping[str, Any]) -> Http:
    """Create the connections for the options of :func:`make_http_argument_spec`. Raise ProfileError."""
    for name in ("connect_timeout", "read_timeout", "max_time"):
        if not 0 < options[name] <= MAX_SECONDS:
            raise ProfileError(
                "{0} must be more than 0 and at most {1} seconds".format(name, MAX_SECONDS)
            )
    if not 0 <= options["retries"] <= MAX_RETRIES:
        raise ProfileError("retries must be 0 to {0}".format(MAX_RETRIES))
    return Http(
        limits=Limits(
            connect_timeout=options["connect_timeout"],
            read_timeout=options["read_timeout"],
            max_time=options["max_time"],
            retries=options["retries"],
        ),
        ca_bundle=options["ca_bundle"],
        validate_certs=options["validate_certs"],
    )


def make_chain(options: Mapping[str, Any], *, environ: Mapping[str, str]) -> _chain.Chain:
    """Return the chain that the options of :func:`make_chain_argument_spec` select.

    Without ``profile`` and ``source``, use the first of these that exists: the profile that the CLI's variables name, an
    access key in the environment, an OIDC token that the environment names, the current profile, the role of the ECS
    instance or the credentials URI that the environment names. This is the order of the official SDKs. The environment
    can disable profiles. Raise ConfigFileError or ProfileError.
    """
    options = select_given(options)
    chain = _chain.extend(_begin(options, environ), options.get("hops") or ())
    name = options.get("role_session_name") or environ.get(_environment.SESSION_NAME_VARIABLE)
    return _chain.name_sessions(chain, name or _chain.DEFAULT_SESSION_NAME)


def _begin(options: Mapping[str, Any], environ: Mapping[str, str]) -> _chain.Chain:
    if "source" in options:
        if not options["source"].get("source_profile"):
            return _chain.from_source(options["source"])
        return _read_file(
            options,
            environ,
            lambda document: _chain.from_source(options["source"], document["profiles"]),
        )
    allowed = _environment.allows_profiles(environ)
    variable = ""
    name = options.get("profile", "")
    if not name and allowed:
        variable = _environment.find_variable(environ, _environment.PROFILE_VARIABLES)
        name = environ[variable] if variable else ""
    if name:
        return _read_file(
            options,
            environ,
            lambda document: _chain.from_profile(document["profiles"], name, named_by=variable),
        )
    source = _find_environment_source(environ)
    missing = "disables profiles"
    if not source and allowed:
        try:
            path = _find_path(options, environ)
        except NoHomeError as error:
            missing = str(error)
        else:
            chain = _read_file(options, environ, _make_current_chain)
            if chain:
                return chain
            missing = "no profile exists in {0}".format(path)
    source = source or _environment.find_source(environ, after_profiles=True)
    if not source:
        raise ProfileError(
            "no credentials found: set profile or source; the environment names no credentials, and {0}".format(
                missing
            )
        )
    return _make_environment_chain(source)


def _find_environment_source(environ: Mapping[str, str]) -> Optional[Dict[str, Any]]:
    source = _environment.make_key_source(environ)
    if source and not (source["access_key_id"] and source["access_key_secret"]):
        raise ProfileError(
            "only one of the environment variables {0} and {1} is set: set both".format(
                *(_environment.find_key_variables(environ) or ("", ""))
            )
        )
    return source or _environment.find_source(environ, after_profiles=False)


def _make_environment_chain(source: Mapping[str, Any]) -> _chain.Chain:
    try:
        return _chain.from_source({name: value for name, value in source.items() if value})
    except ProfileError as error:
        raise ProfileError("the source in the environment variables: {0}".format(error)) from None


def _find_path(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    if options.get("config_path"):
        return str(options["config_path"])
    named = environ.get(_environment.CONFIG_FILE_VARIABLE)
    return os.path.expanduser(named) if named else _edit.find_default_path()


def _make_current_chain(document: Dict[str, Any]) -> Optional[_chain.Chain]:
    if not _profiles.list_profiles(document):
        return None
    return _chain.from_profile(document["profiles"], document["current"])


def _read_file(
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    make: Callable[[Dict[str, Any]], T],
) -> T:
    """Return the result of ``make`` for the config file. The error for a missing profile names the file."""
    config = _edit.read_for_credentials(_find_path(options, environ))
    _repair.repair(config.document)
    try:
        return make(config.document)
    except MissingProfileError as error:
        there = "{0} has {1}".format(config.path, _profiles.format_names(config.document))
        if not config.exists:
            there = "the file {0} does not exist".format(config.path)
        raise ProfileError("{0}: {1}".format(error, there)) from None


def assume_role(
    options: Mapping[str, Any], *, environ: Mapping[str, str], warn: Warn = lambda text: None
) -> Any:
    """Return the result that the options of ``_options`` ask for, in the form of the option ``format`` if there is one.

    ``warn`` takes sentences for the user. Raise AliyunCliError; ImportError without ``requests``.
    """
    chain = make_chain(options, environ=environ)
    with make_http(options) as http:
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
    """Return the caller identity of the credentials at the end of a chain. Ignore ``expected_arn``.

    Raise as :func:`assume_role` does.
    """
    options = dict(options, expected_arn=None)
    with make_http(options) as http:
        return make_resolver(options, http, environ=environ, warn=warn).get_caller_identity(chain)


def check_given(credentials: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """Raise ProfileError if the given credentials do not have the expected identity, or have no identity to check."""
    expected = select_given(options)
    for option, value in (
        ("expected_account_id", credentials["account_id"]),
        ("expected_arn", credentials["assumed_role_arn"]),
    ):
        if option in expected and not value:
            raise ProfileError(
                "{0} cannot be checked, since the given credentials contain no account or role: use"
                " aliyun.cli.caller_identity_info".format(option)
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
    """Return a resolver with the options."""
    return Resolver(
        http,
        environ=environ,
        allow_process=options["allow_process"],
        expected_account_id=options.get("expected_account_id") or "",
        expected_arn=options.get("expected_arn") or "",
        warn=warn,
    )


def make_result(credentials: Credentials, chain: _chain.Chain, options: Mapping[str, Any]) -> Any:
    """Return the credentials at the end of a chain in the form that the option ``format`` selects.

    Raise SourceError if they cannot have this form.
    """
    result = as_result(credentials, profile=chain.profile, region=chain.region)
    name = options.get("format") or "credentials"
    if name == "credentials":
        return result
    # Imported only if needed: each host compiles all imported code.
    from ansible_collections.aliyun.cli.plugins.module_utils._credentials.formats import FORMATS

    return FORMATS[name](result)
