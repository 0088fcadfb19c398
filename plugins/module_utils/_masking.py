# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Takes secrets out of a program's output, by their values.

What is secret, and how a single value is shown, is said by the table in ``_modes``.
"""

import base64
import json
import re
import string
from typing import Any, Iterator, List, Mapping, Optional, Pattern

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils import _secret_arguments as _arguments

# Where base64 is wrapped, be it within JSON.
_BREAK = re.compile(r"\s|\\+[rn]")
_PLAIN = frozenset(string.ascii_letters + string.digits)
# What stands for signs of base64, and for a space, in URLs.
_IN_URLS = {"+": "-", "/": "_", " ": "+"}


class Masking:
    """Replaces the secrets and access key IDs that arguments or results hold, as ``_modes.masked`` shows them.

    A secret is found as it is, as URLs and JSON write it, however often it went through them, and in base64, alone or
    within other text, wrapped or not.
    """

    def __init__(self, *given: Any) -> None:
        # The longest first, as one can be part of another.
        found = sorted(set(_arguments.secrets(given)), key=lambda secret: (-len(secret), secret))
        self._forms = [form for secret in found for form in _forms(secret)]
        self._key_ids = sorted(set(_key_ids(given)), key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without the secrets."""
        for form in self._possible(text):
            text = form.pattern().sub(_modes.HIDDEN, text)
        for key_id in self._key_ids:
            text = text.replace(key_id, _modes.masked_id(key_id))
        return text

    def value(self, value: Any) -> Any:
        """A JSON document without the secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value

    def finds_secret(self, text: str) -> bool:
        """Whether a secret is in the text in any form."""
        return any(form.pattern().search(text) for form in self._possible(text))

    def _possible(self, text: str) -> List["_Form"]:
        """The forms that may be in the text. To compile the others would take as long as to run a program."""
        unwrapped = _BREAK.sub("", text)
        return [form for form in self._forms if form.core in text or form.core in unwrapped]


class _Form:
    """One form of a secret: the signs that it is made of, and whether these are base64, which may be wrapped."""

    def __init__(self, signs: str, *, encoded: bool) -> None:
        self._signs = signs
        self._between = "(?:{0})*".format(_BREAK.pattern) if encoded else ""
        self._pattern: Optional[Pattern[str]] = None
        # What stands in a text whatever becomes of the other signs.
        self.core = max(re.findall("[0-9A-Za-z]+", signs), key=len, default="")

    def pattern(self) -> Pattern[str]:
        """What finds the form in a text."""
        if self._pattern is None:
            self._pattern = re.compile(self._between.join(map(_written, self._signs)))
        return self._pattern


def _written(sign: str) -> str:
    """An expression for a sign as it is, as it is in URLs, or as it is in JSON, with any number of backslashes."""
    if sign in _PLAIN:
        return sign
    forms = [
        re.escape(sign),
        "(?i:{0})".format("".join("%(?:25)*{0:02x}".format(byte) for byte in sign.encode("utf-8"))),
        r"(?i:\\+u{0:04x})".format(ord(sign)),
        r"\\*" + re.escape(json.dumps(sign)[1:-1].lstrip("\\")),
        re.escape(_IN_URLS.get(sign, sign)),
    ]
    return "(?:{0})".format("|".join(forms))


def _forms(secret: str) -> Iterator[_Form]:
    yield _Form(secret, encoded=False)
    raw = secret.encode("utf-8")
    for offset in range(3):
        signs = _base64_core(raw, offset)
        if len(signs) >= _arguments.SHORTEST:
            yield _Form(signs, encoded=True)


def _base64_core(raw: bytes, offset: int) -> str:
    """The characters that the bytes alone decide where they stand ``offset`` bytes behind a group of three."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
    complete = (offset + len(raw)) * 8 // 6
    return encoded[(offset * 8 + 5) // 6 : complete]


def _key_ids(given: Any) -> Iterator[str]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            if name == "access_key_id" and value:
                yield str(value)
            else:
                yield from _key_ids(value)
    elif isinstance(given, (list, tuple)):
        for value in given:
            yield from _key_ids(value)
