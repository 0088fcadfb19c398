# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the secrets that ansible-core gets to mask, if it can."""

from __future__ import annotations

import base64
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _secret_arguments
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.formats import FORMATS
from ansible_collections.aliyun.cli.plugins.plugin_utils import _registration

SECRET = "aB3+/x=& 9kL0/Tq"


@pytest.fixture(name="registered")
def fixture_registered(monkeypatch: Any) -> set[str]:
    """Return the secrets that are registered during a test."""
    registered: set[str] = set()
    monkeypatch.setattr(_registration, "_register", registered.update)
    monkeypatch.setattr(_registration, "_registered", set())
    return registered


def test_ansible_core_that_can_register_is_used() -> None:
    assert bool(_registration._register) is bool(find_spec("ansible.module_utils.secrets"))
    assert _registration.SHORTEST == _secret_arguments.SHORTEST


def test_ansible_core_that_cannot_register_is_left_alone(monkeypatch: Any) -> None:
    monkeypatch.setattr(_registration, "_register", None)
    _registration.register_results([{"access_key_secret": "not registered"}])
    _registration.register_arguments({"access_key_secret": "not registered"})
    assert "not registered" not in _registration._registered


@pytest.mark.parametrize(
    "name",
    ["access_key_secret", "security_token", "ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_SECURITY_TOKEN"],
)
def test_secrets_of_a_result_are_registered(registered: set[str], name: str) -> None:
    _registration.register_results([{name: SECRET, "access_key_id": "STS.NUEXAMPLE", "x": "y" * 9}])
    assert SECRET in registered
    assert not registered & {"STS.NUEXAMPLE", "y" * 9}


@pytest.mark.parametrize("name", FORMATS)
def test_secrets_are_registered_in_each_format(registered: set[str], name: str) -> None:
    result = dict.fromkeys(
        ("expiration", "region", "profile", "account_id", "assumed_role_arn"), "x"
    )
    secrets = {"access_key_secret": SECRET, "security_token": "CAIS" + SECRET}
    _registration.register_results(
        [FORMATS[name]({"access_key_id": "STS.NU", **result, **secrets})]
    )
    assert registered >= set(secrets.values())
    assert "STS.NU" not in registered


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        *(
            base64.b64encode(b"x" * offset + SECRET.encode() + b"end").decode()
            for offset in range(4)
        ),
    ],
)
def test_every_form_that_we_know_is_registered(registered: set[str], form: str) -> None:
    _registration.register_arguments({"source": {"access_key_secret": SECRET}})
    left = form
    for known in sorted(registered, key=len, reverse=True):
        left = left.replace(known, "")
    # The characters that belong to the neighbours too.
    assert len(left) <= 12 and len(form) - len(left) >= len(SECRET)


def test_lines_of_a_key_are_registered_but_no_header(registered: set[str]) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBg\nshort\n-----END PRIVATE KEY-----\n"
    _registration.register_arguments({"private_key": key})
    assert "MIIEvgIBADANBg" in registered
    assert not registered & {"short", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"}


@pytest.mark.parametrize(
    "secret", ["", "a", "short", _secret_arguments.ARGUMENT, _modes.HIDDEN, None, True]
)
def test_what_is_part_of_ordinary_text_is_not_registered(registered: set[str], secret: Any) -> None:
    _registration.register_arguments({"access_key_secret": secret})
    assert not registered


def test_a_secret_is_registered_once(registered: set[str]) -> None:
    _registration.register_results([{"access_key_secret": SECRET}])
    registered.clear()
    _registration.register_results([{"access_key_secret": SECRET}])
    assert not registered
