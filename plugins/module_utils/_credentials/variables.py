# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Environment variables that select credentials: the tools that read them, and their values for a program.

A test compares each row of ``VARIABLES`` with the source code of its tools.
"""

from typing import Dict, List, Mapping, NamedTuple, Tuple

# Instead of the key of a result.
REMOVED, LEFT = "removed", "left"


class Tool(NamedTuple):
    """A program or library that reads credentials from its environment.

    ``renews`` is the text in the guide on whether it reads a credentials URI again before the credentials expire.
    """

    title: str
    renews: str = "no"


TOOLS: Dict[str, Tool] = {
    "cli": Tool("Alibaba Cloud CLI", renews="with ``--mode CredentialsURI``"),
    "sdk": Tool("default chain of the official SDKs (Go, Java, Node.js, Python)", renews="yes"),
    "terraform": Tool("Terraform, Pulumi, Packer"),
    "alicloud": Tool("collection ``alibaba.alicloud``"),
    "oss": Tool("OSS SDKs, ossutil 2"),
    "log": Tool("``aliyunlog``"),
    "ack": Tool("``ack-ram-tool``"),
    "old": Tool("SDK for Go before version 2 (``alibaba-cloud-sdk-go``)"),
    "self": Tool("this collection"),
}


class Variable(NamedTuple):
    """A row: name, the key of a result that is its value, or ``REMOVED`` or ``LEFT``, and the tools that read it."""

    name: str
    use: str
    tools: Tuple[str, ...]


def _make_row(name: str, use: str, tools: str) -> Variable:
    return Variable(name, use, tuple(tools.split()))


VARIABLES: Tuple[Variable, ...] = (
    _make_row("ALIBABA_CLOUD_ACCESS_KEY_ID", "access_key_id", "cli sdk terraform log ack self"),
    _make_row("ALIBABACLOUD_ACCESS_KEY_ID", "access_key_id", "cli terraform log ack self"),
    _make_row("ALICLOUD_ACCESS_KEY_ID", "access_key_id", "cli alicloud log ack self"),
    _make_row("ALICLOUD_ACCESS_KEY", "access_key_id", "terraform alicloud log ack old self"),
    _make_row("OSS_ACCESS_KEY_ID", "access_key_id", "oss"),
    _make_row("ALIYUN_LOG_CLI_ACCESSID", "access_key_id", "log"),
    _make_row(
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "access_key_secret", "cli sdk terraform log ack self"
    ),
    _make_row("ALIBABACLOUD_ACCESS_KEY_SECRET", "access_key_secret", "cli terraform log ack self"),
    _make_row("ALICLOUD_ACCESS_KEY_SECRET", "access_key_secret", "cli log ack self"),
    _make_row("ALICLOUD_SECRET_KEY", "access_key_secret", "terraform alicloud log ack old self"),
    _make_row("ALICLOUD_SECRET_ACCESS_KEY", "access_key_secret", "alicloud"),
    _make_row("OSS_ACCESS_KEY_SECRET", "access_key_secret", "oss"),
    _make_row("ALIYUN_LOG_CLI_ACCESSKEY", "access_key_secret", "log"),
    _make_row("ALIBABA_CLOUD_SECURITY_TOKEN", "security_token", "cli sdk terraform log ack self"),
    _make_row("ALIBABACLOUD_SECURITY_TOKEN", "security_token", "cli terraform ack self"),
    _make_row("ALICLOUD_SECURITY_TOKEN", "security_token", "cli terraform alicloud ack self"),
    _make_row("ALICLOUD_ACCESS_KEY_STS_TOKEN", "security_token", "ack old"),
    _make_row("OSS_SESSION_TOKEN", "security_token", "oss"),
    _make_row("ALIYUN_LOG_CLI_STS_TOKEN", "security_token", "log"),
    _make_row("ALIBABA_CLOUD_REGION_ID", "region", "cli self"),
    _make_row("ALIBABACLOUD_REGION_ID", "region", "cli log self"),
    _make_row("ALICLOUD_REGION_ID", "region", "cli alicloud log self"),
    _make_row("ALIBABA_CLOUD_REGION", "region", "terraform"),
    _make_row("ALICLOUD_REGION", "region", "terraform alicloud log"),
    _make_row("OSS_REGION", "region", "oss"),
    _make_row("ALIBABA_CLOUD_ACCOUNT_ID", "account_id", "terraform"),
    _make_row("ALICLOUD_ACCOUNT_ID", "account_id", "terraform"),
    # Without a prefix, only what the CLI reads: other such names belong to other programs.
    _make_row("ACCESS_KEY_ID", REMOVED, "cli"),
    _make_row("ACCESS_KEY_SECRET", REMOVED, "cli"),
    _make_row("SECURITY_TOKEN", REMOVED, "cli log"),
    # A profile, or a mode.
    _make_row("ALIBABA_CLOUD_PROFILE", REMOVED, "cli sdk terraform ack self"),
    _make_row("ALIBABACLOUD_PROFILE", REMOVED, "cli ack self"),
    _make_row("ALICLOUD_PROFILE", REMOVED, "cli terraform alicloud ack self"),
    _make_row("ALIBABA_CLOUD_PROFILE_MODE", REMOVED, "cli"),
    _make_row("ALIBABACLOUD_PROFILE_PATH", REMOVED, "ack"),
    _make_row("ALIYUN_LOG_CLI_CLIENT_NAME", REMOVED, "log"),
    _make_row("OSSUTIL_PROFILE", REMOVED, "oss"),
    # A role to assume with the credentials.
    _make_row("ALIBABA_CLOUD_ROLE_ARN", REMOVED, "cli sdk ack self"),
    _make_row("ALIBABACLOUD_ROLE_ARN", REMOVED, "cli"),
    _make_row("ALICLOUD_ROLE_ARN", REMOVED, "old"),
    _make_row("ALICLOUD_ASSUME_ROLE_ARN", REMOVED, "terraform alicloud"),
    _make_row("OSS_ROLE_ARN", REMOVED, "oss"),
    _make_row("ALIBABA_CLOUD_ROLE_SESSION_NAME", REMOVED, "sdk ack self"),
    _make_row("ALICLOUD_ROLE_SESSION_NAME", REMOVED, "ack old"),
    _make_row("ALICLOUD_ASSUME_ROLE_SESSION_NAME", REMOVED, "terraform alicloud"),
    _make_row("OSS_ROLE_SESSION_NAME", REMOVED, "oss"),
    _make_row("ALICLOUD_ROLE_SESSION_EXPIRATION", REMOVED, "old"),
    _make_row("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", REMOVED, "terraform alicloud"),
    _make_row("ALIBABA_CLOUD_EXTERNAL_ID", REMOVED, "cli"),
    _make_row("ALIBABACLOUD_EXTERNAL_ID", REMOVED, "cli"),
    # Credentials of other kinds.
    _make_row("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", REMOVED, "cli sdk ack self"),
    _make_row("ALIBABACLOUD_OIDC_PROVIDER_ARN", REMOVED, "cli"),
    _make_row("ALIBABA_CLOUD_OIDC_TOKEN_FILE", REMOVED, "cli sdk ack self"),
    _make_row("ALIBABACLOUD_OIDC_TOKEN_FILE", REMOVED, "cli"),
    _make_row("ALIBABA_CLOUD_CREDENTIALS_URI", REMOVED, "cli sdk terraform ack self"),
    _make_row("ALICLOUD_CREDENTIALS_URI", REMOVED, "terraform"),
    _make_row("ALIBABA_CLOUD_BEARER_TOKEN", REMOVED, "cli"),
    _make_row("ALIBABA_CLOUD_BEARER_TOKEN_HEADER_KEY", REMOVED, "cli"),
    _make_row("ALIBABA_CLOUD_ECS_METADATA", REMOVED, "sdk terraform self"),
    _make_row("ALICLOUD_ECS_ROLE_NAME", REMOVED, "terraform alicloud"),
    _make_row("ALICLOUD_ROLE_NAME", REMOVED, "old"),
    _make_row("ALICLOUD_PRIVATE_KEY", REMOVED, "old"),
    _make_row("ALICLOUD_PUBLIC_KEY_ID", REMOVED, "old"),
    _make_row("ALICLOUD_SESSION_EXPIRATION", REMOVED, "old"),
    # Files that hold credentials.
    _make_row("ALIBABA_CLOUD_CREDENTIALS_FILE", REMOVED, "sdk terraform ack"),
    _make_row("ALICLOUD_SHARED_CREDENTIALS_FILE", REMOVED, "terraform alicloud"),
    # Another server for every request.
    _make_row("ALIBABA_CLOUD_ENDPOINT", REMOVED, "cli"),
    # Settings that select no credentials.
    _make_row("ALIBABA_CLOUD_IGNORE_PROFILE", LEFT, "cli self"),
    _make_row("ALIBABACLOUD_IGNORE_PROFILE", LEFT, "cli ack self"),
    _make_row("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", LEFT, "sdk self"),
    _make_row("ALIBABA_CLOUD_CONFIG_FILE", LEFT, "self"),
    _make_row("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", LEFT, "self"),
    _make_row("ALIBABA_CLOUD_ECS_METADATA_DISABLED", LEFT, "sdk self"),
    _make_row("ALIBABA_CLOUD_IMDSV1_DISABLED", LEFT, "sdk self"),
    _make_row("ALIBABA_CLOUD_ECS_IMDSV2_ENABLE", LEFT, "sdk"),
    _make_row("ALIBABA_CLOUD_STS_ENDPOINT", LEFT, "ack self"),
    _make_row("ALIBABA_CLOUD_STS_HTTP_SCHEME", LEFT, "ack"),
    _make_row("ALIBABA_CLOUD_STS_REGION", LEFT, "sdk self"),
    _make_row("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", LEFT, "sdk self"),
    _make_row("ALIBABA_CLOUD_ENDPOINT_TYPE", LEFT, "cli"),
    _make_row("ALIBABACLOUD_ENDPOINT_TYPE", LEFT, "cli"),
    _make_row("ALICLOUD_ENDPOINT_TYPE", LEFT, "cli"),
    _make_row("ENDPOINT_TYPE", LEFT, "cli"),
    _make_row("REGION_ID", LEFT, "cli"),
    _make_row("REGION", LEFT, "cli"),
    _make_row("OSS_ENDPOINT", LEFT, "oss"),
    _make_row("OSSUTIL_CONFIG_FILE", LEFT, "oss"),
    _make_row("ALIBABA_CLOUD_DEFAULT_REGION", LEFT, "log"),
    _make_row("ALIYUN_LOG_CLI_ENDPOINT", LEFT, "log"),
    _make_row("ALIYUN_LOG_CLI_REGION_ID", LEFT, "log"),
    _make_row("ALIYUN_CLI_METADATA_ENDPOINT", LEFT, "self"),
)


_KEYS = ("access_key_id", "access_key_secret", "security_token")
# The SDKs read the files and the metadata service before a credentials URI.
_ONLY_URI = {
    "ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true",
    "ALIBABA_CLOUD_CREDENTIALS_FILE": "/dev/null",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
}
# The SDK for Python sends the request for a loopback address to this proxy, whatever NO_PROXY says.
PROXIES_OF_URI = ("HTTP_PROXY", "http_proxy")


def as_environment(result: Mapping[str, str]) -> Dict[str, str]:
    """Return the variables that hold a result of ``as_result`` (``format: environment``), without empty ones."""
    return {row.name: result[row.use] for row in VARIABLES if result.get(row.use)}


def list_not_inherited() -> List[str]:
    """Return the names that a program must not inherit, since they select other credentials."""
    return [row.name for row in VARIABLES if row.use != LEFT]


def make_renewed_environment(result: Mapping[str, str], uri: str) -> Dict[str, str]:
    """Return the variables for a program that finds renewed credentials at a URI.

    The default chain of the SDKs asks it last, so what it would find before is unset. Other tools get ``result``.
    """
    variables = {
        row.name: result[row.use]
        for row in VARIABLES
        if result.get(row.use) and not (row.use in _KEYS and "sdk" in row.tools)
    }
    return dict(variables, ALIBABA_CLOUD_CREDENTIALS_URI=uri, **_ONLY_URI)
