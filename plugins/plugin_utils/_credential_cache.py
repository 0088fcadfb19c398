# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The credential cache as far as a hit needs it. Ansible compiles this in every worker: it stays short.

An entry is a file that is named after its key and holds the SHA-256 of the key and what follows, a newline, and JSON.
What writes entries is in ``_single_flight``.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable, Mapping
from typing import Any

FOLDER = "ansible-aliyun.cli"
MAX_MARGIN = 300
MAX_SIZE = 65536
FRESH, AGEING, GONE = "fresh", "ageing", "gone"
# All that a result may depend on, as in ``_environment.relevant``, whose file a hit does not load.
VARIABLES = (
    "ALIBABACLOUD_ACCESS_KEY_ID",
    "ALIBABACLOUD_IGNORE_PROFILE",
    "ALIBABACLOUD_PROFILE",
    "ALIBABACLOUD_REGION_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
    "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS",
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "ALIBABA_CLOUD_IGNORE_PROFILE",
    "ALIBABA_CLOUD_IMDSV1_DISABLED",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "ALIBABA_CLOUD_PROFILE",
    "ALIBABA_CLOUD_REGION_ID",
    "ALIBABA_CLOUD_ROLE_ARN",
    "ALIBABA_CLOUD_ROLE_SESSION_NAME",
    "ALIBABA_CLOUD_STS_ENDPOINT",
    "ALIBABA_CLOUD_STS_REGION",
    "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
    "ALICLOUD_ACCESS_KEY",
    "ALICLOUD_ACCESS_KEY_ID",
    "ALICLOUD_PROFILE",
    "ALICLOUD_REGION_ID",
    "ALIYUN_CLI_METADATA_ENDPOINT",
)
# What an inline source has beside the ID that names it. The other secrets are what names theirs.
UNNAMED_SECRETS = ("access_key_secret", "bearer_token", "private_key", "sts_token")
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def plain(value: Any) -> Any:
    """The value without Ansible's subclasses, which ``requests`` and ``json`` do not take for what they are."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str.__str__(value) if isinstance(value, str) else str(value)


def config_identity(path: str) -> list[int] | None:
    """What changes whenever the file does, the time of that last (nanoseconds); None without a file."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return [info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns]


def config_path(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The file of profiles that the options mean; empty where that takes a look into the user database."""
    home = environ.get("HOME")
    return options["config_path"] or (home and os.path.join(home, ".aliyun", "config.json")) or ""


def front_key(
    profile: Any,
    options: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    identity: list[int] | None,
) -> str:
    """The key of the result for a profile (None without a term) and options, while config.json has this identity.

    Secrets of an inline source are no part of it where something else names what they belong to.
    """
    named: dict[str, Any] = {name: options[name] for name in options if name != "_terms"}
    if named["source"] or named["hops"]:
        named = plain(named)
        if isinstance(named["source"], dict):
            for name in UNNAMED_SECRETS:
                named["source"].pop(name, None)
    variables = [environ.get(name) for name in VARIABLES]
    return digest([1, plain(profile), named, config_path(options, environ), identity, variables])


def open_folder(parents: Iterable[str]) -> int:
    """A descriptor of the cache's folder below the first of these that has one; -1 without one, or an unsafe one."""
    for parent in parents:
        path = os.path.join(parent, FOLDER)
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except (FileNotFoundError, PermissionError):
            continue
        except OSError:
            return -1
        if _is_private(os.fstat(folder)):
            return folder
        os.close(folder)
        return -1
    return -1


def _is_private(info: os.stat_result) -> bool:
    return info.st_uid == os.geteuid() and not info.st_mode & 0o077


def read(folder: int, key: str) -> dict[str, Any] | None:
    """The entry of a key; None where there is none, or one that is not exactly what was written for this key."""
    try:
        file = os.open(key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    try:
        info = os.fstat(file)
        if not stat.S_ISREG(info.st_mode) or not _is_private(info):
            return None
        seal, _newline, content = os.read(file, MAX_SIZE).partition(b"\n")
    except OSError:
        return None
    finally:
        os.close(file)
    if seal != make_seal(key, content):
        return None
    entry: dict[str, Any] = json.loads(content)
    return entry


def make_seal(key: str, content: bytes) -> bytes:
    """What tells a whole entry of this key from any other file."""
    return hashlib.sha256(key.encode() + content).hexdigest().encode()


def now() -> tuple[float, float]:
    """Seconds of the clock, which may be set, and since the machine started."""
    return time.time(), time.clock_gettime(_BOOT_CLOCK)


def state(entry: Mapping[str, Any] | None, need: float) -> str:
    """FRESH, AGEING where one process should renew the entry while the others use it, GONE where nobody may.

    ``need`` are the seconds that credentials must still last. The time that has passed is the longer one of what both
    clocks say, so that setting the clock prolongs nothing; after a restart only the first counts.
    """
    if entry is None:
        return GONE
    clock, boot = now()
    passed = max(clock - entry["obtained"], boot - entry["boot"])
    lifetime = entry["expiration"] - entry["obtained"]
    margin = min(MAX_MARGIN, lifetime / 10)
    if passed < 0 or lifetime - passed < max(need, margin / 5):
        return GONE
    return AGEING if lifetime - passed < need + margin and clock >= entry["wait"] else FRESH


def find(
    profiles: Iterable[Any],
    options: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    parents: Iterable[str],
) -> list[dict[str, str]] | None:
    """The results for all of these; None where one of them is not in the cache, or is due to be renewed."""
    path = config_path(options, environ)
    folder = open_folder(parents)
    if not path or folder < 0:
        return None
    try:
        identity = config_identity(path)
        found = []
        for profile in profiles:
            entry = read(folder, front_key(profile, options, environ=environ, identity=identity))
            if entry is None or state(entry, options["min_lifetime"]) != FRESH:
                return None
            found.append(entry["value"])
        return found
    finally:
        os.close(folder)
