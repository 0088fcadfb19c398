# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that say whose access keys are meant; the argument spec is ``_access_key.make_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  user_name:
    description:
      - The RAM user that the access keys belong to, in the account of the caller.
      - A user name, for example V(deploy), is looked up in RAM. A logon name, for example
        V(deploy@1000000000000001.onaliyun.com), is looked up in IMS, which also knows the service of the last use.
      - The default is the caller itself, which must be a RAM user or an account, and not a role.
    type: str
  ram_endpoint:
    description:
      - Host of the RAM endpoint.
      - HTTPS is used, except with a loopback address that is given as C(http://...).
    type: str
    default: ram.aliyuncs.com
  ims_endpoint:
    description:
      - Host of the IMS endpoint, in the form of O(ram_endpoint).
      - IMS is asked for the keys of the caller, for those of a logon name, and for the recycle bin.
    type: str
    default: ims.aliyuncs.com
"""
