# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Parse the bytes of config.json from any writer, and serialize them as the CLI does."""

import itertools
import json
import operator
import re
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

BOM = b"\xef\xbb\xbf"
_TOP_KEYS = ("current", "profiles", "meta_path")
_KNOWN = frozenset(_modes.ORDER)
_NAME, _MODE = operator.itemgetter("name"), operator.itemgetter("mode")
_VALUES = operator.methodcaller("values")
_MODES = frozenset(_modes.MODES)
# Keys whose values are not texts.
NO_TEXT = frozenset(key for key, field in _modes.KEYS.items() if field.type != "str")
_GO_ESCAPES = {char: "\\u{0:04x}".format(ord(char)) for char in "<>&\u2028\u2029"}
# Maximum depth that Python can compare and write. The CLI does not nest values.
_DEEPEST = 300


class Scan(NamedTuple):
    """Names, modes, and keys of all profiles.

    If ``is_sound``, each mode is known, and each value has the type of its key.
    """

    names: List[str]
    modes: Set[str]
    keys: Set[str]
    is_sound: bool


def scan(profiles: Sequence[Mapping[str, Any]]) -> Scan:
    """Scan profiles, each with a name and a mode. This is fast, since files can have very many profiles."""
    names, modes = list(map(_NAME, profiles)), set(map(_MODE, profiles))
    keys: Set[str] = set().union(*profiles)
    return Scan(names, modes, keys, modes <= _MODES and _has_types(profiles, keys))


def _has_types(profiles: Sequence[Mapping[str, Any]], keys: Set[str]) -> bool:
    """Return whether all values are texts, except those of a few keys, which have the type of their key."""
    others = 0
    for key in NO_TEXT & keys:
        values = [profile[key] for profile in profiles if key in profile]
        if not all(map(_modes.KEYS[key].has_type, values)):
            return False
        others += len(values)
    types = map(type, itertools.chain.from_iterable(map(_VALUES, profiles)))
    return operator.countOf(types, str) + others == sum(map(len, profiles))


def differ(profile: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two profiles have different bytes. For Python 1, 1.0 and True are equal, for the CLI they are not."""
    return profile is not other and (
        profile != other or list(map(type, profile.values())) != list(map(type, other.values()))
    )


def any_differ(profiles: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether profiles at the same place in two equal lists have different bytes."""
    # Most profiles are the same object, and a function is called only for the others.
    changed = itertools.compress(zip(profiles, others), map(operator.is_not, profiles, others))
    return any(itertools.starmap(differ, changed))


def dump(document: Dict[str, Any]) -> bytes:
    """Serialize a document as the CLI does: indented with tabs, with Go's escapes, without a newline at the end."""
    text = json.dumps(document, indent="\t", ensure_ascii=False)
    for sign, escape in _GO_ESCAPES.items():
        # A search is faster than a replacement without a match.
        if sign in text:
            text = text.replace(sign, escape)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # In JSON, a lone surrogate is valid only as an escape.
        halves = re.compile("[\ud800-\udfff]")
        text = halves.sub(lambda match: "\\u{0:04x}".format(ord(match.group())), text)
        return text.encode("utf-8")


def parse(content: Optional[bytes], path: str) -> Tuple[Dict[str, Any], List[str]]:
    """Return the document of a file in one shape, and one sentence for each repair by a write. Raise ConfigFileError."""
    return parse_and_scan(content, path)[:2]


def parse_and_scan(
    content: Optional[bytes], path: str
) -> Tuple[Dict[str, Any], List[str], Optional[Scan]]:
    """Return the same as parse(), and the scan of the profiles if they have the form in which the CLI writes them."""
    empty: Dict[str, Any] = {"current": "", "profiles": [], "meta_path": ""}
    if content is None:
        return empty, [], None
    findings = []
    if content.startswith(BOM):
        content = content[len(BOM) :]
        findings.append("the file begins with a byte order mark, so the CLI does not start")
    if not content.strip(b" \t\r\n"):
        return empty, findings + ["the file is empty, so the CLI does not start"], None
    text = _decode(content, path)
    document = _load(text, path)
    try:
        scanned = _normalize(document, findings)
        _check_depth(document, text, scanned)
    except _WrongShape as wrong:
        raise ConfigFileError(
            "{0}: not a configuration of the CLI: {1}".format(path, wrong)
        ) from None
    return document, findings, scanned


def _decode(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigFileError(
            "{0}, line {1}: not valid JSON: not UTF-8".format(path, line)
        ) from None


def _load(text: str, path: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_parse_float)
    except json.JSONDecodeError as error:
        where = "{0}, line {1}, column {2}".format(path, error.lineno, error.colno)
        why = error.msg
    except ValueError:
        where, why = path, "a number that cannot be read"
    except RecursionError:
        where, why = path, "nested too deeply"
    raise ConfigFileError("{0}: not valid JSON: {1}".format(where, why))


def _parse_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class _WrongShape(Exception):
    """A document that is not a configuration of the CLI."""


def _normalize(document: Dict[str, Any], findings: List[str]) -> Optional[Scan]:
    """Convert a document to the single shape that all other code requires. Raise _WrongShape.

    Return the scan of the profiles if they had this shape.
    """
    if not isinstance(document, dict):
        raise _WrongShape("an object is expected")
    _normalize_keys(document, _TOP_KEYS, findings, "")
    if "profiles" not in document and _KNOWN.intersection(map(str.lower, document)):
        raise _WrongShape("it is a single profile: put it into a list named profiles")
    _check_shape(document)
    if document.get("profiles", 0) is None:
        document["profiles"] = []
        findings.append("profiles is null, so the CLI does not start")
    for key in _TOP_KEYS:
        document.setdefault(key, [] if key == "profiles" else "")
    scanned = _scan_written(document["profiles"])
    if not scanned:
        document["profiles"] = _normalize_profiles(document["profiles"], findings)
    return scanned


def _scan_written(profiles: List[Any]) -> Optional[Scan]:
    """Return the scan of profiles if all of them have the form of the CLI."""
    try:
        scanned = scan(profiles)
        # Join raises TypeError for a value that is not a text, as scan does for a profile that is not an object.
        "".join(scanned.names)
        "".join(scanned.modes)
    except (KeyError, TypeError):
        return None
    return scanned if scanned.keys <= _KNOWN else None


def _normalize_profiles(profiles: List[Any], findings: List[str]) -> List[Dict[str, Any]]:
    kept = []
    for number, profile in enumerate(profiles, 1):
        if profile is None:
            findings.append("profile {0} is null".format(number))
            continue
        if not isinstance(profile, dict):
            raise _WrongShape("profile {0} must be an object".format(number))
        if not profile.keys() <= _KNOWN:
            _normalize_keys(profile, _KNOWN, findings, " of profile {0}".format(number))
        _check_texts(profile, number)
        kept.append(profile)
    return kept


def _check_texts(profile: Dict[str, Any], number: int) -> None:
    for key in ("name", "mode"):
        if profile.get(key) is None:
            profile[key] = ""
        elif not isinstance(profile[key], str):
            raise _WrongShape("{0} of profile {1} must be a text".format(key, number))


def _check_shape(document: Dict[str, Any]) -> None:
    for key in ("current", "meta_path"):
        value = document.get(key, "")
        # In Go, null is the same as unset.
        if value is None:
            document[key] = ""
        elif not isinstance(value, str):
            raise _WrongShape("{0} must be a text".format(key))
    profiles = document.get("profiles")
    if profiles is None:
        return
    if not isinstance(profiles, list):
        raise _WrongShape("profiles must be a list of objects")


def _normalize_keys(
    mapping: Dict[str, Any], known: Collection[str], findings: List[str], where: str
) -> None:
    """Spell known keys as the CLI writes them. Order stays.

    The CLI ignores their case. Of several equal keys, the last one counts, but null does not replace a value.
    """
    renamed = {key: key.lower() for key in mapping if key not in known and key.lower() in known}
    if not renamed:
        return
    items = [(renamed.get(key, key), value) for key, value in mapping.items()]
    mapping.clear()
    for key, value in items:
        if value is not None or key not in mapping:
            mapping[key] = value
    findings.extend(
        "the key {0}{1} is spelled {2}".format(name, where, key) for key, name in renamed.items()
    )


def _check_depth(document: Dict[str, Any], text: str, scanned: Optional[Scan]) -> None:
    if scanned and scanned.is_sound and len(document) == len(_TOP_KEYS):
        return
    # With fewer brackets, the depth needs no check.
    if text.count("[") + text.count("{") < len(document["profiles"]) + _DEEPEST:
        return
    level: List[Any] = [document]
    for _depth in range(_DEEPEST):
        values = [
            value
            for outer in level
            for value in (outer.values() if isinstance(outer, dict) else outer)
        ]
        level = [value for value in values if isinstance(value, (dict, list))]
        if not level:
            return
    raise _WrongShape("nested too deeply")
