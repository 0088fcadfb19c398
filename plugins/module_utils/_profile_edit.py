# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the modules that write profiles have in common: their options for the file, their result and their diff."""

from typing import Any, Callable, Dict, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import (
    _config_access,
    _config_file,
    _config_shape,
    _modes,
    _profiles,
    _repair,
)

Document = Dict[str, Any]
Profile = Dict[str, Any]


def file_argument_spec() -> Dict[str, Dict[str, Any]]:
    """The options that say which file is written, and how."""
    return {
        "config_path": {"type": "path"},
        "backup": {"type": "bool", "default": False},
        "update_secrets": {
            "type": "str",
            "choices": ["always", "on_create"],
            "default": "always",
            "no_log": False,
        },
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "lock_timeout": {"type": "float", "default": 15},
    }


def apply(
    params: Mapping[str, Any],
    change: Callable[[Document], Dict[str, Any]],
    *,
    check_mode: bool,
    creates: bool = True
) -> Dict[str, Any]:
    """Mend and change the file that the options name, in one edit; the result of the module.

    ``change`` returns what the result holds besides. Unless ``creates``, there is no file where there was none. Raises
    AliyunCliError.
    """
    path = params["config_path"] or _config_file.default_path()
    repairs: List[str] = []

    def mend_and_change(document: Document) -> Dict[str, Any]:
        repairs[:] = _repair.repair(document)
        return change(document)

    config = None if creates else _config_file.read(path)
    if config and not config.exists:
        edit = _nothing(config, change)
    else:
        edit = _config_file.edit(
            path,
            mend_and_change,
            lock_timeout=params["lock_timeout"],
            backup=params["backup"],
            owner=_config_access.Owner(params["owner"], params["group"]),
            check_mode=check_mode,
        )
    result = {
        "changed": edit.changed,
        "config_path": edit.path,
        "current": edit.after["current"],
        "repairs": edit.findings + repairs,
        "diff": _diff(edit),
    }
    result.update(edit.result)
    if edit.backup_file:
        result["backup_file"] = edit.backup_file
    return result


def _nothing(
    config: _config_file.Config, change: Callable[[Document], Dict[str, Any]]
) -> _config_file.Edit:
    """What becomes of a file that neither is there nor is made."""
    result = change(dict(config.document, profiles=[]))
    return _config_file.Edit(config.path, False, config.document, config.document, [], None, result)


# --- the diff


def _diff(edit: _config_file.Edit) -> Dict[str, str]:
    """The touched profiles, in the shape of the file. What is secret shows that it changed, but not into what."""
    old = _profiles.by_name(edit.before)
    removed = [_masked(profile, profile) for profile in _touched(edit.before, edit.after)]
    added = [
        _masked(profile, old.get(profile["name"], {}))
        for profile in _touched(edit.after, edit.before)
    ]
    return {
        "before_header": edit.path,
        "after_header": edit.path,
        "before": _text(edit.before["current"], removed),
        "after": _text(edit.after["current"], added),
    }


def _touched(document: Document, other: Document) -> List[Profile]:
    others = _profiles.by_name(other)
    first = _profiles.by_name(document)
    return [
        profile
        for profile in document["profiles"]
        if profile is not first[profile["name"]]
        or _config_shape.differ(profile, others.get(profile["name"], {}))
    ]


def _masked(profile: Profile, old: Profile) -> Profile:
    result = {"name": profile["name"], "mode": profile["mode"]}
    for key, value in profile.items():
        if key in result:
            continue
        field = _modes.KEYS.get(key)
        result[key] = _modes.masked(field, value)
        if key in old and value != old[key] and result[key] == _modes.masked(field, old[key]):
            result[key] = "{0} (changed)".format(result[key])
    return result


def _text(current: str, profiles: List[Profile]) -> str:
    if not current and not profiles:
        return ""
    document = {"current": current, "profiles": profiles}
    return _config_shape.dumps(document).decode("utf-8") + "\n"
