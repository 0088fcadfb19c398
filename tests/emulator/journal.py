# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep a journal of calls, with enough detail for proofs, and without secrets."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Condition
from typing import Any

Entry = dict[str, Any]


def fingerprint(secret: str) -> str:
    """Return the first digits of the SHA-256 of a secret, which distinguish secrets and reveal none."""
    return "sha256:" + hashlib.sha256(secret.encode("utf-8")).hexdigest()[:12] if secret else ""


class Journal:
    """Calls in the order of their responses. A file gets one JSON line for each."""

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = Condition()
        self._entries: list[Entry] = []
        self._file = None
        if path is not None:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = open(descriptor, "a", encoding="utf-8")

    def add(self, entry: Mapping[str, Any]) -> None:
        with self._lock:
            numbered = {"number": len(self._entries) + 1, **entry}
            self._entries.append(numbered)
            if self._file is not None:
                self._file.write(json.dumps(numbered) + "\n")
                self._file.flush()
            self._lock.notify_all()

    def wait(self, count: int, *, seconds: float = 60) -> None:
        """Return once there are so many entries.

        :raises TimeoutError: when there are fewer after this time.
        """
        with self._lock:
            if not self._lock.wait_for(lambda: len(self._entries) >= count, seconds):
                raise TimeoutError(f"there are fewer than {count} calls")

    def entries(self) -> list[Entry]:
        """Return a copy of the entries so far."""
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
