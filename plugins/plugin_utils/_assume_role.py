# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Chains, credentials, results: what is done once the options are known and the cache has no ready result."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils import _chain, _options
from ansible_collections.aliyun.cli.plugins.module_utils._assume_role import (
    make_resolver,
    make_result,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError, SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.module_utils._resolver import STATIC_MODES
from ansible_collections.aliyun.cli.plugins.plugin_utils import _credential_cache
from ansible_collections.aliyun.cli.plugins.plugin_utils._single_flight import (
    Cache,
    Made,
    open_or_make_folder,
)

# A change of config.json within the resolution of its file system's clock could go unseen.
SETTLED_SECONDS = 2

Warn = Callable[[str], None]


def assume_role(
    terms: list[Any],
    options: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    parents: Iterable[str] = (),
    warn: Warn = lambda text: None,
) -> list[dict[str, str]]:
    """One result for each term, or one for the options where there is no term.

    Credentials are kept below the first of the directories ``parents`` that can be used, unless the option ``cache``
    is false or there is none. ``warn`` is given sentences for the user. Raises AliyunCliError; ImportError without
    ``requests``.
    """
    for term in terms:
        if not isinstance(term, str) or not term:
            raise ProfileError("a term must be the name of a profile")
    if terms and (options["profile"] or options["source"]):
        raise ProfileError(
            "terms exclude the options profile and source: a chain has one beginning"
        )
    plain = _credential_cache.plain(options)
    if not plain.get("cache"):
        parents = ()
    with _options.make_http(plain) as http, _opened(parents, plain, warn) as cache:
        call = _Call(plain, environ, http, cache)
        return [call.result(name) for name in (_credential_cache.plain(terms) or [None])]


@contextlib.contextmanager
def _opened(
    parents: Iterable[str], options: Mapping[str, Any], warn: Warn
) -> Iterator[Cache | None]:
    parents = list(parents)
    if not parents:
        yield None
        return
    try:
        folder = open_or_make_folder(parents)
    except OSError as error:
        warn("There is no credential cache: {0}".format(error))
        yield None
        return
    try:
        cache = Cache(folder, patience=options["max_time"], warn=warn)
        yield cache
        cache.remove_expired()
    finally:
        os.close(folder)


class _Call:
    """One use of the lookup, for one term after the other."""

    def __init__(
        self, options: dict[str, Any], environ: Mapping[str, str], http: Http, cache: Cache | None
    ) -> None:
        self._options = options
        self._environ = environ
        self._http = http
        self._cache = cache
        self._need = options.get("min_lifetime") or 0
        # Whom STS was known by: credentials from an endpoint that was not verified are no one else's.
        self._trust = [options["validate_certs"], options["ca_bundle"]]

    def result(self, profile: str | None) -> dict[str, str]:
        """The result for a profile, or for the options alone."""
        identity = self._identity()
        options = dict(self._options, profile=profile) if profile else self._options
        chain = _options.make_chain(options, environ=self._environ)
        is_static = not chain.hops and chain.source.mode in STATIC_MODES
        if not self._cache or is_static or not _is_settled(identity):
            return self._made(chain).value  # type: ignore[no-any-return]
        key = self._front_key(profile, identity)

        def make() -> Made:
            made = self._made(chain)
            # What was read belongs to this key only if the file was the same before and after.
            return made if self._identity() == identity else made._replace(expiration=0)

        return self._cache.get(key, make, need=self._need).value  # type: ignore[no-any-return]

    def _identity(self) -> list[int] | None:
        path = _credential_cache.config_path(self._options, self._environ)
        return _credential_cache.config_identity(path)

    def _front_key(self, profile: str | None, identity: list[int] | None) -> str:
        return _credential_cache.front_key(
            profile, self._options, environ=self._environ, identity=identity
        )

    def _made(self, chain: _chain.Chain) -> Made:
        resolver = make_resolver(
            self._options, self._http, environ=self._environ, cached=self._cached()
        )
        credentials = resolver.credentials(chain)
        _check_lifetime(credentials, self._need)
        return Made(make_result(credentials, chain, self._options), _until(credentials))

    def _cached(self) -> Callable[..., Credentials]:
        cache = self._cache
        # The first credentials that are asked for are those at the end of the chain.
        needs = itertools.chain([self._need], itertools.repeat(0))

        def cached(key: str | None, produce: Callable[[], Credentials]) -> Credentials:
            need = next(needs)
            if key is None or cache is None:
                return produce()

            def make() -> Made:
                credentials = produce()
                return Made(list(credentials), _until(credentials))

            name = _credential_cache.digest([1, self._trust, key])
            return Credentials(*cache.get(name, make, need=need).value)

        return cached


def _until(credentials: Credentials) -> int:
    """Until when credentials may be kept; 0 for what is long-lived, or may be."""
    return credentials.expiration if credentials.security_token else 0


def _is_settled(identity: list[int] | None) -> bool:
    return identity is None or identity[-1] / 1e9 < time.time() - SETTLED_SECONDS


def _check_lifetime(credentials: Credentials, need: float) -> None:
    if not need or not (credentials.security_token or credentials.expiration):
        return
    if not credentials.expiration:
        raise SourceError(
            "min_lifetime cannot be promised: the source does not say how long its credentials last"
        )
    left = int(credentials.expiration - time.time())
    if left < need:
        raise SourceError(
            "new credentials last {0} seconds, less than min_lifetime ({1}): raise expired_seconds of the last hop"
            " above it".format(left, need)
        )
