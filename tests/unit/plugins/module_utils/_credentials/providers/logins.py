# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles of logins, and answers to their tokens."""

import time

from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    EXPIRATION,
    answer,
)

LATER, SOON = int(time.time()) + 86400, int(time.time()) + 30
SSO = {
    "mode": "CloudSSO",
    "cloud_sso_sign_in_url": "https://signin.example.com/start?x=1",
    "cloud_sso_account_id": "1000000000000001",
    "cloud_sso_access_config": "ac-1",
    "access_token": "hidden-login",
    "cloud_sso_access_token_expire": LATER,
}
OAUTH = {
    "mode": "OAuth",
    "oauth_site_type": "CN",
    "oauth_access_token": "hidden-login",
    "oauth_access_token_expire": LATER,
    "oauth_refresh_token": "hidden-refresh",
}
LOGINS = {"CloudSSO": SSO, "OAuth": OAUTH}
KEPT = {
    "access_key_id": "STS.NUKEPT",
    "access_key_secret": "hidden-secret",
    "sts_token": "hidden-token",
    "sts_expiration": LATER,
}
WHO = {
    "CloudSSO": "CloudSSO at signin.example.com ",
    "OAuth": "OAuth at oauth.aliyun.com ",
}
ADVICE = {
    "CloudSSO": "; check cloud_sso_sign_in_url, cloud_sso_account_id and cloud_sso_access_config",
    "OAuth": "; check oauth_site_type, and what the login is allowed to do",
}
NEW = ("STS.NUEXAMPLE", "hidden-secret", "hidden-token", EXPIRATION, "")


def login(mode, **changes):
    """Return the profile of a login with changes."""
    profile = dict(LOGINS[mode])
    profile.update(changes)
    return profile


def given(mode, document):
    return answer({"CloudCredential": document} if mode == "CloudSSO" else document)


def again(mode):
    return "the login has expired; log in again with 'aliyun configure --mode {0} --profile begin'".format(
        mode
    )
