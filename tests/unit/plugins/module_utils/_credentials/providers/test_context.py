# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the common code of providers: requests to other services, and reading their responses."""

import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers import (
    context as _context,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Limits
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    EXPIRATION,
    Scripted,
    answer,
)

SERVICE = _context.Service(name="the service", advice="check it")


def make_context(http=None, warnings=None):
    """Return a context without an environment. Its warnings are added to a list."""
    warn = [].append if warnings is None else warnings.append
    return _context.Context(http, None, {}, 0.0, False, resolve=lambda chain: None, warn=warn)


def ask(http, service=SERVICE):
    return _context.ask(
        make_context(http), service, "POST", "http://service.example/x", headers={}, body=b"b"
    )


def test_settings_that_are_missing_are_all_named():
    source = Source("External", {"a": "1", "b": "", "d": None}, profile="p", endpoint="")
    assert _context.require(source, "a") == ["1"]
    with pytest.raises(SourceError, match="^b, c, d is missing$"):
        _context.require(source, "a", "b", "c", "d")


@pytest.mark.parametrize("proxies", [True, False])
def test_request_is_sent_as_the_service_needs_it(proxies):
    http = Scripted(answer("text"))
    assert ask(http, SERVICE._replace(proxies=proxies)).body == b"text"
    (request,) = http.requests
    assert (request.method, request.url) == ("POST", "http://service.example/x")
    assert (request.body, request.proxies) == (b"b", proxies)


def test_server_error_is_retried_and_another_one_is_not():
    http = Scripted(answer("", 503), answer("", 404))
    assert ask(http).status == 404
    assert len(http.requests) == 2


def test_service_that_starts_is_asked_again():
    http = Scripted(answer("", 404), answer("text"))
    assert ask(http, SERVICE._replace(may_start=True)).status == 200


def test_retries_end_with_the_limits_of_the_service():
    http = Scripted(*[answer("", 503)] * 9)
    with pytest.raises(SourceError) as caught:
        ask(http, SERVICE._replace(limits=Limits(retries=1)))
    assert len(http.requests) == 2
    assert str(caught.value) == (
        "the service sent no response: service.example failed with HTTP status 503; check it"
    )


@pytest.mark.parametrize("code, has_own_advice", [("Timeout", True), ("TLS", False)])
def test_advice_is_that_of_the_service_unless_the_way_to_it_is_wrong(code, has_own_advice):
    with pytest.raises(SourceError) as caught:
        ask(Scripted(*[StsError("x failed", code=code)] * 9))
    assert str(caught.value).endswith("; check it") == has_own_advice


@pytest.mark.parametrize(
    "content, status, told",
    [
        ("{}", 403, "the service responded with HTTP status 403; check it"),
        ("hidden", 200, "the service returned no JSON object; check it"),
        ("[]", 200, "the service returned no JSON object; check it"),
        ("[" * 100000, 200, "the service returned no JSON object; check it"),
    ],
)
def test_answer_without_an_object(content, status, told):
    with pytest.raises(SourceError) as caught:
        _context.read_answer(answer(content, status), SERVICE)
    assert str(caught.value) == told


def test_answer_that_is_not_utf_8():
    with pytest.raises(SourceError):
        _context.parse_object(b'{"a": "\xff"}', "x")


def test_credentials_with_keys_in_any_case():
    wanted = ("STS.NUEXAMPLE", "hidden-secret", "hidden-token", EXPIRATION, "")
    for change in (str.lower, str.upper, lambda name: name[0].lower() + name[1:]):
        content = {change(name): value for name, value in CREDENTIALS.items()}
        assert _context.make_credentials(content, SERVICE, make_context()) == wanted


@pytest.mark.parametrize("name", ["AccessKeyId", "AccessKeySecret", "SecurityToken"])
@pytest.mark.parametrize("value", [None, "", 1, True, ["a"], {}])
def test_credentials_that_are_not_complete(name, value):
    with pytest.raises(SourceError) as caught:
        _context.make_credentials(dict(CREDENTIALS, **{name: value}), SERVICE, make_context())
    assert str(caught.value) == "the service returned no credentials; check it"


def test_credentials_count_after_success_only():
    context = make_context()
    content = dict(CREDENTIALS, Code="Success")
    assert _context.read_credentials(content, SERVICE, context).expiration == EXPIRATION
    for code in ("success", "", None, "Failed"):
        with pytest.raises(SourceError, match="^the service reported no success; check it$"):
            _context.read_credentials(dict(CREDENTIALS, Code=code), SERVICE, context)


@pytest.mark.parametrize(
    "value, seconds, warns",
    [
        (CREDENTIALS["Expiration"], EXPIRATION, False),
        (None, 0, False),
        ("", 0, False),
        ("soon", 0, True),
        (1767323045, 0, True),
        ([], 0, True),
    ],
)
def test_expiration(value, seconds, warns):
    warnings = []
    found = _context.read_expiration(value, "it", make_context(warnings=warnings))
    assert found == seconds and len(warnings) == warns


def test_file_with_text(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "token"
    path.write_bytes(b"t\xc3\xb6ken")
    assert _context.read_text("~/token", "the token") == "t\xf6ken"
    path.write_bytes(b"\xff")
    with pytest.raises(SourceError, match="^the token cannot be read: it is not a text file$"):
        _context.read_text(str(path), "the token")
    with pytest.raises(SourceError, match="^the token cannot be read: No such file or directory$"):
        _context.read_text(str(tmp_path / "other"), "the token")
    path.write_bytes(b"t" * (_context.MAX_FILE + 1))
    with pytest.raises(SourceError):
        _context.read_text(str(path), "the token")


def test_pipe_is_no_file_with_text(tmp_path):
    os.mkfifo(str(tmp_path / "pipe"))
    with pytest.raises(SourceError):
        _context.read_text(str(tmp_path / "pipe"), "the token")
