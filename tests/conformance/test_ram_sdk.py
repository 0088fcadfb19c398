# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``alibabacloud_ram20150501`` and ``alibabacloud_ims20190815``, unchanged, manage access keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ims20190815 import models as ims_models
from alibabacloud_ims20190815.client import Client as ImsClient
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from ansible_collections.aliyun.cli.tests.conformance.world import KEY_ID, SECRET, other_byte
from ansible_collections.aliyun.cli.tests.emulator import Emulator

ROTATOR = ("LTAI5tEXAMPLErotator001A", "fake-rotator-secret-Nv47dKs2Ip")
INTERN = "LTAI5tEXAMPLEintern0001A"
LOGON = "intern@1100000000000001.onaliyun.com"


def config(emulator: Emulator, key: tuple[str, str] = ROTATOR) -> Config:
    return Config(
        access_key_id=key[0],
        access_key_secret=key[1],
        endpoint=f"127.0.0.1:{emulator.https_port}",
        protocol="HTTPS",
        ca=emulator.ca_file,
    )


@pytest.fixture
def ram(emulator: Emulator) -> RamClient:
    return RamClient(config(emulator))


@pytest.fixture
def ims(emulator: Emulator) -> ImsClient:
    return ImsClient(config(emulator))


def refusal(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ClientException) as caught:
        call()
    return caught.value.status_code, caught.value.code


def statuses(ram: RamClient) -> dict[str, str]:
    request = ram_models.ListAccessKeysRequest(user_name="intern")
    keys = ram.list_access_keys(request).body.access_keys.access_key
    return {key.access_key_id: key.status for key in keys}


def test_ram_rotates_a_key(
    emulator: Emulator, ram: RamClient, new_client: Callable[..., Any]
) -> None:
    request = ram_models.CreateAccessKeyRequest(user_name="intern")
    key = ram.create_access_key(request).body.access_key
    assert refusal(lambda: ram.create_access_key(request)) == (409, "LimitExceeded.User.AccessKey")
    new = new_client(key.access_key_id, key.access_key_secret)
    assert new.get_caller_identity().body.arn.endswith(":user/intern")
    used = ram.get_access_key_last_used(
        ram_models.GetAccessKeyLastUsedRequest(
            user_name="intern", user_access_key_id=key.access_key_id
        )
    ).body.access_key_last_used
    assert used.last_used_date.endswith("Z")
    ram.update_access_key(
        ram_models.UpdateAccessKeyRequest(
            user_name="intern", user_access_key_id=INTERN, status="Inactive"
        )
    )
    assert statuses(ram) == {INTERN: "Inactive", key.access_key_id: "Active"}
    ram.delete_access_key(
        ram_models.DeleteAccessKeyRequest(user_name="intern", user_access_key_id=INTERN)
    )
    assert statuses(ram) == {key.access_key_id: "Active"}
    assert {call["signature"] for call in emulator.journal} == {"v3"}


def test_ims_has_a_recycle_bin(ims: ImsClient, ram: RamClient) -> None:
    keys = ims.list_access_keys(
        ims_models.ListAccessKeysRequest(user_principal_name=LOGON)
    ).body.access_keys.access_key
    assert [key.access_key_id for key in keys] == [INTERN] and keys[0].update_date
    ims.delete_access_key(
        ims_models.DeleteAccessKeyRequest(user_principal_name=LOGON, user_access_key_id=INTERN)
    )
    info = ims.get_access_key_info_in_recycle_bin(
        ims_models.GetAccessKeyInfoInRecycleBinRequest(user_access_key_id=INTERN)
    ).body.access_key
    assert info.user_principal_name == LOGON and info.user_recycled is False
    found = ims.list_access_keys_in_recycle_bin(
        ims_models.ListAccessKeysInRecycleBinRequest(user_id=info.user_id)
    ).body.access_keys.access_key
    assert [key.access_key_id for key in found] == [INTERN] and found[0].delete_date
    ims.restore_access_key_from_recycle_bin(
        ims_models.RestoreAccessKeyFromRecycleBinRequest(
            user_access_key_id=INTERN, user_id=info.user_id
        )
    )
    assert statuses(ram) == {INTERN: "Inactive"}


def test_ims_names_the_service_of_the_last_use(ims: ImsClient) -> None:
    request = ims_models.GetAccessKeyLastUsedRequest(
        user_principal_name="rotator@1100000000000001.onaliyun.com", user_access_key_id=ROTATOR[0]
    )
    used = ims.get_access_key_last_used(request).body.access_key_last_used
    assert used.service_name == "Ims" and used.last_used_date.endswith("Z")


def test_wrong_secret(emulator: Emulator) -> None:
    client = RamClient(config(emulator, (ROTATOR[0], other_byte(ROTATOR[1]))))
    request = ram_models.ListAccessKeysRequest(user_name="intern")
    assert refusal(lambda: client.list_access_keys(request)) == (400, "SignatureDoesNotMatch")


def test_own_keys(emulator: Emulator) -> None:
    client = ImsClient(config(emulator, (KEY_ID, SECRET)))
    request = ims_models.ListAccessKeysRequest()
    assert refusal(lambda: client.list_access_keys(request)) == (403, "NoPermission")
    emulator.switches.users_manage_keys = True
    keys = client.list_access_keys(request).body.access_keys.access_key
    assert [key.access_key_id for key in keys][0] == KEY_ID
