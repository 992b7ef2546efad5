"""Notices: kept in the store first, told by the notifiers afterwards.

A crash loses none. A repetition within the hour is counted, not told again. A storm is told as one
notice that sums it up. A notifier that fails is tried again, and does not make the others repeat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import trio
from loguru import logger

from vaguemestre.clock import from_text, to_text
from vaguemestre.contracts import Notifier
from vaguemestre.locale import _
from vaguemestre.model import Level, Notice
from vaguemestre.store.engine import Session, Store

#: The same notice within this time is a repetition.
REPETITION = timedelta(hours=1)
#: More untold notices than this at once are a storm.
STORM = 20
#: Seconds that a notifier may take for one notice.
PATIENCE = 60.0
#: Seconds before notifiers that failed are tried again.
PAUSE = 30.0

LOG_LEVELS = {Level.INFO: "INFO", Level.WARNING: "WARNING", Level.ERROR: "WARNING"}


def post_in(session: Session, notice: Notice) -> None:
    """Keep a notice in the same transaction as what it is about."""
    since = to_text(session.moment - REPETITION)
    known = session.sql.notice_open(session.connection, key=notice.key, since=since)
    if known is not None:
        session.sql.notice_repeat(
            session.connection,
            id=known["id"],
            title=notice.title,
            text=notice.text,
            now=session.now,
        )
        return
    session.sql.notice_add(
        session.connection,
        key=notice.key,
        level=notice.level.value,
        title=notice.title,
        text=notice.text,
        deposit_id=notice.deposit,
        profile=notice.profile,
        now=session.now,
    )


class Notices:
    """Takes notices, and has them told."""

    def __init__(self, store: Store, notifiers: Mapping[str, Notifier]) -> None:
        self._store = store
        self._notifiers = notifiers
        self._news = trio.Event()

    async def post(self, notice: Notice) -> None:
        """Keep the notice durably. Raises StoreError if that is not possible."""
        logger.log(LOG_LEVELS[notice.level], "notice {}: {}", notice.key, notice.title)
        await self._store.write(lambda s: post_in(s, notice))
        self.wake()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Tell what waits, for ever."""
        while True:
            self._news = trio.Event()
            failed = await self.tell()
            with trio.move_on_after(PAUSE if failed else float("inf")):
                await self._news.wait()

    async def tell(self) -> bool:
        """One round; whether a notifier failed."""
        waiting, tellers = await self._store.read(_waiting)
        failed = False
        for group in _groups(waiting):
            done = await self._tell_group(group, tellers)
            failed = failed or not done
        return failed

    async def _tell_group(self, rows: list[sqlite3.Row], told: set[tuple[int, str]]) -> bool:
        notice, complete = _sum_up(rows), True
        for name, notifier in self._notifiers.items():
            ids = [r["id"] for r in rows if (r["id"], name) not in told]
            if not ids:
                continue
            try:
                with trio.fail_after(PATIENCE):
                    await notifier.send(notice)
            except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
                logger.opt(exception=error).warning("notifier {} failed; again later", name)
                complete = False
            else:
                await self._store.write(partial(_told_by, ids=ids, notifier=name))
        if complete:
            await self._store.write(lambda s: _told(s, [r["id"] for r in rows]))
        return complete


def _waiting(session: Session) -> tuple[list[sqlite3.Row], set[tuple[int, str]]]:
    rows = list(session.sql.notices_to_tell(session.connection, limit=1000))
    told = {(r[0], r[1]) for r in session.sql.notice_tellers(session.connection)}
    return rows, told


def _told_by(session: Session, *, ids: list[int], notifier: str) -> None:
    for notice in ids:
        session.sql.notice_told_by(
            session.connection, id=notice, notifier=notifier, now=session.now
        )


def _told(session: Session, ids: list[int]) -> None:
    for notice in ids:
        session.sql.notice_told(session.connection, id=notice, now=session.now)


def _groups(rows: list[sqlite3.Row]) -> list[list[sqlite3.Row]]:
    return [rows] if len(rows) > STORM else [[r] for r in rows]


def _sum_up(rows: list[sqlite3.Row]) -> Notice:
    if len(rows) == 1:
        return notice_of(rows[0])
    worst = max((Level(r["level"]) for r in rows), key=list(Level).index)
    return Notice(
        key="storm",
        level=worst,
        title=_("{count} notices at once").format(count=len(rows)),
        text="\n".join(r["title"] for r in rows[:STORM])
        + "\n"
        + _("The list is shown by: vaguemestre notices list"),
        at=from_text(rows[0]["created_at"]),
        count=len(rows),
    )


def notice_of(row: sqlite3.Row) -> Notice:
    return Notice(
        key=row["key"],
        level=Level(row["level"]),
        title=row["title"],
        text=row["text"],
        deposit=row["deposit_id"],
        profile=row["profile"],
        at=from_text(row["created_at"]),
        count=row["count"],
    )
