# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read entries of the credential cache. Ansible compiles this file in every worker, so it must be short.

An entry is a file named after its key. It holds a checksum (SHA-256 of key and content), a newline, and JSON. Entries
are created in ``single_flight`` and written by ``file_store``.
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
# Bytes of an entry. JSON can escape each byte of a response as six bytes. ``_http`` limits the size of a response.
MAX_SIZE = 8 * 65536
# Required keys of an entry. An entry of another version can lack some of them.
PARTS = frozenset(("expiration", "fingerprint", "obtained", "value", "wait"))
FRESH, STALE, EXPIRED = "fresh", "stale", "expired"
# Variables that a result can depend on. A test compares them with ``_environment``, which a hit does not load.
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
    """Return the SHA-256 of a JSON value. The order of keys in mappings matters."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()


def find_omit(variables: Mapping[str, Any]) -> Any:
    """Return the placeholder of ansible-core up to 2.18 for omitted values, None with newer versions.

    Newer versions have no variable of this name, so a fact of a managed node could take its place.
    """
    omit = str(variables.get("omit"))
    return omit if omit.startswith("__omit_place_holder__") else None


def find_config_path(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Return the path of config.json for the options, or an empty string if only the user database knows it."""
    named = options["config_path"] or os.path.expanduser(
        environ.get("ALIBABA_CLOUD_CONFIG_FILE", "")
    )
    home = environ.get("HOME")
    return named or (home and os.path.join(home, ".aliyun", "config.json")) or ""


def read_config_identity(path: str) -> list[int] | None:
    """Return numbers that change with the file, or None without a file. The last number is the time of the last change
    in nanoseconds.
    """
    try:
        info = os.stat(path)
    except OSError:
        return None
    return [info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns]


def make_result_key(
    profile: Any, options: Mapping[str, Any], environ: Mapping[str, str], path: str, identity: Any
) -> str:
    """Return the key of the result for a profile (None without a term) and all options, with config.json at ``path``.

    Secrets are part of the hash, so another secret results in another key.
    """
    variables = {name: environ[name] for name in sorted(VARIABLES.intersection(environ))}
    return digest([3, profile, options, path, identity, variables])


def list_parents(environ: Mapping[str, str], ansible_home: str) -> list[str]:
    """Return the parents of the cache directory in order: the user's runtime directory (in memory), Ansible's home."""
    return [path for path in (environ.get("XDG_RUNTIME_DIR"), ansible_home) if path]


def find_folder(parents: Iterable[str]) -> str:
    """Return the first cache directory of this user below these parents, or an empty string if it is missing or not
    private.
    """
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
    """Return whether a file or directory belongs to this user and is closed to others."""
    return info.st_uid == os.geteuid() and not info.st_mode & 0o077


def read(key: str, path: str, *, dir_fd: int | None = None) -> dict[str, Any] | None:
    """Return the entry of a key, or None if it is missing or was changed after it was written."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=dir_fd)
    except OSError:
        return None
    try:
        info = os.fstat(file)
        if stat.S_ISREG(info.st_mode) and is_private(info) and info.st_size <= MAX_SIZE:
            return parse(key, os.read(file, info.st_size))
    except OSError:
        pass
    finally:
        os.close(file)
    return None


def dump(key: str, entry: Mapping[str, Any]) -> bytes:
    """Return the content of the file for an entry."""
    content = _encode(entry).encode()
    return _make_checksum(key, content) + b"\n" + content


def _make_checksum(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + content).hexdigest().encode()


def parse(key: str, content: bytes) -> dict[str, Any] | None:
    """Return the entry in the output of :func:`dump` for this key, or None for any other content."""
    checksum, _newline, text = content.partition(b"\n")
    if checksum != _make_checksum(key, text):
        return None
    entry = json.loads(text.decode())
    return entry if isinstance(entry, dict) else None


def read_clocks() -> tuple[float, float]:
    """Return the time of the clock, which can be set, and the seconds since the machine started, including sleep."""
    return time.time(), time.clock_gettime(_BOOT_CLOCK)


def measure_age(entry: Mapping[str, Any]) -> float:
    """Return the seconds since the credentials were obtained.

    The longer time of both clocks is used, so that setting the clock cannot prolong the lifetime. After a restart, only
    the first clock is used.
    """
    clock, boot = read_clocks()
    return max(clock - float(entry["obtained"]), boot - float(entry.get("boot", boot)))


def find_state(entry: Mapping[str, Any] | None, need: float) -> str:
    """Return FRESH, STALE if one process should renew the entry while the others use it, or EXPIRED.

    ``need`` is the number of seconds that the credentials must still last.
    """
    if entry is None or not PARTS <= entry.keys():
        return EXPIRED
    age = measure_age(entry)
    lifetime = entry["expiration"] - entry["obtained"]
    margin = min(MAX_MARGIN, lifetime / 10)
    floor = max(need, margin / 5)
    if age < 0 or lifetime - age < floor:
        return EXPIRED
    ahead = min(margin, (lifetime - floor) / 10)
    return STALE if lifetime - age < floor + ahead and age >= entry["wait"] else FRESH


def find(
    profiles: Iterable[Any],
    options: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    parents: Iterable[str],
) -> list[dict[str, str]] | None:
    """Return the results for all profiles, or None if one of them is not cached or must be renewed."""
    path = find_config_path(options, environ)
    need = options["min_lifetime"] or 0
    # A negative number is an error on the miss.
    if not path or need < 0 or options["renew"]:
        return None
    identity = read_config_identity(path)
    folder = find_folder(parents)
    found = []
    for profile in profiles:
        key = make_result_key(profile, options, environ, path, identity)
        entry = read(key, folder + "/" + key) if folder else None
        if not entry or find_state(entry, need) != FRESH:
            return None
        if entry["fingerprint"] and not _is_current(entry["fingerprint"], environ):
            return None
        found.append(entry["value"])
    return found


def _is_current(fingerprint: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.fingerprint import take

    return take(fingerprint["inputs"], environ) == fingerprint
