# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Resolve the chains of the lookup with the credential cache if a result is not cached."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast

from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
    SourceError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.module_utils._modes import get_mode
from ansible_collections.aliyun.cli.plugins.module_utils._options import (
    make_resolver,
    make_result,
)
from ansible_collections.aliyun.cli.plugins.module_utils._rows import PROCESS
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import fingerprint as _fingerprint
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.file_store import (
    FileStore,
    open_store,
)
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.single_flight import (
    USE_TIME,
    Cache,
    CachedValue,
    Step,
)

# A change of config.json within the clock resolution of the file system could be missed.
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
    """Return one result for each term, in the same order, or one result for the options if terms are empty.

    ``options`` are validated and converted. ``given`` are the original options, by which a cache hit finds the result.
    Credentials are cached below the first usable directory of ``parents``, unless the option ``cache`` is false.
    ``warn`` receives sentences for the user. Raise AliyunCliError, or ImportError without ``requests``.
    """
    for term in terms:
        if not isinstance(term, str) or not term:
            raise ProfileError("a term must be the name of a profile")
    if (options.get("min_lifetime") or 0) < 0:
        raise ProfileError("min_lifetime must be 0 or more seconds")
    if terms and (options["profile"] is not None or options["source"] is not None):
        raise ProfileError("terms cannot be combined with profile or source: remove one of them")
    # Threads would warn in random order and more than once.
    warnings: dict[str, None] = {}
    try:
        with _open_store(options, parents, warnings.setdefault) as files:
            with _open_cache(options, files, warnings.setdefault) as cache:
                session = _Session(options, given or options, environ, cache, warnings.setdefault)
                with contextlib.closing(session):
                    return _find_results(terms, session)
    finally:
        for warning in warnings:
            warn(warning)


@contextlib.contextmanager
def _open_store(
    options: Mapping[str, Any], parents: Iterable[str], warn: Warn
) -> Iterator[FileStore | None]:
    """Yield the store of the cache, or warn and yield None if it cannot be used. Remove expired entries at the end."""
    if not options.get("cache"):
        yield None
        return
    try:
        files = open_store(parents, warn)
    except OSError as error:
        warn(
            "Credentials are not cached: no cache directory can be created: {0}".format(
                error.strerror
            )
        )
        yield None
        return
    with contextlib.closing(files):
        yield files
        files.remove_expired()


@contextlib.contextmanager
def _open_cache(options: Mapping[str, Any], files: FileStore | None, warn: Warn) -> Iterator[Cache]:
    """Yield the cache with the levels that the options select."""
    with contextlib.ExitStack() as stack:
        shared = None
        if files and options.get("cache_url"):
            from ansible_collections.aliyun.cli.plugins.plugin_utils._cache.redis_store import (
                RedisStore,
            )

            shared = RedisStore(
                options["cache_url"],
                prefix=options["cache_prefix"],
                # The lease covers one attempt of a call. If a process loses its lock, this costs a call.
                lease=options["connect_timeout"] + options["read_timeout"] + 1,
                files=files,
                warn=warn,
            )
            stack.callback(shared.close)
        yield Cache(
            files,
            max_time=options["max_time"],
            warn=warn,
            shared=shared,
            not_before=_entry.read_clocks()[0] if options.get("renew") else 0,
        )


def _find_results(terms: list[str], session: _Session) -> list[dict[str, str]]:
    if len(terms) < 2:
        return [session.result(terms[0] if terms else None)]
    results = []
    failed: dict[str, list[str]] = {}
    for term, outcome in zip(terms, _run_threads(terms, session), strict=True):
        try:
            results.append(outcome())
        except AliyunCliError as error:
            failed.setdefault(str(error), []).append("'{0}'".format(term))
    if failed:
        raise AliyunCliError(
            "; ".join("{0}: {1}".format(", ".join(failed[text]), text) for text in failed)
        )
    return results


def _run_threads(terms: list[str], session: _Session) -> list[Callable[[], dict[str, str]]]:
    """Resolve terms in threads. Return a function for each term that returns its result or raises its error.

    An interrupt cancels the terms that have not begun. If no thread can start for a term, it is resolved later.
    """
    pool = ThreadPoolExecutor(min(MAX_THREADS, len(terms)))
    outcomes: list[Callable[[], dict[str, str]]] = []
    try:
        for term in terms:
            try:
                future: Future[dict[str, str]] = pool.submit(session.result, term)
                outcomes.append(future.result)
            except RuntimeError:
                # The system cannot start another thread.
                outcomes.append(functools.partial(session.result, term))
        pool.shutdown()
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    return outcomes


class _Session:
    """Options and shared state of one use of the plugin. Each thread has its own connections."""

    def __init__(
        self,
        options: Mapping[str, Any],
        given: Mapping[str, Any],
        environ: Mapping[str, str],
        cache: Cache,
        warn: Warn,
    ) -> None:
        self.options = options
        self.given = given
        self.environ = environ
        self.cache = cache
        self.warn = warn
        self.need = options.get("min_lifetime") or 0
        # Credentials from an unverified endpoint must not be used if certificates are verified.
        bundles = [environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")]
        self.trust = [options["validate_certs"], options["ca_bundle"], bundles]
        # A call that takes too long for one use can be fast enough for another.
        times = ("connect_timeout", "read_timeout", "max_time", "retries")
        self.timeouts = [options[name] for name in times]
        self.path = _entry.find_config_path(options, environ)
        self._threads = threading.local()
        self._connections: list[Http] = []

    def close(self) -> None:
        """Close the connections of all threads."""
        for http in self._connections:
            http.close()

    @property
    def http(self) -> Http:
        """Return the connections of this thread."""
        if not hasattr(self._threads, "http"):
            self._threads.http = _options.make_http(self.options)
            self._connections.append(self._threads.http)
        http: Http = self._threads.http
        return http

    def result(self, profile: str | None) -> dict[str, str]:
        """Return the result for a profile, or for the options if the profile is None."""
        self.http.limit(USE_TIME * self.options["max_time"])
        result: dict[str, str] = self.cache.resolve(_Resolution(self, profile).steps()).value
        return result


class _Resolution:
    """A chain of one use of the plugin as steps: its source, its hops, and the result."""

    def __init__(self, session: _Session, profile: str | None) -> None:
        self._session = session
        self._profile = profile
        self._config_identity = _entry.read_config_identity(session.path)
        options = dict(session.options, profile=profile) if profile else session.options
        self._chain = _options.make_chain(options, environ=session.environ)
        source = self._chain.source
        self._inputs = _fingerprint.list_inputs(source.mode, source.settings)
        self._fingerprint = self._take_fingerprint()
        self._resolver = make_resolver(
            session.options, session.http, environ=session.environ, warn=session.warn
        )
        self._resolver.check_end(self._chain)

    def steps(self) -> list[Step]:
        """Return the steps of the chain. The result and the step before it must last ``min_lifetime``."""
        mode, hops = get_mode(self._chain.source.mode), self._chain.hops
        # allow_process is part of the key.
        may_run = PROCESS in mode.inputs and self._session.options["allow_process"]
        identity = [3, self._session.trust, may_run, self._fingerprint]
        is_shared = self._may_share()
        steps = [
            Step(
                _entry.digest([*identity, key]),
                functools.partial(self._obtain, number),
                need=self._session.need if number == len(hops) else 0,
                context=self._make_error_context(number),
                fingerprint=self._fingerprint,
                is_shared=is_shared,
                title="hop {0}".format(number) if number else "the " + self._chain.source.title,
            )
            for number, key in enumerate(_chain.make_keys(self._chain, self._session.environ))
        ]
        if mode.is_static:
            steps[0] = steps[0]._replace(key="")
        may_cache = not mode.is_static or bool(hops)
        return [*steps, self._make_result_step(may_cache=may_cache)]

    def _make_result_step(self, *, may_cache: bool) -> Step:
        session = self._session
        key = ""
        if may_cache and session.path and _is_settled(self._config_identity):
            key = _entry.make_result_key(
                self._profile,
                {**session.given, "renew": False},
                session.environ,
                session.path,
                self._config_identity,
            )
        return Step(key, self._make_result, need=session.need, fingerprint=self._fingerprint)

    def _may_share(self) -> bool:
        """Return whether other controllers can share the credentials. The keys must depend on a secret."""
        source = self._chain.source
        if self._inputs:
            return _fingerprint.is_private(self._inputs)
        return _chain.has_secret(source)

    def _make_error_context(self, number: int) -> str:
        """Return a hash of the values, other than the key, that occur in error messages."""
        profile = self._chain.source.profile
        return _entry.digest([number, len(self._chain.hops), profile, self._session.timeouts])[:16]

    def _take_fingerprint(self) -> dict[str, Any] | None:
        return _fingerprint.take(self._inputs, self._session.environ)

    def _obtain(self, number: int, previous: CachedValue | None) -> CachedValue:
        """Obtain the credentials of the source (0) or of a hop."""
        begun, boot = _entry.read_clocks()
        if number:
            before = Credentials(*cast(CachedValue, previous).value)
            credentials = self._resolver.assume(self._chain, number, before)
        else:
            credentials = self._resolver.obtain(self._chain.source)
        expiration = self._expiration(number, credentials, begun)
        is_same = self._take_fingerprint() == self._fingerprint
        # They age from before the call, so a clock that is set during the call prolongs nothing.
        since = {"obtained": begun, "boot": boot}
        return CachedValue(list(credentials), expiration if is_same else 0, since)

    def _expiration(self, number: int, credentials: Credentials, begun: float) -> float:
        """Return when the cache entry expires by the clock of this machine, or 0 if the credentials must not be cached."""
        source = self._chain.source
        if number:
            hop = self._chain.hops[number - 1]
            lifetime, endpoint = hop.expired_seconds, hop.endpoint
        elif get_mode(source.mode).calls_sts:
            lifetime = source.settings.get("expired_seconds") or _chain.DEFAULT_EXPIRED_SECONDS
            endpoint = source.endpoint
        else:
            return credentials.expiration if credentials.security_token else 0
        # STS reports the expiration by its own clock. A slow clock of this machine must not prolong the lifetime.
        return min(credentials.expiration - self._resolver.sts.get_skew(endpoint), begun + lifetime)

    def _make_result(self, previous: CachedValue | None) -> CachedValue:
        """Check the credentials at the end of the chain, and return them in the format of the options."""
        previous = cast(CachedValue, previous)
        credentials = Credentials(*previous.value)
        self._resolver.verify(self._chain, credentials)
        if credentials.security_token or credentials.expiration:
            self._check_lifetime(previous.expiration or credentials.expiration)
        result = make_result(credentials, self._chain, self._session.options)
        # The result belongs to its key only if the file did not change while it was read.
        is_same = _entry.read_config_identity(self._session.path) == self._config_identity
        expiration = previous.expiration if is_same else 0
        return CachedValue(result, expiration, previous.since, previous.is_cached)

    def _check_lifetime(self, expiration: float) -> None:
        need = self._session.need
        if not need:
            return
        if not expiration:
            raise SourceError(
                "min_lifetime cannot be guaranteed, since the expiration of the credentials is unknown:"
                " add a hop, or remove min_lifetime"
            )
        left = int(expiration - _entry.read_clocks()[0])
        if left < need:
            raise SourceError(
                "new credentials last {0} seconds, less than min_lifetime ({1}): {2}".format(
                    left,
                    need,
                    (
                        "set expired_seconds of the last hop to more than min_lifetime"
                        if self._chain.hops
                        else "reduce min_lifetime, or add a hop"
                    ),
                )
            )


def _is_settled(identity: list[int] | None) -> bool:
    return identity is None or identity[-1] / 1e9 < time.time() - SETTLED_SECONDS
