# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the emulator as an object, and let tests control it."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from .clock import Clock
from .control import PREFIX, make_key_pair, mint_token, reject_sessions
from .core import Core
from .faults import parse_fault
from .journal import Entry
from .router import Router
from .server import LOOPBACK, LoopbackServer
from .tls import make_tls
from .world import Switches, World, load_world, parse_world


def _world(source: World | Mapping[str, Any] | str | Path) -> World:
    if isinstance(source, World):
        return source
    if isinstance(source, Mapping):
        return parse_world(dict(source))
    return load_world(source)


class Emulator:
    """STS and its neighbours on loopback; a context manager.

    ``world`` is a world, a mapping of the shape of a world file, or the path of one. Port 0 is any
    free port. Without ``ca_file`` the authority's certificate goes to a temporary file, which
    ends with the emulator.
    """

    def __init__(
        self,
        world: World | Mapping[str, Any] | str | Path,
        *,
        http_port: int = 0,
        https_port: int = 0,
        clock: Clock | None = None,
        ca_file: str | Path | None = None,
        journal_file: str | Path | None = None,
    ) -> None:
        self.core = Core(_world(world), clock=clock, journal_file=journal_file)
        self.stopped = threading.Event()
        self._router = Router(self.core, stop=self.stopped.set, describe=self.describe)
        self._ports = http_port, https_port
        self._wanted_ca_file = ca_file
        self._servers: list[LoopbackServer] = []
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self.ca_file = ""

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen on both ports.

        :raises OSError: when a port is taken.
        """
        context, authority = make_tls()
        try:
            for port, tls in zip(self._ports, (None, context), strict=True):
                server = LoopbackServer(port, answer=self._router.answer, context=tls)
                self._servers.append(server)
                server.start()
            self._write_authority(authority)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close every connection and end every thread; may be called twice."""
        while self._servers:
            self._servers.pop().stop()
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None
        self.core.journal.close()
        self.stopped.set()

    def _write_authority(self, pem: str) -> None:
        if self._wanted_ca_file is None:
            self._directory = tempfile.TemporaryDirectory(prefix="emulator-")
            self.ca_file = os.path.join(self._directory.name, "ca.pem")
        else:
            self.ca_file = os.path.abspath(self._wanted_ca_file)
        Path(self.ca_file).write_text(pem, encoding="ascii")

    @property
    def http_port(self) -> int:
        return self._servers[0].port

    @property
    def https_port(self) -> int:
        return self._servers[1].port

    @property
    def http_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def https_url(self) -> str:
        return f"https://{LOOPBACK}:{self.https_port}"

    @property
    def control_url(self) -> str:
        return self.http_url + PREFIX

    def describe(self) -> dict[str, Any]:
        """Return the addresses of the emulator, as the ready file contains them."""
        return {
            "pid": os.getpid(),
            "http_url": self.http_url,
            "https_url": self.https_url,
            "http_port": self.http_port,
            "https_port": self.https_port,
            "control_url": self.control_url,
            "ca_file": self.ca_file,
        }

    @property
    def clock(self) -> Clock:
        return self.core.clock

    @property
    def switches(self) -> Switches:
        return self.core.switches

    @property
    def journal(self) -> list[Entry]:
        """Return the calls so far, in order."""
        return self.core.journal.entries()

    def add_fault(self, kind: str, **values: Any) -> None:
        """Let calls fail: see :class:`.faults.Fault`.

        :raises ValueError: for an invalid fault.
        """
        self.core.faults.add(parse_fault({"kind": kind, **values}))

    def reject_sessions(self, how: str, **values: str) -> int:
        """Let STS reject sessions from now on; return their number. See :func:`.control.reject_sessions`.

        :raises ValueError: for an unknown way.
        """
        return int(reject_sessions(self.core, {"how": how, **values})["sessions"])

    def oidc_token(self, **values: Any) -> str:
        """Return an OIDC token: ``provider``, ``subject``, ``audience``, ``seconds``, ``flaw``.

        :raises ValueError: when one of them is wrong.
        """
        return mint_token(self.core, values)

    def key_pair(self, identity: str, *, name: str) -> str:
        """Return the private key, in PEM, of a new RSA key pair of a user.

        :raises ValueError: when the identity is not a user of this world.
        """
        return str(make_key_pair(self.core, {"identity": identity, "id": name})["private_key"])

    def reset(self) -> None:
        """Forget sessions, nonces, faults and journal, and go back to real time."""
        self._router.control.reset()
