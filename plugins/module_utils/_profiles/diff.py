# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The diff of a change to profiles. Loaded only where something changed."""

from typing import Dict, List

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.profiles import Document, Profile
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape


def diff(edit: _edit.Edit) -> Dict[str, str]:
    """The touched profiles, in the shape of the file. What is secret shows that it changed, but not into what."""
    old = _profiles.index_profiles(edit.before)
    removed = [_mask(profile, profile) for profile in _find_changed(edit.before, edit.after)]
    added = [
        _mask(profile, old.get(profile["name"], {}))
        for profile in _find_changed(edit.after, edit.before)
    ]
    return {
        "before_header": edit.path,
        "after_header": edit.path,
        "before": _format(edit.before["current"], removed),
        "after": _format(edit.after["current"], added),
    }


def _find_changed(document: Document, other: Document) -> List[Profile]:
    others = _profiles.index_profiles(other)
    first = _profiles.index_profiles(document)
    return [
        profile
        for profile in document["profiles"]
        if profile is not first[profile["name"]]
        or _go_json.differ(profile, others.get(profile["name"], {}))
    ]


def _mask(profile: Profile, old: Profile) -> Profile:
    result = {"name": profile["name"], "mode": profile["mode"]}
    for key, value in profile.items():
        if key in result:
            continue
        field = _modes.KEYS.get(key)
        result[key] = _modes.mask(field, value)
        if key in old and value != old[key] and result[key] == _modes.mask(field, old[key]):
            result[key] = "{0} (changed)".format(result[key])
    return result


def _format(current: str, profiles: List[Profile]) -> str:
    if not current and not profiles:
        return ""
    document = {"current": current, "profiles": profiles}
    lines = _go_json.dump(document).decode("utf-8").split("\n")
    # Names and keys come from the file. Each is on a line of its own.
    return "".join(escape(line, keep="\t") + "\n" for line in lines)
