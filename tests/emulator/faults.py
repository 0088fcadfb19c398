# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inject faults: decide which of the next calls fail, and how."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from threading import Lock
from typing import Any

from .messages import Answer

# Instead of an answer: the call is not performed.
INSTEAD = (
    "internal_error",
    "unavailable",
    "throttling",
    "not_found",
    "hang",
    "reset",
    "html",
    "redirect",
)
# With an answer: the call is performed, and its answer spoiled on the way.
SPOILED = (
    "slow_body",
    "slow_header",
    "slow_chunk",
    "truncated_json",
    "short_body",
    "no_credentials",
    "wrong_date",
)


@dataclass
class Fault:
    """Failure of calls of an action, and of a role: after ``skip`` of them, ``count`` more fail.

    ``action`` and ``role`` are ``*`` for any; ``role`` is a part of the role's ARN.
    ``seconds`` is how long the answer takes, or how far its ``Date`` is off.
    """

    kind: str
    action: str = "*"
    role: str = "*"
    skip: int = 0
    count: int = 1
    seconds: float = 0.0

    def concerns(self, action: str, role_arn: str) -> bool:
        return self.action in ("*", action) and (self.role == "*" or self.role in role_arn)


def parse_fault(values: Mapping[str, Any]) -> Fault:
    """Return a fault from a JSON object.

    :raises ValueError: for an unknown key, kind or type.
    """
    known = {item.name for item in fields(Fault)}
    if set(values) - known or values.get("kind") not in (*INSTEAD, *SPOILED):
        raise ValueError(
            f"a fault has {', '.join(sorted(known))}; kind is one of "
            f"{', '.join((*INSTEAD, *SPOILED))}"
        )
    fault = Fault(**values)
    numbers = (fault.skip, fault.count, fault.seconds)
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise ValueError("skip, count and seconds are numbers")
    return fault


class Faults:
    """Future faults. The first one that fits a call is used."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def take(self, action: str, role_arn: str) -> Fault | None:
        """Return the fault of this call, if any, and count it."""
        with self._lock:
            for fault in self._faults:
                if not fault.concerns(action, role_arn):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def pending(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()


def faulty_answer(fault: Fault) -> Answer:
    """Return the response to a call with a fault that is not an error of the API."""
    if fault.kind == "html":
        page = b"<html><head><title>Gateway</title></head><body>It works!</body></html>"
        return Answer(200, page, content_type="text/html")
    if fault.kind == "not_found":
        return Answer(404, b"<html><body>Not Found</body></html>", content_type="text/html")
    if fault.kind == "redirect":
        return Answer(302, headers={"Location": "/elsewhere"}, content_type="text/html")
    return Answer(200, manner=fault.kind, seconds=fault.seconds)


def _without_credentials(body: bytes) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        return b""
    for name in ("Credentials", "SessionAccessKey", "CloudCredential"):
        document.pop(name, None)
    for name in ("AccessKeyId", "AccessKeySecret", "SecurityToken"):
        document.pop(name, None)
        document.pop(name[0].lower() + name[1:], None)
    return json.dumps(document).encode()


def spoil(answer: Answer, fault: Fault) -> Answer:
    """Spoil a good answer. The sender writes the wrong date."""
    if fault.kind == "truncated_json":
        answer.body = answer.body[: len(answer.body) // 2]
    elif fault.kind == "no_credentials" and answer.status == 200:
        answer.body = _without_credentials(answer.body)
    elif fault.kind in ("slow_body", "slow_header", "slow_chunk", "short_body"):
        answer.manner, answer.seconds = fault.kind, fault.seconds
    return answer
