# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result


class ActionModule(CensoringAction):
    """Run the module, and censor a result with the secret of a new key."""

    secret_result = "access_key"

    def has_secret(self, result: Result) -> bool:
        """Return whether the result contains the secret of a new key."""
        return "access_key_secret" in (result.get("access_key") or {})
