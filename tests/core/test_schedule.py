"""People are reminded of what is not deposited before its deadline, once a stage, and of nothing
else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.counter import Counter, card

from vaguemestre.lifecycle import Event, State
from vaguemestre.locale import set_language
from vaguemestre.schedule import EARLY, QUIET, SOON, Schedule, Stage, _advice, stage_of
from vaguemestre.store import listings
from vaguemestre.store.engine import Session

DUE = datetime(2026, 11, 5, 11, tzinfo=UTC)
LATEST = DUE + timedelta(days=11)
SOONER, LATER = {"at": DUE, "day": 5}, {"at": LATEST, "day": 15}
SENT = "attempt receipt"
#: How a deposit comes to each state of which people are reminded, and what they are told to do.
REMINDED = {
    "": "could not be sent",
    "hold": "Decide",
    "attempt lose_track": "settle 1",
    "attempt hand_over": "by hand",
    "attempt give_up": "retry 1",
    f"{SENT} report_ko": "Correct it",
}


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    made.now = DUE - timedelta(days=9)
    yield made
    made.store.close()
    set_language("fr")


def due(key: str = "a", **more: Any) -> bytes:
    return card(key, **{"due": [SOONER], **more})


async def at(counter: Counter, moment: datetime) -> list[str]:
    """The reminders that this moment brings."""
    before = len(counter.store.read_now(listings.notices))
    counter.now = moment
    await Schedule(counter.store).look()
    found = counter.store.read_now(listings.notices)[before:]
    assert all(notice["key"].startswith("deadline:") for notice in found)
    return [f"{notice['title']}\n{notice['text']}" for notice in found]


@pytest.mark.parametrize("then", REMINDED)
async def test_each_stage_is_told_once_with_what_to_do(counter: Counter, then: str) -> None:
    await counter.drop(due(), then=then)
    assert await at(counter, DUE - EARLY - timedelta(seconds=1)) == []
    for moment, word in (
        (DUE - EARLY, "is due by 2026-11-05 12:00 and is not deposited yet"),
        (DUE - SOON, "is due by 2026-11-05 12:00"),
        (DUE, "was due by 2026-11-05 12:00 and is not deposited"),
    ):
        (told,) = await at(counter, moment)
        assert word in told
        assert REMINDED[then] in told
        assert await at(counter, moment + timedelta(minutes=5)) == []
    assert await at(counter, DUE + timedelta(days=9)) == []


@pytest.mark.parametrize("then", ["attempt", SENT, f"{SENT} certificate", "withdraw"])
async def test_what_is_where_it_should_be_is_no_matter(counter: Counter, then: str) -> None:
    await counter.drop(due(), then=then)
    assert await at(counter, DUE) == []


async def test_a_stage_that_was_slept_through_is_not_told_afterwards(counter: Counter) -> None:
    await counter.drop(due())
    (told,) = await at(counter, DUE)
    assert "was due" in told


async def test_a_rejected_file_is_reminded_of_until_it_is_corrected(counter: Counter) -> None:
    counter.objects_to = "order"
    await counter.drop(due(order="1"))
    (told,) = await at(counter, DUE - EARLY)
    assert "rejected by the autocontrol" in told
    counter.objects_to = ""
    await counter.drop(due(order="2"), then=f"{SENT} certificate")
    assert await at(counter, DUE) == []


async def test_tests_and_possible_duplicates_are_left_out(counter: Counter) -> None:
    await counter.drop(due(test=True), then="hold")
    await counter.drop(due("b"), then=SENT)
    assert counter.state(await counter.drop(due("b", order="2"))) == "held"
    counter.store.write_now(lambda s: s.connection.execute("DELETE FROM notice").rowcount)
    assert await at(counter, DUE) == []


async def test_a_duplicate_of_what_was_refused_is_reminded_of_like_the_other_one(
    counter: Counter,
) -> None:
    first = await counter.drop(due("b"), then=SENT)
    await counter.drop(due("b", order="2"))
    counter.happen(first, Event.REPORT_KO)
    (told,) = await at(counter, DUE - EARLY)
    assert told.startswith("2 declarations")


async def test_what_came_only_now_is_on_its_way(counter: Counter) -> None:
    counter.now = DUE + timedelta(days=2)
    await counter.drop(due())
    assert await at(counter, counter.now) == []
    assert len(await at(counter, counter.now + QUIET)) == 1


async def test_a_deadline_of_long_ago_is_history(counter: Counter) -> None:
    counter.now = DUE + timedelta(days=30)
    await counter.drop(due(), then="hold")
    assert await at(counter, counter.now + timedelta(hours=1)) == []


async def test_many_with_one_deadline_are_one_notice_and_later_ones_are_told_too(
    counter: Counter,
) -> None:
    for number in range(12):
        await counter.drop(due(f"k{number}"), then="hold")
    (told,) = await at(counter, DUE - EARLY)
    assert told.startswith("12 declarations are due by 2026-11-05 12:00")
    assert told.endswith("and 2 more")
    await counter.drop(due("late"), then="hold")
    (told,) = await at(counter, counter.now + QUIET)
    assert told.startswith("13.card is due")


async def test_where_the_employers_day_is_not_known_both_count_and_the_remedy_is_told(
    counter: Counter,
) -> None:
    await counter.drop(card("a", due=[SOONER, LATER]), then="hold")
    (told,) = await at(counter, DUE)
    assert "[[deadline]]" in told
    (told,) = await at(counter, LATEST)
    assert "was due by 2026-11-16 12:00" in told
    assert "[[deadline]]" not in told


MOMENTS = st.timedeltas(timedelta(days=-30), timedelta(days=30)).map(lambda d: DUE + d)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=12)), MOMENTS)
def test_the_stage_only_ever_rises(first: datetime, more: timedelta, now: datetime) -> None:
    last = first + more
    stages = [stage_of(first, last, now + timedelta(hours=n)) for n in range(0, 80, 2)]
    assert stages == sorted(stages)
    assert (stage_of(first, last, now) >= Stage.OVER) is (now >= first)
    if not more:
        assert Stage.SURELY_OVER not in stages


def test_every_state_that_is_not_left_out_has_its_advice() -> None:
    sql = (Path(listings.__file__).parent / "sql" / "claims.sql").read_text("utf-8")
    left_out = sql.split("deposits_to_remind")[1].split("deposit.state NOT IN")[1].split(")")[0]
    reminded = [state for state in State if f"'{state.value}'" not in left_out]
    assert len(reminded) == len(State) - left_out.count("'") / 2
    assert all(_advice(state) for state in reminded)


def test_reminders_are_found_by_their_deadline_not_among_all_that_was_ever_refused(
    counter: Counter,
) -> None:
    def plan(session: Session) -> str:
        sql = session.sql.deposits_to_remind.sql
        values = {"after": "", "before": "", "quiet_since": "", "stages": 1, "limit": 1}
        rows = session.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return " ".join(row["detail"] for row in rows)

    assert "INDEX deposit_to_remind" in counter.store.read_now(plan)
