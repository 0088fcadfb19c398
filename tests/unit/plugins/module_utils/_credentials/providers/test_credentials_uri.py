# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A URI that answers credentials."""

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

URI = "https://credentials.example.com:8443/hidden?token=hidden"
WHO = "the credentials URI at credentials.example.com:8443 "
ADVICE = "; check credentials_uri and the server there"
GIVEN = answer(dict(CREDENTIALS, Code="Success"))


def test_credentials():
    http = Scripted(GIVEN)
    credentials = obtained(http, mode="CredentialsURI", credentials_uri=URI)
    assert credentials == ("STS.NUEXAMPLE", "hidden-secret", "hidden-token", EXPIRATION, "")
    (request,) = http.requests
    assert (request.method, request.url, request.proxies) == ("GET", URI, True)


def test_credentials_that_do_not_say_how_long_they_last():
    given = dict(CREDENTIALS, Code="Success")
    del given["Expiration"]
    http = Scripted(answer(given))
    assert obtained(http, mode="CredentialsURI", credentials_uri=URI).expiration == 0


def test_uri_of_the_environment():
    http = Scripted(GIVEN)
    environ = {"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:1/x"}
    obtained(http, environ, mode="CredentialsURI")
    (request,) = http.requests
    assert (request.url, request.proxies) == ("http://127.0.0.1:1/x", False)


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ([answer("hidden", 404)], WHO + "responded with HTTP status 404" + ADVICE),
        ([answer("hidden", 302)], WHO + "responded with HTTP status 302" + ADVICE),
        ([answer("<html>hidden")], WHO + "returned no JSON object" + ADVICE),
        ([answer(dict(CREDENTIALS, Code="hidden"))], WHO + "reported no success" + ADVICE),
        (
            [answer(dict(CREDENTIALS, Code="Success", AccessKeyId=7))],
            WHO + "returned no credentials",
        ),
        (
            [answer(dict(CREDENTIALS, Code="Success", AccessKeySecret="hidden\r\nX: y"))],
            "access_key_secret has a space, a line break, or another character that no access key has",
        ),
        (
            [answer(dict(CREDENTIALS, Code="Success", SecurityToken="hidden" * 3000))],
            "security_token has more than 16384 characters",
        ),
        ([answer({"Code": "Success"})], WHO + "returned no credentials" + ADVICE),
        (
            [answer("", 503)] * 9,
            WHO
            + "sent no response: credentials.example.com:8443 failed with HTTP status 503"
            + ADVICE,
        ),
        (
            [StsError("no TLS", code="TLS")],
            WHO + "sent no response: no TLS; check ca_bundle and the",
        ),
        (
            [StsError("no proxy", code="Proxy")],
            WHO + "sent no response: no proxy; check HTTPS_PROXY and NO_PROXY",
        ),
    ],
)
def test_no_credentials(answers, sentence):
    told = failure(Scripted(*answers), mode="CredentialsURI", credentials_uri=URI)
    assert told.startswith(sentence)


@pytest.mark.parametrize(
    "environ, profile, sentence",
    [
        (
            {"ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS": "1"},
            {"credentials_uri": URI},
            "it is disabled by ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: unset this variable",
        ),
        ({}, {}, "credentials_uri is missing"),
        (
            {},
            {"credentials_uri": "http://hidden@127.0.0.1/"},
            "credentials_uri: a URL has no user before its host",
        ),
        (
            {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"},
            {"credentials_uri": "http://100.100.100.200/latest"},
            "the metadata service is disabled by ALIBABA_CLOUD_ECS_METADATA_DISABLED: unset this variable",
        ),
    ],
)
def test_not_asked(environ, profile, sentence):
    http = Scripted()
    assert failure(http, environ, mode="CredentialsURI", **profile) == sentence
    assert http.requests == []


def test_failure_that_passes():
    http = Scripted(answer("", 503), answer("", 429), GIVEN)
    obtained(http, mode="CredentialsURI", credentials_uri=URI)
    assert len(http.requests) == 3


def test_service_of_this_machine_that_is_starting():
    http = Scripted(answer("", 404), answer("", 404), GIVEN)
    obtained(http, mode="CredentialsURI", credentials_uri="http://127.0.0.1:1/x")
    assert len(http.requests) == 3
    never = Scripted(*[answer("", 404)] * 9)
    told = failure(never, mode="CredentialsURI", credentials_uri="http://localhost:1/x")
    assert "failed with HTTP status 404" in told
