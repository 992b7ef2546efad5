"""Two declarations for one place at the platform: the second one waits for a person, whatever
happens at the same moment, in between, or afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from support.counter import NOW, Counter, card

from vaguemestre.lifecycle import Event
from vaguemestre.locale import set_language
from vaguemestre.store.claims import MOST
from vaguemestre.store.engine import Session
from vaguemestre.testing.points import armed

SENT = "attempt receipt"
ACCEPTED = "attempt receipt certificate"
#: What may have become of a deposit that stands in the way.
STANDING = ["", "attempt", "attempt lose_track", SENT, ACCEPTED, f"{SENT} report_ano", "hold"]
#: What may have become of one that does not.
GONE = ["withdraw", "attempt refusal", f"{SENT} report_ko", "attempt give_up"]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.store.close()
    set_language("fr")


@pytest.mark.parametrize("then", STANDING)
async def test_a_second_one_is_held_while_the_first_stands_or_may_stand(
    counter: Counter, then: str
) -> None:
    first = await counter.drop(card("a"), then=then)
    second = await counter.drop(card("a", order="2"), "rh")
    assert counter.state(second) == "held"
    assert counter.codes(second) == ["deposit/duplicate"]
    assert f"deposit {first} (" in counter.show(second)["message"]


@pytest.mark.parametrize("then", GONE)
async def test_a_second_one_goes_when_the_first_one_did_not(counter: Counter, then: str) -> None:
    await counter.drop(card("a"), then=then)
    second = await counter.drop(card("a", order="2"))
    assert counter.state(second) == "ready"
    assert counter.codes(second) == []


async def test_a_person_reads_which_one_it_was_and_what_can_be_done(counter: Counter) -> None:
    first = await counter.drop(card("a"), then=ACCEPTED)
    second = await counter.drop(card("a", order="2"))
    shown = counter.show(second)
    assert shown["message"] == (
        f"Possible duplicate of deposit {first} (accepted, deposited on 2026-11-04 13:00)"
    )
    (finding,) = shown["findings"]
    assert f"reference F{first})" in finding["message"]
    for way in (f"release {second}", f"withdraw {second}", "cancels and replaces"):
        assert way in finding["message"]
    assert counter.notices() == [f"2.card waits for your decision: {shown['message']}"]


async def test_tests_and_real_ones_do_not_meet_and_a_test_may_come_again(
    counter: Counter,
) -> None:
    await counter.drop(card("a"), then=ACCEPTED)
    first, second = [await counter.drop(card("a", test=True, order=o)) for o in "12"]
    assert (counter.state(first), counter.state(second)) == ("ready", "ready")
    assert (counter.codes(first), counter.codes(second)) == ([], ["deposit/repeated_test"])


async def test_different_places_and_declarations_without_one_do_not_meet(
    counter: Counter,
) -> None:
    kept = [await counter.drop(card(*keys, order=str(n))) for n, keys in enumerate("ab")]
    kept += [await counter.drop(card(order=str(n))) for n in range(2)]
    assert [counter.state(deposit) for deposit in kept] == ["ready"] * 4


async def test_however_often_a_file_was_turned_down_the_accepted_one_is_not_forgotten(
    counter: Counter,
) -> None:
    await counter.drop(card("a"), then=ACCEPTED)
    counter.objects_to = "wrong"
    rejected = [counter.take(card("a", label=f"wrong {n}")) for n in range(MOST + 1)]
    await counter.control.control(rejected)
    assert {counter.state(deposit) for deposit in rejected} == {"rejected"}
    assert counter.state(await counter.drop(card("a", order="2"))) == "held"


async def test_one_place_in_common_is_enough(counter: Counter) -> None:
    await counter.drop(card("salary/1", "salary/2"))
    assert counter.state(await counter.drop(card("salary/2", "salary/3"))) == "held"


async def test_of_two_that_come_at_the_same_moment_one_goes(counter: Counter) -> None:
    for n in range(10):
        pair = [
            counter.take(card(f"k{n}", order=o), box) for o, box in (("1", "paie"), ("2", "rh"))
        ]
        async with trio.open_nursery() as nursery:
            for deposit in pair:
                nursery.start_soon(counter.control.control, [deposit])
        assert sorted(counter.state(d) for d in pair) == ["held", "ready"]


async def test_of_two_in_one_batch_the_first_one_goes(counter: Counter) -> None:
    for n in range(20):
        pair = [counter.take(card(f"k{n}", order=order)) for order in "12"]
        await counter.control.control(pair)
        assert [counter.state(d) for d in pair] == ["ready", "held"]


async def test_two_parts_of_one_file_can_be_duplicates_and_know_each_other(
    counter: Counter,
) -> None:
    first = await counter.drop(b"\n".join([card("a"), card("a", order="2"), card("b")]))
    await counter.control.control([first])
    for part in (first + 1, first + 2):
        await counter.control.control([part])
    assert [counter.state(first + n) for n in range(3)] == ["ready", "held", "ready"]
    relations = {(r["id"], r["relation"]) for r in counter.show(first + 1)["related"]}
    assert relations == {(first, "duplicates"), (first, "sibling"), (first + 2, "sibling")}


async def test_the_control_that_is_cut_off_leaves_no_trace_and_decides_again(
    counter: Counter,
) -> None:
    class Cut(Exception):
        pass

    def cut() -> None:
        raise Cut

    first = await counter.drop(card("a"))
    second = counter.take(card("a", order="2"))
    with armed("control.decided", cut), pytest.raises(BaseExceptionGroup):
        await counter.control.control([second])
    assert counter.state(second) == "received"
    assert counter.show(second)["related"] == counter.show(first)["related"] == []
    await counter.control.control([second])
    assert counter.state(second) == "held"
    assert len(counter.notices()) == 1


# -- what a person decides


async def test_a_release_overrides_what_was_shown_once_and_is_journaled(counter: Counter) -> None:
    first = await counter.drop(card("a"), then=ACCEPTED)
    second = await counter.drop(card("a", order="2"))
    assert await counter.decide(second, Event.RELEASE) == "ready"
    (release,) = [e for e in counter.show(second)["events"] if e["kind"] == "release"]
    assert release["data"] == {"by": "marie", "overrides": [f"duplicate:{first}"]}
    third = await counter.drop(card("a", order="3"))
    assert counter.state(third) == "held"


async def test_a_release_does_not_override_what_came_since(counter: Counter) -> None:
    first = await counter.drop(card("a"))
    second = await counter.drop(card("a", order="2"))
    third = await counter.drop(card("a", order="3"))
    assert await counter.decide(third, Event.RELEASE) == "ready"
    assert await counter.decide(second, Event.RELEASE) == "held"
    assert f"deposit {third} (" in counter.show(second)["message"]
    assert await counter.decide(second, Event.RELEASE) == "ready"
    assert counter.state(first) == "ready"


async def test_a_release_that_every_file_waits_for_lets_no_duplicate_by(counter: Counter) -> None:
    waiting = await counter.drop(card("a"), "checked")
    assert counter.show(waiting)["message"] == "Waits for its release"
    other = await counter.drop(card("a", order="2"))
    await counter.decide(other, Event.RELEASE)
    assert counter.state(other) == "ready"
    assert await counter.decide(waiting, Event.RELEASE) == "held"
    assert "Possible duplicate" in counter.show(waiting)["message"]


async def test_what_is_not_deposited_by_us_is_held_by_nobody_and_holds_nobody(
    counter: Counter,
) -> None:
    await counter.drop(card("a", module="parcel"))
    second = await counter.drop(card("a", order="2"))
    assert counter.state(second) == "ready"
    assert counter.codes(second) == ["deposit/by_hand"]


async def test_one_that_failed_does_not_come_back_beside_its_successor(counter: Counter) -> None:
    first = await counter.drop(card("a"), then="attempt give_up")
    await counter.drop(card("a", order="2"))
    assert await counter.decide(first, Event.RETRY) == "held"
    assert counter.codes(first) == ["deposit/duplicate"]
    assert await counter.decide(first, Event.RELEASE) == "ready"


async def test_one_that_failed_alone_is_simply_tried_again(counter: Counter) -> None:
    first = await counter.drop(card("a"), then="attempt give_up")
    assert await counter.decide(first, Event.RETRY) == "ready"


async def test_one_in_doubt_that_was_not_there_does_not_follow_its_successor(
    counter: Counter,
) -> None:
    first = await counter.drop(card("a"), then="attempt lose_track")
    second = await counter.drop(card("a", order="2"))
    await counter.decide(second, Event.RELEASE)
    assert counter.settle_absent(first) == "held"


async def test_one_that_came_later_but_was_first_to_go_is_not_stopped_by_what_waits_for_it(
    counter: Counter,
) -> None:
    first = counter.take(card("a"))
    second = await counter.drop(card("a", order="2"), then="attempt lose_track")
    await counter.control.control([first])
    assert counter.state(first) == "held"
    assert counter.settle_absent(second) == "ready"


async def test_a_rechecked_file_is_compared_anew(counter: Counter) -> None:
    first = await counter.drop(card("a"))
    counter.happen(first, Event.HOLD)
    await counter.drop(card("b"))
    assert await counter.decide(first, Event.RELEASE) == "ready"
    assert counter.codes(first) == []


# -- what is kept


async def test_keys_are_kept_as_digests_only(counter: Counter) -> None:
    deposit = await counter.drop(
        card("salary/1893120105732", replaces=["salary/1993102814564"], subject="1990093012358")
    )

    def kept(session: Session) -> str:
        rows = session.connection.execute("SELECT digest FROM claim").fetchall()
        row = session.connection.execute("SELECT declaration FROM deposit").fetchone()
        return " ".join(r["digest"] for r in rows) + row["declaration"]

    text = counter.store.read_now(kept)
    assert "1893120105732" not in text
    assert "1993102814564" not in text
    assert "1990093012358" not in text
    assert '"rank"' in text
    assert counter.show(deposit)["received_at"].startswith(f"{NOW:%Y-%m-%d}")
