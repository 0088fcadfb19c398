# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results that two plugins return alike are documented alike."""

from __future__ import annotations

import yaml
from ansible_collections.aliyun.cli.plugins.lookup import assume_role as lookup
from ansible_collections.aliyun.cli.plugins.modules import access_key, access_key_info, assume_role


def test_lookup_and_module_return_the_same_credentials() -> None:
    module = yaml.safe_load(assume_role.RETURN)["credentials"]
    assert yaml.safe_load(lookup.RETURN)["_raw"]["contains"] == module["contains"]


def test_access_key_modules_return_the_same_user() -> None:
    one, other = (yaml.safe_load(module.RETURN) for module in (access_key, access_key_info))
    assert one["user_name"] == other["user_name"]
