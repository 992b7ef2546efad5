"""How deposits follow on each other: replaced, cancelled, corrected, and by when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.counter import NOW, Counter, card

from vaguemestre.lifecycle import Event
from vaguemestre.locale import set_language
from vaguemestre.store import listings

SENT = "attempt receipt"
ACCEPTED = "attempt receipt certificate"
REFUSED = f"{SENT} report_ko"

#: Due on the 5th or on the 15th, at noon; a replacement until the midnight before.
FIFTH, FIFTEENTH = (datetime(2026, 11, day, 11, tzinfo=UTC) for day in (5, 15))
DUE = [{"at": FIFTH, "day": 5}, {"at": FIFTEENTH, "day": 15}]
CLOSES = [{"at": d - timedelta(hours=12), "day": d.day, "closes": True} for d in (FIFTH, FIFTEENTH)]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.store.close()
    set_language("fr")


def replacing(key: str, rank: int = 2, **more: Any) -> bytes:
    return card(key, replaces=[key], rank=rank, **more)


def chain(counter: Counter, deposit: int) -> tuple[int | None, int | None]:
    """What it replaces and what replaced it, as the list and the page say alike."""
    listed = {d["id"]: d for d in counter.store.read_now(listings.deposits)}[deposit]
    shown = counter.show(deposit)
    keys = ("replaces", "replaced_by")
    assert [listed[k] for k in keys] == [shown[k] for k in keys]
    return shown["replaces"], shown["replaced_by"]


async def test_a_replacement_of_an_accepted_one_goes_and_both_know_each_other(
    counter: Counter,
) -> None:
    first = await counter.drop(card("a", rank=1), then=ACCEPTED)
    second = await counter.drop(replacing("a"))
    assert (counter.state(second), counter.codes(second)) == ("ready", [])
    assert chain(counter, second) == (first, None)
    assert chain(counter, first) == (None, None), "nothing is replaced before it was deposited"
    counter.happen(second, Event.ATTEMPT)
    counter.happen(second, Event.RECEIPT)
    assert chain(counter, first) == (None, second)
    assert counter.show(first)["related"][0]["relation"] == "replaces_by"


async def test_replacements_of_replacements_make_a_chain(counter: Counter) -> None:
    ids = [await counter.drop(card("a", rank=1), then=ACCEPTED)]
    ids += [await counter.drop(replacing("a", rank), then=ACCEPTED) for rank in (2, 3)]
    assert [chain(counter, d) for d in ids] == [(None, ids[1]), (ids[0], ids[2]), (ids[1], None)]


async def test_a_refused_replacement_replaces_nothing_and_is_corrected(counter: Counter) -> None:
    first = await counter.drop(card("a", rank=1), then=ACCEPTED)
    refused = await counter.drop(replacing("a"), then=REFUSED)
    assert chain(counter, first) == (None, None)
    third = await counter.drop(replacing("a", 3), then=ACCEPTED)
    assert chain(counter, first) == (None, third)
    assert chain(counter, refused) == (first, third)
    relations = {(r["id"], r["relation"]) for r in counter.show(third)["related"]}
    assert relations == {(first, "replaces"), (refused, "corrects")}


@pytest.mark.parametrize("then", ["", SENT, "attempt lose_track"])
async def test_a_replacement_waits_while_its_original_has_no_certificate(
    counter: Counter, then: str
) -> None:
    first = await counter.drop(card("a", rank=1), then=then)
    second = await counter.drop(replacing("a"))
    assert counter.codes(second) == ["deposit/uncertified"]
    assert counter.state(second) == "held"
    if then == SENT:
        counter.happen(first, Event.CERTIFICATE)
        assert await counter.decide(second, Event.RELEASE) == "ready"
        assert counter.codes(second) == []


async def test_a_replacement_with_too_low_a_number_is_held(counter: Counter) -> None:
    await counter.drop(card("a", rank=4), then=ACCEPTED)
    second = await counter.drop(replacing("a", 4))
    assert (counter.state(second), counter.codes(second)) == ("held", ["deposit/rank"])


async def test_a_replacement_of_what_was_refused_is_held(counter: Counter) -> None:
    first = await counter.drop(card("a", rank=1), then=REFUSED)
    second = await counter.drop(replacing("a"))
    assert (counter.state(second), counter.codes(second)) == ("held", ["deposit/refused"])
    assert chain(counter, second) == (first, None)


async def test_a_replacement_of_what_nobody_here_knows_goes_with_a_warning(
    counter: Counter,
) -> None:
    deposit = await counter.drop(replacing("a"))
    assert (counter.state(deposit), counter.codes(deposit)) == ("ready", ["deposit/nothing_known"])
    assert chain(counter, deposit) == (None, None)


async def test_a_replacement_that_names_its_original_takes_a_place_of_its_own(
    counter: Counter,
) -> None:
    first = await counter.drop(card("n1", rank=1), then=ACCEPTED)
    second = await counter.drop(card("n2", replaces=["n1"], rank=2), then=ACCEPTED)
    assert chain(counter, first) == (None, second)
    again = await counter.drop(card("n3", replaces=["n1"], rank=3))
    assert (counter.state(again), counter.codes(again)) == ("ready", ["deposit/replaced"])
    twice = await counter.drop(card("n2", replaces=["n1"], rank=2, order="x"))
    assert (counter.state(twice), counter.codes(twice)[0]) == ("held", "deposit/duplicate")


async def test_a_cancellation_is_shown_as_one(counter: Counter) -> None:
    first = await counter.drop(card("n1", rank=1), then=ACCEPTED)
    await counter.drop(card("n2", replaces=["n1"], cancels=True, rank=2), then=ACCEPTED)
    assert [r["relation"] for r in counter.show(first)["related"]] == ["cancels_by"]


@pytest.mark.parametrize("then", [REFUSED, "attempt refusal"])
async def test_a_file_after_a_refusal_is_its_correction(counter: Counter, then: str) -> None:
    first = await counter.drop(card("a"), then=then)
    second = await counter.drop(card("a", order="2"))
    assert (counter.state(second), chain(counter, second)) == ("ready", (first, None))
    assert chain(counter, first) == (None, second)


async def test_a_correction_in_another_place_is_known_by_its_subject(counter: Counter) -> None:
    first = await counter.drop(card("n1", subject="leave of 7"), then=REFUSED)
    other = await counter.drop(card("n2", subject="leave of 8"))
    second = await counter.drop(card("n3", subject="leave of 7"), then=ACCEPTED)
    assert chain(counter, first) == (None, second)
    assert chain(counter, other) == (None, None)
    third = await counter.drop(card("n4", subject="leave of 7"))
    assert (counter.state(third), counter.codes(third)) == ("ready", [])
    assert chain(counter, third) == (None, None)


async def test_a_subject_is_no_place(counter: Counter) -> None:
    for key in ("n1", "n1/2"):
        await counter.drop(card(key, subject="n2"), then=ACCEPTED)
    assert counter.state(await counter.drop(card("n2", subject="n1"))) == "ready"


async def test_a_correction_that_was_withdrawn_corrects_no_more(counter: Counter) -> None:
    first = await counter.drop(card("a"), then=REFUSED)
    second = await counter.drop(card("a", order="2"), then="withdraw")
    assert chain(counter, first) == (None, None)
    assert chain(counter, await counter.drop(card("a", order="3"))) == (first, None)
    assert counter.state(second) == "withdrawn"


async def test_a_rejected_file_is_linked_to_its_correction(counter: Counter) -> None:
    first = await counter.drop(card("a"), then="attempt give_up")
    rejected = counter.take(card("a", order="2"))
    counter.objects_to = "order"
    await counter.control.control([rejected])
    counter.objects_to = ""
    assert counter.state(rejected) == "rejected"
    third = await counter.drop(card("a"), "rh")
    assert (counter.state(third), chain(counter, third)) == ("ready", (rejected, None))
    assert chain(counter, first) == (None, None)


# -- deadlines


async def test_the_deadline_is_known_and_both_are_shown_if_the_employers_day_is_not(
    counter: Counter,
) -> None:
    shown = counter.show(await counter.drop(card("a", due=DUE)))
    assert (shown["due_at"], shown["due_latest"]) == (
        "2026-11-05T11:00:00.000000Z",
        "2026-11-15T11:00:00.000000Z",
    )
    assert shown["late"] is False


@pytest.mark.parametrize(("scope", "day"), [("", 15), ('scope = {company = "c"}', 15)])
async def test_the_configuration_says_the_employers_day(
    tmp_path: Path, scope: str, day: int
) -> None:
    extra = f"[[deadline]]\ndue_day = {day}\n{scope}\n"
    if scope:
        extra = f"[[deadline]]\ndue_day = 5\n{extra}"
    counter = Counter(tmp_path, extra)
    shown = counter.show(await counter.drop(card("a", due=DUE, company="c")))
    assert shown["due_at"] == shown["due_latest"] == "2026-11-15T11:00:00.000000Z"
    counter.store.close()
    set_language("fr")


@pytest.mark.parametrize(
    ("then", "at", "late"),
    [
        ("", FIFTEENTH, False),
        ("", FIFTEENTH + timedelta(seconds=1), True),
        ("hold", FIFTEENTH + timedelta(seconds=1), True),
        (SENT, FIFTEENTH + timedelta(days=9), False),
        ("withdraw", FIFTEENTH + timedelta(days=9), False),
    ],
)
async def test_late_is_what_was_not_there_in_time(
    counter: Counter, then: str, at: datetime, late: bool
) -> None:
    deposit = await counter.drop(card("a", due=DUE), then=then)
    counter.now = at
    assert counter.show(deposit)["late"] is late


async def test_a_replacement_whose_turn_comes_too_late_is_held_before_it_is_sent(
    counter: Counter,
) -> None:
    await counter.drop(card("a", rank=1), then=ACCEPTED)
    deposit = await counter.drop(replacing("a", due=CLOSES))
    ordinary = await counter.drop(card("b", due=DUE))
    counter.now = FIFTH
    counter.hold_closed()
    assert counter.state(deposit) == "ready", "perhaps the later day is this employer's"
    counter.now = FIFTEENTH
    counter.hold_closed()
    assert (counter.state(deposit), counter.state(ordinary)) == ("held", "ready")
    assert counter.codes(deposit) == ["deposit/closed"]
    assert await counter.decide(deposit, Event.RELEASE) == "ready"
    counter.hold_closed()
    assert counter.state(deposit) == "ready", "a person wanted it"


async def test_a_test_has_no_deadline(counter: Counter) -> None:
    counter.now = FIFTEENTH + timedelta(days=1)
    shown = counter.show(await counter.drop(card("a", due=DUE, test=True)))
    assert (shown["due_at"], shown["late"]) == (None, False)


async def test_what_was_deposited_too_late_stays_late(counter: Counter) -> None:
    counter.now = FIFTEENTH + timedelta(days=1)
    deposit = await counter.drop(card("a", due=DUE), then=ACCEPTED)
    assert counter.show(deposit)["late"] is True


@pytest.mark.parametrize(
    ("at", "state", "codes"),
    [
        (NOW, "ready", []),
        (FIFTH, "ready", ["deposit/closing"]),
        (FIFTEENTH, "held", ["deposit/closed"]),
    ],
)
async def test_a_replacement_that_the_platform_no_longer_takes_is_held(
    counter: Counter, at: datetime, state: str, codes: list[str]
) -> None:
    await counter.drop(card("a", rank=1), then=ACCEPTED)
    counter.now = at
    deposit = await counter.drop(replacing("a", due=CLOSES))
    assert (counter.state(deposit), counter.codes(deposit)) == (state, codes)
    if state == "held":
        assert await counter.decide(deposit, Event.RELEASE) == "ready"
