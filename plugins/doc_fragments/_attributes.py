# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the attributes of modules."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
requirements:
  - Python 3.6 or newer.
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict whether it would change something, without changing it.
  diff_mode:
    description: Returns in diff mode which details changed, or would change in C(check_mode).
  idempotent:
    description: If it is run twice in a row with the same arguments, the second run changes nothing.
"""

    ACTIONGROUP_CLI = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/aliyun.cli.cli) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - aliyun.cli.cli
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - It changes nothing.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
    details:
      - It changes nothing.
"""
