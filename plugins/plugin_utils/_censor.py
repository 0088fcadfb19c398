# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Decides when Ansible must not print the result of a task, and runs modules under that rule."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action.normal import ActionModule as NormalAction

Result = dict[str, t.Any]


class CensoringAction(NormalAction):
    """Runs the module of the same name as ever.

    Where the task is a loop and its arguments or the item hold a secret, the result is censored: Ansible prints the item
    of a loop with each result, whatever the task uses of it, and ``no_log`` of an option does not reach it.
    """

    def __init__(self, *arguments: t.Any, **options: t.Any) -> None:
        super().__init__(*arguments, **options)
        self._no_log = self._task.no_log

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        # A task is tried again with the same object.
        self._task.no_log = self._no_log
        if self._task.loop is not None and self._has_secrets(task_vars or {}):
            self.censor()
        result = self.outcome(task_vars)
        return dict(result, _ansible_no_log=True) if self._task.no_log is True else result

    def _has_secrets(self, variables: Result) -> bool:
        # Loaded only now: each worker compiles what it loads, and most tasks are no loops.
        from ansible_collections.aliyun.cli.plugins.module_utils._modes import HIDDEN, is_secret
        from ansible_collections.aliyun.cli.plugins.module_utils._secret_arguments import (
            ARGUMENT,
            secrets,
        )

        # What a module has returned can be an item, and shows by these that there is a secret.
        shown = (ARGUMENT, HIDDEN)
        name = str(variables.get("ansible_loop_var"))
        item = variables.get(name)
        # Of the other names that hold secrets, what is no mapping is the name of a profile or a source.
        named = is_secret(name) or name == "credentials"
        printed = [{name: item} if named else item]
        if isinstance(item, dict) and item.keys() == {"key", "value"}:
            # An entry of a dictionary, as dict2items and with_dict make it.
            printed.append({str(item["key"]): item["value"]})
        if self._task.loop_control.extended:
            # It holds the other items.
            printed.append(variables.get("ansible_loop"))
        return any(secret not in shown for secret in secrets([self._task.args, printed]))

    def outcome(self, task_vars: Result | None) -> Result:
        """The result of the module."""
        return super().run(None, task_vars)  # type: ignore[no-any-return]

    def censor(self) -> None:
        """Have the result hidden, and that of the whole loop, which would repeat it."""
        self._task.no_log = True

    @contextlib.contextmanager
    def quiet_connection(self) -> Iterator[None]:
        """Keep the connection from printing what a command prints, as that over SSH does at C(-vvv)."""
        context = self._connection._play_context
        if context.no_log:
            yield
            return
        context.no_log = True
        try:
            yield
        except AnsibleConnectionFailure:
            context.no_log = False
            # This fails for the same reason, and says it.
            self._low_level_execute_command("exit 0", sudoable=False)
            raise
        finally:
            context.no_log = False
