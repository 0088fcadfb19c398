# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Take the fingerprint of the inputs, other than settings, that the credentials of a source depend on.

Cached credentials are used only while their fingerprint is the same. It is a mapping with the ``inputs`` and with
``seen``, the hash of their contents.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils._files import read_file

# Bytes. Providers read at most a quarter as many characters of a file.
MAX_FILE = 4 * 65536
MACHINE, PROCESS, FILE = "machine", "process", "file:"


def list_inputs(mode: str, settings: Mapping[str, Any]) -> list[str]:
    """Return the inputs of a source of a mode."""
    # Imported only here, since only a miss needs it.
    from ansible_collections.aliyun.cli.plugins.module_utils._modes import get_mode
    from ansible_collections.aliyun.cli.plugins.module_utils._rules import is_private_key

    inputs = []
    for name in get_mode(mode).inputs:
        if name in (MACHINE, PROCESS):
            inputs.append(name)
        elif settings.get(name) and not is_private_key(str(settings[name])):
            inputs.append(FILE + str(settings.get(name)))
    return inputs


def take(inputs: list[str], environ: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the current fingerprint of these inputs, or None without inputs."""
    if not inputs:
        return None
    return {"inputs": inputs, "seen": _digest([_look(name, environ) for name in inputs])}


def is_private(inputs: list[str]) -> bool:
    """Return whether the fingerprint of these inputs cannot be guessed. All of them must be files with content."""
    return all(name.startswith(FILE) and _has_content(name[len(FILE) :]) for name in inputs)


def _has_content(path: str) -> bool:
    try:
        return os.stat(os.path.expanduser(path)).st_size > 0
    except OSError:
        return False


def _look(name: str, environ: Mapping[str, str]) -> Any:
    if name == MACHINE:
        return _identify_machine()
    if name == PROCESS:
        return [_read_directory(), _read_link("/proc/self/ns/mnt"), sorted(environ.items())]
    return _read(name[len(FILE) :])


def _identify_machine() -> list[Any]:
    """Return values that differ between machines and between containers.

    The boot ID is the same in all containers of a machine. The kernel reuses the numbers of namespaces, so the start
    time of the first process is added. It differs each time a container starts.
    """
    return [
        _read("/proc/sys/kernel/random/boot_id"),
        os.uname().nodename,
        _read_link("/proc/self/ns/net"),
        _read_link("/proc/self/ns/pid"),
        _read_first_process(),
    ]


def _read_first_process() -> str | None:
    """Return when process 1 of this PID namespace started, in ticks since boot (proc(5), field 22)."""
    try:
        with open("/proc/1/stat", encoding="latin-1") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def _read_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        # The file was removed.
        return None


def _read_link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def _read(path: str) -> str | None:
    try:
        content, _info = read_file(os.path.expanduser(path), MAX_FILE)
    except (OSError, ValueError):
        return None
    return _digest(content.decode("latin-1"))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
