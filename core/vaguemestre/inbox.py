"""Writes returns into the inbox folder: `Retours/<profile>/<year>/<deposit>/<return>`.

The store is the truth; the folder is for people and for the payroll product. A file that cannot be
written (no rights, no space) is written later, and a notice says so.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import trio

from vaguemestre.clock import from_text
from vaguemestre.files import write_durably
from vaguemestre.locale import _
from vaguemestre.model import Level, Notice, ReturnEvent
from vaguemestre.store import deposits, documents
from vaguemestre.store.engine import Session, Store
from vaguemestre.supervision import Post
from vaguemestre.testing.points import point

#: Seconds before a file that could not be written is tried again.
PAUSE = 30.0
#: Returns written in one go, and bytes after which it is enough.
BATCH, BATCH_BYTES = 64, 16 << 20

#: File endings by media type; what the bytes show comes first.
ENDINGS = {"application/xml": ".xml", "text/xml": ".xml", "application/pdf": ".pdf"}
MAGIC = ((b"%PDF", ".pdf"), (b"PK\x03\x04", ".zip"), (b"<?xml", ".xml"))


class Pending(NamedTuple):
    """A return that has no file yet: its row, that of its deposit, and its bytes."""

    row: sqlite3.Row
    deposit: sqlite3.Row | None
    content: bytes


class Inbox:
    """The service that writes the inbox folder. `wake` it when a return was stored."""

    def __init__(
        self, store: Store, folder: Path, post: Post, tell: Callable[[ReturnEvent], None]
    ) -> None:
        self._store = store
        self._folder = folder
        self._post = post
        self._tell = tell
        self._news = trio.Event()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Write for ever."""
        while True:
            self._news = trio.Event()
            complete = await self.write_all()
            with trio.move_on_after(float("inf") if complete else PAUSE):
                await self._news.wait()

    async def write_all(self) -> bool:
        """Write what is not there yet; whether all of it could be."""
        after, complete = 0, True
        while pending := await self._store.read(partial(_to_write, after=after)):
            complete = await self._write(pending) and complete
            after = pending[-1].row["id"]
        return complete

    async def _write(self, pending: Sequence[Pending]) -> bool:
        written, failed = await trio.to_thread.run_sync(_put_all, self._folder, pending)
        point("inbox.written")
        await self._store.write(partial(_written, written))
        for one, target in written:
            self._tell(self._event(one.row, target))
        if failed is not None:
            await self._post(_cannot_write(self._folder, failed))
        return failed is None

    def _event(self, row: sqlite3.Row, target: Path) -> ReturnEvent:
        return ReturnEvent(
            id=row["id"],
            deposit=row["deposit_id"],
            profile=row["profile"],
            reference=row["reference"],
            nature=row["nature"],
            status=row["status"],
            path=str(target),
            at=self._store.clock(),
        )


def _to_write(session: Session, *, after: int) -> list[Pending]:
    """The next returns without a file: at most a batch, and no more bytes than are good at once."""
    pending: list[Pending] = []
    size = 0
    for row in session.sql.returns_to_write(session.connection, after=after, limit=BATCH):
        deposit = deposits.get(session, row["deposit_id"]) if row["deposit_id"] else None
        content = documents.get(session, row["sha256"])
        pending.append(Pending(row, deposit, content))
        size += len(content)
        if size > BATCH_BYTES:
            break
    return pending


def _put_all(
    folder: Path, pending: Sequence[Pending]
) -> tuple[list[tuple[Pending, Path]], OSError | None]:
    """Write the files; those that are there, and the first trouble."""
    written: list[tuple[Pending, Path]] = []
    failed = None
    for one in pending:
        target = folder / place(one.row, one.deposit, one.content)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_durably(target, one.content)
        except OSError as error:
            failed = failed or error
        else:
            written.append((one, target))
    return written, failed


def _written(written: Sequence[tuple[Pending, Path]], session: Session) -> None:
    for one, target in written:
        session.sql.return_written(session.connection, id=one.row["id"], path=str(target))


def place(row: sqlite3.Row, deposit: sqlite3.Row | None, content: bytes) -> Path:
    """Where a return belongs, relative to the inbox folder. Same return, same place."""
    at = from_text(deposit["received_at"] if deposit else row["received_at"])
    if deposit is not None:
        folder = f"{deposit['id']:06d} {safe(Path(deposit['name']).stem, 60)}"
    else:
        folder = f"_{safe(row['reference'], 60)}"
    words = [row["nature"], row["label"] or row["status"], row["organism"] or row["author"]]
    name = safe(" ".join(w for w in words if w), 80)
    return Path(
        safe(row["profile"], 60), str(at.year), folder, f"{name} {row['id']}{ending(row, content)}"
    )


def ending(row: sqlite3.Row, content: bytes) -> str:
    """The ending of a return's file, by its bytes before what the platform called them."""
    for magic, ending in MAGIC:
        if content.lstrip(b"\xef\xbb\xbf").startswith(magic):
            return ending
    kind = row["media_type"].partition(";")[0].strip().lower()
    return ENDINGS.get(kind, ".txt" if kind.startswith("text/") else ".bin")


def safe(text: str, length: int) -> str:
    """A name that every file system takes and that leads nowhere else."""
    plain = unicodedata.normalize("NFC", text)
    plain = re.sub(r"[^\w .,'()+=@-]", "_", plain).strip(" .")
    return plain[:length].strip(" .") or "_"


def _cannot_write(folder: Path, error: OSError) -> Notice:
    return Notice(
        key="inbox-folder",
        level=Level.ERROR,
        title=_("The returns cannot be written into the inbox folder"),
        text=_(
            "{folder}: {error}. Check its rights and the free space. The returns are safe in the "
            "store and are written as soon as it works."
        ).format(folder=folder, error=error.strerror),
    )
