#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: profile
short_description: Manage a profile of the Alibaba Cloud CLI
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Creates, changes, activates, or removes a profile in the config file that the Alibaba Cloud CLI and the official
    SDKs share.
  - The CLI does not have to be installed. Faults that stop the CLI, such as a C(current) without a profile, are
    repaired on the next change and reported in RV(repairs).
extends_documentation_fragment:
  - aliyun.cli._profile_fields
  - aliyun.cli._config_file
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff shows that a secret was set, changed, or removed, but never its value.
      - Unchanged profiles are not part of the diff.
  idempotent:
    support: full
options:
  name:
    description:
      - Name of the profile. It must consist of printable characters.
    type: str
    required: true
  state:
    description:
      - Desired state of the profile. Options that are not given keep their stored values.
      - An empty string removes an option, as V(0) removes a number and V(false) a boolean, unless the mode requires it.
        O(mode), O(language), and O(oauth_site_type) can be changed, but not removed.
      - V(present) creates or changes the profile. The current profile stays the same, except that the first profile of
        a file becomes current.
      - V(active) also makes it the current profile. If only O(name) is given, the profile must exist.
      - V(absent) removes the profile. If it was current, the first remaining profile becomes current.
    type: str
    choices: [present, active, absent]
    default: present
  force:
    description:
      - Whether to remove a profile, or to change it to a mode without credentials, even if it is the source profile of
        others.
    type: bool
    default: false
seealso:
  - module: aliyun.cli.profiles
  - module: aliyun.cli.profile_info
  - module: aliyun.cli.caller_identity_info
"""

EXAMPLES = r"""
- name: Create a profile with an access key
  aliyun.cli.profile:
    name: deploy
    mode: AK
    region: cn-hangzhou
    access_key_id: LTAI5tEXAMPLE
    access_key_secret: "{{ deploy_secret }}"

- name: Write temporary credentials that something else renews
  aliyun.cli.profile:
    name: handed-over
    mode: StsToken
    region: cn-hangzhou
    access_key_id: "{{ credentials.access_key_id }}"
    access_key_secret: "{{ credentials.access_key_secret }}"
    sts_token: "{{ credentials.security_token }}"
  no_log: true  # the access key ID changes with every renewal

- name: Assume a role with the access key, and make it the active profile
  aliyun.cli.profile:
    name: RamRoleArnProfile
    state: active
    mode: RamRoleArn
    region: cn-shanghai
    access_key_id: LTAI5tEXAMPLE
    access_key_secret: "{{ deploy_secret }}"
    sts_region: cn-hangzhou
    ram_role_arn: acs:ram::1000000000000001:role/Alice
    role_session_name: alice
    external_id: abcd1234
    expired_seconds: 900

- name: Assume a role of another account with the credentials of that profile
  aliyun.cli.profile:
    name: ChainableProfile
    mode: ChainableRamRoleArn
    region: cn-shanghai
    source_profile: RamRoleArnProfile
    ram_role_arn: acs:ram::1000000000000002:role/Bob
    role_session_name: alice

- name: Use the RAM role of the instance
  aliyun.cli.profile:
    name: instance
    mode: EcsRamRole
    region: cn-hangzhou
    ram_role_name: backup

- name: Assume a role with the RAM role of the instance
  aliyun.cli.profile:
    name: instance-role
    mode: RamRoleArnWithRoleName
    region: cn-hangzhou
    ram_role_name: backup
    ram_role_arn: acs:ram::1000000000000001:role/archive
    role_session_name: backup

- name: Use an RSA key pair
  aliyun.cli.profile:
    name: key-pair
    mode: RsaKeyPair
    region: cn-hangzhou
    key_pair_name: example
    private_key: /etc/aliyun/example.pem

- name: Use the credentials that a command prints
  aliyun.cli.profile:
    name: external
    mode: External
    region: cn-hangzhou
    process_command: acs-sso login --profile work

- name: Use the credentials that a local service returns
  aliyun.cli.profile:
    name: service
    mode: CredentialsURI
    region: cn-hangzhou
    credentials_uri: http://127.0.0.1:6666/credentials

- name: Assume a role with the OIDC token of a Kubernetes service account
  aliyun.cli.profile:
    name: pod
    mode: OIDC
    region: cn-hangzhou
    oidc_provider_arn: acs:ram::1000000000000001:oidc-provider/ack-rrsa-example
    oidc_token_file: /var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token
    ram_role_arn: acs:ram::1000000000000001:role/pod
    role_session_name: pod

- name: Prepare a login at CloudSSO with the CLI
  aliyun.cli.profile:
    name: sso
    mode: CloudSSO
    region: cn-hangzhou
    cloud_sso_sign_in_url: https://signin-cn-shanghai.alibabacloudsso.com/example/login

- name: Prepare a login in a browser with the CLI
  aliyun.cli.profile:
    name: browser
    mode: OAuth
    region: cn-hangzhou
    oauth_site_type: CN

- name: Use a bearer token
  aliyun.cli.profile:
    name: bearer
    mode: BearerToken
    region: cn-hangzhou
    bearer_token: "{{ bearer_token }}"

- name: Use no credentials
  aliyun.cli.profile:
    name: anonymous
    mode: Anonymous
    region: cn-hangzhou

- name: Switch to another profile
  aliyun.cli.profile:
    name: deploy
    state: active

- name: Remove the external ID of a profile
  aliyun.cli.profile:
    name: RamRoleArnProfile
    external_id: ""

- name: Delete a profile
  aliyun.cli.profile:
    name: deploy
    state: absent
"""

RETURN = r"""
profile:
  description: The profile by option name, with secrets and most of the access key ID masked. Empty if O(state=absent).
  returned: success
  type: dict
  sample:
    name: deploy
    mode: AK
    access_key_id: "***PLE"
    access_key_secret: "***"
    region: cn-hangzhou
    language: en
    output_format: json
current:
  description: Name of the current profile.
  returned: success
  type: str
  sample: deploy
config_path:
  description: Path of the file, with symbolic links resolved.
  returned: success
  type: str
  sample: /home/alice/.aliyun/config.json
backup_file:
  description: Path of the copy of the old file.
  returned: if O(backup=true) and the file is changed
  type: str
  sample: /home/alice/.aliyun/config.json.4711.2026-01-02@03:04:05~
repairs:
  description: Faults of the file that were repaired, with one sentence for each.
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import Any, Dict, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles


def change(document: Dict[str, Any], params: Mapping[str, Any]) -> Dict[str, Any]:
    """Change the document to the desired state. Raise ProfileError."""
    name = params["name"]
    if params["state"] == "absent":
        _profiles.remove(document, name, force=params["force"])
        return {"profile": {}}
    given = any(params[option] is not None for option in _modes.make_argument_spec())
    lost: List[str] = []
    if given or params["state"] == "present":
        lost = _profiles.put(
            document, [params], update_secrets=params["update_secrets"] == "always"
        )
    if params["state"] == "active":
        _profiles.activate(document, name)
    _profiles.check_references(document, [name], () if params["force"] else lost)
    return {"profile": _profiles.show(_profiles.index_profiles(document)[name])}


def make_argument_spec() -> Dict[str, Any]:
    """Return the options of the module."""
    spec = _modes.make_argument_spec()
    spec.update(_apply.make_file_argument_spec())
    spec.update(
        name={"type": "str", "required": True},
        force={"type": "bool", "default": False},
        state={"type": "str", "choices": ["present", "active", "absent"], "default": "present"},
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        empty=_modes.list_removable(),
    )
    finish(
        module,
        lambda: _apply.apply(
            module.params,
            lambda document: change(document, module.params),
            check_mode=module.check_mode,
            creates=module.params["state"] != "absent",
        ),
    )


if __name__ == "__main__":
    main()
