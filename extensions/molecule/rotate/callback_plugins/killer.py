# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills the playbook at the start of its nth task, with n from ``KILL_AT``: as a power failure would."""

from __future__ import annotations

import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: killer
type: aggregate
short_description: Kill the playbook at the start of a task
description: Kill the playbook at the start of the task whose number E(KILL_AT) is.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "killer"

    def __init__(self) -> None:
        super().__init__()
        self._left = int(os.environ.get("KILL_AT") or 0)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._left -= 1
        if self._left == 0:
            os.killpg(os.getpgid(0), signal.SIGKILL)
