# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Share the state of a running emulator between its parts."""

from __future__ import annotations

from pathlib import Path
from threading import RLock

from .clock import Clock
from .faults import Faults
from .journal import Journal
from .oidc import Issuer
from .ram_keys import KeyRing
from .state import State
from .world import Switches, World


class Core:
    """World and state of an emulator. ``lock`` is held while a call is performed."""

    def __init__(
        self, world: World, *, clock: Clock | None = None, journal_file: str | Path | None = None
    ) -> None:
        self.lock = RLock()
        self.world = world
        self.clock = clock or Clock()
        self.keys = KeyRing(world, self.clock)
        self.state = State(self.clock, self.keys, lambda: self.switches.session_seconds)
        self.journal = Journal(journal_file)
        self.faults = Faults()
        self.issuer = Issuer()
        self._first_switches = Switches(**vars(world.switches))

    @property
    def switches(self) -> Switches:
        return self.world.switches

    def reset(self) -> None:
        """Reset the emulator: no sessions, nonces, faults, journal; the first keys and switches; real time."""
        with self.lock:
            self.clock.reset()
            self.state.forget()
            self.faults.clear()
            self.journal.clear()
            self.switches.update(vars(self._first_switches))
