"""The services of one profile around a platform in memory, on a real store, without a daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio

from support.platform import Platform, Verdicts, accept
from vaguemestre.account import Account
from vaguemestre.api import (
    Declaration,
    Order,
    Receipt,
    Refusal,
)
from vaguemestre.collect import Collector
from vaguemestre.config import ProfileConfig
from vaguemestre.lanes import Lane
from vaguemestre.lifecycle import Event
from vaguemestre.model import DepositEvent, Notice
from vaguemestre.plugins import Registry
from vaguemestre.reconcile import Reconcile
from vaguemestre.store import deposits, documents, journal
from vaguemestre.store.engine import Session, Store

ACCOUNT = "memory:c"


class Desk:
    """The services of one profile around a platform in memory, on a real store."""

    def __init__(self, store: Store, concurrency: int = 4) -> None:
        self.store = store
        self.platform = Platform()
        self.registry = Registry()
        self.registry.return_readers["verdicts"] = Verdicts()
        self.account = Account(ACCOUNT, store, "edition 1")
        profile = ProfileConfig(name="p", platform="memory", concurrency=concurrency)
        self.lane = Lane(profile, self.platform, self.account, store, self.registry)
        self.reconcile = Reconcile(self.account, self.platform, store)
        self.collector = Collector(
            self.account, "p", self.platform, store, self.registry, self.post, lambda: None
        )
        self.notices: list[Notice] = []
        self.changes: list[DepositEvent] = []
        self._changed = trio.Event()
        store.on_commit = self._committed

    async def post(self, notice: Notice) -> None:
        self.notices.append(notice)

    def _committed(self, changes: list[DepositEvent]) -> None:
        self.changes += changes
        self.lane.wake()
        self.reconcile.wake()
        changed, self._changed = self._changed, trio.Event()
        changed.set()

    def ready(self, name: str = "a", payload: bytes = b"LETTER") -> int:
        """A deposit that was taken, controlled and routed."""

        def put(session: Session) -> int:
            packed = documents.pack(payload + name.encode())
            documents.put(session, packed)
            file_id = session.sql.file_add(
                session.connection,
                outbox="o",
                source=name,
                name=name,
                sha256=packed.sha256,
                size=packed.size,
                now=session.now,
                source_path=b"",
                target_path=b"",
                duplicate_of=None,
            )
            deposit = deposits.add(
                session, file_id=file_id, name=name, sha256=packed.sha256, outbox="o", source=name
            )
            deposits.declare(session, deposit, Declaration(kind="letter", module="letter"))
            deposits.route(session, deposit, platform="memory", profile="p", account=ACCOUNT)
            journal.move(session, deposit, Event.PASS)
            return deposit

        return self.store.write_now(put)

    def row(self, deposit: int) -> dict[str, object]:
        return dict(self.store.read_now(lambda s: deposits.get(s, deposit)) or {})

    def titles(self) -> list[str]:
        rows = self.store.read_now(lambda s: list(s.sql.notices_all(s.connection, limit=99)))
        return [r["key"] for r in rows]

    async def until(self, deposit: int, state: str) -> None:
        while self.row(deposit)["state"] != state:
            await self._changed.wait()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        await self.account.restore()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.lane.run)
            nursery.start_soon(self.reconcile.run)
            with trio.fail_after(30):
                yield
            nursery.cancel_scope.cancel()


def once(
    first: Callable[[Platform, Order], Awaitable[Receipt | Refusal]],
) -> Callable[[Platform, Order], Awaitable[Receipt | Refusal]]:
    """Behave like `first` the first time, and normally afterwards."""

    async def behave(platform: Platform, order: Order) -> Receipt | Refusal:
        platform.behaviour = accept
        return await first(platform, order)

    return behave
