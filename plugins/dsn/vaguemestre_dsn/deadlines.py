"""By when a DSN must be at the platform.

The rules are those of the cahier technique: a mensuelle is due on the 5th or the 15th of the month
after the declared one, at noon, which of the two being the employer's; it can be cancelled and
replaced until midnight before that day; a signalement is due within five days of its event, and
what replaces it has no deadline. A day on which nobody works moves to the next one that is worked.
All of it in French legal time, with the public holidays of metropolitan France.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from vaguemestre.api import Due

#: The days of the month that employers are told.
DAYS = (5, 15)
#: Days after the event of a signalement.
SIGNALEMENT = timedelta(days=5)
_NOON = time(12)
_SATURDAY = 5


@lru_cache(maxsize=512)
def mensuelle(period: str) -> tuple[Due, ...]:
    """When the mensuelle of the month `20YY-MM` is due, for each of the days."""
    return tuple(Due(at=_moment(due_on(period, day), _NOON), day=day) for day in DAYS)


@lru_cache(maxsize=512)
def replacing_mensuelle(period: str) -> tuple[Due, ...]:
    """Until when the mensuelle of the month `20YY-MM` can be cancelled and replaced: the midnight
    with which its due day begins."""
    return tuple(Due(at=_moment(due_on(period, day), time()), day=day, closes=True) for day in DAYS)


@lru_cache(maxsize=512)
def signalement(event: date) -> tuple[Due, ...]:
    """When the signalement of an event is due: the midnight with which the last day ends."""
    last = worked(event + SIGNALEMENT)
    return (Due(at=_moment(last + timedelta(days=1), time())),)


def due_on(period: str, day: int) -> date:
    """The day on which the mensuelle of the month `20YY-MM` is due."""
    year, month = int(period[:4]), int(period[5:])
    following = date(year + month // 12, month % 12 + 1, day)
    return worked(following)


def worked(day: date) -> date:
    """`day`, or the next one that is neither on a week-end nor a public holiday."""
    while day.weekday() >= _SATURDAY or day in _holidays(day.year):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # large, and only needed once a file is read

    return frozenset(country_holidays("FR", years=year))


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, _zone()).astimezone(UTC)


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")
