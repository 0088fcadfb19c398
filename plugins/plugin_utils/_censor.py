# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run modules in an action plugin that registers secrets and censors results that Ansible must not print."""

from __future__ import annotations

import contextlib
import re
import typing as t
from collections.abc import Iterator

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible_collections.aliyun.cli.plugins.plugin_utils._registration import (
    register_arguments,
    register_results,
)

Result = dict[str, t.Any]


class CensoringAction(NormalAction):
    """Run the module of the same name.

    The result is censored if the task is a loop and its arguments or the item contain a secret. Ansible prints the item
    of a loop with each result, and ``no_log`` of an option does not cover it.
    """

    # Names of further secret options, in addition to the table in _modes.
    secret_options: t.ClassVar[tuple[str, ...]] = ()
    # Key of a dictionary with secrets in the result. A result with this key is censored.
    secret_result: t.ClassVar[str] = ""

    def __init__(self, *arguments: t.Any, **options: t.Any) -> None:
        super().__init__(*arguments, **options)
        self._no_log = self._task.no_log

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        # A retried task has the same object.
        self._task.no_log = self._no_log
        printed = [self._task.args, *self._printed(task_vars or {})]
        register_arguments(printed, self.secret_options)
        if self._task.loop is not None and self._has_secrets(printed):
            self.censor()
        if self.secret_result and self._task.async_val:
            return {
                "failed": True,
                "msg": "async_status would print the {0}: run the task without async".format(
                    self.secret_result.replace("_", " ")
                ),
            }
        result = self.run_module(task_vars)
        self._protect(result)
        return dict(result, _ansible_no_log=True) if self._task.no_log is True else result

    def run_module(self, task_vars: Result | None) -> Result:
        """Run the module and return its result."""
        if not self.secret_result:
            return super().run(None, task_vars)  # type: ignore[no-any-return]
        with self.silence_connection():
            return super().run(None, task_vars)  # type: ignore[no-any-return]

    def _protect(self, result: Result) -> None:
        """Register and censor the secrets of a result."""
        names = find_unsupported(str(result.get("msg"))) if result.get("failed") else ()
        if names:
            # Each of these arguments can be a misspelled secret. The module does not print them, but a loop does.
            register_arguments(self._task.args, names)
            if self._task.loop is not None:
                self.censor()
        if not self.secret_result:
            return
        secret = result.get(self.secret_result)
        if isinstance(secret, dict):
            register_results([secret])
        if self.has_secret(result):
            self.censor()
        elif "access_key_secret" in str(result.get("module_stdout")).lower():
            # Another program on the node made the output of the module unreadable.
            result["module_stdout"] = "(not shown: it contains credentials)"

    def has_secret(self, result: Result) -> bool:
        """Return whether the result of the module holds credentials."""
        return not result.get("failed")

    def _printed(self, variables: Result) -> list[t.Any]:
        """Return the variables of a loop that Ansible prints with each result."""
        if self._task.loop is None:
            return []
        name = str(variables.get("ansible_loop_var"))
        item = variables.get(name)
        # A plain value of the other names with secrets is the name of a profile or a source.
        printed = [{name: item} if self._is_secret(name) else item]
        if isinstance(item, dict) and item.keys() == {"key", "value"}:
            # An entry of a dictionary, as dict2items and with_dict return it.
            printed.append({str(item["key"]): item["value"]})
        if self._task.loop_control.extended:
            # It contains the other items.
            printed.append(variables.get("ansible_loop"))
        return printed

    @staticmethod
    def _is_secret(name: str) -> bool:
        # Imported only here, since each worker compiles its imports, and most tasks have no loop.
        from ansible_collections.aliyun.cli.plugins.module_utils._modes import is_secret

        return is_secret(name) or name == "credentials"

    def _has_secrets(self, printed: list[t.Any]) -> bool:
        from ansible_collections.aliyun.cli.plugins.module_utils._modes import HIDDEN
        from ansible_collections.aliyun.cli.plugins.module_utils._secret_arguments import (
            ARGUMENT,
            find_secrets,
        )

        # An item can be the result of a module, in which these replace secrets.
        shown = (ARGUMENT, HIDDEN)
        if any(self._task.args.get(name) for name in self.secret_options):
            return True
        return any(secret not in shown for secret in find_secrets(printed))

    def censor(self) -> None:
        """Hide the result, and the result of the whole loop, which repeats it."""
        self._task.no_log = True

    @contextlib.contextmanager
    def silence_connection(self) -> Iterator[None]:
        """Keep the connection from printing the output of a command, as SSH does at C(-vvv)."""
        context = self._connection._play_context
        if context.no_log:
            yield
            return
        context.no_log = True
        try:
            yield
        except AnsibleConnectionFailure:
            context.no_log = False
            # This command fails for the same reason and prints it.
            self._low_level_execute_command("exit 0", sudoable=False)
            raise
        finally:
            context.no_log = False


def find_unsupported(message: str) -> list[str]:
    """Return the names of the arguments that a module does not have, as Ansible's message lists them.

    An argument of a suboption is "option.name", and a name can contain a dot, so return each end of it.
    """
    found = re.search(
        r"Unsupported parameters for \([^)]*\) module: (.*?)\. Supported", message, re.S
    )
    if not found:
        return []
    parts = [name.split(".") for name in found.group(1).split(", ")]
    return [".".join(part[start:]) for part in parts for start in range(len(part))]
