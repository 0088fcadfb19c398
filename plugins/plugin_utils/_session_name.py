# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Session names on the controller, where the host of the inventory and the play are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils import _session_name


def fill_in(options: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the placeholders in session names replaced, given Ansible's variables. Raises ProfileError."""
    values = {
        "user": _session_name.user_name(),
        "host": variables.get("inventory_hostname") or "",
        "play": variables.get("ansible_play_name") or "",
    }
    return _session_name.fill_in(options, values)
