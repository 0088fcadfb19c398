#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: profile_key
short_description: Replace an access key in the profiles of a host
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Replaces one access key by another one in the config files of one or more users of a host, by one task. The playbook
    C(aliyun.cli.rotate) uses it for each phase of a rotation.
  - Changes only profiles of mode V(AK) or V(RamRoleArn) that hold the access key that O(old_access_key_id) names.
    IDs are
    compared whole, on the host.
  - What it writes has worked. Each profile that changes, and each one that chains from it and has worked before, is
    verified with the new key before the file is written. If one fails, the file stays as it is.
extends_documentation_fragment:
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
    details:
      - STS is not asked.
  diff_mode:
    support: full
    details:
      - It shows that a secret changes, never its value.
  idempotent:
    support: full
options:
  state:
    description:
      - Desired state of the profiles that hold the old or the new access key.
      - V(prepared) gives each profile that holds the old key a companion, a copy with the new key. The companion of
        C(deploy) is C(deploy-next).
      - V(replaced) puts the new key into the profiles that hold the old one. The companion of C(deploy) is
        C(deploy-old)
        then, with the old key. Without O(new_access_key_secret), the new key is taken from the companion.
      - V(verified) changes nothing. It fails if a profile holds the old key, or if one with the new key does not work.
      - V(restored) puts the old key back from the companion, and removes companions.
      - V(cleaned) removes companions of profiles that hold the new key. Use it when the old key is deleted.
    type: str
    choices: [prepared, replaced, verified, restored, cleaned]
    required: true
  old_access_key_id:
    description:
      - Whole ID of the access key to replace.
    type: str
    required: true
  new_access_key_id:
    description:
      - Whole ID of the access key to use instead. It must belong to the same user.
    type: str
    required: true
  new_access_key_secret:
    description:
      - Secret of the new access key.
      - Required if O(state=prepared).
    type: str
  profiles:
    description:
      - Names of the profiles that may change. The default is every profile that holds the key.
    type: list
    elements: str
  users:
    description:
      - Names of the users whose config files are edited, each with the rights of this user. Requires root, usually with
        C(become).
      - If one of them does not exist, nothing is changed. If one fails, the others are served, and the task fails.
      - The default is the user who runs the module.
    type: list
    elements: str
  config_path:
    description:
      - Path of the config file. The default is V(~/.aliyun/config.json) of each user.
    type: path
  expected_account_id:
    description:
      - ID of the account that the new access key must belong to, for example V(1000000000000001). Checked if
        O(state=prepared). Write it in quotes, since YAML reads it as a number.
    type: str
  wait_timeout:
    description:
      - Seconds to wait for STS to accept a key that was created or enabled shortly before.
    type: float
    default: 60
  lock_timeout:
    description:
      - Seconds to wait for another process that writes the file, from V(0).
    type: float
    default: 15
notes:
  - Companions are profiles like any other, and contain a secret. Finish a rotation with O(state=cleaned).
seealso:
  - module: aliyun.cli.access_key
  - module: aliyun.cli.profiles
"""

EXAMPLES = r"""
- name: Add the new access key beside the old one
  aliyun.cli.profile_key:
    state: prepared
    users: [backup, monitor]
    old_access_key_id: LTAI5tEXAMPLE
    new_access_key_id: "{{ new.access_key.access_key_id }}"
    new_access_key_secret: "{{ new.access_key.access_key_secret }}"
  become: true

- name: Use the new access key
  aliyun.cli.profile_key:
    state: replaced
    users: [backup, monitor]
    old_access_key_id: LTAI5tEXAMPLE
    new_access_key_id: "{{ new.access_key.access_key_id }}"
  become: true
"""

RETURN = r"""
users:
  description: One entry for each user.
  returned: always
  type: list
  elements: dict
  contains:
    user:
      description: Name of the user. Empty without O(users).
      type: str
      sample: backup
    changed:
      description: Whether the file of this user changed.
      type: bool
      sample: true
    failed:
      description: Whether the work for this user failed.
      type: bool
      sample: false
    msg:
      description: Why it failed.
      returned: if it failed
      type: str
      sample: "profile 'deploy-next' does not work with it: GetCallerIdentity, called by [...]"
    config_path:
      description: Path of the file, symbolic links followed.
      returned: success
      type: str
      sample: /home/backup/.aliyun/config.json
    profiles:
      description: Names of the profiles that were created, changed, or removed.
      returned: success
      type: list
      elements: str
      sample: [deploy]
    holding_old:
      description: Names of the profiles that hold the old key now, without companions.
      returned: success
      type: list
      elements: str
      sample: []
    holding_new:
      description: Names of the profiles that hold the new key now, without companions.
      returned: success
      type: list
      elements: str
      sample: [deploy]
    verified:
      description: Names of the profiles that work, as STS says.
      returned: success
      type: list
      elements: str
      sample: [deploy, archive]
    not_working:
      description: Names of profiles that chain from those, and worked neither before nor with the change.
      returned: success
      type: list
      elements: str
      sample: []
"""

from typing import Any, Dict

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.aliyun.cli.plugins.module_utils import _profile_key
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module


def make_argument_spec() -> Dict[str, Any]:
    spec = make_http_argument_spec()
    spec.update(
        state={
            "type": "str",
            "choices": ["prepared", "replaced", "verified", "restored", "cleaned"],
            "required": True,
        },
        old_access_key_id={"type": "str", "required": True},
        new_access_key_id={"type": "str", "required": True},
        new_access_key_secret={"type": "str", "no_log": True},
        profiles={"type": "list", "elements": "str"},
        users={"type": "list", "elements": "str"},
        config_path={"type": "path"},
        expected_account_id={"type": "str"},
        wait_timeout={"type": "float", "default": 60},
        lock_timeout={"type": "float", "default": 15},
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        required_if=[("state", "prepared", ["new_access_key_secret"])],
    )
    # The result holds no secret, and Ansible would replace a short one wherever its letters occur.
    module.no_log_values.clear()
    try:
        result = _profile_key.run(module.params, check_mode=module.check_mode)
    except ImportError:
        module.fail_json(msg=missing_required_lib("requests"))
    except AliyunCliError as error:
        module.fail_json(msg=str(error), users=[])
    if result.pop("failed"):
        module.fail_json(**result)
    result.pop("msg")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
