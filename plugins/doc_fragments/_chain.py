# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options that define a chain; the argument spec is ``_options.make_chain_argument_spec()``."""

from __future__ import annotations

from ansible_collections.aliyun.cli.plugins.doc_fragments._profile_fields import indent_options

_DOCUMENTATION = r"""
options:
  profile:
    description:
      - Name of the profile whose chain is resolved, for example V(production). Mutually exclusive with O(source).
      - By default, the chain begins with the first of the following that is available. The official SDKs use the same
        order.
      - First, the profile that one of the environment variables E(ALIBABACLOUD_PROFILE), E(ALIBABA_CLOUD_PROFILE), and
        E(ALICLOUD_PROFILE) names.
      - Second, the access key in E(ALIBABA_CLOUD_ACCESS_KEY_ID) and E(ALIBABA_CLOUD_ACCESS_KEY_SECRET), and the token
        in E(ALIBABA_CLOUD_SECURITY_TOKEN) if it is set. Names that begin with C(ALIBABACLOUD_) or C(ALICLOUD_) are read
        too, and so are E(ALICLOUD_ACCESS_KEY) and E(ALICLOUD_SECRET_KEY). If only one half of a key is set, the task
        fails. A token is used only with a key of the same family of names.
      - Third, the role that is assumed with an OIDC token, if E(ALIBABA_CLOUD_ROLE_ARN),
        E(ALIBABA_CLOUD_OIDC_PROVIDER_ARN), and E(ALIBABA_CLOUD_OIDC_TOKEN_FILE) are all set.
      - Fourth, the current profile of O(config_path).
      - Fifth, if no profile exists, the RAM role of the ECS instance that E(ALIBABA_CLOUD_ECS_METADATA) names, and then
        the credentials URI in E(ALIBABA_CLOUD_CREDENTIALS_URI).
      - The first and the fourth are skipped if E(ALIBABA_CLOUD_CLI_PROFILE_DISABLED) is V(true), or
        E(ALIBABA_CLOUD_IGNORE_PROFILE) or E(ALIBABACLOUD_IGNORE_PROFILE) is V(TRUE).
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_sources) for an example of each mode, and for the
        checks to make after each error.
    type: str
  config_path:
    description:
      - Path of the Alibaba Cloud CLI's config file. It is only read.
      - The file must belong to the user who runs the task or to root, and no other user may be able to write to it. The
        reason is that it names files to read and programs to run. To use the file of another user, set C(become_user).
      - The default is the path in E(ALIBABA_CLOUD_CONFIG_FILE), or V(~/.aliyun/config.json) of the user who runs the
        task.
    type: path
  source:
    description:
      - First profile of the chain, given inline instead of by the name of a stored profile.
      - It takes the options of M(aliyun.cli.profile) that describe a profile. O(source.region) and
        O(source.role_session_name) can be left out.
      - Mutually exclusive with O(profile).
    type: dict
    suboptions: __SOURCE__
      oidc_token:
        description:
          - OIDC token itself, instead of O(source.oidc_token_file), for mode V(OIDC). Automation platforms pass it to a
            job in a variable.
          - The token is secret and usually valid for minutes only. Cached credentials are used only with the same
            token.
        type: str
  allow_process:
    description:
      - Whether to run the command of a source of mode V(External). Otherwise such a source is an error, so that a
        config file alone cannot start a program.
      - The command is never run if E(ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS) is set.
    type: bool
    default: false
  expected_account_id:
    description:
      - ID of the account that the credentials at the end of the chain must belong to, for example V(1000000000000002).
        Write it in quotes, since YAML reads it as a number.
      - The account of a role is part of its ARN. If it differs, no role is assumed.
      - Credentials without a role, and credentials from an endpoint outside Alibaba Cloud, cost one call of
        GetCallerIdentity each time they are obtained.
    type: str
  expected_arn:
    description:
      - ARN that GetCallerIdentity must return for the credentials at the end of the chain. V(*) matches any characters,
        for example V(acs:ram::1000000000000002:assumed-role/spoke/*).
      - The ARN of an assumed role is C(acs:ram::<account ID>:assumed-role/<role name>/<session name>). ARNs with
        C(:role/), such as the ARN of a role or C(assumed_role_arn), never match.
      - A role whose session would have another ARN is not assumed. The costs are those of O(expected_account_id).
    type: str
  role_session_name:
    description:
      - Name of the sessions that have no name in the profile or in O(hops[].role_session_name). The name appears in
        audit logs.
      - 2 to 64 letters, digits, and the characters V(.), V(@), V(-), and V(_).
      - Sessions of the same name are shared. A name for each host, such as C("{{ inventory_hostname_short }}"), costs a
        call for each host.
      - The default is the value of E(ALIBABA_CLOUD_ROLE_SESSION_NAME), or V(ansible).
    type: str
  hops:
    description:
      - Roles to assume, in this order, on top of O(profile) or O(source).
      - Their number is not limited. The credentials have the lifetime of the last hop.
    type: list
    elements: dict
    suboptions:
      ram_role_arn:
        description:
          - ARN of the role to assume, as C(acs:ram::<account ID>:role/<role name>). The RAM console shows it on
            the page
            of the role.
        type: str
        required: true
      role_session_name:
        description:
          - Name of the session of this role. The default is O(role_session_name), which has the same form.
        type: str
      external_id:
        description:
          - External ID that the trust policy of the role requires as a protection against the confused deputy.
          - 2 to 1224 letters, digits, and the characters V(_), V(+), V(=), V(,), V(.), V(@), V(:), V(/), and V(-).
        type: str
      expired_seconds:
        description:
          - Lifetime of the credentials in seconds, for example V(900), which is the minimum. The maximum is the maximum
            session duration of the role, which is at most V(43200).
          - The default is V(3600).
        type: int
      policy:
        description:
          - RAM policy that restricts the permissions of the session, as a mapping or as JSON text of at most 2048
            characters.
        type: raw
      source_identity:
        description:
          - Source identity of the session, for example V(alice). All sessions that are assumed from it inherit it.
        type: str
      sts_region:
        description:
          - Region ID of the STS endpoint for this hop, for example V(cn-hangzhou).
          - Without this option and O(hops[].sts_endpoint), the global endpoint V(sts.aliyuncs.com) is used.
        type: str
      sts_endpoint:
        description:
          - Host of the STS endpoint for this hop, for example V(sts-vpc.cn-hangzhou.aliyuncs.com). It has precedence
            over O(hops[].sts_region).
          - HTTPS is used, except for a loopback address that begins with C(http://).
        type: str
"""


class ModuleDocFragment:
    """Contain the documentation, which is set below the class: ansible-test accepts only literal text in the class
    body.
    """

    DOCUMENTATION: str


ModuleDocFragment.DOCUMENTATION = _DOCUMENTATION.replace("__SOURCE__", indent_options(6))
