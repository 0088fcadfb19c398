# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A faithful STS, with instance metadata and OIDC, on loopback: for tests and the demo only."""

from .emulator import Emulator
from .world import World, WorldError, load_world, parse_world

__all__ = ["Emulator", "World", "WorldError", "load_world", "parse_world"]
