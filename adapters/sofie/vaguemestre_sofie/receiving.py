"""Decrypted files: moved out of SOFiE's incoming folder at once, and announced from where they then
lie. Blocking.

At once, because SOFiE cannot decrypt a message while a file of its name lies there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from vaguemestre.api import Announcement, Document, Level, Notice
from vaguemestre_sofie import folders
from vaguemestre_sofie.names import nature, published_at
from vaguemestre_sofie.patterns import Kind, LogEvent
from vaguemestre_sofie.points import point
from vaguemestre_sofie.records import Records
from vaguemestre_sofie.texts import _


class Arrivals:
    """What SOFiE received, of one installation."""

    def __init__(self, records: Records, incoming: Path) -> None:
        self._records = records
        self._incoming = incoming

    def move_away(self, whole: Collection[str] | None = None, since: float = 0.0) -> None:
        """Move every decrypted file out of SOFiE's way. SOFiE must not be running.

        `whole`: after a run that was cut short, the names of what was surely decrypted; anything
        else that is newer than `since` may be half a file, and is left for the next run. Raises
        OSError.
        """
        for path in folders.decrypted(self._incoming):
            if whole is not None and path.name not in whole and path.stat().st_mtime >= since - 2:
                continue
            folders.move(path, self._records.next_place(path.name))
            point("sofie.moved")

    def announced(self) -> list[Announcement]:
        """Everything that was moved away. The core knows what it has already."""
        return [_announcement(path) for path in self._records.arrivals()]

    def cursor(self, cursor: str) -> str:
        """The cursor behind everything that is here."""
        return max([cursor, *(path.name for path in self._records.arrivals())])

    def document(self, locator: str) -> Document | None:
        """The file of an announcement; None if it is gone. Raises OSError."""
        name = Path(locator).name
        try:
            content = (self._records.received / name).read_bytes()
        except FileNotFoundError:
            return None
        return Document(content=content, media_type=_media_type(name), name=name[21:])


def _announcement(path: Path) -> Announcement:
    name = path.name[21:]
    return Announcement(
        reference=Path(name).stem,
        nature=nature(name),
        version=path.name[:20],
        published_at=published_at(name),
        locator=path.name,
    )


def _media_type(name: str) -> str:
    endings = {".xml": "application/xml", ".pdf": "application/pdf"}
    return endings.get(Path(name).suffix.lower(), "text/plain")


def told(events: Sequence[LogEvent], records: Records, home: Path) -> list[Notice]:
    """What people should know of the messages that SOFiE could not decrypt.

    A message whose file is there already is one that we have: it was moved away.
    """
    found = []
    for event in events:
        if event.kind is Kind.ALREADY_DECRYPTED and not records.has_arrived(event.original):
            text = _(
                "SOFiE did not decrypt {name}: it says that the file is there already, and no file "
                "of this name came here. Look for it in SOFiE's folders."
            )
            found.append(_notice(home, text.format(name=event.original or event.transport)))
    return found


def _notice(home: Path, text: str) -> Notice:
    return Notice(
        key=f"sofie-decrypt:{home}",
        level=Level.WARNING,
        title=_("SOFiE could not decrypt a message"),
        text=text,
    )
