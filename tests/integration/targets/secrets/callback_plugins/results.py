# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes every result that Ansible gives its callbacks to the file LEAKS_RESULTS, as JSON."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: results
type: notification
short_description: Write results as JSON
description:
  - Writes every result to the file that E(LEAKS_RESULTS) names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"

    def v2_on_any(self, *arguments: Any, **_rest: Any) -> None:
        for argument in arguments:
            if hasattr(argument, "_result"):
                with open(os.environ["LEAKS_RESULTS"], "a", encoding="utf-8") as file:
                    file.write(json.dumps(argument._result, default=str) + "\n")
