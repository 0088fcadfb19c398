# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the world file: accounts, users, keys, roles and identity providers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .clock import TIME_FORMS, parse_iso_time
from .policy import Principal, Statement, parse_policy

ROLE_NAME = re.compile(r"[A-Za-z0-9.\-]{1,64}")
MIN_ROLE_MAXIMUM, MAX_ROLE_MAXIMUM = 3600, 43200


class WorldError(ValueError):
    """Invalid world file. The text names the place and the reason."""


@dataclass(frozen=True)
class Identity:
    """An account's root, a RAM user or a RAM role."""

    kind: str
    account_id: str
    name: str = ""

    @property
    def arn(self) -> str:
        tail = "root" if self.kind == "root" else f"{self.kind}/{self.name}"
        return f"acs:ram::{self.account_id}:{tail}"

    @property
    def id(self) -> str:
        """Return the numeric ID: the account's own for root, else one derived from the ARN."""
        if self.kind == "root":
            return self.account_id
        number = int(hashlib.sha256(self.arn.encode()).hexdigest(), 16) % 10**17
        return f"{'2' if self.kind == 'user' else '3'}{number:017d}"

    @property
    def principal(self) -> Principal:
        return Principal(kind="RAM", arn=self.arn, account_id=self.account_id)


@dataclass(frozen=True)
class AccessKey:
    id: str
    secret: str
    active: bool
    identity: Identity
    created: datetime | None = None


@dataclass(frozen=True)
class KeyPair:
    """A public RSA key with which a user may ask for a session access key."""

    id: str
    public_key: RSAPublicKey
    identity: Identity


@dataclass(frozen=True)
class Role:
    identity: Identity
    trust: tuple[Statement, ...]
    max_session_duration: int


@dataclass(frozen=True)
class OidcProvider:
    arn: str
    issuer: str
    client_ids: tuple[str, ...]


@dataclass
class Switches:
    """Switches that can change at start or at runtime. By default everything is off."""

    chained_duration_cap: bool = False
    expiration_form: str = "utc"
    imds_hardened: bool = False
    last_use_delay: int = 0
    new_key_seconds: int = 0
    imds_role_name: str = ""
    oauth_capitals: bool = False
    rate_limit: int = 0
    session_seconds: int = 0
    strict: bool = False
    users_manage_keys: bool = False

    def update(self, values: Mapping[str, Any]) -> None:
        """Change switches.

        :raises WorldError: for an unknown switch or a value of the wrong type.
        """
        kinds = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in values.items():
            if name not in kinds or value.__class__ is not kinds[name]:
                raise WorldError(f"switches: {name}: unknown, or of the wrong type")
        if values.get("expiration_form", "utc") not in TIME_FORMS:
            raise WorldError(f"switches: expiration_form: one of {', '.join(TIME_FORMS)}")
        for name, value in values.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class Grantor:
    """A place that hands out sessions of one identity without AssumeRole."""

    identity: Identity
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class World:
    accounts: set[str] = field(default_factory=set)
    keys: dict[str, AccessKey] = field(default_factory=dict)
    key_pairs: dict[str, KeyPair] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    permissions: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    oidc_providers: dict[str, OidcProvider] = field(default_factory=dict)
    grantors: dict[str, Grantor] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)


class _Node:
    """A mapping of the world file that knows its place and the keys that were read."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise WorldError(f"{where}: must be a mapping")
        self.where = where
        self._values = {str(key): item for key, item in value.items()}

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        if key not in self._values and default is None:
            raise WorldError(f"{self.where}: {key} is missing")
        value = self._values.pop(key, default)
        if value.__class__ is not kind:
            raise WorldError(f"{self.where}: {key} must be of type {kind.__name__}")
        return value

    def nodes(self, key: str) -> Iterator[tuple[str, _Node]]:
        """Yield the named children of a mapping of mappings."""
        for name, value in self.take(key, dict, {}).items():
            yield str(name), _Node(value or {}, f"{self.where}.{key}.{name}")

    def items(self, key: str) -> Iterator[_Node]:
        """Yield the children of a list of mappings."""
        for index, value in enumerate(self.take(key, list, [])):
            yield _Node(value, f"{self.where}.{key}[{index}]")

    def rest(self) -> dict[str, Any]:
        values, self._values = self._values, {}
        return values

    def close(self) -> None:
        if self._values:
            raise WorldError(f"{self.where}: unknown {', '.join(sorted(self._values))}")


def _permissions(node: _Node) -> tuple[Statement, ...]:
    statements = []
    for effect, key in (("Allow", "grants"), ("Deny", "denies")):
        resources = node.take(key, list, [])
        if resources:
            statements.append({"Effect": effect, "Action": "sts:AssumeRole", "Resource": resources})
    for policy in node.take("policies", list, []):
        # Checked on its own, so that a fault is found in the policy that has it.
        parse_policy(policy)
        own = policy["Statement"]
        statements += own if isinstance(own, list) else [own]
    if not statements:
        return ()
    return parse_policy({"Version": "1", "Statement": statements})


def _moment(node: _Node) -> datetime | None:
    text = node.take("created", str, "")
    return parse_iso_time(text) if text else None


def _add_keys(world: World, node: _Node, key: str, identity: Identity) -> None:
    for item in node.items(key):
        access_key = AccessKey(
            id=item.take("id", str),
            secret=item.take("secret", str),
            active=item.take("active", bool, True),
            identity=identity,
            created=_moment(item),
        )
        item.close()
        if access_key.id in world.keys:
            raise WorldError(f"{item.where}: the access key {access_key.id} exists already")
        world.keys[access_key.id] = access_key


def _add_key_pairs(world: World, node: _Node, identity: Identity) -> None:
    for item in node.items("key_pairs"):
        public_key = load_pem_public_key(item.take("public_key", str).encode())
        if not isinstance(public_key, RSAPublicKey):
            raise WorldError(f"{item.where}: public_key is not an RSA key")
        pair_id = item.take("id", str)
        item.close()
        world.key_pairs[pair_id] = KeyPair(pair_id, public_key, identity)


def _add_role(world: World, node: _Node, identity: Identity) -> None:
    if not ROLE_NAME.fullmatch(identity.name):
        raise WorldError(f"{node.where}: not a role name")
    maximum = node.take("max_session_duration", int, MIN_ROLE_MAXIMUM)
    if not MIN_ROLE_MAXIMUM <= maximum <= MAX_ROLE_MAXIMUM:
        raise WorldError(f"{node.where}: max_session_duration must be 3600 to 43200")
    trust = parse_policy(node.take("trust", dict), trust=True)
    world.roles[identity.arn] = Role(identity, trust, maximum)


def _add_account(world: World, account_id: str, node: _Node) -> None:
    if not account_id.isdigit():
        raise WorldError(f"{node.where}: an account ID is a number")
    world.accounts.add(account_id)
    root = Identity("root", account_id)
    world.identities[root.arn] = root
    _add_keys(world, node, "root_keys", root)
    for kind, group in (("user", "users"), ("role", "roles")):
        for name, item in node.nodes(group):
            identity = Identity(kind, account_id, name)
            world.identities[identity.arn] = identity
            world.permissions[identity.arn] = _permissions(item)
            if kind == "user":
                _add_keys(world, item, "access_keys", identity)
                _add_key_pairs(world, item, identity)
            else:
                _add_role(world, item, identity)
            item.close()
    for name, item in node.nodes("oidc_providers"):
        arn = f"acs:ram::{account_id}:oidc-provider/{name}"
        client_ids = tuple(str(client) for client in item.take("client_ids", list))
        world.oidc_providers[arn] = OidcProvider(arn, item.take("issuer", str), client_ids)
        item.close()
    node.close()


def _add_grantor(world: World, name: str, node: _Node) -> None:
    arn = node.take("identity", str)
    if arn not in world.identities:
        raise WorldError(f"{node.where}: identity {arn} does not exist in this world")
    world.grantors[name] = Grantor(world.identities[arn], node.rest())


def parse_world(document: object) -> World:
    """Return the world that a document describes.

    :raises WorldError: when something is missing, unknown or of the wrong shape.
    """
    world = World()
    node = _Node(document, "world")
    world.switches.update(node.take("switches", dict, {}))
    try:
        for account_id, account in node.nodes("accounts"):
            _add_account(world, account_id, account)
    except ValueError as error:
        raise WorldError(str(error)) from None
    for name in ("ecs", "credentials_uri", "cloud_sso", "oauth"):
        value = node.take(name, dict, {})
        if value:
            _add_grantor(world, name, _Node(value, f"world.{name}"))
    node.close()
    return world


def load_world(path: str | Path) -> World:
    """Return the world that a YAML file describes.

    :raises WorldError: as :func:`parse_world`, and when the file is not YAML.
    :raises OSError: when the file cannot be read.
    """
    try:
        return parse_world(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise WorldError(f"{path}: not YAML: {error}") from None
