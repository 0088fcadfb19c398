#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: profiles
short_description: Manage several profiles of the Alibaba Cloud CLI in one edit
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Manages any number of profiles of one user, or of several users of a host, with a single change of each config file.
  - The order of the profiles does not matter. References to source profiles are checked after all changes.
  - With O(users), root edits and verifies each user's file with the rights of this user. All profiles of a user are
    written, or none of them. An error of one user does not stop the others. At the end, the task fails with one
    sentence for each failed user.
extends_documentation_fragment:
  - aliyun.cli._profile_fields.list
  - aliyun.cli._profile_fields.users
  - aliyun.cli._config_file
  - aliyun.cli._http
  - aliyun.cli._verify
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
    details:
      - Nothing is verified in check mode.
  diff_mode:
    support: full
    details:
      - The diff shows that a secret was set, changed, or removed, but never its value.
      - Unchanged profiles are not part of the diff. With O(users), the diff has one part for each changed file.
  idempotent:
    support: full
options:
  profiles:
    description:
      - The profiles of one user. Options that are not given keep their stored values.
      - An empty string removes an option, as V(0) removes a number and V(false) a boolean, unless the mode requires it.
        O(profiles[].mode), O(profiles[].language), and O(profiles[].oauth_site_type) can be changed, but not removed.
      - Exactly one of O(profiles) and O(users) is required.
    type: list
    elements: dict
  current:
    description:
      - Name of the profile to make current. By default, the current profile stays the same if it exists.
      - Cannot be combined with O(users).
    type: str
  purge:
    description:
      - Whether to remove profiles that are not in O(profiles).
      - With O(users), the default of O(users[].purge).
    type: bool
    default: false
  expected_account_ids:
    description:
      - IDs of the accounts that profiles must belong to, by name of the profile. Requires O(verify=true). Each
        name must be in O(profiles), with a mode that O(verify) does not skip.
      - Cannot be combined with O(users), whose entries have the same option.
    type: dict
  users:
    description:
      - Users of the host and their profiles. Requires root, unless the only user is the one who runs the module.
      - Cannot be combined with O(profiles), O(current), O(config_path), O(owner), O(group), and
        O(expected_account_ids). All other options apply to each user.
      - If a user does not exist, nothing is written, and the error names all missing users.
    type: list
    elements: dict
seealso:
  - module: aliyun.cli.profile
  - module: aliyun.cli.profile_info
"""

EXAMPLES = r"""
- name: Manage two profiles and remove all others
  aliyun.cli.profiles:
    purge: true
    current: spoke
    profiles:
      - name: spoke
        mode: ChainableRamRoleArn
        region: cn-shanghai
        source_profile: deploy
        ram_role_arn: acs:ram::1000000000000002:role/spoke
        role_session_name: ansible
      - name: deploy
        mode: AK
        region: cn-hangzhou
        access_key_id: LTAI5tEXAMPLE
        access_key_secret: "{{ deploy_secret }}"

- name: Manage and verify the profiles of two users in one task
  aliyun.cli.profiles:
    verify: true
    users:
      - user: alice
        current: deploy
        profiles:
          - name: deploy
            mode: AK
            region: cn-hangzhou
            access_key_id: LTAI5tEXAMPLE
            access_key_secret: "{{ deploy_secret }}"
        expected_account_ids:
          deploy: "1000000000000001"
      - user: bob
        profiles:
          - name: instance
            mode: EcsRamRole
            region: cn-hangzhou
  become: true
"""

RETURN = r"""
users:
  description:
    - One result for each entry of O(users), in the same order. Each has C(user), C(changed), and the values below that
      this module returns for a single user.
    - If the work for a user failed, the result has C(failed) and C(msg).
  returned: if O(users) is given
  type: list
  elements: dict
  sample:
    - user: alice
      changed: true
      created: [deploy]
profiles:
  description: The declared profiles by option name, with secrets and most of the access key IDs masked.
  returned: if O(profiles) is given
  type: list
  elements: dict
  sample:
    - name: deploy
      mode: AK
      access_key_id: "***PLE"
      access_key_secret: "***"
      region: cn-hangzhou
created:
  description: Names of new profiles.
  returned: if O(profiles) is given
  type: list
  elements: str
  sample: [spoke]
updated:
  description: Names of existing profiles that changed.
  returned: if O(profiles) is given
  type: list
  elements: str
  sample: [deploy]
removed:
  description: Names of removed profiles.
  returned: if O(profiles) is given
  type: list
  elements: str
  sample: []
current:
  description: Name of the current profile.
  returned: if O(profiles) is given
  type: str
  sample: spoke
config_path:
  description: Path of the file, with symbolic links resolved.
  returned: if O(profiles) is given
  type: str
  sample: /home/alice/.aliyun/config.json
backup_file:
  description: Path of the copy of the old file.
  returned: if O(backup=true) and the file is changed
  type: str
  sample: /home/alice/.aliyun/config.json.4711.2026-01-02@03:04:05~
repairs:
  description: Faults of the file that were repaired, with one sentence for each.
  returned: if O(profiles) is given
  type: list
  elements: str
  sample: []
identities:
  description:
    - Caller identity of each declared profile, by name, with C(arn), C(account_id), C(expiration), and C(problem).
      C(problem) is empty if the verification succeeded.
  returned: if O(verify=true) and O(profiles) is given, not in check mode
  type: dict
  sample:
    deploy:
      arn: acs:ram::1000000000000001:user/deploy
      account_id: "1000000000000001"
      expiration: ""
      problem: ""
"""

from collections import Counter
from typing import Any, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError, UserError
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._text import quote


def change(document: Dict[str, Any], params: Mapping[str, Any]) -> Dict[str, Any]:
    """Change the document to the desired state. Raise ProfileError."""
    names = [entry["name"] for entry in params["profiles"]]
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise ProfileError(
            "profiles contains a name twice, remove one of each: {0}".format(", ".join(twice))
        )
    before = _profiles.index_profiles({"profiles": _profiles.list_profiles(document)})
    if params["purge"]:
        _profiles.purge(document, names)
    lost = _profiles.put(
        document, params["profiles"], update_secrets=params["update_secrets"] == "always"
    )
    if params["current"] is not None:
        _profiles.activate(document, params["current"])
    _profiles.check_references(document, names, lost)
    after = _profiles.index_profiles(document)
    return {
        "profiles": [_profiles.show(after[name]) for name in names],
        "created": [name for name in names if name not in before],
        "updated": [
            name for name in names if name in before and _go_json.differ(before[name], after[name])
        ],
        "removed": [name for name in before if name not in after],
    }


def edit_profiles(
    params: Mapping[str, Any], entry: Mapping[str, Any], *, check_mode: bool
) -> Dict[str, Any]:
    """Write and verify the profiles of one user, and return the result. Raise AliyunCliError.

    ``entry`` has the options that belong to the user, ``params`` those of the task.
    """
    wanted = dict(params, **entry)
    expected = make_expected(wanted)
    if params["verify"]:
        # Imported only here, since most tasks verify nothing.
        from ansible_collections.aliyun.cli.plugins.module_utils._profiles import verify as _verify

        _verify.check_options(params)
    result = _apply.apply(
        wanted,
        lambda document: change(document, wanted),
        check_mode=check_mode,
        creates=bool(wanted["profiles"]),
    )
    if params["verify"] and not check_mode:
        result.update(_verify.verify_declared(result, wanted, expected=expected))
    return result


def make_expected(options: Mapping[str, Any]) -> Dict[str, str]:
    """Return the expected account IDs by name of the profile. Raise ProfileError if one would guard nothing."""
    expected = {
        str(name): str(value) for name, value in (options["expected_account_ids"] or {}).items()
    }
    names = [profile["name"] for profile in options["profiles"]]
    for name, value in expected.items():
        _rules.check_account_id("expected_account_ids, {0}".format(quote(name)), value)
        if name not in names:
            raise ProfileError(
                "expected_account_ids names {0}, which is not in profiles: correct the name".format(
                    quote(name)
                )
            )
    if expected and not options["verify"]:
        raise ProfileError("expected_account_ids requires verify=true: set verify, or remove it")
    return expected


def edit_users(params: Mapping[str, Any], *, check_mode: bool) -> Dict[str, Any]:
    """Write and verify the profiles of each user with this user's rights, and return one result for all."""
    from ansible_collections.aliyun.cli.plugins.module_utils._profiles import users as _users

    results = _users.run_for_each_user(
        [make_own_options(entry, params) for entry in params["users"]],
        lambda entry: edit_profiles(params, entry, check_mode=check_mode),
        seconds=params["lock_timeout"],
        verify=params,
    )
    diffs = [result.pop("diff") for result in results if "diff" in result]
    return _users.combine(results, diff=[diff for diff in diffs if diff["before"] != diff["after"]])


def make_own_options(entry: Mapping[str, Any], params: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the entry of a user with the defaults of the task."""
    purge = params["purge"] if entry["purge"] is None else entry["purge"]
    return dict(entry, purge=purge)


def make_argument_spec() -> Dict[str, Any]:
    """Return the options of the module."""
    profiles = {
        "type": "list",
        "elements": "dict",
        "options": dict(_modes.make_argument_spec(), name={"type": "str", "required": True}),
    }
    spec = _apply.make_file_argument_spec()
    spec.update(make_http_argument_spec())
    spec.update(
        profiles=profiles,
        current={"type": "str"},
        purge={"type": "bool", "default": False},
        expected_account_ids={"type": "dict"},
        verify={"type": "bool", "default": False},
        allow_process={"type": "bool", "default": False},
        users={
            "type": "list",
            "elements": "dict",
            "options": {
                "user": {"type": "str", "required": True},
                "profiles": dict(profiles, required=True),
                "current": {"type": "str"},
                "purge": {"type": "bool"},
                # Expanded as the user: "~" is the home of the user.
                "config_path": {"type": "str"},
                "expected_account_ids": {"type": "dict"},
            },
        },
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        empty=_modes.list_removable("profiles.") + _modes.list_removable("users.profiles."),
        required_one_of=[("profiles", "users")],
        mutually_exclusive=[
            ("users", name)
            for name in (
                "profiles",
                "current",
                "config_path",
                "owner",
                "group",
                "expected_account_ids",
            )
        ],
    )
    edit = edit_users if module.params["users"] is not None else edit_single
    known: Dict[str, Any] = {}

    def work() -> Dict[str, Any]:
        result = edit(module.params, check_mode=module.check_mode)
        if not result.pop("failed", False):
            return result
        message = result.pop("msg")
        known.update(result)
        raise UserError(message)

    finish(module, work, known)


def edit_single(params: Mapping[str, Any], *, check_mode: bool) -> Dict[str, Any]:
    """Write and verify the profiles of the user who runs the module."""
    return edit_profiles(params, {}, check_mode=check_mode)


if __name__ == "__main__":
    main()
