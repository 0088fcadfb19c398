# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The edge that all modules share, and the only file here that knows Ansible."""

from typing import Any, Callable, Container, Dict, Iterable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.aliyun.cli.plugins.module_utils import _secret_arguments as _arguments
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape


class Module(AnsibleModule):
    """An AnsibleModule that hides secret arguments by their names, in results and in the log of the node.

    Ansible hides them by their values, and so misses one that it prints in another form, such as a private key in the
    log, and one that is not where it belongs. ``hidden`` are the names of further options that are not shown, ``masked``
    those in which the secrets of the others are looked for.
    """

    params: Dict[str, Any]

    def __init__(
        self, *, hidden: Container[str] = (), masked: Iterable[str] = (), **options: Any
    ) -> None:
        self._hidden = hidden
        self._masked = masked
        self._accepted = False
        super().__init__(**options)
        self._accepted = True

    def _log_invocation(self) -> None:
        params = self.params
        self._hide_params()
        super()._log_invocation()
        self.params = params

    def exit_json(self, **result: Any) -> None:
        self._hide_params()
        super().exit_json(**result)

    def warn(self, warning: Any) -> None:
        super().warn(escape(str(warning)))

    def fail_json(self, msg: Any, **result: Any) -> None:
        if not self._accepted:
            # The message is Ansible's, and can hold the argument that is wrong.
            self.no_log_values.update(_arguments.secrets(self.params))
            self.no_log_values.intersection_update(_arguments.findable(self.no_log_values))
        self._hide_params()
        super().fail_json(msg=escape(str(msg)), **result)

    def _hide_params(self) -> None:
        shown = _arguments.shown(self.params, self._hidden)
        if self._masked:
            # Loaded only now, since whatever is loaded is compiled on each host.
            from ansible_collections.aliyun.cli.plugins.module_utils import _masking

            masking = _masking.Masking(self.params)
            shown.update((name, masking.value(shown.get(name))) for name in self._masked)
        self.params = shown


def finish(module: Any, work: Callable[[], Dict[str, Any]]) -> None:
    """End a module with the result of its work, or with the sentence of its failure.

    Both come without secrets. Ansible masks by value, and would replace a short secret wherever its letters stand in the
    result.
    """
    module.no_log_values.clear()
    try:
        result = work()
    except AliyunCliError as error:
        module.fail_json(msg=str(error))
    else:
        module.exit_json(**result)
