# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Table of all fields of a profile, and of all modes.

Argument specs, validation, pruning, masking, the order on disk, cache keys and providers are derived from it. The rows
of fields are in the order in which the CLI writes the keys (``config/profile.go`` of aliyun-cli). A new field needs one
row. A new mode needs one row and its provider.
"""

import re
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._rows import MACHINE, PROCESS, Field, Mode
from ansible_collections.aliyun.cli.plugins.module_utils._rules import (
    ENDPOINT,
    EXPIRED_SECONDS,
    EXTERNAL_ID,
    HEADER,
    HTTPS_URL,
    KEY_PAIR_SECONDS,
    LINE,
    NOT_NEGATIVE,
    OIDC_PROVIDER,
    REGION,
    ROLE_ARN,
    SESSION_NAME,
    URL,
    WORD,
    check_value,
)

# Replacement for a secret.
HIDDEN = "***"
_METADATA = "ALIBABA_CLOUD_ECS_METADATA"
_METADATA_DISABLED = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
_URI_VARIABLE = "ALIBABA_CLOUD_CREDENTIALS_URI"
_PROCESS_DISABLED = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"
_KEY_SETTINGS = ("access_key_id", "access_key_secret")
_STS_SETTINGS = _KEY_SETTINGS + ("sts_token",)
_SSO_SETTINGS = ("cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config")

# By name, in the order of the CLI.
MODES = {
    mode.name: mode
    for mode in (
        Mode(
            "AK",
            provider="static",
            identity=_KEY_SETTINGS,
            implied_by=_KEY_SETTINGS,
            implied_rank=3,
        ),
        Mode(
            "StsToken",
            provider="static",
            identity=_STS_SETTINGS,
            implied_by=_STS_SETTINGS,
            implied_rank=1,
        ),
        Mode(
            "RamRoleArn",
            base=("StsToken", "AK"),
            implied_by=_KEY_SETTINGS + ("ram_role_arn",),
            implied_rank=2,
        ),
        Mode(
            "EcsRamRole",
            provider="ecs_ram_role",
            identity=("ram_role_name",),
            environ=(
                _METADATA,
                _METADATA_DISABLED,
                "ALIBABA_CLOUD_IMDSV1_DISABLED",
                "ALIYUN_CLI_METADATA_ENDPOINT",
            ),
            inputs=(MACHINE,),
            implied_by=("ram_role_name",),
            implied_rank=5,
            variables={"ram_role_name": _METADATA},
            after_profiles=True,
            disabled_by=_METADATA_DISABLED,
        ),
        Mode(
            "RsaKeyPair",
            provider="rsa_key_pair",
            identity=("key_pair_name", "private_key", "expired_seconds"),
            inputs=("private_key",),
            calls_sts=True,
            implied_by=("private_key", "key_pair_name"),
            implied_rank=4,
        ),
        Mode("RamRoleArnWithRoleName", base=("EcsRamRole",)),
        Mode("ChainableRamRoleArn", chained=True),
        Mode(
            "External",
            provider="external",
            identity=("process_command",),
            environ=(_PROCESS_DISABLED,),
            inputs=(MACHINE, PROCESS),
            implied_by=("process_command",),
            implied_rank=6,
            disabled_by=_PROCESS_DISABLED,
        ),
        Mode(
            "CredentialsURI",
            provider="credentials_uri",
            identity=("credentials_uri",),
            environ=(_URI_VARIABLE, _PROCESS_DISABLED, _METADATA_DISABLED),
            inputs=(MACHINE,),
            variables={"credentials_uri": _URI_VARIABLE},
            after_profiles=True,
            disabled_by=_PROCESS_DISABLED,
        ),
        Mode(
            "OIDC",
            provider="oidc",
            identity=(
                "oidc_provider_arn",
                "oidc_token_file",
                "oidc_token",
                "ram_role_arn",
                "role_session_name",
                "expired_seconds",
                "policy",
            ),
            inputs=("oidc_token_file",),
            calls_sts=True,
            implied_by=("oidc_provider_arn", "oidc_token_file", "ram_role_arn"),
            implied_rank=7,
            variables={
                "ram_role_arn": "ALIBABA_CLOUD_ROLE_ARN",
                "oidc_provider_arn": "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
                "oidc_token_file": "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
            },
        ),
        Mode(
            "CloudSSO",
            provider="cloud_sso",
            identity=_SSO_SETTINGS + ("access_token",) + _STS_SETTINGS,
            login=True,
            implied_by=("cloud_sso_sign_in_url",),
            implied_rank=8,
            since="3.0.271",
        ),
        Mode(
            "OAuth",
            provider="o_auth",
            identity=("oauth_site_type", "oauth_access_token", "oauth_refresh_token")
            + _STS_SETTINGS,
            login=True,
            since="3.0.299",
        ),
        Mode("BearerToken", implied_by=("bearer_token",), implied_rank=9, since="3.3.16"),
        Mode("Anonymous", since="3.3.16"),
    )
}
_UNKNOWN = Mode("")
_IMPLIED = sorted(
    (mode for mode in MODES.values() if mode.implied_by), key=lambda mode: mode.implied_rank
)


def _split(names: str) -> FrozenSet[str]:
    return frozenset(names.split())


_KEY = _split("AK StsToken RamRoleArn")
_SSO_TOKEN = {"CloudSSO": ("cloud_sso_sign_in_url",)}
_OAUTH_TOKEN = {"OAuth": ("oauth_site_type",)}
# Credentials that the CLI stores for a login, and the SDKs for a command. The SDK for Go stores the credentials of a
# command also in the profile that is chained to it.
_SESSION = dict(
    _OAUTH_TOKEN,
    CloudSSO=_SSO_SETTINGS,
    External=("process_command",),
    ChainableRamRoleArn=("source_profile",),
)
_ROLE = _split("RamRoleArn RamRoleArnWithRoleName ChainableRamRoleArn OIDC")
_EXTERNAL_ID = _split("RamRoleArn RamRoleArnWithRoleName ChainableRamRoleArn")
_CHAIN = _split("ChainableRamRoleArn")
_EXTERNAL = _split("External")
_URI = _split("CredentialsURI")
_OIDC = _split("OIDC")
_RSA = _split("RsaKeyPair")
_SSO = _split("CloudSSO")
_OAUTH = _split("OAuth")
_BEARER = _split("BearerToken")
_NONE = _split("")
_ALL = frozenset(MODES)

FIELDS = (
    Field("access_key_id", "access_key_id", _KEY, _KEY, rule=WORD, kept=_SESSION),
    Field(
        "access_key_secret", "access_key_secret", _KEY, _KEY, secret=True, rule=WORD, kept=_SESSION
    ),
    Field(
        "sts_token",
        "sts_token",
        _split("StsToken RamRoleArn"),
        _split("StsToken"),
        secret=True,
        rule=WORD,
        kept=_SESSION,
    ),
    Field("sts_region", "sts_region", _ALL, rule=REGION),
    Field("sts_endpoint", "sts_endpoint", _ALL, rule=ENDPOINT, since="3.4.5"),
    Field("ram_role_name", "ram_role_name", _split("EcsRamRole RamRoleArnWithRoleName"), rule=WORD),
    Field("ram_role_arn", "ram_role_arn", _ROLE, _ROLE, rule=ROLE_ARN),
    Field(
        "role_session_name",
        "ram_session_name",
        _ROLE,
        _split("RamRoleArn ChainableRamRoleArn OIDC"),
        rule=SESSION_NAME,
    ),
    Field("external_id", "external_id", _EXTERNAL_ID, rule=EXTERNAL_ID, since="3.0.276"),
    Field("source_profile", "source_profile", _CHAIN, _CHAIN, since="3.0.298"),
    Field("private_key", "private_key", _RSA, _RSA, secret=True),
    Field("key_pair_name", "key_pair_name", _RSA, _RSA),
    Field(
        "expired_seconds",
        "expired_seconds",
        _ROLE | _RSA,
        type="int",
        rule=EXPIRED_SECONDS,
        rules={"RsaKeyPair": KEY_PAIR_SECONDS},
    ),
    Field("verified", "verified", _ALL, option=False),
    Field("region", "region_id", _ALL, required=_ALL, rule=REGION),
    Field("output_format", "output_format", _ALL, option=False),
    Field("language", "language", _ALL, choices=("zh", "en")),
    Field("site", "site", _ALL, option=False),
    # The CLI before 3.4.8 reads this key instead of read_timeout, newer ones read both. It is never written.
    Field("read_timeout", "retry_timeout", _ALL, type="int", option=False),
    Field("read_timeout", "read_timeout", _ALL, type="int", rule=NOT_NEGATIVE, since="3.4.8"),
    Field("connect_timeout", "connect_timeout", _ALL, type="int", rule=NOT_NEGATIVE),
    Field("retry_count", "retry_count", _ALL, type="int", rule=NOT_NEGATIVE),
    Field("process_command", "process_command", _EXTERNAL, _EXTERNAL, secret=True),
    Field("credentials_uri", "credentials_uri", _URI, _URI, secret=True, rule=URL),
    Field("oidc_provider_arn", "oidc_provider_arn", _OIDC, _OIDC, rule=OIDC_PROVIDER),
    Field("oidc_token_file", "oidc_token_file", _OIDC, _OIDC),
    Field("cloud_sso_sign_in_url", "cloud_sso_sign_in_url", _SSO, _SSO, rule=HTTPS_URL),
    Field("access_token", "access_token", _NONE, secret=True, kept=_SSO_TOKEN, option=False),
    Field(
        "cloud_sso_access_token_expire",
        "cloud_sso_access_token_expire",
        _NONE,
        type="int",
        kept=_SSO_TOKEN,
        option=False,
    ),
    Field("sts_expiration", "sts_expiration", _NONE, type="int", kept=_SESSION, option=False),
    Field("cloud_sso_access_config", "cloud_sso_access_config", _SSO),
    Field("cloud_sso_account_id", "cloud_sso_account_id", _SSO),
    Field(
        "oauth_access_token",
        "oauth_access_token",
        _NONE,
        secret=True,
        kept=_OAUTH_TOKEN,
        option=False,
    ),
    Field(
        "oauth_refresh_token",
        "oauth_refresh_token",
        _NONE,
        secret=True,
        kept=_OAUTH_TOKEN,
        option=False,
    ),
    Field(
        "oauth_access_token_expire",
        "oauth_access_token_expire",
        _NONE,
        type="int",
        kept=_OAUTH_TOKEN,
        option=False,
    ),
    Field(
        "oauth_refresh_token_expire",
        "oauth_refresh_token_expire",
        _NONE,
        type="int",
        kept=_OAUTH_TOKEN,
        option=False,
    ),
    Field("oauth_site_type", "oauth_site_type", _OAUTH, _OAUTH, choices=("CN", "INTL")),
    Field("endpoint_type", "endpoint_type", _ALL),
    Field("endpoint", "endpoint", _ALL),
    Field("external_account_type", "external_account_type", _ALL),
    Field("auto_plugin_install", "auto_plugin_install", _ALL, type="bool"),
    Field("auto_plugin_install_enable_pre", "auto_plugin_install_enable_pre", _ALL, type="bool"),
    Field("bearer_token", "bearer_token", _BEARER, _BEARER, secret=True, rule=LINE, since="3.3.16"),
    Field(
        "bearer_token_header_key", "bearer_token_header_key", _BEARER, rule=HEADER, since="3.3.16"
    ),
    # Keys of the official SDKs. The CLI does not know them, and removes them.
    Field("policy", "policy", _ROLE, option=False),
    Field("enable_vpc", "enable_vpc", _ALL, type="bool", option=False),
)

KEYS = {field.key: field for field in FIELDS}
_BY_NAME = {field.name: field for field in FIELDS}
# Modes whose profiles contain a long-lived access key. The first mode needs only the key.
KEY_MODES = tuple(
    mode
    for mode in MODES
    if mode in KEYS["access_key_id"].required and mode not in KEYS["sts_token"].required
)
ORDER = {key: index for index, key in enumerate(("name", "mode") + tuple(KEYS))}


def _strip_name(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


# Names in the table, and other names of these secrets in STS and in variables of the family ALICLOUD_.
_SECRETS = tuple(
    {_strip_name(name) for field in FIELDS if field.secret for name in (field.name, field.key)}
    | {"securitytoken", "secretkey", "oidctoken"}
)


def is_secret(name: Any) -> bool:
    """Return whether a name belongs to a secret: an option, a variable, or a key of config.json, credentials, or STS."""
    return _strip_name(str(name)).endswith(_SECRETS)


def list_options() -> Iterator[Field]:
    """List the fields that are options of modules and of an inline source."""
    return (field for field in FIELDS if field.option)


def make_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return Ansible's argument spec for the options of a profile: mode and all fields, without defaults."""
    spec: Dict[str, Dict[str, Any]] = {"mode": {"type": "str", "choices": list(MODES)}}
    for field in list_options():
        spec[field.name] = {"type": field.type, "no_log": field.secret}
        if field.choices:
            spec[field.name]["choices"] = list(field.choices)
    return spec


def list_removable(prefix: str = "") -> List[str]:
    """Return the options of a profile that an empty text removes, each with a prefix."""
    return [prefix + field.name for field in list_options()]


def get_mode(name: str) -> Mode:
    """Return the row of a mode, an empty one for an unknown mode."""
    return MODES.get(name, _UNKNOWN)


def infer_mode(settings: Mapping[str, Any]) -> str:
    """Return the mode that the CLI infers from settings; empty if they imply no mode."""
    for mode in _IMPLIED:
        if all(settings.get(name) for name in mode.implied_by):
            return mode.name
    return ""


def check_mode(mode: str) -> None:
    """Raise ProfileError for an unknown mode. The CLI accepts one spelling only."""
    if mode in MODES:
        return
    meant = [known for known in MODES if known.lower() == mode.lower()]
    raise ProfileError(
        "mode must be {0}".format(meant[0] if meant else "one of " + ", ".join(MODES))
    )


def check_mode_fields(mode: str, given: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    """Check a profile against the table.

    ``given`` are the options of the task (by option name; empty values remove), ``stored`` is the profile that would be
    written (by JSON key). Raise ProfileError with one sentence. For an unknown mode, check the form of values only.
    """
    known = mode in MODES
    for field in list_options():
        value = given.get(field.name)
        if not value:
            continue
        if known and mode not in field.modes:
            raise ProfileError("{0} is not used by mode {1}: remove it".format(field.name, mode))
        check_value(field.name, field.get_rule(mode), value)
    missing = [
        field.name for field in FIELDS if mode in field.required and not stored.get(field.key)
    ]
    if missing:
        raise ProfileError("mode {0} requires {1}".format(mode, ", ".join(missing)))


def is_used(field: Field, mode: str) -> bool:
    """Return whether a profile of the mode can contain the field, as a setting or as stored state."""
    return mode in field.modes or mode in field.kept


def is_state(field: Field, profile: Mapping[str, Any]) -> bool:
    """Return whether the CLI or an SDK stored the field as state.

    In a chained profile, only the SDK for Go does that, always with ``sts_expiration``. A key without it remains from
    another mode, since the CLI does not remove fields when it changes the mode.
    """
    mode = profile["mode"]
    return mode in field.kept and (not get_mode(mode).chained or "sts_expiration" in profile)


def find_owners(field: Field, mode: str) -> Tuple[Field, ...]:
    """Return the fields to which stored state belongs in a profile of the mode; empty for a setting."""
    return tuple(_BY_NAME[name] for name in field.kept.get(mode, ()))


def mask(field: Optional[Field], value: Any) -> Any:
    """Mask a value: hide secrets and values of unknown keys, and show the last characters of an access key ID.

    A value is also hidden if it does not have the type of its field. ``_masking`` applies these rules to text.
    """
    if field is None or field.secret or not field.has_type(value):
        return HIDDEN
    if field.key == "access_key_id":
        return mask_id(value or "")
    return value


def mask_id(access_key_id: str) -> str:
    """Mask an access key ID as ``aliyun configure list`` does."""
    return HIDDEN + (access_key_id[-3:] if len(access_key_id) > 3 else "")
