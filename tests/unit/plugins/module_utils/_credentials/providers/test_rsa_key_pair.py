# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A key pair, as far as it goes without the library that signs: the rest is tried against the emulator."""

import sys

import pytest
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    Scripted,
    failure,
)

PROFILE = {"mode": "RsaKeyPair", "key_pair_name": "pair", "private_key": "-----BEGIN hidden"}


@pytest.mark.parametrize("name", ["key_pair_name", "private_key"])
def test_what_is_missing(name):
    assert failure(Scripted(), **dict(PROFILE, **{name: ""})) == name + " is missing"


@pytest.mark.parametrize("seconds", [899, 3601])
def test_lifetime(seconds):
    told = failure(Scripted(), expired_seconds=seconds, **PROFILE)
    assert told == "expired_seconds must be 900 to 3600 seconds"


def test_library_that_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    told = failure(Scripted(), **PROFILE)
    assert told == "the Python library cryptography is missing; install it"
