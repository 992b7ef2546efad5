"""An account at a platform: what the profiles that share a credential have in common.

Two things are decided for the account as a whole. A refused credential suspends it at once, for all
its profiles, because one more try could block it. And a deposit in doubt is looked up only while
nothing of the account is on its way: whatever the platform lists then is known to us, in doubt
itself, or foreign.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from loguru import logger

from vaguemestre.locale import _
from vaguemestre.model import Level, Notice
from vaguemestre.notices import post_in
from vaguemestre.store.engine import Session, Store


class Account:
    """One account. `secret_updated_at` says which edition of the secret is in use."""

    def __init__(self, name: str, store: Store, secret_updated_at: str) -> None:
        self.name = name
        self.secret_updated_at = secret_updated_at
        self._store = store
        self._on_the_way = 0
        self._quiet_wanted = 0
        self._used = trio.Event()
        self._quiet_lock = trio.Lock()
        self._moved = trio.Event()

    # -- suspension

    async def restore(self) -> None:
        """At start: a suspension of this very edition of the secret still holds."""
        if await self._store.read(self._is_suspended):
            logger.warning("account {} is suspended", self.name)
        else:
            self._used.set()

    def _is_suspended(self, session: Session) -> bool:
        row = session.sql.suspension_get(session.connection, account=self.name)
        return row is not None and row["secret_updated_at"] == self.secret_updated_at

    async def refresh(self) -> None:
        """Look whether a person lifted the suspension."""
        if not self._used.is_set() and not await self._store.read(self._is_suspended):
            self._used.set()

    async def in_use(self) -> None:
        """Wait while the account is suspended."""
        await self._used.wait()

    @property
    def suspended(self) -> bool:
        return not self._used.is_set()

    async def suspend(self, reason: str, profile: str) -> None:
        """Stop everything on this account until its secret changes or a person tested it."""
        if self.suspended:
            return
        self._used = trio.Event()

        def write(session: Session) -> None:
            session.sql.suspension_set(
                session.connection,
                account=self.name,
                reason=reason,
                secret_updated_at=self.secret_updated_at,
                now=session.now,
            )
            post_in(session, self._notice(reason, profile))

        await self._store.write(write)

    def _notice(self, reason: str, profile: str) -> Notice:
        return Notice(
            key=f"credential:{self.name}",
            level=Level.ERROR,
            title=_("The credential of profile {profile} is refused: its deposits wait").format(
                profile=profile
            ),
            text=_(
                "{reason} It is not tried again by itself, so that the account is not blocked. "
                "Mend it with: vaguemestre secrets set; or test it with: vaguemestre profiles test "
                "{profile}"
            ).format(reason=reason, profile=profile),
            profile=profile,
        )

    # -- deposits on their way

    async def enter(self, count: int) -> None:
        """Announce that up to `count` deposits may leave. Waits while quiet is wanted."""
        while self._quiet_wanted:
            await self._moved.wait()
        self._on_the_way += count

    def leave(self, count: int) -> None:
        """`count` deposits are no longer on their way: their outcome is written, or none left."""
        self._on_the_way -= count
        self._notify()

    def _notify(self) -> None:
        moved, self._moved = self._moved, trio.Event()
        moved.set()

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Nothing of the account is on its way inside, and nothing leaves."""
        self._quiet_wanted += 1
        try:
            async with self._quiet_lock:
                while self._on_the_way:
                    await self._moved.wait()
                yield
        finally:
            self._quiet_wanted -= 1
            self._notify()
