"""Files in the store: taken with their first deposit, or known as duplicates."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from vaguemestre import folder, intake_notices
from vaguemestre.config import Outbox
from vaguemestre.folder import Entry
from vaguemestre.moves import Move, Moved
from vaguemestre.notices import post_in
from vaguemestre.store import deposits, documents, journal
from vaguemestre.store.documents import Packed
from vaguemestre.store.engine import Session


class Read(Struct, frozen=True):
    """A file that was read: its bytes, and free places for it, as a new file or as a duplicate."""

    entry: Entry
    packed: Packed
    target: Path
    aside: Path


class Taken(Struct, frozen=True):
    """A file that is safe in the store: its move, and whether its bytes had come before."""

    move: Move
    duplicate: bool


def take_all(session: Session, outbox: Outbox, batch: Sequence[Read]) -> list[Taken]:
    """Make a batch of files durable, each with a place of its own to go to."""
    rows = session.sql.files_planned(session.connection)
    planned = {Path(os.fsdecode(row["target_path"])) for row in rows}
    return [_take(session, outbox, read, planned) for read in batch]


def _take(session: Session, outbox: Outbox, read: Read, planned: set[Path]) -> Taken:
    """One file: its bytes and its deposit, or the mark that it is a duplicate."""
    entry, packed = read.entry, read.packed
    source = outbox.path / entry.name
    shown, name = folder.printable(source), folder.printable(entry.name)
    original = session.sql.file_original(session.connection, sha256=packed.sha256)
    target = _unplanned(read.aside if original else read.target, planned)
    documents.put(session, packed)
    number = session.sql.file_add(
        session.connection,
        outbox=outbox.name,
        source=shown,
        name=name,
        sha256=packed.sha256,
        size=packed.size,
        source_path=os.fsencode(source),
        target_path=os.fsencode(target),
        now=session.now,
        duplicate_of=original["id"] if original else None,
    )
    if original is None:
        deposits.add(
            session,
            file_id=number,
            name=name,
            sha256=packed.sha256,
            outbox=outbox.name,
            source=shown,
        )
    else:
        journal.write(
            session,
            original["deposit_id"],
            journal.DUPLICATE,
            original["state"],
            {"source": shown},
        )
        post_in(session, intake_notices.duplicate(name, original))
    return Taken(Move(number, source, target, entry.stamp), original is not None)


def _unplanned(target: Path, planned: set[Path]) -> Path:
    """A place beside `target` where no other file is on its way to; noted as planned."""
    names = folder.numbered(target.name)
    free = next(p for n in names if (p := target.with_name(n)) not in planned)
    planned.add(free)
    return free


def mark_moved(session: Session, moved: Sequence[Moved]) -> None:
    """The sources are out of the outbox for sure."""
    for one in moved:
        session.sql.file_moved(
            session.connection,
            id=one.id,
            target_path=os.fsencode(one.target),
            now=session.now,
        )
