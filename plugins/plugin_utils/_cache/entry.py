# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The credential cache as far as a hit needs it. Ansible compiles this in every worker: it stays short.

An entry is a file that is named after its key and holds the SHA-256 of the key and what follows, a newline, and JSON.
What makes entries is in ``_single_flight``, what writes them in ``_cache_folder`` and ``_cache_plugin``.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

FOLDER = "ansible-aliyun.cli"
MAX_MARGIN = 300
# Bytes of an entry. JSON can write each byte of an answer, which ``_http`` bounds, as six.
MAX_SIZE = 8 * 65536
# What is used of an entry. One that others have written, to a cache plugin, can lack any of it.
PARTS = frozenset(("basis", "expiration", "obtained", "value", "wait"))
FRESH, AGEING, GONE = "fresh", "ageing", "gone"
# All that a result may depend on. A test holds this to ``_environment``, whose file a hit does not load.
VARIABLES = frozenset(
    "ALIBABACLOUD_ACCESS_KEY_ID ALIBABACLOUD_ACCESS_KEY_SECRET ALIBABACLOUD_IGNORE_PROFILE ALIBABACLOUD_PROFILE"
    " ALIBABACLOUD_REGION_ID ALIBABACLOUD_SECURITY_TOKEN ALIBABA_CLOUD_ACCESS_KEY_ID"
    " ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABA_CLOUD_CLI_PROFILE_DISABLED ALIBABA_CLOUD_CONFIG_FILE"
    " ALIBABA_CLOUD_CREDENTIALS_URI"
    " ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS ALIBABA_CLOUD_ECS_METADATA ALIBABA_CLOUD_ECS_METADATA_DISABLED"
    " ALIBABA_CLOUD_IGNORE_PROFILE ALIBABA_CLOUD_IMDSV1_DISABLED ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
    " ALIBABA_CLOUD_OIDC_TOKEN_FILE ALIBABA_CLOUD_PROFILE ALIBABA_CLOUD_REGION_ID ALIBABA_CLOUD_ROLE_ARN"
    " ALIBABA_CLOUD_ROLE_SESSION_NAME ALIBABA_CLOUD_SECURITY_TOKEN ALIBABA_CLOUD_STS_ENDPOINT"
    " ALIBABA_CLOUD_STS_REGION ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED ALICLOUD_ACCESS_KEY ALICLOUD_ACCESS_KEY_ID"
    " ALICLOUD_ACCESS_KEY_SECRET ALICLOUD_PROFILE ALICLOUD_REGION_ID ALICLOUD_SECRET_KEY ALICLOUD_SECURITY_TOKEN"
    " ALIYUN_CLI_METADATA_ENDPOINT CURL_CA_BUNDLE REQUESTS_CA_BUNDLE".split()
)
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_encode = json.JSONEncoder(default=str).encode


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value; the order of mappings counts."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()


def config_path(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The file of profiles that the options mean; empty where that takes a look into the user database."""
    named = options["config_path"] or os.path.expanduser(
        environ.get("ALIBABA_CLOUD_CONFIG_FILE", "")
    )
    home = environ.get("HOME")
    return named or (home and os.path.join(home, ".aliyun", "config.json")) or ""


def config_identity(path: str) -> list[int] | None:
    """What changes whenever the file does, the time of that last (nanoseconds); None without a file."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return [info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns]


def front_key(
    profile: Any, options: Mapping[str, Any], environ: Mapping[str, str], path: str, identity: Any
) -> str:
    """The key of the result for a profile (None without a term) and all options, with config.json at ``path``.

    Secrets enter the hash: who has another one is asked for it.
    """
    variables = {name: environ[name] for name in sorted(VARIABLES.intersection(environ))}
    return digest([2, profile, options, path, identity, variables])


def parents_of(environ: Mapping[str, str], ansible_home: str) -> list[str]:
    """Where the cache's folder may be: the user's runtime directory, which is in memory, else Ansible's home."""
    return [path for path in (environ.get("XDG_RUNTIME_DIR"), ansible_home) if path]


def find_folder(parents: Iterable[str]) -> str:
    """The cache's folder below the first of these that has one of ours; empty without one, or where it is not safe."""
    for parent in parents:
        path = parent + "/" + FOLDER
        try:
            info = os.lstat(path)
        except OSError:
            continue
        if info.st_uid == os.geteuid():
            return path if stat.S_ISDIR(info.st_mode) and is_private(info) else ""
    return ""


def is_private(info: os.stat_result) -> bool:
    """Whether a file or directory is ours and closed to others."""
    return info.st_uid == os.geteuid() and not info.st_mode & 0o077


def read(key: str, path: str, *, dir_fd: int | None = None) -> dict[str, Any] | None:
    """The entry of a key; None where there is none, or one that is not exactly what was written for this key."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=dir_fd)
    except OSError:
        return None
    try:
        info = os.fstat(file)
        if stat.S_ISREG(info.st_mode) and is_private(info) and info.st_size <= MAX_SIZE:
            return unsealed(key, os.read(file, info.st_size))
    except OSError:
        pass
    finally:
        os.close(file)
    return None


def make_seal(key: str, content: bytes) -> bytes:
    """What tells a whole entry of this key from anything else."""
    return hashlib.sha256(key.encode() + content).hexdigest().encode()


def unsealed(key: str, sealed: bytes) -> dict[str, Any] | None:
    """The entry in what was written for a key; None for anything else."""
    seal, _newline, content = sealed.partition(b"\n")
    if seal != make_seal(key, content):
        return None
    entry = json.loads(content.decode())
    return entry if isinstance(entry, dict) else None


def now() -> tuple[float, float]:
    """Seconds of the clock, which may be set, and since the machine started, sleep included."""
    return time.time(), time.clock_gettime(_BOOT_CLOCK)


def passed(entry: Mapping[str, Any]) -> float:
    """Seconds since the credentials were obtained: the longer of what both clocks say, so that setting the clock
    prolongs nothing. After a restart, and for an entry of another machine, only the first counts.
    """
    clock, boot = now()
    return max(clock - float(entry["obtained"]), boot - float(entry.get("boot", boot)))


def state(entry: Mapping[str, Any] | None, need: float) -> str:
    """FRESH, AGEING where one process should renew the entry while the others use it, GONE where nobody may.

    ``need`` are the seconds that credentials must still last.
    """
    if entry is None or not PARTS <= entry.keys():
        return GONE
    gone = passed(entry)
    lifetime = entry["expiration"] - entry["obtained"]
    margin = min(MAX_MARGIN, lifetime / 10)
    floor = max(need, margin / 5)
    if gone < 0 or lifetime - gone < floor:
        return GONE
    ahead = min(margin, (lifetime - floor) / 10)
    return AGEING if lifetime - gone < floor + ahead and gone >= entry["wait"] else FRESH


def find(
    profiles: Iterable[Any],
    options: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    parents: Iterable[str],
) -> list[dict[str, str]] | None:
    """The results for all of these; None where one of them is not in the cache, or is due to be renewed."""
    path = config_path(options, environ)
    need = options["min_lifetime"] or 0
    # Whoever makes them refuses a number that is negative.
    if not path or need < 0:
        return None
    identity = config_identity(path)
    find_entry = _finder(options, parents)
    found = []
    for profile in profiles:
        entry = find_entry(front_key(profile, options, environ, path, identity))
        if not entry or state(entry, need) != FRESH:
            return None
        if entry["basis"] and not _is_here(entry["basis"], environ):
            return None
        found.append(entry["value"])
    return found


def _finder(
    options: Mapping[str, Any], parents: Iterable[str]
) -> Callable[[str], dict[str, Any] | None]:
    if options["cache_plugin"]:
        from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.plugin_store import reader

        return reader(options["cache_plugin"], options["cache_connection"])
    folder = find_folder(parents)
    return lambda key: read(key, folder + "/" + key) if folder else None


def _is_here(basis: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.fingerprint import look

    return look(basis["places"], environ) == basis
