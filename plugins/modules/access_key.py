#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: access_key
short_description: Manage the access keys of a RAM user
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Creates an access key, or enables, disables, or deletes the access key that O(access_key_id) names.
  - A RAM user has at most two access keys. One can be replaced while both work, as the playbook C(aliyun.cli.rotate)
    does for a fleet.
  - Run it once for all hosts, for example with C(run_once) and C(delegate_to=localhost).
extends_documentation_fragment:
  - aliyun.cli._access_key
  - aliyun.cli._chain
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
    details:
      - Reads the access keys from RAM and fails if the change is not possible. No key is created or changed.
  diff_mode:
    support: full
    details:
      - Shows the status of the key and the last characters of its ID.
  idempotent:
    support: partial
    details:
      - Without O(access_key_id) and O(secret_file), each run creates a key until the user has two.
options:
  state:
    description:
      - Desired state of the access key.
      - V(present) enables the key that O(access_key_id) names. Without O(access_key_id), it creates a key, and fails if
        the user has two.
      - V(inactive) disables the key that O(access_key_id) names. It can be enabled again.
      - V(absent) moves the key that O(access_key_id) names to the recycle bin, from which RAM erases it after 30 days.
        An active key is not deleted; disable it first.
    type: str
    choices: [present, inactive, absent]
    default: present
  access_key_id:
    description:
      - Whole ID of the access key to enable, disable, or delete.
      - Required if O(state) is V(inactive) or V(absent).
    type: str
  secret_file:
    description:
      - Path of a file, on the host that runs the module, that stores the new key. The key is written to the disk before
        it is used, since RAM returns a secret only once.
      - If the file already contains a key, this key is enabled and returned, and no key is created. So the task can be
        repeated.
      - If a run is interrupted before it receives the response of RAM, the next run finds the key that was created. It
        deletes this key if it was never used, and creates another key.
      - The file is JSON with the unencrypted secret, and only its owner can read it. Its directory is created with mode
        V(0700). Remove the file when all profiles have the new key.
      - Requires O(state=present). Mutually exclusive with O(access_key_id). Only one run at a time can use the file.
    type: path
  wait_timeout:
    description:
      - Seconds to wait until STS accepts a new key, which usually takes a few seconds. If STS does not accept it in
        this time, the task warns and still returns the key. V(0) tries once. The maximum is
        V(86400).
    type: float
    default: 60
  unused_days:
    description:
      - Number of days in which a key must be unused before it can be disabled or deleted. V(0) removes the limit.
      - RAM reports a use with a delay, so use more than one day. If O(unused_since) is set too, the stricter limit
        applies.
      - The default is V(7) if O(state=absent), and V(0) otherwise.
    type: int
  unused_since:
    description:
      - Time since which a key must be unused before it can be disabled or deleted, in UTC, for example
        V(2026-01-02T03:04:05Z). It must not be in the future.
      - If O(unused_days) is set too or has its default, the key must be unused since the earlier of both times. Set
        O(unused_days=0) to apply O(unused_since) alone.
    type: str
  allow_own_key:
    description:
      - Whether the key that signs the request, or that the chain begins with, can be disabled or deleted. The first key
        of the chain is known only if a profile contains it or a command prints it. It is unknown behind temporary
        credentials, for example of a credentials URI.
    type: bool
    default: false
  restore:
    description:
      - Whether to restore the key that O(access_key_id) names from the recycle bin if it was deleted. Used with
        O(state=present). A key of another user than O(user_name) is not restored.
    type: bool
    default: false
notes:
  - If a key is created, the result can be registered, but is not printed at any verbosity. M(ansible.builtin.debug)
    with the registered result prints the secret.
  - The module cannot be run with C(async).
  - The caller needs permissions on C(acs:ram:*:<account ID>:user/<user name>). Depending on the task, these are
    C(ram:ListAccessKeys), C(ram:CreateAccessKey), C(ram:UpdateAccessKey), C(ram:DeleteAccessKey), and
    C(ram:GetAccessKeyLastUsed). O(restore=true) also requires C(ram:GetAccessKeyInfoInRecycleBin) and
    C(ram:RestoreAccessKeyFromRecycleBin) on C(*).
seealso:
  - module: aliyun.cli.access_key_info
  - module: aliyun.cli.profiles
"""

EXAMPLES = r"""
- name: Create a second access key
  aliyun.cli.access_key:
    profile: admin
    expected_account_id: "1000000000000001"
    user_name: deploy
    secret_file: ~/.aliyun-rotate/deploy.json
  delegate_to: localhost
  run_once: true
  register: new

- name: Write the new key to the profile
  aliyun.cli.profile:
    name: deploy
    access_key_id: "{{ new.access_key.access_key_id }}"
    access_key_secret: "{{ new.access_key.access_key_secret }}"

- name: Disable the old key if it was unused for two days
  aliyun.cli.access_key:
    profile: admin
    user_name: deploy
    access_key_id: LTAI5tEXAMPLE
    state: inactive
    unused_days: 2
  delegate_to: localhost
  run_once: true

- name: Delete the old key a week after its last use
  aliyun.cli.access_key:
    profile: admin
    user_name: deploy
    access_key_id: LTAI5tEXAMPLE
    state: absent
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
access_key:
  description: The access key. Empty if it does not exist.
  returned: success
  type: dict
  contains:
    access_key_id:
      description: Whole ID of a key that is new or in O(secret_file). For other keys, the last characters of the ID.
      type: str
      sample: "***PLE"
    access_key_secret:
      description: Secret of the key. Returned only if the key is new or in O(secret_file).
      type: str
    status:
      description: Status of the key, V(Active) or V(Inactive).
      type: str
      sample: Inactive
    created:
      description: Time when the key was created, in UTC.
      type: str
      sample: "2026-01-02T03:04:05Z"
user_name:
  description: Value of O(user_name). Empty for the caller.
  returned: success
  type: str
  sample: deploy
date:
  description: Time of the server, in UTC.
  returned: success
  type: str
  sample: "2026-01-02T03:04:05Z"
"""

import os
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils import _access_key
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish


def make_argument_spec() -> Dict[str, Any]:
    spec = _access_key.make_argument_spec()
    spec.update(
        state={"type": "str", "choices": ["present", "inactive", "absent"], "default": "present"},
        access_key_id={"type": "str"},
        secret_file={"type": "path", "no_log": False},
        wait_timeout={"type": "float", "default": 60},
        unused_days={"type": "int"},
        unused_since={"type": "str"},
        allow_own_key={"type": "bool", "default": False},
        restore={"type": "bool", "default": False},
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        mutually_exclusive=[("profile", "source"), ("access_key_id", "secret_file")],
        required_if=[
            ("state", "inactive", ["access_key_id"]),
            ("state", "absent", ["access_key_id"]),
        ],
    )

    def call(access: _access_key.Access) -> Dict[str, Any]:
        if module.params["access_key_id"] is not None:
            return _access_key.change(access, module.params, check_mode=module.check_mode)
        return _access_key.create(
            access, module.params, check_mode=module.check_mode, warn=module.warn
        )

    def work() -> Dict[str, Any]:
        result = _access_key.run(module.params, call, environ=os.environ, warn=module.warn)
        # A returned key can be the key that signed the request, so Ansible must not mask the result.
        module.no_log_values.clear()
        return result

    finish(module, work)


if __name__ == "__main__":
    main()
