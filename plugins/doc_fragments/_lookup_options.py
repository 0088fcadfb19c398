# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the variables and settings that set options of the lookup; its table is ``ORIGINS``."""

from __future__ import annotations

import json

from ansible_collections.aliyun.cli.plugins.lookup import assume_role


class ModuleDocFragment:
    """Contain the documentation, which is set below the class: ansible-test accepts only literal text in the class
    body.
    """

    DOCUMENTATION: str


# JSON is YAML too.
ModuleDocFragment.DOCUMENTATION = json.dumps(
    {"options": {name: assume_role.find_origins(name) for name in assume_role.ORIGINS}}
)
