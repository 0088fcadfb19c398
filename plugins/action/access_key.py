# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result


class ActionModule(CensoringAction):
    """Runs the module; a result with a secret is censored, and so is a loop over secrets."""

    def run_module(self, task_vars: Result | None) -> Result:
        """Return the result, censored if it holds the secret of a key."""
        if self._task.async_val:
            message = "with async, async_status would print the secret of a new key: run it without"
            return {"failed": True, "msg": message}
        with self.silence_connection():
            result = super().run_module(task_vars)
        if "access_key_secret" in (result.get("access_key") or {}):
            self.censor()
        elif "access_key_secret" in str(result.get("module_stdout")).lower():
            # Something on the node has printed what made the module's answer unreadable.
            result["module_stdout"] = "(not shown, since there is a secret in it)"
        return result
