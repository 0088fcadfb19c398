# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that are in the profile itself."""

import pytest
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    Scripted,
    failure,
    obtained,
)

KEY = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "hidden"}


@pytest.mark.parametrize("mode, token", [("AK", ""), ("StsToken", "hidden-token")])
def test_obtain_returns_the_keys_of_the_profile(mode, token):
    found = obtained(Scripted(), mode=mode, sts_token=token, **KEY)
    assert tuple(found[:3]) == ("LTAI5tEXAMPLE", "hidden", token)
    assert found.expiration == 0


@pytest.mark.parametrize("name", ["access_key_id", "access_key_secret", "sts_token"])
def test_obtain_names_what_is_missing(name):
    profile = dict(KEY, mode="StsToken", sts_token="hidden-token")
    assert failure(Scripted(), **dict(profile, **{name: ""})) == name + " is missing"
