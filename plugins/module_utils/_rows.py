# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Types of the rows in ``_modes``: a mode, and a field of a profile."""

import re
from typing import Any, FrozenSet, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._rules import Rule

# Outside inputs of a provider: the machine with its metadata service and loopback, and the environment of a process.
MACHINE, PROCESS = "machine", "process"


class Mode(NamedTuple):
    """A mode: the way in which a profile authenticates. Settings have the names of options.

    A chain can start from a mode with a ``provider``, the module in ``_credentials/providers`` that obtains its
    credentials. A mode with a ``base`` is one AssumeRole call with the credentials of the first of these modes whose
    settings are complete. A ``chained`` mode is one with the credentials of its source profile. Other modes have no
    credentials.
    """

    name: str
    provider: str = ""
    # Settings that identify the credentials of the provider (cache key). Secrets enter the hash only: another secret
    # or another login for the same key ID does not get these credentials.
    identity: Tuple[str, ...] = ()
    # Environment variables that the provider reads.
    environ: Tuple[str, ...] = ()
    # Other inputs of the credentials: MACHINE, PROCESS, or a setting with the path of a file.
    inputs: Tuple[str, ...] = ()
    # The provider calls STS at the profile's endpoint, for ``expired_seconds``.
    calls_sts: bool = False
    base: Tuple[str, ...] = ()
    chained: bool = False
    # A user must log in with the CLI first.
    login: bool = False
    # Settings that imply the mode if none is named, and the order in which the CLI tries these
    # (AutoModeRecognition in config/profile.go).
    implied_by: Tuple[str, ...] = ()
    implied_rank: int = 0
    # Settings by the environment variables that name a source of this mode, and whether profiles take precedence.
    variables: Mapping[str, str] = {}
    after_profiles: bool = False
    # The variable that forbids the provider.
    disabled_by: str = ""
    # First version of the CLI with this mode; empty if all supported versions have it.
    since: str = ""

    @property
    def is_static(self) -> bool:
        """Return whether the credentials are in the profile itself. They are never cached."""
        return self.provider == "static"

    @property
    def has_credentials(self) -> bool:
        """Return whether a profile of this mode can be a source profile."""
        return bool(self.provider or self.base or self.chained)


class Field(NamedTuple):
    """One field of a profile.

    ``name`` is the option (the CLI's flag with underscores), ``key`` the key in config.json. ``modes`` use the field,
    and it is required by ``required`` among them. In the modes ``kept`` it is state that the CLI or an SDK stores, not an
    option; it belongs to the settings that ``kept`` names. A field with ``option=False`` is never an option.
    ``rules`` replace ``rule`` for single modes. ``since`` is the first version of the CLI with the field.
    """

    name: str
    key: str
    modes: FrozenSet[str]
    required: FrozenSet[str] = frozenset()
    type: str = "str"
    secret: bool = False
    rule: Optional[Rule] = None
    choices: Tuple[str, ...] = ()
    kept: Mapping[str, Tuple[str, ...]] = {}
    option: bool = True
    rules: Mapping[str, Rule] = {}
    since: str = ""

    def get_rule(self, mode: str) -> Optional[Rule]:
        """Return the documented form of the value in a profile of the mode."""
        return self.rules.get(mode, self.rule)

    def has_type(self, value: Any) -> bool:
        """Return whether the CLI can read the value; otherwise it stops. In Go, ``null`` is the same as unset."""
        if self.type == "int":
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return value is None or (is_number and -(2**63) <= value < 2**63)
        return value is None or isinstance(value, str if self.type == "str" else bool)

    def convert(self, value: Any) -> Any:
        """Convert a value of another type to the type of the field. Return None if its meaning is unclear."""
        if self.type == "int":
            number = re.match(r"(-?[0-9]{1,18})(?:\.0*)?\Z", str(value) or "0")
            return int(number.group(1)) if number else None
        if self.type == "bool":
            words = {"true": True, "1": True, "false": False, "0": False, "": False}
            return words.get(str(value).lower())
        return (
            str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        )
