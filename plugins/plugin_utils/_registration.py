# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Register secrets with ansible-core, which masks them in its output since version 2.22."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_register: Callable[[Iterable[str]], None] | None = None
with contextlib.suppress(ImportError):
    from ansible.module_utils.secrets import register_secrets

    _register = register_secrets

# Shorter values occur in ordinary text. Modules use the same limit in ``_secret_arguments``.
SHORTEST = 6
# Suffixes of names of secrets in a result of ``assume_role``, including names of variables.
_ENDS = ("SECRET", "TOKEN", "SECRET_KEY")
_registered: set[str] = set()


def register_results(results: Iterable[Mapping[str, str] | str]) -> None:
    """Register the secrets of credentials in any form of the option ``format``."""
    if _register:
        _register_new(
            value
            for result in results
            for name, value in _fields(result)
            if name.upper().endswith(_ENDS)
        )


def _fields(result: Mapping[str, str] | str) -> Iterable[tuple[str, str]]:
    """Return the names and values of a result. A result of ``format=ini`` is text with one value on each line."""
    if not isinstance(result, str):
        return result.items()
    lines = (line.partition(" = ") for line in result.splitlines())
    return [(name, value) for name, _separator, value in lines]


def register_arguments(given: Any, hidden: Iterable[str] = ()) -> None:
    """Register the secrets in arguments, including the values of options named in ``hidden``."""
    if _register:
        # Imported only if this version of ansible-core can register secrets.
        from ansible_collections.aliyun.cli.plugins.module_utils._modes import HIDDEN
        from ansible_collections.aliyun.cli.plugins.module_utils._secret_arguments import (
            ARGUMENT,
            find_secrets,
        )

        shown = (ARGUMENT, HIDDEN)
        found = find_secrets(given, frozenset(hidden))
        _register_new(secret for secret in found if secret not in shown)


def _register_new(secrets: Iterable[str]) -> None:
    new = {secret for secret in secrets if len(secret) >= SHORTEST} - _registered
    if new and _register:
        _register({form for secret in new for form in make_forms(str.__str__(secret))})
        _registered.update(new)


def make_forms(secret: str) -> Iterator[str]:
    """Yield the forms in which a secret is printed. Ansible adds the JSON form of each."""
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
    for line in secret.splitlines():
        # Indented or wrapped output contains single lines of a key. The first and last line are the same for all keys.
        if len(line) >= SHORTEST and not line.startswith("-----"):
            yield line
    raw = secret.encode("utf-8", "surrogatepass")
    yield base64.urlsafe_b64encode(raw).decode("ascii")
    for offset in range(3):
        # In base64 of longer text, the characters at both ends depend on the neighbours.
        encoded = base64.b64encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
        core = encoded[(offset * 8 + 5) // 6 : (offset + len(raw)) * 8 // 6]
        if len(core) >= SHORTEST:
            yield core
