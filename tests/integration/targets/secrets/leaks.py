# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs plays with known secrets and looks for them in everything that Ansible printed, logged, and left behind.

By itself: ``python leaks.py``, with an ansible-core that finds the collection.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from keys import check_keys
from runs import (
    CORE,
    FIRST_OF_THEIR_KIND,
    FULL_RUN,
    INTERRUPTED_RUNS,
    LEAKING_RUNS,
    LEAKS,
    LOCAL,
    OTHER_RUNS,
    SHOWS_TRACEBACKS,
    Run,
)
from sandbox import GUIDE, ROOT, WORLD, Sts, found_in, sandbox

TRACEBACK = "Traceback (most recent call last)"


def check_nothing_leaks(sts: Sts, cache: str) -> str:
    """Run the play, and check that secrets are only in the requested files."""
    with sandbox(sts, FULL_RUN, cache) as box:
        output = box.play("play.yml")
        secrets = sts.secrets()
        found = box.find(secrets)
        assert not found, f"{FULL_RUN.name}: {found}"
        # Had the play not got as far as this, or nothing been recorded, nothing could have been found.
        results = (box.folder / "results" / "results.json").read_text()
        syslog = (box.folder / "syslog").read_text()
        assert "UNREACHABLE" not in output and output.count("PLAY [") == 6, output[-4000:]
        assert len(secrets) > 40 and results.count("\n") > 50, output[-4000:]
        assert syslog.count("Invoked with") > 20, syslog
        assert len(box.watch.seen) > 10
        assert not SHOWS_TRACEBACKS or output.count(TRACEBACK) > 20, output[-4000:]
        (job,) = (box.folder / "async").iterdir()
        result = json.loads(job.read_text())
        assert result["rc"] == 0 and "_ACCESS_KEY_SECRET ***" in result["stdout"], result
    return f"nothing leaks: {FULL_RUN.name}"


def check_what_leaks(sts: Sts, cache: str, run: Run, leaks: dict[str, set[str]]) -> str:
    """Run the play that leaks: just this leaks, and just there."""
    with sandbox(sts, run, cache) as box:
        box.keep_profiles()
        box.play(run.playbook)
        secrets = {**sts.secrets(), **box.leaking}
        found: dict[str, set[str]] = {}
        for name, places in box.find(secrets).items():
            found.setdefault("assumed" if " of session " in name else name, set()).update(places)
        assert found == leaks, f"{run.name}: {found}"
    return f"as the guide says: {run.name}"


def check_other_ways(sts: Sts, cache: str, run: Run) -> str:
    """Run the short play in another way; none of the secrets may be anywhere."""
    with sandbox(sts, run, cache) as box:
        box.keep_profiles()
        output = box.play("short.yml")
        secrets = sts.secrets()
        found = box.find(secrets)
        assert not found, f"{run.name}: {found}"
        for words in run.expected:
            assert words in output, f"{run.name}: no {words!r} in\n{output[-4000:]}"
        if run.name == LOCAL:
            assert any(b"AnsiballZ" in line for line in box.watch.seen)
    return f"nothing leaks: {run.name}"


def check_what_stays(sts: Sts, cache: str, run: Run, leaks: dict[str, set[str]]) -> str:
    """Interrupt a play, and check that only the known file is left, and that nobody else can read it."""
    with sandbox(sts, run, cache) as box:
        box.interrupt("interrupted.yml")
        found = box.find({**sts.secrets(), **box.leaking})
        assert found == leaks, f"{run.name}: {found}"
        left = list(box.folder.glob("remote/*/AnsiballZ_exec.py"))
        assert [path.parent.stat().st_mode & 0o777 for path in left] == [0o700] * len(leaks)
    return f"as the guide says: {run.name}"


def main() -> None:
    # Whoever started this in the background may have had it ignore what a play is interrupted by.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path.insert(0, str(ROOT))
    from ansible_collections.aliyun.cli.tests.emulator import Emulator

    guide = GUIDE.read_text(encoding="utf-8")
    assert [words for words in LEAKS.values() if words not in guide] == []
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal"
        with Emulator(WORLD, journal_file=journal) as emulator:
            sts = Sts(emulator)
            with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
                checks = [pool.submit(check_nothing_leaks, sts, folder)]
                if CORE in FIRST_OF_THEIR_KIND:
                    checks.append(pool.submit(check_keys, folder))
                checks += [pool.submit(check_other_ways, sts, folder, run) for run in OTHER_RUNS]
                checks += [
                    pool.submit(check_what_leaks, sts, folder, *leaking) for leaking in LEAKING_RUNS
                ]
                checks += [
                    pool.submit(check_what_stays, sts, folder, *interrupted)
                    for interrupted in INTERRUPTED_RUNS
                ]
                for check in checks:
                    print(check.result(), flush=True)
            assert journal.stat().st_size
            assert not found_in(journal.read_bytes(), sts.secrets())


if __name__ == "__main__":
    main()
