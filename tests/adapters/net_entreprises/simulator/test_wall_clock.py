"""Dates of searches: texts on the clock of Paris, in the two nights that change it too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vaguemestre_net_entreprises.simulator.consultation import moment, stamp, window

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20260115120000", "2026-01-15T11:00:00"),
        ("20260715120000", "2026-07-15T10:00:00"),
        ("20261025015959", "2026-10-24T23:59:59"),
        ("20261025023000", "2026-10-25T00:30:00"),
        ("20261025030000", "2026-10-25T02:00:00"),
        ("20260329015959", "2026-03-29T00:59:59"),
        ("20260329030000", "2026-03-29T01:00:00"),
    ],
)
def test_a_text_is_a_time_in_paris(text: str, instant: str) -> None:
    assert moment(text) == utc(instant)
    assert stamp(utc(instant)) == text


def test_in_the_hour_that_comes_twice_one_text_is_two_times() -> None:
    assert moment("20261025023000", fold=1) == utc("2026-10-25T01:30:00")
    assert stamp(utc("2026-10-25T00:30:00")) == stamp(utc("2026-10-25T01:30:00"))


def test_a_window_in_the_hour_that_comes_twice_holds_both() -> None:
    found = window(["20261025021500", "20261025024500"], NOW)
    assert found
    assert found.width == timedelta(minutes=30)
    for instant in ("2026-10-25T00:30:00", "2026-10-25T01:30:00"):
        assert found.holds(utc(instant))
        assert found.start <= utc(instant) <= found.end
    for instant in ("2026-10-25T00:50:00", "2026-10-25T01:10:00", "2026-10-25T01:50:00"):
        assert not found.holds(utc(instant))


def test_a_window_over_the_hour_that_is_left_out_is_as_wide_as_its_texts() -> None:
    found = window(["20260329013000", "20260329033000"], NOW)
    assert found
    assert found.width == timedelta(hours=2)
    assert found.end - found.start == timedelta(hours=1, seconds=1)


@pytest.mark.parametrize("last", ["20260329023000", "20260329030000"])
def test_a_bound_in_the_hour_that_is_left_out_loses_nothing_before_it(last: str) -> None:
    found = window(["20260329013000", last], NOW)
    assert found
    assert found.holds(utc("2026-03-29T00:59:59"))
    assert found.start <= utc("2026-03-29T00:59:59") <= found.end


def test_the_end_is_now_if_it_is_missing() -> None:
    found = window(["20261103093000"], NOW)
    assert found
    assert found.width == timedelta(minutes=30)
    assert found.holds(NOW)
    assert not found.holds(NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["20261103093000"] * 3,
        ["20261103093000", "20261103092959"],
        ["20261103093000", "tomorrow"],
        ["20261103100001"],
        ["20260229000000"],
    ],
)
def test_what_is_no_window(texts: list[str]) -> None:
    assert window(texts, NOW) is None
