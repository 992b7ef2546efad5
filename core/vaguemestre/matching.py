"""Finds the deposit of a return whose platform names none: the readers of returns say which.

A return that belongs to nothing we know (sent by other hands, or before our time) stays without a
deposit, and is asked about again when more was deposited.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import trio
from loguru import logger

from vaguemestre.clock import from_text, to_text
from vaguemestre.contracts import ReturnReader
from vaguemestre.model import Announcement, Carried, Document
from vaguemestre.plugins import Registry
from vaguemestre.store import deposits, documents, returns
from vaguemestre.store.engine import Session, Store

#: Deposits that are looked through, the newest first.
MOST = 5_000
#: A return that was not matched for so long is not asked about any more.
HOPE = timedelta(days=60)


class Matching:
    """Matches the returns of one account."""

    def __init__(self, account: str, store: Store, registry: Registry) -> None:
        self._account = account
        self._store = store
        self._readers = [
            reader
            for reader in registry.return_readers.values()
            if type(reader).match is not ReturnReader.match
        ]
        self._asked: object = None

    async def deposit_for(self, document: Document, announcement: Announcement) -> int | None:
        """The number of the deposit that the return belongs to, None if nobody can say."""
        if not self._readers:
            return None
        carried = await self._store.read(self._carried)
        return await trio.to_thread.run_sync(self._ask, document, announcement, carried)

    async def again(self, announced: Callable[[sqlite3.Row], Announcement]) -> None:
        """Ask once more about returns without a deposit, if anything has changed since."""
        if not self._readers:
            return
        rows = await self._store.read(self._lonely)
        carried = await self._store.read(self._carried) if rows else []
        state = ([row["id"] for row in rows], [one.deposit for one in carried])
        if state == self._asked:
            return
        for row in rows:
            content = await self._store.read(partial(_content, sha256=row["sha256"]))
            document = Document(content=content, media_type=row["media_type"], name=row["name"])
            found = await trio.to_thread.run_sync(self._ask, document, announced(row), carried)
            if found is not None:
                await self._store.write(
                    partial(returns.belongs, return_id=row["id"], deposit=found)
                )
        self._asked = state

    def _ask(
        self, document: Document, announcement: Announcement, carried: Sequence[Carried]
    ) -> int | None:
        ours = {one.deposit for one in carried}
        for reader in self._readers:
            try:
                found = reader.match(document, announcement, carried)
            except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
                logger.opt(exception=error).warning("return reader {} failed", reader.name)
                continue
            if found in ours:
                return found
        return None

    def _carried(self, session: Session) -> list[Carried]:
        rows = session.sql.deposits_carried(session.connection, account=self._account, limit=MOST)
        return [
            Carried(
                deposit=row["id"],
                name=row["name"],
                declaration=declaration,
                deposited_at=from_text(row["deposited_at"]),
                payload=partial(self._store.read_now, partial(_content, sha256=row["sha256"])),
            )
            for row in rows
            if (declaration := deposits.declaration_of(row)) is not None
        ]

    def _lonely(self, session: Session) -> list[sqlite3.Row]:
        since = to_text(session.moment - HOPE)
        return list(
            session.sql.returns_without_deposit(
                session.connection, account=self._account, since=since
            )
        )


def _content(session: Session, *, sha256: str) -> bytes:
    return documents.get(session, sha256)
