# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users of the system for tests of root: two of them with homes, created for a test and removed after it."""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Iterator, List, NamedTuple

import pytest

_NUMBERS = itertools.count()
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as other users")


class Person(NamedTuple):
    """A user of the system."""

    name: str
    uid: int
    gid: int
    home: Path

    @property
    def config(self) -> Path:
        """Return the default config file of the user."""
        return self.home / ".aliyun" / "config.json"

    def own(self, path: Path, mode: int) -> None:
        """Give a file or directory to the user."""
        os.chown(str(path), self.uid, self.gid, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(mode)

    def put(self, content: bytes) -> None:
        """Write the user's config file."""
        if not self.config.parent.exists():
            self.config.parent.mkdir()
            self.own(self.config.parent, 0o700)
        if self.config.is_symlink():
            self.config.unlink()
        self.config.write_bytes(content)
        self.own(self.config, 0o600)


@contextlib.contextmanager
def people() -> Iterator[List[Person]]:
    """Yield two users, alice and bob, whose homes are in a directory that belongs to root."""
    base = Path(tempfile.mkdtemp(prefix="aliyun-cli-users-"))
    base.chmod(0o755)
    created: List[str] = []
    try:
        for short in ("alice", "bob"):
            # Unique, since each folder of tests has its own fixture.
            name = "ac{0}-{1}-{2}".format(os.getpid(), next(_NUMBERS), short)
            home = base / short
            command = ["useradd", "--no-log-init", "--no-create-home", "--user-group"]
            subprocess.check_call(command + ["--home-dir", str(home), name])
            created.append(name)
            home.mkdir()
            subprocess.check_call(["chown", "{0}:{0}".format(name), str(home)])
            home.chmod(0o700)
        yield [
            Person(name, info.st_uid, info.st_gid, home)
            for name, home in zip(created, (base / "alice", base / "bob"))
            for info in [home.stat()]
        ]
    finally:
        for name in created:
            subprocess.call(["userdel", name])
        shutil.rmtree(str(base))
