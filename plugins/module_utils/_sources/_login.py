# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Modes CloudSSO and OAuth: what a login with the CLI left in the profile.

Credentials that the CLI keeps there are used while they last, then new ones are asked for with the login's access
token, in memory: the user's file is never written. Only the CLI can renew the login itself.
"""

import json
import shlex
from typing import Any, Dict, Mapping, Optional
from urllib.parse import urljoin

from ansible_collections.aliyun.cli.plugins.module_utils._chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer, is_loopback
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import (
    Context,
    checked,
    flat_credentials,
    given_credentials,
    parse_object,
)

OAUTH_HOSTS = {"CN": "https://oauth.aliyun.com", "INTL": "https://oauth.alibabacloud.com"}
# Seconds that kept credentials and tokens must still be good for.
MARGIN = 60


def obtain_cloud_sso(source: Source, context: Context) -> Credentials:
    """The credentials of a login at CloudSSO. Raises SourceError where it has expired."""
    settings = source.settings
    kept = _kept(settings, context)
    if kept:
        return kept
    names = (
        "cloud_sso_sign_in_url",
        "cloud_sso_account_id",
        "cloud_sso_access_config",
        "access_token",
    )
    if not all(settings.get(name) for name in names) or not _lasts(
        settings, "cloud_sso_access_token_expire", context
    ):
        raise _log_in_again(source)
    body = {
        "AccountId": settings["cloud_sso_account_id"],
        "AccessConfigurationId": settings["cloud_sso_access_config"],
    }
    answer = _post(
        context,
        _origin(settings["cloud_sso_sign_in_url"]) + "/cloud-credentials",
        settings["access_token"],
        json.dumps(body).encode("utf-8"),
    )
    if answer.status == 401:
        raise _log_in_again(source)
    if answer.status != 200:
        raise SourceError(
            "CloudSSO answered HTTP status {0}: check the account and access configuration".format(
                answer.status
            )
        )
    content = parse_object(answer.body, "CloudSSO").get("CloudCredential")
    return given_credentials(content if isinstance(content, dict) else {}, "CloudSSO")


def obtain_oauth(source: Source, context: Context) -> Credentials:
    """The credentials of a login in a browser. Raises SourceError where it has expired."""
    settings = source.settings
    kept = _kept(settings, context)
    if kept:
        return kept
    host = OAUTH_HOSTS.get(settings.get("oauth_site_type") or "")
    token = settings.get("oauth_access_token")
    if not host or not token or not _lasts(settings, "oauth_access_token_expire", context):
        raise _log_in_again(source)
    answer = _post(context, host + "/v1/exchange", token, b"{}")
    if answer.status == 401:
        raise _log_in_again(source)
    return flat_credentials(answer, "OAuth", success=False)


def _kept(settings: Mapping[str, Any], context: Context) -> Optional[Credentials]:
    names = ("access_key_id", "access_key_secret", "sts_token")
    if not all(settings.get(name) for name in names) or not _lasts(
        settings, "sts_expiration", context
    ):
        return None
    key_id, secret, token = (settings[name] for name in names)
    return Credentials(key_id, secret, token, settings["sts_expiration"])


def _lasts(settings: Mapping[str, Any], name: str, context: Context) -> bool:
    value = settings.get(name)
    return isinstance(value, int) and value > context.now + MARGIN


def _origin(url: str) -> str:
    """Scheme and host of the sign-in URL, to which the login's token is sent: never in the clear."""
    try:
        origin = urljoin(url, "/").rstrip("/")
    except ValueError:
        origin = ""
    if not origin.startswith("https://") and not is_loopback(origin):
        raise SourceError("cloud_sso_sign_in_url must be an https:// URL")
    return origin


def _post(context: Context, url: str, token: str, body: bytes) -> Answer:
    headers: Dict[str, str] = {
        "Authorization": "Bearer " + token,
        "Content-Type": "application/json",
    }

    def attempt() -> Answer:
        return checked(context.http.send("POST", url, headers=headers, body=body))

    try:
        return context.http.retry(attempt)
    except StsError as error:
        raise SourceError(
            "the login could not be exchanged for credentials: {0}".format(error)
        ) from None


def _log_in_again(source: Source) -> SourceError:
    command = "aliyun configure --mode {0}".format(source.mode)
    if source.profile:
        command += " --profile {0}".format(shlex.quote(source.profile))
    return SourceError("the login has expired: log in again with '{0}'".format(command))
