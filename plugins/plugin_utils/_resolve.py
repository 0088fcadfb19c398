# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Chains, credentials, results: what is done once the options are known and the cache has no ready result."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._assume_role import (
    make_resolver,
    make_result,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import STATIC_MODES
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
    SourceError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _credential_cache
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _surroundings
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    Folder,
    open_folder,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.single_flight import (
    Cache,
    Made,
    Once,
)

# A change of config.json within the resolution of its file system's clock could go unseen.
SETTLED_SECONDS = 2
# Terms that are resolved at the same time.
MAX_THREADS = 8

Warn = Callable[[str], None]


def assume_role(
    terms: list[Any],
    options: Mapping[str, Any],
    *,
    given: Mapping[str, Any] | None = None,
    environ: Mapping[str, str],
    parents: Iterable[str] = (),
    warn: Warn = lambda text: None,
) -> list[dict[str, str]]:
    """One result for each term, in their order, or one for the options where there is no term.

    ``options`` are checked and converted, ``given`` are the same as they were given, which is what a
    hit knows of them.

    Credentials are kept below the first of the directories ``parents`` that can be used, or in the cache plugin that the
    options name, unless the option ``cache`` is false. ``warn`` is given sentences for the user. Raises AliyunCliError;
    ImportError without ``requests``.
    """
    for term in terms:
        if not isinstance(term, str) or not term:
            raise ProfileError("a term must be the name of a profile")
    if (options.get("min_lifetime") or 0) < 0:
        raise ProfileError("min_lifetime must be a number of seconds from 0")
    if terms and (options["profile"] is not None or options["source"] is not None):
        raise ProfileError(
            "terms exclude the options profile and source: a chain has one beginning"
        )
    # Threads would warn in any order, and more than once.
    warnings: dict[str, None] = {}
    try:
        with _opened(options, parents, warnings.setdefault) as cache:
            with contextlib.closing(_Use(options, given or options, environ, cache)) as use:
                return _results(terms, use)
    finally:
        for warning in warnings:
            warn(warning)


@contextlib.contextmanager
def _opened(
    options: Mapping[str, Any], parents: Iterable[str], warn: Warn
) -> Iterator[Cache | None]:
    if not options.get("cache"):
        yield None
        return
    with contextlib.ExitStack() as stack:
        folder = None
        try:
            folder = stack.enter_context(contextlib.closing(open_folder(parents)))
        except OSError as error:
            warn("There is no folder for the credential cache: {0}".format(error.strerror))
        store = _plugin_store(options, folder) if options.get("cache_plugin") else folder
        yield Cache(store, call_time=options["max_time"], warn=warn) if store else None
        if folder:
            folder.remove_expired()


def _plugin_store(options: Mapping[str, Any], folder: Folder | None) -> Any:
    from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.plugin_store import PluginStore

    return PluginStore(options["cache_plugin"], options.get("cache_connection"), folder)


def _results(terms: list[str], use: _Use) -> list[dict[str, str]]:
    if len(terms) < 2:
        return [use.result(terms[0] if terms else None)]
    with ThreadPoolExecutor(min(MAX_THREADS, len(terms))) as pool:
        futures = [pool.submit(use.result, term) for term in terms]
    failed: dict[str, list[str]] = {}
    for term, future in zip(terms, futures, strict=True):
        error = future.exception()
        if isinstance(error, AliyunCliError):
            failed.setdefault(str(error), []).append("'{0}'".format(term))
        elif error:
            raise error
    if failed:
        raise AliyunCliError(
            "; ".join("{0}: {1}".format(", ".join(failed[text]), text) for text in failed)
        )
    return [future.result() for future in futures]


class _Use:
    """One use of the plugin: its options, and what its terms share. Each thread has connections of its own."""

    def __init__(
        self,
        options: Mapping[str, Any],
        given: Mapping[str, Any],
        environ: Mapping[str, str],
        cache: Cache | None,
    ) -> None:
        self.options = options
        self.given = given
        self.environ = environ
        self.cache = cache
        self.once = Once()
        self.need = options.get("min_lifetime") or 0
        # Whom STS was known by: credentials from an endpoint that was not verified are no one else's.
        bundles = [environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")]
        self.trust = [options["validate_certs"], options["ca_bundle"], bundles]
        # A call that took too long for one may not for another.
        times = ("connect_timeout", "read_timeout", "max_time", "retries")
        self.patience = [options[name] for name in times]
        self._path = _credential_cache.config_path(options, environ)
        self._threads = threading.local()
        self._connections: list[Http] = []

    def close(self) -> None:
        for http in self._connections:
            http.close()

    @property
    def http(self) -> Http:
        """The connections of this thread."""
        if not hasattr(self._threads, "http"):
            self._threads.http = _options.make_http(self.options)
            self._connections.append(self._threads.http)
        http: Http = self._threads.http
        return http

    def result(self, profile: str | None) -> dict[str, str]:
        """The result for a profile, or for the options alone."""
        identity = _credential_cache.config_identity(self._path)
        options = dict(self.options, profile=profile) if profile else self.options
        way = _Way(self, _options.make_chain(options, environ=self.environ))

        def make() -> Made:
            made = way.made()
            # What was read belongs to this key only if the file was the same before and after.
            same = _credential_cache.config_identity(self._path) == identity
            return made if same else made._replace(expiration=0)

        if not self.cache or not self._path or way.is_static or not _is_settled(identity):
            return way.made().value  # type: ignore[no-any-return]
        key = _credential_cache.front_key(profile, self.given, self.environ, self._path, identity)
        return self.cache.get(  # type: ignore[no-any-return]
            key, make, need=self.need, calls=len(way.chain.hops) + 1, basis=way.basis
        ).value


class _Way:
    """A chain in one use of the plugin."""

    def __init__(self, use: _Use, chain: _chain.Chain) -> None:
        self.chain = chain
        self.is_static = not chain.hops and chain.source.mode in STATIC_MODES
        self._use = use
        # Who may not run a command is not given what comes of it either.
        self._may_run = chain.source.mode == "External" and use.options["allow_process"]
        self._places = _surroundings.places_of(chain.source.mode, chain.source.settings)
        self.basis = self._look()
        keys = _chain.keys(chain, use.environ)
        self._numbers = {key: number for number, key in enumerate(keys)}
        self._end: Made | None = None

    def _look(self) -> dict[str, Any] | None:
        return _surroundings.look(self._places, self._use.environ)

    def made(self) -> Made:
        """The result, kept as long as the credentials at the end of the chain."""
        options = self._use.options
        resolver = make_resolver(
            options, self._use.http, environ=self._use.environ, cached=self._cached
        )
        credentials = resolver.credentials(self.chain)
        end = self._end or Made(None, credentials.expiration)
        if credentials.security_token or credentials.expiration:
            self._check_lifetime(end.expiration or credentials.expiration)
        result = make_result(credentials, self.chain, options)
        return end._replace(value=result, expiration=self._end.expiration if self._end else 0)

    def _cached(self, key: str | None, produce: Callable[[], Credentials]) -> Credentials:
        if key is None:
            return produce()
        number = self._numbers[key]
        is_end = number == len(self.chain.hops)
        need = self._use.need if is_end else 0
        # All that an error depends on beside what the key is made of.
        teller = _credential_cache.digest(
            [number, len(self.chain.hops), self.chain.source.profile, self._use.patience]
        )[:16]
        name = _credential_cache.digest([2, self._use.trust, self._may_run, self.basis, key])

        def make() -> Made:
            begun = _credential_cache.now()[0]
            credentials = produce()
            until = self._until(number, credentials, begun)
            return Made(list(credentials), until if self._look() == self.basis else 0)

        def find() -> Made:
            cache = self._use.cache
            if not cache:
                return make()
            return cache.get(
                name, make, need=need, calls=number + 1, teller=teller, basis=self.basis
            )

        made = self._use.once.get((name, need), find, teller=teller)
        if is_end:
            self._end = made
        return Credentials(*made.value)

    def _until(self, number: int, credentials: Credentials, begun: float) -> float:
        """Until when credentials may be kept, by our clock; 0 for what is long-lived, or may be."""
        source = self.chain.source
        if number:
            lifetime = self.chain.hops[number - 1].expired_seconds
        elif source.mode in ("OIDC", "RsaKeyPair"):
            lifetime = source.settings.get("expired_seconds") or _chain.DEFAULT_EXPIRED_SECONDS
        else:
            return credentials.expiration if credentials.security_token else 0
        # A clock of ours that is behind that of STS prolongs nothing.
        return min(credentials.expiration, begun + lifetime)

    def _check_lifetime(self, expiration: float) -> None:
        need = self._use.need
        if not need:
            return
        if not expiration:
            raise SourceError(
                "min_lifetime cannot be promised: the source does not say how long its credentials last"
            )
        left = int(expiration - _credential_cache.now()[0])
        if left < need:
            raise SourceError(
                "new credentials last {0} seconds, less than min_lifetime ({1}): {2}".format(
                    left,
                    need,
                    (
                        "raise expired_seconds of the last hop above it"
                        if self.chain.hops
                        else "the source has no other ones"
                    ),
                )
            )


def _is_settled(identity: list[int] | None) -> bool:
    return identity is None or identity[-1] / 1e9 < time.time() - SETTLED_SECONDS
