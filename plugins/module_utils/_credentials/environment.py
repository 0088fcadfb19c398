# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Environment variables: which of them name a source, and which of them a source reads."""

import hashlib
from typing import Any, Dict, Mapping, Optional, Tuple

# The CLI's variables for the name of the profile, first one set wins.
PROFILE_VARIABLES = ("ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE")
CONFIG_FILE_VARIABLE = "ALIBABA_CLOUD_CONFIG_FILE"
_PROFILES_DISABLED_VARIABLE = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"
# These have the CLI ignore its file, with this very value.
_IGNORE_VARIABLES = ("ALIBABA_CLOUD_IGNORE_PROFILE", "ALIBABACLOUD_IGNORE_PROFILE")
_IGNORE = "TRUE"
# Access key ID, access key secret and security token. A token of one family never joins a key of another one.
KEY_FAMILIES = tuple(
    (prefix + key_id, prefix + secret, prefix + "SECURITY_TOKEN")
    for prefix, key_id, secret in (
        ("ALIBABA_CLOUD_", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
        ("ALIBABACLOUD_", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
        ("ALICLOUD_", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
        ("ALICLOUD_", "ACCESS_KEY", "SECRET_KEY"),
    )
)
REGION_VARIABLES = ("ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION_ID", "ALICLOUD_REGION_ID")
_OIDC_VARIABLES = {
    "ram_role_arn": "ALIBABA_CLOUD_ROLE_ARN",
    "oidc_provider_arn": "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "oidc_token_file": "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
}
SESSION_NAME_VARIABLE = "ALIBABA_CLOUD_ROLE_SESSION_NAME"
METADATA_VARIABLE = "ALIBABA_CLOUD_ECS_METADATA"
METADATA_DISABLED_VARIABLE = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
METADATA_V1_DISABLED_VARIABLE = "ALIBABA_CLOUD_IMDSV1_DISABLED"
# For tests: another address of this machine instead of the metadata service.
METADATA_ENDPOINT_VARIABLE = "ALIYUN_CLI_METADATA_ENDPOINT"
URI_VARIABLE = "ALIBABA_CLOUD_CREDENTIALS_URI"
PROCESS_DISABLED_VARIABLE = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"
_STS_ENDPOINT_VARIABLE = "ALIBABA_CLOUD_STS_ENDPOINT"
_STS_REGION_VARIABLE = "ALIBABA_CLOUD_STS_REGION"
_VPC_VARIABLE = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"

# What a source of a mode reads of the environment, however it was named.
_READ: Dict[str, Tuple[str, ...]] = {
    "EcsRamRole": (
        METADATA_VARIABLE,
        METADATA_DISABLED_VARIABLE,
        METADATA_V1_DISABLED_VARIABLE,
        METADATA_ENDPOINT_VARIABLE,
    ),
    "CredentialsURI": (URI_VARIABLE, PROCESS_DISABLED_VARIABLE),
    "External": (PROCESS_DISABLED_VARIABLE,),
}
_TRUE = ("1", "true", "yes", "on")


def is_true(environ: Mapping[str, str], name: str) -> bool:
    """Whether an environment variable says yes."""
    return environ.get(name, "").lower() in _TRUE


def first(environ: Mapping[str, str], names: Tuple[str, ...]) -> str:
    """The value of the first variable that is set and not empty; empty without one."""
    name = first_set(environ, names)
    return environ[name] if name else ""


def first_set(environ: Mapping[str, str], names: Tuple[str, ...]) -> str:
    """The name of the first variable that is set and not empty; empty without one."""
    return next((name for name in names if environ.get(name)), "")


def allows_profiles(environ: Mapping[str, str]) -> bool:
    """Whether a profile that nobody named may be used."""
    ignored = any(environ.get(name) == _IGNORE for name in _IGNORE_VARIABLES)
    return not ignored and not is_true(environ, _PROFILES_DISABLED_VARIABLE)


def key_variables(environ: Mapping[str, str]) -> Optional[Tuple[str, str, str]]:
    """The first family of variables of which the ID or the secret of an access key is set."""
    return next((names for names in KEY_FAMILIES if first(environ, names[:2])), None)


def key_source(environ: Mapping[str, str]) -> Optional[Dict[str, Any]]:
    """The source that access key variables name, by option names; a key that is not complete is empty in it."""
    names = key_variables(environ)
    if not names:
        return None
    key_id, secret, token = (environ.get(name, "") for name in names)
    source = {"access_key_id": key_id, "access_key_secret": secret, "sts_token": token}
    return dict(source, mode="StsToken" if token else "AK", **_common(environ))


def oidc_source(environ: Mapping[str, str]) -> Optional[Dict[str, Any]]:
    """The source that the variables of an OIDC token name, where all three are set."""
    source = {option: environ.get(name) for option, name in _OIDC_VARIABLES.items()}
    if not all(source.values()):
        return None
    return dict(source, mode="OIDC", **_common(environ))


def late_source(environ: Mapping[str, str]) -> Optional[Dict[str, Any]]:
    """The source that is asked where there is no profile: the metadata service or a credentials URI."""
    if environ.get(METADATA_VARIABLE) and not is_true(environ, METADATA_DISABLED_VARIABLE):
        return {"mode": "EcsRamRole", "ram_role_name": environ[METADATA_VARIABLE]}
    if environ.get(URI_VARIABLE):
        return {"mode": "CredentialsURI", "credentials_uri": environ[URI_VARIABLE]}
    return None


def _common(environ: Mapping[str, str]) -> Dict[str, Any]:
    """Region and STS endpoint, which OIDC and GetCallerIdentity use."""
    region = environ.get(_STS_REGION_VARIABLE, "")
    endpoint = environ.get(_STS_ENDPOINT_VARIABLE, "")
    if region and not endpoint and is_true(environ, _VPC_VARIABLE):
        endpoint = "sts-vpc.{0}.aliyuncs.com".format(region)
    return {
        "sts_region": region,
        "sts_endpoint": endpoint,
        "region": first(environ, REGION_VARIABLES),
    }


def read_by(mode: str, environ: Mapping[str, str]) -> Dict[str, str]:
    """What a source of a mode reads of the environment: names and values, a URI as its hash."""
    return _shown(environ, _READ.get(mode, ()))


def _shown(environ: Mapping[str, str], names: Tuple[str, ...]) -> Dict[str, str]:
    shown = {name: environ[name] for name in sorted(set(names)) if environ.get(name)}
    if URI_VARIABLE in shown:
        shown[URI_VARIABLE] = hashlib.sha256(
            shown[URI_VARIABLE].encode("utf-8", "surrogateescape")
        ).hexdigest()
    return shown
