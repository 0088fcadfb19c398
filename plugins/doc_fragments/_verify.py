# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options that verify profiles."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  verify:
    description:
      - Whether to get the caller identity of each profile from STS, as the user who owns the profile.
      - The chains of one user share their calls, so a role that several profiles need is assumed once.
      - Requires the Python library C(requests) on the host. Without this option, the library is not needed.
    type: bool
    default: false
  allow_process:
    description:
      - Whether to run the command of a profile of mode V(External) to verify it. Otherwise such a profile is reported
        as a problem.
      - The command runs with the rights of the user who owns the profile.
    type: bool
    default: false
"""
