# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Create, enable, disable, delete, and list access keys in RAM as options ask."""

import os
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options, _rules
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import key_file as _key_file
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import resolver as _resolver
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import make_endpoint_url
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    format_time,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.ram import (
    ACTIVE,
    INACTIVE,
    AccessKey,
    Ram,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AccessKeyError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._options import (
    make_resolver,
)

LIMIT = 2
DAY = 86400
# A lost key must have been created within the time limit of the call and so many seconds after it.
_SLACK = 60
# Seconds in which a new key can be missing from a list of RAM.
_LISTED = 300


class Access(NamedTuple):
    """Clients of the services, and the user. ``signing`` has the key IDs of the caller and of the sources."""

    ram: Ram
    sts: Sts
    endpoint: str
    user_name: str
    signing: Set[str]


def make_argument_spec() -> Dict[str, Any]:
    """Return the options that both modules have."""
    spec = _options.make_chain_argument_spec()
    spec.update(make_http_argument_spec())
    spec.update(
        user_name={"type": "str"},
        ram_endpoint={"type": "str", "default": "ram.aliyuncs.com"},
        ims_endpoint={"type": "str", "default": "ims.aliyuncs.com"},
    )
    return spec


def run(
    options: Mapping[str, Any],
    work: Callable[[Access], Dict[str, Any]],
    *,
    environ: Mapping[str, str],
    warn: _options.Warn = lambda text: None
) -> Dict[str, Any]:
    """Return the result of ``work`` for the access that the options describe. Raise AliyunCliError or ImportError.

    ``warn`` takes sentences for the user.
    """
    chain = _options.make_chain(options, environ=environ)
    with _options.make_http(options) as http:
        resolver = make_resolver(options, http, environ=environ, warn=warn)
        credentials = resolver.resolve(chain)
        user_name = options["user_name"] or ""
        if credentials.security_token and not user_name:
            raise AccessKeyError("user_name is required: temporary credentials have no access keys")
        ram = Ram(
            resolver.sts,
            credentials,
            user_name=user_name,
            caller=_resolver.describe_caller(chain, len(chain.hops)),
            ram=_check_endpoint(options, "ram_endpoint"),
            ims=_check_endpoint(options, "ims_endpoint"),
        )
        signing = resolver.key_ids.union([credentials.access_key_id])
        return work(Access(ram, resolver.sts, chain.endpoint, user_name, signing))


def _check_endpoint(options: Mapping[str, Any], name: str) -> str:
    _rules.check_value(name, _rules.ENDPOINT, options[name])
    return make_endpoint_url({"sts_endpoint": options[name]})


# --- creating


def create(
    access: Access, options: Mapping[str, Any], *, check_mode: bool, warn: Callable[[str], None]
) -> Dict[str, Any]:
    """Create one key, or return the one in ``secret_file``."""
    _options.check_wait(options["wait_timeout"])
    path = options["secret_file"]
    if not path:
        check_room(access.ram.list_keys())
        if check_mode:
            return _report_created(access, None)
        key = access.ram.create()
    else:
        if check_mode and not os.path.isdir(
            os.path.dirname(os.path.abspath(os.path.expanduser(path)))
        ):
            check_room(access.ram.list_keys())
            return _report_created(access, None)
        with _key_file.hold(path) as file:
            record = file.read()
            keys = access.ram.list_keys()
            if record and record["access_key_id"]:
                return _enable_stored(
                    access, record, keys, options, check_mode=check_mode, warn=warn
                )
            lost = _find_lost(access, record, keys, options) if record else None
            check_room([key for key in keys if key is not lost])
            if check_mode:
                return _report_created(access, None)
            if lost:
                _remove_lost(access, lost, warn)
            before = [key.id for key in keys if key is not lost]
            key = _create_in(file, access, before, record)
    _wait(access, key, options, warn)
    return _report_created(access, key)


def check_room(keys: List[AccessKey]) -> None:
    """Raise AccessKeyError if the user cannot have another key."""
    if len(keys) >= LIMIT:
        raise AccessKeyError(
            "the user has {0} access keys, which is the limit: delete one first ({1})".format(
                len(keys), ", ".join(_modes.mask_id(key.id) for key in keys)
            )
        )


def _create_in(
    file: _key_file.KeyFile, access: Access, before: List[str], earlier: Optional[_key_file.Record]
) -> AccessKey:
    record = {
        "user_name": access.user_name,
        "began": access.ram.now,
        "before": before,
        "access_key_id": "",
        "access_key_secret": "",
    }
    file.write(record)
    try:
        key = access.ram.create()
    except StsError as error:
        # RAM created no key if it refused the call. After other errors, a key may exist. The key of an earlier run may
        # exist too, if RAM does not list it yet.
        if error.http_status is not None and 400 <= error.http_status < 500:
            if earlier:
                file.write(earlier)
            else:
                file.remove()
        raise
    file.write(dict(record, access_key_id=key.id, access_key_secret=key.secret))
    return key


def _enable_stored(
    access: Access,
    record: Mapping[str, Any],
    keys: List[AccessKey],
    options: Mapping[str, Any],
    *,
    check_mode: bool,
    warn: Callable[[str], None]
) -> Dict[str, Any]:
    """Enable and return the key that an earlier run created."""
    path = options["secret_file"]
    _check_owner(access, record, path)
    key = next((key for key in keys if key.id == record["access_key_id"]), None)
    if key is None and access.ram.now < record["began"] + _LISTED:
        raise AccessKeyError(
            "RAM does not list the access key {0} in secret_file '{1}' yet: keep the file, and try again in some"
            " minutes".format(_modes.mask_id(record["access_key_id"]), path)
        )
    if key is None:
        raise AccessKeyError(
            "the access key {0} in secret_file '{1}' no longer exists: remove the file to create"
            " another one".format(_modes.mask_id(record["access_key_id"]), path)
        )
    after = key._replace(status=ACTIVE, secret=record["access_key_secret"])
    if not check_mode:
        if key.status != ACTIVE:
            access.ram.set_status(key.id, ACTIVE)
        _wait(access, after, options, warn)
    return _make_result(access, key, after._replace(secret=""), _show_all(after))


def _check_owner(access: Access, record: Mapping[str, Any], path: str) -> None:
    if record["user_name"] != access.user_name:
        raise AccessKeyError(
            "secret_file '{0}' is for the user '{1}': name another file".format(
                path, record["user_name"]
            )
        )


def _find_lost(
    access: Access, record: Mapping[str, Any], keys: List[AccessKey], options: Mapping[str, Any]
) -> Optional[AccessKey]:
    """Return the key that an interrupted run created without getting its secret, None without one.

    It did not exist before that run, was created while the run waited for the response, and was never used.
    """
    _check_owner(access, record, options["secret_file"])
    until = record["began"] + options["max_time"] + _SLACK
    for key in keys:
        if key.id in record["before"] or not record["began"] <= key.created <= until:
            continue
        if key.id not in access.signing and not access.ram.get_last_use(key.id).time:
            return key
    return None


def _remove_lost(access: Access, key: AccessKey, warn: Callable[[str], None]) -> None:
    if key.status == ACTIVE:
        access.ram.set_status(key.id, INACTIVE)
    access.ram.delete(key.id)
    warn(
        "the access key {0} was deleted: an interrupted run created it, nobody has its secret, and it was never"
        " used".format(_modes.mask_id(key.id))
    )


def _wait(
    access: Access, key: AccessKey, options: Mapping[str, Any], warn: Callable[[str], None]
) -> None:
    """Wait until STS knows the new key, which takes some seconds. Warn after ``wait_timeout``."""
    end = time.monotonic() + options["wait_timeout"]
    while True:
        try:
            access.sts.get_caller_identity(Credentials(key.id, key.secret), access.endpoint)
            return
        except StsError as error:
            if time.monotonic() >= end:
                warn(
                    "STS does not accept the new access key yet ({0}): wait before you use it".format(
                        error.code
                    )
                )
                return
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))


def _report_created(access: Access, key: Optional[AccessKey]) -> Dict[str, Any]:
    if key is None:
        return _make_result(access, None, AccessKey("", ACTIVE, 0), {"status": ACTIVE})
    return _make_result(access, None, key, _show_all(key))


# --- changing


def change(access: Access, options: Mapping[str, Any], *, check_mode: bool) -> Dict[str, Any]:
    """Change the key ``access_key_id`` to the desired ``state``. Raise AccessKeyError."""
    _check_guard_options(options)
    state = options["state"]
    key = _find(access, options["access_key_id"])
    if key is None and state == "present" and options["restore"]:
        if not check_mode:
            access.ram.restore(options["access_key_id"])
            access.ram.set_status(options["access_key_id"], ACTIVE)
            after = _find(access, options["access_key_id"])
        else:
            after = AccessKey(options["access_key_id"], ACTIVE, 0)
        return _make_result(access, None, after, _show(after) if after else {})
    if key is None:
        if state == "absent":
            return _make_result(access, None, None, {})
        raise AccessKeyError(
            "the user has no access key {0}: check access_key_id and user_name{1}".format(
                _modes.mask_id(options["access_key_id"]),
                ", or set restore=true if it was deleted" if state == "present" else "",
            )
        )
    status = {"present": ACTIVE, "inactive": INACTIVE}.get(state)
    if key.status == status:
        return _make_result(access, key, key, _show(key))
    if state != "present":
        check_guards(access, key, options)
    if status:
        if not check_mode:
            access.ram.set_status(key.id, status)
        after = key._replace(status=status)
        return _make_result(access, key, after, _show(after))
    if not check_mode:
        access.ram.delete(key.id)
    return _make_result(access, key, None, {})


def _find(access: Access, key_id: str) -> Optional[AccessKey]:
    return next((key for key in access.ram.list_keys() if key.id == key_id), None)


def check_guards(access: Access, key: AccessKey, options: Mapping[str, Any]) -> None:
    """Raise AccessKeyError if a key must not be disabled or deleted."""
    shown = _modes.mask_id(key.id)
    done = "deleted" if options["state"] == "absent" else "disabled"
    if key.id in access.signing and not options["allow_own_key"]:
        raise AccessKeyError(
            "the access key {0} signs this request, and is not {1}: use another one, or set allow_own_key=true".format(
                shown, done
            )
        )
    if options["state"] == "absent" and key.status != INACTIVE:
        raise AccessKeyError(
            "the access key {0} is active, and is not deleted: disable it first, with state=inactive".format(
                shown
            )
        )
    since = _find_earliest_use(access, options)
    if since is None:
        return
    use = access.ram.get_last_use(key.id)
    # 0 is for a key that was never used.
    if use.time and use.time >= since:
        raise AccessKeyError(
            "the access key {0} was used at {1}{2}, and is not {3}: find what uses it, or lower the guard"
            " (unused_days, unused_since)".format(
                shown, format_time(use.time), " with " + use.service if use.service else "", done
            )
        )


def _check_guard_options(options: Mapping[str, Any]) -> None:
    """Raise AccessKeyError for values that cannot be a guard."""
    # A boolean is a number for Ansible, and would turn off or lower the limit.
    if isinstance(options["unused_days"], bool) or (options["unused_days"] or 0) < 0:
        raise AccessKeyError("unused_days must be a number, 0 or more")
    if options["unused_since"] is not None:
        _parse_since(options["unused_since"])
    _options.check_wait(options["wait_timeout"])


def _parse_since(text: str) -> int:
    try:
        return parse_time(text)
    except ValueError:
        raise AccessKeyError(
            "unused_since must be a time in UTC such as 2026-01-02T03:04:05Z"
        ) from None


def _find_earliest_use(access: Access, options: Mapping[str, Any]) -> Optional[int]:
    """Return the time since which a key must be unused, None without such a guard. Raise AccessKeyError."""
    days = options["unused_days"]
    if days is None:
        days = 7 if options["state"] == "absent" else 0
    limits = [access.ram.now - days * DAY] if days else []
    if options["unused_since"] is not None:
        since = _parse_since(options["unused_since"])
        if since > access.ram.now:
            raise AccessKeyError(
                "unused_since must not be in the future: no use of the key would count"
            )
        limits.append(since)
    return min(limits) if limits else None


# --- showing


def report(access: Access, *, show_ids: bool, recycle_bin: bool) -> Dict[str, Any]:
    """Return the user's keys with their ages and last uses."""
    shown_id = str if show_ids else _modes.mask_id
    keys = access.ram.list_keys()
    uses = [access.ram.get_last_use(key.id) for key in keys]
    result: Dict[str, Any] = {
        "user_name": access.user_name,
        "date": format_time(access.ram.now),
        "access_keys": [
            dict(
                _show(key),
                access_key_id=shown_id(key.id),
                age_days=(access.ram.now - key.created) // DAY,
                updated=format_time(key.updated),
                last_used=format_time(use.time),
                last_used_service=use.service,
                unused_days=(access.ram.now - (use.time or key.created)) // DAY,
                signs=key.id in access.signing,
            )
            for key, use in zip(keys, uses)
        ],
    }
    if recycle_bin:
        result["recycle_bin"] = [
            {
                "access_key_id": shown_id(item["AccessKeyId"]),
                "created": item["CreateDate"],
                "recycled": item["RecycleDate"],
                "erased": item["DeleteDate"],
            }
            for item in access.ram.list_recycled()
        ]
    return result


def _show_all(key: AccessKey) -> Dict[str, Any]:
    return dict(_show(key), access_key_id=key.id, access_key_secret=key.secret)


def _show(key: AccessKey) -> Dict[str, Any]:
    return {
        "access_key_id": _modes.mask_id(key.id),
        "status": key.status,
        "created": format_time(key.created),
    }


def _make_result(
    access: Access, before: Optional[AccessKey], after: Optional[AccessKey], shown: Dict[str, Any]
) -> Dict[str, Any]:
    return {
        "changed": before != after,
        "user_name": access.user_name,
        "date": format_time(access.ram.now),
        "access_key": shown,
        "diff": {"before": _show_in_diff(before), "after": _show_in_diff(after)},
    }


def _show_in_diff(key: Optional[AccessKey]) -> Dict[str, str]:
    if key is None:
        return {}
    return {"access_key_id": _modes.mask_id(key.id) if key.id else "(new)", "status": key.status}
