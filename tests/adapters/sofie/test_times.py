"""Working hours, silent hours and names, by the clock in Luxembourg."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_sofie.names import published_at
from vaguemestre_sofie.silent_hours import parse_hours, rest_until
from vaguemestre_sofie.working_time import after_working_hours


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Luxembourg"))


@pytest.mark.parametrize(
    ("sent", "presumed"),
    [
        ("2026-11-24T15:00", "2026-11-25T15:00"),  # Tuesday
        ("2026-11-27T15:00", "2026-11-30T15:00"),  # Friday to Monday
        ("2026-11-28T10:00", "2026-12-01T00:00"),  # Saturday: all of Monday
        ("2026-12-24T09:00", "2026-12-28T09:00"),  # Christmas, Saint Stephen's on a Saturday
        ("2026-06-22T09:00", "2026-06-24T09:00"),  # the national day is no working day
        ("2026-03-27T12:00", "2026-03-30T12:00"),  # over the night of the summer time
    ],
)
def test_24_hours_count_on_working_days_of_luxembourg_only(sent: str, presumed: str) -> None:
    assert after_working_hours(local(sent), 24) == local(presumed)


def test_the_calendar_can_be_set() -> None:
    saturday = local("2026-11-28T10:00")
    assert after_working_hours(saturday, 24, "1234567", "") == local("2026-11-29T10:00")


@given(
    st.integers(1_700_000_000, 1_900_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.floats(0, 200),
)
def test_it_is_never_earlier_than_the_hours_themselves(start: datetime, hours: float) -> None:
    end = after_working_hours(start, hours)
    assert (end - start).total_seconds() >= hours * 3600 - 1
    assert after_working_hours(start, hours + 1) >= end


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24T23:00", "2026-11-25T05:00"),
        ("2026-11-25T04:59", "2026-11-25T05:00"),
        ("2026-11-25T05:00", None),
        ("2026-11-25T12:30", "2026-11-25T13:00"),
        ("2026-11-25T21:59", None),
    ],
)
def test_silent_hours_go_over_midnight(now: str, until: str | None) -> None:
    found = rest_until(local(now), ("22:00-05:00", "12:00 - 13:00"))
    assert found == (local(until) if until else None)


@pytest.mark.parametrize("text", ["", "22-5", "25:00-26:00", "12:61-13:00", "05:00-05:00", "x"])
def test_what_is_no_span_of_hours_is_told(text: str) -> None:
    assert parse_hours(text) is None


def test_names_without_a_time_have_none() -> None:
    assert published_at("CALCUL.xml") is None
    assert published_at("SALRET.1948072337999_000586_99999999999999.dta") is None
