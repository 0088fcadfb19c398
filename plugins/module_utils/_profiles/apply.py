# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Common code of the modules that write profiles: options for the file, the result, and its diff."""

import os
from typing import Any, Callable, Dict, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _text
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    MissingProfileError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair

Document = Dict[str, Any]


def make_file_argument_spec() -> Dict[str, Dict[str, Any]]:
    """Return the options for the file and for writing it."""
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
    """Repair and change the file that the options name, in one edit, and return the result of the module.

    ``change`` returns further parts of the result. Unless ``creates``, a missing file is not created. If root works on
    a file of another user, all of this is done in a process with the rights of this user: changes that ``change``
    makes to other objects are lost. Raise AliyunCliError.
    """
    path = params["config_path"] or _edit.find_default_path()
    return _edit.run_with_rights(  # type: ignore[no-any-return]
        path,
        lambda: _apply(path, params, change, check_mode=check_mode, creates=creates),
        lock_timeout=params["lock_timeout"],
    )


def _apply(
    path: str,
    params: Mapping[str, Any],
    change: Callable[[Document], Dict[str, Any]],
    *,
    check_mode: bool,
    creates: bool
) -> Dict[str, Any]:
    def change_existing(document: Document) -> Any:
        try:
            return change(document)
        except MissingProfileError as error:
            message = (
                "{0}; {1} would then contain only {2}: write the missing profile first".format(
                    error, path, _profiles.format_names(document)
                )
            )
            raise ProfileError(message) from None

    existed = os.path.exists(os.path.expanduser(path))
    config = None if creates else _edit.read(path)
    if config and not config.exists:
        edit = _make_empty_edit(config, change)
    else:
        edit = _edit.edit(
            path,
            change_existing,
            repair=_repair.repair,
            lock_timeout=params["lock_timeout"],
            backup=params["backup"],
            owner=_control.Owner(params["owner"], params["group"]),
            check_mode=check_mode,
        )
    result = {
        "changed": edit.changed,
        "config_path": edit.path,
        "current": edit.after["current"],
        "repairs": list(map(_text.escape, edit.findings + edit.repairs)),
        "diff": make_diff(edit),
    }
    result.update(edit.result)
    if edit.backup_file:
        result["backup_file"] = edit.backup_file
    warnings = edit.warnings + _find_warnings(edit, existed=existed)
    if warnings:
        result["warnings"] = warnings
    return result


def _find_warnings(edit: _edit.Edit, *, existed: bool) -> List[str]:
    """Return warnings on keys that the CLI cannot use, and on old credentials that it no longer imports."""
    if not edit.changed:
        return []
    before = _profiles.index_profiles(edit.before)
    found = []
    for profile in edit.after["profiles"]:
        if profile.get("private_key") != before.get(profile["name"], {}).get("private_key"):
            found += _profiles.find_warnings(profile)
    home, name = os.path.split(os.path.dirname(edit.path))
    legacy = os.path.join(home, ".aliyuncli", "credentials")
    if not existed and name == ".aliyun" and os.path.exists(legacy):
        found.append(
            "the CLI no longer imports {0}, since {1} exists: add its keys as profiles".format(
                legacy, edit.path
            )
        )
    return list(map(_text.escape, found))


def _make_empty_edit(
    config: _edit.Config, change: Callable[[Document], Dict[str, Any]]
) -> _edit.Edit:
    """Return the edit of a missing file that is not created."""
    document = config.document
    result = change(dict(document, profiles=[]))
    return _edit.Edit(config.path, False, document, document, [], [], [], None, result)


def make_diff(edit: _edit.Edit) -> Dict[str, str]:
    """Return the changed profiles as a diff of the file. For a secret, show only that it changed."""
    if not edit.changed:
        return {"before": "", "after": ""}
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


def _find_changed(document: Document, other: Document) -> List[_profiles.Profile]:
    others = _profiles.index_profiles(other)
    first = _profiles.index_profiles(document)
    return [
        profile
        for profile in document["profiles"]
        if profile is not first[profile["name"]]
        or _go_json.differ(profile, others.get(profile["name"], {}))
    ]


def _mask(profile: _profiles.Profile, old: _profiles.Profile) -> _profiles.Profile:
    result = {"name": profile["name"], "mode": profile["mode"]}
    for key, value in profile.items():
        if key in result:
            continue
        field = _modes.KEYS.get(key)
        result[key] = _modes.mask(field, value)
        if key in old and value != old[key] and result[key] == _modes.mask(field, old[key]):
            result[key] = "{0} (changed)".format(result[key])
    return result


def _format(current: str, profiles: List[_profiles.Profile]) -> str:
    if not current and not profiles:
        return ""
    document = {"current": current, "profiles": profiles}
    lines = _go_json.dump(document).decode("utf-8").split("\n")
    # Names and keys come from the file. Each is on a separate line.
    return "".join(_text.escape(line, keep="\t") + "\n" for line in lines)
