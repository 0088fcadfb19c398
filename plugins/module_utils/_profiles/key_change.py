# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Change an access key in the parsed document of config.json. Each step can be undone.

A profile ``deploy`` that holds the old key gets a companion ``deploy-next`` with the new one. When ``deploy`` itself has
the new key, its companion is ``deploy-old``, with the old one. Keys are compared by their whole ID.
"""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.profiles import Document, Profile

NEXT, OLD = "-next", "-old"
_KEY = ("access_key_id", "access_key_secret", "sts_token")


class Keys(NamedTuple):
    """Old key, new key, and the names of the profiles to change; all profiles if no names are given.

    Without ``secret``, the new key is taken from the companion of a profile.
    """

    old_id: str
    new_id: str
    secret: str = ""
    names: Optional[Sequence[str]] = None


def find_holders(document: Document, keys: Keys, key_id: str) -> List[str]:
    """Return the names of the profiles that hold a key, without companions."""
    profiles = _profiles.index_profiles(document)
    return [
        name
        for name, profile in profiles.items()
        if profile["mode"] in _modes.KEY_MODES
        and profile.get("access_key_id") == key_id
        and (keys.names is None or name in keys.names)
        and not any(_is_companion(profiles, name, suffix) for suffix in (NEXT, OLD))
    ]


def _is_companion(profiles: Dict[str, Profile], name: str, suffix: str) -> bool:
    """Return whether a companion equals its profile except for the key."""
    base = profiles.get(name[: -len(suffix)]) if name.endswith(suffix) else None
    return base is not None and _drop_key(profiles[name]) == _drop_key(base)


def _drop_key(profile: Profile) -> Dict[str, Any]:
    return {key: value for key, value in profile.items() if key not in _KEY + ("name",) and value}


def prepare(document: Document, keys: Keys) -> List[str]:
    """Give each profile that holds the old key a companion with the new one. Return the names of new companions."""
    changed = []
    for name in find_holders(document, keys, keys.old_id):
        if not _has(document, name + NEXT, keys.new_id):
            _put_companion(document, name, NEXT, keys.new_id, keys.secret)
            changed.append(name + NEXT)
    return changed


def replace(document: Document, keys: Keys) -> List[str]:
    """Replace the old key by the new one. The companion gets the old key. Return the names of changed profiles."""
    changed = find_holders(document, keys, keys.old_id)
    for name in changed:
        profile = _profiles.index_profiles(document)[name]
        secret = keys.secret
        if _has(document, name + NEXT, keys.new_id):
            secret = str(
                _profiles.index_profiles(document)[name + NEXT].get("access_key_secret") or ""
            )
        if not secret:
            raise ProfileError(
                "profile '{0}' has no companion '{0}{1}' with the new access key: run state=prepared first".format(
                    name, NEXT
                )
            )
        _put_companion(
            document, name, OLD, keys.old_id, str(profile.get("access_key_secret") or "")
        )
        _set(document, name, keys.new_id, secret)
        _remove(document, name + NEXT, keys.new_id)
    return changed


def restore(document: Document, keys: Keys) -> List[str]:
    """Restore the old key, and remove companions. Return the names of changed and removed profiles."""
    changed = []
    for name in find_holders(document, keys, keys.new_id):
        companion = _profiles.index_profiles(document).get(name + OLD)
        if companion is None or companion.get("access_key_id") != keys.old_id:
            raise ProfileError(
                "profile '{0}' has no companion '{0}{1}' with the old access key: write that key with"
                " aliyun.cli.profile".format(name, OLD)
            )
        _set(document, name, keys.old_id, str(companion.get("access_key_secret") or ""))
        changed.append(name)
        changed += _remove(document, name + OLD, keys.old_id)
    for name in find_holders(document, keys, keys.old_id):
        changed += _remove(document, name + NEXT, keys.new_id)
    return changed


def clean(document: Document, keys: Keys) -> List[str]:
    """Remove the companions with the old key. Return their names."""
    removed = []
    for name in find_holders(document, keys, keys.new_id):
        removed += _remove(document, name + OLD, keys.old_id)
        removed += _remove(document, name + NEXT, keys.new_id)
    return removed


def _has(document: Document, name: str, key_id: str) -> bool:
    profiles = _profiles.index_profiles(document)
    return name in profiles and profiles[name].get("access_key_id") == key_id


def _set_key(profile: Profile, name: str, key_id: str, secret: str) -> Profile:
    values = {"access_key_id": key_id, "access_key_secret": secret, "sts_token": ""}
    return dict(_profiles.arrange(profile, values), name=name)


def _set(document: Document, name: str, key_id: str, secret: str) -> None:
    document["profiles"] = [
        _set_key(profile, name, key_id, secret) if profile["name"] == name else profile
        for profile in document["profiles"]
    ]


def _put_companion(document: Document, name: str, suffix: str, key_id: str, secret: str) -> None:
    """Create the companion after its profile, or replace it. Raise ProfileError if another profile has its name."""
    profiles = _profiles.index_profiles(document)
    if name + suffix in profiles:
        if not _is_companion(profiles, name + suffix, suffix):
            raise ProfileError(
                "profile '{0}{1}' is not a copy of '{0}' with another access key: rename or remove it".format(
                    name, suffix
                )
            )
        _set(document, name + suffix, key_id, secret)
        return
    result = []
    for profile in document["profiles"]:
        result.append(profile)
        if profile["name"] == name:
            result.append(_set_key(profile, name + suffix, key_id, secret))
    document["profiles"] = result


def _remove(document: Document, name: str, key_id: str) -> List[str]:
    """Remove a companion with this key. Return its name if it existed."""
    if not _has(document, name, key_id):
        return []
    _profiles.remove(document, name)
    return [name]
