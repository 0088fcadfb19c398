# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m tests.emulator``: run until told to stop, or until nobody needs it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from .emulator import Emulator
from .world import WorldError

_POLL_SECONDS = 0.2


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--world", required=True, help="the world file (YAML)")
    parser.add_argument("--ready-file", type=Path, help="JSON, written when both ports listen")
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--https-port", type=int, default=0)
    parser.add_argument("--journal", type=Path, help="one JSON line for each call")
    parser.add_argument("--ca-file", type=Path, help="path for the certificate of the authority")
    parser.add_argument(
        "--watch-pid",
        type=int,
        default=os.getppid(),
        help="end when this process ends; the parent unless given",
    )
    parser.add_argument(
        "--max-seconds", type=float, default=3600.0, help="end after this time at the latest"
    )
    return parser.parse_args(arguments)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # A zombie has ended, whoever fails to collect it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not Path("/proc/self").exists()


def _write_ready_file(path: Path, description: dict[str, Any]) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(description, file)
    os.replace(name, path)


def _run(options: argparse.Namespace) -> None:
    emulator = Emulator(
        options.world,
        http_port=options.http_port,
        https_port=options.https_port,
        ca_file=options.ca_file,
        journal_file=options.journal,
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: emulator.stopped.set())
    with emulator:
        if options.ready_file:
            _write_ready_file(options.ready_file, emulator.describe())
        else:
            print(json.dumps(emulator.describe()), flush=True)
        try:
            left = options.max_seconds
            while left > 0 and _alive(options.watch_pid):
                if emulator.stopped.wait(_POLL_SECONDS):
                    break
                left -= _POLL_SECONDS
        finally:
            if options.ready_file:
                options.ready_file.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """Run an emulator. Return 0 after a normal end, 1 if it could not start."""
    try:
        _run(_arguments(arguments))
    except (WorldError, OSError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
