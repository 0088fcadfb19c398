# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Modes AK and StsToken: the credentials are in the profile itself."""

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    require,
)
from ansible_collections.aliyun.cli.plugins.module_utils._modes import get_mode


def obtain(source: Source, _context: Context) -> Credentials:
    """Return the credentials in the settings. Raise SourceError if one is missing."""
    return Credentials(*require(source, *get_mode(source.mode).identity))
