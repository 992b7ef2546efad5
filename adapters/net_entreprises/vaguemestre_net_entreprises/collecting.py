"""Collects what the platform announces: a cursor that walks behind now, in overlapping windows.

The cursor is a moment (platform's clock). It is never moved closer to now than `BEHIND`, because a
return may be listed a little after the time it is said to be published at; the question itself goes
up to now.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec

from vaguemestre.api import Announcement, NoEffect, Window
from vaguemestre_net_entreprises import cursor as cursors
from vaguemestre_net_entreprises.protocol import consultation, dates, listings
from vaguemestre_net_entreprises.protocol.faults import Call, explain
from vaguemestre_net_entreprises.protocol.messages import Answer, Unreadable
from vaguemestre_net_entreprises.settings import Settings
from vaguemestre_net_entreprises.windows import Windows

#: The cursor stays this far behind now.
BEHIND = timedelta(minutes=5)
#: A window begins this long before the end of the last one, unless it is itself hardly longer.
OVERLAP = timedelta(minutes=1)
#: Returns are kept about three months: nothing older is asked for.
KEPT = timedelta(days=92)


class Locator(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a return is fetched: its listed address or its id."""

    url: str = ""
    id: str = ""


async def collect(windows: Windows, settings: Settings, position: str | None) -> Window:
    """One window of returns from `position` on. Raises NoEffect if the platform cannot be asked
    now."""
    now, cursor = windows.now(), cursors.read(position)
    if "returns" not in settings.collect:
        return Window(announcements=(), cursor=cursors.write(cursor))
    start = max(min(cursor.until or first(now, settings), now - BEHIND), now - KEPT)
    listed = await windows.first(service(settings), start, now)
    announcements = announced(listed.answer, "", windows)
    piece = listed.piece
    more = piece.end < now
    cursor = msgspec.structs.replace(cursor, until=next_start(piece, now, more=more))
    return Window(announcements=announcements, cursor=cursors.write(cursor), more=more)


def service(settings: Settings) -> str:
    """The listing of everything that is published for this caller."""
    hub = settings.caller == "concentrateur"
    return consultation.HUB_RETURNS if hub else consultation.RETURNS


def next_start(piece: dates.Piece, now: datetime, *, more: bool) -> datetime:
    """Where the next window begins. Always later than this one began, also in narrow windows."""
    if not more:
        return max(piece.start, min(now - BEHIND, piece.end))
    return piece.end - OVERLAP if piece.end - piece.start > 4 * OVERLAP else piece.end


def announced(answer: Answer, reference: str, windows: Windows) -> tuple[Announcement, ...]:
    """The announcements of a listing. Raises NoEffect if it is not one."""
    try:
        listed = listings.returns(answer, reference)
    except Unreadable:
        raise NoEffect(explain(answer, Call.LISTING)) from None
    return tuple(_announcement(entry, windows) for entry in listed)


def _announcement(listed: listings.ListedReturn, windows: Windows) -> Announcement:
    moment = dates.parse(listed.publication, windows.zone)
    edition = "|".join(
        (listed.publication, listed.production, listed.status, listed.url, listed.id)
    )
    return Announcement(
        reference=listed.reference,
        nature=listed.nature,
        status=listed.status,
        organism=listed.ops,
        delegate=listed.delegate,
        version=hashlib.sha256(edition.encode()).hexdigest()[:24],
        published_at=moment or dates.parse(listed.production, windows.zone),
        locator=msgspec.json.encode(Locator(listed.url, listed.id)).decode(),
    )


def first(now: datetime, settings: Settings) -> datetime:
    """Where the first collection begins."""
    return now - max(timedelta(days=settings.lookback_days), BEHIND)
