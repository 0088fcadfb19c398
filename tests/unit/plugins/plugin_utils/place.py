# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that tests turn, and a place with a file of profiles, a cache and an STS that counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.aliyun.cli.plugins.plugin_utils import _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as hit
from ansible_collections.aliyun.cli.tests.emulator import Emulator

KEYS = {
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}
HUB = "acs:ram::1100000000000001:role/hub"
SPOKE = "acs:ram::1200000000000002:role/spoke"
TARGET = "acs:ram::1300000000000003:role/target"


class Clock:
    """Both clocks of the cache: ``wall`` may be set, ``boot`` counts since the start of the machine."""

    def __init__(self) -> None:
        # Whole seconds add up without rounding.
        self.wall, self.boot = (float(int(seconds)) for seconds in hit.read_clocks())

    def now(self) -> tuple[float, float]:
        return self.wall, self.boot

    def advance(self, seconds: float) -> None:
        self.wall += seconds
        self.boot += seconds


class Place:
    """A file of profiles, a cache, and an STS that counts."""

    def __init__(self, folder: Path, emulator: Emulator, clock: Clock) -> None:
        self.emulator = emulator
        self.clock = clock
        self.config = folder / "config.json"
        self.parents = [str(folder)]
        self.folder = folder / hit.FOLDER
        self.environ = {"HOME": str(folder)}
        self.warnings: list[str] = []
        self.write(
            {
                "name": "deploy",
                "mode": "AK",
                "region_id": "cn-hangzhou",
                "sts_endpoint": emulator.http_url,
                **KEYS,
            }
        )

    def write(self, *profiles: dict[str, Any]) -> None:
        document = {"current": profiles[0]["name"], "profiles": profiles}
        self.config.write_text(json.dumps(document))

    def hop(self, role: str, **values: Any) -> dict[str, Any]:
        hop = {"ram_role_arn": role, "sts_endpoint": self.emulator.http_url}
        if role == SPOKE:
            hop["external_id"] = "fake-external-id-Rb17"
        return {**hop, **values}

    def options(self, *roles: str, **values: Any) -> dict[str, Any]:
        options = {
            "profile": None,
            "source": None,
            "hops": [self.hop(role) for role in roles],
            "config_path": str(self.config),
            "allow_process": False,
            "expected_account_id": None,
            "role_session_name": None,
            "connect_timeout": 2,
            "read_timeout": 2,
            "max_time": 10,
            "retries": 0,
            "ca_bundle": None,
            "validate_certs": True,
            "cache": True,
            "cache_url": None,
            "cache_prefix": "aliyun.cli:",
            "renew": False,
            "min_lifetime": 0,
            "format": "credentials",
        }
        return {**options, **values}

    def assume_all(self, options: dict[str, Any], *terms: str) -> list[dict[str, str]]:
        return _resolve.assume_role(
            list(terms),
            options,
            environ=self.environ,
            parents=self.parents,
            warn=self.warnings.append,
        )

    def assume(self, options: dict[str, Any], *terms: str) -> dict[str, str]:
        return self.assume_all(options, *terms)[0]

    def find(self, options: dict[str, Any], *terms: str) -> list[dict[str, str]] | None:
        return hit.find(terms or [None], options, environ=self.environ, parents=self.parents)

    def advance(self, seconds: float) -> None:
        """Let time pass, for the cache and for STS."""
        self.clock.advance(seconds)
        self.emulator.clock.advance(seconds)

    def calls(self, action: str = "AssumeRole") -> int:
        """Return the number of requests to STS, without those rejected for a clock that :meth:`advance` moved."""
        return sum(
            call["action"] == action and call["code"] != "InvalidTimeStamp.Expired"
            for call in self.emulator.journal
        )

    def kept(self) -> bytes:
        """Return the content of all files in the cache."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.iterdir()))
