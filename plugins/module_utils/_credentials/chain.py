# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Chains: a source of credentials, and the hops that are assumed one after the other on top of it.

A chain is built from a profile of config.json, or from an inline source and hops. This file sends no requests.
"""

import hashlib
import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    MissingProfileError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._given import select_given
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles

DEFAULT_SESSION_NAME = "ansible"
DEFAULT_EXPIRED_SECONDS = 3600
GLOBAL_ENDPOINT = "sts.aliyuncs.com"


class Hop(NamedTuple):
    """One AssumeRole call. ``endpoint`` is the URL of STS.

    ``role_session_name`` is empty until :func:`name_sessions` sets it.
    """

    ram_role_arn: str
    role_session_name: str
    external_id: str
    expired_seconds: int
    policy: str
    source_identity: str
    endpoint: str


class Source(NamedTuple):
    """Source of a chain: a mode and the settings of a profile by option name.

    ``profile`` is empty for an inline source.
    """

    mode: str
    settings: Mapping[str, Any]
    profile: str
    endpoint: str

    def __repr__(self) -> str:
        return "Source(mode={0!r}, profile={1!r})".format(self.mode, self.profile)

    @property
    def title(self) -> str:
        """Return the name of the source for errors."""
        where = " (profile '{0}')".format(self.profile) if self.profile else ""
        return "source of mode {0}{1}".format(self.mode or "(none)", where)


class Chain(NamedTuple):
    """A source and its hops in order.

    ``profile`` is the name of the profile that the chain is for, empty for an inline source, and ``region`` its region
    ID.
    """

    source: Source
    hops: Tuple[Hop, ...]
    profile: str
    region: str

    @property
    def endpoint(self) -> str:
        """Return the STS URL of the last hop, or of the source if there are no hops."""
        return self.hops[-1].endpoint if self.hops else self.source.endpoint


def make_endpoint_url(settings: Mapping[str, Any]) -> str:
    """Return the STS URL for settings: ``sts_endpoint``, else the endpoint of ``sts_region``, else the global one.

    It is HTTPS, except for an ``http://`` endpoint with a loopback address.
    """
    endpoint = settings.get("sts_endpoint") or ""
    if endpoint:
        _rules.check_value("sts_endpoint", _rules.ENDPOINT, endpoint)
        return (endpoint if "://" in endpoint else "https://" + endpoint).rstrip("/")
    region = settings.get("sts_region")
    if not region:
        return "https://" + GLOBAL_ENDPOINT
    _rules.check_value("sts_region", _rules.REGION, region)
    return "https://{0}.{1}.aliyuncs.com".format(
        "sts-vpc" if settings.get("enable_vpc") else "sts", region
    )


def _format_policy(policy: Any) -> str:
    """Return a policy as JSON. Raise ProfileError for an empty one, which would not restrict the session."""
    if policy is None:
        return ""
    text = policy
    if isinstance(policy, Mapping):
        text = json.dumps(policy, separators=(",", ":"), sort_keys=True)
    if not isinstance(text, str) or text.replace(" ", "") in ("", "{}"):
        raise ProfileError("policy must be {0}".format(_rules.POLICY.text))
    _rules.check_value("policy", _rules.POLICY, text)
    return text


def _check_given(name: str, rule: Optional[_rules.Rule], value: Any) -> None:
    """Raise ProfileError if a given value does not have the documented form. 0 and an empty text count as given."""
    if value is not None and rule is not None and not rule.accepts(value):
        raise ProfileError("{0} must be {1}".format(name, rule.describe(value)))


_HOP_RULES = (
    ("ram_role_arn", _rules.ROLE_ARN),
    ("role_session_name", _rules.SESSION_NAME),
    ("external_id", _rules.EXTERNAL_ID),
    ("expired_seconds", _rules.EXPIRED_SECONDS),
    ("source_identity", _rules.SOURCE_IDENTITY),
)


def make_hop(settings: Mapping[str, Any]) -> Hop:
    """Return the hop for settings by option name, of a profile or inline.

    Raise ProfileError if a value is missing or does not have the form that STS documents for AssumeRole.
    """
    if not settings.get("ram_role_arn"):
        raise ProfileError("a hop requires ram_role_arn")
    for name, rule in _HOP_RULES:
        _check_given(name, rule, settings.get(name))
    return Hop(
        ram_role_arn=settings["ram_role_arn"],
        role_session_name=settings.get("role_session_name") or "",
        external_id=settings.get("external_id") or "",
        expired_seconds=settings.get("expired_seconds") or DEFAULT_EXPIRED_SECONDS,
        policy=_format_policy(settings.get("policy")),
        source_identity=settings.get("source_identity") or "",
        endpoint=make_endpoint_url(settings),
    )


def _read_settings(profile: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the settings of a profile of config.json by option name. Raise ProfileError for a value of the wrong type."""
    for field in _modes.FIELDS:
        # An empty object is no empty text: the CLI cannot read it, and it may have been meant as a guard.
        if not field.has_type(profile.get(field.key)):
            raise ProfileError("{0} must be of type {1}".format(field.name, field.type))
    settings = {field.name: profile[field.key] for field in _modes.FIELDS if profile.get(field.key)}
    settings["mode"] = profile["mode"] or _modes.infer_mode(settings)
    if settings["mode"]:
        _modes.check_mode(settings["mode"])
    return settings


def _split_settings(settings: Mapping[str, Any], *, profile: str) -> Tuple[Source, List[Hop]]:
    """Return the source of a profile without a source profile, and its hop if it has one."""
    mode = settings["mode"]
    hops = []
    base = _modes.get_mode(mode).base
    if base:
        hops.append(make_hop(settings))
        complete = (name for name in base if all(map(settings.get, _modes.MODES[name].identity)))
        mode = next(complete, base[-1])
    source = Source(
        mode=mode, settings=settings, profile=profile, endpoint=make_endpoint_url(settings)
    )
    return source, hops


def from_profile(profiles: Sequence[Mapping[str, Any]], name: str, *, named_by: str = "") -> Chain:
    """Return the chain of a named profile of config.json, through any number of source profiles.

    ``named_by`` is the environment variable that contains the name. Raise MissingProfileError if a profile does not
    exist (for a source profile, with the message of the CLI). Raise ProfileError for a cycle, or for a setting that does
    not have the documented form.
    """
    by_name = _profiles.index_profiles({"profiles": profiles})
    if name not in by_name:
        who = ", which {0} names,".format(named_by) if named_by else ""
        raise MissingProfileError("the profile '{0}'{1} does not exist".format(name, who))
    hops: List[Hop] = []
    for step in _profiles.find_chain(by_name, name):
        try:
            settings = _read_settings(by_name[step])
            if _modes.get_mode(settings["mode"]).chained:
                hops.append(make_hop(settings))
            else:
                source, hops = _split_settings(settings, profile=step)
        except ProfileError as error:
            raise ProfileError("profile '{0}': {1}".format(step, error)) from None
    region = by_name[name].get("region_id") or ""
    return Chain(source=source, hops=tuple(hops), profile=name, region=region)


def from_source(settings: Mapping[str, Any], profiles: Sequence[Mapping[str, Any]] = ()) -> Chain:
    """Return the chain of an inline source, which has the options of a profile of any mode.

    ``source_profile`` names one of ``profiles``. Raise ProfileError as :func:`from_profile` does.
    """
    settings = select_given(settings, "source")
    stored = dict(settings)
    if "oidc_token" in settings:
        if "oidc_token_file" in settings:
            raise ProfileError("oidc_token and oidc_token_file cannot be combined: give one token")
        stored["oidc_token_file"] = "-"
    mode = settings.get("mode") or _modes.infer_mode(stored)
    if not mode:
        raise ProfileError("source requires mode")
    _modes.check_mode(mode)
    settings["mode"] = mode
    if "oidc_token" in settings and "oidc_token" not in _modes.get_mode(mode).identity:
        raise ProfileError("oidc_token is not used by mode {0}: remove it".format(mode))
    stored = {field.key: stored.get(field.name) for field in _modes.FIELDS}
    # Stored profiles require these, an inline source does not.
    stored.update(region_id="-", ram_session_name="-")
    _modes.check_mode_fields(mode, settings, stored)
    for field in _modes.list_options():
        _check_given(field.name, field.get_rule(mode), settings.get(field.name))
    region = settings.get("region") or ""
    if _modes.get_mode(mode).chained:
        name = settings["source_profile"]
        if not any(profile["name"] == name for profile in profiles):
            raise MissingProfileError("can not load the source profile: {0} (source)".format(name))
        begin = from_profile(profiles, name)
        return begin._replace(
            hops=begin.hops + (make_hop(settings),), profile="", region=region or begin.region
        )
    source, hops = _split_settings(settings, profile="")
    return Chain(source=source, hops=tuple(hops), profile="", region=region)


def extend(chain: Chain, hops: Sequence[Mapping[str, Any]]) -> Chain:
    """Return the chain with further hops on top. Each hop is a mapping by option name."""
    added = []
    for number, settings in enumerate(hops, 1):
        where = "hops, entry {0}".format(number)
        settings = select_given(settings, where)
        try:
            added.append(make_hop(settings))
        except ProfileError as error:
            raise ProfileError("{0}: {1}".format(where, error)) from None
    return chain._replace(hops=chain.hops + tuple(added))


def name_sessions(chain: Chain, name: str) -> Chain:
    """Return the chain with a name for each unnamed session, including the session of the provider."""
    source = chain.source
    named = "role_session_name" in _modes.get_mode(source.mode).identity
    if named and not source.settings.get("role_session_name"):
        source = source._replace(settings=dict(source.settings, role_session_name=name))
    hops = tuple(
        hop if hop.role_session_name else hop._replace(role_session_name=name) for hop in chain.hops
    )
    if (source, hops) != (chain.source, chain.hops):
        _rules.check_value("role_session_name", _rules.SESSION_NAME, name)
    return chain._replace(source=source, hops=hops)


def make_keys(chain: Chain, environ: Mapping[str, str]) -> List[str]:
    """Create the cache keys of the source and of each hop, in order.

    The key of a hop is the hash of the previous key and of all arguments of the hop, including its endpoint. The key of a
    source includes the variables of ``environ`` that the source reads.
    """
    source = chain.source
    mode = _modes.get_mode(source.mode)
    identity = [source.settings.get(name) for name in mode.identity]
    endpoint = source.endpoint if mode.calls_sts else ""
    read = {name: environ[name] for name in mode.environ if environ.get(name)}
    result = [_digest(["source", source.mode, endpoint, identity, read])]
    for hop in chain.hops:
        result.append(_digest(["hop", result[-1], list(hop)]))
    return result


def has_secret(source: Source) -> bool:
    """Return whether a secret is part of the cache key of a source, so that nobody else can guess the key."""
    names = _modes.get_mode(source.mode).identity
    return any(source.settings.get(name) for name in names if _modes.is_secret(name))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8")).hexdigest()
