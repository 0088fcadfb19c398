# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible import constants
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.utils.display import Display
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module
from ansible_collections.aliyun.cli.plugins.plugin_utils._assume_role import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._censor import CensoringAction
from ansible_collections.aliyun.cli.plugins.plugin_utils._credential_cache import parents_of
from ansible_collections.aliyun.cli.plugins.plugin_utils._session_name import fill_in


class ActionModule(CensoringAction):
    """Assumes the roles on the managed node or on the controller, and hides the credentials."""

    # What runs in the background leaves its result in a file, and async_status prints it.
    _supports_async = False

    def outcome(self, task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """The credentials, censored; a failure without credentials is shown."""
        if self._task.args.get("run_on") == "controller":
            result = on_controller(self._task.args, task_vars or {})
        else:
            result = super().outcome(task_vars)
        if not result.get("failed") or "access_key_secret" in str(result.get("module_stdout")):
            self.censor()
        return dict(result, _ansible_no_log=True) if self._task.no_log is True else result


def on_controller(
    arguments: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """What the module would return, obtained with the profiles of the user who runs Ansible."""
    checked = ArgumentSpecValidator(
        module.argument_spec(), mutually_exclusive=module.MUTUALLY_EXCLUSIVE
    ).validate(arguments)
    if checked.error_messages:
        message = remove_values("; ".join(checked.error_messages), checked._no_log_values)
        return {"failed": True, "msg": message}
    try:
        options = fill_in(checked.validated_parameters, variables)
        parents = parents_of(os.environ, constants.ANSIBLE_HOME)
        results = assume_role(
            [], options, environ=os.environ, parents=parents, warn=Display().warning
        )
    except ImportError:
        return {"failed": True, "msg": missing_required_lib("requests")}
    except AliyunCliError as error:
        return {"failed": True, "msg": str(error)}
    return {"changed": False, "credentials": results[0]}
