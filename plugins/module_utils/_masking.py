# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Replaces secrets in the output of a program by their values, in time proportional to the output.

``_modes`` decides what is secret, and how a single value is shown.
"""

import base64
import io
import itertools
import json
import re
import string
from typing import (
    Any,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Pattern,
    Sequence,
    Set,
    Tuple,
)

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _secret_arguments

# A break in wrapped base64, also within JSON, and the same read backwards.
_BREAK = r"(?:\s|\\+[rn])*"
_BREAK_BACKWARDS = r"(?:\s|[rn]\\+)*"
# The narrowest wrapped base64 that is found for certain, in characters.
_NARROWEST = 12
_BREAK_OF_JSON = re.compile(r"\\*[rn]?")
# Characters that are searched for wrapped base64 at a time.
_CHUNK = 131072
# The longest part of a form that is searched for. Longer ones take another algorithm, which is slow for some texts.
_LONGEST = 64
_SPACES = b" \t\n\r\v\f"
# How often the length of a wrapped form is corrected. Lines of 12 characters take four times.
_MEASURES = 6
_PLAIN = frozenset(string.ascii_letters + string.digits)
# What replaces characters of base64, and a space, in URLs.
_IN_URLS = {"+": "-", "/": "_", " ": "+"}
# Characters before a part of a secret that can belong to it: for each of its own, and in all.
_REACH = (12, 256)


class Masking:
    """Replaces the secrets and access key IDs that arguments or results hold, as ``_modes.mask`` shows them.

    A secret is found as it is, as URLs and JSON write it, at any depth, and in base64, alone or within other text, wrapped
    or not. ``secrets`` are further ones.
    """

    def __init__(self, *given: Any, secrets: Iterable[str] = ()) -> None:
        # The longest first, since one can be part of another.
        found = sorted(set(_secret_arguments.find_secrets(given)).union(secrets), key=_by_length)
        # Each form, and for base64 the same form wrapped.
        self._forms: List[Tuple[_Form, Optional[_Wrapped]]] = []
        for secret in found:
            for signs in _make_forms(secret):
                form = _Form(signs, _find_longest_run(signs))
                self._forms.append((form, None if signs == secret else _Wrapped(signs)))
        self._key_ids = sorted(set(_find_key_ids(given)), key=_by_length)

    def mask_text(self, text: str) -> str:
        """Return the text without the secrets."""
        # Most texts have no base64 of a secret. One look at the text without breaks serves all forms of base64.
        present = self._find_base64(text)
        for form, wrapped in self._forms:
            if wrapped is None or wrapped in present:
                text = form.replace(text)
        text = _replace(text, _find_wrapped_spans(text, present))
        for key_id in self._key_ids:
            text = text.replace(key_id, _modes.mask_id(key_id))
        return text

    def mask_value(self, value: Any) -> Any:
        """Return a JSON document without the secrets."""
        if isinstance(value, str):
            return self.mask_text(value)
        if isinstance(value, dict):
            return {self.mask_text(key): self.mask_value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.mask_value(item) for item in value]
        return value

    def has_secret(self, text: str) -> bool:
        """Return whether the text has a secret in any form."""
        spans = itertools.chain(
            *(form.spans(text) for form, _wrapped in self._forms),
            _find_wrapped_spans(text, self._find_base64(text)),
        )
        return next(spans, None) is not None

    def _find_base64(self, text: str) -> "List[_Wrapped]":
        # One character is found much faster than a form. Short outputs rarely have all characters of one.
        forms = [
            wrapped
            for _form, wrapped in self._forms
            if wrapped and all(sign in text for sign in wrapped.letters)
        ]
        return _find_present(text, forms) if forms else []


class _Form:
    """One form of a secret, found by a part of it that no encoding changes.

    What is around that part is matched from there, so that no character of a text is read more than a few times. ``core`` is
    where the part begins and ends, ``wrapped`` whether there can be breaks in the form.
    """

    def __init__(self, signs: str, core: Tuple[int, int], *, wrapped: bool = False) -> None:
        start, end = core
        self._signs = signs
        self._core = signs[start:end]
        self._around = (signs[:start], signs[end:])
        self._breaks = (_BREAK_BACKWARDS, _BREAK) if wrapped else ("", "")
        self._patterns: Optional[Tuple[Pattern[str], Pattern[str]]] = None
        self._reach = start * _REACH[0] + _REACH[1] if start else 0
        self._lines = (
            tuple(part.encode() for part in (signs[:start][::-1], signs[end:])) if wrapped else ()
        )

    def _compiled(self) -> Tuple[Pattern[str], Pattern[str]]:
        # Only for text that has the part: this can take as long as to run a program.
        if self._patterns is None:
            before, after = (
                make(signs, between)
                for make, signs, between in zip((_backwards, _forwards), self._around, self._breaks)
            )
            self._patterns = re.compile(before), re.compile(after)
        return self._patterns

    def replace(self, text: str) -> str:
        """Return the text without this form."""
        if self._core not in text:
            return text
        # The form as it is first, as that is fast.
        text = text.replace(self._signs, _modes.HIDDEN)
        return text if self._core == self._signs else _replace(text, self.spans(text))

    def spans(
        self, text: str, start: int = 0, end: Optional[int] = None
    ) -> Iterator[Tuple[int, int]]:
        """Yield where the form begins and ends in the text. Its part must be from ``start`` to ``end``."""
        if not self._core:
            # A lookbehind has each run of backslashes read once.
            pattern = r"(?<!\\)" + _forwards(self._signs, "")
            yield from (found.span() for found in re.finditer(pattern, text))
            return
        place = text.find(self._core, start, end)
        while place >= 0:
            stop = place + len(self._core)
            span = self._find_lines(text, place, stop)
            if span:
                yield span
                place = text.find(self._core, span[1], end)
                continue
            before, after = self._compiled()
            end_match = after.match(text, stop)
            begin_match = end_match and before.match(
                text[max(0, place - self._reach) : place][::-1]
            )
            if end_match and begin_match:
                stop = end_match.end()
                yield place - begin_match.end(), stop
            else:
                stop = place + 1
            place = text.find(self._core, stop, end)

    def _find_lines(self, text: str, start: int, stop: int) -> Optional[Tuple[int, int]]:
        """Return the span of the form if it has only spaces and line feeds in it, as most programs write it."""
        if not self._lines:
            return None
        before, after = self._lines
        size = _measure_lines(text[stop : stop + 2 * len(after) + _REACH[1]], after)
        if size is None:
            return None
        back = text[max(0, start - 2 * len(before) - _REACH[1]) : start][::-1]
        back_size = _measure_lines(back, before)
        return None if back_size is None else (start - back_size, stop + size)


class _Wrapped:
    """Base64 of a secret, wrapped. It is looked for without breaks first, and then in that part of the text."""

    def __init__(self, signs: str) -> None:
        start, end = _find_longest_run(signs)
        self.core = signs[start:end].encode("ascii")
        self.letters = sorted(set(signs[start:end]))
        end = min(end, start + _NARROWEST)
        middle = (start + end) // 2
        # Of two parts that are close, one has no break.
        self._forms = [
            _Form(signs, core, wrapped=True) for core in ((start, middle), (middle, end))
        ]

    def spans(self, text: str, start: int, end: int) -> Iterator[Tuple[int, int]]:
        """Yield where the form begins and ends, which has a part from ``start`` to ``end``."""
        for form in self._forms:
            yield from form.spans(text, start, end)


class _Chunk(NamedTuple):
    """A part of a text, and the same without breaks."""

    start: int
    end: int
    squeezed: bytes


def _measure_lines(text: str, signs: bytes) -> Optional[int]:
    """Return the length of the signs at the beginning of the text, with the spaces between them, or None."""
    size = len(signs)
    for _time in range(_MEASURES):
        part = text[:size].encode("ascii", "replace").translate(None, _SPACES)
        if not signs.startswith(part) or size > len(text):
            return None
        if len(part) == len(signs):
            return size
        # Never too many, so the last one is no space.
        size += len(signs) - len(part)
    return None


def _find_present(text: str, forms: Sequence[_Wrapped]) -> List[_Wrapped]:
    """Return the forms with a part in the text without breaks. No others are in the text, wrapped or not."""
    longest = max((len(form.core) for form in forms), default=0)
    present: Set[_Wrapped] = set()
    missing, carry = list(forms), b""
    for chunk in _split_chunks(text):
        if not missing:
            break
        seam = carry + chunk.squeezed[:longest]
        present.update(form for form in missing if form.core in chunk.squeezed or form.core in seam)
        missing = [form for form in missing if form not in present]
        carry = (chunk.squeezed if len(chunk.squeezed) >= longest else seam)[-longest:]
    return [form for form in forms if form in present]


def _find_wrapped_spans(text: str, forms: Sequence[_Wrapped]) -> Iterator[Tuple[int, int]]:
    """Yield where wrapped forms begin and end in the text, in order and apart from each other."""
    longest = max((len(form.core) for form in forms), default=0)
    carry, carry_start, done = b"", 0, 0
    for chunk in _split_chunks(text) if forms else ():
        squeezed = carry + chunk.squeezed
        hit = [form for form in forms if form.core in squeezed]
        spans = sorted(
            span for form in hit for span in form.spans(text, max(done, carry_start), chunk.end)
        )
        for start, end in spans:
            if start >= done:
                yield start, end
                done = end
        if len(chunk.squeezed) >= longest:
            carry_start = chunk.start
        carry = squeezed[-longest:]


def _split_chunks(text: str) -> Iterator[_Chunk]:
    start = 0
    while start < len(text):
        end = min(start + _CHUNK, len(text))
        if text[end - 1] == "\\":
            # A break of JSON is not divided.
            end = _BREAK_OF_JSON.match(text, end).end()  # type: ignore[union-attr]
        content = text[start:end].encode("utf-8", "surrogatepass")
        if b"\\" in content:
            for letter in (b"n", b"r"):
                # One character is found much faster than two, if there are many backslashes.
                if letter in content:
                    # Not by nothing: the characters around it could make up another one.
                    content = content.replace(b"\\" + letter, b"\n")
        yield _Chunk(start, end, content.translate(None, b"\\" + _SPACES))
        start = end


def _replace(text: str, spans: Iterator[Tuple[int, int]]) -> str:
    first = next(spans, None)
    if first is None:
        return text
    # Unlike a list of parts it takes no more memory than the text.
    result = io.StringIO()
    done = 0
    for start, end in itertools.chain([first], spans):
        # A match can reach back over the one before.
        result.write(text[done : max(start, done)])
        result.write(_modes.HIDDEN)
        done = end
    result.write(text[done:])
    return result.getvalue()


def _forwards(signs: str, between: str) -> str:
    """Return an expression for characters as they are, as URLs write them, and as JSON does with any number of backslashes.

    ``between`` is an expression for what can be before each of them.
    """
    parts = []
    slashes = r"\\*"
    for sign in re.findall(r"\\+|[^\\]", signs):
        if sign[0] == "\\":
            # However many there are, another number can be in their place.
            parts.append(r"(?:\\|(?i:u005c|%(?:25)*5c))+")
        elif sign in _PLAIN:
            parts.append(sign)
        else:
            url = "".join("%(?:25)*{0:02x}".format(byte) for byte in _bytes(sign))
            parts.append(
                "(?:(?i:{url})|{slashes}(?:(?i:u{code:04x})|{plain}))".format(
                    url=url, slashes=slashes, code=ord(sign), plain="|".join(_plain(sign))
                )
            )
        # Backslashes are taken once, or the time to match would grow with their square.
        slashes = "" if sign[0] == "\\" else r"\\*"
    return "".join(between + part for part in parts)


def _backwards(signs: str, between: str) -> str:
    """Return the same for characters that are read backwards."""
    parts = []
    taken = False
    for sign in re.findall(r"\\+|[^\\]", signs[::-1]):
        if sign[0] == "\\":
            encoded = r"(?i:c500u|c5(?:52)*%)"
            parts.append(
                r"(?:{0}\\*)*".format(encoded) if taken else r"(?:\\|{0})+".format(encoded)
            )
        elif sign in _PLAIN:
            parts.append(sign)
        else:
            url = "".join(
                "{0}(?:52)*%".format("{0:02x}".format(byte)[::-1])
                for byte in reversed(_bytes(sign))
            )
            code = "{0:04x}".format(ord(sign))[::-1]
            parts.append(
                r"(?:(?i:{url})|(?:(?i:{code}u)|{plain})\\*)".format(
                    url=url, code=code, plain="|".join(_plain(sign))
                )
            )
        # The backslashes before a character are those of the one behind.
        taken = sign not in _PLAIN
    return "".join(between + part for part in parts)


def _bytes(sign: str) -> bytes:
    return sign.encode("utf-8", "surrogatepass")


def _plain(sign: str) -> Iterable[str]:
    """Return expressions for a character as it is, in JSON behind backslashes, and in URLs without a percent sign."""
    short = json.dumps(sign)[1:-1].lstrip("\\")
    forms = {sign, _IN_URLS.get(sign, sign)}
    return sorted(map(re.escape, forms.union([short] if len(short) == 1 else [])))


def _by_length(secret: str) -> Tuple[int, str]:
    return -len(secret), secret


def _make_forms(secret: str) -> Iterator[str]:
    """Yield the secret, and its base64 forms."""
    yield secret
    raw = secret.encode("utf-8", "surrogatepass")
    for offset in range(3):
        signs = _make_base64_core(raw, offset)
        if len(signs) >= _secret_arguments.SHORTEST:
            yield signs


def _find_longest_run(signs: str) -> Tuple[int, int]:
    """Return the span of the longest run of letters and digits, or of its beginning if it is longer than needed."""
    runs = [found.span() for found in re.finditer("[0-9A-Za-z]+", signs)]
    start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    return start, min(end, start + _LONGEST)


def _make_base64_core(raw: bytes, offset: int) -> str:
    """Return the characters that depend on the bytes alone, ``offset`` bytes behind a group of three."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
    complete = (offset + len(raw)) * 8 // 6
    return encoded[(offset * 8 + 5) // 6 : complete]


def _find_key_ids(given: Any) -> Iterator[str]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            if name == "access_key_id" and value:
                yield str(value)
            else:
                yield from _find_key_ids(value)
    elif isinstance(given, (list, tuple)):
        for value in given:
            yield from _find_key_ids(value)
