# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the metadata service of an instance: version 2, version 1, and neither."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    EXPIRATION,
    Scripted,
    answer,
    failure,
    obtained,
)

SERVICE = "http://100.100.100.200"
ROLES = "/latest/meta-data/ram/security-credentials/"
TOKEN = "X-aliyun-ecs-metadata-token"
GIVEN = answer(dict(CREDENTIALS, Code="Success"))
NO_V1 = {"ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}
NOWHERE = StsError("no connection to 100.100.100.200", code="Connection")
LATE = StsError("100.100.100.200 did not respond in time", code="Timeout")
ADVICE = (
    "; check that this runs on an ECS instance, and that its metadata service may be used from here"
)
WHO = "the metadata service at 100.100.100.200 "


def test_version_2_and_discovery():
    http = Scripted(answer("a-token=="), answer("machine\n"), GIVEN)
    credentials = obtained(http, mode="EcsRamRole")
    assert credentials == (
        "STS.NUEXAMPLE",
        "hidden-secret",
        "hidden-token",
        EXPIRATION,
        "",
    )
    asked = [(request.method, request.url) for request in http.requests]
    assert asked == [
        ("PUT", SERVICE + "/latest/api/token"),
        ("GET", SERVICE + ROLES),
        ("GET", SERVICE + ROLES + "machine"),
    ]
    assert http.requests[0].headers == {TOKEN + "-ttl-seconds": "21600"}
    assert [request.headers for request in http.requests[1:]] == [{TOKEN: "a-token=="}] * 2
    assert not any(request.proxies for request in http.requests)


@pytest.mark.parametrize(
    "profile, environ, role",
    [
        ({"ram_role_name": "named"}, {}, "named"),
        ({}, {"ALIBABA_CLOUD_ECS_METADATA": "environ"}, "environ"),
        ({"ram_role_name": "named"}, {"ALIBABA_CLOUD_ECS_METADATA": "environ"}, "named"),
        ({"ram_role_name": "../a?b"}, {}, "..%2Fa%3Fb"),
    ],
)
def test_role_that_is_named(profile, environ, role):
    http = Scripted(answer("a-token"), GIVEN)
    obtained(http, environ, mode="EcsRamRole", **profile)
    assert http.requests[1].url == SERVICE + ROLES + role


@pytest.mark.parametrize(
    "no_token",
    [
        [answer("", 404)],
        [answer("", 403)],
        [answer("")],
        [answer("two\nlines")],
        [answer("<html>no token</html>")],
        [answer("", 302)],
        [answer("", 503)] * 2,
        [NOWHERE] * 2,
        [LATE] * 2,
    ],
)
def test_version_1_where_there_is_no_token(no_token):
    http = Scripted(*(no_token + [GIVEN]))
    obtained(http, mode="EcsRamRole", ram_role_name="machine")
    assert http.requests[-1].headers == {}
    sentence = failure(Scripted(*no_token), NO_V1, mode="EcsRamRole", ram_role_name="machine")
    assert "version 1 is not tried" in sentence or sentence.startswith(WHO + "sent no response: ")


def test_passing_failure_of_version_2_is_no_reason_for_version_1():
    http = Scripted(answer("", 503), answer("a-token"), GIVEN)
    obtained(http, mode="EcsRamRole", ram_role_name="machine")
    assert http.requests[-1].headers == {TOKEN: "a-token"}


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ([answer("", 404)], "the instance has no RAM role; attach one, or use another mode"),
        ([answer("", 403)], WHO + "named no RAM role (HTTP status 403)" + ADVICE),
        ([answer("")], WHO + "named no RAM role (HTTP status 200)" + ADVICE),
        ([answer("hidden\nhidden")], WHO + "named no RAM role (HTTP status 200)" + ADVICE),
        ([answer("<html>hidden")], WHO + "named no RAM role (HTTP status 200)" + ADVICE),
        (
            [answer("machine"), answer("", 404)],
            "the instance has no RAM role 'machine'; check ram_role_name",
        ),
        ([answer("machine"), answer("", 403)], WHO + "responded with HTTP status 403" + ADVICE),
        ([answer("machine"), answer("hidden")], WHO + "returned no JSON object" + ADVICE),
        ([answer("machine"), answer(["hidden"])], WHO + "returned no JSON object" + ADVICE),
        ([answer("machine"), answer(CREDENTIALS)], WHO + "reported no success" + ADVICE),
        (
            [answer("machine"), answer({"Code": "Success"})],
            WHO + "returned no credentials" + ADVICE,
        ),
        (
            [NOWHERE] * 2,
            WHO + "sent no response: no connection to 100.100.100.200" + ADVICE,
        ),
        (
            [answer("", 500)] * 2,
            WHO + "sent no response: 100.100.100.200 failed with HTTP status 500" + ADVICE,
        ),
    ],
)
def test_no_credentials(answers, sentence):
    assert failure(Scripted(answer("a-token"), *answers), NO_V1, mode="EcsRamRole") == sentence


FAILURES = [[answer("", 404)], [answer("", 401)], [answer("", 500)] * 2, [NOWHERE] * 2]


@pytest.mark.parametrize("answers", FAILURES)
@pytest.mark.parametrize("named", [{}, {"ram_role_name": "machine"}])
def test_version_1_where_the_token_is_of_no_use(answers, named):
    name = [] if named else [answer("machine")]
    http = Scripted(answer("a-token"), *name + answers + [GIVEN])
    assert obtained(http, mode="EcsRamRole", **named).access_key_id == "STS.NUEXAMPLE"
    assert (http.requests[-2].headers, http.requests[-1].headers) == ({TOKEN: "a-token"}, {})
    told = failure(Scripted(answer("a-token"), *name + answers), NO_V1, mode="EcsRamRole", **named)
    # The error contains the response of the better version.
    refused = Scripted(answer("a-token"), *name + answers + [answer("", 403)])
    assert failure(refused, mode="EcsRamRole", **named) == told


@pytest.mark.parametrize("name", ["a_b", "a.b-c", "x" * 64])
def test_name_of_a_role_is_as_in_its_arn(name):
    http = Scripted(answer("a-token"), answer(name), GIVEN)
    obtained(http, mode="EcsRamRole")
    assert http.requests[-1].url == SERVICE + ROLES + name


def test_unreadable_expiration_is_warned_of():
    warnings = []
    given = answer(dict(CREDENTIALS, Code="Success", Expiration="soon"))
    http = Scripted(answer("a-token"), given)
    found = obtained(http, warnings=warnings, mode="EcsRamRole", ram_role_name="machine")
    assert found.expiration == 0
    (told,) = warnings
    assert told == "source of mode EcsRamRole (profile 'begin'): " + WHO + (
        "gave an expiration that is not in the format of RFC 3339: the credentials are not cached"
    )


@pytest.mark.parametrize(
    "environ, sentence",
    [
        (
            {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"},
            "it is disabled by ALIBABA_CLOUD_ECS_METADATA_DISABLED: unset this variable",
        ),
        (
            {"ALIYUN_CLI_METADATA_ENDPOINT": "http://10.0.0.1"},
            "ALIYUN_CLI_METADATA_ENDPOINT must be http:// with a loopback address",
        ),
        (
            {"ALIYUN_CLI_METADATA_ENDPOINT": "https://127.0.0.1"},
            "ALIYUN_CLI_METADATA_ENDPOINT must be http:// with a loopback address",
        ),
        (
            {"ALIYUN_CLI_METADATA_ENDPOINT": "http://evil\\@127.0.0.1/"},
            "ALIYUN_CLI_METADATA_ENDPOINT: a URL has no backslash, space, or control character",
        ),
    ],
)
def test_not_asked(environ, sentence):
    http = Scripted()
    assert failure(http, environ, mode="EcsRamRole") == sentence
    assert http.requests == []


def test_no_token_and_no_version_1():
    assert failure(Scripted(answer("", 404)), NO_V1, mode="EcsRamRole") == (
        WHO + "returned no token (HTTP status 404), and its version 1 is not tried, since"
        " ALIBABA_CLOUD_IMDSV1_DISABLED is set"
    )
