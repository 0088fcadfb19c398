#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: profile_info
short_description: Profiles of the Alibaba Cloud CLI, their chains, and their problems
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Returns the profiles of the Alibaba Cloud CLI, with the chain of each, and what is wrong with them and their file.
  - A broken file is reported in RV(problems) and is no failure.
extends_documentation_fragment:
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
  - aliyun.cli._attributes.info_module
options:
  names:
    description:
      - Names of the profiles to return. Without it, all profiles are returned. A name without a profile is left out.
    type: list
    elements: str
  config_path:
    description:
      - Path of the file. A symbolic link is followed.
      - If a user controls the path, root reads the file with the rights of this user only.
      - The default is V(~/.aliyun/config.json) of the user who runs the module.
    type: path
seealso:
  - module: aliyun.cli.profile
  - module: aliyun.cli.caller_identity_info
"""

EXAMPLES = r"""
- name: Look at all profiles
  aliyun.cli.profile_info:
  register: result

- name: Make sure that nothing is wrong with them, nor with who can read the file
  ansible.builtin.assert:
    that:
      - result.problems == []
      - result.profiles | map(attribute='problems') | flatten == []

- name: Look at the profiles of another user
  aliyun.cli.profile_info:
    config_path: ~alice/.aliyun/config.json
    names: [production]
  become: true
"""

RETURN = r"""
profiles:
  description: The profiles by option names, with secrets and most of the access key IDs masked.
  returned: success
  type: list
  elements: dict
  contains:
    chain:
      description:
        - Names of the profiles that the profile chains from, from the source to the profile itself. Empty where a
          source profile is missing or the profiles chain in a circle.
      type: list
      elements: str
      sample: [deploy, hub, spoke]
    problems:
      description: What is wrong with the profile, one sentence each.
      type: list
      elements: str
      sample: []
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
  description: Name of the current profile. Empty where there is none.
  returned: success
  type: str
  sample: spoke
problems:
  description:
    - What is wrong with the file, one sentence each. The next change by M(aliyun.cli.profile) mends it.
    - The CLI works with some of it, such as a directory that others can read, which is how the CLI itself makes it.
  returned: success
  type: list
  elements: str
  sample:
    - current names the profile 'old', which does not exist, so that the CLI does not start
config_path:
  description: Path of the file, symbolic links followed where it can be read.
  returned: success
  type: str
  sample: /home/alice/.aliyun/config.json
exists:
  description: Whether the file exists.
  returned: success
  type: bool
  sample: true
"""

import os
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _config_file
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ConfigFileError,
    ProfileError,
    UserError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._files import native
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape


def describe(profile: Mapping[str, Any], index: Mapping[str, Mapping[str, Any]]) -> Dict[str, Any]:
    """A profile as it may be shown, with its chain and its problems."""
    problems = _profiles.problems(profile)
    chain: List[str] = []
    try:
        chain = _profiles.chain_of(index, profile["name"])
    except ProfileError as error:
        problems.append(str(error))
    other_keys = [key for key in profile if key not in _modes.ORDER]
    problems = list(map(escape, problems))
    return dict(_profiles.shown(profile), chain=chain, problems=problems, other_keys=other_keys)


def report(path: str, names: Optional[List[str]]) -> Dict[str, Any]:
    """Return what is known of a file, be it broken or not, with the rights of the user who controls it."""
    try:
        return _config_file.with_rights(  # type: ignore[no-any-return]
            path, lambda: _report(path, names), strict=False, failed="cannot be read"
        )
    except (ConfigFileError, UserError) as error:
        return dict(_unread(path), problems=[str(error)])


def _unread(path: str) -> Dict[str, Any]:
    return {
        "profiles": [],
        "current": "",
        "problems": [],
        "config_path": path,
        "exists": os.path.exists(native(path)),
    }


def _report(path: str, names: Optional[List[str]]) -> Dict[str, Any]:
    result = _unread(path)
    try:
        config = _config_file.read(path)
    except ConfigFileError as error:
        result["problems"] = [escape(str(error))]
        return result
    current = config.document["current"]
    result.update(exists=config.exists, config_path=config.path)
    problems = config.findings + _repair.repair(config.document)
    index = _profiles.by_name(config.document)
    profiles = _profiles.real(config.document)
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


def main() -> None:
    module = Module(
        argument_spec={
            "names": {"type": "list", "elements": "str"},
            "config_path": {"type": "path"},
        },
        supports_check_mode=True,
    )
    finish(
        module,
        lambda: dict(
            report(
                module.params["config_path"] or _config_file.default_path(), module.params["names"]
            ),
            changed=False,
        ),
    )


if __name__ == "__main__":
    main()
