# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill the playbook at its first change, as a power failure does, and append the task to the file in ``KILLS``.

States of a run differ by changes only: this interrupts it between any two tasks, and between the hosts of a task.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: killer
type: aggregate
short_description: Kill the playbook at its first change
description: Kill the playbook at its first change, and append the name of the task to the file that E(KILLS) names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "killer"

    def v2_runner_on_ok(self, result: Any) -> None:
        path = os.environ.get("KILLS")
        if path and result.result.get("changed"):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"{result.task.name}\n")
            os.killpg(os.getpgid(0), signal.SIGKILL)
