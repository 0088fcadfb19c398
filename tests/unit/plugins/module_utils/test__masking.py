# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials that a program prints, in whatever form it prints them."""

import base64
import json
from typing import Any, Callable, Dict
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._masking import Masking

SECRET = "aB3+/x=&9kL0/Tq"
TOKEN = "CAIS8gF1q6Ft5B2y+fSjIr5/CMa/sp0V5IuYcnDe3g==mD"
CREDENTIALS = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": SECRET,
    "security_token": TOKEN,
    "region": "cn-hangzhou",
}
PRINTS: Dict[str, Callable[[str], str]] = {
    "clear": str,
    "within text": lambda secret: "key=" + secret + ";",
    "quoted": lambda secret: quote(secret, safe=""),
    "quoted as a path": quote,
    "quoted as a form": quote_plus,
    "small digits": lambda secret: (
        quote(secret, safe="").replace("%2F", "%2f").replace("%2B", "%2b")
    ).replace("%3D", "%3d"),
    "quoted twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "base64 with one character before": lambda secret: base64.b64encode(
        b":" + secret.encode()
    ).decode(),
    "base64 within text": lambda secret: base64.b64encode(
        b"id:" + secret.encode() + b":end"
    ).decode(),
    "base64 with two characters before": lambda secret: base64.b64encode(
        b"a:" + secret.encode() + b"\n"
    ).decode(),
    "JSON": json.dumps,
    "JSON of PHP": lambda secret: json.dumps(secret).replace("/", "\\/"),
    "JSON of Java": lambda secret: json.dumps(secret)
    .replace("=", "\\u003d")
    .replace("&", "\\u0026"),
}


@pytest.mark.parametrize("secret", [SECRET, TOKEN])
@pytest.mark.parametrize("form", sorted(PRINTS))
def test_no_form_is_left(form: str, secret: str) -> None:
    shown = PRINTS[form](secret)
    masked = Masking(CREDENTIALS).text("before " + shown + " after")
    assert masked.startswith("before ") and masked.endswith(" after")
    assert "***" in masked
    # At either end of base64 two characters belong to the neighbours too, and stay.
    for begin in range(len(shown) - 8):
        piece = shown[begin : begin + 8]
        assert piece not in masked or piece not in PRINTS[form](secret)[4:-4]


def test_the_key_id_keeps_its_end() -> None:
    assert Masking(CREDENTIALS).text("I am STS.NUEXAMPLE.") == "I am ***PLE."


def test_what_is_no_credential_stays() -> None:
    text = "cn-hangzhou, nothing else"
    assert Masking(CREDENTIALS).text(text) == text
    assert Masking({"access_key_id": "", "access_key_secret": ""}).text(text) == text


def test_a_secret_within_the_other_leaves_nothing() -> None:
    masking = Masking({"access_key_secret": "inner", "security_token": "outer-inner-outer"})
    assert masking.text("outer-inner-outer") == "***"


def test_documents_are_masked_throughout() -> None:
    document: Any = {SECRET: [TOKEN, {"a": 1, "b": "x" + SECRET}], "n": None}
    assert Masking(CREDENTIALS).value(document) == {
        "***": ["***", {"a": 1, "b": "x***"}],
        "n": None,
    }
