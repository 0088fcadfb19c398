# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.utils.display import Display
from ansible_collections.aliyun.cli.plugins.lookup import assume_role as lookup
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.module_utils._secret_arguments import findable, secrets
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.entry import parents_of
from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result
from ansible_collections.aliyun.cli.plugins.plugin_utils._resolve import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._session_name import fill_in
from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import slips


class ActionModule(CensoringAction):
    """Assumes the roles on the managed node or on the controller, and hides the credentials."""

    def outcome(self, task_vars: Result | None) -> Result:
        """The credentials, censored; a failure without credentials is shown."""
        if self._task.async_val:
            return failed("with async, async_status would print the credentials: run it without")
        if self._task.args.get("run_on") == "controller":
            result = on_controller(self._task.args, task_vars or {}, self._loader)
        else:
            with self.quiet_connection():
                result = super().outcome(task_vars)
        if not result.get("failed"):
            self.censor()
        elif "access_key_secret" in str(result.get("module_stdout")).lower():
            # Something on the node has printed what made the module's answer unreadable.
            result["module_stdout"] = "(not shown, since there are credentials in it)"
        return result


def on_controller(
    arguments: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any], loader: t.Any = None
) -> Result:
    """What the module would return, obtained as by the lookup, with the profiles of the user who runs Ansible.

    What the task leaves open is as for the lookup too: variables, environment, and ``ansible.cfg`` may say it.
    """
    checked = ArgumentSpecValidator(
        module.argument_spec(), mutually_exclusive=module.MUTUALLY_EXCLUSIVE
    ).validate(arguments)
    if checked.error_messages:
        hidden = findable(checked._no_log_values.union(secrets(arguments)))
        return failed(remove_values("; ".join(map(sentence, checked.errors)), hidden))
    # What is not given must not tell these hops from those of the lookup: they share the entries of the cache.
    parameters = checked.validated_parameters
    arguments = {name: given(parameters[name]) for name in arguments if name != "run_on"}
    for slip in slips(variables, lookup.PREFIX, lookup.VARIABLES):
        warn(slip)
    plugin = lookup.LookupModule(loader=loader)
    plugin._load_name = lookup.__name__
    parents = parents_of(os.environ, constants.ANSIBLE_HOME)
    try:
        options = fill_in(plugin.configured(variables, arguments), variables)
        (credentials,) = assume_role([], options, environ=os.environ, parents=parents, warn=warn)
    except ImportError as error:
        return failed(missing_required_lib((error.name or "requests").partition(".")[0]))
    except (AliyunCliError, AnsibleLookupError) as error:
        return failed(str(error))
    return {"changed": False, "credentials": credentials}


def sentence(error: t.Any) -> str:
    """What is wrong with the arguments, as a module says it."""
    unsupported = "Unsupported parameters for (aliyun.cli.assume_role) module: "
    return "{0}{1}".format(unsupported if isinstance(error, UnsupportedError) else "", error.msg)


def given(value: t.Any) -> t.Any:
    """An argument without what is not given in it."""
    if isinstance(value, list):
        return [given(item) for item in value]
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None}
    return value


def failed(message: str) -> Result:
    return {"failed": True, "msg": escape(message)}


def warn(text: str) -> None:
    Display().warning(escape(text))
