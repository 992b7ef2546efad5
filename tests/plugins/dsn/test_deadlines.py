"""By when a DSN must be there, in every month, around holidays and both nights of the year on which
the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_dsn import deadlines

PARIS = ZoneInfo("Europe/Paris")
MONTHS = st.dates(date(2015, 1, 1), date(2098, 12, 1)).map(lambda d: f"{d:%Y-%m}")
DATES = st.dates(date(2015, 1, 1), date(2098, 12, 1))

#: Published calendars: declared month, due on the 5th, due on the 15th.
KNOWN = [
    ("2025-12", "2026-01-05", "2026-01-15"),
    ("2026-01", "2026-02-05", "2026-02-16"),  # the 15th is a Sunday
    ("2026-03", "2026-04-07", "2026-04-15"),  # Easter Sunday and Monday
    ("2026-04", "2026-05-05", "2026-05-15"),  # Ascension is on the 14th
    ("2026-07", "2026-08-05", "2026-08-17"),  # Assumption on a Saturday
    ("2026-08", "2026-09-07", "2026-09-15"),  # the 5th is a Saturday
    ("2026-10", "2026-11-05", "2026-11-16"),
    ("2029-11", "2029-12-05", "2029-12-17"),
    ("2030-04", "2030-05-06", "2030-05-15"),
]


def easter(year: int) -> date:
    """Gauss, as a second opinion on the moving holidays."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30, b % 4
    g = (32 + 2 * e + 2 * (c // 4) - d - c % 4) % 7
    h = (a + 11 * d + 22 * g) // 451
    month, day = divmod(d + g - 7 * h + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    moving = {easter(day.year) + timedelta(days=n) for n in (1, 39, 50)}
    return (day.month, day.day) in fixed or day in moving


def is_worked(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


@pytest.mark.parametrize(("month", "fifth", "fifteenth"), KNOWN)
def test_the_days_of_published_calendars(month: str, fifth: str, fifteenth: str) -> None:
    found = [str(deadlines.due_on(month, day)) for day in deadlines.DAYS]
    assert found == [fifth, fifteenth]


@given(DATES)
def test_a_day_moves_to_the_first_worked_one_from_it_on(day: date) -> None:
    found = deadlines.worked(day)
    assert is_worked(found)
    assert not any(is_worked(day + timedelta(days=n)) for n in range((found - day).days))


@given(MONTHS)
def test_a_mensuelle_is_due_at_noon_in_france_in_the_month_after(month: str) -> None:
    first, last = deadlines.mensuelle(month)
    assert (first.day, last.day) == (5, 15)
    for due in (first, last):
        local = due.at.astimezone(PARIS)
        assert due.at.tzinfo is UTC
        assert (local.hour, local.minute, local.second) == (12, 0, 0)
        assert local.day >= due.day
        assert not due.closes
        months = local.year * 12 + local.month - int(month[:4]) * 12 - int(month[5:])
        assert months == 1
    assert first.at < last.at


@given(MONTHS)
def test_it_can_be_replaced_until_the_last_moment_of_the_day_before(month: str) -> None:
    for due, closing in zip(
        deadlines.mensuelle(month), deadlines.replacing_mensuelle(month), strict=True
    ):
        assert (closing.day, closing.closes) == (due.day, True)
        local = closing.at.astimezone(PARIS)
        assert local.date() == due.at.astimezone(PARIS).date()
        before = (closing.at - timedelta(microseconds=1)).astimezone(PARIS)
        assert before.date() == local.date() - timedelta(days=1)


@given(DATES)
def test_a_signalement_has_five_whole_days_after_its_event(event: date) -> None:
    (due,) = deadlines.signalement(event)
    last = (due.at - timedelta(microseconds=1)).astimezone(PARIS).date()
    assert is_worked(last)
    assert last >= event + timedelta(days=5)
    assert due.at.astimezone(PARIS).time() == datetime.min.time()


@pytest.mark.parametrize(
    ("event", "due"),
    [
        (date(2026, 3, 24), "2026-03-30T22:00:00+00:00"),  # over the night in March
        (date(2026, 3, 20), "2026-03-25T23:00:00+00:00"),  # before it
        (date(2026, 10, 20), "2026-10-26T23:00:00+00:00"),  # over the night in October
        (date(2026, 10, 16), "2026-10-21T22:00:00+00:00"),  # before it
        (date(2026, 10, 31), "2026-11-05T23:00:00+00:00"),  # over the end of a month
        (date(2026, 12, 27), "2027-01-04T23:00:00+00:00"),  # New Year, then a week-end
    ],
)
def test_days_are_french_ones_whatever_the_clock_does(event: date, due: str) -> None:
    assert [d.at.isoformat() for d in deadlines.signalement(event)] == [due]
