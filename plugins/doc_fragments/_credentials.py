# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the option ``credentials``; the argument spec is ``_options.make_credentials_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  credentials:
    description:
      - Credentials to use instead of a chain. M(aliyun.cli.assume_role) returns them in
        RV(aliyun.cli.assume_role#module:credentials), and P(aliyun.cli.assume_role#lookup) as its result.
      - Mutually exclusive with O(profile), O(source), and O(hops).
    type: dict
    suboptions:
      access_key_id:
        description: ID of the access key.
        type: str
        required: true
      access_key_secret:
        description: Secret of the access key.
        type: str
        required: true
      security_token:
        description: Security token of temporary credentials.
        type: str
      expiration:
        description: Ignored.
        type: str
      assumed_role_arn:
        description: ARN of the session. M(aliyun.cli.exec) compares O(expected_arn) with it.
        type: str
      account_id:
        description: ID of the account. M(aliyun.cli.exec) compares O(expected_account_id) with it.
        type: str
      profile:
        description: Ignored.
        type: str
      region:
        description: Region ID. M(aliyun.cli.exec) passes it to the program.
        type: str
"""
