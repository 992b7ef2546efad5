"""The life of a deposit, as a table.

Every file taken in ends in exactly one visible state, and nothing is deposited again while the
outcome of an earlier attempt is unknown. Both halves of that promise are properties of `TABLE`:

- `depositing` is entered only from `ready`, by `attempt`, which is committed before the first byte
  leaves. Whatever interrupts it (a crash, a lost answer) leads to `in_doubt`, never back to
  `ready`.
- `in_doubt` goes back to `ready` only by `absent` (the platform was asked and does not have it, and
  its settling time is over) or by the word of a person.
- `handed_over` (a person has the file, to deposit it by hand) is left only by the word of a person.
- `refused`, `withdrawn` are final for sending: a corrected file is a new deposit.

This module is pure: no I/O, no clock, no trio. The store applies what it says, the documentation's
diagram is drawn from it (`diagram`), and a property test walks it.
"""

from __future__ import annotations

from enum import StrEnum

from vaguemestre.errors import VaguemestreError


class State(StrEnum):
    RECEIVED = "received"
    HELD = "held"
    MANUAL = "manual"
    REJECTED = "rejected"
    READY = "ready"
    DEPOSITING = "depositing"
    IN_DOUBT = "in_doubt"
    HANDED_OVER = "handed_over"
    DEPOSITED = "deposited"
    ACCEPTED = "accepted"
    TO_CHECK = "to_check"
    REFUSED = "refused"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can happen to a deposit. The name stands in the journal."""

    PASS = "pass"  # noqa: S105 - control found nothing that blocks
    HOLD = "hold"
    SET_ASIDE = "set_aside"  # its module is not active for its user
    REJECT = "reject"
    SPLIT = "split"  # keeps the first of several declarations; the others become deposits
    POSTPONE = "postpone"  # the control itself failed: again later
    RELEASE = "release"
    RECHECK = "recheck"
    WITHDRAW = "withdraw"
    ATTEMPT = "attempt"
    RECEIPT = "receipt"
    REFUSAL = "refusal"
    NO_EFFECT = "no_effect"
    GIVE_UP = "give_up"
    LOSE_TRACK = "lose_track"  # the outcome of the attempt is unknown
    HAND_OVER = "hand_over"  # the file lies ready for a person who deposits it
    FOUND = "found"
    ABSENT = "absent"
    STILL_UNKNOWN = "still_unknown"
    SETTLE_DEPOSITED = "settle_deposited"
    SETTLE_ABSENT = "settle_absent"
    CERTIFICATE = "certificate"
    REPORT_KO = "report_ko"
    REPORT_ANO = "report_ano"
    SILENCE = "silence"  # presumed accepted: no bad news within the platform's time
    CHECKED = "checked"
    RETRY = "retry"


class TransitionError(VaguemestreError):
    """The event does not exist in this state. The request came too late or makes no sense."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event.value} is not possible in state {state.value}")
        self.state = state
        self.event = event


S, E = State, Event

TABLE: dict[State, dict[Event, State]] = {
    S.RECEIVED: {
        E.PASS: S.READY,
        E.HOLD: S.HELD,
        E.SET_ASIDE: S.MANUAL,
        E.REJECT: S.REJECTED,
        E.SPLIT: S.RECEIVED,
        E.POSTPONE: S.RECEIVED,
    },
    S.HELD: {E.RELEASE: S.RECEIVED, E.WITHDRAW: S.WITHDRAWN},
    S.MANUAL: {E.RELEASE: S.RECEIVED, E.WITHDRAW: S.WITHDRAWN},
    S.REJECTED: {E.RECHECK: S.RECEIVED, E.WITHDRAW: S.WITHDRAWN},
    S.READY: {E.ATTEMPT: S.DEPOSITING, E.HOLD: S.HELD, E.WITHDRAW: S.WITHDRAWN},
    S.DEPOSITING: {
        E.RECEIPT: S.DEPOSITED,
        E.REFUSAL: S.REFUSED,
        E.NO_EFFECT: S.READY,
        E.GIVE_UP: S.FAILED,
        E.LOSE_TRACK: S.IN_DOUBT,
        E.HAND_OVER: S.HANDED_OVER,
    },
    S.IN_DOUBT: {
        E.FOUND: S.DEPOSITED,
        E.ABSENT: S.READY,
        E.STILL_UNKNOWN: S.IN_DOUBT,
        E.HAND_OVER: S.HANDED_OVER,
        E.SETTLE_DEPOSITED: S.DEPOSITED,
        E.SETTLE_ABSENT: S.READY,
    },
    S.HANDED_OVER: {E.SETTLE_DEPOSITED: S.DEPOSITED, E.SETTLE_ABSENT: S.READY},
    S.DEPOSITED: {
        E.CERTIFICATE: S.ACCEPTED,
        E.SILENCE: S.ACCEPTED,
        E.REPORT_KO: S.REFUSED,
        E.REPORT_ANO: S.TO_CHECK,
    },
    # A later return can still turn an accepted deposit, and a certificate can still come for one
    # that an early report put aside.
    S.ACCEPTED: {
        E.CERTIFICATE: S.ACCEPTED,
        E.REPORT_ANO: S.TO_CHECK,
        E.REPORT_KO: S.REFUSED,
    },
    S.TO_CHECK: {
        E.CHECKED: S.ACCEPTED,
        E.CERTIFICATE: S.TO_CHECK,
        E.REPORT_ANO: S.TO_CHECK,
        E.REPORT_KO: S.REFUSED,
    },
    S.REFUSED: {E.REPORT_KO: S.REFUSED, E.REPORT_ANO: S.REFUSED},
    S.FAILED: {E.RETRY: S.READY, E.WITHDRAW: S.WITHDRAWN},
    S.WITHDRAWN: {},
}

#: States in which nothing more happens by itself: the demo and the tests wait for these.
SETTLED = frozenset(
    {
        S.HELD,
        S.MANUAL,
        S.REJECTED,
        S.HANDED_OVER,
        S.ACCEPTED,
        S.TO_CHECK,
        S.REFUSED,
        S.FAILED,
        S.WITHDRAWN,
    }
)

#: States after which nothing is ever sent again.
OVER = frozenset({S.DEPOSITED, S.ACCEPTED, S.TO_CHECK, S.REFUSED, S.WITHDRAWN})

#: Events that a person asks for by a command or a button.
BY_PERSON = frozenset(
    {
        E.RELEASE,
        E.HOLD,
        E.RECHECK,
        E.WITHDRAW,
        E.RETRY,
        E.SETTLE_DEPOSITED,
        E.SETTLE_ABSENT,
        E.CHECKED,
    }
)


def after(state: State, event: Event) -> State:
    """The state that `event` leads to. Raises TransitionError if it does not exist there."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise TransitionError(state, event) from None


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", "    [*] --> received"]
    for state, moves in TABLE.items():
        grouped: dict[State, list[str]] = {}
        for event, target in moves.items():
            grouped.setdefault(target, []).append(event.value)
        lines += [
            f"    {state.value} --> {target.value}: {', '.join(events)}"
            for target, events in grouped.items()
        ]
    return "\n".join(lines) + "\n"
