# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define config files for tests, write them, and change them."""

import copy
import stat
from pathlib import Path
from typing import Any, Dict

ARN = "acs:ram::1000000000000001:role/Alice"
KEYS = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "old"}
PLACEHOLDER = {"name": "default", "mode": "", "output_format": "json", "language": "en"}
EMPTY = {"current": "default", "profiles": [PLACEHOLDER], "meta_path": ""}
NOTHING = {"current": "", "profiles": [], "meta_path": ""}
# Not in the form of the CLI: a file that is not rewritten shows it.
ONE_LINE = b'{"current": "a", "profiles": [], "meta_path": ""}'


def ak(name: str, **more: Any) -> Dict[str, Any]:
    """Return a stored profile of mode AK."""
    return dict(
        dict({"name": name, "mode": "AK"}, **KEYS), **dict({"region_id": "cn-hangzhou"}, **more)
    )


def chained(name: str, source: str) -> Dict[str, Any]:
    """Return a stored profile of mode ChainableRamRoleArn."""
    return {
        "name": name,
        "mode": "ChainableRamRoleArn",
        "ram_role_arn": ARN,
        "ram_session_name": "alice",
        "source_profile": source,
        "region_id": "cn-hangzhou",
    }


def document(*profiles: Dict[str, Any], **more: Any) -> Dict[str, Any]:
    """Return a document whose first profile is current."""
    return dict(
        {
            "current": profiles[0]["name"] if profiles else "",
            "profiles": copy.deepcopy(list(profiles)),
            "meta_path": "",
        },
        **more
    )


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in place."""
    path.write_bytes(content)
    path.chmod(mode)


def activate_b(document: Dict[str, Any]) -> None:
    """Make the smallest change."""
    document["current"] = "b"


def mode_of(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)
