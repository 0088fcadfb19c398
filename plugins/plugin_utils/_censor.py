# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Decides when Ansible must not print the result of a task, and runs modules under that rule."""

from __future__ import annotations

import typing as t

from ansible.plugins.action.normal import ActionModule as NormalAction


def holds_secret(value: t.Any) -> bool:
    """Whether arguments hold an option of this collection that is secret, at whatever depth."""
    if isinstance(value, t.Mapping):
        return any(
            (name in _secret_names() and bool(item)) or holds_secret(item)
            for name, item in value.items()
        )
    return isinstance(value, (list, tuple)) and any(holds_secret(item) for item in value)


def _secret_names() -> set[str]:
    from ansible_collections.aliyun.cli.plugins.module_utils import _modes

    return {"security_token"} | {field.name for field in _modes.options() if field.secret}


class CensoringAction(NormalAction):
    """Runs the module of the same name as ever.

    Where the task is a loop and its arguments hold a secret, the result is censored: Ansible prints the item
    of a loop with each result, and ``no_log`` of an option does not reach it.
    """

    def run(
        self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None
    ) -> dict[str, t.Any]:
        if self._task.loop is not None and holds_secret(self._task.args):
            self.censor()
        return self.outcome(task_vars)

    def outcome(self, task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """The result of the module."""
        result: dict[str, t.Any] = super().run(None, task_vars)
        return dict(result, _ansible_no_log=True) if self._task.no_log is True else result

    def censor(self) -> None:
        """Have the result hidden, and that of the whole loop, which would repeat it."""
        self._task.no_log = True
