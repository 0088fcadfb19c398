# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles of every mode in the demo world, and chains over them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Limits
from ansible_collections.aliyun.cli.tests import emulator as emulator_package
from ansible_collections.aliyun.cli.tests.emulator import Emulator

DEMO = Path(emulator_package.__file__).parent / "worlds" / "demo.yml"
KEY = "LTAI5tEXAMPLEdeploy0001A"
SECRET = "fake-deploy-secret-Hd52mVx7Qe"
AK = {"mode": "AK", "access_key_id": KEY, "access_key_secret": SECRET}
HUB = "acs:ram::1100000000000001:role/hub"
SPOKE = "acs:ram::1200000000000002:role/spoke"
USER = "acs:ram::1100000000000001:user/deploy"
EXTERNAL_ID = "fake-external-id-Rb17"
SSO_TOKEN = "fake-cloud-sso-access-token-Yv38"
OAUTH_TOKEN = "fake-oauth-access-token-Dm75"
LIMITS = Limits(connect_timeout=30, read_timeout=30, max_time=90, retries=1)


def session_arn(role: str, name: str) -> str:
    """Return the name of a role session in GetCallerIdentity."""
    return role.replace(":role/", ":assumed-role/") + "/" + name


def hops(url: str) -> list[dict[str, Any]]:
    """Return the roles ``hub`` and ``spoke``, by option names."""
    common = {"role_session_name": "test", "sts_endpoint": url}
    return [
        {"ram_role_arn": HUB, **common},
        {"ram_role_arn": SPOKE, "external_id": EXTERNAL_ID, **common},
    ]


def make_profiles(emulator: Emulator, folder: Path) -> dict[str, dict[str, Any]]:
    """Return a profile of each mode that can start a chain, as stored in config.json, by mode.

    The identity of each may assume ``hub``.
    """
    token = folder / "token"
    token.write_text(emulator.oidc_token() + "\n")
    printed = folder / "it is printed"
    printed.write_text(json.dumps(AK))
    pem = emulator.key_pair(USER, name="pair")
    in_a_day = int(time.time()) + 86400
    settings: dict[str, dict[str, Any]] = {
        "AK": AK,
        "RamRoleArn": {**AK, "ram_role_arn": HUB, "ram_session_name": "test"},
        "EcsRamRole": {},
        "RamRoleArnWithRoleName": {"ram_role_arn": HUB, "ram_session_name": "test"},
        "RsaKeyPair": {"key_pair_name": "pair", "private_key": pem},
        "External": {"process_command": f"cat '{printed}'"},
        "CredentialsURI": {"credentials_uri": emulator.http_url + "/credentials-uri"},
        "OIDC": {
            "oidc_provider_arn": "acs:ram::1100000000000001:oidc-provider/ci",
            "oidc_token_file": str(token),
            "ram_role_arn": "acs:ram::1100000000000001:role/pipeline",
            "ram_session_name": "test",
            "expired_seconds": 900,
        },
        "CloudSSO": {
            "cloud_sso_sign_in_url": emulator.https_url + "/login",
            "cloud_sso_account_id": "1100000000000001",
            "cloud_sso_access_config": "ac-fake0000000000000001",
            "access_token": SSO_TOKEN,
            "cloud_sso_access_token_expire": in_a_day,
        },
        "OAuth": {
            "oauth_site_type": "CN",
            "oauth_access_token": OAUTH_TOKEN,
            "oauth_access_token_expire": in_a_day,
        },
    }
    common = {"name": "begin", "region_id": "cn-hangzhou", "sts_endpoint": emulator.http_url}
    return {mode: {**common, **own, "mode": mode} for mode, own in settings.items()}


def inline(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a profile of config.json as the option ``source``, as far as that option supports it."""
    source = {"mode": profile["mode"]}
    for field in _modes.list_options():
        if profile.get(field.key):
            source[field.name] = profile[field.key]
    return source


def above(mode: str, url: str) -> list[dict[str, Any]]:
    """Return the hops to add to a profile of a mode for a chain of two hops."""
    has_hub = mode in ("RamRoleArn", "RamRoleArnWithRoleName")
    return hops(url)[1:] if has_hub else hops(url)


def make_chain(profile: dict[str, Any], top: list[dict[str, Any]]) -> _chain.Chain:
    """Return the chain of a profile with hops on top."""
    chain = _chain.extend(_chain.from_profile([profile], profile["name"]), top)
    return _chain.name_sessions(chain, "test")


def caller(
    emulator: Emulator,
    chain: _chain.Chain,
    *,
    environ: dict[str, str] | None = None,
    allow_process: bool = True,
    http: Http | None = None,
) -> str:
    """Return the ARN that STS gives the credentials at the end of a chain."""
    environ = {"ALIYUN_CLI_METADATA_ENDPOINT": emulator.http_url, **(environ or {})}
    http = http or Http(limits=LIMITS, ca_bundle=emulator.ca_file, sleep=lambda seconds: None)
    with http:
        resolver = Resolver(http, environ=environ, allow_process=allow_process)
        return str(resolver.get_caller_identity(chain)["Arn"])
