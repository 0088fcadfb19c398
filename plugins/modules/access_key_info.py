#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: access_key_info
short_description: List the access keys of a RAM user with their age and last use
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Lists the access keys of a RAM user with their status, age, and last use. Secrets are not returned.
  - The CIS benchmark recommends to replace access keys after 90 days at most.
extends_documentation_fragment:
  - aliyun.cli._access_key
  - aliyun.cli._chain
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
  - aliyun.cli._attributes.info_module
options:
  show_ids:
    description:
      - Whether to return whole access key IDs, for tasks that compare or use them.
      - By default, only the last characters are returned.
    type: bool
    default: false
  recycle_bin:
    description:
      - Whether to also return the deleted keys of the caller. Mutually exclusive with O(user_name).
    type: bool
    default: false
notes:
  - The caller needs the permissions C(ram:ListAccessKeys) and C(ram:GetAccessKeyLastUsed) on C(acs:ram:*:<account
    ID>:user/<user name>). O(recycle_bin) also requires C(ram:ListAccessKeysInRecycleBin) on C(*).
seealso:
  - module: aliyun.cli.access_key
  - module: aliyun.cli.caller_identity_info
"""

EXAMPLES = r"""
- name: List the keys of a user
  aliyun.cli.access_key_info:
    profile: admin
    user_name: deploy
    show_ids: true
  delegate_to: localhost
  run_once: true
  register: keys

- name: Fail if a key is too old
  ansible.builtin.assert:
    that: keys.access_keys | selectattr('status', 'equalto', 'Active') | selectattr('age_days', 'gt', 90) | length == 0

- name: List the keys of the caller, deleted ones included
  aliyun.cli.access_key_info:
    recycle_bin: true
"""

RETURN = r"""
access_keys:
  description: The access keys, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    access_key_id:
      description: Last characters of the ID, or the whole ID if O(show_ids=true).
      type: str
      sample: "***PLE"
    status:
      description: Status of the key, V(Active) or V(Inactive).
      type: str
      sample: Active
    created:
      description: Time when the key was created, in UTC.
      type: str
      sample: "2026-01-02T03:04:05Z"
    age_days:
      description: Whole days since the key was created.
      type: int
      sample: 42
    updated:
      description: Time when the status of the key last changed, in UTC. Empty if O(user_name) is looked up in RAM.
      type: str
      sample: "2026-01-02T03:04:05Z"
    last_used:
      description: Time of the last use that RAM reports, in UTC. Empty if the key was never used.
      type: str
      sample: "2026-01-02T03:04:05Z"
    last_used_service:
      description: Service of the last use. Empty if O(user_name) is looked up in RAM.
      type: str
      sample: Ecs
    unused_days:
      description: Whole days since the last use, or since the key was created if it was never used.
      type: int
      sample: 3
    signs:
      description: Whether this key signs the request, or the chain is known to begin with it. Behind temporary
        credentials, the first key is unknown.
      type: bool
      sample: false
recycle_bin:
  description: Deleted keys of the caller.
  returned: if O(recycle_bin=true)
  type: list
  elements: dict
  contains:
    access_key_id:
      description: Same as RV(access_keys[].access_key_id).
      type: str
      sample: "***PLE"
    created:
      description: Time when the key was created, in UTC.
      type: str
      sample: "2026-01-02T03:04:05Z"
    recycled:
      description: Time when the key was deleted, in UTC.
      type: str
      sample: "2026-02-02T03:04:05Z"
    erased:
      description: Time when RAM erases the key, in UTC. It cannot be restored after this time.
      type: str
      sample: "2026-03-04T03:04:05Z"
user_name:
  description: Value of O(user_name). Empty for the caller.
  returned: success
  type: str
  sample: deploy
date:
  description: Time of the server, in UTC.
  returned: success
  type: str
  sample: "2026-02-13T03:04:05Z"
"""

import os
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils import _access_key
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish


def make_argument_spec() -> Dict[str, Any]:
    spec = _access_key.make_argument_spec()
    spec.update(
        show_ids={"type": "bool", "default": False},
        recycle_bin={"type": "bool", "default": False},
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        mutually_exclusive=[("profile", "source")],
    )
    params = module.params
    if params["recycle_bin"] and params["user_name"]:
        module.fail_json(msg="recycle_bin lists the caller's keys: remove user_name")

    def call(access: _access_key.Access) -> Dict[str, Any]:
        result = _access_key.report(
            access, show_ids=params["show_ids"], recycle_bin=params["recycle_bin"]
        )
        return dict(result, changed=False)

    finish(module, lambda: _access_key.run(params, call, environ=os.environ, warn=module.warn))


if __name__ == "__main__":
    main()
