# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error names the directory, the user and the missing right."""

import os
from pathlib import Path

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._as_user import run_as
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.stored import (
    ONE_LINE,
    activate_b,
    write,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.users import Person, only_root


@only_root
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_error_names_directory_user_and_right(
    alice: Person, tmp_path: Path, check_mode: bool
) -> None:
    base = alice.home.parent / tmp_path.name
    (base / "closed" / "in").mkdir(parents=True)
    (base / "var").mkdir()
    write(base / "var" / "config.json", ONE_LINE, 0o600)
    for path, mode in ((base, 0o755), (base / "closed", 0o700), (base / "var", 0o755)):
        path.chmod(mode)
    cases = {
        base
        / "var"
        / ".aliyun"
        / "config.json": "cannot create '{0}/var/.aliyun', since they cannot write to '{0}/var'",
        base / "closed" / "in" / "config.json": "cannot enter the directory '{0}/closed'",
        base / "closed" / "config.json": "cannot enter the directory '{0}/closed'",
        base / "var" / "config.json": "cannot read it, since it belongs to user 'root'",
        base / "var" / "other.json": "cannot write to the directory '{0}/var'",
    }
    for path, what in cases.items():
        with pytest.raises(ConfigFileError) as caught:
            run_as(
                alice.uid,
                lambda: _edit.edit(str(path), activate_b, check_mode=check_mode),
            )
        assert str(
            caught.value
        ) == "{0} was left unchanged: permission denied: user '{1}' {2}".format(
            path, alice.name, what.format(base)
        )
    assert sorted(os.listdir(str(base / "var"))) == ["config.json"]


@only_root
def test_an_error_names_the_directory_behind_a_link(alice: Person, tmp_path: Path) -> None:
    """Check that the error does not deny the target, which the user cannot see."""
    closed = alice.home.parent / tmp_path.name
    closed.mkdir(mode=0o700)
    write(closed / "config.json", ONE_LINE)
    alice.put(b"")
    alice.config.unlink()
    alice.config.symlink_to(closed / "config.json")
    told = "permission denied: user '{0}' cannot enter the directory '{1}'".format(
        alice.name, closed
    )
    for work, what in (
        (lambda: _edit.edit(str(alice.config), activate_b), "was left unchanged"),
        (lambda: _edit.read(str(alice.config)), "cannot be read"),
    ):
        with pytest.raises(ConfigFileError) as caught:
            work()
        assert str(caught.value) == "{0} {1}: {2}".format(alice.config, what, told)


@only_root
def test_an_error_names_the_mode_of_the_own_file(alice: Person) -> None:
    alice.put(ONE_LINE)
    alice.config.chmod(0o200)
    with pytest.raises(ConfigFileError) as caught:
        _edit.read(str(alice.config))
    assert str(caught.value) == (
        "{0} cannot be read: permission denied: its mode 0200 does not let user '{1}' read it: run chmod u+rw on it".format(
            alice.config, alice.name
        )
    )


@only_root
def test_a_file_that_only_its_user_can_reach_is_edited(alice: Person) -> None:
    """As on NFS, where root has no rights: all is done as the user."""
    alice.put(ONE_LINE)
    assert _edit.edit(str(alice.config), activate_b).changed
