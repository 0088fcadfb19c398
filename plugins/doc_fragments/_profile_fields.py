# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options that describe a profile; the argument spec is ``_modes.make_argument_spec()``.

``OPTIONS`` documents options of a module and, if indented, suboptions.
"""

from __future__ import annotations

OPTIONS = r"""
mode:
  description:
    - How the profile authenticates.
    - Required for a new profile in the file. If it changes, fields that the new mode does not use are removed.
    - An inline source of a chain needs no mode if its other options imply V(AK), V(StsToken), V(RamRoleArn),
      V(EcsRamRole), V(RsaKeyPair), V(External), V(OIDC), V(CloudSSO), or V(BearerToken). The rules are those of the
      CLI. V(ChainableRamRoleArn) must always be given.
    - V(AK) uses an access key.
    - V(StsToken) uses temporary credentials that are not renewed.
    - V(RamRoleArn) assumes a role with an access key.
    - V(EcsRamRole) uses the RAM role of the ECS instance.
    - V(RsaKeyPair) uses an RSA key pair. It is deprecated by Alibaba Cloud.
    - V(RamRoleArnWithRoleName) assumes a role with the RAM role of the ECS instance. It is deprecated by Alibaba Cloud.
    - V(ChainableRamRoleArn) assumes a role with the credentials of another profile, the source profile.
    - V(External) runs a command that prints credentials.
    - V(CredentialsURI) requests credentials from a URL.
    - V(OIDC) assumes a role with an OIDC token.
    - V(CloudSSO) uses a login at CloudSSO, which requires the CLI.
    - V(OAuth) uses a login in a browser, which requires the CLI.
    - V(BearerToken) uses a bearer token, for products that accept one.
    - V(Anonymous) uses no credentials.
  type: str
  choices:
    - AK
    - StsToken
    - RamRoleArn
    - EcsRamRole
    - RsaKeyPair
    - RamRoleArnWithRoleName
    - ChainableRamRoleArn
    - External
    - CredentialsURI
    - OIDC
    - CloudSSO
    - OAuth
    - BearerToken
    - Anonymous
access_key_id:
  description:
    - ID of the access key, for example V(LTAI5tEXAMPLE).
    - Required by the modes V(AK), V(StsToken), and V(RamRoleArn).
  type: str
access_key_secret:
  description:
    - Secret of the access key. It is required if C(access_key_id) changes.
    - Required by the modes V(AK), V(StsToken), and V(RamRoleArn).
  type: str
sts_token:
  description:
    - Security token of temporary credentials.
    - Required by the mode V(StsToken), and used by V(RamRoleArn) if temporary credentials assume the role.
  type: str
sts_region:
  description:
    - Region ID of the STS endpoint, for example V(cn-hangzhou). By default, the global endpoint V(sts.aliyuncs.com) is
      used. For all modes.
  type: str
sts_endpoint:
  description:
    - Host of the STS endpoint, for example V(sts-vpc.cn-hangzhou.aliyuncs.com), with precedence over C(sts_region).
      HTTPS is used, except that this collection also accepts a loopback address that begins with C(http://). For all
      modes.
    - The Alibaba Cloud CLI knows it since version 3.4.5.
  type: str
ram_role_name:
  description:
    - Name of the RAM role of the ECS instance, for example V(backup). By default, the name is read from the instance
      metadata.
    - Used by the modes V(EcsRamRole) and V(RamRoleArnWithRoleName).
  type: str
ram_role_arn:
  description:
    - ARN of the role to assume, as C(acs:ram::<account ID>:role/<role name>). The RAM console shows it on the page of
      the role.
    - Required by the modes V(RamRoleArn), V(RamRoleArnWithRoleName), V(ChainableRamRoleArn), and V(OIDC).
  type: str
role_session_name:
  description:
    - Name of the session, which appears in audit logs. 2 to 64 letters, digits, and the characters V(.), V(@), V(-),
      and V(_), for example V(ci-runner).
    - Required by the modes V(RamRoleArn), V(ChainableRamRoleArn), and V(OIDC), and used by V(RamRoleArnWithRoleName).
  type: str
external_id:
  description:
    - External ID that the trust policy of the role requires as a protection against the confused deputy. 2 to 1224
      letters, digits, and the characters V(_), V(+), V(=), V(,), V(.), V(@), V(:), V(/), and V(-).
    - Used by the modes V(RamRoleArn), V(RamRoleArnWithRoleName), and V(ChainableRamRoleArn). The Alibaba Cloud CLI
      knows it since version 3.0.276.
  type: str
source_profile:
  description:
    - Name of the profile whose credentials assume the role. It must exist, and can itself have a source profile.
    - Required by the mode V(ChainableRamRoleArn). The Alibaba Cloud CLI knows it since version 3.0.298.
  type: str
private_key:
  description:
    - Private key of the key pair, or the path of its file, for example V(/etc/aliyun/example.pem). The key must be in
      PEM format, or its base64 text without the C(BEGIN) and C(END) lines.
    - The Alibaba Cloud CLI accepts only a path, and prints an inline key in its error message. It panics if the key is
      in PKCS#1 form (C(BEGIN RSA PRIVATE KEY)). The modules that write profiles warn about both.
    - Required by the mode V(RsaKeyPair).
  type: str
key_pair_name:
  description:
    - Name of the key pair.
    - Required by the mode V(RsaKeyPair).
  type: str
expired_seconds:
  description:
    - Lifetime of the temporary credentials in seconds, from V(900) up to the maximum session duration of the role,
      which is at most V(43200). With a key pair, the maximum is V(3600). V(0) removes it, so that the default V(3600)
      applies.
    - Used by the modes V(RamRoleArn), V(RamRoleArnWithRoleName), V(ChainableRamRoleArn), V(OIDC), and V(RsaKeyPair).
  type: int
region:
  description:
    - ID of the default region of commands, for example V(cn-hangzhou).
    - Required by all modes.
  type: str
language:
  description:
    - Language of the CLI's help. A new profile gets V(en). For all modes.
    - V(zh) is Chinese.
    - V(en) is English.
  type: str
  choices: [zh, en]
read_timeout:
  description:
    - Seconds that the CLI waits for a response, for example V(30). V(0) removes it. For all modes.
    - The key C(retry_timeout) of older versions of the CLI is left unchanged, but V(0) removes it too.
    - The Alibaba Cloud CLI knows it since version 3.4.8.
  type: int
connect_timeout:
  description:
    - Seconds that the CLI waits for a connection, for example V(10). V(0) removes it. For all modes.
  type: int
retry_count:
  description:
    - Number of times that the CLI retries a call, for example V(3). V(0) removes it. For all modes.
  type: int
process_command:
  description:
    - Command with its arguments that prints credentials as JSON, for example C(acs-sso login --profile work). It is
      treated as a secret, since it may contain one.
    - It is split into words by the rules of a POSIX shell, as the Alibaba Cloud CLI does since version 3.4.9. No shell
      runs it.
    - Required by the mode V(External).
  type: str
credentials_uri:
  description:
    - C(http://) or C(https://) URL that returns credentials as JSON. It is treated as a secret, since it may contain
      one.
    - Required by the mode V(CredentialsURI).
  type: str
oidc_provider_arn:
  description:
    - ARN of the OIDC provider, as C(acs:ram::<account ID>:oidc-provider/<name>).
    - Required by the mode V(OIDC).
  type: str
oidc_token_file:
  description:
    - Path of the file with the OIDC token, for example V(/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token).
    - Required by the mode V(OIDC).
  type: str
cloud_sso_sign_in_url:
  description:
    - C(https://) URL of the page where users of CloudSSO sign in.
    - Required by the mode V(CloudSSO).
  type: str
cloud_sso_access_config:
  description:
    - ID of the access configuration, for example V(ac-00example).
    - Used by the mode V(CloudSSO).
  type: str
cloud_sso_account_id:
  description:
    - ID of the account to access.
    - Used by the mode V(CloudSSO).
  type: str
oauth_site_type:
  description:
    - Site where users log in.
    - Required by the mode V(OAuth).
    - V(CN) is the site for China.
    - V(INTL) is the international site.
  type: str
  choices: [CN, INTL]
endpoint_type:
  description:
    - Type of the endpoints that the CLI calls, for example V(vpc). For all modes.
  type: str
endpoint:
  description:
    - Endpoint that the CLI calls instead of the one of the product and region. For all modes.
  type: str
external_account_type:
  description:
    - Type of external account that the CLI sends with its calls. For all modes.
  type: str
auto_plugin_install:
  description:
    - Whether the CLI installs a plugin that a command needs. V(false) removes the setting and is the default. For all
      modes.
  type: bool
auto_plugin_install_enable_pre:
  description:
    - Whether the CLI also installs preview versions of plugins. V(false) removes the setting and is the default. For
      all modes.
  type: bool
bearer_token:
  description:
    - The bearer token, without line breaks.
    - Required by the mode V(BearerToken). The Alibaba Cloud CLI knows it since version 3.3.16.
  type: str
bearer_token_header_key:
  description:
    - Name of the HTTP header for the bearer token, for example V(X-Auth-Token). It consists of ASCII characters without
      spaces and colons.
    - Used by the mode V(BearerToken). The Alibaba Cloud CLI knows it since version 3.3.16.
  type: str
"""


def indent_options(spaces: int) -> str:
    """Return the options as suboptions, indented by a number of spaces."""
    return "\n".join(" " * spaces + line if line else line for line in OPTIONS.splitlines())


class ModuleDocFragment:
    """Contain the documentation, which is set below the class: ansible-test accepts only literal text in the class
    body.
    """

    DOCUMENTATION: str
    LIST: str
    USERS: str


ModuleDocFragment.DOCUMENTATION = "options:" + indent_options(2)
ModuleDocFragment.LIST = r"""
options:
  profiles:
    suboptions:
      name:
        description:
          - Name of the profile.
        type: str
        required: true""" + indent_options(6)
ModuleDocFragment.USERS = r"""
options:
  users:
    suboptions:
      user:
        description:
          - Name of the user.
        type: str
        required: true
      profiles:
        description:
          - The profiles of the user, as in O(profiles).
        type: list
        elements: dict
        required: true
        suboptions:
          name:
            description:
              - Name of the profile.
            type: str
            required: true""" + indent_options(10)
ModuleDocFragment.USERS += r"""
      current:
        description:
          - Name of the profile to make current. By default, the current profile stays the same if it exists.
        type: str
      purge:
        description:
          - Whether to remove profiles of the user that are not in O(users[].profiles). The default is the value of
            O(purge).
        type: bool
      config_path:
        description:
          - Path of the config file. V(~) is the home of the user.
          - The default is V(~/.aliyun/config.json).
        type: str
      expected_account_ids:
        description:
          - IDs of the accounts that profiles must belong to, by name of the profile. Used with O(verify=true).
        type: dict
"""
