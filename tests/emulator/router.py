# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a request to an answer: control, STS or a service, with its fault and its journal entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .clock import http_date, iso_time
from .control import PREFIX, Control
from .core import Core
from .errors import StsError, refusal
from .faults import SPOILED, Fault, faulty_answer, spoil
from .messages import Answer, Request
from .ram import IMS_VERSION, RAM_VERSION, Ims, Ram
from .rpc import RpcService
from .services import Services, not_found
from .sts import Sts
from .sts_call import StsCall

_FAILURES = {
    "internal_error": "InternalError",
    "unavailable": "ServiceUnavailable",
    "throttling": "Throttling.User",
}


class Router:
    """One for each emulator; safe to call from several threads."""

    def __init__(
        self,
        core: Core,
        *,
        stop: Callable[[], None],
        describe: Callable[[], dict[str, Any]],
    ) -> None:
        self._core = core
        self._sts: RpcService = Sts(core)
        self._by_version = {RAM_VERSION: Ram(core), IMS_VERSION: Ims(core)}
        self._services = Services(core)
        self.control = Control(core, self._services, stop=stop, describe=describe)

    def answer(self, request: Request) -> Answer:
        """Answer a request, dated by the emulator's clock."""
        if request.path == PREFIX or request.path.startswith(PREFIX + "/"):
            answer, skew = self.control.answer(request), 0.0
        else:
            answer, skew = self._call(request)
        now = self._core.clock.now() + timedelta(seconds=skew)
        answer.headers.setdefault("Date", http_date(now))
        return answer

    def _call(self, request: Request) -> tuple[Answer, float]:
        entry: dict[str, Any] = {
            "time": iso_time(self._core.clock.now()),
            "method": request.method,
            "scheme": request.scheme,
            "host": request.header("host"),
            "connection": request.connection,
        }
        with self._core.lock:
            handler = self._handler(request, entry)
            fault = self._core.faults.take(entry["action"], entry.get("role_arn", ""))
            entry["fault"] = fault.kind if fault else ""
            answer = self._perform(handler, fault, entry)
        unanswered = answer.manner in ("hang", "reset")
        self._core.journal.add({**entry, "http": 0 if unanswered else answer.status})
        return answer, fault.seconds if fault and fault.kind == "wrong_date" else 0.0

    def _handler(
        self, request: Request, entry: dict[str, Any]
    ) -> Callable[[StsError | None], Answer]:
        found = self._services.find(request)
        if found is not None:
            entry["action"], handle = found
            return lambda failure: self._services.fail(failure) if failure else handle(request)
        if request.path != "/":
            entry["action"] = "NotFound"
            return lambda _failure: not_found()
        service = self._rpc_service(request)
        entry.update(service.describe(request))
        return lambda failure: service.answer(request, entry, failure=failure)

    def _rpc_service(self, request: Request) -> RpcService:
        """Return the service by the version of its API. A host of STS has nothing but STS."""
        if request.header("host").startswith("sts"):
            return self._sts
        return self._by_version.get(StsCall(request).version, self._sts)

    @staticmethod
    def _perform(
        handler: Callable[[StsError | None], Answer], fault: Fault | None, entry: dict[str, Any]
    ) -> Answer:
        if fault is None:
            answer = handler(None)
        elif fault.kind in _FAILURES:
            answer = handler(refusal(_FAILURES[fault.kind]))
        elif fault.kind in SPOILED:
            answer = spoil(handler(None), fault)
        else:
            answer = faulty_answer(fault)
            entry["code"] = ""
        entry.setdefault("code", "OK" if answer.status == 200 else "")
        return answer
