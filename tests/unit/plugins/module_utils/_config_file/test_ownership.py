# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test owner and permissions of the file and its directory, and that root gives away nothing else."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._as_user import find_user, run_as
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import ownership as _ownership
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ConfigFileError,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    mode_of,
    write,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import Person, only_root

USER = (4711, 4712)


@pytest.mark.parametrize(
    "name",
    ["no-such-one", "²", "4294967295", "99999999999999", "9" * 5000, "-1", "a\0b", "\udc80"],
    ids=ascii,
)
@pytest.mark.parametrize("what", ["user", "group"])
def test_an_unknown_owner(path: Path, name: str, what: str) -> None:
    write(path, ONE_LINE)
    owner = _control.Owner(*((name, None) if what == "user" else (None, name)))
    with pytest.raises(AliyunCliError) as caught:
        _edit.edit(str(path), activate_b, owner=owner)
    shown = name.encode("ascii", "backslashreplace").decode("ascii")
    assert str(caught.value) == (
        "{0} '{1}' does not exist: create the {0} first, or correct the name".format(what, shown)
    )
    assert path.read_bytes() == ONE_LINE


def owner_of(path: Path) -> Any:
    info = path.lstat()
    return info.st_uid, info.st_gid


@only_root
def test_a_new_file_in_a_home_belongs_to_its_user(alice: Person) -> None:
    path = alice.home / "new" / ".aliyun" / "config.json"
    path.parent.parent.mkdir()
    alice.own(path.parent.parent, 0o755)
    edit = _edit.edit(str(path), activate_b)
    assert edit.changed and owner_of(path) == owner_of(path.parent) == (alice.uid, alice.gid)
    assert mode_of(path) == 0o600 and mode_of(path.parent) == 0o700
    assert not _edit.edit(str(path), activate_b).changed


@only_root
def test_root_does_not_lock_the_user_out(path: Path) -> None:
    write(path, ONE_LINE)
    os.chown(str(path), *USER)
    edit = _edit.edit(str(path), activate_b, backup=True)
    assert edit.backup_file is not None
    assert owner_of(path) == owner_of(Path(edit.backup_file)) == USER
    assert mode_of(path) == 0o600


def test_check_mode_fails_where_a_change_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(path: Path, **options: Any) -> str:
        with pytest.raises(ConfigFileError) as caught:
            _edit.edit(str(path), activate_b, check_mode=True, **options)
        return str(caught.value)

    home = tmp_path / "home"
    path = home / ".aliyun" / "config.json"
    assert refusal(path) == "the home {0} does not exist: create it or set config_path".format(home)
    home.mkdir()
    assert _edit.edit(str(path), activate_b, check_mode=True).changed
    with monkeypatch.context() as patched:
        patched.setattr(
            os, "access", lambda name, how, **more: Path(name) != home or not how & os.W_OK
        )
        assert refusal(path) == (
            "{0} was left unchanged: permission denied: {1} cannot create '{2}', since they cannot write to"
            " '{3}'".format(path, find_user(os.geteuid()).title, path.parent, home)
        )
    monkeypatch.setattr(os, "geteuid", lambda: USER[0])
    assert refusal(path, owner=_control.Owner("0")) == (
        "{0} cannot belong to user 'root', since user '4711' controls its path".format(path)
    )
    assert refusal(path, owner=_control.Owner(str(USER[0]), str(USER[1]))) == (
        "{0} cannot belong to group '4712', since user '4711' is not in this group".format(path)
    )
    own = _control.Owner(str(USER[0]))
    assert _edit.edit(str(path), activate_b, check_mode=True, owner=own).changed


def test_check_mode_does_not_fail_where_nothing_changes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ONE_LINE)
    monkeypatch.setattr(os, "access", lambda name, how: False)
    assert not _edit.edit(str(path), lambda document: None, check_mode=True).changed
    path.chmod(0o644)
    assert _edit.edit(str(path), lambda document: None, check_mode=True).changed


READ_ONLY = """
import ctypes, sys
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit
path = sys.argv[1].encode()
libc = ctypes.CDLL(None, use_errno=True)
# A mount namespace of this process: CLONE_NEWNS, MS_REC | MS_PRIVATE, MS_BIND, MS_REMOUNT | MS_BIND | MS_RDONLY.
assert libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0
assert libc.mount(path, path, None, 0x1000, None) == 0
assert libc.mount(path, path, None, 0x1021, None) == 0
path = sys.argv[1] + "/config.json"
for check_mode in (True, False):
    done = edit.edit(path, lambda document: None, check_mode=check_mode)
    print(done.changed, done.findings, *done.warnings)
    try:
        edit.edit(path, lambda document: document.update(current="b"), check_mode=check_mode)
    except edit.ConfigFileError as error:
        print(error)
"""


@only_root
def test_an_unchanged_profile_is_ok_on_a_read_only_file_system(tmp_path: Path) -> None:
    """As a secret that Kubernetes mounts: everybody can read it, and nobody can change that."""
    path = tmp_path / "mounted" / "config.json"
    path.parent.mkdir()
    write(path, ONE_LINE, 0o644)
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    command = [sys.executable, "-c", READ_ONLY, str(path.parent)]
    printed = subprocess.check_output(command, env=environ).decode().splitlines()
    assert (
        printed
        == [
            "False [] {0} can be read by others, and the file system does not allow a change: move config_path to"
            " another file system".format(path),
            "{0} was left unchanged: the file system is read-only".format(path),
        ]
        * 2
    )


@only_root
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_unchanged_profile_is_ok_in_a_file_of_another_user(
    alice: Person, tmp_path: Path, check_mode: bool
) -> None:
    path = alice.home.parent / tmp_path.name / "config.json"
    path.parent.mkdir(mode=0o755)
    write(path, ONE_LINE, 0o644)

    def work() -> Any:
        edit = _edit.edit(str(path), lambda document: None, check_mode=check_mode)
        return [edit.changed, edit.findings, edit.warnings]

    told = "{0} can be read by others, and only user 'root' can change this: remove the rights of others with chmod go-rwx"
    assert run_as(alice.name, work) == [False, [], [told.format(path)]]
    with pytest.raises(ConfigFileError, match="cannot belong to user 'root'"):
        run_as(alice.name, lambda: _edit.edit(str(path), activate_b, check_mode=check_mode))


@only_root
def test_a_directory_that_its_user_cannot_list_is_written_to(alice: Person) -> None:
    alice.put(ONE_LINE)
    alice.config.parent.chmod(0o300)
    assert _edit.edit(str(alice.config), activate_b).changed
    assert _edit.read(str(alice.config)).document["current"] == "b"


@pytest.mark.parametrize(
    "mount, closes",
    [
        (b"vfat /dev/sdb1 rw,umask=022", False),
        (b"cifs //server/share rw", False),
        (b"9p drvfs rw,aname=drvfs;path=C:;uid=1000;metadata;symlinkroot=/mnt/,trans=fd", True),
        (b"9p drvfs rw,aname=drvfs;path=C:;uid=1000;symlinkroot=/mnt/,trans=fd", False),
        (b"ext4 /dev/sda1 rw", True),
    ],
)
def test_check_mode_expects_no_repair_where_a_mount_gives_the_permissions(
    path: Path, monkeypatch: pytest.MonkeyPatch, mount: bytes, closes: bool
) -> None:
    """No such file system can be mounted in every test, so the list of mounts is replaced."""
    write(path, ONE_LINE, 0o644)
    number = path.stat().st_dev
    device = "{0}:{1}".format(os.major(number), os.minor(number)).encode()
    monkeypatch.setattr(
        _ownership,
        "_list_mounts",
        lambda: [
            b"1 1 0:1 / /proc rw - proc proc rw".split(),
            [b"2", b"1", device, b"/", b"/mnt", b"rw", b"-"] + mount.split(),
        ],
    )
    edit = _edit.edit(str(path), lambda document: None, check_mode=True)
    assert edit.changed == bool(edit.findings) == closes and bool(edit.warnings) != closes
    assert mode_of(path) == 0o644


@only_root
def test_the_group_alone_as_asked(path: Path) -> None:
    write(path, ONE_LINE)
    owner = _control.Owner(group=str(USER[1]))
    assert _edit.edit(str(path), lambda document: None, owner=owner).changed
    assert owner_of(path) == (0, USER[1])
    assert not _edit.edit(str(path), lambda document: None, owner=owner).changed


@only_root
@pytest.mark.parametrize("exists", [True, False])
def test_owner_and_group_as_asked(alice: Person, exists: bool) -> None:
    path = alice.home.parent / "etc-{0}".format(exists) / "deep" / "er" / "config.json"
    if exists:
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o700)
        write(path, ONE_LINE)
    else:
        path.parent.parent.parent.mkdir()
    path.parent.parent.parent.chmod(0o755)
    owner = _control.Owner(alice.name, str(alice.gid))
    assert _edit.edit(str(path), lambda document: None, owner=owner).changed
    assert owner_of(path) == (alice.uid, alice.gid)
    mine = owner_of(path.parent), owner_of(path.parent.parent)
    assert mine == ((0, 0) if exists else (alice.uid, alice.gid),) * 2
    assert owner_of(path.parent.parent.parent) == (0, 0)
    assert not _edit.edit(str(path), lambda document: None, owner=owner).changed
    assert _edit.edit(str(path), activate_b, owner=owner).changed
    assert owner_of(path) == (alice.uid, alice.gid)


@only_root
def test_a_file_of_another_user_is_not_taken_over(alice: Person, bob: Person) -> None:
    path = alice.home / "of-root" / "config.json"
    path.parent.mkdir()
    alice.own(path.parent, 0o700)
    write(path, ONE_LINE, 0o644)
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b)
    assert str(caught.value) == (
        "{0} cannot belong to user 'root', since user '{1}' writes it: let its owner do this, or give it to them".format(
            path, alice.name
        )
    )
    path.unlink()
    with pytest.raises(ConfigFileError) as caught:
        _edit.edit(str(path), activate_b, owner=_control.Owner(bob.name))
    assert str(caught.value) == (
        "{0} cannot belong to user '{1}', since user '{2}' controls its path".format(
            path, bob.name, alice.name
        )
    )
    assert not path.exists()


@only_root
def test_a_group_that_the_user_has_left_does_not_matter(alice: Person, bob: Person) -> None:
    alice.put(ONE_LINE)
    os.chown(str(alice.config), alice.uid, bob.gid)
    assert not _edit.edit(str(alice.config), lambda document: None).changed
    assert _edit.edit(str(alice.config), activate_b).changed
    assert owner_of(alice.config) == (alice.uid, alice.gid)


def test_a_link_that_takes_the_place_of_the_file_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    write(victim, b"", 0o644)
    path.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        _ownership.repair_file(str(path), owner_of(victim))
    assert mode_of(victim) == 0o644


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_nothing_is_open_to_others_under_any_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / ".aliyun" / "config.json"
    old = os.umask(umask)
    try:
        _edit.edit(str(path), lambda document: None)
        edit = _edit.edit(str(path), activate_b, backup=True)
    finally:
        os.umask(old)
    assert edit.backup_file is not None
    assert mode_of(path) == 0o600 and mode_of(path.parent) == 0o700
    assert mode_of(Path(edit.backup_file)) == 0o600


def test_a_directory_that_the_cli_left_open_is_closed_and_told(tmp_path: Path) -> None:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    folder.chmod(0o755)
    path = folder / "config.json"
    told = ["{0} can be read by others".format(folder)]
    assert _edit.edit(str(path), activate_b, check_mode=True).findings == told
    assert mode_of(folder) == 0o755
    assert _edit.edit(str(path), activate_b).findings == told
    assert mode_of(folder) == 0o700
