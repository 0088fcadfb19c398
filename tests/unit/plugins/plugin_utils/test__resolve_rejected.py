# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cached sessions that STS rejects, renewal on request, and a clock that is ahead, against the emulator."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.single_flight import REJECTED_CODES
from ansible_collections.aliyun.cli.tests.emulator.state import REJECTIONS
from ansible_collections.aliyun.cli.tests.unit.plugins.plugin_utils.place import (
    HUB,
    SPOKE,
    TARGET,
    Place,
)

LOCKED = "acs:ram::1100000000000001:role/locked"
CHAIN = (HUB, SPOKE, TARGET)


def roles(place: Place) -> list[tuple[str, str]]:
    """Return the requested roles, and the outcome."""
    return [(call["role_arn"], call["code"]) for call in place.emulator.journal]


def test_emulator_rejects_with_every_code() -> None:
    assert set(REJECTIONS.values()) == REJECTED_CODES


@pytest.mark.parametrize("how", REJECTIONS)
def test_rejected_session_is_dropped_and_the_chain_assumed_again(place: Place, how: str) -> None:
    first = place.assume(place.options(HUB))
    place.emulator.reject_sessions(how)
    result = place.assume(place.options(HUB, SPOKE))
    assert result["assumed_role_arn"].endswith(":role/spoke/ansible")
    assert [role for role, _code in roles(place)] == [HUB, SPOKE, HUB, SPOKE]
    assert place.warnings == []
    # The new session is the one that is used from now on.
    again = place.assume(place.options(HUB))
    assert again["access_key_id"] != first["access_key_id"]
    assert place.calls() == 4


def test_session_in_the_middle_is_dropped_and_not_those_before_it(place: Place) -> None:
    place.assume(place.options(HUB, SPOKE))
    place.emulator.reject_sessions("revoked", role="role/spoke")
    place.assume(place.options(*CHAIN))
    assert [role for role, _code in roles(place)] == [HUB, SPOKE, TARGET, SPOKE, TARGET]


def test_sessions_of_several_hops_are_rejected(place: Place) -> None:
    place.assume(place.options(HUB, SPOKE))
    place.emulator.reject_sessions("forgotten")
    assert place.assume(place.options(*CHAIN))
    asked = [HUB, SPOKE, TARGET, SPOKE, HUB, SPOKE, TARGET]
    assert [role for role, _code in roles(place)] == asked


def test_chain_that_fails_after_a_rejection_says_where_the_session_came_from(place: Place) -> None:
    place.assume(place.options(HUB))
    place.emulator.reject_sessions("forgotten")
    with pytest.raises(StsError, match="^hop 2 of 2: .*NoPermission") as caught:
        place.assume(place.options(hops=[place.hop(HUB), place.hop(SPOKE, external_id="wrong")]))
    assert str(caught.value).endswith(
        "; this was the second attempt, after STS rejected the session of hop 1 from the credential cache"
        " (InvalidAccessKeyId.NotFound)"
    )


def test_source_is_dropped_too(place: Place) -> None:
    uri = {
        "mode": "CredentialsURI",
        "credentials_uri": place.emulator.http_url + "/credentials-uri",
    }
    place.assume(place.options(source=uri))
    place.emulator.reject_sessions("expired")
    place.assume(place.options(HUB, source=uri))
    assert place.calls("CredentialsUri") == 2


def test_caller_identity_of_a_rejected_session_is_asked_for_again(place: Place) -> None:
    uri = {
        "mode": "CredentialsURI",
        "credentials_uri": place.emulator.http_url + "/credentials-uri",
        "sts_endpoint": place.emulator.http_url,
    }
    place.assume(place.options(source=uri))
    place.emulator.reject_sessions("forgotten")
    place.assume(place.options(source=uri, expected_account_id="1100000000000001"))
    assert place.calls("CredentialsUri") == 2
    assert place.calls("GetCallerIdentity") == 2


def test_rejected_key_of_a_profile_is_an_error_at_once(place: Place) -> None:
    place.write(
        {
            "name": "deploy",
            "mode": "AK",
            "region_id": "cn-hangzhou",
            "access_key_id": "LTAI5tEXAMPLEnobody0001A",
            "access_key_secret": "wrong",
        }
    )
    with pytest.raises(StsError, match="InvalidAccessKeyId.NotFound") as caught:
        place.assume(place.options(HUB))
    assert place.calls() == 1
    assert "cache" not in str(caught.value)


def test_rejection_is_not_remembered(place: Place) -> None:
    place.assume(place.options(HUB))
    place.emulator.reject_sessions("revoked")
    place.assume(place.options(HUB, SPOKE))
    assert not [path for path in place.folder.iterdir() if path.name.endswith(".failure")]


def test_terms_that_meet_a_rejected_session_cost_one_new_chain(place: Place) -> None:
    common = {"mode": "ChainableRamRoleArn", "ram_session_name": "ansible"}
    place.write(
        {"name": "deploy", "mode": "AK", "region_id": "cn-hangzhou", **_keys()},
        {"name": "hub", "source_profile": "deploy", **common, **place.hop(HUB)},
        *(
            {
                "name": f"spoke-{number}",
                "source_profile": "hub",
                **common,
                **place.hop(SPOKE),
                "ram_session_name": f"team-{number}",
            }
            for number in range(8)
        ),
    )
    terms = [f"spoke-{number}" for number in range(8)]
    place.assume(place.options(hops=None), "hub")
    place.emulator.reject_sessions("revoked")
    results = place.assume_all(place.options(hops=None), *terms)
    assert [result["profile"] for result in results] == terms
    assert [role for role, _code in roles(place)].count(HUB) == 2
    assert len({result["access_key_id"] for result in results}) == 8


def _keys() -> dict[str, str]:
    return {
        "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
        "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
    }


def test_renewal_of_a_chain_on_request(place: Place) -> None:
    options = place.options(*CHAIN)
    first = place.assume(options)
    place.advance(1)
    renewed = dict(options, renew=True)
    assert place.find(renewed) is None
    second = place.assume(renewed)
    assert second["access_key_id"] != first["access_key_id"]
    assert place.calls() == 6
    # What it has replaced is replaced for all.
    assert place.find(options) == [second]
    assert place.assume(place.options(HUB, SPOKE))
    assert place.calls() == 6


def test_renewal_on_request_that_fails_leaves_what_is_cached(place: Place) -> None:
    options = place.options(HUB)
    first = place.assume(options)
    place.advance(1)
    place.emulator.add_fault("unavailable", action="AssumeRole", count=1)
    with pytest.raises(StsError):
        place.assume(dict(options, renew=True))
    assert place.find(options) == [first]


def test_renewal_on_request_without_the_cache(place: Place) -> None:
    place.assume(place.options(HUB, renew=True, cache=False))
    assert place.calls() == 1


@pytest.mark.parametrize("seconds", [3600, 86400])
def test_clock_that_is_far_ahead_of_sts_saves_calls_too(place: Place, seconds: float) -> None:
    place.emulator.clock.shift(-seconds)
    options = place.options(*CHAIN)
    first = place.assume(options)
    assert place.find(options) == [first]
    for _use in range(3):
        assert place.assume(place.options(HUB, SPOKE))
    assert place.calls() == 3
    # They expire when STS says so.
    place.clock.advance(3545)
    assert place.find(options) is None


def test_use_that_is_interrupted_cancels_its_terms(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str | None] = []
    released = threading.Event()

    def result(_session: Any, profile: str | None) -> dict[str, str]:
        begun.append(profile)
        released.wait(30)
        return {}

    submit = _resolve.ThreadPoolExecutor.submit  # type: ignore[attr-defined]
    count = iter(range(100))

    def interrupted(pool: Any, function: Callable[..., Any], term: str) -> Any:
        if next(count) == 20:
            released.set()
            raise KeyboardInterrupt()
        return submit(pool, function, term)

    monkeypatch.setattr(_resolve._Session, "result", result)
    monkeypatch.setattr(_resolve.ThreadPoolExecutor, "submit", interrupted)  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        place.assume_all(place.options(HUB), *["deploy"] * 30)
    # Eight threads, each of which may have begun another term before the rest was cancelled.
    assert len(begun) <= 20


def test_terms_are_resolved_without_threads_if_none_can_start(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = place.assume_all(place.options(HUB), "deploy", "deploy")

    def submit(*_arguments: Any) -> Any:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_resolve.ThreadPoolExecutor, "submit", submit)  # type: ignore[attr-defined]
    assert place.assume_all(place.options(HUB), "deploy", "deploy") == results
    assert place.calls() == 1
