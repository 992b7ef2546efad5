"""Presumes acceptance where a platform answers only to complain.

The adapter says from when on silence means acceptance (`Adapter.presumed_at`). It counts only if
the returns of the account were collected, all of them, after that moment: a broken line is no
consent. A later return can still turn the deposit; that is `lifecycle.py`'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import trio
from msgspec import Struct

from vaguemestre.clock import from_text, to_text
from vaguemestre.contracts import Adapter
from vaguemestre.lifecycle import Event, TransitionError
from vaguemestre.locale import _
from vaguemestre.store import deposits, journal
from vaguemestre.store.engine import Session, Store

#: Seconds until it looks again while something is due but returns were not collected since.
LOOK = 300.0


class Waiting(Struct, frozen=True):
    """A deposit that waits, and from when on its silence means acceptance."""

    deposit: int
    due: datetime


class Silence:
    """The service of one account. `wake` it when a deposit arrived or returns were collected."""

    def __init__(self, account: str, adapter: Adapter, store: Store) -> None:
        self._account = account
        self._adapter = adapter
        self._store = store
        self._news = trio.Event()

    @staticmethod
    def concerns(adapter: Adapter) -> bool:
        """Whether the adapter's platform is one that may stay silent."""
        return type(adapter).presumed_at is not Adapter.presumed_at

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Presume for ever."""
        while True:
            self._news = trio.Event()
            pause = await self.presume()
            with trio.move_on_after(pause):
                await self._news.wait()

    async def presume(self) -> float:
        """One round; seconds until the next one can change anything by itself."""
        waiting = await self._store.read(self._waiting)
        now = self._store.clock()
        ripe = [w for w in waiting if w.due <= now]
        if ripe and not await self._store.write(lambda s: self._accept(s, ripe)):
            return LOOK
        later = [(w.due - now).total_seconds() for w in waiting if w.due > now]
        return max(min(later, default=float("inf")), 0.05)

    def _waiting(self, session: Session) -> list[Waiting]:
        found = []
        for row in session.sql.deposits_waiting(session.connection, account=self._account):
            declaration = deposits.declaration_of(row)
            if declaration is not None:
                at = self._adapter.presumed_at(declaration, from_text(row["deposited_at"]))
                if at is not None:
                    found.append(Waiting(row["id"], at))
        return found

    def _accept(self, session: Session, ripe: Sequence[Waiting]) -> bool:
        """Presume those for which returns were collected since; whether that was all."""
        until = session.sql.collected_until(session.connection, account=self._account) or ""
        heard = [w for w in ripe if to_text(w.due) <= until]
        for one in heard:
            message = _("Presumed accepted: the platform complains within its time, and did not")
            try:
                journal.move(session, one.deposit, Event.SILENCE, message=message)
            except TransitionError:  # a return was quicker
                continue
        return len(heard) == len(ripe)
