# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Put, remove, activate, check and show profiles: functions on the parsed document of config.json.

Profiles are never changed in place, so identity means unchanged.
"""

import itertools
import operator
import os
from typing import Any, Container, Dict, Iterable, List, Mapping, Optional, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rules, _text
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    MissingProfileError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._files import read_file

Document = Dict[str, Any]
# Read-only. A change creates a new profile.
Profile = Mapping[str, Any]

PLACEHOLDER = "default"
_NAME = operator.itemgetter("name")
_PLACEHOLDER_KEYS = frozenset(("name", "mode", "output_format", "language", "site"))
# Maximum number of profile names in a sentence, and of characters in a name.
_LISTED = 10


def index_profiles(document: Document) -> Dict[str, Profile]:
    """Return the profiles by name. The first one of a name counts, as for the CLI."""
    result: Dict[str, Profile] = {}
    for profile in document["profiles"]:
        result.setdefault(profile["name"], profile)
    return result


def list_profiles(document: Document) -> List[Profile]:
    """Return the profiles without the placeholder ``default``, which the CLI needs in an empty file."""
    if PLACEHOLDER not in map(_NAME, document["profiles"]):
        return list(document["profiles"])
    return [
        profile
        for profile in document["profiles"]
        if profile["name"] != PLACEHOLDER or not _is_placeholder(profile)
    ]


def format_names(document: Document) -> str:
    """Return the names of the first profiles for use in a sentence."""
    profiles = list_profiles(document)
    if not profiles:
        return "no profile"
    names = [_text.quote(profile["name"]) for profile in profiles[:_LISTED]]
    more = len(profiles) - len(names)
    return ", ".join(names) + (", and {0} more".format(more) if more else "")


def _is_placeholder(profile: Profile) -> bool:
    # Older versions of the CLI wrote every key, most of them empty.
    if profile["mode"] or profile["name"] != PLACEHOLDER:
        return False
    return not any(value for key, value in profile.items() if key not in _PLACEHOLDER_KEYS)


def _is_readable(profile: Profile) -> bool:
    return all(field.has_type(profile.get(key)) for key, field in _modes.KEYS.items())


def ensure_current(document: Document, profiles: List[Profile]) -> None:
    """Replace the profiles by these, and ensure that the CLI starts.

    ``current`` becomes the first profile if it names no existing one. Without profiles, keep or add the placeholder
    profile.
    """
    if not profiles:
        placeholder = {"name": PLACEHOLDER, "mode": "", "output_format": "json", "language": "en"}
        left = (profile for profile in document["profiles"] if _is_placeholder(profile))
        profiles = [next(filter(_is_readable, left), placeholder)]
    document["profiles"] = profiles
    if not has(profiles, document["current"]):
        # If `current` is missing, the CLI uses "default".
        unsaid = not document["current"] and has(profiles, PLACEHOLDER)
        document["current"] = PLACEHOLDER if unsaid else profiles[0]["name"]


def has(profiles: Iterable[Profile], name: str) -> bool:
    """Return whether one of the profiles has the name."""
    return name in map(_NAME, profiles)


# --- changing


def put(
    document: Document, entries: Iterable[Mapping[str, Any]], *, update_secrets: bool = True
) -> List[str]:
    """Create or update profiles. Return the names of those that no longer have credentials for a chain.

    The entries are by option name, with ``name`` and ``mode``. None keeps what is stored, an empty value removes it.
    Fields that the mode does not use are removed; unknown keys stay. Without ``update_secrets`` a stored secret is kept as long
    as its access key ID is. The first profile of a file becomes current. Raises ProfileError.
    """
    profiles = list_profiles(document)
    entries = list(entries)
    wanted = {options["name"] for options in entries}
    # The first one of a name counts.
    indexes: Dict[str, int] = {}
    names = list(map(_NAME, profiles))
    for index in itertools.compress(itertools.count(), map(wanted.__contains__, names)):
        indexes.setdefault(names[index], index)
    lost = []
    for options in entries:
        name = options["name"]
        if not name or not name.isprintable():
            raise ProfileError("a profile needs a name of printable characters")
        stored = profiles[indexes[name]] if name in indexes else None
        try:
            profile = _merge(stored, options, update_secrets)
        except ProfileError as error:
            raise ProfileError("profile '{0}': {1}".format(name, error)) from None
        if stored is None:
            indexes[name] = len(profiles)
            profiles.append(profile)
        else:
            had_some = stored["mode"] and not _lacks_credentials(stored["mode"])
            if had_some and _lacks_credentials(profile["mode"]):
                lost.append(name)
            profiles[indexes[name]] = profile
    ensure_current(document, profiles)
    return lost


def _merge(stored: Optional[Profile], options: Mapping[str, Any], update_secrets: bool) -> Profile:
    new = {"name": options["name"], "mode": "", "output_format": "json", "language": "en"}
    profile: Dict[str, Any] = dict(stored or new)
    mode = options.get("mode") or profile["mode"]
    if not mode:
        which = "a new profile" if stored is None else "a profile without a mode"
        raise ProfileError("mode is required for {0}: set mode".format(which))
    _prune(profile, mode)
    profile["mode"] = mode
    changes = {
        field.key: options[field.name]
        for field in _modes.FIELDS
        # A setting is removed under its old key, too.
        if options.get(field.name) is not None
        and (field.option or not options[field.name])
        and (mode in field.modes or mode not in _modes.MODES)
    }
    _check_new_key(profile, changes)
    if not update_secrets and "access_key_id" not in _find_changes(profile, changes):
        for key in [key for key in changes if _modes.KEYS[key].secret and profile.get(key)]:
            del changes[key]
    merged = arrange(profile, changes)
    _drop_state(merged, profile)
    _modes.check_mode_fields(mode, options, merged)
    return merged


def _drop_state(profile: Dict[str, Any], old: Profile) -> None:
    """Remove state that the CLI or an SDK stored for other settings: keys and tokens of another login or command."""
    mode = profile["mode"]
    for key in [key for key in profile if key in _modes.KEYS]:
        for owner in _modes.find_owners(_modes.KEYS[key], mode):
            if (profile.get(owner.key) or "") != (old.get(owner.key) or ""):
                profile.pop(key, None)


def _find_changes(profile: Profile, changes: Mapping[str, Any]) -> List[str]:
    return [key for key, value in changes.items() if value and value != profile.get(key)]


def _check_new_key(profile: Profile, changes: Dict[str, Any]) -> None:
    """Require a new secret for a new access key ID, and drop the token of the old one."""
    if "access_key_id" not in _find_changes(profile, changes):
        return
    if profile.get("access_key_secret") and "access_key_secret" not in changes:
        raise ProfileError("access_key_id changes: set access_key_secret too")
    changes.setdefault("sts_token", "")


def _prune(profile: Dict[str, Any], mode: str) -> None:
    """Remove fields that the mode does not use, and the login state of the CLI if the mode changes."""
    if mode not in _modes.MODES:
        return
    old = profile["mode"]
    for key in [key for key, value in profile.items() if value and key in _modes.KEYS]:
        field = _modes.KEYS[key]
        if mode == old:
            keep = mode in field.modes or _modes.is_state(field, profile)
        else:
            keep = mode in field.modes and old not in field.kept
        if not keep:
            del profile[key]


def arrange(profile: Profile, changes: Mapping[str, Any]) -> Dict[str, Any]:
    """Return a profile with the changes. Remove empty values, and insert new keys in the order of the CLI."""
    new = [key for key, value in changes.items() if value and key not in profile]
    new.sort(key=_modes.ORDER.__getitem__, reverse=True)
    items = []
    for key, value in profile.items():
        while new and _modes.ORDER[new[-1]] < _modes.ORDER.get(key, -1):
            items.append((new[-1], changes[new.pop()]))
        if changes.get(key):
            items.append((key, changes[key]))
        elif key not in changes or not value:
            # For the CLI, absent and empty are the same.
            items.append((key, value))
    items.extend((key, changes[key]) for key in reversed(new))
    return dict(items)


def remove(document: Document, name: str, *, force: bool = False) -> bool:
    """Remove a profile. Return whether it existed. If it was the current one, the first profile left becomes current.

    Raise ProfileError if others chain from it, unless ``force``.
    """
    profiles = list_profiles(document)
    left = [profile for profile in profiles if profile["name"] != name]
    if len(left) == len(profiles):
        return False
    users = _find_dependants(left, name)
    if users and not force:
        raise ProfileError(
            "profile '{0}' is the source profile of {1}: remove them first, or set force".format(
                name, users
            )
        )
    ensure_current(document, left)
    return True


def _find_dependants(profiles: Iterable[Profile], name: str) -> str:
    """Return the names of the profiles whose source profile has the name."""
    return ", ".join(
        "'{0}'".format(profile["name"])
        for profile in profiles
        if _modes.get_mode(profile["mode"]).chained and profile.get("source_profile") == name
    )


def purge(document: Document, names: Iterable[str]) -> None:
    """Remove all profiles except those with these names. Check references after all changes."""
    kept = frozenset(names)
    ensure_current(
        document, [profile for profile in list_profiles(document) if profile["name"] in kept]
    )


def activate(document: Document, name: str) -> None:
    """Make an existing profile the current one. Raise MissingProfileError if it does not exist."""
    if not has(list_profiles(document), name):
        raise MissingProfileError("the profile '{0}' does not exist".format(name))
    document["current"] = name


# --- checking and showing


def find_chain(profiles: Mapping[str, Profile], name: str) -> List[str]:
    """Return the names in the chain of a profile, from the source to the profile itself.

    ``profiles`` are those of :func:`index_profiles`. Raise ProfileError for a missing source profile, in the CLI's own
    words, for one without credentials, and for a cycle, with its path.
    """
    return _walk(profiles, name, ())[::-1]


def check_references(document: Document, names: Iterable[str], lost: Iterable[str] = ()) -> None:
    """Raise ProfileError if the chain of one of the named profiles has no source.

    Also raise it if one chains from a profile that :func:`put` returned, which no longer has credentials.
    """
    profiles = index_profiles(document)
    sound: Set[str] = set()
    for name in names:
        sound.update(_walk(profiles, name, sound))
    for name in lost:
        users = _find_dependants(document["profiles"], name)
        if users:
            raise ProfileError(
                "profile '{0}' is the source profile of {1}, and mode {2} has no credentials: change or remove them"
                " first".format(name, users, profiles[name]["mode"])
            )


def _walk(profiles: Mapping[str, Profile], name: str, sound: Container[str]) -> List[str]:
    """Return the names from a profile back to its source, or to a profile that is already checked."""
    path = [name]
    seen = {name}
    while path[-1] not in sound and _modes.get_mode(profiles[path[-1]]["mode"]).chained:
        source = profiles[path[-1]].get("source_profile") or ""
        if not isinstance(source, str) or source not in profiles:
            raise MissingProfileError(
                "can not load the source profile: {0} (profile '{1}')".format(source, path[-1])
            )
        path.append(source)
        if source in seen:
            raise ProfileError("the source profiles form a cycle: {0}".format(" -> ".join(path)))
        seen.add(source)
        if _lacks_credentials(profiles[source]["mode"]):
            raise ProfileError(
                "profile '{0}' cannot be a source profile, since mode {1} has no credentials"
                " (profile '{2}')".format(source, profiles[source]["mode"], path[-2])
            )
    return path


def _lacks_credentials(mode: str) -> bool:
    """Return whether a known mode has no credentials to assume a role with. The CLI crashes if it is used for this."""
    return mode in _modes.MODES and not _modes.MODES[mode].has_credentials


def find_problems(profile: Profile) -> List[str]:
    """Return the faults of a profile, without its chain, one sentence each."""
    mode = profile["mode"]
    if not mode:
        found = ["it has no mode"]
    elif mode not in _modes.MODES:
        found = ["the mode {0} is not known".format(mode)]
    else:
        found = []
    for key, field in _modes.KEYS.items():
        value = profile.get(key)
        rule = field.get_rule(mode)
        is_used = mode in field.modes or _modes.is_state(field, profile)
        if not field.has_type(value):
            found.append(
                "{0} is not of type {1}, so the CLI does not start".format(key, field.type)
            )
        elif value and rule and not rule.accepts(value):
            found.append("{0} is not {1}".format(field.name, rule.describe(value)))
        elif value and mode in _modes.MODES and not is_used:
            found.append("{0} is left over from another mode".format(field.name))
        elif not value and mode in field.required:
            found.append("mode {0} requires {1}".format(mode, field.name))
    if _modes.get_mode(mode).chained and any(
        profile.get(key) for key, field in _modes.KEYS.items() if _modes.is_state(field, profile)
    ):
        found.append("it holds credentials of its source profile, which an SDK stored there")
    return found


def find_warnings(profile: Profile) -> List[str]:
    """Return warnings on keys that this collection can use and the CLI cannot. Show no part of a key."""
    key = profile.get("private_key")
    if not isinstance(key, str) or "private_key" not in _modes.get_mode(profile["mode"]).identity:
        return []
    text = key
    if not _rules.is_private_key(key):
        try:
            text = read_file(os.path.expanduser(key), 65536)[0].decode("latin-1")
        except (OSError, ValueError):
            return []
    found = []
    if text is key:
        found.append(
            "the CLI reads private_key as a path, and prints a key in its error: give a path"
        )
    if _rules.is_pkcs1(text):
        found.append(
            "private_key is in PKCS#1 form, with which the CLI panics: convert it with 'openssl pkcs8 -topk8 -nocrypt'"
        )
    return ["profile {0}: {1}".format(_text.quote(profile["name"]), sentence) for sentence in found]


def show(profile: Profile) -> Dict[str, Any]:
    """Return a profile by option name, without secrets, unknown keys, and state that the CLI or an SDK stored."""
    mode = profile["mode"]
    result = {"name": profile["name"], "mode": mode}
    for key, field in _modes.KEYS.items():
        if profile.get(key) and not _modes.is_state(field, profile):
            result[field.name] = _modes.mask(field, profile[key])
    return result
