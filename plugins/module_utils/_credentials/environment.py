# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Environment variables that name a profile or a source."""

from typing import Any, Dict, Mapping, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rows

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
SESSION_NAME_VARIABLE = "ALIBABA_CLOUD_ROLE_SESSION_NAME"
_STS_ENDPOINT_VARIABLE = "ALIBABA_CLOUD_STS_ENDPOINT"
_STS_REGION_VARIABLE = "ALIBABA_CLOUD_STS_REGION"
_VPC_VARIABLE = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"
_TRUE = ("1", "true", "yes", "on")


def is_true(environ: Mapping[str, str], name: str) -> bool:
    """Whether an environment variable says yes."""
    return environ.get(name, "").lower() in _TRUE


def find_value(environ: Mapping[str, str], names: Tuple[str, ...]) -> str:
    """The value of the first variable that is set and not empty; empty without one."""
    name = find_variable(environ, names)
    return environ[name] if name else ""


def find_variable(environ: Mapping[str, str], names: Tuple[str, ...]) -> str:
    """The name of the first variable that is set and not empty; empty without one."""
    return next((name for name in names if environ.get(name)), "")


def allows_profiles(environ: Mapping[str, str]) -> bool:
    """Whether a profile that nobody named may be used."""
    ignored = any(environ.get(name) == _IGNORE for name in _IGNORE_VARIABLES)
    return not ignored and not is_true(environ, _PROFILES_DISABLED_VARIABLE)


def find_key_variables(environ: Mapping[str, str]) -> Optional[Tuple[str, str, str]]:
    """The first family of variables of which the ID or the secret of an access key is set."""
    return next((names for names in KEY_FAMILIES if find_value(environ, names[:2])), None)


def make_key_source(environ: Mapping[str, str]) -> Optional[Dict[str, Any]]:
    """The source that access key variables name, by option names; a key that is not complete is empty in it."""
    names = find_key_variables(environ)
    if not names:
        return None
    key_id, secret, token = (environ.get(name, "") for name in names)
    source = {"access_key_id": key_id, "access_key_secret": secret, "sts_token": token}
    return dict(source, **_read_common(environ))


def is_disabled(mode: _rows.Mode, environ: Mapping[str, str]) -> bool:
    """Return whether the environment forbids the provider of a mode."""
    return bool(mode.disabled_by) and is_true(environ, mode.disabled_by)


def find_source(environ: Mapping[str, str], *, after_profiles: bool) -> Optional[Dict[str, Any]]:
    """Return the source that the variables of a mode name, by option names; None if there is no such source.

    ``after_profiles`` selects the modes that are tried if there is no profile; the others come before all profiles.
    """
    for mode in _modes.MODES.values():
        if not mode.variables or mode.after_profiles != after_profiles:
            continue
        source = {option: environ.get(name) for option, name in mode.variables.items()}
        if all(source.values()) and not is_disabled(mode, environ):
            common = _read_common(environ) if mode.calls_sts else {}
            return dict(source, mode=mode.name, **common)
    return None


def _read_common(environ: Mapping[str, str]) -> Dict[str, Any]:
    """Region and STS endpoint, which OIDC and GetCallerIdentity use."""
    region = environ.get(_STS_REGION_VARIABLE, "")
    endpoint = environ.get(_STS_ENDPOINT_VARIABLE, "")
    if region and not endpoint and is_true(environ, _VPC_VARIABLE):
        endpoint = "sts-vpc.{0}.aliyuncs.com".format(region)
    return {
        "sts_region": region,
        "sts_endpoint": endpoint,
        "region": find_value(environ, REGION_VARIABLES),
    }
