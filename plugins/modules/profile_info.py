#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: profile_info
short_description: Get the profiles of the Alibaba Cloud CLI with their chains and problems
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Returns the profiles of the Alibaba Cloud CLI for one or more users of a host, with the chain and the problems of
    each profile.
  - A broken file is reported in RV(problems) and does not fail the task.
extends_documentation_fragment:
  - aliyun.cli._http
  - aliyun.cli._verify
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
  - aliyun.cli._attributes.info_module
options:
  names:
    description:
      - Names of the profiles to return. By default, all profiles are returned. A name without a profile is ignored.
    type: list
    elements: str
  config_path:
    description:
      - Path of the config file. A symbolic link is followed.
      - If a user controls the path, root reads the file with the rights of this user only.
      - The default is V(~/.aliyun/config.json) of the user who runs the module.
      - Cannot be combined with O(users).
    type: path
  users:
    description:
      - Users of the host whose profiles are returned. Each file is read with the rights of its user. Requires root,
        unless the only user is the one who runs the module.
      - If a user does not exist, the error names all missing users.
    type: list
    elements: dict
    suboptions:
      user:
        description:
          - Name of the user.
        type: str
        required: true
      config_path:
        description:
          - Path of the config file. V(~) is the home of the user.
          - The default is V(~/.aliyun/config.json).
        type: str
seealso:
  - module: aliyun.cli.profile
  - module: aliyun.cli.caller_identity_info
"""

EXAMPLES = r"""
- name: Get all profiles
  aliyun.cli.profile_info:
  register: result

- name: Check that the file and its profiles have no problems
  ansible.builtin.assert:
    that:
      - result.problems == []
      - result.profiles | map(attribute='problems') | flatten == []

- name: Get and verify the profiles of two users in one task
  aliyun.cli.profile_info:
    users:
      - user: alice
      - user: bob
    verify: true
  become: true
"""

RETURN = r"""
users:
  description:
    - One result for each entry of O(users), in the same order. Each has C(user) and the values below that this module
      returns for a single user.
    - If the file of a user cannot be read with the rights of this user, C(problems) contains the reason.
  returned: if O(users) is given
  type: list
  elements: dict
  sample:
    - user: alice
      current: deploy
      profiles: []
      problems: []
      config_path: /home/alice/.aliyun/config.json
      exists: true
profiles:
  description: The profiles by option name, with secrets and most of the access key IDs masked.
  returned: if O(users) is not given
  type: list
  elements: dict
  contains:
    chain:
      description:
        - Names of the profiles in the chain, from the source to the profile itself. Empty if a source profile is
          missing or the source profiles form a cycle.
      type: list
      elements: str
      sample: [deploy, hub, spoke]
    problems:
      description: Problems of the profile, with one sentence for each.
      type: list
      elements: str
      sample: []
    arn:
      description: ARN of the caller identity. Empty if the verification failed.
      returned: if O(verify=true)
      type: str
      sample: acs:ram::1000000000000002:assumed-role/spoke/ansible
    account_id:
      description: ID of the account of the caller identity.
      returned: if O(verify=true)
      type: str
      sample: "1000000000000002"
    expiration:
      description: Time when the credentials expire, in UTC. Empty if it is unknown or they do not expire.
      returned: if O(verify=true)
      type: str
      sample: "2026-01-02T03:04:05Z"
    other_keys:
      description: Names of keys that this collection does not know.
      type: list
      elements: str
      sample: []
  sample:
    - name: spoke
      mode: ChainableRamRoleArn
      source_profile: hub
      ram_role_arn: acs:ram::1000000000000002:role/spoke
      role_session_name: ansible
      region: cn-shanghai
      chain: [deploy, hub, spoke]
      problems: []
      other_keys: []
current:
  description: Name of the current profile. Empty if no profile is current.
  returned: if O(users) is not given
  type: str
  sample: spoke
problems:
  description:
    - Problems of the file, with one sentence for each. The next change by M(aliyun.cli.profile) repairs them.
    - The CLI works despite some problems. For example, it creates the directory so that other users can read it.
  returned: if O(users) is not given
  type: list
  elements: str
  sample:
    - current names the profile 'old', which does not exist, so the CLI does not start
config_path:
  description: Path of the file, with symbolic links resolved if it can be read.
  returned: if O(users) is not given
  type: str
  sample: /home/alice/.aliyun/config.json
exists:
  description: Whether the file exists.
  returned: if O(users) is not given
  type: bool
  sample: true
"""

import os
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ConfigFileError,
    ProfileError,
    UserError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._files import make_native
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape


def describe(profile: Mapping[str, Any], index: Mapping[str, Mapping[str, Any]]) -> Dict[str, Any]:
    """Return a profile without secrets, with its chain and its problems."""
    problems = _profiles.find_problems(profile)
    chain: List[str] = []
    try:
        chain = _profiles.find_chain(index, profile["name"])
    except ProfileError as error:
        problems.append(str(error))
    other_keys = [key for key in profile if key not in _modes.ORDER]
    problems = list(map(escape, problems))
    return dict(_profiles.show(profile), chain=chain, problems=problems, other_keys=other_keys)


def report(path: str, names: Optional[List[str]]) -> Dict[str, Any]:
    """Return the report of a file, even of a broken one, with the rights of the user who controls it."""
    try:
        return _edit.run_with_rights(  # type: ignore[no-any-return]
            path, lambda: _report(path, names), strict=False, failed="cannot be read"
        )
    except (ConfigFileError, UserError) as error:
        return dict(_report_unread(path), problems=[str(error)])


def _report_unread(path: str) -> Dict[str, Any]:
    return {
        "profiles": [],
        "current": "",
        "problems": [],
        "config_path": path,
        "exists": os.path.exists(make_native(path)),
    }


def _report(path: str, names: Optional[List[str]]) -> Dict[str, Any]:
    result = _report_unread(path)
    try:
        config = _edit.read(path)
    except ConfigFileError as error:
        result["problems"] = [escape(str(error))]
        return result
    current = config.document["current"]
    result.update(exists=config.exists, config_path=config.path)
    problems = config.findings + _repair.repair(config.document)
    index = _profiles.index_profiles(config.document)
    profiles = _profiles.list_profiles(config.document)
    wanted = None if names is None else frozenset(names)
    result.update(
        problems=list(map(escape, problems)) if config.exists else [],
        current=current if current in index and profiles else "",
        profiles=[
            describe(profile, index)
            for profile in profiles
            if wanted is None or profile["name"] in wanted
        ],
    )
    return result


def add_identities(result: Dict[str, Any], params: Mapping[str, Any]) -> Dict[str, Any]:
    """Add the caller identity of each profile to a report, or a problem if STS rejects its credentials.

    Raise ProfileError for invalid options.
    """
    # Imported only here, since most tasks verify nothing.
    from ansible_collections.aliyun.cli.plugins.module_utils._profiles import verify as _verify

    profiles = {profile["name"]: profile for profile in result["profiles"]}
    names = [
        name
        for name, profile in profiles.items()
        if _modes.get_mode(profile["mode"]).has_credentials
    ]
    warnings: List[str] = []
    found = _verify.verify(result["config_path"], names, params, expected={}, warn=warnings.append)
    for name, identity in found.items():
        problem = identity.pop("problem")
        profiles[name].update(identity)
        if problem:
            profiles[name]["problems"].append(escape(problem))
    return dict(result, warnings=warnings)


def report_user(params: Mapping[str, Any], config_path: Optional[str]) -> Dict[str, Any]:
    """Return the report of the file of the user who runs the module. Raise AliyunCliError."""
    path = config_path or _edit.find_default_path()
    result = report(path, params["names"])
    return add_identities(result, params) if params["verify"] else result


def report_users(params: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the reports of several users, each read with the rights of its user. Raise AliyunCliError."""
    from ansible_collections.aliyun.cli.plugins.module_utils._profiles import users as _users

    results = _users.run_for_each_user(
        params["users"],
        lambda entry: report_user(params, entry["config_path"]),
        seconds=0,
        verify=params,
    )
    warnings = _users.take_warnings(results)
    return {"users": [_without_failure(result) for result in results], "warnings": warnings}


def _without_failure(result: Dict[str, Any]) -> Dict[str, Any]:
    if not result.pop("failed", False):
        return result
    problem = result.pop("msg")
    empty = {"profiles": [], "current": "", "config_path": "", "exists": False}
    return dict(empty, problems=[problem], **result)


def make_argument_spec() -> Dict[str, Any]:
    """Return the options of the module."""
    spec = make_http_argument_spec()
    spec.update(
        names={"type": "list", "elements": "str"},
        config_path={"type": "path"},
        verify={"type": "bool", "default": False},
        allow_process={"type": "bool", "default": False},
        users={
            "type": "list",
            "elements": "dict",
            "options": {
                "user": {"type": "str", "required": True},
                # Expanded as the user: "~" is the home of the user.
                "config_path": {"type": "str"},
            },
        },
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        mutually_exclusive=[("users", "config_path")],
    )

    def work() -> Dict[str, Any]:
        params = module.params
        if params["users"] is None:
            result = report_user(params, params["config_path"])
        else:
            result = report_users(params)
        return dict(result, changed=False)

    finish(module, work)


if __name__ == "__main__":
    main()
