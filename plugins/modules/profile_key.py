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
  - Replaces an access key in the config files of one or more users of a host in one task. The playbook
    C(aliyun.cli.rotate) uses it for each phase of a rotation.
  - Changes only profiles of mode V(AK) or V(RamRoleArn) with the access key that O(old_access_key_id) names. The host
    compares whole IDs.
  - Before the file is written, each changed profile is verified with the new key. Profiles that chain from a changed
    profile, and worked before, are verified too. If a verification fails, the file is not changed.
extends_documentation_fragment:
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
    details:
      - STS is not called in check mode.
  diff_mode:
    support: full
    details:
      - The diff shows that a secret changes, but never its value.
  idempotent:
    support: full
options:
  state:
    description:
      - Desired state of the profiles with the old or the new access key.
      - V(prepared) copies each profile with the old key to a companion profile with the new key. The companion of
        C(deploy) is C(deploy-next).
      - V(replaced) writes the new key to the profiles with the old key. After that, the companion of C(deploy) is
        C(deploy-old) with the old key. Without O(new_access_key_secret), the new key comes from the companion.
      - V(verified) changes nothing. It fails if a profile still has the old key, or if a profile with the new key does
        not work.
      - V(restored) writes the old key from the companions back to the profiles, and removes the companions.
      - V(cleaned) removes the companions of profiles with the new key. Use it after the old key is deleted.
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
      - Whole ID of the new access key. It must belong to the same RAM user. This is checked as
        O(expected_account_id) is, if the old key still works.
    type: str
    required: true
  new_access_key_secret:
    description:
      - Secret of the new access key.
      - Required if O(state=prepared).
    type: str
  profiles:
    description:
      - Names of the profiles that can be changed. The default is every profile with the key.
    type: list
    elements: str
  users:
    description:
      - Names of the users whose config files are edited. Each file is edited with the rights of its user. Requires
        root, usually with C(become).
      - If a user does not exist, nothing is changed. An error of one user does not stop the others, but the task fails
        at the end.
      - The default is the user who runs the module.
    type: list
    elements: str
  config_path:
    description:
      - Path of the config file. The default is V(~/.aliyun/config.json) of each user.
    type: path
  expected_account_id:
    description:
      - ID of the account that the new access key must belong to, for example V(1000000000000001). It is checked
        only if O(new_access_key_secret) is given and O(state) is V(prepared) or V(replaced), and ignored otherwise.
      - Write it in quotes, since YAML reads it as a number.
    type: str
  wait_timeout:
    description:
      - Seconds to wait for STS to accept a key that was created or enabled shortly before. V(0) tries once. The maximum
        is V(86400).
    type: float
    default: 60
  lock_timeout:
    description:
      - Seconds to wait for another process that writes the file. V(0) does not wait.
    type: float
    default: 15
notes:
  - Companions are ordinary profiles and contain a secret. Finish a rotation with O(state=cleaned).
seealso:
  - module: aliyun.cli.access_key
  - module: aliyun.cli.profiles
"""

EXAMPLES = r"""
- name: Add the new access key in companion profiles
  aliyun.cli.profile_key:
    state: prepared
    users: [nightly, monitor]
    old_access_key_id: LTAI5tEXAMPLE
    new_access_key_id: "{{ new.access_key.access_key_id }}"
    new_access_key_secret: "{{ new.access_key.access_key_secret }}"
  become: true

- name: Use the new access key
  aliyun.cli.profile_key:
    state: replaced
    users: [nightly, monitor]
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
      sample: nightly
    changed:
      description: Whether the file of this user changed.
      type: bool
      sample: true
    failed:
      description: Whether the work for this user failed.
      type: bool
      sample: false
    msg:
      description: Reason of the failure.
      returned: if it failed
      type: str
      sample: "profile 'deploy-next' does not work with it: GetCallerIdentity, called by [...]"
    config_path:
      description: Path of the file, with symbolic links resolved.
      returned: success
      type: str
      sample: /home/nightly/.aliyun/config.json
    profiles:
      description: Names of the profiles that were created, changed, or removed.
      returned: success
      type: list
      elements: str
      sample: [deploy]
    holding_old:
      description: Names of the profiles that have the old key after the task, without companions.
      returned: success
      type: list
      elements: str
      sample: []
    holding_new:
      description: Names of the profiles that have the new key after the task, without companions.
      returned: success
      type: list
      elements: str
      sample: [deploy]
    verified:
      description: Names of the profiles that STS accepted.
      returned: success
      type: list
      elements: str
      sample: [deploy, archive]
    not_working:
      description: Names of profiles that chain from changed profiles, and worked neither before nor after the change.
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
    # The result contains no secret, and Ansible would mask a short secret wherever its letters occur.
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
