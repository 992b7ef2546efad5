"""Files in the store: taken with their first deposit, or known as duplicates."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from vaguemestre import folder, intake_notices
from vaguemestre.config import Outbox
from vaguemestre.folder import Entry
from vaguemestre.notices import post_in
from vaguemestre.store import deposits, documents, journal
from vaguemestre.store.documents import Packed
from vaguemestre.store.engine import Session


class Taken(Struct, frozen=True):
    """A file that is safe in the store: where it was, where it goes, and whether its bytes had
    come before."""

    id: int
    source: Path
    target: Path
    duplicate: bool


def take_all(
    session: Session, outbox: Outbox, batch: Sequence[tuple[Entry, Packed]]
) -> list[Taken]:
    """Make a batch of files durable, each with a place of its own to go to."""
    rows = session.sql.files_to_move(session.connection, outbox=outbox.name)
    planned = {Path(os.fsdecode(row["target_path"])) for row in rows}
    taken = []
    for entry, packed in batch:
        taken.append(_take(session, outbox, entry, packed, planned))
        planned.add(taken[-1].target)
    return taken


def _take(
    session: Session, outbox: Outbox, entry: Entry, packed: Packed, planned: set[Path]
) -> Taken:
    """One file: its bytes and its deposit, or the mark that it is a duplicate."""
    source = outbox.path / entry.name
    shown, name = folder.printable(source), folder.printable(entry.name)
    original = session.sql.file_original(session.connection, sha256=packed.sha256)
    place = outbox.taken / folder.DUPLICATES if original else outbox.taken
    target = folder.free_name(place, entry.name, planned)
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
    return Taken(number, source, target, original is not None)
