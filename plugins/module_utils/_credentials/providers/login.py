# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Modes CloudSSO and OAuth: credentials of a login with the CLI, which stores it in the profile.

Stored credentials are used until they expire. Then new ones are requested with the access token of the login. The
user's file is never written. Only the CLI can renew the login itself.
"""

import json
import shlex
from typing import Any, Dict, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    Service,
    ask,
    read_answer,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError

# Seconds for which stored credentials and tokens must still be valid.
MARGIN = 60


def find_stored(source: Source, context: Context) -> Optional[Credentials]:
    """Return the credentials that the CLI stored in the profile, None if they are missing or about to expire."""
    names = ("access_key_id", "access_key_secret", "sts_token")
    settings = source.settings
    if not all(settings.get(name) for name in names):
        return None
    if not _is_fresh(settings.get("sts_expiration"), context):
        return None
    key_id, secret, token = (settings[name] for name in names)
    return Credentials(key_id, secret, token, settings["sts_expiration"])


def _is_fresh(expiration: Any, context: Context) -> bool:
    return isinstance(expiration, int) and expiration > context.now + MARGIN


def exchange(
    source: Source,
    context: Context,
    service: Service,
    url: str,
    body: Mapping[str, str],
    *,
    token: str,
    expire: str
) -> Mapping[str, Any]:
    """Return the response for the login's token. ``token`` and ``expire`` are the names of its settings.

    Raise SourceError if the login has expired.
    """
    settings = source.settings
    if not settings.get(token) or not _is_fresh(settings.get(expire), context):
        raise log_in_again(source)
    headers: Dict[str, str] = {
        "Authorization": "Bearer " + settings[token],
        "Content-Type": "application/json",
    }
    answer = ask(
        context, service, "POST", url, headers=headers, body=json.dumps(body).encode("utf-8")
    )
    if answer.status == 401:
        raise log_in_again(source)
    return read_answer(answer, service)


def log_in_again(source: Source) -> SourceError:
    if not source.profile:
        return SourceError(
            "a login is stored only in a profile: log in with 'aliyun configure --mode {0} --profile NAME' and give the"
            " option profile instead of source".format(source.mode)
        )
    return SourceError(
        "the login has expired: log in again with 'aliyun configure --mode {0} --profile {1}'".format(
            source.mode, shlex.quote(source.profile)
        )
    )
