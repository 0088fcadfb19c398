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

    def _write(self, result: Any, **_rest: Any) -> None:
        # ansible-core before 2.19 has no public name for it.
        values = result.result if hasattr(result, "result") else result._result
        with open(os.environ["LEAKS_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(values, default=str) + "\n")

    v2_runner_on_ok = _write
    v2_runner_on_failed = _write
    v2_runner_on_skipped = _write
    v2_runner_on_unreachable = _write
    v2_runner_on_async_poll = _write
    v2_runner_on_async_ok = _write
    v2_runner_on_async_failed = _write
    v2_runner_item_on_ok = _write
    v2_runner_item_on_failed = _write
    v2_runner_item_on_skipped = _write
    v2_runner_retry = _write
    v2_on_file_diff = _write
