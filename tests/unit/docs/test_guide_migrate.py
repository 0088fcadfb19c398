# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the guide to migration names the settings of the CLI that this collection does not read."""

from __future__ import annotations

import pytest
from ansible_collections.aliyun.cli.tests.unit.docs.conftest import ROOT
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.test__options import OF_OTHERS

TEXT = (ROOT / "docs" / "docsite" / "rst" / "guide_migrate.rst").read_text(encoding="utf-8")
SECTION = TEXT.split("Version 3.5 of the CLI\n---")[1]


@pytest.mark.parametrize("name", [*OF_OTHERS, "--cli-cred"])
def test_guide_names_what_is_not_read(name: str) -> None:
    assert f"``{name}``" in SECTION


def test_guide_names_what_is_read() -> None:
    assert ":ansenvvar:`ALIBABA_CLOUD_CONFIG_FILE`" in SECTION
