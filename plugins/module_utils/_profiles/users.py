# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Do work for several users of a host, for each user with the rights of this user."""

import importlib
import pwd
from typing import Any, Callable, Dict, Iterable, List, Mapping, Sequence

from ansible_collections.aliyun.cli.plugins.module_utils._as_user import run_as
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError, UserError

# Seconds for the file systems of a user to respond, in addition to what the options allow.
_PATIENCE = 60
# Requests for one user that can each take as long as the options allow.
_MAX_CALLS = 100

Result = Dict[str, Any]


def check_users(entries: Sequence[Mapping[str, Any]]) -> None:
    """Raise UserError that names all users who do not exist, or a user whose file is named twice."""
    missing = [entry["user"] for entry in entries if not _find_user(entry["user"])]
    if missing:
        raise UserError(
            "{0} not found on this host: create the users first, or correct the names".format(
                _format_names("user", missing)
            )
        )
    seen = set()
    for entry in entries:
        file = (entry["user"], entry.get("config_path"))
        if file in seen:
            raise UserError(
                "users names '{0}' twice with the same config_path: merge the entries".format(
                    entry["user"]
                )
            )
        seen.add(file)


def _find_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except (KeyError, ValueError):
        return False


def _format_names(what: str, names: Iterable[str]) -> str:
    quoted = ["'{0}'".format(name) for name in names]
    return "{0}{1} {2}".format(what, "s" if len(quoted) > 1 else "", ", ".join(quoted))


def run_for_each_user(
    entries: Sequence[Mapping[str, Any]],
    work: Callable[[Mapping[str, Any]], Result],
    *,
    seconds: float,
    verify: Mapping[str, Any]
) -> List[Result]:
    """Run the work for each entry as the entry's ``user``, and return the results.

    ``seconds`` limits the work for one user without requests. ``verify`` are the options for requests. An error of one
    user does not stop the others: the result of this user has ``failed`` and ``msg``. Before any work, raise UserError
    if a user does not exist, and ImportError without ``requests`` if the work calls STS.
    """
    check_users(entries)
    variables: Mapping[str, str] = {}
    imports: Iterable[str] = ()
    if verify["verify"]:
        # Imported once before the child processes start: they cannot read root's libraries, but inherit imported modules.
        from ansible_collections.aliyun.cli.plugins.module_utils._profiles import verify as _verify

        variables, imports = _verify.list_environment(), _verify.IMPORTS
        for name in imports:
            importlib.import_module(name)
        seconds += _MAX_CALLS * verify["max_time"]

    def work_for(entry: Mapping[str, Any]) -> Result:
        try:
            done = run_as(
                entry["user"],
                lambda: work(entry),
                timeout=seconds + _PATIENCE,
                variables=variables,
                imports=imports,
            )
        except AliyunCliError as error:
            done = {"failed": True, "msg": str(error)}
        return dict(done, user=entry["user"])

    return [work_for(entry) for entry in entries]


def take_warnings(results: Sequence[Result]) -> List[str]:
    """Remove the warnings from the results of users, and return them with the names of the users."""
    return [
        "user '{0}': {1}".format(result["user"], warning)
        for result in results
        for warning in result.pop("warnings", ())
    ]


def combine(results: Sequence[Result], **values: Any) -> Result:
    """Return the result of the module. It fails with one sentence for each user whose work failed."""
    changed = any(result.get("changed") for result in results)
    combined = dict(values, warnings=take_warnings(results), users=results, changed=changed)
    wrong = [result for result in results if result.get("failed")]
    if wrong:
        sentences = ["user '{0}': {1}".format(result["user"], result["msg"]) for result in wrong]
        combined.update(failed=True, msg="; ".join(sentences))
    return combined
