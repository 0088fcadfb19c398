# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module access_key_info without calls."""

from typing import Any

from ansible_collections.aliyun.cli.plugins.modules import access_key_info


def test_recycle_bin_is_the_callers(run: Any) -> None:
    result = run(access_key_info.main, recycle_bin=True, user_name="deploy")
    assert (
        result["failed"]
        and result["msg"] == "recycle_bin lists the caller's keys: remove user_name"
    )


def test_profile_that_is_missing(run: Any) -> None:
    result = run(access_key_info.main, profile="nobody")
    assert result["failed"] and "the profile 'nobody' does not exist" in result["msg"]
