# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test requests to STS, its responses, and retries."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _signature
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import sts as _sts
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    EXPIRATION,
    Scripted,
    answer,
    assumed,
    refused,
)

ROLE = "acs:ram::1000000000000001:role/hub"
URL = "https://sts.cn-hangzhou.aliyuncs.com"
KEY = Credentials("LTAI5tEXAMPLE", "hidden-key")
SESSION = Credentials("STS.NUBEFORE", "hidden-key", "hidden-token+/==")
HOP = _chain.Hop(ROLE, "me", "ext +1", 900, '{"a": "b c"}', "alice", URL)
IDENTITY = {"AccountId": "1000000000000001", "Arn": "acs:ram::1000000000000001:user/deploy"}
NOW = 1760000000
EXPIRED = "InvalidTimeStamp.Expired"


def client(*answers, now=NOW):
    http = Scripted(*answers)
    return http, _sts.Sts(http, now=lambda: now + http.time)


def test_assume_role():
    http, sts = client(assumed(ROLE))
    assert sts.assume_role(SESSION, HOP) == Credentials(
        "STS.NUEXAMPLE", "hidden-secret", "hidden-token", EXPIRATION, ROLE + "/session"
    )
    (request,) = http.requests
    assert request.method == "POST" and request.url.startswith(URL + "/?")
    assert request.query == {
        "DurationSeconds": "900",
        "ExternalId": "ext +1",
        "Policy": '{"a": "b c"}',
        "RoleArn": ROLE,
        "RoleSessionName": "me",
        "SourceIdentity": "alice",
    }
    assert "%20" in request.url and "+" not in request.url and request.body == b""
    assert "hidden" not in request.url


def test_what_is_empty_is_not_sent():
    http, sts = client(assumed(ROLE))
    sts.assume_role(KEY, HOP._replace(external_id="", policy="", source_identity=""))
    assert set(http.requests[0].query) == {"DurationSeconds", "RoleArn", "RoleSessionName"}
    assert "x-acs-security-token" not in http.requests[0].headers


def test_headers_and_signature():
    http, sts = client(answer(IDENTITY))
    sts.get_caller_identity(SESSION, "https://sts.example.com:8443")
    (request,) = http.requests
    headers = dict(request.headers)
    assert request.url == "https://sts.example.com:8443/"
    assert len(headers.pop("x-acs-signature-nonce")) == 32
    authorization = headers.pop("authorization")
    assert headers == {
        "host": "sts.example.com:8443",
        "accept": "application/json",
        "x-acs-action": "GetCallerIdentity",
        "x-acs-version": "2015-04-01",
        "x-acs-date": "2025-10-09T08:53:20Z",
        "x-acs-content-sha256": _signature.hash_body(b""),
        "x-acs-security-token": "hidden-token+/==",
    }
    assert authorization == _signature.make_authorization(
        method="POST",
        path="/",
        query={},
        headers=request.headers,
        access_key_id="STS.NUBEFORE",
        access_key_secret="hidden-key",
    )


def test_call_without_a_signature_has_its_parameters_in_the_body():
    http, sts = client(answer({"RequestId": "R-0"}))
    form = {"OIDCToken": "a.b+/=~ ", "RoleArn": ROLE}
    assert sts.call("AssumeRoleWithOIDC", URL, form=form) == {"RequestId": "R-0"}
    (request,) = http.requests
    assert request.url == URL + "/" and request.form == form
    assert "authorization" not in request.headers
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["x-acs-content-sha256"] == _signature.hash_body(request.body)


def test_each_try_has_a_nonce_and_a_time_of_its_own(monkeypatch):
    from ansible_collections.aliyun.cli.plugins.module_utils import _http

    monkeypatch.setattr(_http.random, "uniform", lambda low, high: high * 8)
    failures = [refused("Throttling.User"), refused("InternalError", 500), answer("", 503)]
    http, sts = client(*(failures + [answer(IDENTITY)]))
    assert sts.get_caller_identity(KEY, URL) == IDENTITY
    for name in ("x-acs-signature-nonce", "x-acs-date", "authorization"):
        assert len({request.headers[name] for request in http.requests}) == 4


@pytest.mark.parametrize("code, status", [("NoPermission", 403), ("SignatureDoesNotMatch", 400)])
def test_what_is_not_tried_again(code, status):
    http, sts = client(refused(code, status))
    with pytest.raises(StsError) as caught:
        sts.get_caller_identity(KEY, URL)
    assert (caught.value.code, caught.value.http_status, caught.value.request_id) == (
        code,
        status,
        "R-1",
    )
    assert "hidden" not in str(caught.value) and len(http.requests) == 1


def late(date="Thu, 09 Oct 2025 10:53:20 GMT"):
    """Return the error of a server whose clock is two hours ahead."""
    return refused(EXPIRED)._replace(headers={"date": date})


def test_clock_is_corrected_for_this_call_and_the_next():
    http, sts = client(late(), answer(IDENTITY), answer(IDENTITY))
    sts.get_caller_identity(KEY, URL)
    sts.get_caller_identity(KEY, URL)
    dates = [request.headers["x-acs-date"] for request in http.requests]
    assert dates == ["2025-10-09T08:53:20Z", "2025-10-09T10:53:20Z", "2025-10-09T10:53:20Z"]
    assert http.time == 0


def test_clock_is_corrected_for_the_host_that_said_so():
    http, sts = client(late(), answer(IDENTITY), answer(IDENTITY))
    sts.get_caller_identity(KEY, URL)
    sts.get_caller_identity(KEY, "https://sts.aliyuncs.com")
    assert http.requests[2].headers["x-acs-date"] == "2025-10-09T08:53:20Z"


def test_clock_is_corrected_once():
    http, sts = client(late(), late())
    for calls in (2, 3):
        http.answers.append(late())
        with pytest.raises(StsError, match="the call is refused"):
            sts.get_caller_identity(KEY, URL)
        assert len(http.requests) == calls


def test_clock_that_is_set_between_two_calls_is_corrected_again():
    earlier = late("Thu, 09 Oct 2025 07:53:20 GMT")
    http, sts = client(late(), answer(IDENTITY), earlier, answer(IDENTITY))
    sts.get_caller_identity(KEY, URL)
    sts.get_caller_identity(KEY, URL)
    assert http.requests[3].headers["x-acs-date"] == "2025-10-09T07:53:20Z"


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "soon"}, {"date": "-1 x 99999"}])
def test_no_time_to_correct_the_clock_by(headers):
    http, sts = client(refused(EXPIRED)._replace(headers=headers))
    with pytest.raises(StsError) as caught:
        sts.get_caller_identity(KEY, URL)
    assert caught.value.code == EXPIRED and len(http.requests) == 1


def test_failure_after_the_correction_is_tried_again():
    http, sts = client(late(), answer("", 503), answer(IDENTITY))
    assert sts.get_caller_identity(KEY, URL) == IDENTITY
    assert http.requests[2].headers["x-acs-date"].startswith("2025-10-09T10:53:2")


def changed(**changes):
    document = {"Credentials": dict(CREDENTIALS), "AssumedRoleUser": {"Arn": ROLE + "/me"}}
    document["Credentials"].update(changes)
    return document


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"Credentials": None},
        {"Credentials": dict(CREDENTIALS)},
        dict(changed(), AssumedRoleUser={"Arn": "role"}),
        dict(changed(), AssumedRoleUser={"Arn": None}),
        changed(AccessKeyId=""),
        changed(AccessKeySecret=None),
        changed(SecurityToken=["x"]),
        changed(Expiration="tomorrow"),
        changed(Expiration=1767323045),
    ],
)
def test_answer_without_credentials(document):
    with pytest.raises(StsError, match="^the answer holds no credentials$") as caught:
        _sts.parse_credentials(document)
    assert (caught.value.code, caught.value.http_status) == ("Answer", 200)


@pytest.mark.parametrize("change", [{"AccountId": None}, {"Arn": 1}, {"Arn": None}])
def test_answer_without_an_identity(change):
    sts = client(answer(dict(IDENTITY, **change)))[1]
    with pytest.raises(StsError, match="^the answer holds no identity$"):
        sts.get_caller_identity(KEY, URL)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", "\ud800", '{"a": NaN'])
def test_answer_that_is_no_object(body):
    given = answer("", 200)._replace(body=body.encode("utf-8", "surrogatepass"))
    with pytest.raises(StsError, match="^the answer is not readable$"):
        _sts.parse(given)
