# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The one table: a row for every field of a profile, and a row for every mode.

Argument specs, validation, pruning, masking, the order on disk, cache keys and providers are derived from it. The rows
of fields are in the order in which the CLI writes the keys (``config/profile.go`` of aliyun-cli). A new field is one
more row, a new mode one more row and its provider.
"""

import re
from typing import Any, Dict, FrozenSet, Iterator, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

# Characters of a value whose length nothing else bounds.
_LONGEST = 65536
# How a secret is shown.
HIDDEN = "***"
# Outside inputs of a provider: the machine with its metadata service and loopback, and the environment of a process.
MACHINE, PROCESS = "machine", "process"


class Mode(NamedTuple):
    """One mode: how a profile authenticates. Settings are named as options.

    A chain can start from a mode with a ``provider``, the module in ``_credentials/providers`` that obtains its
    credentials. A mode with a ``base`` is one AssumeRole with the credentials of the first of these modes whose
    settings are complete, and a ``chained`` mode one with those of its source profile. Other modes have no credentials.
    """

    name: str
    provider: str = ""
    # Settings that identify the credentials of the provider (cache key). Secrets enter the hash only: another secret
    # or another login for the same key ID does not get these credentials.
    identity: Tuple[str, ...] = ()
    # Environment variables that the provider reads.
    environ: Tuple[str, ...] = ()
    # What else the credentials depend on: MACHINE, PROCESS, or a setting with the path of a file.
    inputs: Tuple[str, ...] = ()
    # The provider calls STS at the profile's endpoint, for ``expired_seconds``.
    calls_sts: bool = False
    base: Tuple[str, ...] = ()
    chained: bool = False
    # A user must log in with the CLI first.
    login: bool = False
    # Settings that imply the mode if none is named, and the order in which the CLI tries these
    # (AutoModeRecognition in config/profile.go).
    implied_by: Tuple[str, ...] = ()
    implied_rank: int = 0
    # Settings by the environment variables that name a source of this mode, and whether profiles take precedence.
    variables: Mapping[str, str] = {}
    after_profiles: bool = False
    # The variable that forbids the provider.
    disabled_by: str = ""
    # First version of the CLI with this mode; empty if all supported versions have it.
    since: str = ""

    @property
    def is_static(self) -> bool:
        """Return whether the credentials are in the profile itself. They are never cached."""
        return self.provider == "static"

    @property
    def has_credentials(self) -> bool:
        """Return whether a profile of this mode can be a source profile."""
        return bool(self.provider or self.base or self.chained)


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


class Rule(NamedTuple):
    """The documented form of a value: ``low`` to ``high`` characters that match ``pattern``, or a range of numbers."""

    text: str
    pattern: str = ""
    low: int = 1
    high: int = _LONGEST

    def accepts(self, value: Any) -> bool:
        """Whether a value has the documented form. Ansible takes true for a number, which the CLI does not."""
        if isinstance(value, int):
            return not isinstance(value, bool) and self.low <= value <= self.high
        return self.low <= len(value) <= self.high and bool(re.match(self.pattern + r"\Z", value))

    def describe(self, value: Any) -> str:
        """The form, and what is wrong with a value where its form does not show it."""
        if isinstance(value, str) and value.endswith(("\n", "\r")):
            return self.text + ": it ends with a line break"
        if isinstance(value, str) and len(value) > self.high == _LONGEST:
            return "{0}: it has more than {1} characters".format(self.text, _LONGEST)
        return self.text


class Field(NamedTuple):
    """One field of a profile.

    ``name`` is the option (the CLI's flag with underscores), ``key`` the key in config.json. ``modes`` use the field,
    and it is required by ``required`` among them. In the modes ``kept`` it is state that the CLI or an SDK stores, not an
    option; it belongs to the settings that ``kept`` names. A field with ``option=False`` is never an option.
    ``rules`` replace ``rule`` for single modes. ``since`` is the first version of the CLI with the field.
    """

    name: str
    key: str
    modes: FrozenSet[str] = frozenset(MODES)
    required: FrozenSet[str] = frozenset()
    type: str = "str"
    secret: bool = False
    rule: Optional[Rule] = None
    choices: Tuple[str, ...] = ()
    kept: Mapping[str, Tuple[str, ...]] = {}
    option: bool = True
    rules: Mapping[str, Rule] = {}
    since: str = ""

    def get_rule(self, mode: str) -> Optional[Rule]:
        """The documented form of the value in a profile of the mode."""
        return self.rules.get(mode, self.rule)


def _split(names: str) -> FrozenSet[str]:
    return frozenset(names.split())


# Forms as documented for STS 2015-04-01 (AssumeRole) and RAM (CreateRole). Of '_' in a role name not all pages say the
# same: STS knows whether there is such a role.
ROLE_NAME = Rule("1 to 64 letters, digits, '.', '-' and '_'", r"[A-Za-z0-9.\-_]{1,64}")
ROLE_ARN = Rule(
    "acs:ram::<account ID>:role/<role name>, with {0} in the role name".format(ROLE_NAME.text),
    r"acs:ram::[0-9]+:role/" + ROLE_NAME.pattern,
)
SESSION_NAME = Rule(
    "2 to 64 letters, digits and the characters . @ - _", r"[A-Za-z0-9.@\-_]*", 2, 64
)
EXTERNAL_ID = Rule(
    "2 to 1224 letters, digits and the characters _ + = , . @ : / -",
    r"[A-Za-z0-9_+=,.@:/\-]*",
    2,
    1224,
)
EXPIRED_SECONDS = Rule("900 to 43200 seconds", low=900, high=43200)
KEY_PAIR_SECONDS = Rule("900 to 3600 seconds", low=900, high=3600)
REGION = Rule("a region ID such as cn-hangzhou", r"[A-Za-z0-9\-]+")
_LABEL = "[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*"
# 1 to 65535.
_PORT = "(?:[1-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
ENDPOINT = Rule(
    "a host such as sts-vpc.cn-hangzhou.aliyuncs.com, with an optional port; http:// is for loopback addresses only",
    r"(?:(?:https://)?{0}(?:\.{0})*\.?"
    r"|https?://(?:127(?:\.[0-9]{{1,3}}){{3}}|localhost|\[::1\]))(?::(?!0){1})?/?".format(
        _LABEL, _PORT
    ),
)
SOURCE_IDENTITY = Rule(
    "2 to 64 letters, digits and the characters _ + = , . @ -, not beginning with acs:, aliyun: or alibabacloud:",
    r"[A-Za-z0-9_+=,.@\-]*",
    2,
    64,
)
POLICY = Rule("a RAM policy as JSON of at most 2048 characters", r"(?s)\s*\{.*\}\s*", 2, 2048)
_WORD = Rule("text without spaces", r"\S+")
_OIDC_PROVIDER = Rule(
    "acs:ram::<account ID>:oidc-provider/<name>", r"acs:ram::[0-9]+:oidc-provider/\S+"
)
_URL = Rule("an http:// or https:// URL", r"https?://[^\s/]\S*")
_HTTPS_URL = Rule("an https:// URL", r"https://[^\s/]\S*")
_LINE = Rule("text without line breaks", r"[^\r\n]+")
# The CLI refuses the others (config/profile.go).
_HEADER = Rule(
    "the name of an HTTP header such as X-Auth-Token: ASCII characters without spaces and colons",
    r"[!-9;-~]+",
)
_NOT_NEGATIVE = Rule("a number from 0 to 2147483647", low=0, high=2147483647)

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

FIELDS = (
    Field("access_key_id", "access_key_id", _KEY, _KEY, rule=_WORD, kept=_SESSION),
    Field(
        "access_key_secret", "access_key_secret", _KEY, _KEY, secret=True, rule=_WORD, kept=_SESSION
    ),
    Field(
        "sts_token",
        "sts_token",
        _split("StsToken RamRoleArn"),
        _split("StsToken"),
        secret=True,
        rule=_WORD,
        kept=_SESSION,
    ),
    Field("sts_region", "sts_region", rule=REGION),
    Field("sts_endpoint", "sts_endpoint", rule=ENDPOINT, since="3.4.5"),
    Field(
        "ram_role_name", "ram_role_name", _split("EcsRamRole RamRoleArnWithRoleName"), rule=_WORD
    ),
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
    Field("verified", "verified", option=False),
    Field("region", "region_id", required=frozenset(MODES), rule=REGION),
    Field("output_format", "output_format", option=False),
    Field("language", "language", choices=("zh", "en")),
    Field("site", "site", option=False),
    # The CLI before 3.4.8 reads this key instead of read_timeout, newer ones read both. It is never written.
    Field("read_timeout", "retry_timeout", type="int", option=False),
    Field("read_timeout", "read_timeout", type="int", rule=_NOT_NEGATIVE, since="3.4.8"),
    Field("connect_timeout", "connect_timeout", type="int", rule=_NOT_NEGATIVE),
    Field("retry_count", "retry_count", type="int", rule=_NOT_NEGATIVE),
    Field("process_command", "process_command", _EXTERNAL, _EXTERNAL, secret=True),
    Field("credentials_uri", "credentials_uri", _URI, _URI, secret=True, rule=_URL),
    Field("oidc_provider_arn", "oidc_provider_arn", _OIDC, _OIDC, rule=_OIDC_PROVIDER),
    Field("oidc_token_file", "oidc_token_file", _OIDC, _OIDC),
    Field("cloud_sso_sign_in_url", "cloud_sso_sign_in_url", _SSO, _SSO, rule=_HTTPS_URL),
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
    Field("endpoint_type", "endpoint_type"),
    Field("endpoint", "endpoint"),
    Field("external_account_type", "external_account_type"),
    Field("auto_plugin_install", "auto_plugin_install", type="bool"),
    Field("auto_plugin_install_enable_pre", "auto_plugin_install_enable_pre", type="bool"),
    Field(
        "bearer_token", "bearer_token", _BEARER, _BEARER, secret=True, rule=_LINE, since="3.3.16"
    ),
    Field(
        "bearer_token_header_key", "bearer_token_header_key", _BEARER, rule=_HEADER, since="3.3.16"
    ),
    # Keys of the official SDKs, which the CLI does not know and drops.
    Field("policy", "policy", _ROLE, option=False),
    Field("enable_vpc", "enable_vpc", type="bool", option=False),
)

KEYS = {field.key: field for field in FIELDS}
_BY_NAME = {field.name: field for field in FIELDS}
# Modes whose profiles hold a long-lived access key. The first one has nothing else.
KEY_MODES = tuple(
    mode
    for mode in MODES
    if mode in KEYS["access_key_id"].required and mode not in KEYS["sts_token"].required
)
ORDER = {key: index for index, key in enumerate(("name", "mode") + tuple(KEYS))}


def _strip_name(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


# Beside the table: what STS, and what variables of the family ALICLOUD_ call the same.
_SECRETS = tuple(
    {_strip_name(name) for field in FIELDS if field.secret for name in (field.name, field.key)}
    | {"securitytoken", "secretkey", "oidctoken"}
)


def is_secret(name: Any) -> bool:
    """Whether what has this name is secret: an option, a key of config.json, of credentials, or of STS, a variable."""
    return _strip_name(str(name)).endswith(_SECRETS)


def list_options() -> Iterator[Field]:
    """The fields that are options of modules and of an inline source."""
    return (field for field in FIELDS if field.option)


def make_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Ansible's argument spec of a profile's options: the mode and every field, none with a default."""
    spec: Dict[str, Dict[str, Any]] = {"mode": {"type": "str", "choices": list(MODES)}}
    for field in list_options():
        spec[field.name] = {"type": field.type, "no_log": field.secret}
        if field.choices:
            spec[field.name]["choices"] = list(field.choices)
    return spec


def check_value(name: str, rule: Optional[Rule], value: Any) -> None:
    """Raise ProfileError where a value that is not empty lacks the documented form. The value itself is not printed."""
    if rule is not None and value and not rule.accepts(value):
        raise ProfileError("{0} must be {1}".format(name, rule.describe(value)))


def get_mode(name: str) -> Mode:
    """Return the row of a mode, an empty one for a mode that the table does not know."""
    return MODES.get(name, _UNKNOWN)


def infer_mode(settings: Mapping[str, Any]) -> str:
    """Return the mode that settings imply, as the CLI infers it when it uses them; empty if they imply none."""
    for mode in _IMPLIED:
        if all(settings.get(name) for name in mode.implied_by):
            return mode.name
    return ""


def check_mode(mode: str) -> None:
    """Raise ProfileError where there is no such mode. The CLI takes it in one spelling only."""
    if mode in MODES:
        return
    meant = [known for known in MODES if known.lower() == mode.lower()]
    raise ProfileError(
        "mode must be {0}".format(meant[0] if meant else "one of " + ", ".join(MODES))
    )


def check_mode_fields(mode: str, given: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    """Hold a profile against the table.

    ``given`` are the options of the task (by option name; empty values remove), ``stored`` is the profile as it would
    be written (by JSON key). Raises ProfileError with one sentence; of a mode that the table does not know, just the
    form of values is checked.
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
    """Return whether a profile of the mode may hold the field, as a setting or as stored state."""
    return mode in field.modes or mode in field.kept


def is_state(field: Field, profile: Mapping[str, Any]) -> bool:
    """Return whether the CLI or an SDK stored the field as state.

    In a chained profile only the SDK for Go does that, always with ``sts_expiration``. A key without it is left over
    from another mode, since the CLI leaves fields behind when it changes the mode.
    """
    mode = profile["mode"]
    return mode in field.kept and (not get_mode(mode).chained or "sts_expiration" in profile)


def is_private_key(value: str) -> bool:
    """Return whether the value of ``private_key`` is a key and not a path: PEM, or its base64 body without header."""
    return "-----BEGIN" in value or bool(re.match(r"MI[A-Za-z0-9+/\s]{200,}={0,2}\s*\Z", value))


def find_owners(field: Field, mode: str) -> Tuple[Field, ...]:
    """Return the fields that stored state belongs to in a profile of the mode; none for a setting."""
    return tuple(_BY_NAME[name] for name in field.kept.get(mode, ()))


def has_type(field: Field, value: Any) -> bool:
    """Return whether the CLI can read a value of config.json, which stops it otherwise. To Go ``null`` is like nothing."""
    if field.type == "int":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value is None or (is_number and -(2**63) <= value < 2**63)
    return value is None or isinstance(value, str if field.type == "str" else bool)


def convert(field: Field, value: Any) -> Any:
    """A value of another type in the type of the field, as far as it is clear what is meant; None otherwise."""
    if field.type == "int":
        number = re.match(r"(-?[0-9]{1,18})(?:\.0*)?\Z", str(value) or "0")
        return int(number.group(1)) if number else None
    if field.type == "bool":
        words = {"true": True, "1": True, "false": False, "0": False, "": False}
        return words.get(str(value).lower())
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def mask(field: Optional[Field], value: Any) -> Any:
    """What may be shown of a value: nothing of a secret or of an unknown key, the last characters of an access key ID.

    Nor is a value shown that is not of the type of its field. ``_masking`` goes by this where values stand in text.
    """
    if field is None or field.secret or not has_type(field, value):
        return HIDDEN
    if field.key == "access_key_id":
        return mask_id(value or "")
    return value


def mask_id(access_key_id: str) -> str:
    """An access key ID in the form of ``aliyun configure list``."""
    return HIDDEN + (access_key_id[-3:] if len(access_key_id) > 3 else "")
