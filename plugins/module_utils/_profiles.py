# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Put, remove, activate, check and mend profiles: pure functions on the parsed document of config.json."""

from typing import Any, Dict, Iterable, List, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError

Document = Dict[str, Any]
Profile = Dict[str, Any]

PHANTOM = "default"
_PHANTOM_KEYS = frozenset(("name", "mode", "output_format", "language", "site"))
_EXACT_MODES = {mode.lower(): mode for mode in _modes.MODES}
_TYPES = {"str": str, "int": int, "bool": bool}


def by_name(document: Document) -> Dict[str, Profile]:
    """The profiles by name. Of two with one name the first counts, as it does for the CLI."""
    result = {}  # type: Dict[str, Profile]
    for profile in document["profiles"]:
        result.setdefault(profile["name"], profile)
    return result


def real(document: Document) -> List[Profile]:
    """The profiles without the phantom ``default`` that stands for an empty file."""
    return [profile for profile in document["profiles"] if not _is_phantom(profile)]


def _is_phantom(profile: Profile) -> bool:
    return profile["name"] == PHANTOM and not profile["mode"] and _PHANTOM_KEYS.issuperset(profile)


# --- mending


def repair(document: Document) -> List[str]:
    """Mend what stops or misleads the CLI; one sentence for each thing that was mended."""
    told = []  # type: List[str]
    _part_duplicates(document, told)
    for profile in document["profiles"]:
        _mend_profile(profile, told)
    if len(document["profiles"]) > 1 and any(_is_phantom(profile) for profile in document["profiles"]):
        told.append("the empty profile '{0}', on which the CLI can fall back, is left over".format(PHANTOM))
    if real(document) and document["current"] not in by_name(document):
        told.append(
            "current names the profile '{0}', which does not exist, so that the CLI does not start".format(
                document["current"]
            )
        )
    settle(document)
    return told


def _part_duplicates(document: Document, told: List[str]) -> None:
    """Of profiles with one name, drop equal ones and rename others, which no command of the CLI can reach."""
    seen = {}  # type: Dict[str, Profile]
    kept = []
    for profile in document["profiles"]:
        name = profile["name"]
        if name not in seen:
            seen[name] = profile
        elif profile == seen[name]:
            told.append("the profile '{0}' stands there twice".format(name))
            continue
        else:
            number = 2
            while "{0}-{1}".format(name, number) in seen:
                number += 1
            profile["name"] = "{0}-{1}".format(name, number)
            seen[profile["name"]] = profile
            told.append("a second profile '{0}', which the CLI cannot reach, is named '{0}-{1}'".format(name, number))
        kept.append(profile)
    document["profiles"] = kept


def _mend_profile(profile: Profile, told: List[str]) -> None:
    where = "profile '{0}': ".format(profile["name"])
    exact = _EXACT_MODES.get(profile["mode"].lower(), profile["mode"])
    if exact != profile["mode"]:
        told.append(where + "the CLI knows the mode {0} as {1} only".format(profile["mode"], exact))
        profile["mode"] = exact
    if "retry_timeout" in profile:
        told.append(where + "retry_timeout is the name that old versions gave to read_timeout")
        timeout = profile.pop("retry_timeout")
        if timeout and not profile.get("read_timeout"):
            _arrange(profile, {"read_timeout": timeout})
    for key, field in _modes.KEYS.items():
        value = profile.get(key)
        if field.type == "int" and isinstance(value, str) and value.isdigit():
            told.append(where + "{0} is a text, with which the CLI does not start".format(key))
            profile[key] = int(value)


def settle(document: Document) -> None:
    """Leave a file with which the CLI starts: ``current`` names a profile, and a file without profiles has the phantom."""
    profiles = real(document)
    if not profiles:
        phantom = {"name": PHANTOM, "mode": "", "output_format": "json", "language": "en"}
        profiles = document["profiles"][:1] or [phantom]
    document["profiles"] = profiles
    if not any(profile["name"] == document["current"] for profile in profiles):
        document["current"] = profiles[0]["name"]


# --- changing


def put(document: Document, entries: Iterable[Mapping[str, Any]], *, update_secrets: bool = True) -> None:
    """Create or update profiles.

    The entries are by option name, with ``name`` and ``mode``. None keeps what is stored, an empty value removes it.
    Fields that the mode does not use go; unknown keys stay. Without ``update_secrets`` a stored secret is kept as long as
    its access key ID is. Raises ProfileError.
    """
    document["profiles"] = real(document)
    index = by_name(document)
    for options in entries:
        name = options["name"]
        if not name or not name.isprintable():
            raise ProfileError("a profile needs a name of printable characters")
        try:
            profile = _merged(name, index.get(name), options, update_secrets)
        except ProfileError as error:
            raise ProfileError("profile '{0}': {1}".format(name, error)) from None
        if name not in index:
            document["profiles"].append(profile)
            index[name] = profile
        elif profile != index[name]:
            index[name].clear()
            index[name].update(profile)
    settle(document)


def _merged(name: str, stored: Optional[Profile], options: Mapping[str, Any], update_secrets: bool) -> Profile:
    old = stored if stored is not None else {}
    mode = options.get("mode") or old.get("mode")
    if not mode:
        raise ProfileError("mode is required for a new profile")
    changes = {field.key: options.get(field.name) for field in _modes.options()}
    new_key = bool(changes["access_key_id"]) and changes["access_key_id"] != old.get("access_key_id")
    if not update_secrets and not new_key:
        for field in _modes.FIELDS:
            if field.secret and old.get(field.key):
                changes.pop(field.key, None)
    elif new_key and old.get("access_key_secret"):
        _check_new_key(old, changes)
    profile = dict(old) if stored is not None else {"name": name, "mode": mode, "output_format": "json", "language": "en"}
    _arrange(profile, {key: value for key, value in changes.items() if value is not None})
    profile["mode"] = mode
    _prune(profile, mode, mode == old.get("mode"))
    _modes.check_mode_fields(mode, options, profile)
    return profile


def _check_new_key(old: Profile, changes: Dict[str, Any]) -> None:
    """A secret and a token belong to an access key ID: they do not stay with another one."""
    if changes["access_key_secret"] is None:
        raise ProfileError("access_key_id changes, so access_key_secret must be given too")
    if changes["sts_token"] is None and old.get("sts_token"):
        changes["sts_token"] = ""


def _prune(profile: Profile, mode: str, same_mode: bool) -> None:
    """Remove fields that the mode does not use; of the CLI's own login state, what belongs to another mode."""
    if mode not in _modes.MODES:
        return
    for key, field in _modes.KEYS.items():
        if key in profile and mode not in field.modes and not (same_mode and mode in field.kept):
            del profile[key]


def _arrange(profile: Profile, changes: Mapping[str, Any]) -> None:
    """Set values, remove the empty ones, and put new keys where the CLI writes them; all others keep their place."""
    for key, value in changes.items():
        if not value:
            profile.pop(key, None)
        elif key in profile:
            profile[key] = value
    for key, value in changes.items():
        if not value or key in profile:
            continue
        later = [other for other in profile if _modes.ORDER.get(other, -1) > _modes.ORDER[key]]
        moved = list(profile)[list(profile).index(later[0]) :] if later else []
        tail = [(other, profile.pop(other)) for other in moved]
        profile[key] = value
        profile.update(tail)


def remove(document: Document, name: str, *, force: bool = False) -> bool:
    """Remove a profile, whether there was one. The first profile left becomes current where the current one goes.

    Raises ProfileError for a profile that others chain from, unless ``force``.
    """
    if name not in {profile["name"] for profile in real(document)}:
        return False
    users = [profile["name"] for profile in document["profiles"] if profile.get("source_profile") == name]
    users = [user for user in users if user != name]
    if users and not force:
        raise ProfileError(
            "profile '{0}' is the source profile of {1}: remove them first, or set force".format(
                name, ", ".join("'{0}'".format(user) for user in users)
            )
        )
    document["profiles"] = [profile for profile in document["profiles"] if profile["name"] != name]
    settle(document)
    return True


def activate(document: Document, name: str) -> None:
    """Make an existing profile the current one. Raises ProfileError where there is none."""
    if name not in {profile["name"] for profile in real(document)}:
        raise ProfileError("the profile '{0}' does not exist".format(name))
    document["current"] = name


# --- checking and showing


def chain_of(profiles: Mapping[str, Profile], name: str) -> List[str]:
    """The names of the profiles that a profile chains from, from the source to itself.

    ``profiles`` are those of :func:`by_name`. Raises ProfileError for a missing source, in the CLI's own words, and for
    a cycle, with its path.
    """
    path = [name]
    while profiles[path[-1]]["mode"] == "ChainableRamRoleArn":
        source = profiles[path[-1]].get("source_profile") or ""
        if source in path:
            raise ProfileError("the profiles chain in a circle: {0}".format(" -> ".join(path + [source])))
        if source not in profiles:
            raise ProfileError("can not load the source profile: {0} (profile '{1}')".format(source, path[-1]))
        path.append(source)
    return path[::-1]


def problems(profile: Profile) -> List[str]:
    """What is wrong with a profile by itself, one sentence each."""
    mode = profile["mode"]
    if not mode:
        return ["it has no mode"]
    if mode not in _modes.MODES:
        return ["the mode {0} is not known".format(mode)]
    found = []
    for key, field in _modes.KEYS.items():
        value = profile.get(key)
        if value and not isinstance(value, _TYPES[field.type]):
            found.append("{0} is not of type {1}, with which the CLI does not start".format(key, field.type))
        elif value and not _modes.is_used(field, mode):
            found.append("{0} is left over from another mode".format(field.name))
        elif value and field.rule and not field.rule.accepts(value):
            found.append("{0} is not {1}".format(field.name, field.rule.text))
        elif not value and mode in field.required:
            found.append("mode {0} requires {1}".format(mode, field.name))
    return found


def shown(profile: Profile) -> Dict[str, Any]:
    """A profile by option names, without what is secret and without unknown keys."""
    result = {"name": profile["name"], "mode": profile["mode"]}
    for key, field in _modes.KEYS.items():
        if profile.get(key):
            result[field.name] = _modes.masked(field, profile[key])
    return result
