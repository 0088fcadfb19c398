#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: caller_identity_info
short_description: Get the caller identity of a profile or of credentials
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Gets the caller identity of the credentials at the end of a chain with a call of GetCallerIdentity. The
    documentation of the Alibaba Cloud CLI calls this verifying credentials.
  - The call needs no permission. With O(expected_account_id) or O(expected_arn), the module fails before later tasks
    change the wrong account.
extends_documentation_fragment:
  - aliyun.cli._chain
  - aliyun.cli._credentials
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
  - aliyun.cli._attributes.info_module
options:
  sts_region:
    description:
      - Region ID of the STS endpoint for O(credentials), for example V(cn-hangzhou). With a chain, the endpoint of its
        last hop is used.
    type: str
  sts_endpoint:
    description:
      - Host of the STS endpoint for O(credentials). It has precedence over O(sts_region).
    type: str
seealso:
  - module: aliyun.cli.profile_info
  - plugin: aliyun.cli.assume_role
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Verify the current profile
  aliyun.cli.caller_identity_info:
  register: caller

- name: Check that the profile belongs to the production account before anything is changed
  aliyun.cli.caller_identity_info:
    profile: production
    expected_account_id: "1000000000000002"
    expected_arn: acs:ram::1000000000000002:assumed-role/deploy/*

- name: Verify credentials from a lookup
  aliyun.cli.caller_identity_info:
    credentials: "{{ lookup('aliyun.cli.assume_role', 'production') }}"
  no_log: true  # the arguments contain the credentials
"""

RETURN = r"""
account_id:
  description: ID of the account that the caller belongs to.
  returned: success
  type: str
  sample: "1000000000000002"
arn:
  description: ARN of the caller.
  returned: success
  type: str
  sample: acs:ram::1000000000000002:assumed-role/deploy/ansible
identity_type:
  description: Type of the caller.
  returned: success
  type: str
  sample: AssumedRoleUser
principal_id:
  description: ID of the caller.
  returned: success
  type: str
  sample: 300044677176060000:ansible
user_id:
  description: ID of the account or the RAM user. Empty for a role.
  returned: success
  type: str
  sample: "216959339000000000"
role_id:
  description: ID of the role. Empty for an account or a RAM user.
  returned: success
  type: str
  sample: "300044677176060000"
request_id:
  description: ID of the request, for the support of Alibaba Cloud.
  returned: success
  type: str
  sample: 0FFADC33-EA49-5E2A-977F-0BA820D60000
chain:
  description: Names of the profiles and roles of the chain that leads to the caller.
  returned: if the options are valid, also if a call or a check fails
  type: dict
  contains:
    profile:
      description: Name of the profile whose chain was resolved. Empty for O(source), for O(credentials), and for
        credentials from the environment.
      type: str
      sample: production
    source:
      description:
        - First credentials of the chain, with their C(mode) and the name of their C(profile).
        - A profile of mode V(RamRoleArn) is resolved into a source of mode V(AK) and a hop.
      type: dict
      sample:
        mode: AK
        profile: deploy
    hops:
      description: Roles that were assumed, in order, each with its session name.
      type: list
      elements: dict
      sample:
        - ram_role_arn: acs:ram::1000000000000002:role/deploy
          role_session_name: ansible
"""

import os
from typing import Any, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import check_arn
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._options import (
    get_caller_identity,
)

RETURNED = {
    "account_id": "AccountId",
    "arn": "Arn",
    "identity_type": "IdentityType",
    "principal_id": "PrincipalId",
    "user_id": "UserId",
    "role_id": "RoleId",
    "request_id": "RequestId",
}


def make_argument_spec() -> Dict[str, Any]:
    spec = _options.make_chain_argument_spec()
    spec.update(make_http_argument_spec())
    spec.update(
        credentials={"type": "dict", "options": _options.make_credentials_argument_spec()},
        sts_region={"type": "str"},
        sts_endpoint={"type": "str"},
    )
    return spec


def make_chain(params: Mapping[str, Any]) -> _chain.Chain:
    """Return the chain that the options define, or a chain without hops for given credentials. Raise AliyunCliError."""
    _options.select_given(params)
    given = params["credentials"]
    if given is None:
        return _options.make_chain(params, environ=os.environ)
    return _chain.from_source(
        {
            "access_key_id": given["access_key_id"],
            "access_key_secret": given["access_key_secret"],
            # The lookup returns an empty security token for an access key.
            "sts_token": given["security_token"] or None,
            "sts_region": params["sts_region"],
            "sts_endpoint": params["sts_endpoint"],
        }
    )


def describe(chain: _chain.Chain) -> Dict[str, Any]:
    """Return the names of a chain, without secrets."""
    return {
        "profile": chain.profile,
        "source": {"mode": chain.source.mode, "profile": chain.source.profile},
        "hops": [
            {"ram_role_arn": hop.ram_role_arn, "role_session_name": hop.role_session_name}
            for hop in chain.hops
        ],
    }


def check_expected(params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Raise ProfileError if the caller is not the expected one."""
    check_arn("the caller", result["arn"], params["expected_arn"] or "")


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        empty=_options.EMPTY_OF_CREDENTIALS,
    )
    known: Dict[str, Any] = {}

    def verify() -> Dict[str, Any]:
        chain = make_chain(module.params)
        known["chain"] = describe(chain)
        answer = get_caller_identity(chain, module.params, environ=os.environ, warn=module.warn)
        known.update((name, answer.get(key) or "") for name, key in RETURNED.items())
        check_expected(module.params, known)
        return dict(known, changed=False)

    finish(module, verify, known)


if __name__ == "__main__":
    main()
