"""What an auditor can rely on: a journal that was changed afterwards does not add up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from vaguemestre.lifecycle import Event, State, TransitionError
from vaguemestre.store import deposits, journal
from vaguemestre.store.engine import Session, Store

Receive = Callable[[Session, str], int]


@pytest.fixture
def deposit(store: Store, receive: Receive) -> int:
    """A deposit with five events."""
    number = store.write_now(lambda s: receive(s, "a"))
    for event in (Event.HOLD, Event.RELEASE, Event.HOLD, Event.WITHDRAW):
        store.write_now(lambda s, event=event: journal.move(s, number, event, message="été"))
    return number


def events(store: Store, deposit: int) -> list[sqlite3.Row]:
    return store.read_now(lambda s: list(s.sql.events_of_deposit(s.connection, deposit_id=deposit)))


def tamper(store: Store, statement: str) -> None:
    store.write_now(lambda s: s.connection.execute(statement))


def test_an_untouched_journal_adds_up(store: Store, deposit: int) -> None:
    found = events(store, deposit)
    assert [e["kind"] for e in found] == ["taken", "hold", "release", "hold", "withdraw"]
    assert journal.first_break(found, deposit) is None


@pytest.mark.parametrize(
    "change",
    [
        "at = '2020-01-01T00:00:00.000000Z'",
        "kind = 'receipt'",
        "state = 'accepted'",
        "data = '{}'",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
        "seq = 99",
    ],
)
@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_changed_event_is_found(store: Store, deposit: int, change: str, place: int) -> None:
    tamper(store, f"UPDATE event SET {change} WHERE deposit_id = {deposit} AND seq = {place}")
    found = journal.first_break(events(store, deposit), deposit)
    assert found is not None
    assert found <= place


def test_a_removed_event_is_found(store: Store, deposit: int) -> None:
    tamper(store, f"DELETE FROM event WHERE deposit_id = {deposit} AND seq = 2")
    assert journal.first_break(events(store, deposit), deposit) == 2


def test_a_removed_event_is_found_even_when_the_others_are_renumbered(
    store: Store, deposit: int
) -> None:
    tamper(store, f"DELETE FROM event WHERE deposit_id = {deposit} AND seq = 2")
    for place in (3, 4, 5):
        tamper(
            store,
            f"UPDATE event SET seq = {place - 1} WHERE deposit_id = {deposit} AND seq = {place}",
        )
    assert journal.first_break(events(store, deposit), deposit) == 2


def test_the_deposit_keeps_the_end_of_its_journal(store: Store, deposit: int) -> None:
    row = store.read_now(lambda s: deposits.get(s, deposit))
    last = events(store, deposit)[-1]
    assert row is not None
    assert (row["event_seq"], row["event_hash"]) == (last["seq"], last["hash"])


def test_the_journal_of_another_deposit_does_not_fit(
    store: Store, deposit: int, receive: Receive
) -> None:
    other = store.write_now(lambda s: receive(s, "b"))
    assert journal.first_break(events(store, other), other) is None
    assert journal.first_break(events(store, other), deposit) == 1


def test_an_event_that_does_not_exist_in_the_state_changes_nothing(
    store: Store, receive: Receive
) -> None:
    deposit = store.write_now(lambda s: receive(s, "a"))
    with pytest.raises(TransitionError):
        store.write_now(lambda s: journal.move(s, deposit, Event.RECEIPT))
    row = store.read_now(lambda s: deposits.get(s, deposit))
    assert row is not None
    assert row["state"] == State.RECEIVED
    assert len(events(store, deposit)) == 1


def test_an_unknown_deposit_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.write_now(lambda s: journal.move(s, 7, Event.HOLD))


def test_a_journal_whose_end_was_cut_off_is_noticed(store: Store, deposit: int) -> None:
    row = store.read_now(lambda s: deposits.get(s, deposit))
    assert row is not None
    whole = events(store, deposit)
    assert journal.first_break(whole, deposit, row["event_hash"]) is None
    assert journal.first_break(whole[:-1], deposit, row["event_hash"]) == len(whole)
