#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: assume_role
short_description: Temporary credentials by chained AssumeRole, as a task
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Resolves the chain of a profile of the Alibaba Cloud CLI, or one given inline, by as many AssumeRole calls as it has
    hops, and returns the credentials of the last one.
  - The result can be registered and used, but is not printed at any verbosity. A failure is printed.
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
      - The roles are really assumed, so that later tasks of a check have credentials.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
    details:
      - It changes nothing, but each run may return other credentials.
options:
  run_on:
    description:
      - Where the chain is resolved.
      - V(node) is the managed node, with the profiles that its user has there, and the RAM role of the instance for a
        source of mode V(EcsRamRole).
      - V(controller) is where Ansible runs, with the profiles and the cache of the user who runs it, as
        P(aliyun.cli.assume_role#lookup) does. Nothing is sent to the managed node. What the task leaves open is then
        as the lookup has it, from variables such as C(aliyun_cli_expected_account_id), the environment, C(ansible.cfg),
        or its defaults. On a node none of these counts.
      - O(cache), O(cache_url), O(cache_prefix), O(renew), and O(min_lifetime) are for the controller. On a node
        nothing is
        cached, and O(cache_url), O(renew), and O(min_lifetime) are errors.
    type: str
    choices: [node, controller]
    default: node
  cache:
    description:
      - Whether, with O(run_on=controller), the credentials are kept on the controller while they last and shared with
        all hosts, tasks and runs of the same user, and with P(aliyun.cli.assume_role#lookup). Only temporary
        credentials are kept, in files that only this user can read. On a managed node nothing is kept.
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache) for what is cached, where, and how to purge
        the cache.
    type: bool
    default: true
  format:
    description:
      - Form of RV(credentials).
      - V(credentials) is the credentials and what is known about them.
      - V(environment) is a dictionary of environment variables, in which the Alibaba Cloud CLI, the official SDKs,
        Terraform, the OSS SDKs, ossutil 2, C(aliyunlog), and others find the credentials. See R(variables by tool,
        ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables). The CLI prefers its config file to
        them unless E(ALIBABA_CLOUD_IGNORE_PROFILE) is V(TRUE), which is not among them.
      - V(alicloud) is a dictionary of options for the modules of the collection C(alibaba.alicloud), for example for
        C(module_defaults).
      - V(uri) is the dictionary that a credentials URI returns as JSON. It requires credentials that expire.
      - V(ini) is the text of a file C(~/.alibabacloud/credentials) with one profile, V(default). The SDKs for Go,
        Python, and Node.js read long-lived keys from this file, but no security token.
    type: str
    choices: [credentials, environment, alicloud, uri, ini]
    default: credentials
notes:
  - Printing the registered result, for example with M(ansible.builtin.debug), prints the credentials. Tasks that use
    them need C(no_log=true), unless their options are secret, as those of M(aliyun.cli.exec) are.
  - It cannot be run with C(async).
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

- name: Assume a chain on the controller, by one call for all hosts, for what may take half an hour
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
    - With another O(format), the keys of that form instead of the keys below, for example C(OSS_ACCESS_KEY_ID) or
      C(alicloud_access_key). With O(format=ini), a string.
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
      description: When the credentials expire, in UTC. Empty where it is not known or they do not expire.
      type: str
      sample: "2026-01-02T03:04:05Z"
    assumed_role_arn:
      description: ARN of the session as AssumeRole answered it. Empty where no role was assumed.
      type: str
      sample: acs:ram::1000000000000002:role/spoke/ansible
    account_id:
      description: ID of the account that the assumed role belongs to. Empty where no role was assumed.
      type: str
      sample: "1000000000000002"
    profile:
      description: Name of the profile that the chain is of. Empty for an inline source.
      type: str
      sample: production
    region:
      description: Region ID of the profile. Empty where it has none.
      type: str
      sample: cn-hangzhou
"""

import os
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._assume_role import assume_role
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish


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
            message = "{0} is for the cache: it requires that run_on is controller"
            module.fail_json(msg=message.format(name))

    def assume() -> Dict[str, Any]:
        credentials = assume_role(module.params, environ=os.environ, warn=module.warn)
        return {"changed": False, "credentials": credentials, "invocation": {}}

    finish(module, assume)


if __name__ == "__main__":
    main()
