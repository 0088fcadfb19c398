# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Put, remove, activate, check and show profiles: functions on the parsed document of config.json.

They replace a profile that they change, and leave the object as it was: what has stayed the same object is unchanged.
"""

import operator
import os
from typing import Any, Container, Dict, Iterable, List, Mapping, Optional, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _text
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    MissingProfileError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._files import read_file

Document = Dict[str, Any]
# To read only: a change makes another one.
Profile = Mapping[str, Any]

PHANTOM = "default"
_NAME = operator.itemgetter("name")
_PHANTOM_KEYS = frozenset(("name", "mode", "output_format", "language", "site"))
# Names of profiles in a sentence, and characters of a name.
_LISTED = 10


def by_name(document: Document) -> Dict[str, Profile]:
    """The profiles by name. Of two with one name the first counts, as it does for the CLI."""
    result: Dict[str, Profile] = {}
    for profile in document["profiles"]:
        result.setdefault(profile["name"], profile)
    return result


def real(document: Document) -> List[Profile]:
    """The profiles without the phantom ``default`` that stands for an empty file."""
    if PHANTOM not in map(_NAME, document["profiles"]):
        return list(document["profiles"])
    return [
        profile
        for profile in document["profiles"]
        if profile["name"] != PHANTOM or not _is_phantom(profile)
    ]


def listed(document: Document) -> str:
    """The names of the profiles, as they stand in a sentence, the first ones of many."""
    profiles = real(document)
    if not profiles:
        return "no profile"
    names = [_text.quote(profile["name"]) for profile in profiles[:_LISTED]]
    more = len(profiles) - len(names)
    return ", ".join(names) + (", and {0} more".format(more) if more else "")


def _is_phantom(profile: Profile) -> bool:
    # Older versions of the CLI wrote every key, most of them empty.
    if profile["mode"] or profile["name"] != PHANTOM:
        return False
    return not any(value for key, value in profile.items() if key not in _PHANTOM_KEYS)


def _is_readable(profile: Profile) -> bool:
    return all(_modes.has_type(field, profile.get(key)) for key, field in _modes.KEYS.items())


def settle(document: Document, profiles: List[Profile]) -> None:
    """Leave a file of these profiles, none of which is the phantom, with which the CLI starts.

    ``current`` names a profile, the first one where it named none, and a file without profiles has the phantom.
    """
    if not profiles:
        phantom = {"name": PHANTOM, "mode": "", "output_format": "json", "language": "en"}
        left = (profile for profile in document["profiles"] if _is_phantom(profile))
        profiles = [next(filter(_is_readable, left), phantom)]
    document["profiles"] = profiles
    if not has(profiles, document["current"]):
        # The CLI takes a file that does not say what is current as if it said "default".
        unsaid = not document["current"] and has(profiles, PHANTOM)
        document["current"] = PHANTOM if unsaid else profiles[0]["name"]


def has(profiles: Iterable[Profile], name: str) -> bool:
    """Whether one of the profiles has the name."""
    return any(profile["name"] == name for profile in profiles)


# --- changing


def put(
    document: Document, entries: Iterable[Mapping[str, Any]], *, update_secrets: bool = True
) -> List[str]:
    """Create or update profiles; the names of those that lost the credentials that others could chain from.

    The entries are by option name, with ``name`` and ``mode``. None keeps what is stored, an empty value removes it.
    Fields that the mode does not use go; unknown keys stay. Without ``update_secrets`` a stored secret is kept as long
    as its access key ID is. The first profile of a file becomes current. Raises ProfileError.
    """
    profiles = real(document)
    # Of two with one name the first counts.
    names = list(map(_NAME, profiles))
    places = dict(zip(reversed(names), reversed(range(len(names)))))
    lost = []
    for options in entries:
        name = options["name"]
        if not name or not name.isprintable():
            raise ProfileError("a profile needs a name of printable characters")
        stored = profiles[places[name]] if name in places else None
        try:
            profile = _merged(stored, options, update_secrets)
        except ProfileError as error:
            raise ProfileError("profile '{0}': {1}".format(name, error)) from None
        if stored is None:
            places[name] = len(profiles)
            profiles.append(profile)
        else:
            had_some = stored["mode"] and not _lacks_credentials(stored["mode"])
            if had_some and _lacks_credentials(profile["mode"]):
                lost.append(name)
            profiles[places[name]] = profile
    settle(document, profiles)
    return lost


def _merged(stored: Optional[Profile], options: Mapping[str, Any], update_secrets: bool) -> Profile:
    new = {"name": options["name"], "mode": "", "output_format": "json", "language": "en"}
    profile: Dict[str, Any] = dict(stored or new)
    mode = options.get("mode") or profile["mode"]
    if not mode:
        which = "a new profile" if stored is None else "a profile that has none"
        raise ProfileError("mode is required for {0}: it is never inferred".format(which))
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
    if not update_secrets and "access_key_id" not in _changed(profile, changes):
        for key in [key for key in changes if _modes.KEYS[key].secret and profile.get(key)]:
            del changes[key]
    merged = arranged(profile, changes)
    _drop_state(merged, profile)
    _modes.check_mode_fields(mode, options, merged)
    return merged


def _drop_state(profile: Dict[str, Any], old: Profile) -> None:
    """Remove state that the CLI or an SDK stored for other settings: keys and tokens of another login or command."""
    mode = profile["mode"]
    for key in [key for key in profile if key in _modes.KEYS]:
        for owner in _modes.owners_of(_modes.KEYS[key], mode):
            if (profile.get(owner.key) or "") != (old.get(owner.key) or ""):
                profile.pop(key, None)


def _changed(profile: Profile, changes: Mapping[str, Any]) -> List[str]:
    return [key for key, value in changes.items() if value and value != profile.get(key)]


def _check_new_key(profile: Profile, changes: Dict[str, Any]) -> None:
    """A secret and a token belong to an access key ID: they do not stay with another one."""
    if "access_key_id" not in _changed(profile, changes):
        return
    if profile.get("access_key_secret") and "access_key_secret" not in changes:
        raise ProfileError("access_key_id changes, so access_key_secret must be given too")
    changes.setdefault("sts_token", "")


def _prune(profile: Dict[str, Any], mode: str) -> None:
    """Remove fields that the mode does not use, and the login state of the CLI where the mode changes."""
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


def arranged(profile: Profile, changes: Mapping[str, Any]) -> Dict[str, Any]:
    """A profile with values set, empty ones removed, and new keys where the CLI writes them; others keep their place."""
    new = [key for key, value in changes.items() if value and key not in profile]
    new.sort(key=_modes.ORDER.__getitem__, reverse=True)
    items = []
    for key, value in profile.items():
        while new and _modes.ORDER[new[-1]] < _modes.ORDER.get(key, -1):
            items.append((new[-1], changes[new.pop()]))
        if changes.get(key):
            items.append((key, changes[key]))
        elif key not in changes or not value:
            # Absent and empty are the same to the CLI.
            items.append((key, value))
    items.extend((key, changes[key]) for key in reversed(new))
    return dict(items)


def remove(document: Document, name: str, *, force: bool = False) -> bool:
    """Remove a profile, whether there was one. The first profile left becomes current where the current one goes.

    Raises ProfileError for a profile that others chain from, unless ``force``.
    """
    profiles = real(document)
    left = [profile for profile in profiles if profile["name"] != name]
    if len(left) == len(profiles):
        return False
    users = _users(left, name)
    if users and not force:
        raise ProfileError(
            "profile '{0}' is the source profile of {1}: remove them first, or set force".format(
                name, users
            )
        )
    settle(document, left)
    return True


def _users(profiles: Iterable[Profile], name: str) -> str:
    """The names of the profiles whose source profile has the name."""
    return ", ".join(
        "'{0}'".format(profile["name"])
        for profile in profiles
        if _modes.mode_of(profile["mode"]).chained and profile.get("source_profile") == name
    )


def purge(document: Document, names: Iterable[str]) -> None:
    """Remove the profiles that have none of the names. References are checked when all changes are made."""
    kept = frozenset(names)
    settle(document, [profile for profile in real(document) if profile["name"] in kept])


def activate(document: Document, name: str) -> None:
    """Make an existing profile the current one. Raises ProfileError where there is none."""
    if not has(real(document), name):
        raise MissingProfileError("the profile '{0}' does not exist".format(name))
    document["current"] = name


# --- checking and showing


def chain_of(profiles: Mapping[str, Profile], name: str) -> List[str]:
    """The names of the profiles that a profile chains from, from the source to itself.

    ``profiles`` are those of :func:`by_name`. Raises ProfileError for a missing source, in the CLI's own words, for a
    source that has no credentials, and for a cycle, with its path.
    """
    return _walk(profiles, name, ())[::-1]


def check_references(document: Document, names: Iterable[str], lost: Iterable[str] = ()) -> None:
    """Raise ProfileError where the chain of one of the named profiles has no beginning.

    Or where one chains from a profile that lost its credentials, as :func:`put` told.
    """
    profiles = by_name(document)
    sound: Set[str] = set()
    for name in names:
        sound.update(_walk(profiles, name, sound))
    for name in lost:
        users = _users(document["profiles"], name)
        if users:
            raise ProfileError(
                "profile '{0}' is the source profile of {1}, and mode {2} has no credentials: change or remove them"
                " first".format(name, users, profiles[name]["mode"])
            )


def _walk(profiles: Mapping[str, Profile], name: str, sound: Container[str]) -> List[str]:
    """The names from a profile back to where its chain begins, or to a profile that is known to be sound."""
    path = [name]
    seen = {name}
    while path[-1] not in sound and _modes.mode_of(profiles[path[-1]]["mode"]).chained:
        source = profiles[path[-1]].get("source_profile") or ""
        if not isinstance(source, str) or source not in profiles:
            raise MissingProfileError(
                "can not load the source profile: {0} (profile '{1}')".format(source, path[-1])
            )
        path.append(source)
        if source in seen:
            raise ProfileError("the profiles chain in a circle: {0}".format(" -> ".join(path)))
        seen.add(source)
        if _lacks_credentials(profiles[source]["mode"]):
            raise ProfileError(
                "profile '{0}' cannot be a source profile, since mode {1} has no credentials"
                " (profile '{2}')".format(source, profiles[source]["mode"], path[-2])
            )
    return path


def _lacks_credentials(mode: str) -> bool:
    """Return whether the mode is known to have no credentials to assume a role with: the CLI crashes."""
    return mode in _modes.MODES and not _modes.MODES[mode].has_credentials


def problems(profile: Profile) -> List[str]:
    """What is wrong with a profile by itself, one sentence each."""
    mode = profile["mode"]
    if not mode:
        found = ["it has no mode"]
    elif mode not in _modes.MODES:
        found = ["the mode {0} is not known".format(mode)]
    else:
        found = []
    for key, field in _modes.KEYS.items():
        value = profile.get(key)
        rule = field.rule_of(mode)
        is_used = mode in field.modes or _modes.is_state(field, profile)
        if not _modes.has_type(field, value):
            found.append(
                "{0} is not of type {1}, so that the CLI does not start".format(key, field.type)
            )
        elif value and rule and not rule.accepts(value):
            found.append("{0} is not {1}".format(field.name, rule.demand(value)))
        elif value and mode in _modes.MODES and not is_used:
            found.append("{0} is left over from another mode".format(field.name))
        elif not value and mode in field.required:
            found.append("mode {0} requires {1}".format(mode, field.name))
    if _modes.mode_of(mode).chained and any(
        profile.get(key) for key, field in _modes.KEYS.items() if _modes.is_state(field, profile)
    ):
        found.append("it holds credentials of its source profile, which an SDK stored there")
    return found


def warnings_of(profile: Profile) -> List[str]:
    """Return what works here but not with the CLI. A key is named after its form only."""
    key = profile.get("private_key")
    if not isinstance(key, str) or "private_key" not in _modes.mode_of(profile["mode"]).identity:
        return []
    text = key
    if not _modes.is_private_key(key):
        try:
            text = read_file(os.path.expanduser(key), 65536)[0].decode("latin-1")
        except (OSError, ValueError):
            return []
    found = []
    if text is key:
        found.append(
            "the CLI reads private_key as a path, and prints a key in its error: give a path"
        )
    if "-----BEGIN RSA" in text:
        found.append(
            "private_key is in PKCS#1 form, with which the CLI panics: convert it with 'openssl pkcs8 -topk8 -nocrypt'"
        )
    return ["profile {0}: {1}".format(_text.quote(profile["name"]), sentence) for sentence in found]


def shown(profile: Profile) -> Dict[str, Any]:
    """Return a profile by option names, without secrets, unknown keys, and state that the CLI or an SDK stored."""
    mode = profile["mode"]
    result = {"name": profile["name"], "mode": mode}
    for key, field in _modes.KEYS.items():
        if profile.get(key) and not _modes.is_state(field, profile):
            result[field.name] = _modes.masked(field, profile[key])
    return result
