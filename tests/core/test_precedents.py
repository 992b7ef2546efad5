"""What may be held, told or linked because of earlier deposits, whatever is in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from vaguemestre.api import Due
from vaguemestre.lifecycle import State
from vaguemestre.precedents import (
    CERTIFIED,
    STANDING,
    Earlier,
    Link,
    Precedents,
    Question,
    Relation,
    Why,
    applying,
    judge,
)

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
ASKED = Question(deposit=50, test=False, replacing=False, cancels=False, rank=2, due=(), now=NOW)
REPLACING = replace(ASKED, replacing=True)

NOT_IN_THE_WAY = sorted(set(State) - STANDING)


def same(state: State, deposit: int = 12, **more: object) -> Earlier:
    """One that takes our place, and which we do not replace."""
    return replace(
        Earlier(deposit=deposit, state=state, taken_at=NOW, rank=1, duplicated=True), **more
    )


def target(state: State, deposit: int = 12, **more: object) -> Earlier:
    """One that we replace."""
    return same(state, deposit, **{"duplicated": False, "replaced": True, **more})


def reasons(found: Precedents) -> tuple[list[str], list[str]]:
    return [r.code for r in found.doubts], [r.code for r in found.warnings]


# -- duplicates


@pytest.mark.parametrize("state", sorted(STANDING))
def test_what_stands_or_may_yet_stand_at_the_platform_holds_a_second_one(state: State) -> None:
    found = judge(ASKED, [same(state)])
    assert reasons(found) == (["duplicate:12"], [])
    assert found.links == (Link(12, Relation.DUPLICATES),)


@pytest.mark.parametrize("state", NOT_IN_THE_WAY)
def test_what_never_stood_there_holds_nothing(state: State) -> None:
    assert judge(ASKED, [same(state)]).doubts == ()


def test_of_two_that_wait_for_a_person_the_first_is_free_to_go() -> None:
    assert judge(ASKED, [same(State.HELD, deposit=51)]).doubts == ()
    assert reasons(judge(ASKED, [same(State.READY, deposit=51)]))[0] == ["duplicate:51"]


def test_two_never_wait_for_each_other() -> None:
    assert judge(ASKED, [same(State.HELD, waits_for_us=True)]).doubts == ()


def test_the_weightiest_duplicate_is_named_first() -> None:
    met = [same(State.HELD, 10), same(State.READY, 11), same(State.ACCEPTED, 12)]
    assert reasons(judge(ASKED, met))[0] == ["duplicate:12", "duplicate:11"]


def test_those_that_only_wait_are_named_where_nothing_goes() -> None:
    met = [same(State.HELD, 10), same(State.REFUSED, 11), same(State.HELD, 12)]
    assert reasons(judge(ASKED, met))[0] == ["duplicate:10", "duplicate:12"]


def test_what_was_recorded_but_not_deposited_by_us_is_told() -> None:
    assert reasons(judge(ASKED, [same(State.MANUAL)])) == ([], ["by_hand:12"])


def test_a_test_is_never_held_and_tells_that_it_was_made_before() -> None:
    asked = replace(ASKED, test=True, replacing=True, due=(Due(at=NOW, closes=True),))
    assert reasons(judge(asked, [same(State.ACCEPTED)])) == ([], ["repeated_test:12"])
    assert reasons(judge(asked, [])) == ([], [])


# -- what is replaced


@pytest.mark.parametrize("state", sorted(CERTIFIED))
def test_what_was_certified_is_replaced_without_a_word(state: State) -> None:
    found = judge(REPLACING, [target(state)])
    assert reasons(found) == ([], [])
    assert found.links == (Link(12, Relation.REPLACES),)


@pytest.mark.parametrize("state", sorted(STANDING - CERTIFIED))
def test_what_is_not_certified_yet_must_be_waited_for(state: State) -> None:
    assert reasons(judge(REPLACING, [target(state)]))[0] == ["uncertified:12"]


def test_a_refused_original_cannot_be_replaced() -> None:
    assert reasons(judge(REPLACING, [target(State.REFUSED)])) == (["refused:12"], [])


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.FAILED, State.MANUAL, State.REJECTED])
def test_an_original_that_may_have_gone_another_way_is_only_told(state: State) -> None:
    assert reasons(judge(REPLACING, [target(state)])) == ([], ["none_certified"])


def test_an_original_that_nobody_here_knows_is_only_told() -> None:
    assert reasons(judge(REPLACING, [])) == ([], ["nothing_known"])


@pytest.mark.parametrize(("rank", "held"), [(1, True), (2, True), (3, False), (None, False)])
def test_the_order_number_must_be_higher_than_the_last_one(rank: int | None, held: bool) -> None:
    met = [target(State.ACCEPTED, 11, rank=1), target(State.ACCEPTED, 12, rank=2)]
    found = judge(replace(REPLACING, rank=rank), met)
    assert reasons(found)[0] == (["rank:12"] if held else [])


def test_the_number_of_what_is_held_is_free() -> None:
    met = [target(State.ACCEPTED, 11, rank=1), target(State.HELD, 12, rank=2)]
    assert reasons(judge(REPLACING, met)) == ([], [])


def test_an_original_that_another_one_replaced_is_told() -> None:
    met = [target(State.ACCEPTED, replaced_by=20)]
    assert reasons(judge(REPLACING, met)) == ([], ["replaced:12"])
    met = [target(State.ACCEPTED, replaced_by=20), target(State.ACCEPTED, 20)]
    assert reasons(judge(REPLACING, met)) == ([], [])


def test_a_cancellation_is_linked_as_one() -> None:
    found = judge(replace(REPLACING, cancels=True), [target(State.ACCEPTED)])
    assert found.links == (Link(12, Relation.CANCELS),)


# -- corrections


@pytest.mark.parametrize("state", [State.REFUSED, State.REJECTED])
def test_a_file_after_one_that_was_turned_down_is_its_correction(state: State) -> None:
    met = [same(State.REFUSED, 10), same(state, 12)]
    assert judge(ASKED, met).links == (Link(12, Relation.CORRECTS),)


def test_after_an_accepted_correction_nothing_is_corrected_any_more() -> None:
    met = [same(State.REFUSED, 10), same(State.ACCEPTED, 12)]
    assert judge(ASKED, met).links == (Link(12, Relation.DUPLICATES),)


def test_a_refused_replacement_is_corrected_by_the_next_one() -> None:
    met = [target(State.ACCEPTED, 10), target(State.REFUSED, 12)]
    assert set(judge(REPLACING, met).links) == {
        Link(10, Relation.REPLACES),
        Link(12, Relation.CORRECTS),
    }


# -- closing


DUES = (
    Due(at=NOW, day=5, closes=True),
    Due(at=NOW + timedelta(days=10), day=15, closes=True),
)


@pytest.mark.parametrize(
    ("day", "after", "expected"),
    [
        (0, timedelta(seconds=-1), ([], [])),
        (0, timedelta(0), ([], ["closing"])),
        (0, timedelta(days=10), (["closed"], [])),
        (5, timedelta(0), (["closed"], [])),
        (15, timedelta(days=10, microseconds=-1), ([], [])),
        (15, timedelta(days=10), (["closed"], [])),
        (25, timedelta(0), ([], ["closing"])),
    ],
)
def test_after_the_closing_moment_it_is_held_if_the_day_is_known_or_all_are_over(
    day: int, after: timedelta, expected: tuple[list[str], list[str]]
) -> None:
    asked = replace(REPLACING, due=applying(DUES, day), now=NOW + after)
    assert reasons(judge(asked, [target(State.ACCEPTED)])) == expected


def test_a_deadline_that_only_makes_late_holds_nothing() -> None:
    late = (Due(at=NOW - timedelta(days=9)),)
    assert judge(replace(ASKED, due=late), []) == Precedents()


# -- whatever is there


EARLIER = st.builds(
    Earlier,
    deposit=st.integers(1, 99).filter(lambda n: n != ASKED.deposit),
    state=st.sampled_from(State),
    taken_at=st.just(NOW),
    rank=st.none() | st.integers(0, 5),
    replaced_by=st.none() | st.integers(1, 99),
    waits_for_us=st.booleans(),
    duplicated=st.booleans(),
    replaced=st.booleans(),
)
MET = st.lists(EARLIER, max_size=8, unique_by=lambda e: e.deposit).map(
    lambda found: sorted(found, key=lambda e: e.deposit)
)
QUESTIONS = st.builds(
    Question,
    deposit=st.just(ASKED.deposit),
    test=st.booleans(),
    replacing=st.booleans(),
    cancels=st.booleans(),
    rank=st.none() | st.integers(0, 5),
    due=st.sampled_from([(), DUES, DUES[:1], DUES[1:]]),
    now=st.timedeltas(timedelta(days=-5), timedelta(days=20)).map(lambda d: NOW + d),
)


@given(QUESTIONS, MET)
def test_a_real_one_that_is_let_go_meets_nobody_in_its_place(
    asked: Question, met: list[Earlier]
) -> None:
    found = judge(asked, met)
    rivals = [
        e
        for e in met
        if e.duplicated
        and e.state in STANDING
        and not (e.state is State.HELD and (e.deposit > asked.deposit or e.waits_for_us))
    ]
    going = [e for e in rivals if e.state is not State.HELD]
    if asked.test:
        assert not found.doubts
    else:
        assert {r.code for r in found.doubts if r.why is Why.DUPLICATE} == {
            f"duplicate:{e.deposit}" for e in going or rivals
        }


@given(QUESTIONS, MET)
def test_what_was_said_is_said_once_and_every_link_leads_to_another_deposit(
    asked: Question, met: list[Earlier]
) -> None:
    found = judge(asked, met)
    said = [r.code for r in (*found.doubts, *found.warnings)]
    assert len(said) == len(set(said))
    assert len(found.links) == len(set(found.links))
    assert {link.other for link in found.links} <= {e.deposit for e in met}


@given(MET, st.sampled_from(sorted(STANDING - {State.HELD})))
def test_whoever_is_judged_second_is_held_even_if_it_came_first(
    met: list[Earlier], state: State
) -> None:
    assert "duplicate:100" in reasons(judge(ASKED, [*met, same(state, 100)]))[0]
