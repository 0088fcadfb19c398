# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any tree of directories and links: root's rights are used only for what no user can change."""

import os
import shutil
from pathlib import Path
from typing import Any, Iterator, List, Tuple

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import only_root
from hypothesis import given
from hypothesis import strategies as st

pytestmark = only_root
ALICE, BOB = 3000000001, 3000000002
NAMES = st.sampled_from("abc")
PATHS = st.lists(NAMES | st.just(".."), min_size=1, max_size=4).map("/".join)
# What is created: where, as what, whose, with which permissions, and the target of a link.
NODES = st.tuples(
    st.lists(NAMES, min_size=1, max_size=3),
    st.sampled_from(["directory", "directory", "relative", "absolute", "file"]),
    st.sampled_from([0, 0, 0, ALICE, BOB]),
    st.sampled_from([0o700, 0o755, 0o755, 0o775, 0o777, 0o1777]),
    PATHS,
)


@pytest.fixture(scope="module", name="base")
def fixture_base(tmp_path_factory: Any) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("tree")


def build(base: Path, nodes: List[Any]) -> None:
    for names, kind, uid, mode, target in nodes:
        path = base.joinpath(*names)
        if os.path.lexists(str(path)) or not os.path.isdir(str(path.parent)):
            continue
        if os.path.realpath(str(path.parent)) != str(path.parent):
            continue
        if kind == "directory":
            path.mkdir()
        elif kind == "file":
            path.touch()
        else:
            path.symlink_to(target if kind == "relative" else str(base / target))
        # A group of the same number: nobody else is in it, but it has no name that says so.
        os.chown(str(path), uid, uid, follow_symlinks=False)
        if kind in ("directory", "file"):
            path.chmod(mode)


def steps(path: str, links: int = 0) -> Iterator[Tuple[str, str, bool]]:
    """Yield each directory that the system searches to resolve a path, the name, and whether it is the last."""
    at = "/"
    names = path.strip("/").split("/")
    for number, name in enumerate(names):
        if name == "..":
            at = os.path.dirname(at)
            continue
        yield at, name, number == len(names) - 1
        found = os.path.join(at, name)
        if os.path.islink(found):
            if links > 40:
                return
            rest = "/".join([os.readlink(found)] + names[number + 1 :])
            yield from steps(rest if rest.startswith("/") else os.path.join(at, rest), links + 1)
            return
        at = found
        if not os.path.isdir(at):
            return


def can_change(directory: str, name: str, uid: int) -> bool:
    """Return whether a user can replace the file of a name in a directory, by the rules of the system."""
    info = os.stat(directory)
    if info.st_uid == uid:
        return True
    if not info.st_mode & 0o002:
        # Nobody is in a group here.
        return False
    path = os.path.join(directory, name)
    return not info.st_mode & 0o1000 or not os.path.lexists(path) or os.lstat(path).st_uid == uid


@given(nodes=st.lists(NODES, max_size=12), path=st.lists(NAMES, min_size=1, max_size=4))
def test_root_acts_only_where_no_user_can_change_anything(
    base: Path, nodes: List[Any], path: List[str]
) -> None:
    for name in os.listdir(str(base)):
        found = base / name
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(str(found))
        else:
            found.unlink()
    build(base, nodes)
    wanted = str(base.joinpath(*path))
    opened = len(os.listdir("/proc/self/fd"))
    try:
        place = _control.find(wanted)
    except (ConfigFileError, OSError):
        return
    finally:
        assert len(os.listdir("/proc/self/fd")) == opened
    passed = list(steps(wanted))
    if place.uid == 0:
        assert os.path.normpath(place.path) == os.path.realpath(wanted)
        for uid in (ALICE, BOB):
            for directory, name, is_last in passed:
                # A directory that does not exist yet can appear, and is found on its creation.
                exists = os.path.lexists(os.path.join(directory, name))
                if exists or is_last:
                    assert not can_change(directory, name, uid), (directory, name)
    else:
        # All before the first component of this user is safe from everybody.
        for directory, name, _is_last in passed:
            component = os.path.join(directory, name)
            assert os.stat(directory).st_uid == 0
            if os.lstat(component).st_uid == place.uid and not os.path.isfile(component):
                break
            for uid in (ALICE, BOB):
                assert not can_change(directory, name, uid)
        else:
            raise AssertionError("no component belongs to the user")
