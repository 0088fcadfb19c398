# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Takes credentials out of what a program prints."""

import base64
import json
from typing import Any, Iterator, List, Mapping, Tuple
from urllib.parse import quote, quote_plus

from ansible_collections.aliyun.cli.plugins.module_utils import _modes

SECRETS = ("access_key_secret", "security_token")
# Shorter ones would hit ordinary text.
_SHORTEST_ENCODED = 6


class Masking:
    """Replaces the values of credentials (by the keys of a result) as ``_modes.masked`` shows them.

    A secret is found as it is, as URLs and JSON write it, and in base64, be it encoded alone or within other text.
    """

    def __init__(self, credentials: Mapping[str, Any]) -> None:
        found = set()
        key_id = credentials.get("access_key_id")
        if key_id:
            found.add((key_id, _modes.masked(_modes.KEYS["access_key_id"], key_id)))
        hidden = _modes.masked(_modes.KEYS["access_key_secret"], "")
        for name in SECRETS:
            found.update((form, hidden) for form in forms(credentials.get(name) or ""))
        # The longest first, as one form can be part of another.
        self._pairs: List[Tuple[str, str]] = sorted(
            found, key=lambda pair: (-len(pair[0]), pair[0])
        )

    def text(self, text: str) -> str:
        """The text without the credentials."""
        for form, replacement in self._pairs:
            text = text.replace(form, replacement)
        return text

    def value(self, value: Any) -> Any:
        """A JSON document without the credentials."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value


def forms(secret: str) -> Iterator[str]:
    """The secret and how it looks encoded."""
    if not secret:
        return
    yield secret
    for form in _encoded(secret):
        if len(form) >= _SHORTEST_ENCODED:
            yield form


def _encoded(secret: str) -> Iterator[str]:
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield _small_escapes(quoted)
        # Once more, as in the text that a signature is made of.
        yield quote(quoted, safe="")
    escaped = json.dumps(secret)[1:-1]
    yield escaped
    yield escaped.replace("/", "\\/")
    for character in "<>&='":
        escaped = escaped.replace(character, "\\u{0:04x}".format(ord(character)))
    yield escaped
    raw = secret.encode("utf-8")
    for offset in range(3):
        core = _base64_core(raw, offset)
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _small_escapes(quoted: str) -> str:
    first, *others = quoted.split("%")
    return "%".join([first] + [part[:2].lower() + part[2:] for part in others])


def _base64_core(raw: bytes, offset: int) -> str:
    """The characters that the bytes alone decide where they stand ``offset`` bytes behind a group of three."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
    complete = (offset + len(raw)) * 8 // 6
    return encoded[(offset * 8 + 5) // 6 : complete]
