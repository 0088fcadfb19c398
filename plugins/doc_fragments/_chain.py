# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that name a chain; the argument spec is ``_options.make_chain_argument_spec()``."""

from __future__ import annotations

from ansible_collections.aliyun.cli.plugins.doc_fragments._profile_fields import indent_options

_DOCUMENTATION = r"""
options:
  profile:
    description:
      - Name of the profile whose chain is resolved.
      - Without it and without O(source), the chain begins with the first of these that there is, which is the order of
        the official SDKs.
      - First, the profile that one of the environment variables E(ALIBABACLOUD_PROFILE), E(ALIBABA_CLOUD_PROFILE), and
        E(ALICLOUD_PROFILE) names.
      - Second, the access key in E(ALIBABA_CLOUD_ACCESS_KEY_ID) and E(ALIBABA_CLOUD_ACCESS_KEY_SECRET), with the
        token in
        E(ALIBABA_CLOUD_SECURITY_TOKEN) if there is one; the same with names that begin with C(ALIBABACLOUD_) or
        C(ALICLOUD_), and E(ALICLOUD_ACCESS_KEY) with E(ALICLOUD_SECRET_KEY). It is an error if only one half of a key
        is set, and a token of one family of names is not used with a key of another one.
      - Third, the role that is assumed with an OIDC token, if E(ALIBABA_CLOUD_ROLE_ARN),
        E(ALIBABA_CLOUD_OIDC_PROVIDER_ARN), and E(ALIBABA_CLOUD_OIDC_TOKEN_FILE) are all set.
      - Fourth, the current profile of O(config_path).
      - Fifth, where there is no profile, the RAM role of the ECS instance that E(ALIBABA_CLOUD_ECS_METADATA) names, and
        then the credentials URI in E(ALIBABA_CLOUD_CREDENTIALS_URI).
      - The first and the fourth are left out where E(ALIBABA_CLOUD_CLI_PROFILE_DISABLED) is V(true), or
        E(ALIBABA_CLOUD_IGNORE_PROFILE) or E(ALIBABACLOUD_IGNORE_PROFILE) is V(TRUE).
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_sources) for each mode with an example, and for
        what to check for each error.
      - Mutually exclusive with O(source).
    type: str
  config_path:
    description:
      - Path of the Alibaba Cloud CLI's config file. It is only read.
      - The file must belong to the user who runs this or to root, and nobody else may be able to write to it. It names
        files to read and programs to run. For the file of another user, set C(become_user).
      - The default is what E(ALIBABA_CLOUD_CONFIG_FILE) names, or V(~/.aliyun/config.json) of the user who runs this.
    type: path
  source:
    description:
      - Where the chain begins, as a profile given inline instead of the name of one that is stored.
      - It takes the options of M(aliyun.cli.profile) that describe a profile. O(source.region) and
        O(source.role_session_name) can be left out.
      - Mutually exclusive with O(profile).
    type: dict
    suboptions: __SOURCE__
      oidc_token:
        description:
          - OIDC token itself, instead of O(source.oidc_token_file), for mode V(OIDC). Automation platforms give it to a
            job in a variable.
          - It is secret, and is valid for minutes only. Credentials are cached for this token alone.
        type: str
  allow_process:
    description:
      - Whether the command of a source of mode V(External) may be run. Otherwise such a source is refused, so that a
        file of profiles cannot run a program unasked.
      - Even so it is not run where E(ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS) is set.
    type: bool
    default: false
  expected_account_id:
    description:
      - ID of the account that the credentials at the end of the chain must belong to, for example
        V(1000000000000002). It is written in quotes, since YAML takes it for a number.
      - The account of a role is in its ARN. If it is another one, no role is assumed.
      - Credentials without a role, and those from an endpoint that is not one of Alibaba Cloud's, cost one call of
        GetCallerIdentity each time that they are obtained.
    type: str
  expected_arn:
    description:
      - ARN that GetCallerIdentity must return for the credentials at the end of the chain. A V(*) stands for any
        characters, for example V(acs:ram::1000000000000002:assumed-role/spoke/*).
      - For an assumed role, this is C(acs:ram::<account ID>:assumed-role/<role name>/<session name>). The forms with
        C(:role/), of the ARN of a role and of C(assumed_role_arn), never match.
      - A role whose session would have another ARN is not assumed. What it costs is as for O(expected_account_id).
    type: str
  role_session_name:
    description:
      - Name of the sessions for which neither the profile nor O(hops[].role_session_name) gives one. The name appears
        in audit logs.
      - 2 to 64 letters, digits, and the characters V(.), V(@), V(-), and V(_).
      - A name for each host, such as C("{{ inventory_hostname_short }}"), costs a call for each host. Sessions of
        the same
        name are shared.
      - The default is E(ALIBABA_CLOUD_ROLE_SESSION_NAME), else V(ansible).
    type: str
  hops:
    description:
      - Roles to assume, in this order, on top of O(profile) or O(source).
      - There is no limit to their number. The lifetime of the credentials is that of the last hop.
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
          - Name of the session of this role, in the form of O(role_session_name), which is the default.
        type: str
      external_id:
        description:
          - External ID that the trust policy of the role asks for, which protects against the confused deputy.
          - 2 to 1224 letters, digits, and the characters V(_), V(+), V(=), V(,), V(.), V(@), V(:), V(/), and V(-).
        type: str
      expired_seconds:
        description:
          - Lifetime of the credentials in seconds, from V(900) up to the maximum session duration of the role, which is
            at most V(43200).
          - The default is V(3600).
        type: int
      policy:
        description:
          - RAM policy that narrows the permissions of the session, as a mapping or as JSON text of at most 2048
            characters.
        type: raw
      source_identity:
        description:
          - Identity that is kept in the session and in all sessions that are assumed from it.
        type: str
      sts_region:
        description:
          - Region ID of the STS endpoint that is asked for this hop, for example V(cn-hangzhou).
          - Without it and without O(hops[].sts_endpoint), the global endpoint V(sts.aliyuncs.com).
        type: str
      sts_endpoint:
        description:
          - Host of the STS endpoint that is asked for this hop, for example V(sts-vpc.cn-hangzhou.aliyuncs.com). It
            has precedence over O(hops[].sts_region).
          - HTTPS is used, except with a loopback address that is given as C(http://...).
        type: str
"""


class ModuleDocFragment:
    """What is derived stands below the class: ansible-test parses the class body as literal text."""

    DOCUMENTATION: str


ModuleDocFragment.DOCUMENTATION = _DOCUMENTATION.replace("__SOURCE__", indent_options(6))
