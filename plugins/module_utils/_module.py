# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Common code of all modules. No other file of this directory imports Ansible."""

from typing import Any, Callable, Dict, Iterable, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.aliyun.cli.plugins.module_utils import _given, _secret_arguments
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape, make_encodable


class Module(AnsibleModule):
    """An AnsibleModule that hides secret arguments by their names, in results and in the log of the node.

    Ansible hides them by their values, in a different way in each version. It misses a secret that it prints in another
    form, such as a private key in the log, and a secret in a misspelled option. If a secret is a single letter, it makes
    each message unreadable. ``hidden`` are the names of further secret options. In the options ``masked``, the secrets of
    the other options are replaced. An empty text is a value of the options ``empty``, and an error for all others.
    """

    params: Dict[str, Any]
    _given: Dict[str, Any]

    def __init__(
        self,
        *,
        argument_spec: _secret_arguments.Spec,
        hidden: Iterable[str] = (),
        masked: Iterable[str] = (),
        empty: Iterable[str] = (),
        **options: Any
    ) -> None:
        self._spec = argument_spec
        self._hidden = _secret_arguments.find_secret_names(argument_spec).union(hidden)
        self._masked = masked
        self._accepted = False
        super().__init__(argument_spec=_secret_arguments.without_no_log(argument_spec), **options)
        self._accepted = True
        try:
            # Ansible converts an empty text to a list with an empty text, and JSON text to a dictionary.
            allowed = frozenset(empty)
            for params in (self._given, self.params):
                _given.refuse_empty(params, argument_spec, allowed=allowed)
        except ProfileError as error:
            message = str(error)
        else:
            return
        self.fail_json(msg=message)

    def _load_params(self) -> None:
        super()._load_params()
        self.params = _given.without_absent(self.params, self._spec)
        self._given = dict(self.params)

    def _log_invocation(self) -> None:
        params = self.params
        self._hide_params()
        # Ansible cannot write half of a surrogate pair.
        self.params = {
            name: escape(value) if isinstance(value, str) else value
            for name, value in self.params.items()
        }
        super()._log_invocation()
        self.params = params

    def warn(self, warning: Any) -> None:
        """Warn with text that may come from a file or a server."""
        super().warn(escape(str(warning)))

    def exit_json(self, **result: Any) -> None:
        """End the module with a result."""
        self._hide_params()
        self._show_warnings(result)
        super().exit_json(**make_encodable(result))

    def fail_json(self, msg: Any, **result: Any) -> None:
        """End the module with a message, which can contain text from a file or a server."""
        message = str(msg)
        if not self._accepted:
            # Ansible's message can contain the wrong argument.
            found = _secret_arguments.find_secrets(self.params, self._hidden, self._spec)
            message = _make_masking(secrets=_secret_arguments.select_findable(found)).mask_text(
                message
            )
        self._hide_params()
        self._show_warnings(result)
        super().fail_json(msg=escape(message), **make_encodable(result))

    def _show_warnings(self, result: Dict[str, Any]) -> None:
        # ansible-core deprecates a result with warnings.
        for warning in result.pop("warnings", ()):
            self.warn(warning)

    def _hide_params(self) -> None:
        shown = _secret_arguments.mask(self.params, self._hidden, self._spec)
        if self._masked:
            masking = _make_masking(self.params)
            shown.update((name, masking.mask_value(shown.get(name))) for name in self._masked)
        self.params = make_encodable(shown)


def _make_masking(*given: Any, **options: Any) -> Any:
    # Imported only now, since each host compiles what is imported.
    from ansible_collections.aliyun.cli.plugins.module_utils._masking import Masking

    return Masking(*given, **options)


def finish(
    module: Any,
    work: Callable[[], Dict[str, Any]],
    known: Optional[Dict[str, Any]] = None,
) -> None:
    """End a module with the result of its work, or with the message of its failure.

    ``known`` are additional return values for a failure. ``work`` can add to them.
    """
    # End the module outside of ``except``, since Ansible prints the exception that is being handled.
    message = None
    try:
        result = work()
    except ImportError as error:
        message = missing_required_lib(error.name or "requests")
    except AliyunCliError as error:
        message = str(error)
    if message is not None:
        module.fail_json(msg=message, **(known or {}))
    else:
        module.exit_json(**result)
