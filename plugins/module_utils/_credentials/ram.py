# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Client for access keys in RAM, version 2015-05-01, and IMS, version 2019-08-15.

RAM identifies a user by its name. IMS identifies it by its logon name; without one, by the caller. IMS also knows the
service of the last use, and has a recycle bin. Requests are signed as those to STS.
"""

import re
from email.utils import parsedate_to_datetime
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _text
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    parse_time,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts, check_text
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts_errors import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AccessKeyError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Limits, Response

RAM_VERSION = "2015-05-01"
IMS_VERSION = "2019-08-15"
ACTIVE, INACTIVE = "Active", "Inactive"

# IDs of keys, which are written to config files and shown in reports; and their status.
_WORD = re.compile(r"[A-Za-z0-9._-]{1,128}\Z")
# Exceptions for a response of another shape.
_SHAPES = (AttributeError, KeyError, TypeError, ValueError)
_WRONG_ENDPOINT = "check {option}, and proxies on the way: the server there is not {service}"
_FAILED = "{service} failed: try again later"
# Codes whose advice in the table of STS names STS.
_ADVICE = {
    "Answer": _WRONG_ENDPOINT,
    "Connection": "check the network and {option}",
    "InternalError": _FAILED,
    "InvalidAction.NotFound": _WRONG_ENDPOINT,
    "InvalidVersion": _WRONG_ENDPOINT,
    "NoPermission": "allow the caller {permission} on {resource}",
    "Request": "check {option} and HTTPS_PROXY, and that the credentials are complete",
    "ServiceUnavailable": _FAILED,
    "Throttling": "too many calls: run the task once for all hosts",
    "Timeout": "check the network and {option}",
    "Unknown": _WRONG_ENDPOINT,
}


class AccessKey(NamedTuple):
    """An access key as RAM lists it. Times are UTC in seconds since the epoch, 0 if unknown."""

    id: str
    status: str
    created: int
    updated: int = 0
    secret: str = ""


class LastUse(NamedTuple):
    """When a key was last used, in UTC in seconds since the epoch, 0 for never; and with which service, if known."""

    time: int = 0
    service: str = ""


class Ram:
    """A client for the access keys of one user: ``user_name``, or the caller if that is empty.

    ``now`` is the time of the server's last response, UTC in seconds since the epoch, 0 before the first one.
    ``caller`` is the name of the caller for errors. ``ram`` and ``ims`` are URLs.
    """

    def __init__(
        self, sts: Sts, credentials: Credentials, *, user_name: str, caller: str, ram: str, ims: str
    ) -> None:
        self.now = 0
        self._sts = sts
        self._credentials = credentials
        self._caller = caller
        self._user_name = user_name
        self._endpoints = {RAM_VERSION: ram, IMS_VERSION: ims}
        self._version = RAM_VERSION if user_name and "@" not in user_name else IMS_VERSION

    def list_keys(self) -> List[AccessKey]:
        """Return the user's access keys, the oldest first. Raises StsError, as all methods do."""
        answer = self._call("ListAccessKeys", self._user())
        try:
            found = [_parse_access_key(item) for item in answer["AccessKeys"]["AccessKey"]]
        except _SHAPES:
            raise self._unreadable("ListAccessKeys") from None
        return sorted(found, key=lambda key: key.created)

    def create(self) -> AccessKey:
        """Create one key. The request is sent once, since a second one would create a second key."""
        answer = self._call("CreateAccessKey", self._user(), limits=Limits(retries=0))
        try:
            key = _parse_access_key(answer["AccessKey"])
            return key._replace(secret=check_text(answer["AccessKey"]["AccessKeySecret"]))
        except _SHAPES:
            raise self._unreadable("CreateAccessKey") from None

    def get_last_use(self, key_id: str) -> LastUse:
        """Return the last use of a key, as far as RAM knows it."""
        answer = self._call("GetAccessKeyLastUsed", self._user(UserAccessKeyId=key_id))
        used = answer.get("AccessKeyLastUsed") or {}
        try:
            date = used.get("LastUsedDate")
            service = _text.escape(str(used.get("ServiceName") or ""), limit=_text.NAME_LENGTH)
            return LastUse(parse_time(date) if date else 0, service)
        except _SHAPES:
            raise self._unreadable("GetAccessKeyLastUsed") from None

    def set_status(self, key_id: str, status: str) -> None:
        """Enable or disable a key."""
        self._call("UpdateAccessKey", self._user(UserAccessKeyId=key_id, Status=status))

    def delete(self, key_id: str) -> None:
        """Move a key to the recycle bin."""
        self._call("DeleteAccessKey", self._user(UserAccessKeyId=key_id))

    def list_recycled(self) -> List[Mapping[str, str]]:
        """Return the caller's keys in the recycle bin, as IMS lists them."""
        answer = self._call("ListAccessKeysInRecycleBin", {}, version=IMS_VERSION)
        try:
            names = ("AccessKeyId", "CreateDate", "RecycleDate", "DeleteDate")
            keys = answer["AccessKeys"]["AccessKey"]
            return [{name: check_text(item[name]) for name in names} for item in keys]
        except _SHAPES:
            raise self._unreadable("ListAccessKeysInRecycleBin", IMS_VERSION) from None

    def restore(self, key_id: str) -> None:
        """Restore a key of the user from the recycle bin. Raise AccessKeyError if it belongs to another user."""
        action = "GetAccessKeyInfoInRecycleBin"
        answer = self._call(action, {"UserAccessKeyId": key_id}, version=IMS_VERSION)
        try:
            owner = {"UserAccessKeyId": key_id, "UserId": check_text(answer["AccessKey"]["UserId"])}
            logon_name = check_text(answer["AccessKey"]["UserPrincipalName"])
        except _SHAPES:
            raise self._unreadable(action, IMS_VERSION) from None
        names = ("", logon_name.lower(), logon_name.lower().partition("@")[0])
        if self._user_name.lower() not in names:
            raise AccessKeyError(
                "the access key in the recycle bin belongs to another user than '{0}': check access_key_id and"
                " user_name".format(self._user_name)
            )
        self._call("RestoreAccessKeyFromRecycleBin", owner, version=IMS_VERSION)

    def _user(self, **more: str) -> Dict[str, str]:
        name = "UserName" if self._version == RAM_VERSION else "UserPrincipalName"
        return dict(more, **{name: self._user_name}) if self._user_name else more

    def _call(
        self,
        action: str,
        query: Mapping[str, str],
        *,
        version: str = "",
        limits: Optional[Limits] = None
    ) -> Dict[str, Any]:
        version = version or self._version
        endpoint = self._endpoints[version]

        def send(now: float) -> Response:
            answer = self._sts.send(
                action, endpoint, query, None, self._credentials, now, version=version
            )
            self.now = _read_date(answer, now)
            return answer

        try:
            return self._sts.retry(send, endpoint, limits=limits)
        except StsError as error:
            raise self._explained(error, action, version) from None

    def _unreadable(self, action: str, version: str = "") -> StsError:
        error = StsError("the response is not readable", code="Answer", http_status=200)
        return self._explained(error, action, version or self._version)

    def _explained(self, error: StsError, action: str, version: str) -> StsError:
        service, option = (
            ("RAM", "ram_endpoint") if version == RAM_VERSION else ("IMS", "ims_endpoint")
        )
        user = self._user_name.partition("@")[0] or "<the caller>"
        resource = "*" if "RecycleBin" in action else "acs:ram:*:<account ID>:user/" + user
        code = "Throttling" if error.code.startswith("Throttling") else error.code
        advice = _ADVICE.get(code, "").format(
            service=service, option=option, permission="ram:" + action, resource=resource
        )
        return explain(error, action, self._caller, self._endpoints[version], advice=advice)


def _parse_access_key(item: Mapping[str, Any]) -> AccessKey:
    """Read a key from a response. Raise one of _SHAPES."""
    updated = item.get("UpdateDate")
    return AccessKey(
        id=_check_word(item["AccessKeyId"]),
        status=_check_word(item["Status"]),
        created=parse_time(check_text(item["CreateDate"])),
        updated=parse_time(updated) if updated else 0,
    )


def _check_word(value: Any) -> str:
    if not _WORD.match(check_text(value)):
        raise ValueError()
    return str(value)


def _read_date(answer: Response, now: float) -> int:
    """Return the server's time, or the local time if the server sends none."""
    try:
        return int(parsedate_to_datetime(answer.headers["date"]).timestamp())
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return int(now)
