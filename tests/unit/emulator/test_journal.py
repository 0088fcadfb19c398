# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the journal of calls: waiting for a call, and fingerprints of secrets."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.aliyun.cli.tests.emulator.journal import Journal, fingerprint


def test_waiting_for_calls() -> None:
    journal = Journal()
    journal.add({"action": "first"})
    journal.wait(1)
    thread = threading.Thread(target=journal.add, args=({"action": "second"},))
    thread.start()
    journal.wait(2)
    thread.join()
    assert [entry["number"] for entry in journal.entries()] == [1, 2]


def test_waiting_for_a_call_that_does_not_come() -> None:
    with pytest.raises(TimeoutError, match="fewer than 1 calls"):
        Journal().wait(1, seconds=0)


def test_fingerprint() -> None:
    assert fingerprint("") == ""
    assert fingerprint("secret").startswith("sha256:") and "secret" not in fingerprint("secret")
    assert fingerprint("secret") != fingerprint("Secret")
