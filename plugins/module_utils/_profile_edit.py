# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the modules that write profiles have in common: their options for the file, and their result and diff."""

from typing import Any, Callable, Dict, Iterable, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _config_file, _modes, _profiles


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
    change: Callable[[Dict[str, Any]], Iterable[str]],
    *,
    check_mode: bool
) -> Dict[str, Any]:
    """Mend and change the file that the options name, in one edit.

    ``change`` returns the names of the profiles that it is about, which the diff shows. Raises AliyunCliError.
    """
    repairs = []  # type: List[str]

    def mend_and_change(document: Dict[str, Any]) -> List[str]:
        del repairs[:]
        repairs.extend(_profiles.repair(document))
        return list(change(document))

    edit = _config_file.edit(
        params["config_path"] or _config_file.default_path(),
        mend_and_change,
        lock_timeout=params["lock_timeout"],
        backup=params["backup"],
        owner=_config_file.Owner(params["owner"], params["group"]),
        check_mode=check_mode,
    )
    result = {
        "changed": edit.changed,
        "config_path": edit.path,
        "current": edit.after["current"],
        "repairs": edit.findings + (repairs if edit.changed else []),
        "diff": _diff(edit, edit.result),
    }
    if edit.backup_file:
        result["backup_file"] = edit.backup_file
    return result


def _diff(edit: _config_file.Edit, names: List[str]) -> Dict[str, str]:
    before, after = _profiles.by_name(edit.before), _profiles.by_name(edit.after)
    touched = set(names) | (set(before) ^ set(after))
    masked = {name: _masked(profile) for name, profile in before.items() if name in touched}
    masked_after = {name: _masked(profile) for name, profile in after.items() if name in touched}
    for name in set(masked) & set(masked_after):
        for key in set(masked[name]) & set(masked_after[name]):
            if (
                masked[name][key] == masked_after[name][key]
                and before[name][key] != after[name][key]
            ):
                masked_after[name][key] += " (changed)"
    return {
        "before_header": edit.path,
        "after_header": edit.path,
        "before": _text(edit.before["current"], masked),
        "after": _text(edit.after["current"], masked_after),
    }


def _masked(profile: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        key: value if key in ("name", "mode") else _modes.masked(_modes.KEYS.get(key), value)
        for key, value in profile.items()
    }


def _text(current: str, profiles: Mapping[str, Dict[str, Any]]) -> str:
    return (
        _config_file.dumps({"current": current, "profiles": list(profiles.values())}).decode(
            "utf-8"
        )
        + "\n"
    )
