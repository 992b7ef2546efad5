"""Brings the answers back: one collector an account.

Two steps, each durable. What the platform announces in a window is committed together with the
cursor; then each announced document is fetched, read, stored, and moves its deposit. A document
that cannot be fetched now is tried again later and holds up nothing else; none is skipped.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import trio
from loguru import logger

from vaguemestre.account import Account
from vaguemestre.clock import from_text
from vaguemestre.contracts import Adapter
from vaguemestre.errors import CredentialRefused, NoEffect, PlatformRefusal
from vaguemestre.locale import _
from vaguemestre.matching import Matching
from vaguemestre.model import Announcement, Document, Level, Notice, Window
from vaguemestre.notices import post_in
from vaguemestre.outcomes import read_document
from vaguemestre.plugins import Registry
from vaguemestre.store import deposits, documents, foreign, returns
from vaguemestre.store.engine import Session, Store
from vaguemestre.supervision import Post, backoff
from vaguemestre.testing.points import point

#: Documents fetched at the same time.
FETCHERS = 4
#: Seconds before a document that could not be fetched is tried again: first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 3600.0
#: A pause is made longer by up to this factor.
SPREAD = 1.1
#: Rounds of collection that fail in a row before people are told.
FAILURES_TOLD = 5


class Collector:
    """Collects for one account, through the adapter of one of its profiles.

    `stored` is called whenever a return is durable.
    """

    def __init__(
        self,
        account: Account,
        profile: str,
        adapter: Adapter,
        store: Store,
        registry: Registry,
        post: Post,
        stored: Callable[[], None],
    ) -> None:
        self._account = account
        self._profile = profile
        self._adapter = adapter
        self._store = store
        self._registry = registry
        self._post = post
        self._stored = stored
        self._asked = trio.Event()
        self._failures = 0
        self._matching = Matching(account.name, store, registry)
        self._one_at_a_time = trio.Lock()
        #: Called after each round that caught up with the platform.
        self.caught_up: Callable[[], None] = lambda: None

    def wake(self) -> None:
        self._asked.set()

    async def run(self) -> None:
        """Collect for ever."""
        while True:
            self._asked = trio.Event()
            await self._account.in_use()
            try:
                pause = await self.collect()
                self._failures = 0
            except NoEffect as error:
                pause = await self._failed(error)
            # Accounts that began together do not go on asking together.
            with trio.move_on_after(pause * random.uniform(1, SPREAD)):  # noqa: S311
                await self._asked.wait()

    async def collect(self) -> float:
        """Catch up to now, then fetch what is due. Seconds until the next round.

        Raises NoEffect if the platform could not be asked; what was committed before stays.
        """
        async with self._one_at_a_time:
            await self._clear_up()
            more, wait = True, None
            while more:
                cursor = await self._store.read(self._cursor)
                window = await self._adapter.collect(cursor)
                await self._store.write(partial(self._keep_window, window))
                point("collect.announced")
                more, wait = window.more, window.wait
                await self._fetch_due()
            pause = max(wait or 0.0, self._adapter.poll_seconds)
            await self._matching.again(announcement_of)
            due = await self._store.read(self._next_fetch)
            self.caught_up()
            return min(pause, due)

    async def _clear_up(self) -> None:
        """Tell the adapter which of the files that it laid ready are no longer needed."""
        waiting = await self._adapter.waiting()
        if not waiting:
            return
        over = await self._store.read(lambda s: deposits.over(s, waiting))
        if over:
            await self._adapter.over(over)

    async def collect_now(self) -> None:
        """The same, because a person asks."""
        self._adapter.hurry()
        await self.collect()

    async def look_at(self, reference: str) -> None:
        """Ask for the returns of one deposit now, because a person wants to see them."""
        async with self._one_at_a_time:
            announcements = await self._adapter.announced(reference)
            await self._store.write(partial(self._announce, announcements, None))
            await self._fetch_due()

    def _cursor(self, session: Session) -> str | None:
        value: str | None = session.sql.cursor_get(session.connection, account=self._account.name)
        return value

    def _keep_window(self, window: Window, session: Session) -> None:
        self._announce(window.announcements, window.cursor, session)
        foreign.keep(
            session,
            window.listed,
            account=self._account.name,
            profile=self._profile,
            platform=self._adapter.platform,
        )
        for notice in window.notices:
            post_in(session, notice)

    def _announce(
        self, announcements: Sequence[Announcement], cursor: str | None, session: Session
    ) -> None:
        returns.announce(
            session,
            announcements,
            account=self._account.name,
            profile=self._profile,
            platform=self._adapter.platform,
        )
        if cursor is not None:
            returns.set_cursor(session, self._account.name, cursor)

    def _next_fetch(self, session: Session) -> float:
        due = session.sql.returns_next_fetch(session.connection, account=self._account.name)
        if not due:
            return float("inf")
        return max((from_text(due) - session.moment).total_seconds(), 0.0)

    async def _fetch_due(self) -> None:
        while rows := await self._store.read(self._due):
            limit = trio.CapacityLimiter(FETCHERS)
            async with trio.open_nursery() as nursery:
                for row in rows:
                    nursery.start_soon(self._fetch, row, limit)
            if self._account.suspended:
                return

    def _due(self, session: Session) -> list[sqlite3.Row]:
        return list(
            session.sql.returns_to_fetch(
                session.connection, account=self._account.name, now=session.now, limit=64
            )
        )

    async def _fetch(self, row: sqlite3.Row, limit: trio.CapacityLimiter) -> None:
        announcement = announcement_of(row)
        async with limit:
            if self._account.suspended:
                return
            try:
                document = await self._adapter.fetch(announcement)
            except PlatformRefusal as refusal:
                await self._refuse(row, refusal)
                return
            except CredentialRefused as refused:
                await self._account.suspend(str(refused), self._profile)
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                await self._later(row, error)
                return
        if document is None:
            await self._store.write(lambda s: returns.close(s, row["id"], "gone"))
            return
        await self._keep(row, announcement, document)

    async def _keep(self, row: sqlite3.Row, announcement: Announcement, document: Document) -> None:
        point("collect.fetched")
        summary = await read_document(self._registry, document, announcement)
        packed = await trio.to_thread.run_sync(documents.pack, document.content)
        deposit = row["deposit_id"]
        if deposit is None:
            deposit = await self._matching.deposit_for(document, announcement)
        await self._store.write(
            lambda s: returns.complete(
                s, row["id"], packed, document.media_type, document.name, summary, deposit
            )
        )
        point("collect.stored")
        self._stored()

    async def _later(self, row: sqlite3.Row, error: Exception) -> None:
        if not isinstance(error, NoEffect):
            logger.opt(exception=error).warning("return {} could not be fetched", row["id"])
        pause = error.retry_after if isinstance(error, NoEffect) else None
        if pause is None:
            pause = backoff(
                row["tries"] + 1,
                first=FIRST_PAUSE,
                longest=LONGEST_PAUSE,
                spread=random.random(),  # noqa: S311
            )
        seconds = max(pause, 0.1)

        def postpone(session: Session) -> None:
            again = session.moment + timedelta(seconds=seconds)
            returns.postpone(session, row["id"], again)

        await self._store.write(postpone)

    async def _refuse(self, row: sqlite3.Row, refusal: PlatformRefusal) -> None:
        notice = Notice(
            key=f"return-refused:{self._account.name}",
            level=Level.WARNING,
            title=_("A return was not fetched, for safety"),
            text=_("{reason} Reference: {reference}, nature {nature}.").format(
                reason=refusal, reference=row["reference"], nature=row["nature"]
            ),
            deposit=row["deposit_id"],
            profile=self._profile,
        )

        def write(session: Session) -> None:
            returns.close(session, row["id"], "refused")
            post_in(session, notice)

        await self._store.write(write)

    async def _failed(self, error: NoEffect) -> float:
        if isinstance(error, CredentialRefused):
            await self._account.suspend(str(error), self._profile)
            return 0.0
        self._failures += not error.resting
        if self._failures == FAILURES_TOLD and not error.resting:
            await self._post(
                Notice(
                    key=f"collect:{self._account.name}",
                    level=Level.WARNING,
                    title=_("The returns of profile {profile} cannot be collected").format(
                        profile=self._profile
                    ),
                    text=_("{error} It is tried again by itself; nothing is skipped.").format(
                        error=error
                    ),
                    profile=self._profile,
                )
            )
        if error.retry_after is not None:
            return error.retry_after
        return backoff(
            max(self._failures, 1),
            first=FIRST_PAUSE,
            longest=self._adapter.poll_seconds + FIRST_PAUSE,
            spread=random.random(),  # noqa: S311
        )


def announcement_of(row: sqlite3.Row) -> Announcement:
    return Announcement(
        reference=row["reference"],
        nature=row["nature"],
        status=row["status"],
        organism=row["organism"],
        delegate=row["delegate"],
        version=row["version"],
        published_at=from_text(row["published_at"]) if row["published_at"] else None,
        locator=row["locator"],
    )
