# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result


class ActionModule(CensoringAction):
    """Run the module, and censor a result or a loop with secrets."""

    def run_module(self, task_vars: Result | None) -> Result:
        """Return the result, censored if it contains the secret of a key."""
        if self._task.async_val:
            message = "async_status would print the secret of a new key: run the task without async"
            return {"failed": True, "msg": message}
        with self.silence_connection():
            result = super().run_module(task_vars)
        if "access_key_secret" in (result.get("access_key") or {}):
            self.censor()
        elif "access_key_secret" in str(result.get("module_stdout")).lower():
            # Other output of the node made the result of the module unreadable.
            result["module_stdout"] = "(not shown, since it contains a secret)"
        return result
