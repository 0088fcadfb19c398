# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Races of a user with root: a user exchanges parts of a path at each system call of an edit or a read of root, and gains nothing."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    mode_of,
    write,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import (
    Person,
    only_root,
    people,
)

pytestmark = only_root


@pytest.fixture(scope="module", name="alice")
def fixture_alice() -> Iterator[Person]:
    with people() as created:
        yield created[0]


VICTIM = b'{"current": "of root", "profiles": [], "secret": "of root only"}'
CALLS = (
    "access chmod chown close fchmod fchown fork fstat fsync getxattr link listdir listxattr lstat mkdir open read readlink"
    " removexattr rename rmdir scandir setgid setgroups setsid setuid setxattr stat umask unlink write"
).split()


class Stage:
    """A home of alice, and a directory of root next to it, which alice tries to reach."""

    def __init__(self, base: Path, alice: Person) -> None:
        self.base = base
        self.alice = alice
        self.home = base / "home"
        self.victim = base / "root" / "config.json"

    def set(self, *, config: bool) -> None:
        for path in (self.home, self.victim.parent):
            if path.exists():
                shutil.rmtree(str(path))
            path.mkdir()
        self.victim.parent.chmod(0o700)
        write(self.victim, VICTIM)
        self.alice.own(self.home, 0o700)
        if config:
            self.aliyun.mkdir()
            write(self.config, ONE_LINE)
            self.alice.own(self.aliyun, 0o700)
            self.alice.own(self.config, 0o600)

    @property
    def aliyun(self) -> Path:
        return self.home / ".aliyun"

    @property
    def config(self) -> Path:
        return self.aliyun / "config.json"

    def check(self) -> None:
        info = self.victim.stat()
        assert self.victim.read_bytes() == VICTIM
        assert (info.st_uid, info.st_gid, mode_of(self.victim)) == (0, 0, 0o600)
        assert mode_of(self.victim.parent) == 0o700 and self.victim.parent.stat().st_uid == 0
        assert os.listdir(str(self.victim.parent)) == ["config.json"]
        assert sorted(os.listdir(str(self.base))) == ["home", "root"]


@pytest.fixture(name="stage")
def fixture_stage(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    base = alice.home.parent / tmp_path.name
    base.mkdir()
    base.chmod(0o755)
    # The disk is not what is tested.
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    yield Stage(base, alice)
    shutil.rmtree(str(base))


def swap_directory(stage: Stage) -> None:
    os.rename(str(stage.aliyun), str(stage.home / "old"))
    os.symlink(str(stage.victim.parent), str(stage.aliyun))


def swap_file(stage: Stage) -> None:
    os.unlink(str(stage.config))
    os.symlink(str(stage.victim), str(stage.config))


def swap_for_a_pipe(stage: Stage) -> None:
    os.unlink(str(stage.config))
    os.mkfifo(str(stage.config))


def put_links(stage: Stage) -> None:
    """Create links with the names that an edit gives to its other files."""
    for name in ("config.json.lock", ".config.json.ansible-{0}".format(os.getpid())):
        path = stage.aliyun / name
        if os.path.lexists(str(path)):
            os.unlink(str(path))
        os.symlink(str(stage.victim), str(path))


def make_directory(stage: Stage) -> None:
    if os.path.lexists(str(stage.aliyun)):
        shutil.rmtree(str(stage.aliyun))
    os.symlink(str(stage.victim.parent), str(stage.aliyun))


class At:
    """Counts system calls of this process or of its child, and lets the user act before one of them."""

    def __init__(self, number: int, act: Callable[[], None], *, in_child: bool = False) -> None:
        self.parent = os.getpid()
        self.in_child = in_child
        self.count = 0
        self.number = number
        self.act = act

    def before(self) -> None:
        # Both would act at the same time, and meet what the other one has exchanged.
        if (os.getpid() != self.parent) != self.in_child:
            return
        self.count += 1
        if self.count == self.number:
            self.act()

    def patch(self, patched: pytest.MonkeyPatch) -> None:
        def wrap(real: Any) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                self.before()
                return real(*args, **options)

            return call

        for name in CALLS:
            patched.setattr(os, name, wrap(getattr(os, name)))
        patched.setattr(fcntl, "flock", wrap(fcntl.flock))
        # The module asks what it may use by the function itself.
        patched.setattr(os, "supports_effective_ids", {os.access})


def edit(stage: Stage) -> Any:
    return _edit.edit(str(stage.config), activate_b, lock_timeout=1)


def edit_and_give(stage: Stage) -> Any:
    owner = _edit._control.Owner(stage.alice.name)  # type: ignore[attr-defined]
    return _edit.edit(str(stage.config), activate_b, lock_timeout=1, backup=True, owner=owner)


def read(stage: Stage) -> Any:
    return _edit.read(str(stage.config))


def read_for_credentials(stage: Stage) -> Any:
    return _edit.read_for_credentials(str(stage.config))


SWAPS = {
    "directory": (swap_directory, True),
    "file": (swap_file, True),
    "pipe": (swap_for_a_pipe, True),
    "links": (put_links, True),
    "new directory": (make_directory, False),
}
TRIED: Dict[Tuple[str, str, bool], int] = {}
# More calls than any of the works makes.
MOST = 400


@pytest.mark.parametrize("work", [edit, edit_and_give, read, read_for_credentials])
@pytest.mark.parametrize("swap", SWAPS)
def test_a_swap_at_any_call_gains_nothing(
    stage: Stage, work: Callable[[Stage], Any], swap: str
) -> None:
    act, config = SWAPS[swap]
    marks = stage.home / "mark"

    def swapped() -> None:
        # The rights of alice suffice, and a call of this function must not count.
        with pytest.MonkeyPatch.context() as undone:
            for name in CALLS:
                undone.setattr(os, name, REAL[name])
            act(stage)
            marks.touch()

    for in_child in (False, True):
        for number in range(1, MOST):
            stage.set(config=config)
            at = At(number, swapped, in_child=in_child)
            result: Any = None
            with pytest.MonkeyPatch.context() as patched:
                at.patch(patched)
                try:
                    result = work(stage)
                except AliyunCliError as error:
                    result = str(error)
            stage.check()
            assert "of root only" not in repr(result)
            assert_no_child()
            if not marks.exists():
                break
            TRIED[work.__name__, swap, in_child] = number
        else:
            raise AssertionError("the work makes more calls than expected")


def assert_no_child() -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_enough_swaps_were_tried() -> None:
    """Root's own process and, unless the work is refused, its child have met swaps."""
    for name in ("edit", "edit_and_give", "read", "read_for_credentials"):
        for swap in SWAPS:
            assert TRIED[name, swap, False] > 5
            assert name == "read_for_credentials" or TRIED[name, swap, True] > 5
    assert sum(TRIED.values()) >= 500, TRIED


REAL = {name: getattr(os, name) for name in CALLS}


def test_a_swap_in_a_directory_for_all_gains_nothing(stage: Stage) -> None:
    """As in /tmp: a user can create what root is about to create, but not exchange what root has created."""
    shared = stage.home
    path = shared / "new" / "deep" / "config.json"
    seen: List[int] = []

    def act() -> None:
        with pytest.MonkeyPatch.context() as undone:
            for name in CALLS:
                undone.setattr(os, name, REAL[name])
            if not os.path.lexists(str(shared / "new")):
                os.symlink(str(stage.victim.parent), str(shared / "new"))
                os.chown(
                    str(shared / "new"), stage.alice.uid, stage.alice.gid, follow_symlinks=False
                )
            seen.append(at.number)

    for number in range(1, MOST):
        stage.set(config=False)
        os.chown(str(shared), 0, 0)
        shared.chmod(0o1777)
        at = At(number, act)
        with pytest.MonkeyPatch.context() as patched:
            at.patch(patched)
            try:
                _edit.edit(str(path), activate_b, lock_timeout=1)
            except AliyunCliError:
                pass
        stage.check()
        if number not in seen:
            break
    assert 5 < number < MOST - 1
