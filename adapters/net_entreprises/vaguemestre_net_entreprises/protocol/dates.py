"""The platform's dates: `yyyyMMddHHmmss` on a wall clock, without a zone. Read leniently, because
the listings are irregular; written strictly, in pieces that the clock changes do not spoil.

On the wall clock one hour a year does not exist and one comes twice. A piece asked for never
contains a change, so that its text is as long as the time it stands for; what is read in the hour
that comes twice has two readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?:[.,]?\d*)")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*"
    r"(Z|[+-]\d\d(?::?\d\d)?)?(?:\[[\w/]+\])?",
    re.IGNORECASE,
)
_FRENCH = re.compile(r"(\d\d)/(\d\d)/(\d{4})(?:[T ]+(\d\d)[:h](\d\d)(?::(\d\d))?)?")
_SECOND = timedelta(seconds=1)


class Piece(msgspec.Struct, frozen=True):
    """A stretch of time to ask about: its bounds (UTC) and their texts for the address."""

    start: datetime
    end: datetime
    start_text: str
    end_text: str


def readings(text: object, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants (UTC) that a listed date can mean: none if it cannot be read, two in the hour
    that comes twice, else one."""
    found = _fields(str(text).strip()) if isinstance(text, str | int) else None
    if found is None:
        return ()
    local, offset = found
    if offset is not None:
        return ((local - offset).replace(tzinfo=UTC),)
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    exact = [m for m in both if m.astimezone(zone).replace(tzinfo=None) == local]
    return tuple(dict.fromkeys(sorted(exact) or both[:1]))


def parse(text: object, zone: ZoneInfo) -> datetime | None:
    """The first reading, or None."""
    return next(iter(readings(text, zone)), None)


def _fields(text: str) -> tuple[datetime, timedelta | None] | None:
    try:
        if match := _ISO.fullmatch(text):
            *parts, zone = match.groups()
            return _local(parts), _offset(zone)
        if match := _FRENCH.fullmatch(text):
            day, month, year, *rest = match.groups()
            return _local([year, month, day, *rest]), None
        if re.fullmatch(r"1\d{12}", text):  # milliseconds since 1970, as JSON libraries write them
            moment = datetime.fromtimestamp(int(text) / 1000, UTC)
            return moment.replace(tzinfo=None, microsecond=0), timedelta(0)
        if match := _COMPACT.fullmatch(text):
            return _local(list(match.groups())), None
    except (ValueError, OverflowError):
        return None
    return None


def _local(parts: list[str | None]) -> datetime:
    year, month, day, hour, minute, second = (int(p or 0) for p in parts)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a wall clock


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if zone[0] == "-" else size


def next_piece(start: datetime, end: datetime, width: timedelta, zone: ZoneInfo) -> Piece:
    """The first piece of [start, end]: at most `width` long, and on one side of a clock change.

    Bounds are widened to whole seconds, the platform's resolution.
    """
    start = start.astimezone(UTC).replace(microsecond=0)
    end = min(_ceiling(end.astimezone(UTC)), start + width)
    offset = start.astimezone(zone).utcoffset() or timedelta(0)
    last = end
    if end.astimezone(zone).utcoffset() != offset:
        end = _change(start, end, zone)
        # The change itself has no text on this side: the second before it has.
        last = end - _SECOND
    return Piece(start, end, _text(start + offset), _text(last + offset))


def pieces(start: datetime, end: datetime, width: timedelta, zone: ZoneInfo) -> Iterator[Piece]:
    """Pieces that cover [start, end] without gap."""
    while True:
        piece = next_piece(start, end, width, zone)
        yield piece
        if piece.end >= end:
            return
        start = piece.end


def touches_repeated_hour(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether [start, end] meets an hour that comes twice on the wall clock."""
    step = timedelta(minutes=30)
    moment = start
    while moment < end + step:
        local = min(moment, end).astimezone(zone)
        if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            return True
        moment += step
    return False


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second (UTC) of the first change of offset between the two."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _ceiling(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + _SECOND


def _text(local: datetime) -> str:
    return local.strftime("%Y%m%d%H%M%S")
