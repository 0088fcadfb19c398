# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A cache plugin of Ansible as the store of the credential cache, for a fleet that is run from several controllers."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.plugins.cache import BaseFileCacheModule
from ansible.plugins.loader import cache_loader
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _cache
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import CacheError, Folder

PREFIX = "aliyun.cli_"
# Where redis keeps the names of what it has, by default together with those of facts.
KEYSET = PREFIX + "keys"
# Credentials of STS last no longer.
MAX_SECONDS = 43200


class PluginStore:
    """Entries by name, in whatever the cache plugin ``name`` writes to. Locks are those of this machine, if there are any.

    ``connection`` is the plugin's ``_uri``; without it the plugin takes the one that facts are cached with. Raises
    CacheError for a plugin that is not there, or not safe.
    """

    def __init__(self, name: str, connection: str | None, folder: Folder | None = None) -> None:
        self._name = name
        self._connection = connection
        self._folder = folder
        plugin = self._plugin(MAX_SECONDS)
        if type(plugin).__module__ == "ansible.plugins.cache.memory":
            raise self._unusable("it keeps nothing beyond a process")
        if isinstance(plugin, BaseFileCacheModule) and not _cache.is_private(
            os.stat(plugin._cache_dir)
        ):
            raise self._unusable(
                "its files are readable by others unless its directory {0} belongs to the user who runs Ansible, with"
                " mode 0700".format(plugin._cache_dir)
            )

    def _unusable(self, reason: str) -> CacheError:
        return CacheError(
            "the cache plugin {0} cannot keep credentials: {1}".format(self._name, reason)
        )

    def _plugin(self, seconds: int) -> Any:
        # A new one each time: plugins remember what they have read.
        given = {"_prefix": PREFIX, "_timeout": seconds, "_keyset_name": KEYSET}
        if self._connection:
            given["_uri"] = self._connection
        try:
            plugin = cache_loader.get(self._name, **given)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Its text may hold the connection with a password.
            raise self._unusable("it raised {0}".format(type(error).__name__)) from None
        if not plugin:
            raise self._unusable("there is no such plugin")
        return plugin

    def read(self, name: str) -> dict[str, Any] | None:
        """The entry of a name; None where there is none, or one that is not exactly what was written."""
        try:
            plugin = self._plugin(MAX_SECONDS)
            # Some cannot say what they contain when others write, and files must not be read before one knows.
            if isinstance(plugin, BaseFileCacheModule) and not plugin.contains(name):
                return None
            return _cache.unsealed(name, str(plugin.get(name)["entry"]).encode())
        except Exception:  # pylint: disable=broad-exception-caught
            # Every engine has errors of its own; that of writing is shown.
            return None

    def write(self, name: str, entry: Mapping[str, Any], until: float) -> None:
        """Put an entry in place, for the engine to forget when it is of no use any more. Raises OSError."""
        # When this machine started means nothing to others.
        content = json.dumps({key: entry[key] for key in entry if key != "boot"}).encode()
        sealed = (_cache.make_seal(name, content) + b"\n" + content).decode()
        try:
            seconds = max(1, min(MAX_SECONDS, int(until - _cache.now()[0])))
            self._plugin(seconds).set(name, {"entry": sealed})
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Its text may hold the connection with a password.
            raise OSError(
                0, "the cache plugin {0} raised {1}".format(self._name, type(error).__name__)
            ) from None

    def locked(self, key: str) -> contextlib.AbstractContextManager[bool]:
        """Hold the lock of a key on this machine, or say that someone else here does."""
        return self._folder.locked(key) if self._folder else contextlib.nullcontext(True)


def reader(name: str, connection: str | None) -> Callable[[str], dict[str, Any] | None]:
    """What reads entries. It finds none where the plugin cannot be used: the miss that follows says why."""
    try:
        return PluginStore(name, connection).read
    except CacheError:
        return lambda key: None
