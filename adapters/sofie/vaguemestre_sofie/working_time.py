"""When silence becomes acceptance: so many hours of working days after the deposit. Pure.

A working day counts from midnight to midnight in Luxembourg, and neither its week-ends nor its
public holidays count (CCSS: "within 24 hours on working days").
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from vaguemestre_sofie.silent_hours import LUXEMBOURG

#: Days that are looked through at most: no calendar rests longer.
HORIZON = 400


def after_working_hours(
    start: datetime, hours: float, working_days: str = "12345", country: str = "LU"
) -> datetime:
    """The moment (UTC) `hours` of working days after `start` (aware).

    `working_days`: digits of the days that count, 1 for Monday; `country`: whose public holidays
    do not, "" if all days do.
    """
    zone = ZoneInfo(LUXEMBOURG)
    left = timedelta(hours=hours)
    moment = start.astimezone(UTC)
    for _step in range(HORIZON):
        day = moment.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        ends = midnight.astimezone(UTC)
        if _works(day, working_days, country):
            if moment + left <= ends:
                return moment + left
            left -= ends - moment
        moment = ends
    return moment + left


def _works(day: date, working_days: str, country: str) -> bool:
    if str(day.isoweekday()) not in working_days:
        return False
    return not country or day not in _calendar(country)


@lru_cache(maxsize=8)
def _calendar(country: str) -> Any:
    from holidays import country_holidays

    return country_holidays(country)
