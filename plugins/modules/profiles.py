#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: profiles
short_description: Keep several profiles of the Alibaba Cloud CLI in one edit
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Keeps any number of profiles of the Alibaba Cloud CLI as declared, by one change of the file or none.
  - Their order does not matter. Whether source profiles exist, and have credentials for those that chain from them, is
    checked when all profiles are in place.
extends_documentation_fragment:
  - aliyun.cli._profile_fields.list
  - aliyun.cli._config_file
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - It is shown that a secret was set, changed, or removed, never its value.
      - Profiles that stay as they are, are not shown.
  idempotent:
    support: full
options:
  profiles:
    description:
      - The profiles. Options that are not given keep their stored values.
      - An option that is given as an empty string is removed, a number as V(0), and a boolean as V(false), unless the
        mode requires it. O(profiles[].mode), O(profiles[].language), and O(profiles[].oauth_site_type) can be changed,
        but not removed.
    type: list
    elements: dict
    required: true
  current:
    description:
      - Name of the profile that shall be the current one. Without it the current profile stays the same, as long as it
        exists.
    type: str
  purge:
    description:
      - Whether profiles that are not in O(profiles) are removed.
    type: bool
    default: false
seealso:
  - module: aliyun.cli.profile
  - module: aliyun.cli.profile_info
"""

EXAMPLES = r"""
- name: Keep just these two profiles
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
"""

RETURN = r"""
profiles:
  description: The declared profiles by option names, with secrets and most of the access key IDs masked.
  returned: success
  type: list
  elements: dict
  sample:
    - name: deploy
      mode: AK
      access_key_id: "***PLE"
      access_key_secret: "***"
      region: cn-hangzhou
created:
  description: Names of profiles that are new.
  returned: success
  type: list
  elements: str
  sample: [spoke]
updated:
  description: Names of profiles that were there and changed.
  returned: success
  type: list
  elements: str
  sample: [deploy]
removed:
  description: Names of profiles that are removed.
  returned: success
  type: list
  elements: str
  sample: []
current:
  description: Name of the current profile.
  returned: success
  type: str
  sample: spoke
config_path:
  description: Path of the file, symbolic links followed.
  returned: success
  type: str
  sample: /home/alice/.aliyun/config.json
backup_file:
  description: Path of the copy of the file as it was.
  returned: if O(backup=true) and the file is changed
  type: str
  sample: /home/alice/.aliyun/config.json.4711.2026-01-02@03:04:05~
repairs:
  description: What was wrong with the file and is mended, one sentence each.
  returned: success
  type: list
  elements: str
  sample: []
"""

from collections import Counter
from typing import Any, Dict, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    go_json as _config_shape,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _profile_edit
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles


def change(document: Dict[str, Any], params: Mapping[str, Any]) -> Dict[str, Any]:
    """Bring the document into the state that the options ask for. Raises ProfileError."""
    names = [entry["name"] for entry in params["profiles"]]
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise ProfileError("profiles names a profile twice: {0}".format(", ".join(twice)))
    before = _profiles.by_name({"profiles": _profiles.real(document)})
    if params["purge"]:
        _profiles.purge(document, names)
    lost = _profiles.put(
        document, params["profiles"], update_secrets=params["update_secrets"] == "always"
    )
    if params["current"] is not None:
        _profiles.activate(document, params["current"])
    _profiles.check_references(document, names, lost)
    after = _profiles.by_name(document)
    return {
        "profiles": [_profiles.shown(after[name]) for name in names],
        "created": [name for name in names if name not in before],
        "updated": [
            name
            for name in names
            if name in before and _config_shape.differ(before[name], after[name])
        ],
        "removed": [name for name in before if name not in after],
    }


def main() -> None:
    argument_spec = _profile_edit.file_argument_spec()
    argument_spec.update(
        profiles={
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": dict(_modes.argument_spec(), name={"type": "str", "required": True}),
        },
        current={"type": "str"},
        purge={"type": "bool", "default": False},
    )
    module = Module(argument_spec=argument_spec, supports_check_mode=True)
    finish(
        module,
        lambda: _profile_edit.apply(
            module.params,
            lambda document: change(document, module.params),
            check_mode=module.check_mode,
            creates=bool(module.params["profiles"]),
        ),
    )


if __name__ == "__main__":
    main()
