"""What is collected beside the returns: the platform's list of deposits, which shows those made by
other hands; slips of daily allowances (BPIJ); sheets of complementary organisms (FPOC).

None of them holds up the returns: what cannot be asked for now is asked for in the next round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import msgspec

from vaguemestre.api import (
    Announcement,
    Candidate,
    CredentialRefused,
    Level,
    NoEffect,
    Notice,
    Window,
)
from vaguemestre_net_entreprises import collecting
from vaguemestre_net_entreprises import cursor as cursors
from vaguemestre_net_entreprises.cursor import Cursor
from vaguemestre_net_entreprises.protocol import consultation, dates, listings
from vaguemestre_net_entreprises.protocol.faults import Call, explain, fault
from vaguemestre_net_entreprises.protocol.messages import Answer, Unreadable
from vaguemestre_net_entreprises.settings import Settings, word
from vaguemestre_net_entreprises.texts import _
from vaguemestre_net_entreprises.windows import Windows

#: Windows of the list of deposits in one round: after an outage the rest comes in the next ones.
MOST_WINDOWS = 12
#: Pages of slips in one round.
MOST_PAGES = 50
#: Slips and sheets of a day may be listed a little later: the day before is asked for again.
AGAIN = timedelta(days=1)
BPIJ, FPOC = "BPIJ", "FPOC"

#: What one part brings: announcements, listed deposits, the cursor behind them.
Part = tuple[tuple[Announcement, ...], tuple[Candidate, ...], Cursor]


async def with_rest(window: Window, windows: Windows, settings: Settings) -> Window:
    """The window with what the settings want beside the returns. Raises CredentialRefused."""
    cursor = cursors.read(window.cursor)
    parts: dict[str, Callable[[Windows, Settings, Cursor], Awaitable[Part]]] = {
        "deposits": _deposits,
        "bpij": _slips,
        "fpoc": _sheets,
    }
    announcements, listed, notices = window.announcements, window.listed, list(window.notices)
    for name in settings.collect:
        if name not in parts:
            continue
        try:
            more, deposits, cursor = await parts[name](windows, settings, cursor)
        except CredentialRefused:
            raise
        except NoEffect as error:
            notices.append(_failed(name, settings, error))
            continue
        announcements, listed = announcements + more, listed + deposits
    return msgspec.structs.replace(
        window,
        announcements=announcements,
        listed=listed,
        notices=tuple(notices),
        cursor=cursors.write(cursor),
    )


def _failed(name: str, settings: Settings, error: NoEffect) -> Notice:
    title = {
        "deposits": _("Deposits made by other hands cannot be seen"),
        "bpij": _("The slips of daily allowances (BPIJ) cannot be collected"),
        "fpoc": _("The sheets of complementary organisms (FPOC) cannot be collected"),
    }[name]
    return Notice(
        key=f"collect-{name}:{settings.consultation_url}",
        level=Level.INFO,
        title=title,
        text=_("{error} It is tried again by itself; returns are not held up.").format(error=error),
    )


# -- deposits


async def _deposits(windows: Windows, settings: Settings, cursor: Cursor) -> Part:
    now = windows.now()
    behind = now - collecting.BEHIND
    start = max(
        min(cursor.deposits or collecting.first(now, settings), behind), now - collecting.KEPT
    )
    listed: dict[str, Candidate] = {}
    for _window in range(MOST_WINDOWS):
        found = await windows.first(consultation.DEPOSITS, start, now)
        for one in _listed(found.answer, windows):
            listed[one.reference] = one
        more = found.piece.end < now
        start = collecting.next_start(found.piece, now, more=more)
        if not more:
            break
    return (), tuple(listed.values()), msgspec.structs.replace(cursor, deposits=start)


def _listed(answer: Answer, windows: Windows) -> list[Candidate]:
    """The deposits that have a reference: nobody could say of others whose they are."""
    try:
        found = listings.deposits(answer, windows.zone)
    except Unreadable:
        raise NoEffect(explain(answer, Call.LISTING)) from None
    return [
        Candidate(
            reference=one.reference,
            recorded_at=one.dates[0] if one.dates else None,
            status=one.status,
        )
        for one in found
        if one.reference
    ]


# -- slips and sheets


async def _slips(windows: Windows, settings: Settings, cursor: Cursor) -> Part:
    last = _today(windows)
    if cursor.bpij == last:
        return (), (), cursor
    first = _day(cursor.bpij, windows, settings)
    found: list[Announcement] = []
    page = pages = 1
    while page <= min(pages, MOST_PAGES):
        url = consultation.slips(
            settings.consultation_url, word(settings, consultation.SLIPS), first, last, page
        )
        objects, pages = await _objects(windows, url)
        found += [_announcement(BPIJ, one, windows) for one in objects]
        page += 1
    return tuple(found), (), msgspec.structs.replace(cursor, bpij=last)


async def _sheets(windows: Windows, settings: Settings, cursor: Cursor) -> Part:
    last = _today(windows)
    if cursor.fpoc == last:
        return (), (), cursor
    now = windows.now()
    start = datetime.combine(
        _day(cursor.fpoc, windows, settings), datetime.min.time(), windows.zone
    )
    found: list[Announcement] = []
    for _window in range(MOST_WINDOWS):
        answer = await windows.first(
            consultation.OBJECTS, start, now, version=consultation.OBJECTS_VERSION
        )
        objects, _pages = _read(answer.answer)
        found += [_announcement(FPOC, one, windows) for one in objects]
        start = answer.piece.end
        if start >= now:
            return tuple(found), (), msgspec.structs.replace(cursor, fpoc=last)
    reached = start.astimezone(windows.zone).date() + AGAIN
    return tuple(found), (), msgspec.structs.replace(cursor, fpoc=min(reached, last - AGAIN))


def _today(windows: Windows) -> date:
    return windows.now().astimezone(windows.zone).date()


def _day(mark: date | None, windows: Windows, settings: Settings) -> date:
    if mark is not None:
        return max(mark, _today(windows) - collecting.KEPT) - AGAIN
    return collecting.first(windows.now(), settings).astimezone(windows.zone).date()


async def _objects(windows: Windows, url: str) -> tuple[tuple[listings.ListedObject, ...], int]:
    answer, _asked = await windows.get(url)
    if answer.status in (204, 404):
        return (), 1
    if answer.status != 200:
        raise fault(answer, Call.LISTING)
    return _read(answer)


def _read(answer: Answer) -> tuple[tuple[listings.ListedObject, ...], int]:
    try:
        return listings.objects(answer)
    except Unreadable:
        raise NoEffect(explain(answer, Call.LISTING)) from None


def _announcement(nature: str, listed: listings.ListedObject, windows: Windows) -> Announcement:
    """Named by its own id; what has none, by its address."""
    name = listed.id or hashlib.sha256(listed.url.encode()).hexdigest()[:12]
    edition = "|".join((listed.date, listed.url, listed.id))
    return Announcement(
        reference=f"{nature} {name}",
        nature=nature,
        version=hashlib.sha256(edition.encode()).hexdigest()[:24],
        published_at=dates.parse(listed.date, windows.zone),
        locator=msgspec.json.encode(collecting.Locator(url=listed.url)).decode(),
    )
