# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test requests to RAM and IMS, their responses, and explanations of their errors."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.ram import (
    AccessKey,
    LastUse,
    Ram,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    Scripted,
    answer,
    refused,
)

KEY = Credentials("LTAI5tEXAMPLE", "hidden-key")
DATE = "2026-01-02T03:04:05Z"
SECONDS = 1767323045
LISTED = {"AccessKeyId": "LTAI5tOLD", "Status": "Active", "CreateDate": DATE}


def client(*answers, user_name="deploy"):
    http = Scripted(*answers)
    ram = Ram(
        Sts(http, now=lambda: 1760000000.0),
        KEY,
        user_name=user_name,
        caller="access key ***PLE",
        ram="https://ram.example.com",
        ims="https://ims.example.com",
    )
    return http, ram


@pytest.mark.parametrize(
    "user_name, url, version, query",
    [
        ("deploy", "https://ram.example.com/", "2015-05-01", {"UserName": "deploy"}),
        ("a@b.c", "https://ims.example.com/", "2019-08-15", {"UserPrincipalName": "a@b.c"}),
        ("", "https://ims.example.com/", "2019-08-15", {}),
    ],
)
def test_who_is_asked(user_name, url, version, query):
    http, ram = client(answer({"AccessKeys": {"AccessKey": [LISTED]}}), user_name=user_name)
    assert ram.list_keys() == [AccessKey("LTAI5tOLD", "Active", SECONDS)]
    (request,) = http.requests
    assert request.url.startswith(url) and request.query == query
    assert request.headers["x-acs-version"] == version
    assert "Credential=LTAI5tEXAMPLE," in request.headers["authorization"]


def test_time_of_the_server():
    given = answer({"AccessKeys": {"AccessKey": []}}, date="Fri, 02 Jan 2026 03:04:05 GMT")
    _http, ram = client(given, answer({"AccessKeys": {"AccessKey": []}}))
    ram.list_keys()
    assert ram.now == SECONDS
    ram.list_keys()
    assert ram.now == 1760000000


def test_oldest_key_is_first():
    younger = dict(LISTED, AccessKeyId="LTAI5tNEW", CreateDate="2026-01-03T00:00:00Z")
    younger["UpdateDate"] = DATE
    _http, ram = client(answer({"AccessKeys": {"AccessKey": [younger, LISTED]}}))
    assert [(key.id, key.updated) for key in ram.list_keys()] == [
        ("LTAI5tOLD", 0),
        ("LTAI5tNEW", SECONDS),
    ]


def test_create_is_sent_once():
    http, ram = client(StsError("no connection", code="Connection"))
    with pytest.raises(StsError):
        ram.create()
    assert len(http.requests) == 1
    http, ram = client(answer({"AccessKey": dict(LISTED, AccessKeySecret="hidden")}))
    assert ram.create() == AccessKey("LTAI5tOLD", "Active", SECONDS, 0, "hidden")


def test_last_use():
    used = {"LastUsedDate": DATE, "ServiceName": "Ecs"}
    _http, ram = client(answer({"AccessKeyLastUsed": used}), answer({"AccessKeyLastUsed": {}}))
    assert ram.get_last_use("LTAI5tOLD") == LastUse(SECONDS, "Ecs")
    assert ram.get_last_use("LTAI5tOLD") == LastUse(0, "")


def test_restore_asks_for_the_owner():
    owner = {"UserId": "42", "UserPrincipalName": "deploy@1000000000000001.onaliyun.com"}
    http, ram = client(answer({"AccessKey": owner}), answer({}))
    ram.restore("LTAI5tOLD")
    assert [request.headers["x-acs-action"] for request in http.requests] == [
        "GetAccessKeyInfoInRecycleBin",
        "RestoreAccessKeyFromRecycleBin",
    ]
    assert http.requests[1].query == {"UserAccessKeyId": "LTAI5tOLD", "UserId": "42"}


@pytest.mark.parametrize(
    "action, call",
    [
        ("ListAccessKeys", lambda ram: ram.list_keys()),
        ("CreateAccessKey", lambda ram: ram.create()),
        ("GetAccessKeyLastUsed", lambda ram: ram.get_last_use("LTAI5tOLD")),
        ("ListAccessKeysInRecycleBin", lambda ram: ram.list_recycled()),
        ("GetAccessKeyInfoInRecycleBin", lambda ram: ram.restore("LTAI5tOLD")),
    ],
)
def test_answer_of_another_shape(action, call):
    strange = {"AccessKeys": {"AccessKey": ["x"]}, "AccessKey": "x", "AccessKeyLastUsed": "x"}
    _http, ram = client(answer(strange))
    with pytest.raises(StsError, match=action + ", called by .*: the response is not readable"):
        call(ram)


@pytest.mark.parametrize(
    "code, status, sentence",
    [
        ("EntityNotExist.User", 404, "check user_name: the account"),
        ("EntityNotExist.User.AccessKey", 404, "check access_key_id and user_name"),
        ("InvalidParameter.UserName.InvalidChars", 400, "user_name must have 1 to 64"),
        ("InvalidParameter.UserName.Length", 400, "user_name must have 1 to 64"),
        ("LimitExceeded.User.AccessKey", 409, "has two access keys, which is the limit"),
        ("MissingUserName", 400, "set user_name"),
        ("NoPermission", 403, "ram:ListAccessKeys on acs:ram:*:<account ID>:user/deploy"),
        ("InvalidAccessKeyId.Inactive", 403, "the access key is disabled"),
        ("InvalidVersion", 400, "check ram_endpoint, and proxies on the way"),
        ("InternalError", 500, "RAM failed: try again later"),
        ("Throttling.User", 400, "run the task once for all hosts"),
    ],
)
def test_each_code_has_its_sentence(code, status, sentence):
    _http, ram = client(*[refused(code, status)] * 9)
    with pytest.raises(StsError) as caught:
        ram.list_keys()
    told = str(caught.value)
    assert told.startswith("ListAccessKeys, called by access key ***PLE at ram.example.com: ")
    assert sentence in told and code in told and "hidden" not in told
