# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Resolve a chain into credentials, one hop at a time. The controller caches each step in ``_resolve``."""

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Set, Tuple, Union

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import (
    Credentials,
    check_account,
    check_arn,
    check_form,
    format_time,
    get_account,
    normalize_session_arn,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.environment import is_disabled
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import Sts
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts_errors import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    AliyunCliError,
    ProfileError,
    SourceError,
    StsError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse

if TYPE_CHECKING:
    # Never run. Ansible copies a file to the node only if it finds an import of it in the source.
    from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers import (  # noqa: F401
        cloud_sso,
        credentials_uri,
        ecs_ram_role,
        external,
        o_auth,
        oidc,
        rsa_key_pair,
        static,
    )

_PROVIDERS = "ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers."


class Resolver:
    """Resolve chains over one set of connections.

    ``environ`` are the environment variables that providers read. ``allow_process`` lets a source of mode External run its
    command. ``expected_account_id`` and ``expected_arn`` are the identity at the end of chains, empty for any. In the
    ARN, ``*`` matches any text. ``warn`` takes sentences for the user. ``key_ids`` are the access key IDs of all sources
    so far.
    """

    def __init__(
        self,
        http: Http,
        *,
        environ: Mapping[str, str],
        allow_process: bool = False,
        expected_account_id: str = "",
        expected_arn: str = "",
        warn: Callable[[str], None] = lambda text: None
    ) -> None:
        self.http = http
        self.sts = Sts(http)
        self.environ = environ
        self.allow_process = allow_process
        self.expected_account_id = expected_account_id
        self.expected_arn = expected_arn
        self.warn = warn
        self.key_ids: Set[str] = set()

    def resolve(self, chain: _chain.Chain) -> Credentials:
        """Return the credentials at the end of a chain.

        Raise SourceError or StsError, which name the hop; ProfileError if the account is not the expected one.
        """
        self.check_end(chain)
        credentials = self._resolve(chain)
        self.verify(chain, credentials)
        return credentials

    def get_caller_identity(self, chain: _chain.Chain) -> Dict[str, Any]:
        """Return the caller identity at the end of a chain, from STS. Raise as :meth:`resolve` does."""
        self.check_end(chain)
        return self.identify(chain)[1]

    def identify(self, chain: _chain.Chain) -> Tuple[Credentials, Dict[str, Any]]:
        """Return the credentials at the end of a chain, and their caller identity from STS."""
        credentials = self._resolve(chain)
        return credentials, self._ask(chain, credentials)

    def check_end(self, chain: _chain.Chain) -> None:
        """Raise ProfileError if the last role does not match the expected identity. This check sends no requests."""
        if chain.hops:
            hop = chain.hops[-1]
            arn = hop.ram_role_arn
            who = "the role {0} at the end of the chain".format(arn)
            check_account(who, get_account(arn), self.expected_account_id)
            session = "{0}/{1}".format(normalize_session_arn(arn), hop.role_session_name)
            check_arn("the session at the end of the chain", session, self.expected_arn)

    def verify(self, chain: _chain.Chain, credentials: Credentials) -> None:
        """Raise ProfileError if the credentials at the end of a chain do not have the expected identity.

        An ARN from an endpoint of Alibaba Cloud is trusted. For all other credentials, this costs one GetCallerIdentity
        call, if an identity is expected.
        """
        if not (self.expected_account_id or self.expected_arn):
            return
        arn = credentials.assumed_role_arn
        if not arn or not is_official(chain.endpoint):
            self._ask(chain, credentials)
            return
        check_account("the role " + arn, credentials.account_id, self.expected_account_id)
        check_arn(
            "the session at the end of the chain", normalize_session_arn(arn), self.expected_arn
        )

    def obtain(self, source: _chain.Source) -> Credentials:
        """Return the credentials of a source. Raise SourceError or StsError."""
        context = Context(
            self.http,
            self.sts,
            self.environ,
            time.time(),
            self.allow_process,
            resolve=self._resolve,
            warn=lambda text: self.warn("{0}: {1}".format(source.title, text)),
        )
        try:
            mode = _modes.get_mode(source.mode)
            if is_disabled(mode, self.environ):
                what = "it is disabled by {0}: unset this variable"
                raise SourceError(what.format(mode.disabled_by))
            credentials = find_provider(source.mode)(source, context)
            check_form(credentials)
            self.key_ids.add(credentials.access_key_id)
            return self._checked(credentials, source.title)
        except (ProfileError, SourceError) as error:
            raise SourceError("{0}: {1}".format(source.title, error)) from None

    def assume(self, chain: _chain.Chain, number: int, credentials: Credentials) -> Credentials:
        """Assume the role of a hop, counted from 1, with the credentials of the hop before it. Raise StsError."""
        hop = chain.hops[number - 1]
        what = "hop {0} of {1}: AssumeRole of {2}".format(number, len(chain.hops), hop.ram_role_arn)
        try:
            return self._checked(self.sts.assume_role(credentials, hop), what)
        except StsError as error:
            caller = describe_caller(chain, number - 1)
            raise explain(error, what, caller, hop.endpoint, hop=hop) from None

    def _checked(self, credentials: Credentials, what: str) -> Credentials:
        """Warn if credentials are already expired when they arrive: one of two clocks is wrong."""
        if 0 < credentials.expiration <= time.time():
            self.warn(
                "{0}: the credentials had expired when they arrived ({1}), while the clock of this machine says {2}:"
                " compare this clock with that of the service".format(
                    what, format_time(credentials.expiration), format_time(int(time.time()))
                )
            )
        return credentials

    def _resolve(self, chain: _chain.Chain) -> Credentials:
        credentials = self.obtain(chain.source)
        for number in range(1, len(chain.hops) + 1):
            credentials = self.assume(chain, number, credentials)
        return credentials

    def _ask(self, chain: _chain.Chain, credentials: Credentials) -> Dict[str, Any]:
        try:
            identity = self.sts.get_caller_identity(credentials, chain.endpoint)
        except StsError as error:
            raise explain(
                error, "GetCallerIdentity", describe_caller(chain, len(chain.hops)), chain.endpoint
            ) from None
        who = "the caller " + identity["Arn"]
        check_account(who, identity["AccountId"], self.expected_account_id)
        check_arn("the caller", identity["Arn"], self.expected_arn)
        return identity


class SharingResolver(Resolver):
    """A resolver that obtains the credentials of each source and assumes each hop only once for all chains.

    With ``keep_errors``, an error is raised again for the next chain. Without it, the next chain tries again.
    """

    def __init__(self, http: Http, *, keep_errors: bool, **options: Any) -> None:
        super().__init__(http, **options)
        self._keep_errors = keep_errors
        self._known: Dict[str, Union[Credentials, AliyunCliError]] = {}

    def _obtain(self, key: str, call: Callable[[], Credentials]) -> Credentials:
        if key not in self._known:
            try:
                self._known[key] = call()
            except AliyunCliError as error:
                if not self._keep_errors:
                    raise
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, AliyunCliError):
            raise known
        return known

    def _resolve(self, chain: _chain.Chain) -> Credentials:
        keys = _chain.make_keys(chain, self.environ)
        credentials = self._obtain(keys[0], lambda: self.obtain(chain.source))
        for number in range(1, len(keys)):
            before = credentials
            credentials = self._obtain(keys[number], lambda: self.assume(chain, number, before))
        return credentials


def is_official(endpoint: str) -> bool:
    """Return whether the URL of an STS endpoint belongs to Alibaba Cloud."""
    url = parse(endpoint)
    return url.scheme == "https" and url.host.endswith(".aliyuncs.com")


def find_provider(mode: str) -> Callable[[_chain.Source, Context], Credentials]:
    """Return the function that obtains the credentials of a mode; only its file is imported. Raise SourceError."""
    name = _modes.get_mode(mode).provider
    if not name:
        raise SourceError("the mode provides no credentials: use another mode")
    obtain: Callable[[_chain.Source, Context], Credentials]
    obtain = import_module(_PROVIDERS + name).obtain
    return obtain


def describe_caller(chain: _chain.Chain, hops: int) -> str:
    """Return the caller after a number of hops: the role assumed last, or the identity of the source."""
    if hops:
        return chain.hops[hops - 1].ram_role_arn
    source = chain.source
    if "ram_role_arn" in _modes.get_mode(source.mode).identity:
        return str(source.settings.get("ram_role_arn"))
    key = source.settings.get("access_key_id")
    if not key or "access_key_id" not in _modes.get_mode(source.mode).identity:
        return "the " + source.title
    who = "access key " + _modes.mask_id(key)
    return "{0} of profile '{1}'".format(who, source.profile) if source.profile else who
