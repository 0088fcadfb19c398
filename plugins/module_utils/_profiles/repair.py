# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mend what stops or misleads the CLI in the parsed document of config.json, and tell it."""

import itertools
import operator
from typing import Dict, List, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.profiles import (
    PHANTOM,
    Document,
    Profile,
    by_name,
    has,
    real,
    settle,
)

_MODE = operator.itemgetter("mode")
_VALUES = operator.methodcaller("values")
_MODES = frozenset(_modes.MODES)
_EXACT_MODES = {mode.lower(): mode for mode in _modes.MODES}
# Keys of values that are no texts, be it in old files.
_NO_TEXT = frozenset(key for key, field in _modes.KEYS.items() if field.type != "str")


def repair(document: Document) -> List[str]:
    """Mend what stops or misleads the CLI; one sentence for each thing that was mended."""
    told: List[str] = []
    # A document without a current profile either is of a file without content, which is told where that is read.
    if not document["profiles"] and document["current"]:
        told.append("there is no profile, so that the CLI does not start")
    _part_duplicates(document, told)
    for place in _suspects(document["profiles"]):
        document["profiles"][place] = _mended(document["profiles"][place], told)
    profiles = real(document)
    if profiles and len(profiles) < len(document["profiles"]):
        told.append(
            "the empty profile '{0}', on which the CLI can fall back, is left over".format(PHANTOM)
        )
    if profiles and not has(profiles, document["current"]):
        told.append(_no_current(document["current"]))
    old = document["profiles"]
    settle(document, profiles)
    if not profiles and old and document["profiles"][0] not in old:
        told.append(
            "the empty profile '{0}' holds what the CLI does not start with".format(PHANTOM)
        )
    return told


def _suspects(profiles: List[Profile]) -> List[int]:
    """Return the places of the profiles that may need a repair.

    There can be very many, and nearly all of them hold only texts: only the others are looked at one by one.
    """
    if not set(map(_MODE, profiles)) <= _MODES:
        return list(range(len(profiles)))
    types = list(map(type, itertools.chain.from_iterable(map(_VALUES, profiles))))
    others = len(types) - types.count(str)
    unusual = _NO_TEXT.intersection(set().union(*profiles))
    found = {place for key in unusual for place, profile in enumerate(profiles) if key in profile}
    known = sum(value.__class__ is not str for place in found for value in profiles[place].values())
    return sorted(found) if known == others else list(range(len(profiles)))


def _no_current(current: str) -> str:
    if not current:
        return "current names no profile"
    return (
        "current names the profile '{0}', which does not exist, so that the CLI does not start"
    ).format(current)


def _part_duplicates(document: Document, told: List[str]) -> None:
    """Of profiles with one name, drop equal ones and rename others, which the CLI cannot reach."""
    if len({profile["name"] for profile in document["profiles"]}) == len(document["profiles"]):
        return
    first = by_name(document)
    taken: Set[str] = set(first)
    numbers: Dict[str, int] = {}
    kept = []
    for profile in document["profiles"]:
        name = profile["name"]
        if profile is not first[name]:
            if profile == first[name]:
                told.append("the profile '{0}' stands there twice".format(name))
                continue
            number = numbers.get(name, 2)
            while "{0}-{1}".format(name, number) in taken:
                number += 1
            numbers[name] = number + 1
            profile = dict(profile, name="{0}-{1}".format(name, number))
            taken.add(profile["name"])
            told.append(
                "another profile '{0}', which the CLI cannot reach, is named '{1}'".format(
                    name, profile["name"]
                )
            )
        kept.append(profile)
    document["profiles"] = kept


def _mended(profile: Profile, told: List[str]) -> Profile:
    mode = profile["mode"]
    profile = dict(profile)
    mended = []
    exact = mode if mode in _MODES else _EXACT_MODES.get(mode.lower(), mode)
    if exact != mode:
        mended.append("the CLI knows the mode {0} as {1} only".format(mode, exact))
        profile["mode"] = exact
    for key, value in profile.items():
        if value.__class__ is str and key not in _NO_TEXT:
            continue
        field = _modes.KEYS.get(key)
        if field is None or _modes.has_type(field, value):
            continue
        converted = _modes.converted(field, value)
        if converted is not None:
            mended.append(
                "{0} is not of type {1}, so that the CLI does not start".format(key, field.type)
            )
            profile[key] = converted
    told.extend("profile '{0}': {1}".format(profile["name"], sentence) for sentence in mended)
    return profile
