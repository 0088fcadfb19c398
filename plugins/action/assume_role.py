# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.module_utils.basic import missing_required_lib
from ansible.utils.display import Display
from ansible_collections.aliyun.cli.plugins.lookup import assume_role as lookup
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.entry import list_parents
from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result
from ansible_collections.aliyun.cli.plugins.plugin_utils._resolve import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import find_unknown_variables
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate


class ActionModule(CensoringAction):
    """Assume the roles on the managed node or on the controller, and hide the credentials."""

    secret_result = "credentials"

    def run_module(self, task_vars: Result | None) -> Result:
        """Return the credentials, or a failure without credentials."""
        if self._task.args.get("run_on") == "controller":
            return run_on_controller(self._task.args, task_vars or {}, self._loader)
        return super().run_module(task_vars)


def run_on_controller(
    arguments: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any], loader: t.Any = None
) -> Result:
    """Return the result of the module, obtained on the controller with the profiles of the user who runs Ansible.

    Options that the task does not set come from variables, the environment, or ``ansible.cfg``, as in the lookup.
    """
    arguments = {name: value for name, value in arguments.items() if value is not None}
    for slip in find_unknown_variables(variables, lookup.PREFIX, lookup.VARIABLES):
        warn(slip)
    plugin = lookup.LookupModule(loader=loader)
    plugin._load_name = lookup.__name__
    parents = list_parents(os.environ, constants.ANSIBLE_HOME)
    try:
        spec, name = module.make_argument_spec(), "aliyun.cli.assume_role"
        validate(lookup.make_plain(arguments), spec, name=name)
        arguments = {name: value for name, value in arguments.items() if name != "run_on"}
        options = plugin.configured(variables, arguments)
        checked = validate(options, spec, name=name)
        (credentials,) = assume_role(
            [],
            checked,
            given=options,
            environ=os.environ,
            parents=parents,
            warn=warn,
        )
    except ImportError as error:
        return make_failure(missing_required_lib((error.name or "requests").partition(".")[0]))
    except (AliyunCliError, AnsibleLookupError) as error:
        return make_failure(str(error))
    return {"changed": False, "credentials": credentials}


def make_failure(message: str) -> Result:
    return {"failed": True, "msg": escape(message)}


def warn(text: str) -> None:
    Display().warning(escape(text))
