# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the answer of a source rests on beside its settings, so that kept credentials are found only where it is the same.

A basis is a mapping: ``places`` to look at, and ``seen``, the hash of what was there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.entry import digest

# Bytes. No source reads more of a file than a quarter as many characters.
MAX_FILE = 4 * 65536
MACHINE, PROCESS, FILE = "machine", "process", "file:"


def places_of(mode: str, settings: Mapping[str, Any]) -> list[str]:
    """Return where to look for a source of a mode."""
    # Only a miss gets here.
    from ansible_collections.aliyun.cli.plugins.module_utils._modes import mode_of

    places = []
    for place in mode_of(mode).inputs:
        if place in (MACHINE, PROCESS):
            places.append(place)
        elif "-----BEGIN" not in str(settings.get(place)):
            places.append(FILE + str(settings.get(place)))
    return places


def look(places: list[str], environ: Mapping[str, str]) -> dict[str, Any] | None:
    """The basis for these places as they are now; None where there is no place to look at."""
    if not places:
        return None
    return {"places": places, "seen": digest([_look(place, environ) for place in places])}


def _look(place: str, environ: Mapping[str, str]) -> Any:
    if place == MACHINE:
        # The same for the containers on a machine, and another one after a restart.
        return _read("/proc/sys/kernel/random/boot_id") or os.uname().nodename
    if place == PROCESS:
        return [_directory(), sorted(environ.items())]
    return _read(place[len(FILE) :])


def _directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        # It was removed.
        return None


def _read(path: str) -> str | None:
    try:
        with open(os.path.expanduser(path), "rb") as file:
            return digest(file.read(MAX_FILE).decode("latin-1"))
    except OSError:
        return None
