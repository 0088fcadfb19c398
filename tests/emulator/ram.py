# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RAM and IMS: the access keys of users, by user name or by logon name, and the recycle bin."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from . import parameters as check
from .authentication import Caller, authenticate
from .clock import iso_time
from .core import Core
from .errors import StsError, refusal
from .policy import Decision, decide
from .ram_keys import KEYS_PER_USER, RECYCLED_DAYS, LongLivedKey
from .rpc import Body, RpcService, denied
from .sts_call import StsCall, check_common, check_http
from .world import Identity

RAM_VERSION = "2015-05-01"
IMS_VERSION = "2019-08-15"
_USER_NAME = re.compile(r"[A-Za-z0-9._\-]+")
_KEY = frozenset({"UserAccessKeyId"})


@dataclass(frozen=True)
class _Action:
    """An action: its parameters without the user, and its function."""

    names: frozenset[str]
    perform: Callable[[StsCall, Caller], Body]


class _Keys(RpcService):
    """Common code of RAM and IMS, which differ in the name of a user."""

    version = ""
    user_parameter = ""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._actions = self._own_actions()
        self.parameters = {name: action.names for name, action in self._actions.items()}

    def _own_actions(self) -> dict[str, _Action]:
        user = frozenset({self.user_parameter})
        return {
            "CreateAccessKey": _Action(user, self._create),
            "ListAccessKeys": _Action(user, self._list),
            "GetAccessKeyLastUsed": _Action(user | _KEY, self._last_used),
            "UpdateAccessKey": _Action(user | _KEY | {"Status"}, self._update),
            "DeleteAccessKey": _Action(user | _KEY, self._delete),
        }

    def _perform(self, call: StsCall) -> Body:
        check_http(call.request)
        check_common(call)
        if call.action not in self._actions:
            raise refusal("InvalidAction.NotFound")
        try:
            caller = authenticate(
                call, world=self._core.world, state=self._core.state, service=self.product
            )
        except StsError as error:
            if error.code == "InvalidAccessKeyId.Inactive":
                error.http = 403
            raise
        self._refuse_unknown(call)
        self._check_quota(call, caller.identity.account_id)
        return self._actions[call.action].perform(call, caller)

    def _user(self, call: StsCall, caller: Caller) -> Identity:
        """Return the user that the call names, or the caller, once the caller may do this."""
        name = call.own_parameters.get(self.user_parameter, "")
        if not name:
            if caller.identity.kind == "role":
                raise StsError(
                    400, f"Missing{self.user_parameter}", f"{self.user_parameter} is mandatory."
                )
            user = caller.identity
        else:
            user = self._named(name, caller.identity.account_id)
        self._authorize(call, caller, user)
        if user.arn not in self._core.world.identities:
            raise refusal("EntityNotExist.User")
        return user

    @abstractmethod
    def _named(self, name: str, account_id: str) -> Identity:
        """Return the user that a parameter of the call names, or raise StsError."""

    def _authorize(self, call: StsCall, caller: Caller, user: Identity | None) -> None:
        identity = caller.identity
        own = user == identity and self._core.switches.users_manage_keys
        if identity.kind == "root" or (own and caller.session is None):
            return
        action = f"ram:{call.action}"
        name = f"user/{user.name}" if user else "*"
        policies = [("AccountLevelIdentityBasedPolicy", self._core.world.permissions[identity.arn])]
        if caller.session is not None and caller.session.policy is not None:
            policies.append(("SessionPolicy", caller.session.policy))
        for kind, statements in policies:
            verdict = decide(
                statements,
                action=action,
                resource=f"acs:ram:*:{identity.account_id}:{name}" if user else "*",
                principal=identity.principal,
                context={"acs:SourceIp": call.request.peer},
            )
            if verdict is not Decision.ALLOW:
                raise denied(caller, verdict, kind, action=action)

    def _key(self, call: StsCall, user: Identity) -> LongLivedKey:
        check.require(call.own_parameters, "UserAccessKeyId")
        for key in self._core.keys.of(user):
            if key.id == call.own_parameters["UserAccessKeyId"]:
                return key
        raise refusal("EntityNotExist.User.AccessKey")

    def _shown(self, key: LongLivedKey) -> Body:
        status = "Active" if key.active else "Inactive"
        return {"AccessKeyId": key.id, "Status": status, "CreateDate": iso_time(key.created)}

    def _create(self, call: StsCall, caller: Caller) -> Body:
        user = self._user(call, caller)
        if len(self._core.keys.of(user)) >= KEYS_PER_USER:
            raise refusal("LimitExceeded.User.AccessKey")
        key = self._core.keys.create(user)
        return {
            "AccessKey": {
                "AccessKeyId": key.id,
                "AccessKeySecret": key.secret,
                "Status": "Active",
                "CreateDate": iso_time(key.created),
            }
        }

    def _list(self, call: StsCall, caller: Caller) -> Body:
        keys = self._core.keys.of(self._user(call, caller))
        return {"AccessKeys": {"AccessKey": [self._shown(key) for key in keys]}}

    def _last_used(self, call: StsCall, caller: Caller) -> Body:
        key = self._key(call, self._user(call, caller))
        use = self._core.keys.last_use(key)
        return {"AccessKeyLastUsed": self._use(use[1], iso_time(use[0])) if use else {}}

    def _use(self, service: str, moment: str) -> Body:
        del service
        return {"LastUsedDate": moment}

    def _update(self, call: StsCall, caller: Caller) -> Body:
        key = self._key(call, self._user(call, caller))
        check.require(call.own_parameters, "Status")
        status = call.own_parameters["Status"]
        if status not in ("Active", "Inactive"):
            raise StsError(400, "InvalidParameter.Status", "The parameter Status is invalid.")
        self._core.keys.set_active(key, status == "Active")
        return {}

    def _delete(self, call: StsCall, caller: Caller) -> Body:
        self._core.keys.recycle(self._key(call, self._user(call, caller)))
        return {}


class Ram(_Keys):
    """RAM 2015-05-01: users by name, of the caller's account."""

    product = "Ram"
    version = RAM_VERSION
    user_parameter = "UserName"

    def _named(self, name: str, account_id: str) -> Identity:
        if not _USER_NAME.fullmatch(name):
            raise refusal("InvalidParameter.UserName.InvalidChars")
        if len(name) > 64:
            raise refusal("InvalidParameter.UserName.Length")
        return Identity("user", account_id, name)


class Ims(_Keys):
    """IMS 2019-08-15: users by logon name, of the caller's account; more detail, a recycle bin."""

    product = "Ims"
    version = IMS_VERSION
    user_parameter = "UserPrincipalName"

    def _own_actions(self) -> dict[str, _Action]:
        bin_key = _KEY | {"UserId"}
        return {
            **super()._own_actions(),
            "ListAccessKeysInRecycleBin": _Action(frozenset({"UserId"}), self._list_recycled),
            "GetAccessKeyInfoInRecycleBin": _Action(_KEY, self._recycled_info),
            "RestoreAccessKeyFromRecycleBin": _Action(bin_key, self._restore),
            "DeleteAccessKeyInRecycleBin": _Action(bin_key, self._erase),
        }

    def _named(self, name: str, account_id: str) -> Identity:
        user, _at, domain = name.partition("@")
        if domain != f"{account_id}.onaliyun.com":
            raise refusal("EntityNotExist.User")
        return Identity("user", account_id, user)

    def _shown(self, key: LongLivedKey) -> Body:
        return {**super()._shown(key), "UpdateDate": iso_time(key.updated)}

    def _use(self, service: str, moment: str) -> Body:
        return {"LastUsedDate": moment, "ServiceName": service}

    def _by_id(self, call: StsCall, caller: Caller) -> Identity:
        """Return the user whose ID the call gives, or the caller. Permission covers all users."""
        self._authorize(call, caller, None)
        user_id = call.own_parameters.get("UserId", "")
        for identity in self._core.world.identities.values():
            if identity.account_id == caller.identity.account_id and identity.kind == "user":
                if identity.id == user_id or (not user_id and identity == caller.identity):
                    return identity
        raise refusal("EntityNotExist.User")

    def _recycled_key(self, call: StsCall, user: Identity | None, account_id: str) -> LongLivedKey:
        check.require(call.own_parameters, "UserAccessKeyId")
        key = self._core.keys.in_recycle_bin(call.own_parameters["UserAccessKeyId"])
        if key is None or key.identity.account_id != account_id:
            raise refusal("EntityNotExist.User.AccessKey")
        if user is not None and key.identity != user:
            raise refusal("EntityNotExist.User.AccessKey")
        return key

    @staticmethod
    def _recycled(key: LongLivedKey) -> Body:
        assert key.recycled is not None
        return {
            "AccessKeyId": key.id,
            "CreateDate": iso_time(key.created),
            "RecycleDate": iso_time(key.recycled),
            "DeleteDate": iso_time(key.recycled + timedelta(days=RECYCLED_DAYS)),
        }

    def _list_recycled(self, call: StsCall, caller: Caller) -> Body:
        keys = self._core.keys.recycled(self._by_id(call, caller))
        return {"AccessKeys": {"AccessKey": [self._recycled(key) for key in keys]}}

    def _recycled_info(self, call: StsCall, caller: Caller) -> Body:
        self._authorize(call, caller, None)
        account_id = caller.identity.account_id
        key = self._recycled_key(call, None, account_id)
        owner = {
            "UserId": key.identity.id,
            "UserPrincipalName": f"{key.identity.name}@{account_id}.onaliyun.com",
            "UserRecycled": False,
        }
        return {"AccessKey": {**self._recycled(key), **owner}}

    def _restore(self, call: StsCall, caller: Caller) -> Body:
        user = self._by_id(call, caller)
        key = self._recycled_key(call, user, user.account_id)
        if len(self._core.keys.of(user)) >= KEYS_PER_USER:
            raise refusal("LimitExceeded.User.AccessKey")
        self._core.keys.restore(key)
        return {}

    def _erase(self, call: StsCall, caller: Caller) -> Body:
        user = self._by_id(call, caller)
        self._core.keys.erase(self._recycled_key(call, user, user.account_id))
        return {}
