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
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.entry import parents_of
from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction, Result
from ansible_collections.aliyun.cli.plugins.plugin_utils._resolve import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._session_name import fill_in
from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import slips
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validated


class ActionModule(CensoringAction):
    """Assumes the roles on the managed node or on the controller, and hides the credentials."""

    secret_result = "credentials"

    def outcome(self, task_vars: Result | None) -> Result:
        """Return the credentials, or a failure without credentials."""
        if self._task.args.get("run_on") == "controller":
            return on_controller(self._task.args, task_vars or {}, self._loader)
        return super().outcome(task_vars)


def on_controller(
    arguments: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any], loader: t.Any = None
) -> Result:
    """What the module would return, obtained as by the lookup, with the profiles of the user who runs Ansible.

    What the task leaves open is as for the lookup too: variables, environment, and ``ansible.cfg`` may say it.
    """
    arguments = {name: value for name, value in arguments.items() if value is not None}
    for slip in slips(variables, lookup.PREFIX, lookup.VARIABLES):
        warn(slip)
    plugin = lookup.LookupModule(loader=loader)
    plugin._load_name = lookup.__name__
    parents = parents_of(os.environ, constants.ANSIBLE_HOME)
    try:
        spec, name = module.argument_spec(), "aliyun.cli.assume_role"
        validated(lookup.plain(arguments), spec, name=name)
        arguments = {name: value for name, value in arguments.items() if name != "run_on"}
        options = plugin.configured(variables, arguments)
        checked = validated(options, spec, name=name)
        (credentials,) = assume_role(
            [],
            fill_in(checked, variables),
            given=options,
            environ=os.environ,
            parents=parents,
            warn=warn,
        )
    except ImportError as error:
        return failed(missing_required_lib((error.name or "requests").partition(".")[0]))
    except (AliyunCliError, AnsibleLookupError) as error:
        return failed(str(error))
    return {"changed": False, "credentials": credentials}


def failed(message: str) -> Result:
    return {"failed": True, "msg": escape(message)}


def warn(text: str) -> None:
    Display().warning(escape(text))
