# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session names from Ansible's variables."""

from __future__ import annotations

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._session_name import user_name
from ansible_collections.aliyun.cli.plugins.plugin_utils._session_name import fill_in

VARIABLES = {"inventory_hostname": "web-1", "ansible_play_name": "Roll out (staging)"}


def test_user_host_and_play() -> None:
    options = {"role_session_name": "{user}.{host}", "hops": [{"role_session_name": "{play}"}]}
    assert fill_in(options, VARIABLES) == {
        "role_session_name": f"{user_name()}.web-1",
        "hops": [{"role_session_name": "Roll-out--staging-"}],
    }


def test_no_play() -> None:
    with pytest.raises(ProfileError, match=r"\{play\} stands for nothing here"):
        fill_in({"role_session_name": "{play}", "hops": None}, {"inventory_hostname": "web-1"})
