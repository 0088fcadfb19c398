# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep the current long-lived access keys: created, disabled, used, deleted, restored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .clock import Clock
from .world import Identity, World

KEYS_PER_USER = 2
RECYCLED_KEYS_PER_USER = 3
RECYCLED_DAYS = 30
_REMEMBERED_USES = 1000
_ALWAYS = datetime.min.replace(tzinfo=timezone.utc)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def random_text(length: int) -> str:
    """Return random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _index in range(length))


@dataclass
class LongLivedKey:
    """An access key of an account or a RAM user. STS and RAM know it from ``known`` on."""

    id: str
    secret: str
    active: bool
    identity: Identity
    created: datetime
    updated: datetime
    known: datetime
    recycled: datetime | None = None
    uses: list[tuple[datetime, str]] = field(default_factory=list)


class KeyRing:
    """All long-lived keys of a world. The world itself stays as it was loaded."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._keys: dict[str, LongLivedKey] = {}
        self.reset()

    def reset(self) -> None:
        """Go back to the keys that the world file names."""
        now = self._clock.now()
        self._keys = {
            key.id: LongLivedKey(
                id=key.id,
                secret=key.secret,
                active=key.active,
                identity=key.identity,
                created=key.created or now,
                updated=key.created or now,
                known=_ALWAYS,
            )
            for key in self._world.keys.values()
        }

    def usable(self, key_id: str) -> LongLivedKey | None:
        """Return a key that STS and RAM know by now, disabled ones included."""
        key = self._keys.get(key_id)
        if key is None or key.recycled is not None or key.known > self._clock.now():
            return None
        return key

    def all(self) -> list[LongLivedKey]:
        """Return all keys, including those in the recycle bin."""
        return list(self._keys.values())

    def of(self, identity: Identity) -> list[LongLivedKey]:
        """Return the keys of an identity that are not in the recycle bin, oldest first."""
        keys = [key for key in self._keys.values() if key.identity == identity]
        return sorted((key for key in keys if key.recycled is None), key=lambda key: key.created)

    def recycled(self, identity: Identity) -> list[LongLivedKey]:
        """Return the keys of an identity in the recycle bin, the first deleted first."""
        now = self._clock.now()
        for key in list(self._keys.values()):
            if key.recycled and now - key.recycled >= timedelta(days=RECYCLED_DAYS):
                del self._keys[key.id]
        keys = [key for key in self._keys.values() if key.identity == identity and key.recycled]
        return sorted(keys, key=lambda key: key.recycled or now)

    def in_recycle_bin(self, key_id: str) -> LongLivedKey | None:
        """Return a key that is in the recycle bin."""
        key = self._keys.get(key_id)
        return key if key and key in self.recycled(key.identity) else None

    def create(self, identity: Identity) -> LongLivedKey:
        """Create an active key with a new secret."""
        now = self._clock.now()
        key = LongLivedKey(
            id="LTAI5t" + random_text(18),
            secret="fake-" + random_text(25),
            active=True,
            identity=identity,
            created=now,
            updated=now,
            known=now + timedelta(seconds=self._world.switches.new_key_seconds),
        )
        self._keys[key.id] = key
        return key

    def set_active(self, key: LongLivedKey, active: bool) -> None:
        """Enable or disable a key."""
        key.active = active
        key.updated = self._clock.now()

    def recycle(self, key: LongLivedKey) -> None:
        """Delete a key: it goes to the recycle bin, which drops the first of more than three."""
        key.recycled = self._clock.now()
        for dropped in self.recycled(key.identity)[:-RECYCLED_KEYS_PER_USER]:
            self.erase(dropped)

    def restore(self, key: LongLivedKey) -> None:
        """Take a key out of the recycle bin. It is disabled."""
        key.recycled = None
        self.set_active(key, False)

    def erase(self, key: LongLivedKey) -> None:
        """Delete a key for good."""
        del self._keys[key.id]

    def use(self, key: LongLivedKey, service: str) -> None:
        """Remember that a signed request used the key."""
        key.uses = [*key.uses[-_REMEMBERED_USES:], (self._clock.now(), service)]

    def last_use(self, key: LongLivedKey) -> tuple[datetime, str] | None:
        """Return when a key was last used and with which service, as far as RAM has noticed."""
        latest = self._clock.now() - timedelta(seconds=self._world.switches.last_use_delay)
        return next((use for use in reversed(key.uses) if use[0] <= latest), None)
