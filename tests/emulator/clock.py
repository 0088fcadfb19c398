# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide the time of the emulator: real, shifted or frozen. All dates and expirations use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from threading import Lock

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def iso_time(moment: datetime) -> str:
    """Return a moment as STS writes it: UTC, whole seconds."""
    return moment.astimezone(timezone.utc).strftime(_FORMAT)


def _offset_time(moment: datetime) -> str:
    return moment.astimezone(timezone(timedelta(hours=8))).isoformat(timespec="seconds")


# Forms of RFC 3339 in which services write a moment, and what no program can read.
TIME_FORMS: dict[str, Callable[[datetime], object]] = {
    "utc": iso_time,
    "offset": _offset_time,
    "fraction": lambda moment: iso_time(moment)[:-1] + ".123456789Z",
    "lower": lambda moment: iso_time(moment).lower(),
    "space": lambda moment: iso_time(moment).replace("T", " "),
    "seconds": lambda moment: int(moment.timestamp()),
    "unreadable": lambda _moment: "in an hour",
    "empty": lambda _moment: "",
}


def parse_iso_time(text: str) -> datetime:
    """Return the moment of an STS timestamp.

    :raises ValueError: when the text is not of the form ``YYYY-MM-DDTHH:MM:SSZ``.
    """
    moment = datetime.strptime(text, _FORMAT).replace(tzinfo=timezone.utc)
    if iso_time(moment) != text:
        raise ValueError("not of the form YYYY-MM-DDTHH:MM:SSZ")
    return moment


def http_date(moment: datetime) -> str:
    """Return a moment as the HTTP ``Date`` header has it."""
    return format_datetime(moment.astimezone(timezone.utc).replace(microsecond=0), usegmt=True)


class Clock:
    """UTC time that tests can shift, freeze and advance."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        with self._lock:
            return (self._frozen or datetime.now(timezone.utc)) + self._offset

    def shift(self, seconds: float) -> None:
        """Run this many seconds ahead of the real time (behind it, when negative)."""
        with self._lock:
            self._frozen, self._offset = None, timedelta(seconds=seconds)

    def freeze(self, moment: datetime) -> None:
        """Stop the clock at this moment."""
        with self._lock:
            self._frozen, self._offset = moment.astimezone(timezone.utc), timedelta()

    def advance(self, seconds: float) -> None:
        """Add this many seconds to the current time of the clock."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Back to the real time."""
        self.shift(0)
