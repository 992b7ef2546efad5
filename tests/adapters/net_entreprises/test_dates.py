"""The platform's dates: whatever is listed is read, whatever is asked is covered, also in the two
nights when the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_net_entreprises.protocol import dates

PARIS = ZoneInfo("Europe/Paris")
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "20260109110259",
        20260109110259,
        " 20260109110259 ",
        "20260109110259.123",
        "20260109T110259",
        "2026-01-09T11:02:59",
        "2026-01-09 11:02:59.5",
        "2026-01-09T11:02:59+01:00",
        "2026-01-09T10:02:59Z",
        "2026-01-09T10:02:59.000Z",
        "2026-01-09T11:02:59+0100[Europe/Paris]",
        "09/01/2026 11:02:59",
        "1767952979000",
    ],
)
def test_a_listed_date_is_read_in_every_way_it_may_be_written(text: object) -> None:
    assert dates.parse(text, PARIS) == datetime(2026, 1, 9, 10, 2, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "demain", "20261399000000", None, [], 1.5, "2026-02-30", "0"])
def test_what_is_no_date_is_none(text: object) -> None:
    assert dates.parse(text, PARIS) is None


@given(st.text(max_size=40) | st.integers())
def test_reading_a_date_never_fails(text: object) -> None:
    for moment in dates.readings(text, PARIS):
        assert moment.tzinfo is UTC


def test_in_the_hour_that_comes_twice_a_date_has_two_readings() -> None:
    assert dates.readings("20261025023000", PARIS) == (
        AUTUMN - timedelta(minutes=30),
        AUTUMN + timedelta(minutes=30),
    )
    assert len(dates.readings("20261025030000", PARIS)) == 1
    assert len(dates.readings("20261025015959", PARIS)) == 1


moments = st.one_of(
    st.integers(0, 3 * 365 * 86_400).map(lambda s: datetime(2025, 1, 1, tzinfo=UTC) + s * SECOND),
    *(
        st.integers(-7200, 7200).map(lambda s, m=change: m + s * SECOND)
        for change in (SPRING, AUTUMN)
    ),
)


def wall_clock(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=3)), st.integers(1, 1440))
def test_windows_cover_what_is_asked_and_are_never_wider_than_permitted(
    start: datetime, length: timedelta, minutes: int
) -> None:
    minutes = max(minutes, int(length.total_seconds() / 60 / 200))  # at most some 200 windows
    end, width = start + length, timedelta(minutes=minutes)
    reached = start.replace(microsecond=0)
    for piece in dates.pieces(start, end, width, PARIS):
        assert piece.start == reached
        assert piece.end > piece.start or length == timedelta(0)
        first, last = wall_clock(piece.start_text), wall_clock(piece.end_text)
        # Whether the platform counts on the wall clock or not, the window is not too wide.
        assert timedelta(0) <= last - first <= width
        assert piece.end - piece.start <= width
        reached = piece.end
    assert reached >= end


@given(moments, st.timedeltas(timedelta(0), timedelta(hours=5)), st.data())
def test_what_happened_in_a_window_stands_between_its_texts_on_the_wall_clock(
    start: datetime, length: timedelta, data: st.DataObject
) -> None:
    moment = start + data.draw(st.timedeltas(timedelta(0), length))
    wall = moment.astimezone(PARIS).strftime("%Y%m%d%H%M%S")
    found = list(dates.pieces(start, start + length, timedelta(hours=1), PARIS))
    assert any(piece.start_text <= wall <= piece.end_text for piece in found)


@given(moments)
def test_a_date_written_as_the_platform_writes_it_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    wall = moment.astimezone(PARIS).strftime("%Y%m%d%H%M%S")
    assert moment in dates.readings(wall, PARIS)


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [
        (AUTUMN - timedelta(hours=2), AUTUMN - timedelta(hours=1, seconds=1), False),
        (AUTUMN - timedelta(hours=2), AUTUMN - timedelta(minutes=59), True),
        (AUTUMN + timedelta(minutes=59), AUTUMN + timedelta(hours=3), True),
        (AUTUMN + timedelta(hours=1), AUTUMN + timedelta(hours=3), False),
        (AUTUMN - timedelta(hours=5), AUTUMN + timedelta(hours=5), True),
        (SPRING - timedelta(hours=2), SPRING + timedelta(hours=2), False),
    ],
)
def test_the_hour_that_comes_twice_is_noticed(
    start: datetime, end: datetime, touched: bool
) -> None:
    assert dates.touches_repeated_hour(start, end, PARIS) is touched
