# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Replace an access key in the config files of a host: verify with the new key first, then write.

Before the file changes, each affected chain is resolved from the new document. So only working profiles are written,
nothing must be undone, and an interrupted run leaves a working file.
"""

import os
import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _as_user, _modes, _options, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import (
    SharingResolver,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ConfigFileError,
    ProfileError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import key_change as _key_change
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.apply import make_diff
from ansible_collections.aliyun.cli.plugins.module_utils._profiles.users import take_warnings

Document = Dict[str, Any]
Change = Callable[[Document, _key_change.Keys], List[str]]
_TRIES = 3
# Seconds for one user, for any number of chains.
_TIMEOUT = 3600
# Variables with which a user's child process reaches STS in the same way as the module.
_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE")
# Codes of STS for a key that was just created or enabled.
_YOUNG = ("InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive")
_CHANGES: Dict[str, Change] = {
    "prepared": _key_change.prepare,
    "replaced": _key_change.replace,
    "restored": _key_change.restore,
    "cleaned": _key_change.clean,
    "verified": lambda _document, _keys: [],
}


class _Raced(Exception):
    """Another program changed the file while its chains were verified."""


class _Plan(NamedTuple):
    """Old and new content of the file, and the names of the changed profiles."""

    before: Document
    after: Document
    changed: List[str]


def run(options: Mapping[str, Any], *, check_mode: bool) -> Dict[str, Any]:
    """Return the result of the module: one entry per user. Raise AliyunCliError."""
    _rules.check_account_id("expected_account_id", options["expected_account_id"])
    _options.check_wait(options["wait_timeout"])
    if options["users"] is None:
        return _make_result([_attempt("", lambda: _change_own(options, check_mode))])
    for user in options["users"]:
        _as_user.find_user(user)
    environ = {
        name: os.environ[name]
        for upper in _VARIABLES
        for name in (upper, upper.lower())
        if name in os.environ
    }
    return _make_result(
        [
            _attempt(
                user,
                lambda user=user: _as_user.run_as(  # type: ignore[misc]
                    user,
                    lambda: _change_own(options, check_mode),
                    timeout=_TIMEOUT,
                    variables=environ,
                    imports=("requests", "encodings.idna"),
                ),
            )
            for user in options["users"]
        ]
    )


def _attempt(user: str, work: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    try:
        return dict(work(), user=user, failed=False)
    except AliyunCliError as error:
        return {"user": user, "failed": True, "changed": False, "msg": str(error)}


def _make_result(users: List[Dict[str, Any]]) -> Dict[str, Any]:
    diffs = [user.pop("diff") for user in users if "diff" in user]
    problems = [
        ("user '{0}': {1}" if user["user"] else "{1}").format(user["user"], user["msg"])
        for user in users
        if user["failed"]
    ]
    return {
        "warnings": take_warnings(users),
        "changed": any(user["changed"] for user in users),
        "users": users,
        "diff": diffs,
        "failed": bool(problems),
        "msg": "; ".join(problems),
    }


def _change_own(options: Mapping[str, Any], check_mode: bool) -> Dict[str, Any]:
    """Do the work for the user who runs this."""
    keys = _key_change.Keys(
        options["old_access_key_id"],
        options["new_access_key_id"],
        options["new_access_key_secret"] or ("(check mode)" if check_mode else ""),
        options["profiles"],
    )
    if keys.old_id == keys.new_id:
        raise ProfileError("old_access_key_id and new_access_key_id must differ")
    path = options["config_path"] or _edit.find_default_path()
    # Another try may repeat a warning.
    warnings: Dict[str, None] = {}
    with _options.make_http(options) as http:
        for _try in range(_TRIES):
            resolver = SharingResolver(
                http, keep_errors=False, environ={}, warn=lambda text: warnings.update({text: None})
            )
            try:
                result = _change_once(path, keys, options, resolver, check_mode)
                return dict(result, warnings=list(warnings))
            except _Raced:
                pass
    raise ConfigFileError(
        "{0} changes all the time: stop the program that writes it, and try again".format(path)
    )


def _change_once(
    path: str,
    keys: _key_change.Keys,
    options: Mapping[str, Any],
    resolver: SharingResolver,
    check_mode: bool,
) -> Dict[str, Any]:
    state = options["state"]
    change = _CHANGES[state]
    config = _edit.read(path)
    plan = _make_plan(config.document, change, keys)
    seen: Dict[str, List[str]] = {"verified": [], "not_working": []}
    if not check_mode and state != "cleaned":
        check = _Check(resolver, options)
        if keys.secret and state in ("prepared", "replaced"):
            check.check_same_owner(plan, keys, options["expected_account_id"] or "")
        names = plan.changed
        if state == "verified":
            names = _key_change.find_holders(plan.after, keys, keys.new_id)
        seen = check.verify_chains(
            plan, [name for name in names if _profiles.has(plan.after["profiles"], name)]
        )
    result = _show(plan, keys, config.path, seen)
    if state == "verified" and result["holding_old"]:
        raise ProfileError(
            "the old access key is in the profiles {0}: run state=replaced".format(
                ", ".join(result["holding_old"])
            )
        )
    if not plan.changed:
        return result

    def apply(document: Document) -> None:
        again = _make_plan(document, change, keys)
        if again.before["profiles"] != plan.before["profiles"]:
            raise _Raced()
        document.update(again.after)

    edit = _edit.edit(path, apply, lock_timeout=options["lock_timeout"], check_mode=check_mode)
    return dict(result, changed=edit.changed, diff=make_diff(edit))


def _make_plan(document: Document, change: Change, keys: _key_change.Keys) -> _Plan:
    before = dict(document, profiles=list(document["profiles"]))
    _repair.repair(before)
    after = dict(before, profiles=list(before["profiles"]))
    changed = change(after, keys)
    return _Plan(before, after, changed)


def _show(
    plan: _Plan, keys: _key_change.Keys, path: str, seen: Mapping[str, List[str]]
) -> Dict[str, Any]:
    everywhere = keys._replace(names=None)
    return {
        "changed": False,
        "config_path": path,
        "profiles": plan.changed,
        "holding_old": _key_change.find_holders(plan.after, everywhere, keys.old_id),
        "holding_new": _key_change.find_holders(plan.after, everywhere, keys.new_id),
        "verified": seen["verified"],
        "not_working": seen["not_working"],
    }


class _Check:
    """Resolves chains, each different hop once, and waits for a key that STS does not know yet."""

    def __init__(self, resolver: SharingResolver, options: Mapping[str, Any]) -> None:
        self._resolver = resolver
        self._options = options
        self._end = time.monotonic() + options["wait_timeout"]

    def check_same_owner(self, plan: _Plan, keys: _key_change.Keys, account_id: str) -> None:
        """Raise ProfileError if the new key belongs to another user than the old one, or to an unexpected account."""
        holders = _key_change.find_holders(plan.before, keys, keys.old_id)
        # Companions before the switch, the profiles themselves after it.
        bases = {name + _key_change.NEXT: name for name in holders}
        bases.update((name, name) for name in holders)
        for name in plan.changed:
            profile = _profiles.index_profiles(plan.after)[name]
            new = self._identity(_make_bare_chain(profile, keys.new_id))
            if account_id and new["AccountId"] != account_id:
                raise ProfileError(
                    "the new access key belongs to account {0}, and not to the expected account {1}".format(
                        new["AccountId"], account_id
                    )
                )
            before = _profiles.index_profiles(plan.before)[bases[name]]
            try:
                old = self._identity(_make_bare_chain(before, keys.old_id), patient=False)
            except AliyunCliError:
                # An old key that no longer works can be replaced too.
                continue
            if old["Arn"] != new["Arn"]:
                raise ProfileError(
                    "the new access key belongs to {0}, and the old one to {1}: create a key of the same user".format(
                        new["Arn"], old["Arn"]
                    )
                )

    def verify_chains(self, plan: _Plan, names: List[str]) -> Dict[str, List[str]]:
        """Verify profiles, and those that chain from them. Raise AliyunCliError if one worked before and now fails."""
        seen: Dict[str, List[str]] = {"verified": [], "not_working": []}
        for name in _find_dependants(plan.after, names):
            try:
                self._identity(_make_chain(plan.after, name))
                seen["verified"].append(name)
            except AliyunCliError:
                if name in names or self._works(plan.before, name):
                    raise
                seen["not_working"].append(name)
        return seen

    def _works(self, document: Document, name: str) -> bool:
        try:
            self._identity(_make_chain(document, name), patient=False)
        except AliyunCliError:
            return False
        return True

    def _identity(self, chain: _chain.Chain, *, patient: bool = True) -> Dict[str, Any]:
        while True:
            try:
                return self._resolver.get_caller_identity(chain)
            except StsError as error:
                if not patient or error.code not in _YOUNG or time.monotonic() >= self._end:
                    raise _name_error(error, chain) from None
            time.sleep(1)


def _name_error(error: StsError, chain: _chain.Chain) -> StsError:
    """Return the error with the name of the profile that the chain is for."""
    message = "profile '{0}' does not work with it: {1}".format(chain.profile, error)
    return StsError(
        message, code=error.code, http_status=error.http_status, request_id=error.request_id
    )


def _make_bare_chain(profile: Mapping[str, Any], key_id: str) -> _chain.Chain:
    """Return a chain that consists of the key only, with the STS endpoint of its profile."""
    names = ("name", "region_id", "access_key_secret", "sts_region", "sts_endpoint")
    bare = {name: profile[name] for name in names if name in profile}
    bare.update(mode=_modes.KEY_MODES[0], access_key_id=key_id)
    return _chain.from_profile([bare], profile["name"])


def _make_chain(document: Document, name: str) -> _chain.Chain:
    chain = _chain.from_profile(document["profiles"], name)
    return _chain.name_sessions(chain, _chain.DEFAULT_SESSION_NAME)


def _find_dependants(document: Document, names: Iterable[str]) -> List[str]:
    """Return the named profiles and those that chain from them, without companions of others."""
    wanted = set(names)
    profiles = _profiles.index_profiles(document)
    found = []
    for name in profiles:
        try:
            path: Optional[List[str]] = _profiles.find_chain(profiles, name)
        except ProfileError:
            # It has not worked before either.
            continue
        if path and wanted.intersection(path):
            found.append(name)
    return found
