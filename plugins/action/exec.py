# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result


class ActionModule(CensoringAction):
    """Runs the module; a loop over secrets is censored, be they for the program."""

    def _has_secrets(self, variables: Result) -> bool:
        args = self._task.args
        return bool(args.get("env") or args.get("stdin")) or super()._has_secrets(variables)
