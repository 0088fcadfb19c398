# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that a program prints, in whatever form it prints them."""

import base64
import json
import textwrap
from typing import Any, Callable, Dict, List
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _masking, _modes
from ansible_collections.aliyun.cli.plugins.module_utils._masking import Masking

SECRET = "aB3+/x=&9kL0/Tq"
TOKEN = "CAIS8gF1q6Ft5B2y+fSjIr5/CMa/sp0V5IuYcnDe3g==mD"
CREDENTIALS = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": SECRET,
    "security_token": TOKEN,
    "region": "cn-hangzhou",
}
OTHER = str.maketrans("abcdefgAB3590LTqIS", "hijklmnCD4681MUrJV")
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
    "JSON within JSON": lambda secret: json.dumps(json.dumps(secret).replace("/", "\\/")),
    "JSON of Java within JSON": lambda secret: json.dumps(secret.replace("=", "\\u003D")),
    "base64 for URLs, quoted": lambda secret: quote(
        base64.b64encode(secret.encode()).decode(), safe=""
    ),
    "base64 as openssl wraps it": lambda secret: "\n".join(
        textwrap.wrap(base64.b64encode(b"x" * 40 + secret.encode()).decode(), 64)
    ),
    "base64 as mail wraps it": lambda secret: "\r\n".join(
        textwrap.wrap(base64.b64encode(b"x" * 50 + secret.encode()).decode(), 76)
    ),
    "wrapped base64 within YAML": lambda secret: "\n    ".join(
        textwrap.wrap(base64.b64encode(secret.encode()).decode(), 12)
    ),
    "wrapped base64 within JSON": lambda secret: json.dumps(
        "\n".join(textwrap.wrap(base64.b64encode(secret.encode()).decode(), 12))
    ),
}


def rest(form: str, secret: str) -> List[str]:
    """Return the text before and after the secret that masking leaves."""
    masking = Masking({"access_key_secret": secret})
    shown = "before " + PRINTS[form](secret) + " after"
    assert masking.has_secret(shown)
    return masking.mask_text(shown).split("***")


@pytest.mark.parametrize("secret", [SECRET, TOKEN])
@pytest.mark.parametrize("form", sorted(PRINTS))
def test_what_is_left_of_a_form_says_nothing_of_the_secret(form: str, secret: str) -> None:
    before, after = rest(form, secret)
    other_before, other_after = rest(form, secret.translate(OTHER))
    # At either end of base64 there is a sign that belongs to the neighbour too, and stays.
    assert before[:-1] == other_before[:-1] and len(before) == len(other_before)
    assert after[1:] == other_after[1:] and len(after) == len(other_after)
    assert before.startswith("before ") and after.endswith(" after")


@pytest.mark.parametrize("secret", [SECRET, TOKEN, "/+" + SECRET, SECRET + "\\"])
def test_each_of_many_encodings_in_one_text_is_masked(secret: str) -> None:
    masking = Masking({"access_key_secret": secret})
    texts = [make(secret) for _name, make in sorted(PRINTS.items())] * 2
    together = masking.mask_text(" | ".join(texts))
    assert together == " | ".join(map(masking.mask_text, texts))


def test_what_is_no_secret_is_not_found() -> None:
    assert not Masking(CREDENTIALS).has_secret("STS.NUEXAMPLE in cn-hangzhou")
    assert not Masking({}).has_secret("")


def test_the_key_id_keeps_its_end() -> None:
    assert Masking(CREDENTIALS).mask_text("I am STS.NUEXAMPLE.") == "I am ***PLE."


def test_what_is_no_credential_stays() -> None:
    text = "cn-hangzhou, nothing else"
    assert Masking(CREDENTIALS).mask_text(text) == text
    assert Masking({"access_key_id": "", "access_key_secret": ""}).mask_text(text) == text


def test_a_secret_within_the_other_leaves_nothing() -> None:
    masking = Masking({"access_key_secret": "inner"}, {"sts_token": "outer-inner-outer"})
    assert masking.mask_text("outer-inner-outer") == "***"


def test_documents_are_masked_throughout() -> None:
    document: Any = {SECRET: [TOKEN, {"a": 1, "b": "x" + SECRET}], "n": None}
    assert Masking(CREDENTIALS).mask_value(document) == {
        "***": ["***", {"a": 1, "b": "x***"}],
        "n": None,
    }


def test_the_secrets_of_all_arguments_are_masked() -> None:
    source = {"mode": "AK", "access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "first"}
    masking = Masking(CREDENTIALS, {"source": source, "profiles": [{"private_key": "a b\nc"}]})
    text = "LTAI5tEXAMPLE first, STS.NUEXAMPLE {0}, a%20b%0Ac".format(SECRET)
    assert masking.mask_text(text) == "***PLE ***, ***PLE ***, ***"


def test_names_of_the_table_and_of_nothing_else_are_secret() -> None:
    for field in _modes.FIELDS:
        assert _modes.is_secret(field.name) == _modes.is_secret(field.key) == field.secret
    for name in CREDENTIALS:
        assert _modes.is_secret(name) == (name in ("access_key_secret", "security_token"))


@pytest.mark.parametrize("width", [12, 13, 64])
@pytest.mark.parametrize("before", [0, 1, 50, 196575, 262100])
def test_wrapped_base64_is_found_wherever_a_line_ends(width: int, before: int) -> None:
    encoded = base64.b64encode(b"\0" * before + SECRET.encode() + b"end").decode()
    for separator in ("\n", "\r\n    ", "\\n", "\\\\\\r\\\\\\n"):
        text = separator.join(textwrap.wrap(encoded, width))
        masking = Masking({"access_key_secret": SECRET})
        assert masking.has_secret(text)
        assert masking.mask_text(text).count("***") == 1


LONG = "".join("{0:03d}:".format(number) for number in range(250))
BREAKS = ["\n", "\r\n    ", "\\r\\n", "\n\\n", " ", "\n" * 5000]


@pytest.mark.parametrize("width", [12, 76])
@pytest.mark.parametrize("offset", [0, 1, 2])
@pytest.mark.parametrize("separator", BREAKS, ids=ascii)
def test_long_wrapped_base64_leaves_nothing(width: int, offset: int, separator: str) -> None:
    encoded = base64.b64encode(b"x" * offset + LONG.encode()).decode()
    text = "<" + separator.join(textwrap.wrap(encoded, width)) + ">"
    masking = Masking({"access_key_secret": LONG})
    assert masking.has_secret(text)
    # A character at either end belongs to the neighbour too.
    before, after = masking.mask_text(text).split("***")
    assert len(before) <= 1 + (offset * 8 + 5) // 6 and len(after) <= 4


def test_base64_that_is_not_complete_stays() -> None:
    encoded = "\n".join(textwrap.wrap(base64.b64encode(LONG.encode()).decode(), 76))
    masking = Masking({"access_key_secret": LONG})
    for text in (encoded[:-40], encoded[40:], encoded[:500] + "!" + encoded[500:]):
        assert masking.mask_text(text) == text


def test_parts_of_base64_are_found_over_the_end_of_a_chunk() -> None:
    encoded = base64.b64encode(LONG.encode()).decode()
    masking = Masking({"access_key_secret": LONG})
    for before in range(_masking._CHUNK - len(encoded), _masking._CHUNK + 2, 61):
        text = " " * before + encoded[:300] + "\n" * _masking._CHUNK + encoded[300:]
        assert masking.mask_text(text).lstrip(" ").startswith("***")


@pytest.mark.parametrize("line_break", ["\\n", "\\\\\\r", "\\\\r\\\\n", "\\" * 40 + "n"], ids=ascii)
def test_a_break_over_the_end_of_a_chunk_is_read_whole(line_break: str) -> None:
    encoded = base64.b64encode(SECRET.encode()).decode()
    masking = Masking({"access_key_secret": SECRET})
    for before in range(_masking._CHUNK - 8 - len(line_break), _masking._CHUNK - 7):
        text = " " * before + encoded[:8] + line_break + encoded[8:]
        assert masking.mask_text(text).strip(" ") == "***"


HOSTILE = ["\\", "\\" * 99 + "n", "%25", "\n", SECRET[:-1], '\\\\"', "\\u002f\\", "%", "+/", "\\n"]


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("secret", [SECRET, TOKEN, '"\\\\"\\n/', "\\\\\\\\x\\\\\\\\", "+/+/+/"])
def test_every_character_is_read_a_few_times_only(part: str, secret: str) -> None:
    # A text of which the time grows with the square would take minutes.
    text = part * (1000000 // len(part))
    assert Masking({"access_key_secret": secret}).mask_text(text + " end").endswith(" end")


@pytest.mark.parametrize(
    "secret", ['"quoted"', "\\back\\\\slash\\", "/a", "!?", "new\nline\n", "ünï", "\ud83d", 'a\\"b']
)
@pytest.mark.parametrize("times", [0, 1, 2, 3, 6])
def test_any_characters_are_masked_at_any_depth(secret: str, times: int) -> None:
    in_json = in_url = secret
    for _time in range(times):
        in_json = json.dumps(in_json)[1:-1]
        in_url = quote(in_url.encode("utf-8", "surrogatepass"), safe="")
    masking = Masking({"access_key_secret": secret})
    for text in (in_json, in_url):
        assert masking.mask_text("<{0}>".format(text)) == "<***>"
