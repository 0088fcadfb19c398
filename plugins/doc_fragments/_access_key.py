# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options that select access keys; the argument spec is ``_access_key.make_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  user_name:
    description:
      - Name of the RAM user whose access keys are managed or listed, in the account of the caller.
      - A user name, for example V(deploy), is looked up in RAM. A logon name, for example
        V(deploy@1000000000000001.onaliyun.com), is looked up in IMS, which also knows the service of the last use.
      - The default is the caller, which must be a RAM user or an account. A role has no access keys.
    type: str
  ram_endpoint:
    description:
      - Host of the RAM endpoint. HTTPS is used, except for a loopback address that begins with C(http://).
    type: str
    default: ram.aliyuncs.com
  ims_endpoint:
    description:
      - Host of the IMS endpoint, in the form of O(ram_endpoint).
      - The IMS endpoint serves the keys of the caller, the keys of a logon name, and the recycle bin.
    type: str
    default: ims.aliyuncs.com
"""
