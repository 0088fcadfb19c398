#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: assume_role
short_description: Get temporary credentials in a task with a chain of AssumeRole calls
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Resolves the chain of a profile of the Alibaba Cloud CLI, or an inline chain, with one AssumeRole call for each hop.
    It returns the credentials of the last hop.
  - The result can be registered, but is not printed at any verbosity. Errors are printed.
extends_documentation_fragment:
  - aliyun.cli._chain
  - aliyun.cli._http
  - aliyun.cli._cache
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: full
    details:
      - The roles are assumed in check mode too, so that later tasks have credentials.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing.
  idempotent:
    support: full
    details:
      - The module changes nothing, but each run can return different credentials.
options:
  run_on:
    description:
      - Machine that resolves the chain.
      - V(node) is the managed node. It uses the profiles of the user on this node, and the RAM role of this instance
        for a source of mode V(EcsRamRole).
      - V(controller) is the machine that runs Ansible. It uses the profiles and the cache of the user who runs Ansible,
        as P(aliyun.cli.assume_role#lookup) does. Nothing is sent to the managed node.
      - With V(controller), options that the task does not set have the same defaults as in the lookup. They come from
        variables such as C(aliyun_cli_expected_account_id), the environment, or C(ansible.cfg). With V(node), these are
        not used.
      - O(cache), O(cache_url), O(cache_prefix), O(renew), and O(min_lifetime) are for V(controller). A managed node
        caches nothing, so O(cache_url), O(renew), and O(min_lifetime) are errors with V(node).
    type: str
    choices: [node, controller]
    default: node
  cache:
    description:
      - Whether to cache temporary credentials on the controller until they expire. All hosts, tasks, and runs of the
        same user share them, and so does P(aliyun.cli.assume_role#lookup). Only this user can read the files of the
        cache.
      - Used with O(run_on=controller). Long-lived credentials are never cached, and a managed node caches nothing.
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache) for the contents and the location of the
        cache, and for how to purge it.
    type: bool
    default: true
  format:
    description:
      - Format of RV(credentials).
      - V(credentials) is a dictionary with the credentials, their expiration, and their role.
      - V(environment) is a dictionary of environment variables for the Alibaba Cloud CLI, the official SDKs, Terraform,
        the OSS SDKs, ossutil 2, C(aliyunlog), and others. See R(variables by tool,
        ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables). The CLI prefers its config file to
        these variables unless E(ALIBABA_CLOUD_IGNORE_PROFILE) is V(TRUE). This variable is not in the dictionary.
      - V(alicloud) is a dictionary of options for the modules of the collection C(alibaba.alicloud), for example for
        C(module_defaults).
      - V(uri) is the dictionary that a credentials URI returns as JSON. The credentials must have an expiration.
      - V(ini) is the text of a file C(~/.alibabacloud/credentials) with one profile, V(default). The SDKs for Go,
        Python, and Node.js read long-lived keys from this file, but not the security token.
    type: str
    choices: [credentials, environment, alicloud, uri, ini]
    default: credentials
notes:
  - M(ansible.builtin.debug) with the registered result prints the credentials. Set C(no_log=true) on tasks that use
    them. M(aliyun.cli.exec) does not need it, since it treats them as secret.
  - The module cannot be run with C(async).
seealso:
  - plugin: aliyun.cli.assume_role
    plugin_type: lookup
  - module: aliyun.cli.exec
  - module: aliyun.cli.caller_identity_info
"""

EXAMPLES = r"""
- name: Assume the chain of a profile of the node
  aliyun.cli.assume_role:
    profile: production
  register: assumed

- name: Assume a role on top of the RAM role of the instance
  aliyun.cli.assume_role:
    source:
      mode: EcsRamRole
    hops:
      - ram_role_arn: acs:ram::1000000000000002:role/backup
        role_session_name: ansible
        expired_seconds: 900
  register: assumed

- name: Assume a chain on the controller, once for all hosts, for a job of up to half an hour
  aliyun.cli.assume_role:
    profile: production
    run_on: controller
    min_lifetime: 1800
  register: assumed

- name: Use the credentials
  aliyun.cli.exec:
    argv: [aliyun, oss, ls, --region, cn-hangzhou]
    credentials: "{{ assumed.credentials }}"
  register: buckets
  changed_when: false
"""

RETURN = r"""
credentials:
  description:
    - The credentials at the end of the chain.
    - With another O(format), a dictionary with the keys of that format instead of the keys below, for example
      C(OSS_ACCESS_KEY_ID) or C(alicloud_access_key). With O(format=ini), a string.
  returned: success
  type: dict
  contains:
    access_key_id:
      description: ID of the access key.
      type: str
      sample: STS.NUEXAMPLE
    access_key_secret:
      description: Secret of the access key.
      type: str
    security_token:
      description: Security token. Empty for a profile of mode V(AK) without hops.
      type: str
    expiration:
      description: Time when the credentials expire, in UTC. Empty if it is unknown or they do not expire.
      type: str
      sample: "2026-01-02T03:04:05Z"
    assumed_role_arn:
      description: ARN of the session in the response of AssumeRole. Empty if no role was assumed.
      type: str
      sample: acs:ram::1000000000000002:role/spoke/ansible
    account_id:
      description: ID of the account that the assumed role belongs to. Empty if no role was assumed.
      type: str
      sample: "1000000000000002"
    profile:
      description: Name of the profile whose chain was resolved. Empty for an inline source.
      type: str
      sample: production
    region:
      description: Region ID of the profile. Empty if it has no region.
      type: str
      sample: cn-hangzhou
"""

import os
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._options import assume_role


def make_argument_spec() -> Dict[str, Any]:
    spec = _options.make_chain_argument_spec()
    spec.update(make_http_argument_spec())
    spec.update(_options.make_cache_argument_spec())
    spec.update(
        run_on={"type": "str", "choices": ["node", "controller"], "default": "node"},
        cache={"type": "bool", "default": True},
        format={
            "type": "str",
            "choices": ["credentials", "environment", "alicloud", "uri", "ini"],
            "default": "credentials",
        },
    )
    return spec


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
    )
    for name in ("cache_url", "renew", "min_lifetime"):
        if module.params[name]:
            message = "{0} is for the cache on the controller: set run_on=controller"
            module.fail_json(msg=message.format(name))

    def assume() -> Dict[str, Any]:
        credentials = assume_role(module.params, environ=os.environ, warn=module.warn)
        return {"changed": False, "credentials": credentials, "invocation": {}}

    finish(module, assume)


if __name__ == "__main__":
    main()
