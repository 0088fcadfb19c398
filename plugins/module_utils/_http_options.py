# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Options for requests to STS. This file is separate, since modules that declare them must not load code for requests."""

from typing import Any, Dict


def make_http_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return the options for requests. A test ensures that the defaults are those of ``_http.Limits``."""
    return {
        "connect_timeout": {"type": "float", "default": 5},
        "read_timeout": {"type": "float", "default": 10},
        "max_time": {"type": "float", "default": 60},
        "retries": {"type": "int", "default": 8},
        "ca_bundle": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
    }
