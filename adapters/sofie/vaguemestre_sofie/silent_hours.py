"""Hours in which SOFiE is left alone, by the clock in Luxembourg. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LUXEMBOURG = "Europe/Luxembourg"
_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")


def parse_hours(text: str) -> tuple[time, time] | None:
    """`22:00-05:00` as two times, None if it is not of that form. `24:00` is midnight."""
    match = _HOURS.fullmatch(text)
    if match is None:
        return None
    first, minute, last, until = (int(group) for group in match.groups())
    try:
        start, end = time(first % 24, minute), time(last % 24, until)
    except ValueError:
        return None
    return (start, end) if first <= 24 and last <= 24 and start != end else None


def rest_until(now: datetime, spans: Sequence[str]) -> datetime | None:
    """When the silent hours that `now` (aware) lies in are over (aware), or None outside them."""
    local = now.astimezone(ZoneInfo(LUXEMBOURG))
    ends = []
    for start, end in filter(None, map(parse_hours, spans)):
        # A span over midnight began yesterday or begins today.
        for day in (local.date() - timedelta(days=1), local.date()):
            begin = datetime.combine(day, start, local.tzinfo)
            last = day if end > start else day + timedelta(days=1)
            finish = datetime.combine(last, end, local.tzinfo)
            if begin.timestamp() <= now.timestamp() < finish.timestamp():
                ends.append(finish)
    return max(ends, key=datetime.timestamp, default=None)
