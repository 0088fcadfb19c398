# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Find secrets by value in the output of a program, and replace them, in time proportional to the output.

``_modes`` decides which values are secret, and how a single value is shown.
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
# Minimum line length of wrapped base64 that is always found, in characters.
_NARROWEST = 12
# Characters that are searched for wrapped base64 at a time.
_CHUNK = 131072
# The longest part of a form that is searched for. Longer ones take another algorithm, which is slow for some texts.
_LONGEST = 64
_SPACES = b" \t\n\r\v\f"
# How often the length of a wrapped form is corrected. Lines of 12 characters take four times.
_MEASURES = 6
# How many encodings of a form are replaced as text before the others.
_ENCODINGS = 3
_PLAIN = frozenset(string.ascii_letters + string.digits)
# Replacements for characters of base64, and for a space, in URLs.
_IN_URLS = {"+": "-", "/": "_", " ": "+"}
# Maximum number of characters before the core that belong to a secret: for each character of the form, and constant.
_REACH = (12, 256)


class Masking:
    """Replaces secrets and access key IDs from arguments or results in the way of ``_modes.mask``.

    A secret is found unchanged, escaped for URLs and JSON at any depth, and in base64, alone or within other text,
    wrapped or not. ``secrets`` are further ones.
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
    """A form of a secret, found by its core, a part that no encoding changes.

    The rest is matched from there in both directions, so no character of a text is read more than a few times. ``core``
    is the start and end of that part. With ``wrapped``, the form can contain line breaks.
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
        # Only for text that contains the core, since compiling can take as long as running a program.
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
        # First the unchanged form, since that is fast.
        text = text.replace(self._signs, _modes.HIDDEN)
        if self._core == self._signs:
            return text
        done = 0
        for _time in range(_ENCODINGS):
            start, end = next(self.spans(text, done), (0, 0))
            if start == end:
                return text
            if text[start] not in _PLAIN or text[end - 1] == "\\":
                # More characters before or after it can belong to another occurrence.
                break
            # An output seldom encodes a secret in many ways, and the same text is replaced much faster.
            text = text.replace(text[start:end], _modes.HIDDEN)
            done = start
        return _replace(text, self.spans(text, done))

    def spans(
        self, text: str, start: int = 0, end: Optional[int] = None
    ) -> Iterator[Tuple[int, int]]:
        """Yield start and end of the form in the text. Its core must be between ``start`` and ``end``."""
        if not self._core:
            # With a lookbehind, each run of backslashes is read once.
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
        """Return start and end of the form if it contains only spaces and line feeds as breaks."""
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
    """Wrapped base64 of a secret. Search for it in the text without breaks first, then in that part of the text."""

    def __init__(self, signs: str) -> None:
        start, end = _find_longest_run(signs)
        self.core = signs[start:end].encode("ascii")
        self.letters = sorted(set(signs[start:end]))
        end = min(end, start + _NARROWEST)
        middle = (start + end) // 2
        # At most one of two adjacent parts contains a break.
        self._forms = [
            _Form(signs, core, wrapped=True) for core in ((start, middle), (middle, end))
        ]

    def spans(self, text: str, start: int, end: int) -> Iterator[Tuple[int, int]]:
        """Yield start and end of the form. Its core must be between ``start`` and ``end``."""
        for form in self._forms:
            yield from form.spans(text, start, end)


class _Chunk(NamedTuple):
    """A part of a text, and its content without breaks."""

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
    """Yield start and end of wrapped forms in the text, in order and without overlaps."""
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
        if text[end - 1] == "\\" and text[end : end + 1] in ("n", "r"):
            # Do not split a line break in JSON before its letter. Backslashes alone are removed in both chunks.
            end += 1
        content = text[start:end].encode("utf-8", "surrogatepass")
        if b"\\" in content:
            for letter in (b"n", b"r"):
                # One character is found much faster than two, if there are many backslashes.
                if letter in content:
                    # Not by an empty text: the characters around it could form another break.
                    content = content.replace(b"\\" + letter, b"\n")
        yield _Chunk(start, end, content.translate(None, b"\\" + _SPACES))
        start = end


def _replace(text: str, spans: Iterator[Tuple[int, int]]) -> str:
    first = next(spans, None)
    if first is None:
        return text
    # Unlike a list of parts, this takes no more memory than the text.
    result = io.StringIO()
    done = 0
    for start, end in itertools.chain([first], spans):
        # A match can overlap the previous one.
        result.write(text[done : max(start, done)])
        result.write(_modes.HIDDEN)
        done = end
    result.write(text[done:])
    return result.getvalue()


def _forwards(signs: str, between: str) -> str:
    """Return an expression for characters: unchanged, escaped for URLs, and for JSON with any number of backslashes.

    ``between`` is an expression for optional text before each character.
    """
    parts = []
    slashes = r"\\*"
    for sign in re.findall(r"\\+|[^\\]", signs):
        if sign[0] == "\\":
            # The number of backslashes can differ from that in the secret.
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
        # Backslashes are matched once. Otherwise, the time would grow with the square of their number.
        slashes = "" if sign[0] == "\\" else r"\\*"
    return "".join(between + part for part in parts)


def _backwards(signs: str, between: str) -> str:
    """Return the expression of :func:`_forwards` for text that is read backwards."""
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
        # The backslashes before a character belong to the character after them.
        taken = sign not in _PLAIN
    return "".join(between + part for part in parts)


def _bytes(sign: str) -> bytes:
    return sign.encode("utf-8", "surrogatepass")


def _plain(sign: str) -> Iterable[str]:
    """Return expressions for a character: unchanged, in JSON after backslashes, and in URLs without a percent sign."""
    short = json.dumps(sign)[1:-1].lstrip("\\")
    forms = {sign, _IN_URLS.get(sign, sign)}
    return sorted(map(re.escape, forms.union([short] if len(short) == 1 else [])))


def _by_length(secret: str) -> Tuple[int, str]:
    return -len(secret), secret


def _make_forms(secret: str) -> Iterator[str]:
    """Yield the secret and its base64 forms."""
    yield secret
    raw = secret.encode("utf-8", "surrogatepass")
    for offset in range(3):
        signs = _make_base64_core(raw, offset)
        if len(signs) >= _secret_arguments.SHORTEST:
            yield signs


def _find_longest_run(signs: str) -> Tuple[int, int]:
    """Return start and end of the longest run of letters and digits, or of its beginning if it is long."""
    runs = [found.span() for found in re.finditer("[0-9A-Za-z]+", signs)]
    start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    return start, min(end, start + _LONGEST)


def _make_base64_core(raw: bytes, offset: int) -> str:
    """Return the base64 characters that depend only on the bytes, if they begin ``offset`` bytes after a group of three."""
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
