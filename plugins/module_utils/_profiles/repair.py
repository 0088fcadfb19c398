# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Repair faults that stop or mislead the CLI in the parsed document of config.json, and report each repair."""

from typing import Dict, List, Optional, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.profiles import (
    PLACEHOLDER,
    Document,
    Profile,
    ensure_current,
    has,
    index_profiles,
    list_profiles,
)

_MODES = frozenset(_modes.MODES)
_EXACT_MODES = {mode.lower(): mode for mode in _modes.MODES}


def repair(document: Document, scanned: Optional[_go_json.Scan] = None) -> List[str]:
    """Repair faults that stop or mislead the CLI. Return one sentence for each repair.

    ``scanned`` is the scan of the profiles, if the parser has made it.
    """
    repairs: List[str] = []
    # If `current` is missing too, the file was empty, which is reported when it is read.
    if not document["profiles"] and document["current"]:
        repairs.append("profiles is empty, so the CLI does not start")
    scanned = scanned or _go_json.scan(document["profiles"])
    if len(set(scanned.names)) < len(scanned.names):
        _separate_duplicates(document, repairs)
        scanned = _go_json.scan(document["profiles"])
    if not scanned.is_sound:
        document["profiles"] = [
            _repair_profile(profile, repairs) for profile in document["profiles"]
        ]
    profiles = list_profiles(document)
    if profiles and len(profiles) < len(document["profiles"]):
        repairs.append(
            "the placeholder profile '{0}' is not needed, and the CLI can fall back to it".format(
                PLACEHOLDER
            )
        )
    if profiles and not has(profiles, document["current"]):
        repairs.append(_describe_no_current(document["current"]))
    old = document["profiles"]
    ensure_current(document, profiles)
    if not profiles and old and document["profiles"][0] not in old:
        repairs.append(
            "the placeholder profile '{0}' contains values with which the CLI does not start".format(
                PLACEHOLDER
            )
        )
    return repairs


def _describe_no_current(current: str) -> str:
    if not current:
        return "current names no profile"
    return (
        "current names the profile '{0}', which does not exist, so the CLI does not start"
    ).format(current)


def _separate_duplicates(document: Document, repairs: List[str]) -> None:
    """Remove duplicates of a profile, and rename other profiles with its name, which the CLI cannot use."""
    first = index_profiles(document)
    taken: Set[str] = set(first)
    numbers: Dict[str, int] = {}
    kept = []
    for profile in document["profiles"]:
        name = profile["name"]
        if profile is not first[name]:
            if profile == first[name]:
                repairs.append("duplicate profile '{0}'".format(name))
                continue
            number = numbers.get(name, 2)
            while "{0}-{1}".format(name, number) in taken:
                number += 1
            numbers[name] = number + 1
            profile = dict(profile, name="{0}-{1}".format(name, number))
            taken.add(profile["name"])
            repairs.append(
                "another profile '{0}', which the CLI cannot use, is renamed to '{1}'".format(
                    name, profile["name"]
                )
            )
        kept.append(profile)
    document["profiles"] = kept


def _repair_profile(profile: Profile, repairs: List[str]) -> Profile:
    """Return the profile with its repairs, or the same object without one."""
    mode = profile["mode"]
    exact = mode if mode in _MODES else _EXACT_MODES.get(mode.lower(), mode)
    repaired = {}
    findings = []
    if exact != mode:
        findings.append("mode '{0}' must be spelled '{1}'".format(mode, exact))
        repaired["mode"] = exact
    for key, value in profile.items():
        if value.__class__ is str and key not in _go_json.NO_TEXT:
            continue
        field = _modes.KEYS.get(key)
        if field is None or field.has_type(value):
            continue
        converted = field.convert(value)
        if converted is not None:
            findings.append(
                "{0} is not of type {1}, so the CLI does not start".format(key, field.type)
            )
            repaired[key] = converted
    repairs.extend("profile '{0}': {1}".format(profile["name"], sentence) for sentence in findings)
    return dict(profile, **repaired) if repaired else profile
