"""Writes returns into the inbox folder: `Retours/<profile>/<year>/<deposit>/<return>`.

The store is the truth; the folder is for people and for the payroll product. A file that cannot be
written (no rights, no space) is written later, and a notice says so.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
#: Returns written in one go.
BATCH = 64

#: File endings by media type; what the bytes show comes first.
ENDINGS = {"application/xml": ".xml", "text/xml": ".xml", "application/pdf": ".pdf"}
MAGIC = ((b"%PDF", ".pdf"), (b"PK\x03\x04", ".zip"), (b"<?xml", ".xml"))


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
        while rows := await self._store.read(partial(_to_write, after=after)):
            for row, deposit in rows:
                complete = await self._write(row, deposit) and complete
            after = rows[-1][0]["id"]
        return complete

    async def _write(self, row: sqlite3.Row, deposit: sqlite3.Row | None) -> bool:
        content = await self._store.read(lambda s: documents.get(s, row["sha256"]))
        target = self._folder / place(row, deposit, content)
        try:
            await trio.to_thread.run_sync(_put, target, content)
        except OSError as error:
            await self._post(_cannot_write(self._folder, error))
            return False
        point("inbox.written")
        await self._store.write(
            lambda s: s.sql.return_written(s.connection, id=row["id"], path=str(target))
        )
        self._tell(
            ReturnEvent(
                id=row["id"],
                deposit=row["deposit_id"],
                profile=row["profile"],
                reference=row["reference"],
                nature=row["nature"],
                status=row["status"],
                path=str(target),
                at=self._store.clock(),
            )
        )
        return True


def _to_write(session: Session, *, after: int) -> list[tuple[sqlite3.Row, sqlite3.Row | None]]:
    rows = session.sql.returns_to_write(session.connection, after=after, limit=BATCH)
    return [
        (row, deposits.get(session, row["deposit_id"]) if row["deposit_id"] else None)
        for row in rows
    ]


def _put(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_durably(target, content)


def place(row: sqlite3.Row, deposit: sqlite3.Row | None, content: bytes) -> Path:
    """Where a return belongs, relative to the inbox folder. Same return, same place."""
    at = from_text(deposit["received_at"] if deposit else row["received_at"])
    if deposit is not None:
        folder = f"{deposit['id']:06d} {safe(Path(deposit['name']).stem, 60)}"
    else:
        folder = f"_{safe(row['reference'], 60)}"
    words = [row["nature"], row["label"] or row["status"], row["organism"]]
    name = safe(" ".join(w for w in words if w), 80)
    return Path(
        safe(row["profile"], 60), str(at.year), folder, f"{name} {row['id']}{_ending(row, content)}"
    )


def _ending(row: sqlite3.Row, content: bytes) -> str:
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
