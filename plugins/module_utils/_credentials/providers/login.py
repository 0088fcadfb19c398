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

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    Service,
    ask,
    given_credentials,
    read_answer,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._http import host_of, is_loopback

OAUTH_HOSTS = {"CN": "https://oauth.aliyun.com", "INTL": "https://oauth.alibabacloud.com"}
# Seconds that kept credentials and tokens must still be good for.
MARGIN = 60


def obtain_cloud_sso(source: Source, context: Context) -> Credentials:
    """The credentials of a login at CloudSSO. Raises SourceError where it has expired."""
    settings = source.settings
    kept = _kept(source, context)
    if kept:
        return kept
    names = ("cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config")
    if not all(settings.get(name) for name in names):
        raise _log_in_again(source)
    body = {
        "AccountId": settings["cloud_sso_account_id"],
        "AccessConfigurationId": settings["cloud_sso_access_config"],
    }
    origin = _origin(settings["cloud_sso_sign_in_url"])
    service = Service(
        name="CloudSSO at {0}".format(host_of(origin)),
        advice="check cloud_sso_sign_in_url, cloud_sso_account_id and cloud_sso_access_config",
    )
    content = _exchange(
        source,
        context,
        service,
        origin + "/cloud-credentials",
        body,
        token="access_token",
        expire="cloud_sso_access_token_expire",
    )
    return given_credentials(content.get("CloudCredential"), service)


def obtain_oauth(source: Source, context: Context) -> Credentials:
    """The credentials of a login in a browser. Raises SourceError where it has expired."""
    kept = _kept(source, context)
    if kept:
        return kept
    host = OAUTH_HOSTS.get(source.settings.get("oauth_site_type") or "")
    if not host:
        raise _log_in_again(source)
    service = Service(
        name="OAuth at {0}".format(host_of(host)),
        advice="check oauth_site_type, and what the login is allowed to do",
    )
    content = _exchange(
        source,
        context,
        service,
        host + "/v1/exchange",
        {},
        token="oauth_access_token",
        expire="oauth_access_token_expire",
    )
    return given_credentials(content, service)


def _kept(source: Source, context: Context) -> Optional[Credentials]:
    """The credentials that the CLI left in the profile, as long as they last."""
    names = ("access_key_id", "access_key_secret", "sts_token")
    settings = source.settings
    if not all(settings.get(name) for name in names):
        return None
    if not _lasts(settings.get("sts_expiration"), context):
        return None
    key_id, secret, token = (settings[name] for name in names)
    return Credentials(key_id, secret, token, settings["sts_expiration"])


def _lasts(expiration: Any, context: Context) -> bool:
    return isinstance(expiration, int) and expiration > context.now + MARGIN


def _origin(url: str) -> str:
    """Scheme and host of the sign-in URL, to which the login's token is sent: never in the clear."""
    try:
        origin = urljoin(url, "/").rstrip("/")
    except ValueError:
        origin = ""
    if not origin.startswith("https://") and not is_loopback(origin):
        raise SourceError("cloud_sso_sign_in_url must be an https:// URL")
    return origin


def _exchange(
    source: Source,
    context: Context,
    service: Service,
    url: str,
    body: Mapping[str, str],
    *,
    token: str,
    expire: str
) -> Mapping[str, Any]:
    """What is answered for the login's token, which the settings ``token`` and ``expire`` hold."""
    settings = source.settings
    if not settings.get(token) or not _lasts(settings.get(expire), context):
        raise _log_in_again(source)
    headers: Dict[str, str] = {
        "Authorization": "Bearer " + settings[token],
        "Content-Type": "application/json",
    }
    answer = ask(
        context, service, "POST", url, headers=headers, body=json.dumps(body).encode("utf-8")
    )
    if answer.status == 401:
        raise _log_in_again(source)
    return read_answer(answer, service)


def _log_in_again(source: Source) -> SourceError:
    if not source.profile:
        return SourceError(
            "a login is kept in a profile only; log in with 'aliyun configure --mode {0} --profile NAME' and give the"
            " option profile instead of source".format(source.mode)
        )
    return SourceError(
        "the login has expired; log in again with 'aliyun configure --mode {0} --profile {1}'".format(
            source.mode, shlex.quote(source.profile)
        )
    )
