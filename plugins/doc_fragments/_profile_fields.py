# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that describe a profile; the argument spec is ``_modes.make_argument_spec()``.

``OPTIONS`` serves where they are options of a module and, indented, where they are suboptions.
"""

from __future__ import annotations

OPTIONS = r"""
mode:
  description:
    - How the profile authenticates.
    - Required for a new profile in the file. When it changes, fields that the new mode does not use are removed
      from the
      file.
    - A source of a chain that is given inline can do without, where its other options stand for one of the modes V(AK),
      V(StsToken), V(RamRoleArn), V(EcsRamRole), V(RsaKeyPair), V(External), V(OIDC), V(CloudSSO), and
      V(BearerToken), as
      the CLI reads them. V(ChainableRamRoleArn) must always be named.
    - V(AK) stands for an access key.
    - V(StsToken) stands for temporary credentials that are not renewed.
    - V(RamRoleArn) stands for a role that is assumed with an access key.
    - V(EcsRamRole) stands for the RAM role of the ECS instance.
    - V(RsaKeyPair) stands for an RSA key pair. Deprecated by Alibaba Cloud.
    - V(RamRoleArnWithRoleName) stands for a role that is assumed with the RAM role of the ECS instance.
      Deprecated by Alibaba
      Cloud.
    - V(ChainableRamRoleArn) stands for a role that is assumed with the credentials of another profile, the
      source profile.
    - V(External) stands for a command that prints credentials.
    - V(CredentialsURI) stands for a URI that answers credentials.
    - V(OIDC) stands for a role that is assumed with an OIDC token.
    - V(CloudSSO) stands for a login at CloudSSO, which the CLI does.
    - V(OAuth) stands for a login in a browser, which the CLI does.
    - V(BearerToken) stands for a bearer token, for products that take one.
    - V(Anonymous) stands for no credentials.
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
    - Secret of the access key. It must be given whenever the access key ID changes.
    - Required by the modes V(AK), V(StsToken), and V(RamRoleArn).
  type: str
sts_token:
  description:
    - Security token of temporary credentials.
    - Required by the mode V(StsToken), and used by V(RamRoleArn) where the role is assumed with temporary credentials.
  type: str
sts_region:
  description:
    - Region ID of the STS endpoint, for example V(cn-hangzhou). Without it the global endpoint V(sts.aliyuncs.com) is
      used. For all modes.
  type: str
sts_endpoint:
  description:
    - Host of the STS endpoint, for example V(sts-vpc.cn-hangzhou.aliyuncs.com), with precedence over the region. HTTPS
      is used, except by this collection for a loopback address that is given as C(http://...). For all modes.
    - The Alibaba Cloud CLI knows it since version 3.4.5.
  type: str
ram_role_name:
  description:
    - Name of the RAM role of the ECS instance. Without it the instance is asked for the name.
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
    - Name of the session, by which audit logs tell who assumed the role. 2 to 64 letters, digits, and the characters
      V(.), V(@), V(-), and V(_), for example V(ci-runner).
    - Required by the modes V(RamRoleArn), V(ChainableRamRoleArn), and V(OIDC), and used by V(RamRoleArnWithRoleName).
  type: str
external_id:
  description:
    - External ID that the trust policy of the role asks for, which protects against the confused deputy. 2 to 1224
      letters, digits, and the characters V(_), V(+), V(=), V(,), V(.), V(@), V(:), V(/), and V(-).
    - Used by the modes V(RamRoleArn), V(RamRoleArnWithRoleName), and V(ChainableRamRoleArn). The Alibaba Cloud CLI
      knows it since version 3.0.276.
  type: str
source_profile:
  description:
    - Name of the profile whose credentials assume the role. It must exist, and may itself be chained to another one.
    - Required by the mode V(ChainableRamRoleArn). The Alibaba Cloud CLI knows it since version 3.0.298.
  type: str
private_key:
  description:
    - Path of a file with the private key of the key pair, or the key itself, in PEM format or as the base64 body of it.
    - The Alibaba Cloud CLI can use a path only, and prints a key in its error. It panics if the key is in PKCS#1 form
      (C(BEGIN RSA PRIVATE KEY)). The modules that write profiles warn of both.
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
      which is at most V(43200), or of a key pair up to V(3600). V(0) removes it, which stands for V(3600).
    - Used by the modes V(RamRoleArn), V(RamRoleArnWithRoleName), V(ChainableRamRoleArn), V(OIDC), and V(RsaKeyPair).
  type: int
region:
  description:
    - ID of the region that commands use unless told otherwise, for example V(cn-hangzhou).
    - Required by all modes.
  type: str
language:
  description:
    - Language of the CLI's help. A new profile gets V(en). For all modes.
    - V(zh) stands for Chinese.
    - V(en) stands for English.
  type: str
  choices: [zh, en]
read_timeout:
  description:
    - Seconds that the CLI waits for a response, for example V(30). V(0) removes it. For all modes.
    - The key C(retry_timeout) that older versions of the CLI read is left in place, but V(0) removes it too.
    - The Alibaba Cloud CLI knows it since version 3.4.8.
  type: int
connect_timeout:
  description:
    - Seconds that the CLI waits for a connection, for example V(10). V(0) removes it. For all modes.
  type: int
retry_count:
  description:
    - How often the CLI tries a call again, for example V(3). V(0) removes it. For all modes.
  type: int
process_command:
  description:
    - Command with its arguments that prints credentials as JSON, for example C(acs-sso login --profile work). It is
      treated as a secret, since it may hold one.
    - It is split as a POSIX shell splits words, which the Alibaba Cloud CLI does since version 3.4.9. No shell runs it.
    - Required by the mode V(External).
  type: str
credentials_uri:
  description:
    - C(http://) or C(https://) URL that answers credentials as JSON. It is treated as a secret, since it may hold one.
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
    - C(https://) URL at which users of CloudSSO sign in.
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
    - Site at which users log in.
    - Required by the mode V(OAuth).
    - V(CN) stands for the site for China.
    - V(INTL) stands for the international site.
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
    - Whether the CLI installs a plugin that a command needs. V(false) removes it, which stands for V(false). For all
      modes.
  type: bool
auto_plugin_install_enable_pre:
  description:
    - Whether the CLI also installs plugins that are previews. V(false) removes it, which stands for V(false). For all
      modes.
  type: bool
bearer_token:
  description:
    - The bearer token, without line breaks.
    - Required by the mode V(BearerToken). The Alibaba Cloud CLI knows it since version 3.3.16.
  type: str
bearer_token_header_key:
  description:
    - Name of the HTTP header that carries the bearer token, for example V(X-Auth-Token). ASCII characters without
      spaces and colons.
    - Used by the mode V(BearerToken). The Alibaba Cloud CLI knows it since version 3.3.16.
  type: str
"""


def indent_options(spaces: int) -> str:
    """The options as suboptions, indented by a number of spaces."""
    return "\n".join(" " * spaces + line if line else line for line in OPTIONS.splitlines())


class ModuleDocFragment:
    """What is derived stands below the class: ansible-test parses the class body as literal text."""

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
          - Whether to remove profiles of the user that are not in O(users[].profiles). The default is O(purge).
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
