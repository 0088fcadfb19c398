# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP request and one answer, apart from any socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON_TYPE = "application/json;charset=utf-8"
FORM_TYPE = "application/x-www-form-urlencoded"


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="replace")


@dataclass(frozen=True)
class Request:
    """Request of a client. Header names are in lower case; a name may have several values."""

    method: str
    target: str
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"
    peer: str = "127.0.0.1"
    connection: int = 0

    def header(self, name: str) -> str:
        """Return the first value of a header, or an empty text."""
        return self.headers.get(name, ("",))[0].strip()

    @property
    def path(self) -> str:
        return urlsplit(self.target).path or "/"

    @property
    def content_type(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return _pairs(urlsplit(self.target).query)

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        if self.content_type != FORM_TYPE:
            return []
        return _pairs(self.body.decode("utf-8", "replace"))

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty body is an empty object.

        :raises ValueError: when it is neither.
        """
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body must be a JSON object")
        return value


@dataclass
class Answer:
    """Response to a client. ``manner`` is the fault of the connection, if any."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    manner: str = ""
    seconds: float = 0.0


def json_answer(status: int, value: object, **headers: str) -> Answer:
    """Return a JSON document; keyword underscores become hyphens in header names."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value, ensure_ascii=False).encode("utf-8"), names)


def text_answer(status: int, text: str, content_type: str = "text/plain") -> Answer:
    return Answer(status, text.encode("utf-8"), content_type=content_type)
