# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the package's CLI profile provider resolves the profiles of a ``config.json``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.exceptions import CredentialException
from ansible_collections.aliyun.cli.tests.conformance.world import (
    EXTERNAL_ID,
    HUB,
    KEY_ID,
    SECRET,
    SPOKE,
    TARGET,
    other_byte,
    session_arn,
)
from ansible_collections.aliyun.cli.tests.emulator import Emulator

CallerArn = Callable[[Any], str]
Write = Callable[..., Path]
Resolve = Callable[..., Any]


def ak(name: str = "base", **values: Any) -> dict[str, Any]:
    keys = {"access_key_id": KEY_ID, "access_key_secret": SECRET}
    return {"name": name, "mode": "AK", **keys, "region_id": "cn-hangzhou", **values}


def ram_role_arn(**values: Any) -> dict[str, Any]:
    role = {"ram_role_arn": HUB, "ram_session_name": "cli", "expired_seconds": 900}
    return {**ak("hub"), "mode": "RamRoleArn", **role, **values}


def chained(name: str, source: str, role_arn: str, **values: Any) -> dict[str, Any]:
    return {
        "name": name,
        "mode": "ChainableRamRoleArn",
        "ram_role_arn": role_arn,
        "ram_session_name": "cli",
        "source_profile": source,
        "region_id": "cn-hangzhou",
        **values,
    }


def test_ram_role_arn(
    emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, caller_arn: CallerArn
) -> None:
    write_like_the_cli(ak(), ram_role_arn(), current="hub")
    credentials = resolve()
    assert caller_arn(credentials) == session_arn(HUB, "cli")
    assert credentials.get_provider_name() == "cli_profile/ram_role_arn/static_ak"
    assert emulator.journal[0]["duration_seconds"] == "900"


def test_chain_of_two_hops(
    emulator: Emulator, write_like_the_cli: Write, resolve: Resolve, caller_arn: CallerArn
) -> None:
    write_like_the_cli(
        ak(),
        chained("hub", "base", HUB, sts_region="cn-hangzhou", expired_seconds=1800),
        chained("spoke", "hub", SPOKE, external_id=EXTERNAL_ID, sts_region="eu-central-1"),
        chained("target", "spoke", TARGET),
        current="base",
    )
    assert caller_arn(resolve("spoke")) == session_arn(SPOKE, "cli")
    hosts = [call["host"] for call in emulator.journal[:2]]
    assert hosts == ["sts.cn-hangzhou.aliyuncs.com", "sts.eu-central-1.aliyuncs.com"]
    assert caller_arn(resolve("target")) == session_arn(TARGET, "cli")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"access_key_secret": other_byte(SECRET)}, "SignatureDoesNotMatch"),
        ({"access_key_id": other_byte(KEY_ID)}, "InvalidAccessKeyId.NotFound"),
    ],
)
def test_wrong_byte_in_the_file(
    emulator: Emulator,
    write_like_the_cli: Write,
    resolve: Resolve,
    change: dict[str, str],
    code: str,
) -> None:
    write_like_the_cli(ak(**change), chained("hub", "base", HUB), current="hub")
    with pytest.raises(CredentialException):
        resolve()
    assert emulator.journal[-1]["code"] == code


def test_wrong_external_id_in_the_file(
    emulator: Emulator, write_like_the_cli: Write, resolve: Resolve
) -> None:
    spoke = chained("spoke", "hub", SPOKE, external_id=other_byte(EXTERNAL_ID))
    write_like_the_cli(ak(), chained("hub", "base", HUB), spoke, current="spoke")
    with pytest.raises(CredentialException):
        resolve()
    assert [call["code"] for call in emulator.journal] == ["OK", "NoPermission"]
