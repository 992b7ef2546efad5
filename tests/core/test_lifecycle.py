"""The promise, as properties of the table: one visible state, and nothing deposited twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from vaguemestre.lifecycle import (
    BY_PERSON,
    OVER,
    SETTLED,
    TABLE,
    Event,
    State,
    TransitionError,
    after,
    diagram,
)

MOVES = [(s, e, t) for s, moves in TABLE.items() for e, t in moves.items()]
#: Events that end an attempt, or the doubt about it, with the proof that nothing was recorded.
NOTHING_RECORDED = {Event.NO_EFFECT, Event.GIVE_UP, Event.ABSENT, Event.SETTLE_ABSENT}
RECORDED = {Event.RECEIPT, Event.REFUSAL, Event.FOUND, Event.SETTLE_DEPOSITED}


def reachable(start: State) -> set[State]:
    seen, todo = {start}, [start]
    while todo:
        for target in TABLE[todo.pop()].values():
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def test_every_state_and_every_event_is_in_the_table() -> None:
    assert set(TABLE) == set(State)
    assert {event for _, event, _ in MOVES} == set(Event)


def test_every_state_can_be_reached_from_the_taking() -> None:
    assert reachable(State.RECEIVED) == set(State)


def test_every_state_leads_to_a_settled_one() -> None:
    for state in State:
        assert state in SETTLED or reachable(state) & SETTLED


def test_a_deposit_leaves_only_from_ready_and_by_an_attempt() -> None:
    into = [(s, e) for s, e, t in MOVES if t is State.DEPOSITING]
    assert into == [(State.READY, Event.ATTEMPT)]


def test_doubt_ends_in_ready_only_by_absence_or_by_the_word_of_a_person() -> None:
    ways = {e for e, t in TABLE[State.IN_DOUBT].items() if t is not State.IN_DOUBT}
    back = {e for e, t in TABLE[State.IN_DOUBT].items() if t is State.READY}
    assert back == {Event.ABSENT, Event.SETTLE_ABSENT}
    assert ways - back == {Event.FOUND, Event.SETTLE_DEPOSITED, Event.HAND_OVER}
    assert Event.SETTLE_ABSENT in BY_PERSON


def test_what_a_person_deposits_by_hand_waits_for_the_word_of_a_person() -> None:
    assert set(TABLE[State.HANDED_OVER]) <= BY_PERSON


def test_what_the_platform_recorded_is_never_sent_again() -> None:
    recorded = {State.DEPOSITED, State.ACCEPTED, State.TO_CHECK, State.REFUSED}
    for state in recorded:
        assert reachable(state) <= recorded


def test_what_is_over_never_leaves_again_and_everything_else_may() -> None:
    assert {s for s in State if State.DEPOSITING not in reachable(s)} == OVER


def test_what_was_withdrawn_stays_withdrawn() -> None:
    assert not TABLE[State.WITHDRAWN]


def test_a_person_cannot_move_a_deposit_that_is_on_its_way() -> None:
    assert not BY_PERSON & set(TABLE[State.DEPOSITING])


@given(st.sampled_from(State), st.sampled_from(Event))
def test_an_event_that_does_not_exist_in_a_state_is_refused(state: State, event: Event) -> None:
    if event in TABLE[state]:
        assert after(state, event) is TABLE[state][event]
    else:
        with pytest.raises(TransitionError) as caught:
            after(state, event)
        assert (caught.value.state, caught.value.event) == (state, event)


class Walk(RuleBasedStateMachine):
    """Deposits that anything may happen to, beside a platform's ledger: once recorded there, a
    deposit never leaves again."""

    alive = Bundle("alive")

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[int, State] = {}
        self.under_way: set[int] = set()
        self.recorded: set[int] = set()

    @rule(target=alive)
    def take(self) -> int:
        number = len(self.state)
        self.state[number] = State.RECEIVED
        return number

    @rule(target=alive, number=consumes(alive), event=st.sampled_from(Event))
    def happen(self, number: int, event: Event) -> int:
        state = self.state[number]
        if event not in TABLE[state]:
            with pytest.raises(TransitionError):
                after(state, event)
            return number
        if event is Event.ATTEMPT:
            assert number not in self.under_way, "left while an attempt was open"
            assert number not in self.recorded, "left twice"
            self.under_way.add(number)
        elif event in RECORDED:
            self.recorded.add(number)
        if event in NOTHING_RECORDED | RECORDED:
            assert number in self.under_way
            self.under_way.discard(number)
        self.state[number] = after(state, event)
        return number

    @invariant()
    def open_attempts_are_visible(self) -> None:
        open_ones = {State.DEPOSITING, State.IN_DOUBT, State.HANDED_OVER}
        assert self.under_way == {n for n, s in self.state.items() if s in open_ones}


TestWalk = Walk.TestCase


# -- the diagram


def test_the_diagram_lists_every_transition() -> None:
    drawn = {
        (source, event, target.strip())
        for line in diagram().splitlines()[2:]
        for source, rest in [line.strip().split(" --> ")]
        for target, events in [rest.split(":")]
        for event in events.strip().split(", ")
    }
    assert drawn == {(s.value, e.value, t.value) for s, e, t in MOVES}


def test_the_documentation_shows_this_diagram() -> None:
    readme = Path(__file__).parents[2] / "core" / "README.md"
    assert diagram() in readme.read_text("utf-8")
