# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Where credentials come from: a source, and the hops that are assumed one after the other on top of it.

A chain is built from a profile of config.json, or from a source and hops given inline. Nothing here calls anyone.
"""

import hashlib
import json
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import (
    environment as _environment,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    MissingProfileError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles

DEFAULT_SESSION_NAME = "ansible"
DEFAULT_EXPIRED_SECONDS = 3600
GLOBAL_ENDPOINT = "sts.aliyuncs.com"

# What the CLI takes an empty mode for, first match wins: AutoModeRecognition in config/profile.go.
_INFERRED = (
    ("StsToken", ("access_key_id", "access_key_secret", "sts_token")),
    ("RamRoleArn", ("access_key_id", "access_key_secret", "ram_role_arn")),
    ("AK", ("access_key_id", "access_key_secret")),
    ("RsaKeyPair", ("private_key", "key_pair_name")),
    ("EcsRamRole", ("ram_role_name",)),
    ("External", ("process_command",)),
    ("OIDC", ("oidc_provider_arn", "oidc_token_file", "ram_role_arn")),
    ("CloudSSO", ("cloud_sso_sign_in_url",)),
    ("BearerToken", ("bearer_token",)),
)


class Hop(NamedTuple):
    """One AssumeRole. ``endpoint`` is the URL of the STS that is asked, ``expired_seconds`` are seconds.

    ``role_session_name`` is empty until :func:`name_sessions` has been there.
    """

    ram_role_arn: str
    role_session_name: str
    external_id: str
    expired_seconds: int
    policy: str
    source_identity: str
    endpoint: str


class Source(NamedTuple):
    """Where a chain begins: a mode and the settings of a profile by option name.

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
        """How errors name it."""
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
        """The URL of the STS that the last hop, or the source where there is none, speaks to."""
        return self.hops[-1].endpoint if self.hops else self.source.endpoint


def endpoint_url(settings: Mapping[str, Any]) -> str:
    """The URL of the STS for settings: ``sts_endpoint``, else the region of ``sts_region``, else the global one.

    HTTPS always; an ``http://`` endpoint is accepted for loopback addresses only.
    """
    endpoint = settings.get("sts_endpoint") or ""
    if endpoint:
        _modes.check_value("sts_endpoint", _modes.ENDPOINT, endpoint)
        return (endpoint if "://" in endpoint else "https://" + endpoint).rstrip("/")
    region = settings.get("sts_region")
    if not region:
        return "https://" + GLOBAL_ENDPOINT
    _modes.check_value("sts_region", _modes.REGION, region)
    return "https://{0}.{1}.aliyuncs.com".format(
        "sts-vpc" if settings.get("enable_vpc") else "sts", region
    )


def _policy_text(policy: Any) -> str:
    if policy and not isinstance(policy, str):
        policy = json.dumps(policy, separators=(",", ":"), sort_keys=True)
    _modes.check_value("policy", _modes.POLICY, policy)
    return policy or ""


_HOP_RULES = (
    ("ram_role_arn", _modes.ROLE_ARN),
    ("role_session_name", _modes.SESSION_NAME),
    ("external_id", _modes.EXTERNAL_ID),
    ("expired_seconds", _modes.EXPIRED_SECONDS),
    ("source_identity", _modes.SOURCE_IDENTITY),
)
HOP_OPTIONS = ("policy", "sts_region", "sts_endpoint") + tuple(name for name, _rule in _HOP_RULES)


def make_hop(settings: Mapping[str, Any]) -> Hop:
    """The hop that settings (by option name, of a profile or given inline) ask for.

    Raises ProfileError where a value is missing or lacks the documented form of STS AssumeRole.
    """
    if not settings.get("ram_role_arn"):
        raise ProfileError("a hop requires ram_role_arn")
    for name, rule in _HOP_RULES:
        _modes.check_value(name, rule, settings.get(name))
    return Hop(
        ram_role_arn=settings["ram_role_arn"],
        role_session_name=settings.get("role_session_name") or "",
        external_id=settings.get("external_id") or "",
        expired_seconds=settings.get("expired_seconds") or DEFAULT_EXPIRED_SECONDS,
        policy=_policy_text(settings.get("policy")),
        source_identity=settings.get("source_identity") or "",
        endpoint=endpoint_url(settings),
    )


def infer_mode(settings: Mapping[str, Any]) -> str:
    """The mode of settings that name none, as the CLI infers it when it uses them; empty where it cannot."""
    for mode, names in _INFERRED:
        if all(settings.get(name) for name in names):
            return mode
    return ""


def _settings(profile: Mapping[str, Any]) -> Dict[str, Any]:
    """A profile of config.json by option names."""
    settings = {field.name: profile[field.key] for field in _modes.FIELDS if profile.get(field.key)}
    for field in _modes.FIELDS:
        if not _modes.has_type(field, settings.get(field.name)):
            raise ProfileError("{0} must be of type {1}".format(field.name, field.type))
    settings["mode"] = profile["mode"] or infer_mode(settings)
    if settings["mode"]:
        _modes.check_mode(settings["mode"])
    return settings


def _of_settings(settings: Mapping[str, Any], *, profile: str) -> Tuple[Source, List[Hop]]:
    """The source, and the hop if it has one, of a profile that is not chained to another one."""
    mode = settings["mode"]
    hops = []
    if mode in ("RamRoleArn", "RamRoleArnWithRoleName"):
        hops.append(make_hop(settings))
        if mode == "RamRoleArnWithRoleName":
            mode = "EcsRamRole"
        else:
            mode = "StsToken" if settings.get("sts_token") else "AK"
    source = Source(mode=mode, settings=settings, profile=profile, endpoint=endpoint_url(settings))
    return source, hops


def of_profile(profiles: Sequence[Mapping[str, Any]], name: str, *, named_by: str = "") -> Chain:
    """The chain of a named profile of config.json, however many source profiles it goes through.

    ``named_by`` is the environment variable that has the name. Raises MissingProfileError for a profile that does not
    exist (for a source profile in the CLI's own words), ProfileError for a cycle, or a setting without the documented
    form.
    """
    by_name = _profiles.by_name({"profiles": profiles})
    if name not in by_name:
        who = ", which {0} names,".format(named_by) if named_by else ""
        raise MissingProfileError("the profile '{0}'{1} does not exist".format(name, who))
    hops: List[Hop] = []
    for step in _profiles.chain_of(by_name, name):
        try:
            settings = _settings(by_name[step])
            if settings["mode"] == "ChainableRamRoleArn":
                hops.append(make_hop(settings))
            else:
                source, hops = _of_settings(settings, profile=step)
        except ProfileError as error:
            raise ProfileError("profile '{0}': {1}".format(step, error)) from None
    region = by_name[name].get("region_id") or ""
    return Chain(source=source, hops=tuple(hops), profile=name, region=region)


def of_source(settings: Mapping[str, Any], profiles: Sequence[Mapping[str, Any]] = ()) -> Chain:
    """The chain of a source given inline: the options of a profile of any mode.

    A ``source_profile`` is looked for in ``profiles``. Raises ProfileError as :func:`of_profile` does.
    """
    settings = _given(settings, ["mode"] + [field.name for field in _modes.options()], "source")
    mode = settings.get("mode") or infer_mode(settings)
    if not mode:
        raise ProfileError("source requires mode")
    _modes.check_mode(mode)
    settings["mode"] = mode
    stored = {field.key: settings.get(field.name) for field in _modes.FIELDS}
    # Stored profiles require these, but an inline source can do without.
    stored.update(region_id="-", ram_session_name="-")
    _modes.check_mode_fields(mode, settings, stored)
    region = settings.get("region") or ""
    if mode == "ChainableRamRoleArn":
        name = settings["source_profile"]
        if not any(profile["name"] == name for profile in profiles):
            raise MissingProfileError("can not load the source profile: {0} (source)".format(name))
        begin = of_profile(profiles, name)
        return begin._replace(
            hops=begin.hops + (make_hop(settings),), profile="", region=region or begin.region
        )
    source, hops = _of_settings(settings, profile="")
    return Chain(source=source, hops=tuple(hops), profile="", region=region)


def _given(settings: Any, names: Sequence[str], where: str) -> Dict[str, Any]:
    """What is given inline, without what is empty: a lookup's options come unchecked, and numbers as templated text."""
    if not isinstance(settings, Mapping):
        raise ProfileError("{0}: a mapping of options is expected".format(where))
    for name in settings:
        if name not in names:
            raise ProfileError("{0}: there is no option {1}".format(where, name))
    given = {name: value for name, value in settings.items() if value not in (None, "")}
    for name, value in given.items():
        kind = _TYPES.get(name, str)
        if kind is int and isinstance(value, str) and re.match(r"[0-9]{1,9}\Z", value):
            given[name] = int(value)
        elif name != "policy" and not isinstance(value, kind):
            raise ProfileError("{0}: {1} must be of type {2}".format(where, name, kind.__name__))
    return given


# Of the options that are no text.
_TYPES = {
    field.name: int if field.type == "int" else bool
    for field in _modes.FIELDS
    if field.type != "str"
}


def extend(chain: Chain, hops: Sequence[Mapping[str, Any]]) -> Chain:
    """The chain with further hops, given by option names, on top."""
    added = []
    for number, settings in enumerate(hops, 1):
        where = "hops, entry {0}".format(number)
        given = _given(settings, HOP_OPTIONS, where)
        try:
            added.append(make_hop(given))
        except ProfileError as error:
            raise ProfileError("{0}: {1}".format(where, error)) from None
    return chain._replace(hops=chain.hops + tuple(added))


def name_sessions(chain: Chain, name: str) -> Chain:
    """The chain with a name for the sessions that have none, that of a source of mode OIDC included."""
    source = chain.source
    if source.mode == "OIDC" and not source.settings.get("role_session_name"):
        source = source._replace(settings=dict(source.settings, role_session_name=name))
    hops = tuple(
        hop if hop.role_session_name else hop._replace(role_session_name=name) for hop in chain.hops
    )
    if (source, hops) != (chain.source, chain.hops):
        _modes.check_value("role_session_name", _modes.SESSION_NAME, name)
    return chain._replace(source=source, hops=hops)


# By which settings the credentials of a source are told from others, per mode. Secrets enter the hash only: who has
# another secret for the same key ID, or another login, is not given what this one obtained.
_KEPT = ("access_key_id", "access_key_secret", "sts_token")
_IDENTITY = {
    "AK": ("access_key_id", "access_key_secret"),
    "StsToken": ("access_key_id", "access_key_secret", "sts_token"),
    "EcsRamRole": ("ram_role_name",),
    "RsaKeyPair": ("key_pair_name", "private_key", "expired_seconds"),
    "External": ("process_command",),
    "CredentialsURI": ("credentials_uri",),
    "OIDC": (
        "oidc_provider_arn",
        "oidc_token_file",
        "ram_role_arn",
        "role_session_name",
        "expired_seconds",
        "policy",
    ),
    "CloudSSO": (
        "cloud_sso_sign_in_url",
        "cloud_sso_account_id",
        "cloud_sso_access_config",
        "access_token",
    )
    + _KEPT,
    "OAuth": ("oauth_site_type", "oauth_access_token", "oauth_refresh_token") + _KEPT,
}


def keys(chain: Chain, environ: Mapping[str, str]) -> List[str]:
    """One key for the credentials of the source and one for each hop, in order.

    The key of a hop is the hash of the key before it and of every argument of the hop, its endpoint included; the key
    of a source includes what that source reads of the environment variables ``environ``.
    """
    source = chain.source
    identity = [source.settings.get(name) for name in _IDENTITY.get(source.mode, ())]
    endpoint = source.endpoint if source.mode in ("OIDC", "RsaKeyPair") else ""
    read = _environment.read_by(source.mode, environ)
    result = [_digest(["source", source.mode, endpoint, identity, read])]
    for hop in chain.hops:
        result.append(_digest(["hop", result[-1], list(hop)]))
    return result


def has_secret(source: Source) -> bool:
    """Return whether a secret is part of the key of a source, so that nobody else can guess the key."""
    names = _IDENTITY.get(source.mode, ())
    return any(source.settings.get(name) for name in names if _modes.is_secret(name))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8")).hexdigest()
