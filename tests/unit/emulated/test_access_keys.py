# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access keys that are created, disabled, deleted and listed in an emulated RAM."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _access_key
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.modules import access_key
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.emulator.ram import Ims, _Keys
from ansible_collections.aliyun.cli.tests.emulator.world import Identity
from ansible_collections.aliyun.cli.tests.unit.emulated.world import HUB, KEY, SECRET

ROTATOR = ("LTAI5tEXAMPLErotator001A", "fake-rotator-secret-Nv47dKs2Ip")
INTERN = "LTAI5tEXAMPLEintern0001A"
INTERN_SECRET = "fake-intern-secret-Wf63tGj8Xo"
INACTIVE = "LTAI5tEXAMPLEdeploy0002I"
INTERN_ARN = "acs:ram::1100000000000001:user/intern"
LOGON = "intern@1100000000000001.onaliyun.com"


class Account:
    """Does what the modules do, as ``rotator`` unless told otherwise."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.warnings: list[str] = []

    def options(self, **given: Any) -> dict[str, Any]:
        spec = access_key.make_argument_spec()
        options = {name: item.get("default") for name, item in spec.items()}
        key_id, secret = given.pop("key", ROTATOR)
        options["source"] = {
            "mode": "AK",
            "access_key_id": key_id,
            "access_key_secret": secret,
            "sts_endpoint": self.emulator.http_url,
        }
        url = self.emulator.http_url
        return {**options, "ram_endpoint": url, "ims_endpoint": url, "user_name": "intern", **given}

    def do(self, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        options = self.options(**given)

        def work(access: _access_key.Access) -> dict[str, Any]:
            if options["access_key_id"]:
                return _access_key.change(access, options, check_mode=check_mode)
            return _access_key.create(
                access, options, check_mode=check_mode, warn=self.warnings.append
            )

        return _access_key.run(options, work, environ={})

    def fails(self, sentence: str, **given: Any) -> None:
        with pytest.raises(AliyunCliError) as caught:
            self.do(**given)
        told = str(caught.value)
        assert sentence in told and "fake-" not in told

    def keys(self, **given: Any) -> list[dict[str, Any]]:
        found = self.info(show_ids=True, **given)
        return list(found["access_keys"])

    def info(
        self, *, show_ids: bool = False, recycle_bin: bool = False, **given: Any
    ) -> dict[str, Any]:
        return _access_key.run(
            self.options(**given),
            lambda access: _access_key.report(access, show_ids=show_ids, recycle_bin=recycle_bin),
            environ={},
        )

    def user(self, arn: str) -> Identity:
        return self.emulator.core.world.identities[arn]

    def created(self) -> int:
        calls = self.emulator.journal
        return sum(call["action"] == "CreateAccessKey" and call["code"] == "OK" for call in calls)


@pytest.fixture(name="account")
def fixture_account(world: Emulator) -> Account:
    return Account(world)


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "key.json"


def test_create(account: Account) -> None:
    result = account.do()
    key = result["access_key"]
    assert result["changed"] and key["status"] == "Active" and key["created"] == result["date"]
    assert result["diff"] == {
        "before": {},
        "after": {"access_key_id": "***" + key["access_key_id"][-3:], "status": "Active"},
    }
    new = (key["access_key_id"], key["access_key_secret"])
    account.emulator.switches.users_manage_keys = True
    assert [item["signs"] for item in account.keys(key=new, user_name=None)] == [False, True]
    account.fails("the user has 2 access keys, which is the limit: delete one first (***01A, ***")
    assert account.created() == 1


def test_create_in_check_mode(account: Account, path: Path) -> None:
    for given in ({}, {"secret_file": str(path)}):
        result = account.do(check_mode=True, **given)
        assert result["changed"] and result["access_key"] == {"status": "Active"}
    account.fails("which is the limit", check_mode=True, user_name="deploy")
    assert account.created() == 0 and not path.parent.exists()


def test_create_in_a_file_is_repeatable(account: Account, path: Path) -> None:
    first = account.do(secret_file=str(path))
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["key.json"]
    again = account.do(secret_file=str(path))
    assert again["access_key"] == first["access_key"] and not again["changed"]
    key_id = first["access_key"]["access_key_id"]
    account.do(access_key_id=key_id, state="inactive")
    assert account.do(check_mode=True, secret_file=str(path))["changed"]
    assert account.do(secret_file=str(path))["access_key"] == first["access_key"]
    assert account.keys()[1]["status"] == "Active" and account.created() == 1
    account.fails("is for the user 'intern'", secret_file=str(path), user_name="deploy")
    account.do(access_key_id=key_id, state="inactive")
    account.do(access_key_id=key_id, state="absent", unused_days=0)
    account.fails("not list the access key ***" + key_id[-3:], secret_file=str(path))
    account.emulator.clock.advance(300)
    account.fails("no longer exists: remove the file", secret_file=str(path))


def test_create_waits_until_the_key_is_known(account: Account) -> None:
    account.emulator.switches.new_key_seconds = 1
    account.do()
    codes = [c["code"] for c in account.emulator.journal if c["action"] == "GetCallerIdentity"]
    assert codes[0] == "InvalidAccessKeyId.NotFound" and codes[-1] == "OK"
    assert not account.warnings


def test_create_warns_of_a_key_that_stays_unknown(account: Account) -> None:
    account.emulator.switches.new_key_seconds = 60
    assert account.do(wait_timeout=0)["access_key"]["access_key_secret"]
    (warning,) = account.warnings
    assert "(InvalidAccessKeyId.NotFound): wait before you use it" in warning


@pytest.mark.parametrize("fault", ["reset", "short_body", "truncated_json"])
def test_secret_that_was_lost_on_the_way(account: Account, path: Path, fault: str) -> None:
    """RAM may have created a key, or not: the next run sees to either."""
    account.emulator.add_fault(fault, action="CreateAccessKey")
    account.fails("CreateAccessKey, called by access key ***01A", secret_file=str(path))
    calls = [c for c in account.emulator.journal if c["action"] == "CreateAccessKey"]
    assert len(calls) == 1
    assert json.loads(path.read_text())["access_key_id"] == ""
    key = account.do(secret_file=str(path))["access_key"]
    keys = account.keys()
    assert [item["access_key_id"] for item in keys] == [INTERN, key["access_key_id"]]
    assert bool(account.warnings) == (fault != "reset")
    assert all("nobody has its secret" in warning for warning in account.warnings)


def test_lost_key_in_check_mode(account: Account, path: Path) -> None:
    account.emulator.add_fault("short_body", action="CreateAccessKey")
    account.fails("CreateAccessKey", secret_file=str(path))
    assert account.do(check_mode=True, secret_file=str(path))["changed"]
    assert len(account.keys()) == 2 and not account.warnings


def test_key_of_somebody_else_is_not_taken_for_a_lost_one(account: Account, path: Path) -> None:
    account.emulator.add_fault("reset", action="CreateAccessKey")
    account.fails("CreateAccessKey", secret_file=str(path))
    account.emulator.clock.advance(200)
    # It was never used, as a lost key.
    other = account.emulator.core.keys.create(account.user(INTERN_ARN)).id
    account.fails("which is the limit", secret_file=str(path))
    assert other in [key["access_key_id"] for key in account.keys()]


def test_refused_creation_keeps_the_record_of_an_earlier_one(account: Account, path: Path) -> None:
    """RAM can list the key of the earlier run later than it counts it."""
    account.emulator.add_fault("short_body", action="CreateAccessKey")
    account.fails("CreateAccessKey", secret_file=str(path))
    record = path.read_bytes()
    _first, lost = account.emulator.core.keys.of(account.user(INTERN_ARN))
    account.emulator.core.keys.recycle(lost)
    account.emulator.add_fault("throttling", action="CreateAccessKey")
    account.fails("too many calls", secret_file=str(path))
    assert path.read_bytes() == record
    account.emulator.core.keys.restore(lost)
    key = account.do(secret_file=str(path))["access_key"]
    assert [item["access_key_id"] for item in account.keys()] == [INTERN, key["access_key_id"]]


def test_lost_key_that_is_used_is_left(account: Account, path: Path) -> None:
    account.emulator.add_fault("reset", action="CreateAccessKey")
    account.fails("CreateAccessKey", secret_file=str(path))
    account.do()
    account.fails("which is the limit", secret_file=str(path))


def test_key_that_signs_is_not_taken_for_a_lost_one(account: Account, path: Path) -> None:
    """RAM reports its use late."""
    account.emulator.add_fault("reset", action="CreateAccessKey")
    account.fails("CreateAccessKey", secret_file=str(path), user_name="rotator")
    account.emulator.switches.last_use_delay = 3600
    rotator = account.user("acs:ram::1100000000000001:user/rotator")
    new = account.emulator.core.keys.create(rotator)
    given = {"key": (new.id, new.secret), "secret_file": str(path), "user_name": "rotator"}
    account.fails("which is the limit", **given)
    assert new in account.emulator.core.keys.of(rotator)


def test_refused_creation_leaves_no_file(account: Account, path: Path) -> None:
    account.emulator.add_fault("throttling", action="CreateAccessKey")
    account.fails("too many calls", secret_file=str(path))
    assert not path.exists()


def test_disable_and_enable(account: Account) -> None:
    checked = account.do(check_mode=True, access_key_id=INTERN, state="inactive")
    result = account.do(access_key_id=INTERN, state="inactive")
    assert checked["changed"] and result["changed"]
    assert (
        checked["diff"]
        == result["diff"]
        == {
            "before": {"access_key_id": "***01A", "status": "Active"},
            "after": {"access_key_id": "***01A", "status": "Inactive"},
        }
    )
    assert result["access_key"]["access_key_id"] == "***01A"
    assert not account.do(access_key_id=INTERN, state="inactive")["changed"]
    assert account.do(access_key_id=INTERN)["access_key"]["status"] == "Active"
    assert not account.do(access_key_id=INTERN)["changed"]


def test_delete_and_restore(account: Account) -> None:
    account.fails(
        "is active, and is not deleted: disable it first", access_key_id=INTERN, state="absent"
    )
    account.do(access_key_id=INTERN, state="inactive")
    assert account.do(check_mode=True, access_key_id=INTERN, state="absent")["changed"]
    assert account.do(access_key_id=INTERN, state="absent")["access_key"] == {}
    assert not account.do(access_key_id=INTERN, state="absent")["changed"]
    account.fails("or set restore=true if it was deleted", access_key_id=INTERN)
    account.fails("has no access key ***01A", access_key_id=INTERN, state="inactive")
    assert account.do(check_mode=True, access_key_id=INTERN, restore=True)["changed"]
    restored = account.do(access_key_id=INTERN, restore=True)
    assert restored["changed"] and restored["access_key"]["status"] == "Active"


def test_guard_of_the_key_that_signs(account: Account) -> None:
    own: dict[str, Any] = {"user_name": "rotator", "access_key_id": ROTATOR[0], "state": "inactive"}
    account.fails("signs this request, and is not disabled: use another one", **own)
    assert account.do(allow_own_key=True, **own)["changed"]


def test_guard_of_the_key_that_the_chain_begins_with(account: Account, world: Emulator) -> None:
    permissions = world.core.world.permissions
    before = permissions[HUB]
    permissions[HUB] = permissions["acs:ram::1100000000000001:user/rotator"]
    try:
        hop = {"ram_role_arn": HUB, "sts_endpoint": world.http_url}
        given = {"key": (KEY, SECRET), "hops": [hop], "user_name": "deploy"}
        account.fails("signs this request", access_key_id=KEY, state="inactive", **given)
        account.fails("user_name is required", **{**given, "user_name": None})
    finally:
        permissions[HUB] = before


@pytest.mark.parametrize("printed_mode", ["AK", "RamRoleArn"])
def test_guard_of_the_key_that_a_command_prints(
    account: Account, world: Emulator, tmp_path: Path, printed_mode: str
) -> None:
    permissions = world.core.world.permissions
    before = permissions[HUB]
    permissions[HUB] = permissions["acs:ram::1100000000000001:user/rotator"]
    role = {"ram_role_arn": HUB, "sts_endpoint": world.http_url}
    printed = {"mode": printed_mode, "access_key_id": KEY, "access_key_secret": SECRET}
    # A profile that assumes a role prints another key than that with which the request is signed.
    printed.update(role if printed_mode == "RamRoleArn" else {})
    path = tmp_path / "printed"
    path.write_text(json.dumps(printed))
    source = {"mode": "External", "process_command": f"cat {path}"}
    source["sts_endpoint"] = world.http_url
    hops = [] if printed_mode == "RamRoleArn" else [role]
    given = {"source": source, "allow_process": True, "hops": hops, "user_name": "deploy"}
    try:
        account.fails("signs this request", access_key_id=KEY, state="inactive", **given)
    finally:
        permissions[HUB] = before


@pytest.mark.parametrize(
    "guard",
    [
        {"unused_days": 1},
        {"unused_since": "2026-01-02T03:04:05Z"},
        {"unused_days": 1000},
        {"unused_since": "1970-01-01T00:00:00Z"},
    ],
)
def test_guard_of_use(account: Account, guard: dict[str, Any]) -> None:
    account.emulator.switches.users_manage_keys = True
    account.keys(key=(INTERN, INTERN_SECRET), user_name=None)
    account.fails("was used at 20", access_key_id=INTERN, state="inactive", **guard)
    account.fails(
        " with Ims, and is not disabled: find what uses it",
        access_key_id=INTERN,
        state="inactive",
        user_name=LOGON,
        **guard,
    )
    account.fails(
        "must not be in the future",
        access_key_id=INTERN,
        state="inactive",
        unused_since="2100-01-01T00:00:00Z",
    )
    account.do(access_key_id=INTERN, state="inactive")
    account.fails("and is not deleted", access_key_id=INTERN, state="absent")
    assert account.do(access_key_id=INTERN, state="absent", unused_days=0)["changed"]


def test_earlier_one_of_two_guards_of_use_counts(account: Account) -> None:
    account.emulator.switches.users_manage_keys = True
    now = account.info(key=(INTERN, INTERN_SECRET), user_name=None)["date"]
    account.emulator.clock.advance(7200)
    both = {"unused_days": 1, "unused_since": account.info()["date"]}
    assert both["unused_since"] > now
    account.fails("was used at", access_key_id=INTERN, state="inactive", **both)


def test_key_of_another_user_is_not_restored(account: Account) -> None:
    keys = account.emulator.core.keys
    key = keys.of(account.user(INTERN_ARN))[0]
    keys.recycle(key)
    given: Dict[str, Any] = {"access_key_id": INTERN, "restore": True}
    account.fails("belongs to another user than 'rotator'", user_name="rotator", **given)
    account.fails("belongs to another user than", user_name="rotator" + LOGON[6:], **given)
    assert key.recycled
    assert account.do(user_name=LOGON, **given)["access_key"]["status"] == "Active"


HOSTILE = "a\x1b]0;b\x07\u202e"


@pytest.mark.parametrize(
    "shown",
    [
        {"AccessKeyId": "LTAI/../x"},
        {"AccessKeyId": "{{x}}"},
        {"AccessKeyId": "L" * 129},
        {"AccessKeyId": ""},
        {"AccessKeyId": None},
        {"Status": HOSTILE},
        {"CreateDate": "yesterday"},
        {"CreateDate": 1},
    ],
)
def test_odd_answer_is_not_readable(
    account: Account, monkeypatch: pytest.MonkeyPatch, shown: dict[str, Any]
) -> None:
    real = _Keys._shown
    monkeypatch.setattr(_Keys, "_shown", lambda self, key: {**real(self, key), **shown})
    account.fails("the response is not readable", access_key_id=INTERN, state="inactive")


def test_key_of_an_unknown_status_is_not_deleted(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = _Keys._shown
    monkeypatch.setattr(_Keys, "_shown", lambda self, key: {**real(self, key), "Status": "Enabled"})
    account.fails("is active, and is not deleted", access_key_id=INTERN, state="absent")


def test_odd_name_of_a_service_is_shown_as_text(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = {"LastUsedDate": "2026-01-02T03:04:05Z", "ServiceName": HOSTILE + "x" * 999}
    monkeypatch.setattr(Ims, "_use", lambda self, service, moment: use)
    account.emulator.core.keys.use(account.emulator.core.keys.of(account.user(INTERN_ARN))[0], "x")
    (key,) = account.keys(user_name=LOGON)
    assert key["last_used_service"].isprintable() and len(key["last_used_service"]) == 64
    account.fails(
        "was used at 2026-01-02T03:04:05Z with a\\x1b]0;b",
        **{"access_key_id": INTERN, "state": "inactive", "user_name": LOGON},
        unused_since="2026-01-01T00:00:00Z",
    )


def test_guards_are_checked(account: Account) -> None:
    values = {"access_key_id": INTERN, "state": "inactive"}
    account.fails("unused_since must be a time", unused_since="yesterday", **values)
    for number in (-1, False, True):
        account.fails("unused_days must be a number, 0 or more", unused_days=number, **values)
    for seconds in (-1, float("nan"), float("inf")):
        account.fails("wait_timeout must be 0 to 86400 seconds", wait_timeout=seconds, **values)
        new = dict(values, access_key_id=None, wait_timeout=seconds)
        account.fails("wait_timeout must be 0 to 86400 seconds", **new)
    account.fails("not to the expected account 42", expected_account_id="42", **values)
    account.fails("ram_endpoint must be a host", ram_endpoint="http://ram.example.com", **values)
    assert account.keys()[0]["status"] == "Active"


def test_info(account: Account, world: Emulator) -> None:
    key = world.core.keys.of(world.core.world.identities["acs:ram::1100000000000001:user/intern"])[
        0
    ]
    found = account.info()
    assert found["user_name"] == "intern" and found["date"].endswith("Z")
    (shown,) = found["access_keys"]
    assert shown["access_key_id"] == "***01A" and not shown["signs"]
    assert (shown["last_used"], shown["last_used_service"], shown["age_days"]) == ("", "", 0)
    key.created = key.created.replace(year=key.created.year - 1)
    world.core.keys.use(key, "Ecs")
    (shown,) = account.keys(user_name=LOGON)
    assert shown["access_key_id"] == INTERN and shown["age_days"] in (365, 366)
    assert shown["last_used_service"] == "Ecs" and shown["unused_days"] == 0
    assert shown["last_used"] and shown["updated"]


def test_info_of_the_recycle_bin(account: Account) -> None:
    account.emulator.switches.users_manage_keys = True
    new = account.do(user_name="rotator")["access_key"]
    values = {"user_name": None, "access_key_id": new["access_key_id"]}
    account.do(state="inactive", **values)
    account.do(state="absent", unused_days=0, **values)
    (shown,) = account.info(recycle_bin=True, user_name=None)["recycle_bin"]
    assert shown["access_key_id"] == "***" + new["access_key_id"][-3:]
    assert shown["recycled"] < shown["erased"]


@pytest.mark.parametrize(
    "given, sentence",
    [
        (
            {"user_name": "nobody"},
            "check user_name: the account of the caller has no such RAM user",
        ),
        ({"user_name": "a b"}, "user_name must have 1 to 64 letters"),
        (
            {"key": (KEY, SECRET)},
            "allow the caller ram:ListAccessKeys on acs:ram:*:<account ID>:user/intern",
        ),
        ({"key": (INACTIVE, "fake-inactive-secret-Kc94pBn3Us")}, "the access key is disabled"),
    ],
)
def test_refusals_say_what_to_do(account: Account, given: dict[str, Any], sentence: str) -> None:
    account.fails(sentence, **given)
