"""Whatever happens in whatever order, no two deposits go to the same place at the platform unless a
person wanted it."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import trio
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.counter import Counter, card

from vaguemestre.decisions import NotPossible, decide, settle_absent
from vaguemestre.lifecycle import TABLE, Event, State
from vaguemestre.locale import set_language
from vaguemestre.relief import Relief
from vaguemestre.store.engine import Session

S, E = State, Event

#: States in which a deposit is on its way or there.
GOING = {
    *(S.READY, S.DEPOSITING, S.IN_DOUBT, S.HANDED_OVER),
    *(S.DEPOSITED, S.ACCEPTED, S.TO_CHECK),
}
#: What the platform, the line and time do.
FATE = [
    *(E.ATTEMPT, E.RECEIPT, E.REFUSAL, E.NO_EFFECT, E.GIVE_UP, E.LOSE_TRACK, E.FOUND),
    *(E.CERTIFICATE, E.REPORT_KO, E.REPORT_ANO, E.HAND_OVER),
]
PEOPLE = [E.RELEASE, E.HOLD, E.RECHECK, E.WITHDRAW, E.RETRY, E.CHECKED]

PLACES = st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True)
#: Which of the deposits: more than there ever are.
WHICH = st.integers(0, 999)


class Office(RuleBasedStateMachine):
    """Files come, things happen to them, people decide; the store and the control are real."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.counter = Counter(Path(self._folder.name))
        self.places: dict[int, set[str]] = {}

    def teardown(self) -> None:
        self.counter.store.close()
        self._folder.cleanup()
        set_language("fr")

    def control(self) -> None:
        received = [d for d, row in self.rows().items() if row["state"] == S.RECEIVED]
        if received:
            trio.run(self.counter.control.control, received)

    def rows(self) -> dict[int, dict[str, Any]]:
        def read(session: Session) -> list[dict[str, Any]]:
            question = "SELECT id, state, overridden FROM deposit"
            return [dict(row) for row in session.connection.execute(question)]

        return {row["id"]: row for row in self.counter.store.read_now(read)}

    def pick(self, which: int, events: list[Event]) -> tuple[int, Event] | None:
        """One of the deposits and an event that can happen to it."""
        possible = [
            (deposit, event)
            for deposit, row in self.rows().items()
            for event in events
            if event in TABLE[State(row["state"])]
        ]
        return possible[which % len(possible)] if possible else None

    @rule(places=PLACES, outbox=st.sampled_from(["paie", "rh", "checked"]), later=st.booleans())
    def come(self, places: list[str], outbox: str, later: bool) -> None:
        number = len(self.places)
        payload = card(*places, order=str(number))
        self.places[self.counter.take(payload, outbox)] = set(places)
        if not later:
            self.control()

    @rule()
    def control_all(self) -> None:
        self.control()

    @rule(which=WHICH)
    def happen(self, which: int) -> None:
        if picked := self.pick(which, FATE):
            self.counter.happen(*picked)

    @rule(which=WHICH)
    def turn_out_absent(self, which: int) -> None:
        if picked := self.pick(which, [E.SETTLE_ABSENT]):
            self.counter.store.write_now(lambda s: settle_absent(s, picked[0], by="marie"))

    @rule(which=WHICH)
    def decide(self, which: int) -> None:
        if picked := self.pick(which, PEOPLE):
            deposit, event = picked
            try:
                self.counter.store.write_now(lambda s: decide(s, deposit, event, by="marie"))
            except NotPossible:
                return
            self.control()

    @rule()
    def relieve(self) -> None:
        trio.run(Relief(self.counter.store).look)

    @invariant()
    def nobody_shares_a_place_unawares(self) -> None:
        going = {d: row for d, row in self.rows().items() if row["state"] in GOING}
        for one, two in itertools.combinations(going, 2):
            if self.places[one] & self.places[two]:
                agreed = [
                    f"duplicate:{b}" in going[a]["overridden"].split()
                    for a, b in ((one, two), (two, one))
                ]
                assert any(agreed), (one, two)


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
