# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Says where in config.json something is wrong. Loaded only where a file is refused."""

import json
import re
from typing import Any, Iterator, Tuple, Union

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.0-9A-Za-z]+')


def refused(
    path: str, text: str, place: Union[int, Tuple[str, int], None], why: str
) -> ConfigFileError:
    """The error for a file. The place is an index of its text, a key with a number, or None for the first bad number.

    A key is one of the top level, empty for the whole document; of its value the number picks an element, from 1.
    """
    if place is None:
        at = _bad_number(text)
    else:
        at = place if isinstance(place, int) else _begin(text, *place)
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return ConfigFileError("{0}, line {1}, column {2}: {3}".format(path, line, column, why))


def _bad_number(text: str) -> int:
    for match in _TOKEN.finditer(text):
        token = match.group()
        try:
            # Other constants, and numbers that are too large, are read by Python only, or by nobody.
            if token[0] in "-0123456789NI" and json.loads(token) - json.loads(token) != 0:
                return match.start()
        except ValueError:
            return match.start()
    return 0


def _begin(text: str, key: str, number: int) -> int:
    """Where the value of a key begins, or an element of it by number; the start of the document without a key."""
    begin = _skip(text, 0)
    if not key:
        return begin
    # Of several the last one counts that is not null, however they are spelled.
    begins = [at for name, at in _items(text, begin) if name.lower() == key]
    begin = [at for at in begins if not text.startswith("null", at)][-1]
    return begin if not number else list(_items(text, begin))[number - 1][1]


def _items(text: str, begin: int) -> Iterator[Tuple[Any, int]]:
    """The keys of an object, or the numbers of a list's elements, each with where its value begins in the text."""
    decoder = json.JSONDecoder()
    is_object = text[begin] == "{"
    at = _skip(text, begin + 1)
    key: Any = 0
    while text[at] not in "]}":
        if is_object:
            key, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, decoder.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
        key = key if is_object else key + 1


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]
