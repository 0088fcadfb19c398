#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: access_key
short_description: Create, disable, and delete access keys of a RAM user
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Creates at most one access key in a task, and enables, disables, or deletes the one that O(access_key_id) names.
  - A RAM user has at most two access keys, so that one can be replaced while both work. The playbook
    C(aliyun.cli.rotate) does that for a fleet.
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
      - RAM is asked, and what would be refused is refused. No key is created or changed.
  diff_mode:
    support: full
    details:
      - It shows the status of the key, and the last characters of its ID.
  idempotent:
    support: partial
    details:
      - Without O(access_key_id) and O(secret_file), each run creates a key until the user has two.
options:
  state:
    description:
      - Desired state of the access key.
      - V(present) with O(access_key_id) enables that key. Without it, it creates one more key, and fails if the user
        has two.
      - V(inactive) disables the key that O(access_key_id) names. It can be enabled again.
      - V(absent) moves the key that O(access_key_id) names to the recycle bin, from which RAM erases it after 30 days.
        An active key is not deleted.
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
      - Path of a file on the host that runs the module, in which the new key is on the disk before anything else
        happens with it. RAM returns a secret only once.
      - If the file has a key, that key is enabled and returned, and none is created. So the task can be repeated.
      - If a run ends between the call to RAM and its answer, the next run finds the key that was created in that time,
        deletes it if it was never used, and creates another one.
      - The file is JSON with the secret in clear, for its owner only. Its directory is created with mode 0700. Remove
        the file when the key is wherever it belongs.
      - Only with V(present) and without O(access_key_id). Only one run can use the file at a time.
    type: path
  wait_timeout:
    description:
      - Seconds to wait until STS accepts a new key, which takes some seconds. After them there is a warning, and the
        key is returned all the same.
    type: float
    default: 60
  unused_days:
    description:
      - A key that was used in so many days is neither disabled nor deleted. V(0) is no limit.
      - RAM reports a use with some delay, so keep more than one day.
      - The default is V(7) if O(state=absent), and V(0) otherwise.
    type: int
  unused_since:
    description:
      - A key that was used at this time or later is neither disabled nor deleted. A time in UTC, for example
        V(2026-01-02T03:04:05Z).
    type: str
  allow_own_key:
    description:
      - Whether the key that signs the request, or that the chain of roles begins with, can be disabled or deleted.
    type: bool
    default: false
  restore:
    description:
      - Whether O(state=present) takes the key that O(access_key_id) names out of the recycle bin if it was deleted.
    type: bool
    default: false
notes:
  - If a key is created, the result is registered, but not printed at any verbosity. Printing it with
    M(ansible.builtin.debug) prints the secret.
  - It cannot be run with C(async).
  - The caller needs the permissions C(ram:ListAccessKeys), C(ram:CreateAccessKey), C(ram:UpdateAccessKey),
    C(ram:DeleteAccessKey), and C(ram:GetAccessKeyLastUsed), as far as the task uses them, on
    C(acs:ram:*:<account ID>:user/<user name>).
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

- name: Write it into the profile
  aliyun.cli.profile:
    name: deploy
    access_key_id: "{{ new.access_key.access_key_id }}"
    access_key_secret: "{{ new.access_key.access_key_secret }}"

- name: Disable the old one if nothing has used it since yesterday
  aliyun.cli.access_key:
    profile: admin
    user_name: deploy
    access_key_id: LTAI5tEXAMPLE
    state: inactive
    unused_days: 1
  delegate_to: localhost
  run_once: true

- name: Delete it a week after its last use
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
      description: Whole ID of a key that is created or in O(secret_file), the last characters of any other one.
      type: str
      sample: "***PLE"
    access_key_secret:
      description: Secret of the key. Only if it is created or in O(secret_file).
      type: str
    status:
      description: Status of the key, V(Active) or V(Inactive).
      type: str
      sample: Inactive
    created:
      description: When the key was created, in UTC.
      type: str
      sample: "2026-01-02T03:04:05Z"
user_name:
  description: Value of O(user_name). Empty for the caller.
  returned: success
  type: str
  sample: deploy
date:
  description: The server's time, in UTC.
  returned: success
  type: str
  sample: "2026-01-02T03:04:05Z"
"""

import os
from typing import Any, Dict

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.aliyun.cli.plugins.module_utils import _access_key
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module


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

    def work(access: _access_key.Access) -> Dict[str, Any]:
        if module.params["access_key_id"]:
            return _access_key.change(access, module.params, check_mode=module.check_mode)
        return _access_key.create(
            access, module.params, check_mode=module.check_mode, warn=module.warn
        )

    try:
        result = _access_key.run(module.params, work, environ=os.environ)
    except ImportError:
        module.fail_json(msg=missing_required_lib("requests"))
    except AliyunCliError as error:
        module.fail_json(msg=str(error))
    # What signs the request can be returned: nothing is taken out of the result.
    module.no_log_values.clear()
    module.exit_json(**result)


if __name__ == "__main__":
    main()
