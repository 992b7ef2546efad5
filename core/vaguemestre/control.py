"""Controls what was received: recognise, autocontrol, split, route.

Every received deposit leaves here as ready, held, manual or rejected. Nothing is sent while errors
remain. A control that fails technically is neither a green light nor a refusal: the deposit stays
received and is controlled again later.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import trio

from vaguemestre.clock import from_text
from vaguemestre.conclusion import conclude
from vaguemestre.deployment import Deployment
from vaguemestre.errors import DeclarationError, VaguemestreError
from vaguemestre.examination import INLINE_BYTES, blocking, blocks, cut, examine
from vaguemestre.lifecycle import Event, State
from vaguemestre.locale import _
from vaguemestre.model import Declaration, Due, Finding, Level, Notice, Part, Severity
from vaguemestre.notices import post_in
from vaguemestre.plugins import PluginFailure
from vaguemestre.precedents import applying
from vaguemestre.rejected import write_rejected
from vaguemestre.routing import Verdict, route
from vaguemestre.scopes import due_day
from vaguemestre.store import deposits, documents, journal
from vaguemestre.store.documents import Packed
from vaguemestre.store.engine import Session
from vaguemestre.supervision import Post, backoff
from vaguemestre.testing.points import point

#: Batches under control at the same time, and small deposits in one batch.
WORKERS, BATCH = 4, 16

#: Why the profile's adapter would not take the declaration, or None. Given by the lanes.
Carries = Callable[[str, Declaration], str | None]
#: A write that waits for its transaction.
Write = Callable[[Session], None]


class Control:
    """The service that controls. `wake` it when something was received."""

    def __init__(self, deployment: Deployment, carries: Carries, post: Post) -> None:
        self._deployment = deployment
        self._store = deployment.store
        self._carries = carries
        self._post = post
        self._news = trio.Event()
        self._busy: set[int] = set()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Control for ever."""
        send, receive = trio.open_memory_channel[list[int]](0)
        async with trio.open_nursery() as nursery:
            for _number in range(WORKERS):
                nursery.start_soon(self._work, receive.clone())
            while True:
                self._news = trio.Event()
                found, due = await self._store.read(_to_control)
                fresh = [(d, size) for d, size in found if d not in self._busy]
                for batch in _batches(fresh):
                    self._busy.update(batch)
                    await send.send(batch)
                if not fresh:
                    with trio.move_on_after(due):
                        await self._news.wait()

    async def _work(self, receive: trio.MemoryReceiveChannel[list[int]]) -> None:
        async with receive:
            async for batch in receive:
                try:
                    await self.control(batch)
                finally:
                    self._busy.difference_update(batch)

    async def control(self, batch: Sequence[int]) -> None:
        """Control some deposits and write their outcomes."""
        pairs = await self._store.read(lambda s: [_read(s, deposit) for deposit in batch])
        async with trio.open_nursery() as nursery:
            for row, payload in pairs:
                if row["state"] == State.RECEIVED:
                    write = await self._decide(row, payload)
                    point("control.decided")
                    nursery.start_soon(self._store.write, write)
                    # It is handed in before the next one: the first of two duplicates goes.
                    await trio.lowlevel.checkpoint()
        point("control.committed")

    async def _decide(self, row: sqlite3.Row, payload: bytes) -> Write:
        """What is to be written about one deposit."""
        try:
            declaration, findings = await examine(
                self._deployment.registry, self._deployment.controls, row["name"], payload
            )
            parts = await self._cut(row, payload, declaration, findings)
        except PluginFailure as failure:
            return partial(_postpone, row, failure)
        except DeclarationError as error:
            return await self._conclude(row, payload, None, [blocking("file/split", str(error))])
        if parts:
            return partial(_split, row, declaration, findings, parts)
        return await self._conclude(row, payload, declaration, findings)

    async def _cut(
        self,
        row: sqlite3.Row,
        payload: bytes,
        declaration: Declaration | None,
        findings: Sequence[Finding],
    ) -> list[tuple[Part, Packed]]:
        """The parts of a file with several declarations and no blocking finding, else none."""
        if declaration is None or declaration.declarations < 2 or blocks(findings):
            return []
        registry = self._deployment.registry

        def packed() -> list[tuple[Part, Packed]]:
            parts = cut(registry, row["name"], payload, declaration)
            return [(part, documents.pack(part.payload)) for part in parts]

        parts = await trio.to_thread.run_sync(packed)
        return parts if len(parts) > 1 else []

    async def _conclude(
        self,
        row: sqlite3.Row,
        payload: bytes,
        declaration: Declaration | None,
        findings: list[Finding],
    ) -> Write:
        if declaration is None or blocks(findings):
            verdict = Verdict(Event.REJECT, message=_first(findings))
        else:
            verdict = route(self._deployment, self._carries, row, declaration)
            findings = [*verdict.findings, *findings]
        if verdict.event is Event.REJECT:
            await self._write_rejected(row, findings, payload)
        due = self._due(row, declaration) if declaration is not None else ()
        return partial(conclude, row, declaration, findings, verdict, due)

    def _due(self, row: sqlite3.Row, declaration: Declaration) -> Sequence[Due]:
        outbox = self._deployment.outbox(row["outbox"])
        directory = outbox.directory if outbox else ""
        day = due_day(self._deployment.config.deadline, declaration, directory)
        return applying(declaration.due, day)

    async def _write_rejected(
        self, row: sqlite3.Row, findings: Sequence[Finding], payload: bytes
    ) -> None:
        """Show the file and its report to the payroll product. The store has both anyway."""
        outbox = self._deployment.outbox(row["outbox"])
        if outbox is None:
            return
        try:
            await trio.to_thread.run_sync(write_rejected, outbox, row, findings, payload)
        except OSError as error:
            await self._post(
                Notice(
                    key=f"rejected-folder:{outbox.name}",
                    level=Level.WARNING,
                    title=_("The folder of rejected files of {outbox} cannot be written").format(
                        outbox=outbox.name
                    ),
                    text=_(
                        "{folder}: {error}. Check its rights and the free space. The report is "
                        "shown by: vaguemestre deposits show {deposit}"
                    ).format(folder=outbox.rejected, error=error.strerror, deposit=row["id"]),
                    deposit=row["id"],
                )
            )


def _postpone(row: sqlite3.Row, failure: PluginFailure, session: Session) -> None:
    tries = row["tries"] + 1
    pause = backoff(tries, first=10, longest=900, spread=random.random())  # noqa: S311
    message = _("The control {name} failed; it is tried again").format(name=failure.plugin)
    journal.move(
        session,
        row["id"],
        Event.POSTPONE,
        message=message,
        tries=tries,
        next_try_at=session.moment + timedelta(seconds=pause),
    )
    notice = Notice(
        key=f"control:{failure.plugin}",
        level=Level.ERROR,
        title=message,
        text=_("{cause}. Nothing is deposited meanwhile.").format(cause=_told(failure)),
        deposit=row["id"],
    )
    post_in(session, notice)


def _told(failure: PluginFailure) -> str:
    """The cause, in its own words if they were made to be read."""
    cause = failure.__cause__
    return str(cause if isinstance(cause, VaguemestreError) else failure)


def _first(findings: Sequence[Finding]) -> str:
    worst = [f for f in findings if f.severity is Severity.BLOCKING]
    return worst[0].message if worst else ""


def _batches(found: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Small deposits together, so that a burst shares its reads; large ones alone; never so many
    together that a worker is left without work."""
    most = min(BATCH, -(-len(found) // WORKERS))
    batch: list[int] = []
    for deposit, size in found:
        if size > INLINE_BYTES:
            yield [deposit]
            continue
        batch.append(deposit)
        if len(batch) >= most:
            yield batch
            batch = []
    if batch:
        yield batch


def _to_control(session: Session) -> tuple[list[tuple[int, int]], float]:
    """Deposits that are due, with their sizes, and seconds until the next one is."""
    rows = session.sql.deposits_to_control(session.connection, now=session.now, limit=256)
    due = session.sql.next_due(session.connection, state=State.RECEIVED.value, now=session.now)
    pause = (from_text(due) - session.moment).total_seconds() if due else float("inf")
    return [(r["id"], r["size"]) for r in rows], max(pause, 0.05)


def _read(session: Session, deposit: int) -> tuple[sqlite3.Row, bytes]:
    row = deposits.get(session, deposit)
    if row is None:
        raise KeyError(deposit)
    return row, documents.get(session, row["sha256"])


def _split(
    row: sqlite3.Row,
    declaration: Declaration | None,
    findings: Sequence[Finding],
    parts: Sequence[tuple[Part, Packed]],
    session: Session,
) -> None:
    if declaration is not None:
        deposits.declare(session, row["id"], declaration)
    deposits.put_findings(session, row["id"], findings)
    deposits.split(session, row, parts)
