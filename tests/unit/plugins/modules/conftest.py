# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in this process, as Ansible would start it."""

import json
from typing import Any, Callable, Dict, List

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import parameters, warnings

try:
    from ansible.module_utils import _internal as internal
except ImportError:
    # Versions before 2.19 return all warnings in the result.
    internal = None


class Run:
    """Calls the ``main`` of a module. ``logged`` is what it has sent to the system's log."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.logged: List[str] = []
        monkeypatch.setattr(
            basic.AnsibleModule,
            "log",
            lambda _module, message, **_rest: self.logged.append(message),
        )
        # Newer versions of ansible-core ask in which form the arguments come.
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)

    def __call__(
        self, main: Callable[[], None], check_mode: bool = False, **options: Any
    ) -> Dict[str, Any]:
        """Return the result of a module with these options."""
        arguments = dict(options, _ansible_check_mode=check_mode)
        if "inject_invocation" in parameters.PASS_VARS:
            # Other versions of ansible-core always return the arguments.
            arguments["_ansible_inject_invocation"] = True
        content = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", content.encode("utf-8"))
        # A module runs in a separate process, without the controller, and without the warnings of another module.
        if internal is not None:
            self._monkeypatch.setattr(internal, "is_controller", False)
        empty = type(warnings._global_warnings)()
        self._monkeypatch.setattr(warnings, "_global_warnings", empty)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        result: Dict[str, Any] = json.loads(self._capsys.readouterr().out)
        assert bool(ended.value.code) == bool(result.get("failed"))
        assert "deprecations" not in result
        return result


@pytest.fixture(name="run")
def fixture_run(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any) -> Run:
    """Return a function that runs modules, with a temporary home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return Run(monkeypatch, capsys)
