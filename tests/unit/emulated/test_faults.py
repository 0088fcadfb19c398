# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault at every call of a chain from every kind of source: success, or the sentence that says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http, Limits, Response
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.emulator.faults import INSTEAD, SPOILED
from ansible_collections.aliyun.cli.tests.emulator.messages import Request
from ansible_collections.aliyun.cli.tests.emulator.services import Services
from ansible_collections.aliyun.cli.tests.emulator.sts_call import StsCall
from ansible_collections.aliyun.cli.tests.unit.emulated.world import (
    EXTERNAL_ID,
    HUB,
    LIMITS,
    OAUTH_TOKEN,
    SECRET,
    SPOKE,
    SSO_TOKEN,
    above,
    caller,
    make_chain,
    session_arn,
)

Profiles = dict[str, dict[str, Any]]
_METADATA = ("ImdsToken", "ImdsRole", "ImdsCredentials")
# The calls by which a source of a mode obtains credentials; some need none.
OBTAINED_BY: dict[str, tuple[str, ...]] = {
    "AK": (),
    "RamRoleArn": (),
    "External": (),
    "EcsRamRole": _METADATA,
    "RamRoleArnWithRoleName": _METADATA,
    "RsaKeyPair": ("GenerateSessionAccessKey",),
    "CredentialsURI": ("CredentialsUri",),
    "OIDC": ("AssumeRoleWithOIDC",),
    "CloudSSO": ("CloudSso",),
    "OAuth": ("OAuthExchange",),
}
SERVICES = {
    **{action: "the metadata service" for action in _METADATA},
    "CredentialsUri": "the credentials URI",
    "CloudSso": "CloudSSO",
    "OAuthExchange": "OAuth",
}
HOPS = {"hop 1": HUB, "hop 2": SPOKE}
FAULTS = (*INSTEAD, *SPOILED)
# No timeout of a socket notices these.
DRIBBLING = ("slow_header", "slow_chunk")
SLOW = ("hang", "slow_body", *DRIBBLING)
# A retry succeeds if they pass.
RETRIED = ("internal_error", "unavailable", "throttling", "reset", "short_body", *SLOW)
# The seconds that a call waits for an answer which the emulator holds back. The next one is for a request that never arrived.
PATIENCE = (0.05, 1, 10)
# The seconds that a request may need to arrive after nobody waits for its answer any more.
ARRIVAL = 10
HOST = r"127\.0\.0\.1:\d+"


def _refused(code: str, status: int, advice: str) -> str:
    facts = rf"{code}, HTTP status {status}, request ID [0-9A-F-]{{36}}"
    return rf"the call is refused \({facts}\); {advice}"


def _not_sts(status: int) -> str:
    return rf"\(HTTP status {status}\); check sts_endpoint, and proxies on the way: .* is not STS"


def _no_role(status: int) -> str:
    return rf"the metadata service at {HOST} named no RAM role \(HTTP status {status}\); .*"


_LATE = f"{HOST} did not respond in time"
_BROKEN = rf"no connection to {HOST}( \(.*\))?"
_NETWORK = "check the network, sts_endpoint and sts_region; inside a VPC, .*"
# How the sentence of a call of STS ends; the wrong date does no harm.
STS_ENDINGS = {
    "internal_error": _refused("InternalError", 500, "STS failed: try again later"),
    "unavailable": _refused("ServiceUnavailable", 503, "STS failed: try again later"),
    "throttling": _refused("Throttling.User", 400, "too many calls: use fewer forks, .*"),
    "not_found": "the call is refused " + _not_sts(404),
    "hang": f"{_LATE}; {_NETWORK}",
    "reset": f"{_BROKEN}; {_NETWORK}",
    "html": "the response is not readable " + _not_sts(200),
    "redirect": "the call is refused " + _not_sts(302),
    **dict.fromkeys(("slow_body", *DRIBBLING), f"{_LATE}; {_NETWORK}"),
    "truncated_json": "the response is not readable " + _not_sts(200),
    "short_body": f"{_BROKEN}; {_NETWORK}",
    "no_credentials": "the response contains no credentials " + _not_sts(200),
}
# How the sentence of a call of another service goes on after its name.
SERVICE_ENDINGS = {
    "internal_error": f"sent no response: {HOST} failed with HTTP status 500",
    "unavailable": f"sent no response: {HOST} failed with HTTP status 503",
    "throttling": f"sent no response: {HOST} failed with HTTP status 429",
    "not_found": "responded with HTTP status 404",
    "hang": f"sent no response: {_LATE}",
    "reset": f"sent no response: {_BROKEN}",
    "html": "returned no JSON object",
    "redirect": "responded with HTTP status 302",
    **dict.fromkeys(("slow_body", *DRIBBLING), f"sent no response: {_LATE}"),
    "truncated_json": "returned no JSON object",
    "short_body": f"sent no response: {_BROKEN}",
    "no_credentials": "returned no credentials",
}
# Messages of single calls; empty if the fault does no harm.
EXCEPTIONS = {
    # Version 1 of the metadata service needs no token.
    **{("ImdsToken", fault): "" for fault in FAULTS},
    ("ImdsRole", "not_found"): "the instance has no RAM role; attach one, or use another mode",
    ("ImdsCredentials", "not_found"): "the instance has no RAM role 'machine'; check ram_role_name",
    # A service of this machine may be starting.
    (
        "CredentialsUri",
        "not_found",
    ): f"the credentials URI at {HOST} sent no response: {HOST} failed with HTTP status 404; check .*",
    # Its answer is no JSON.
    ("ImdsRole", "html"): _no_role(200),
    ("ImdsRole", "redirect"): _no_role(302),
    ("ImdsRole", "no_credentials"): _no_role(200),
    ("ImdsRole", "truncated_json"): "the instance has no RAM role 'mac'; check ram_role_name",
    ("GenerateSessionAccessKey", "no_credentials"): "STS returned no session access key: .*",
    # Its response contains none.
    ("GetCallerIdentity", "no_credentials"): "",
}


class Cell(NamedTuple):
    """A fault at a call, which is of the source, a hop, or the question who one is then."""

    mode: str
    place: str
    action: str
    fault: str

    @property
    def role(self) -> str:
        """Return the role of the call, in the format of faults."""
        return HOPS.get(self.place, "*")

    @property
    def sentence(self) -> str:
        """Return the message for a lasting fault, as a pattern; empty if it does no harm."""
        ending = EXCEPTIONS.get((self.action, self.fault))
        if ending == "" or self.fault == "wrong_date":
            return ""
        if self.place in HOPS:
            begin = f"{self.place} of 2: AssumeRole of {HOPS[self.place]}, called by .* at {HOST}"
            return f"{begin}: {STS_ENDINGS[self.fault]}"
        if self.place == "identity":
            return f"GetCallerIdentity, called by {SPOKE} at {HOST}: {STS_ENDINGS[self.fault]}"
        mode = self.mode.replace("RamRoleArnWithRoleName", "EcsRamRole")
        begin = rf"source of mode {mode} \(profile 'begin'\)"
        if ending:
            return f"{begin}: {ending}"
        if self.action in SERVICES:
            service = f"{SERVICES[self.action]} at {HOST}"
            return f"{begin}: {service} {SERVICE_ENDINGS[self.fault]}; check .*"
        return f"{begin}: {self.action}( of .*)?, called by .* at {HOST}: {STS_ENDINGS[self.fault]}"


CELLS = [
    Cell(mode, place, action, fault)
    for mode, actions in OBTAINED_BY.items()
    for place, action in [
        *((action, action) for action in actions),
        *((place, "AssumeRole") for place in HOPS),
        ("identity", "GetCallerIdentity"),
    ]
    for fault in FAULTS
    # Each of these takes as long as it is waited for, and the calls above a source are the same.
    if fault not in DRIBBLING or place == action or mode == "AK"
]


class Impatient(Http):
    """Waits long for an answer, but not for one that the emulator will hold back."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(limits=LIMITS, ca_bundle=emulator.ca_file, sleep=lambda seconds: None)
        self._emulator = emulator
        self._services = Services(emulator.core)

    def _is_slow(self, request: Request) -> bool:
        """Return whether the emulator will hold back the answer."""
        call = StsCall(request)
        service = self._services.find(request)
        action = service[0] if service else call.action
        role = call.own_parameters.get("RoleArn", "")
        return any(
            fault["kind"] in SLOW and fault["action"] == action and fault["role"] in ("*", role)
            for fault in self._emulator.core.faults.pending()
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        proxies: bool = True,
        limits: Limits | None = None,
    ) -> Response:
        names = {name.lower(): (value,) for name, value in headers.items()}
        send = partial(super().send, method, url, headers=headers, body=body, proxies=proxies)
        if not self._is_slow(Request(method, url, names, body)):
            return send(limits=limits)
        before = len(self._emulator.journal)
        for seconds in PATIENCE:
            try:
                # The time for the whole call is the sum of both, and a busy machine may need it to connect.
                return send(limits=LIMITS._replace(connect_timeout=seconds, read_timeout=seconds))
            except StsError as error:
                failure = error
            # The fault belongs to this request, and not to the next one.
            with suppress(TimeoutError):
                self._emulator.core.journal.wait(before + 1, seconds=ARRIVAL)
                break
        raise failure


def outcome(world: Emulator, profiles: Profiles, cell: Cell, *, count: int) -> tuple[str, str]:
    """Return the caller at the end of the chain, or the error, while so many calls fail."""
    world.reset()
    world.add_fault(cell.fault, action=cell.action, role=cell.role, count=count, seconds=30)
    chain = make_chain(profiles[cell.mode], above(cell.mode, world.http_url))
    try:
        return caller(world, chain, http=Impatient(world)), ""
    except AliyunCliError as error:
        return "", str(error)


def secrets_of(world: Emulator, profiles: Profiles) -> list[str]:
    """Return all values that no message may contain."""
    sessions = world.core.state.sessions.values()
    return [
        SECRET,
        EXTERNAL_ID,
        SSO_TOKEN,
        OAUTH_TOKEN,
        profiles["RsaKeyPair"]["private_key"],
        *(session.access_key_secret for session in sessions),
        *world.core.state.tokens,
    ]


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_cell(world: Emulator, profiles: Profiles, cell: Cell) -> None:
    for count in (1, 99) if cell.fault in RETRIED else (99,):
        arn, told = outcome(world, profiles, cell, count=count)
        assert not any(secret in told for secret in secrets_of(world, profiles))
        passes = count == 1 and cell.fault in RETRIED
        if passes or not cell.sentence:
            assert (arn, told) == (session_arn(SPOKE, "test"), "")
        else:
            assert re.fullmatch(cell.sentence, told), told
        assert [call["fault"] for call in world.journal].count(cell.fault) >= 1


def test_all_modes_are_here(profiles: Profiles) -> None:
    assert set(OBTAINED_BY) == set(profiles)
