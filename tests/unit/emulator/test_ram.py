# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test RAM and IMS: two keys per user, states, last uses, permissions, the recycle bin."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.unit.emulator.client import (
    DEPLOY,
    HUB,
    INACTIVE,
    INTERN,
    ROOT,
    Client,
    Reply,
    new_client,
)

ROTATOR = ("LTAI5tEXAMPLErotator001A", "fake-rotator-secret-Nv47dKs2Ip")
RAM, IMS = "2015-05-01", "2019-08-15"
INTERN_LOGON = "intern@1100000000000001.onaliyun.com"


def api(client: Client, action: str, version: str = RAM, **parameters: str) -> Reply:
    headers = {"host": "127.0.0.1", "x-acs-version": version}
    return client.send(client.v3_request(action, parameters, headers=headers))


def as_key(client: Client, key: tuple[str, str]) -> Client:
    return dataclasses.replace(client, access_key_id=key[0], access_key_secret=key[1])


@pytest.fixture
def rotator(client: Client) -> Client:
    return as_key(client, ROTATOR)


def listed(client: Client, user: str) -> list[dict[str, Any]]:
    return list(api(client, "ListAccessKeys", UserName=user).body["AccessKeys"]["AccessKey"])


def created(client: Client, user: str) -> tuple[str, str]:
    key = api(client, "CreateAccessKey", UserName=user).body["AccessKey"]
    return key["AccessKeyId"], key["AccessKeySecret"]


def test_create_signs_at_once(rotator: Client) -> None:
    body = api(rotator, "CreateAccessKey", UserName="intern").body
    key = body["AccessKey"]
    assert set(body) == {"RequestId", "AccessKey"} and key["Status"] == "Active"
    new = as_key(rotator, (key["AccessKeyId"], key["AccessKeySecret"]))
    assert new.call("GetCallerIdentity").body["Arn"].endswith(":user/intern")
    assert [item["AccessKeyId"] for item in listed(rotator, "intern")] == [
        INTERN[0],
        new.access_key_id,
    ]
    assert all("AccessKeySecret" not in item for item in listed(rotator, "intern"))


def test_create_of_a_third_key(rotator: Client) -> None:
    reply = api(rotator, "CreateAccessKey", UserName="deploy")
    assert reply.outcome == (409, "LimitExceeded.User.AccessKey")


def test_new_key_is_unknown_at_first(rotator: Client, core: Core) -> None:
    core.switches.new_key_seconds = 5
    new = as_key(rotator, created(rotator, "intern"))
    assert new.call("GetCallerIdentity").outcome == (404, "InvalidAccessKeyId.NotFound")
    core.clock.advance(5)
    assert new.call("GetCallerIdentity").status == 200


def test_update_disables_and_enables(rotator: Client) -> None:
    intern = as_key(rotator, INTERN)
    values = {"UserName": "intern", "UserAccessKeyId": INTERN[0]}
    assert api(rotator, "UpdateAccessKey", Status="Inactive", **values).status == 200
    assert listed(rotator, "intern")[0]["Status"] == "Inactive"
    assert intern.call("GetCallerIdentity").outcome == (400, "InvalidAccessKeyId.Inactive")
    assert api(intern, "ListAccessKeys").outcome == (403, "InvalidAccessKeyId.Inactive")
    assert api(rotator, "UpdateAccessKey", Status="Active", **values).status == 200
    assert intern.call("GetCallerIdentity").status == 200
    assert api(rotator, "UpdateAccessKey", Status="off", **values).outcome[0] == 400


def test_last_use_is_set_by_every_signed_request(rotator: Client, core: Core) -> None:
    values = {"UserName": "intern", "UserAccessKeyId": INTERN[0]}
    logon = {"UserPrincipalName": INTERN_LOGON, "UserAccessKeyId": INTERN[0]}
    assert api(rotator, "GetAccessKeyLastUsed", **values).body["AccessKeyLastUsed"] == {}
    as_key(rotator, (INTERN[0], "fake-wrong-secret")).call("GetCallerIdentity")
    assert api(rotator, "GetAccessKeyLastUsed", **values).body["AccessKeyLastUsed"] == {}
    as_key(rotator, INTERN).call("GetCallerIdentity")
    used = api(rotator, "GetAccessKeyLastUsed", IMS, **logon).body["AccessKeyLastUsed"]
    assert used["ServiceName"] == "Sts" and used["LastUsedDate"].endswith("Z")
    # One that is refused for its permissions counts, too.
    api(as_key(rotator, INTERN), "ListAccessKeys")
    used = api(rotator, "GetAccessKeyLastUsed", IMS, **logon).body["AccessKeyLastUsed"]
    assert used["ServiceName"] == "Ram"


def test_last_use_can_be_reported_late(rotator: Client, core: Core) -> None:
    core.switches.last_use_delay = 60
    values = {"UserName": "intern", "UserAccessKeyId": INTERN[0]}
    as_key(rotator, INTERN).call("GetCallerIdentity")
    assert api(rotator, "GetAccessKeyLastUsed", **values).body["AccessKeyLastUsed"] == {}
    core.clock.advance(61)
    assert api(rotator, "GetAccessKeyLastUsed", **values).body["AccessKeyLastUsed"]


def test_delete_and_restore(rotator: Client, core: Core) -> None:
    values = {"UserName": "intern", "UserAccessKeyId": INTERN[0]}
    assert api(rotator, "DeleteAccessKey", **values).status == 200
    assert listed(rotator, "intern") == []
    assert as_key(rotator, INTERN).call("GetCallerIdentity").outcome[0] == 404
    assert api(rotator, "DeleteAccessKey", **values).outcome == (
        404,
        "EntityNotExist.User.AccessKey",
    )
    info = api(rotator, "GetAccessKeyInfoInRecycleBin", IMS, UserAccessKeyId=INTERN[0]).body
    assert info["AccessKey"]["UserPrincipalName"] == INTERN_LOGON
    bin_key = {"UserAccessKeyId": INTERN[0], "UserId": info["AccessKey"]["UserId"]}
    found = api(rotator, "ListAccessKeysInRecycleBin", IMS, UserId=bin_key["UserId"]).body
    assert [key["AccessKeyId"] for key in found["AccessKeys"]["AccessKey"]] == [INTERN[0]]
    assert api(rotator, "RestoreAccessKeyFromRecycleBin", IMS, **bin_key).status == 200
    assert [key["Status"] for key in listed(rotator, "intern")] == ["Inactive"]
    core.reset()
    assert as_key(rotator, INTERN).call("GetCallerIdentity").status == 200


def test_restore_beside_two_keys(rotator: Client) -> None:
    api(rotator, "DeleteAccessKey", UserName="deploy", UserAccessKeyId=INACTIVE[0])
    created(rotator, "deploy")
    info = api(rotator, "GetAccessKeyInfoInRecycleBin", IMS, UserAccessKeyId=INACTIVE[0]).body
    bin_key = {"UserAccessKeyId": INACTIVE[0], "UserId": info["AccessKey"]["UserId"]}
    reply = api(rotator, "RestoreAccessKeyFromRecycleBin", IMS, **bin_key)
    assert reply.outcome == (409, "LimitExceeded.User.AccessKey")
    assert api(rotator, "DeleteAccessKeyInRecycleBin", IMS, **bin_key).status == 200
    reply = api(rotator, "GetAccessKeyInfoInRecycleBin", IMS, UserAccessKeyId=INACTIVE[0])
    assert reply.outcome == (404, "EntityNotExist.User.AccessKey")


def test_own_keys_need_a_switch_or_a_policy(client: Client, core: Core) -> None:
    deploy = as_key(client, DEPLOY)
    reply = api(deploy, "ListAccessKeys", IMS)
    assert reply.outcome == (403, "NoPermission")
    assert reply.body["AccessDeniedDetail"]["AuthAction"] == "ram:ListAccessKeys"
    core.switches.users_manage_keys = True
    keys = api(deploy, "ListAccessKeys", IMS).body["AccessKeys"]["AccessKey"]
    assert [key["AccessKeyId"] for key in keys] == [DEPLOY[0], INACTIVE[0]]
    assert all("UpdateDate" in key for key in keys)
    assert api(deploy, "ListAccessKeys", UserName="intern").outcome == (403, "NoPermission")


def test_root_manages_its_own_keys_and_those_of_users(client: Client) -> None:
    root = as_key(client, ROOT)
    assert len(api(root, "ListAccessKeys").body["AccessKeys"]["AccessKey"]) == 1
    assert len(listed(root, "deploy")) == 2


def test_role_must_name_a_user(demo: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": "ram:*", "Resource": "*"}
    hub = demo["accounts"]["1100000000000001"]["roles"]["hub"]
    hub["policies"] = [{"Version": "1", "Statement": [statement]}]
    client, _core = new_client(demo)
    session = client.hop(HUB)
    assert api(session, "ListAccessKeys").outcome == (400, "MissingUserName")
    assert len(listed(session, "intern")) == 1
    narrow = client.hop(
        HUB,
        Policy='{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}',
    )
    reply = api(narrow, "ListAccessKeys", UserName="intern")
    assert reply.body["AccessDeniedDetail"]["PolicyType"] == "SessionPolicy"


@pytest.mark.parametrize(
    ("action", "version", "parameters", "outcome"),
    [
        ("ListAccessKeys", RAM, {"UserName": "nobody"}, (404, "EntityNotExist.User")),
        (
            "ListAccessKeys",
            RAM,
            {"UserName": "a b"},
            (400, "InvalidParameter.UserName.InvalidChars"),
        ),
        ("ListAccessKeys", RAM, {"UserName": "a" * 65}, (400, "InvalidParameter.UserName.Length")),
        ("ListAccessKeys", IMS, {"UserPrincipalName": "intern"}, (404, "EntityNotExist.User")),
        ("DeleteAccessKey", RAM, {"UserName": "intern"}, (400, "MissingUserAccessKeyId")),
        ("ListAccessKeysInRecycleBin", RAM, {}, (404, "InvalidAction.NotFound")),
        ("AssumeRole", RAM, {}, (404, "InvalidAction.NotFound")),
    ],
)
def test_refused(
    rotator: Client,
    action: str,
    version: str,
    parameters: dict[str, str],
    outcome: tuple[int, str],
) -> None:
    assert api(rotator, action, version, **parameters).outcome == outcome


def test_wrong_signature(rotator: Client) -> None:
    wrong = as_key(rotator, (ROTATOR[0], "fake-wrong-secret"))
    assert api(wrong, "ListAccessKeys").outcome == (400, "SignatureDoesNotMatch")


def test_unknown_parameter_of_a_strict_service(rotator: Client, core: Core) -> None:
    core.switches.strict = True
    reply = api(rotator, "ListAccessKeys", UserName="intern", Marker="1")
    assert reply.outcome == (400, "InvalidParameter.Marker")


def test_host_of_sts_has_no_ram(rotator: Client) -> None:
    headers = {"host": "sts.aliyuncs.com", "x-acs-version": RAM}
    reply = rotator.send(rotator.v3_request("GetCallerIdentity", {}, headers=headers))
    assert reply.outcome == (400, "InvalidVersion")


def test_list_in_xml(rotator: Client) -> None:
    values = rotator.v1_parameters("ListAccessKeys", {"Version": RAM, "UserName": "deploy"})
    values = {**values, "Format": "XML"}
    values["Signature"] = rotator.v1.sign("GET", values, rotator.access_key_secret)
    target = "/?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
    reply = rotator.get(target, host="ram.aliyuncs.com")
    assert reply.status == 200 and reply.text.count("<AccessKey>") == 2
