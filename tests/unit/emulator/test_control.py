# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults, clock, switches and journal, driven through the control endpoint."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aliyun.cli.tests.emulator.core import Core
from ansible_collections.aliyun.cli.tests.unit.emulator.client import HUB, LONG, Client


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("internal_error", 500, "InternalError"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("throttling", 400, "Throttling.User"),
    ],
)
def test_failing_calls(client: Client, kind: str, status: int, code: str) -> None:
    assert client.control("faults", kind=kind, count=2).status == 200
    outcomes = [client.assume(HUB).outcome for _index in range(3)]
    assert outcomes == [(status, code), (status, code), (200, "OK")]
    client.control("faults", kind=kind)
    elsewhere = 429 if kind == "throttling" else status
    assert client.get("/credentials-uri").outcome == (elsewhere, code)


def test_fault_of_one_action_and_role_after_some_calls(client: Client, core: Core) -> None:
    client.control("faults", kind="internal_error", action="AssumeRole", role="role/hub", skip=1)
    asked = [LONG, HUB, HUB, HUB]
    assert client.call("GetCallerIdentity").status == 200
    assert [client.assume(role).status for role in asked] == [200, 200, 500, 200]
    assert [entry["fault"] for entry in core.journal.entries()].count("internal_error") == 1


def test_first_fault_that_fits_comes_first(client: Client) -> None:
    client.control("faults", kind="unavailable", action="GetCallerIdentity")
    client.control("faults", kind="internal_error")
    assert len(client.get("/_emulator/faults").body["faults"]) == 2
    assert client.assume(HUB).status == 500
    assert client.call("GetCallerIdentity").status == 503
    assert client.get("/_emulator/faults").body["faults"] == []


def test_spoiled_answers(client: Client, core: Core) -> None:
    client.control("faults", kind="truncated_json")
    assert client.assume(HUB).text.startswith('{"RequestId"')
    assert len(core.state.sessions) == 1
    client.control("faults", kind="no_credentials")
    body = client.assume(HUB).body
    assert "AssumedRoleUser" in body and "Credentials" not in body
    client.control("faults", kind="no_credentials")
    assert "AccessKeySecret" not in client.get("/credentials-uri").body
    client.control("faults", kind="no_credentials")
    role = client.get("/latest/meta-data/ram/security-credentials/")
    assert (role.status, role.text) == (200, "")
    client.control("faults", kind="html")
    assert client.assume(HUB).text.startswith("<html>")
    client.control("faults", kind="redirect")
    reply = client.assume(HUB)
    assert (reply.status, reply.headers["Location"]) == (302, "/elsewhere")
    client.control("clock", now="2026-01-01T00:00:00Z")
    client.control("faults", kind="wrong_date", seconds=-7200)
    assert client.assume(HUB).headers["Date"] == "Wed, 31 Dec 2025 22:00:00 GMT"
    assert client.assume(HUB).headers["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_clock(client: Client) -> None:
    def now() -> str:
        text = client.get("/_emulator/clock").body["now"]
        assert isinstance(text, str)
        return text

    client.control("clock", now="2026-01-01T00:00:00Z")
    client.control("clock", advance=61)
    assert now() == "2026-01-01T00:01:01Z"
    client.control("clock", offset=-86400 * 365000 / 100)
    assert now() < "2026-01-01"
    client.control("clock")
    assert now() > "2026-01-01T00:01:01Z"


def test_session_seconds_shorten_every_session(client: Client, core: Core) -> None:
    client.control("clock", now="2026-01-01T00:00:00Z")
    client.control("switches", session_seconds=3)
    session = client.hop(HUB)
    assert session.call("GetCallerIdentity").status == 200
    client.control("clock", advance=3)
    assert session.call("GetCallerIdentity").body["Code"] == "InvalidSecurityToken.Expired"


def test_switches_and_reset(client: Client, core: Core) -> None:
    client.control("switches", strict=True, rate_limit=5)
    assert client.get("/_emulator/switches").body["rate_limit"] == 5
    session = client.hop(HUB)
    assert len(client.get("/_emulator/journal").body["calls"]) == 1
    client.control("faults", kind="hang")
    client.control("clock", offset=100)
    assert client.control("reset").status == 200
    assert client.get("/_emulator/journal").body["calls"] == []
    assert client.get("/_emulator/faults").body["faults"] == []
    assert not core.switches.strict
    assert session.call("GetCallerIdentity").body["Code"] == "InvalidAccessKeyId.NotFound"


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("forgotten", (404, "InvalidAccessKeyId.NotFound")),
        ("revoked", (400, "InvalidAccessKeyId.Inactive")),
        ("expired", (400, "InvalidSecurityToken.Expired")),
        ("malformed", (400, "InvalidSecurityToken.Malformed")),
        ("mismatched", (400, "InvalidSecurityToken.MismatchWithAccessKey")),
    ],
)
def test_rejected_sessions(client: Client, how: str, outcome: tuple[int, str]) -> None:
    hub, long = client.hop(HUB), client.hop(LONG)
    assert client.control("sessions", how=how, role="role/hub").body == {"sessions": 1}
    assert hub.call("GetCallerIdentity").outcome == outcome
    assert long.call("GetCallerIdentity").status == client.hop(HUB).call("GetCallerIdentity").status
    listed = client.get("/_emulator/sessions").body["sessions"]
    assert [item["rejected"] for item in listed] == [outcome[1], "", ""]
    assert hub.access_key_secret not in str(listed)
    assert client.control("sessions", how=how).body == {"sessions": 2}


def test_service_that_is_still_starting(client: Client) -> None:
    client.control("faults", kind="not_found", action="CredentialsUri", count=2)
    replies = [client.get("/credentials-uri").status for _index in range(3)]
    assert replies == [404, 404, 200]


def test_journal_can_be_cleared(client: Client) -> None:
    client.call("GetCallerIdentity")
    client.plain("DELETE", "/_emulator/journal")
    assert client.get("/_emulator/journal").body["calls"] == []


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("faults", {"kind": "bad"}),
        ("faults", {"kind": "hang", "minutes": 1}),
        ("faults", {"kind": "hang", "seconds": "1"}),
        ("clock", {"now": "today"}),
        ("clock", {"now": "2026-01-01T00:00:00Z", "advance": 1}),
        ("clock", {"offset": "1"}),
        ("switches", {"strict": "yes"}),
        ("switches", {"expiration_form": "roman"}),
        ("sessions", {}),
        ("sessions", {"how": "lost"}),
        ("sessions", {"how": "revoked", "name": "x"}),
    ],
)
def test_mistakes(client: Client, path: str, values: dict[str, Any]) -> None:
    reply = client.control(path, **values)
    assert reply.status == 400 and reply.body["error"]


def test_unknown_control_and_body(client: Client) -> None:
    assert client.control("nothing").status == 404
    assert client.plain("POST", "/_emulator/faults", b"[]").status == 400
    assert client.get("/nothing").status == 404
