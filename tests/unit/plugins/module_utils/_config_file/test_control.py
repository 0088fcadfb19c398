# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the owner of a path, and that a user gains nothing by links in it."""

import os
import struct
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._as_user import run_as
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import ownership as _ownership
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    mode_of,
    write,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import Person, only_root

pytestmark = only_root
SHARED = (
    "several users can write to the directory '{0}', so a user could exchange the config file: run chmod go-w on it, or"
    " choose another config_path"
)


@pytest.fixture(name="base")
def fixture_base(alice: Person, tmp_path: Path) -> Path:
    """Return a directory of root that others can enter."""
    base = alice.home.parent / tmp_path.name
    base.mkdir()
    base.chmod(0o755)
    return base


def found(path: Path, **options: Any) -> Any:
    return _control.find(str(path), **options)


def test_find_gives_root_what_only_root_controls(base: Path, alice: Person) -> None:
    path = base / "a" / "config.json"
    assert found(path) == (str(path), 0, False)
    path.parent.mkdir()
    assert found(path) == (str(path), 0, True)
    write(path, ONE_LINE)
    # In a directory that root controls, root can replace the file, whoever owns it.
    alice.own(path, 0o600)
    assert found(path)[:2] == (str(path), 0)
    assert found(path.parent)[:2] == (str(path.parent), 0)


def test_find_gives_a_home_to_its_user(alice: Person) -> None:
    assert found(alice.config)[:2] == (str(alice.config), alice.uid)


@pytest.mark.parametrize(
    "target", ["{0}/data/home", "data/home", "data/../data/./home", "{0}/x/../data//home"]
)
def test_find_follows_the_links_of_root(base: Path, alice: Person, target: str) -> None:
    (base / "data" / "home" / "alice").mkdir(parents=True)
    (base / "x").mkdir()
    alice.own(base / "data" / "home" / "alice", 0o700)
    (base / "home").symlink_to(target.format(base))
    path = base / "home" / "alice" / ".aliyun" / "config.json"
    assert found(path)[:2] == (
        str(base / "data" / "home" / "alice" / ".aliyun" / "config.json"),
        alice.uid,
    )


def test_find_leaves_the_links_of_a_user_to_the_user(base: Path, alice: Person) -> None:
    link = base / "home"
    link.symlink_to("/etc")
    alice.own(link, 0)
    assert found(link / "x")[:2] == (str(link / "x"), alice.uid)
    alone = base / "config.json"
    alone.symlink_to("/etc/passwd")
    alice.own(alone, 0)
    assert found(alone)[:2] == (str(alone), alice.uid)


def test_find_refuses_a_circle_of_links(base: Path) -> None:
    (base / "a").symlink_to("b")
    (base / "b").symlink_to("a")
    with pytest.raises(ConfigFileError, match="leads through too many symbolic links"):
        found(base / "a" / "config.json")
    assert len(os.listdir("/proc/self/fd")) < 50


def test_find_ends_at_the_root_directory(base: Path) -> None:
    (base / "up").symlink_to("../" * 100 + "etc")
    assert found(base / "up" / "x")[:2] == ("/etc/x", 0)


def acl(uid: int) -> bytes:
    entries = [(1, 7, -1), (2, 7, uid), (4, 0, -1), (16, 7, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, number & 0xFFFFFFFF) for tag, rights, number in entries
    )


@pytest.mark.parametrize("how", ["others", "group", "list"])
def test_a_directory_that_several_users_can_write_to_is_refused(
    base: Path, alice: Person, how: str
) -> None:
    folder = base / "shared"
    folder.mkdir()
    path = folder / "config.json"
    if how == "others":
        folder.chmod(0o777)
    elif how == "group":
        os.chown(str(folder), 0, alice.gid)
        folder.chmod(0o770)
    else:
        os.setxattr(str(folder), "system.posix_acl_access", acl(alice.uid))
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b)
    assert str(caught.value) == SHARED.format(folder)
    with pytest.raises(ConfigFileError):
        found(folder / "below" / "config.json")
    # A read changes nothing.
    assert not _edit.read(str(path)).exists


def test_the_own_group_of_a_user_does_not_share(base: Path, alice: Person, bob: Person) -> None:
    root, hers, shared = base / "root", base / "hers", base / "shared"
    for folder in (root, hers, shared):
        folder.mkdir()
        folder.chmod(0o770)
    alice.own(hers, 0o770)
    os.chown(str(shared), alice.uid, bob.gid)
    assert found(root / "config.json").uid == 0
    assert found(hers / "config.json").uid == alice.uid
    with pytest.raises(ConfigFileError) as caught:
        found(shared / "config.json")
    assert str(caught.value) == SHARED.format(shared)


def test_a_sticky_directory_protects_directories_but_no_file(base: Path, alice: Person) -> None:
    folder = base / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    (folder / "roots").mkdir()
    (folder / "hers").mkdir()
    alice.own(folder / "hers", 0o700)
    assert found(folder / "roots" / "config.json").uid == 0
    assert found(folder / "hers" / "config.json").uid == alice.uid
    assert found(folder / "new" / "config.json").uid == 0
    for content in (None, ONE_LINE):
        if content:
            write(folder / "config.json", content)
        with pytest.raises(ConfigFileError) as caught:
            found(folder / "config.json")
        assert str(caught.value) == SHARED.format(folder)


def test_users_outside_of_the_user_namespace_count_as_root(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = int(Path("/proc/sys/kernel/overflowuid").read_text())
    os.chown(str(base), nobody, nobody)
    assert found(base / "config.json").uid == nobody
    real = _control._read_proc
    monkeypatch.setattr(
        _control, "_read_proc", lambda path: b"0 1000 1" if path.endswith("uid_map") else real(path)
    )
    assert found(base / "config.json").uid == 0


# --- which files may provide credentials


def test_credentials_come_from_files_of_oneself_or_root_only(alice: Person, bob: Person) -> None:
    alice.put(ONE_LINE)
    what = ", and this user could make the task read any file or run any program with your rights: set become_user to '{0}'"
    with pytest.raises(ConfigFileError) as caught:
        _edit.read_for_credentials(str(alice.config))
    assert str(caught.value) == (
        "the path of {0} is controlled by user '{1}'".format(alice.config, alice.name)
        + what.format(alice.name)
    )
    assert _edit.read(str(alice.config)).document["current"] == "a"

    def as_alice() -> Any:
        return _edit.read_for_credentials(str(alice.config)).document["current"]

    assert run_as(alice.name, as_alice) == "a"
    os.chown(str(alice.config), bob.uid, bob.gid)
    alice.config.chmod(0o644)
    with pytest.raises(ConfigFileError) as caught:
        run_as(alice.name, as_alice)
    assert str(caught.value) == (
        "{0} belongs to user '{1}'".format(alice.config, bob.name) + what.format(bob.name)
    )
    os.chown(str(alice.config), 0, 0)
    assert run_as(alice.name, as_alice) == "a"


def test_a_link_of_a_user_provides_no_credentials_of_root(alice: Person, base: Path) -> None:
    write(base / "config.json", ONE_LINE)
    link = alice.home / "link.json"
    link.symlink_to(base / "config.json")
    with pytest.raises(ConfigFileError, match="is controlled by user"):
        _edit.read_for_credentials(str(link))
    link.unlink()
    # A user without a profile gets no error.
    assert not _edit.read_for_credentials(str(link)).exists


def test_a_file_that_others_can_write_provides_no_credentials(base: Path, alice: Person) -> None:
    path = base / "config.json"
    told = (
        "{0} may not provide credentials, since other users can write to it: run chmod go-w on it, and check its"
        " profiles".format(path)
    )
    for mode, gid in ((0o602, 0), (0o660, alice.gid)):
        write(path, ONE_LINE, mode)
        os.chown(str(path), 0, gid)
        with pytest.raises(ConfigFileError) as caught:
            _edit.read_for_credentials(str(path))
        assert str(caught.value) == told
    os.chown(str(path), 0, 0)
    # A group without other members, as the umask 002 of some distributions leaves it.
    assert _edit.read_for_credentials(str(path)).document["current"] == "a"
    base.chmod(0o777)
    assert _edit.read_for_credentials(str(path)).document["current"] == "a"


# --- what users try

VICTIM = b'{"log-driver": "journald"}'


@pytest.fixture(name="victim")
def fixture_victim(base: Path) -> Path:
    """Return a file of root that nobody else can read."""
    victim = base / "daemon.json"
    write(victim, VICTIM)
    return victim


def unharmed(victim: Path) -> bool:
    info = victim.stat()
    return (
        victim.read_bytes() == VICTIM
        and (info.st_uid, info.st_gid) == (0, 0)
        and mode_of(victim) == 0o600
        and os.listdir(str(victim.parent)) == [victim.name]
    )


@pytest.mark.parametrize("owned", [True, False])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_link_to_a_file_of_root(
    alice: Person, victim: Path, owned: bool, check_mode: bool
) -> None:
    alice.put(ONE_LINE)
    alice.config.unlink()
    alice.config.symlink_to(victim)
    owner = _edit._control.Owner(alice.name) if owned else _edit._control.Owner()  # type: ignore[attr-defined]
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(alice.config), activate_b, owner=owner, check_mode=check_mode)
    assert "permission denied" in str(caught.value)
    assert unharmed(victim)
    with pytest.raises(ConfigFileError, match="cannot be read: permission denied"):
        _edit.read(str(alice.config))


@pytest.mark.parametrize("name", [".aliyun", "conf"])
def test_a_link_to_a_directory_of_root(alice: Person, victim: Path, name: str) -> None:
    link = alice.home / (name + "-link")
    link.symlink_to(victim.parent)
    path = link / (".aliyun/config.json" if name == "conf" else "config.json")
    with pytest.raises(ConfigFileError, match="permission denied"):
        _edit.edit(str(path), activate_b)
    assert unharmed(victim)
    link.unlink()


def test_a_link_to_a_directory_that_does_not_exist(alice: Person, base: Path) -> None:
    new = base / "newdir"
    link = alice.home / "conf-new"
    link.symlink_to(new)
    with pytest.raises(ConfigFileError):
        _edit.edit(str(link / "aliyun" / "config.json"), activate_b)
    assert not new.exists()
    link.unlink()


def test_legitimate_uses(alice: Person, base: Path) -> None:
    alice.put(ONE_LINE)
    edit = _edit.edit("~{0}/.aliyun/config.json".format(alice.name), activate_b, backup=True)
    assert edit.changed and edit.path == str(alice.config)
    assert edit.before["current"] == "a" and edit.after["current"] == "b"
    for path in (alice.config, Path(edit.backup_file or "")):
        assert (path.stat().st_uid, path.stat().st_gid, mode_of(path)) == (
            alice.uid,
            alice.gid,
            0o600,
        )
    (base / "home").symlink_to(alice.home)
    path = base / "home" / ".aliyun" / "config.json"
    assert not _edit.edit(str(path), activate_b).changed
    assert _edit.read(str(path)).document["current"] == "b"
    etc = base / "etc" / "config.json"
    etc.parent.mkdir()
    etc.parent.chmod(0o755)
    owner = _edit._control.Owner(alice.name)  # type: ignore[attr-defined]
    for current in ("a", "b"):
        edit = _edit.edit(str(etc), lambda document: document.update(current=current), owner=owner)
        assert edit.changed and (etc.stat().st_uid, mode_of(etc)) == (alice.uid, 0o600)
        assert etc.parent.stat().st_uid == 0


def test_an_error_of_the_change_comes_back(alice: Person) -> None:
    alice.put(ONE_LINE)

    def refuse(document: Any) -> None:
        raise ConfigFileError("no: {0}".format(os.geteuid()))

    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(alice.config), refuse)
    assert str(caught.value) == "no: {0}".format(alice.uid)
    assert alice.config.read_bytes() == ONE_LINE


def test_a_directory_that_another_process_creates_meanwhile(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = base / "new" / "config.json"
    real = _ownership.make_directory

    def make_directory(directory: str, owner: Any) -> None:
        if not os.path.isdir(directory):
            real(directory, owner)
            write(path, ONE_LINE)
        real(directory, owner)

    monkeypatch.setattr(_ownership, "make_directory", make_directory)
    edit = _edit.edit(str(path), activate_b)
    assert edit.before["current"] == "a" and b'"b"' in path.read_bytes()
