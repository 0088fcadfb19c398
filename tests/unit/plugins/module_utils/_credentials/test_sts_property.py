# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a server answers: credentials, or a sentence without what it said."""

from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Response
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    Scripted,
    answer,
)
from hypothesis import given
from hypothesis import strategies as st

# Nothing of this may be in a sentence.
HIDDEN = "hidden \u20ac text"
KEYS = st.sampled_from(
    [
        *CREDENTIALS,
        "Credentials",
        "AssumedRoleUser",
        "Arn",
        "Code",
        "RequestId",
        "AccessDeniedDetail",
    ]
    + ["NoPermissionType", "PolicyType", "CloudCredential", "AccountId"]
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([HIDDEN, "Success"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)
BODIES = st.one_of(
    DOCUMENTS.map(lambda document: answer(document).body),
    st.binary(max_size=20).map(lambda data: data + HIDDEN.encode()),
    st.just(b"[" * 100000),
)
ANSWERS = st.builds(
    Response,
    st.sampled_from([200, 200, 302, 400, 401, 403, 404, 429, 500]),
    st.dictionaries(st.sampled_from(["date", "x-acs-request-id"]), st.just(HIDDEN)),
    BODIES,
)
LOGIN = {"access_token": "x", "cloud_sso_access_token_expire": 1 << 40}
PROFILES: Dict[str, Dict[str, Any]] = {
    "AK": {"access_key_id": "a", "access_key_secret": "b"},
    "EcsRamRole": {},
    "CredentialsURI": {"credentials_uri": "http://127.0.0.1/"},
    "CloudSSO": {
        "cloud_sso_sign_in_url": "https://signin.example.com",
        "cloud_sso_account_id": "1",
        "cloud_sso_access_config": "ac-1",
        **LOGIN,
    },
    "OAuth": {
        "oauth_site_type": "CN",
        "oauth_access_token": "x",
        "oauth_access_token_expire": 1 << 40,
    },
}


@pytest.mark.parametrize("mode", PROFILES)
@given(ANSWERS)
def test_any_answer(mode: str, given_answer: Response) -> None:
    profile = {"name": "begin", "mode": mode, **PROFILES[mode]}
    hops = [{"ram_role_arn": "acs:ram::1:role/a", "role_session_name": "me"}] * (mode == "AK")
    chain = _chain.extend(_chain.from_profile([profile], "begin"), hops)
    resolver = Resolver(Scripted(*[given_answer] * 20), environ={})
    try:
        assert all(resolver.resolve(chain)[:3])
    except (SourceError, StsError) as error:
        assert HIDDEN not in str(error)
