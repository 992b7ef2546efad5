"""Takes files out of an outbox folder, without ever losing one or taking one twice.

The periodic scan is the truth; events of the system, which `watch` gets, only wake it, and may be
missing altogether (network shares). A file is taken when it did not change for the quiet time, or
when its done-file is there: its bytes are read once and made durable in one transaction, then the
source is moved. A crash in between is repaired at the next scan.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import trio
from loguru import logger
from msgspec import Struct

from vaguemestre import folder, intake_notices
from vaguemestre.clock import Clock, utc_now
from vaguemestre.config import Outbox
from vaguemestre.errors import StoreError
from vaguemestre.folder import Entry, Stamp
from vaguemestre.model import Notice
from vaguemestre.moves import Move, carry_out, unfinished
from vaguemestre.store import files
from vaguemestre.store.engine import Session, Store
from vaguemestre.store.files import Read
from vaguemestre.supervision import Post
from vaguemestre.testing.points import point

#: Files and bytes in one batch: bounds memory, and how long one transaction takes.
BATCH_FILES, BATCH_BYTES = 128, 32 << 20
#: A larger file is certainly not a declaration.
LARGEST = 512 << 20
#: An empty file waits this many quiet times, and at least these seconds: a slow writer makes the
#: file first and fills it later.
EMPTY_QUIET_TIMES, EMPTY_SECONDS = 10, 2.0
#: Seconds between two scans, however often the system reports changes.
BREATH = 0.05


class ScanReport(Struct, frozen=True):
    """What one scan did. `next_look`: seconds until a waiting file will have been quiet."""

    taken: int = 0
    duplicates: int = 0
    waiting: int = 0
    next_look: float = float("inf")


class Intake:
    """The service of one outbox."""

    def __init__(self, store: Store, outbox: Outbox, post: Post, clock: Clock = utc_now) -> None:
        self._store = store
        self._outbox = outbox
        self._post = post
        self._clock = clock
        self._seen: dict[str, tuple[Stamp, float]] = {}
        self._told: set[str] = set()
        self._found: set[str] = set()
        self._news = trio.Event()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Take for ever."""
        while True:
            self._news = trio.Event()
            report = await self.scan()
            with trio.move_on_after(min(report.next_look, self._outbox.scan_seconds)):
                await self._news.wait()
            await trio.sleep(BREATH)

    async def scan(self) -> ScanReport:
        """One pass over the folder. Trouble is told, never raised."""
        self._found = set()
        try:
            report = await self._scan()
        except StoreError as error:
            report = await self._nothing(intake_notices.store_unusable(self._outbox, error))
        except OSError as error:
            report = await self._nothing(intake_notices.folder_unusable(self._outbox, error))
        self._told &= self._found
        return report

    async def _scan(self) -> ScanReport:
        await trio.to_thread.run_sync(_prepare, self._outbox)
        pending = await self._repair()
        entries, odd = await trio.to_thread.run_sync(folder.listing, self._outbox.path)
        point("intake.listed")
        for thing in odd:
            await self._tell(intake_notices.odd(self._outbox, thing))
        quiet, waiting, next_look = self._quiet([e for e in entries if e.name not in pending])
        taken = duplicates = 0
        for batch in _batches(quiet):
            new, again = await self._take(batch)
            taken, duplicates = taken + new, duplicates + again
        return ScanReport(taken, duplicates, waiting, next_look)

    # -- which files

    def _quiet(self, entries: Sequence[Entry]) -> tuple[list[Entry], int, float]:
        """The files that may be taken, how many wait, and seconds until the first will be."""
        now, names = trio.current_time(), {e.name for e in entries}
        before, self._seen = self._seen, {}
        quiet, next_look, waiting = [], float("inf"), 0
        for entry in entries:
            if self._is_done_file(entry.name, names):
                continue
            stamp, since = before.get(entry.name, (entry.stamp, now))
            if stamp != entry.stamp:
                since = now
            self._seen[entry.name] = (entry.stamp, since)
            left = self._left(entry, names, now - since)
            if left <= 0:
                quiet.append(entry)
            else:
                waiting, next_look = waiting + 1, min(next_look, left)
        return quiet, waiting, next_look

    def _is_done_file(self, name: str, names: set[str]) -> bool:
        suffix = self._outbox.done_suffix
        return bool(suffix) and name.endswith(suffix) and name.removesuffix(suffix) in names

    def _left(self, entry: Entry, names: set[str], unchanged: float) -> float:
        """Seconds until the file may be taken."""
        if self._outbox.done_suffix:
            there = entry.name + self._outbox.done_suffix in names
            return 0 if there else float("inf")
        quiet = self._outbox.quiet_seconds
        if entry.stamp.size == 0:
            quiet = max(EMPTY_QUIET_TIMES * quiet, EMPTY_SECONDS)
        return quiet - unchanged

    # -- taking

    async def _take(self, batch: Sequence[Entry]) -> tuple[int, int]:
        """Make a batch durable, then move its sources. (new files, duplicates)"""
        outbox, small = self._outbox, [e for e in batch if e.stamp.size <= LARGEST]
        for entry in batch:
            if entry.stamp.size > LARGEST:
                await self._tell(intake_notices.too_large(outbox, entry))
        read, failed = await trio.to_thread.run_sync(_read_all, outbox, small)
        point("intake.read")
        for entry, error in failed:
            await self._tell(intake_notices.unreadable(outbox, entry, error))
        if not read:
            return 0, 0
        taken = await self._store.write(lambda s: files.take_all(s, outbox, read))
        point("intake.committed")
        await self._put_away([t.move for t in taken])
        again = sum(t.duplicate for t in taken)
        return len(taken) - again, again

    async def _put_away(self, moves: Sequence[Move]) -> None:
        """Move the sources of what is safe, and mark them as moved."""
        suffix = self._outbox.done_suffix
        moved, failed = await trio.to_thread.run_sync(carry_out, moves, suffix)
        if failed is not None:
            await self._tell(intake_notices.cannot_move(self._outbox, failed))
        await self._store.write(lambda s: files.mark_moved(s, moved))
        point("intake.marked")

    async def _repair(self) -> set[str]:
        """Finish the moves that a crash or missing rights left; names that still wait for it."""
        if not (rows := await self._store.read(self._to_move)):
            return set()
        found = await trio.to_thread.run_sync(unfinished, rows)
        for source in found.lost:
            await self._tell(intake_notices.lost(self._outbox, source))
        if found.failed is not None:
            await self._tell(intake_notices.cannot_move(self._outbox, found.failed))
        await self._store.write(lambda s: files.mark_moved(s, found.moved))
        await self._put_away(found.moves)
        rows = await self._store.read(self._to_move)
        left = [Path(os.fsdecode(row["source_path"])) for row in rows]
        return {path.name for path in left if path.parent == self._outbox.path}

    def _to_move(self, session: Session) -> list[sqlite3.Row]:
        return list(session.sql.files_to_move(session.connection, outbox=self._outbox.name))

    async def _tell(self, notice: Notice) -> None:
        """Tell once, until the trouble is over and comes back."""
        self._found.add(notice.key)
        if notice.key not in self._told:
            await self._post(notice)
            self._told.add(notice.key)

    async def _nothing(self, why: Notice) -> ScanReport:
        """The report of a scan that could not be done. A store that cannot be written cannot keep
        the notice either: then only the log has it."""
        try:
            await self._tell(why)
        except StoreError:
            logger.warning("{}", why.title)
        return ScanReport()


def _prepare(outbox: Outbox) -> None:
    """Make the folders, and be sure that what is taken can be moved. Raises OSError."""
    if outbox.path.parent.exists():
        outbox.path.mkdir(exist_ok=True)
    outbox.path.stat()
    outbox.taken.mkdir(exist_ok=True)
    for place in (outbox.path, outbox.taken):
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) >= BATCH_FILES or size + entry.stamp.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.stamp.size
    if batch:
        yield batch


def _read_all(
    outbox: Outbox, entries: Sequence[Entry]
) -> tuple[list[Read], list[tuple[Entry, OSError]]]:
    """The files that are still what was listed, and those that cannot be read."""
    read, failed = [], []
    for entry in entries:
        try:
            packed = folder.read(outbox.path, entry)
            if packed is not None:
                target = folder.free_name(outbox.taken, entry.name)
                aside = folder.free_name(outbox.taken / folder.DUPLICATES, entry.name)
                read.append(Read(entry, packed, target, aside))
        except OSError as error:
            failed.append((entry, error))
    return read, failed
