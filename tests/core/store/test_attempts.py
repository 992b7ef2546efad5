"""What a lane can rely on: an attempt is durable before its orders are handed out, nobody gets the
same deposit twice, and what was cut off is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vaguemestre.errors import StoreError
from vaguemestre.lifecycle import Event
from vaguemestre.store import deposits, journal
from vaguemestre.store.engine import Session, Store

MakeReady = Callable[..., int]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def state(store: Store, deposit: int) -> str:
    row = store.read_now(lambda s: deposits.get(s, deposit))
    assert row is not None
    return str(row["state"])


def attempts(store: Store, deposit: int) -> list[tuple[int, str | None]]:
    rows = store.read_now(
        lambda s: list(s.sql.attempts_of_deposit(s.connection, deposit_id=deposit))
    )
    return [(row["number"], row["outcome"]) for row in rows]


def test_claiming_opens_an_attempt_and_hands_out_the_very_bytes(
    store: Store, make_ready: MakeReady
) -> None:
    deposit = store.write_now(lambda s: make_ready(s, "a"))
    (order,) = store.write_now(lambda s: deposits.claim(s, "acme", 10))
    assert (order.deposit, order.payload, order.attempt) == (deposit, b"a", 1)
    assert state(store, deposit) == "depositing"
    assert attempts(store, deposit) == [(1, None)]


def test_nobody_claims_the_same_deposit_twice(store: Store, make_ready: MakeReady) -> None:
    store.write_now(lambda s: [make_ready(s, f"{n}") for n in range(5)])
    with Store.open(store.path) as other:
        claimed = [
            order.deposit
            for one in (store, other, store, other)
            for order in one.write_now(lambda s: deposits.claim(s, "acme", 2))
        ]
    assert sorted(claimed) == [1, 2, 3, 4, 5]


def test_only_what_the_profile_carries_is_claimed_oldest_first(
    store: Store, make_ready: MakeReady
) -> None:
    def put(session: Session) -> tuple[int, int, int]:
        return make_ready(session, "a"), make_ready(session, "b", "else"), make_ready(session, "c")

    first, _other, last = store.write_now(put)
    orders = store.write_now(lambda s: deposits.claim(s, "acme", 10))
    assert [order.deposit for order in orders] == [first, last]


def test_a_deposit_is_not_claimed_before_it_is_due(tmp_path: Path, make_ready: MakeReady) -> None:
    now = NOON
    with Store.open(tmp_path / "clock.db", clock=lambda: now) as store:
        deposit = store.write_now(lambda s: make_ready(s, "a"))
        store.write_now(lambda s: deposits.claim(s, "acme", 1))

        def fail(session: Session) -> None:
            deposits.end_attempt(session, deposit, "no_effect", {})
            again = session.moment + timedelta(seconds=60)
            journal.move(session, deposit, Event.NO_EFFECT, next_try_at=again)

        store.write_now(fail)
        now = NOON + timedelta(seconds=59)
        assert store.write_now(lambda s: deposits.claim(s, "acme", 1)) == []
        now = NOON + timedelta(seconds=60)
        (order,) = store.write_now(lambda s: deposits.claim(s, "acme", 1))
        assert order.attempt == 2
        assert attempts(store, deposit) == [(1, "no_effect"), (2, None)]


def test_a_failed_claim_leaves_no_attempt(store: Store, make_ready: MakeReady) -> None:
    deposit = store.write_now(lambda s: make_ready(s, "a"))
    store.write_now(lambda s: s.connection.execute("UPDATE document SET content = x'00'"))
    with pytest.raises(StoreError, match="damaged"):
        store.write_now(lambda s: deposits.claim(s, "acme", 1))
    assert state(store, deposit) == "ready"
    assert attempts(store, deposit) == []


def test_an_attempt_that_nobody_waits_for_is_in_doubt(store: Store, make_ready: MakeReady) -> None:
    deposit = store.write_now(lambda s: make_ready(s, "a"))
    store.write_now(lambda s: deposits.claim(s, "acme", 1))
    assert store.write_now(lambda s: deposits.interrupt(s, "cut off")) == [deposit]
    assert state(store, deposit) == "in_doubt"
    assert attempts(store, deposit) == [(1, "interrupted")]
    assert store.write_now(lambda s: deposits.claim(s, "acme", 1)) == []
    assert store.write_now(lambda s: deposits.interrupt(s, "cut off")) == [], "once is enough"


def test_interrupting_one_profile_leaves_the_others_on_their_way(
    store: Store, make_ready: MakeReady
) -> None:
    def put(session: Session) -> tuple[int, int]:
        pair = make_ready(session, "a"), make_ready(session, "b", "else")
        deposits.claim(session, "acme", 1)
        deposits.claim(session, "else", 1)
        return pair

    mine, other = store.write_now(put)
    assert store.write_now(lambda s: deposits.interrupt(s, "cut off", "acme")) == [mine]
    assert (state(store, mine), state(store, other)) == ("in_doubt", "depositing")


def test_a_doubt_names_the_bounds_of_its_last_attempt(
    tmp_path: Path, make_ready: MakeReady
) -> None:
    now = NOON
    with Store.open(tmp_path / "clock.db", clock=lambda: now) as store:
        deposit = store.write_now(lambda s: make_ready(s, "a"))
        store.write_now(lambda s: deposits.claim(s, "acme", 1))
        now = NOON + timedelta(seconds=5)
        store.write_now(lambda s: deposits.interrupt(s, "cut off"))
        ((row, order),) = store.read_now(lambda s: deposits.doubts(s, "mail:a"))
    assert row["id"] == order.deposit == deposit
    assert (order.started_at, order.ended_at) == (NOON, now)
