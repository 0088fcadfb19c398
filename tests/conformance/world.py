# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of the demo world that the tests use."""

from __future__ import annotations

KEY_ID = "LTAI5tEXAMPLEdeploy0001A"
SECRET = "fake-deploy-secret-Hd52mVx7Qe"
INACTIVE = ("LTAI5tEXAMPLEdeploy0002I", "fake-inactive-secret-Kc94pBn3Us")
HUB = "acs:ram::1100000000000001:role/hub"
LONG = "acs:ram::1100000000000001:role/long"
PIPELINE = "acs:ram::1100000000000001:role/pipeline"
PROVIDER = "acs:ram::1100000000000001:oidc-provider/ci"
MACHINE = "acs:ram::1100000000000001:role/machine"
USER = "acs:ram::1100000000000001:user/deploy"
SPOKE = "acs:ram::1200000000000002:role/spoke"
TARGET = "acs:ram::1300000000000003:role/target"
EXTERNAL_ID = "fake-external-id-Rb17"
POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"a~é/阿+"}]}'


def session_arn(role_arn: str, name: str) -> str:
    """Return the name of a role session in GetCallerIdentity."""
    return role_arn.replace(":role/", ":assumed-role/") + f"/{name}"


def other_byte(text: str, position: int = -1) -> str:
    """Return the text with one byte changed."""
    index = position % len(text)
    return text[:index] + ("A" if text[index] != "A" else "B") + text[index + 1 :]
