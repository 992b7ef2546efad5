"""What becomes of a file is decided by its traces, and never so that it could be sent twice."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_sofie.judging import Clear, Traces, Verdict, judge
from vaguemestre_sofie.patterns import Kind, LogEvent

NAMES = ["T1", "T2", "T3"]
events = st.builds(
    LogEvent,
    kind=st.sampled_from([k for k in Kind if k is not Kind.TROUBLE]),
    original=st.sampled_from(["DECSAL.dta", "decsal.DTA", "DECAFF.dta", ""]),
    transport=st.sampled_from([*NAMES, ""]),
    message=st.just("words"),
)
sets = st.frozensets(st.sampled_from(NAMES))
traces = st.builds(
    Traces,
    name=st.just("DECSAL.dta"),
    clear=st.sampled_from(Clear),
    events=st.lists(events, max_size=5),
    waiting=sets,
    sent=st.none() | sets,
    before=sets,
    known=sets,
    transport=st.sampled_from(["", *NAMES]),
    gap=st.booleans(),
)


@given(traces)
def test_what_may_have_been_encrypted_is_never_taken_back_as_untouched(found: Traces) -> None:
    outcome = judge(found)
    if outcome.verdict is Verdict.NOT_TAKEN:
        assert found.clear is Clear.OURS
    if outcome.verdict in (Verdict.NOT_TAKEN, Verdict.REFUSED):
        assert not found.transport
        assert not [
            e
            for e in found.events
            if e.kind in (Kind.ENCRYPTED, Kind.SENT)
            and e.original.casefold() == "decsal.dta"
            and e.transport not in found.known
        ]


@given(traces)
def test_sent_and_pending_name_an_encrypted_file_that_belongs_to_nobody_else(found: Traces) -> None:
    outcome = judge(found)
    if outcome.verdict is Verdict.PENDING:
        assert outcome.transport in found.waiting
    if outcome.verdict in (Verdict.SENT, Verdict.PENDING) and not found.transport:
        assert outcome.transport not in found.known


def told(**more: object) -> Traces:
    return msgspec.structs.replace(Traces(name="DECSAL.dta", clear=Clear.GONE), **more)


def test_two_encryptions_of_the_name_are_for_a_person() -> None:
    twice = [LogEvent(Kind.ENCRYPTED, "DECSAL.dta", name) for name in ("T1", "T2")]
    outcome = judge(told(events=twice))
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.candidates == ("T1", "T2")
    # ... unless one of them is known to belong to another deposit.
    outcome = judge(told(events=twice, known=frozenset({"T1"}), sent=frozenset({"T2"})))
    assert (outcome.verdict, outcome.transport) == (Verdict.SENT, "T2")


def test_a_new_encrypted_file_that_the_log_gives_to_another_is_not_ours() -> None:
    other = [LogEvent(Kind.ENCRYPTED, "DECAFF.dta", "T1")]
    outcome = judge(told(events=other, waiting=frozenset({"T1"}), clear=Clear.OURS))
    assert outcome.verdict is Verdict.NOT_TAKEN


def test_an_encrypted_file_that_left_without_a_trace_is_for_a_person() -> None:
    gone = [LogEvent(Kind.ENCRYPTED, "DECSAL.dta", "T1")]
    outcome = judge(told(events=gone, sent=frozenset()))
    assert (outcome.verdict, outcome.candidates) == (Verdict.UNKNOWN, ("T1",))


def test_a_log_with_a_gap_does_not_prove_that_nothing_was_sent() -> None:
    assert judge(told(clear=Clear.OURS, gap=True)).verdict is Verdict.UNKNOWN
    folder = told(clear=Clear.OURS, gap=True, sent=frozenset())
    assert judge(folder).verdict is Verdict.NOT_TAKEN


def test_a_refused_file_is_refused_wherever_sofie_put_it() -> None:
    refused = [LogEvent(Kind.REFUSED, "DECSAL.dta", message="Nok: name")]
    outcome = judge(told(events=refused))
    assert (outcome.verdict, outcome.message) == (Verdict.REFUSED, "Nok: name")
    # The refusal of another file says nothing about ours.
    other = [LogEvent(Kind.REFUSED, "DECAFF.dta", message="Nok: name")]
    assert judge(told(events=other)).verdict is Verdict.UNKNOWN
    assert judge(told(events=other, clear=Clear.OURS)).verdict is Verdict.NOT_TAKEN
