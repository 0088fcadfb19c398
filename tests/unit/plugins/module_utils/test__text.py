# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import sys
import unicodedata

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _text

BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", ""),
        ("C:\\path 'quoted' ünïcode 名 \U0001f600", "C:\\path 'quoted' ünïcode 名 \U0001f600"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("one\ntwo\rthree\ttab", "one\\ntwo\\rthree\\ttab"),
        ("\x7f\x85\x9b2J", "\\x7f\\x85\\x9b2J"),
        ("\u2028\u202egpj.exe\u2066", "\\u2028\\u202egpj.exe\\u2066"),
        ("half \ud83d of a pair", "half \\ud83d of a pair"),
    ],
)
def test_escape_shows_what_would_act_on_a_terminal(text, expected):
    assert _text.escape(text) == expected


def test_escape_covers_every_control_character_and_surrogate():
    for number in range(sys.maxunicode + 1):
        if unicodedata.category(chr(number)) in ("Cc", "Cs", "Zl", "Zp"):
            assert _text.escape(chr(number)).isprintable(), hex(number)
        if unicodedata.bidirectional(chr(number)) in BIDI:
            assert _text.escape(chr(number)).isprintable(), hex(number)


def test_escape_keeps_what_a_text_of_lines_needs():
    assert _text.escape("a\n\tb\r\x1b", keep="\n\t") == "a\n\tb\\r\\x1b"


@pytest.mark.parametrize("text", ["x" * 100, "\x1b" * 100, "x" * 11, "\x1b" * 3])
def test_escape_bounds_the_length(text):
    shown = _text.escape(text, limit=10)
    assert len(shown) == 10 and shown.endswith("...")


def test_escape_leaves_what_is_just_as_long_as_it_may_be():
    assert _text.escape("x" * 10, limit=10) == "x" * 10


def test_encodable_escapes_lone_surrogates_at_every_depth():
    value = {"a\ud83d": ["b\udc00", ("\x1b\U0001f600", 1, None)], "c": True}
    assert _text.make_encodable(value) == {
        "a\\ud83d": ["b\\udc00", ["\x1b\U0001f600", 1, None]],
        "c": True,
    }


def test_quote_puts_a_bounded_name_in_quotes():
    assert _text.quote("it's\n") == "'it's\\n'"
    assert _text.quote("x" * 1000) == "'" + "x" * 61 + "...'"
