"""What a writer can rely on: durable when it returns, apart from the others, whole or not."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from vaguemestre.errors import StoreError
from vaguemestre.model import DepositEvent
from vaguemestre.store.engine import MAX_GROUP, Session, Store

Receive = Callable[[Session, str], int]


class Gate:
    """Keeps the writer busy, so that the writes handed in meanwhile form one group."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self, _session: Session) -> None:
        self.entered.set()
        self.open.wait()


def names(path: Path) -> set[str]:
    """What another process sees in the store."""
    connection = sqlite3.connect(path)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM deposit")}
    finally:
        connection.close()


async def together(
    store: Store, works: dict[str, Callable[[Session], object]]
) -> dict[str, object]:
    """Hand the works in so that they share a group; what each returned or raised."""
    gate, outcomes = Gate(), {}

    async def write(name: str, work: Callable[[Session], object]) -> None:
        try:
            outcomes[name] = await store.write(work)
        except (StoreError, ValueError) as error:
            outcomes[name] = error

    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.write, gate)
        await trio.to_thread.run_sync(gate.entered.wait)
        for name, work in works.items():
            nursery.start_soon(write, name, work)
        await trio.testing.wait_all_tasks_blocked()
        gate.open.set()
    return outcomes


async def test_writes_that_wait_share_one_transaction(store: Store, receive: Receive) -> None:
    commits: list[list[DepositEvent]] = []
    store.on_commit = commits.append
    works = {f"{n}": (lambda s, n=n: receive(s, f"{n}")) for n in range(50)}
    outcomes = await together(store, works)
    assert sorted(outcomes.values()) == list(range(1, 51))
    assert [len(changes) for changes in commits] == [50]


async def test_a_storm_is_cut_into_groups_of_bounded_size(store: Store, receive: Receive) -> None:
    commits: list[list[DepositEvent]] = []
    store.on_commit = commits.append
    count = 2 * MAX_GROUP + 1
    await together(store, {f"{n}": (lambda s, n=n: receive(s, f"{n}")) for n in range(count)})
    assert sum(map(len, commits)) == count
    assert max(map(len, commits)) <= MAX_GROUP


async def test_a_write_is_durable_when_it_returns(store: Store, receive: Receive) -> None:
    await store.write(lambda s: receive(s, "a"))
    assert names(store.path) == {"a"}


async def test_observers_are_told_only_of_what_is_durable(store: Store, receive: Receive) -> None:
    seen: list[set[str]] = []
    store.on_commit = lambda _changes: seen.append(names(store.path))
    await store.write(lambda s: receive(s, "a"))
    assert seen == [{"a"}]


async def test_a_write_that_fails_undoes_only_itself(store: Store, receive: Receive) -> None:
    def bad(session: Session) -> None:
        receive(session, "bad")
        raise ValueError("mine alone")

    commits: list[list[DepositEvent]] = []
    store.on_commit = commits.append
    outcomes = await together(
        store, {"a": lambda s: receive(s, "a"), "bad": bad, "b": lambda s: receive(s, "b")}
    )
    assert isinstance(outcomes["bad"], ValueError)
    assert names(store.path) == {"a", "b"}
    assert [len(changes) for changes in commits] == [2], "the failed one is told to nobody"


async def test_a_violated_constraint_undoes_only_its_own_write(
    store: Store, receive: Receive
) -> None:
    def bad(session: Session) -> None:
        receive(session, "bad")
        session.sql.event_add(
            session.connection, deposit_id=1, seq=1, at="", kind="", state="", data="", hash=""
        )
        session.sql.event_add(
            session.connection, deposit_id=1, seq=1, at="", kind="", state="", data="", hash=""
        )

    await store.write(lambda s: receive(s, "a"))
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(bad)
    assert names(store.path) == {"a"}


async def test_when_the_database_fails_the_whole_group_fails_and_nothing_of_it_stays(
    store: Store, receive: Receive
) -> None:
    def broken(session: Session) -> None:
        receive(session, "broken")
        session.connection.execute("SELECT * FROM a_table_that_is_not_there")

    commits: list[list[DepositEvent]] = []
    store.on_commit = commits.append
    outcomes = await together(
        store, {"a": lambda s: receive(s, "a"), "x": broken, "b": lambda s: receive(s, "b")}
    )
    assert all(isinstance(error, StoreError) for error in outcomes.values())
    assert names(store.path) == set()
    assert commits == []
    await store.write(lambda s: receive(s, "later"))
    assert names(store.path) == {"later"}


async def test_a_caller_cancelled_while_it_waits_still_gets_its_write_done(
    store: Store, receive: Receive
) -> None:
    gate, outcome = Gate(), []

    async def write() -> None:
        outcome.append(await store.write(lambda s: receive(s, "a")))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.write, gate)
        await trio.to_thread.run_sync(gate.entered.wait)
        async with trio.open_nursery() as cancelled:
            cancelled.start_soon(write)
            await trio.testing.wait_all_tasks_blocked()
            cancelled.cancel_scope.cancel()
            gate.open.set()
    assert outcome == [1], "the caller knows what became of it"
    assert names(store.path) == {"a"}


async def test_closing_finishes_what_waits(tmp_path: Path, receive: Receive) -> None:
    store = Store.open(tmp_path / "closing.db")
    gate = Gate()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.write, gate)
        await trio.to_thread.run_sync(gate.entered.wait)
        for n in range(5):
            nursery.start_soon(store.write, lambda s, n=n: receive(s, f"{n}"))
        await trio.testing.wait_all_tasks_blocked()
        gate.open.set()
        store.close()
    assert names(store.path) == {"0", "1", "2", "3", "4"}


async def test_a_reader_cannot_write(store: Store, receive: Receive) -> None:
    with pytest.raises(StoreError):
        await store.read(lambda s: receive(s, "a"))
    assert names(store.path) == set()


async def test_readers_do_not_wait_for_the_writer(store: Store, receive: Receive) -> None:
    await store.write(lambda s: receive(s, "a"))
    gate = Gate()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.write, gate)
        await trio.to_thread.run_sync(gate.entered.wait)
        try:
            found = await store.read(lambda s: s.sql.deposit_get(s.connection, id=1)["name"])
        finally:
            gate.open.set()
    assert found == "a"


def test_without_trio_the_same_rules_hold(store: Store, receive: Receive) -> None:
    def bad(session: Session) -> None:
        receive(session, "bad")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write_now(bad)
    assert store.write_now(lambda s: receive(s, "a")) == 1
    assert names(store.path) == {"a"}


def test_a_write_of_another_process_is_noticed(store: Store, receive: Receive) -> None:
    before = store.data_version()
    assert store.data_version() == before
    with Store.open(store.path) as other:
        other.write_now(lambda s: receive(s, "a"))
    assert store.data_version() != before


def test_only_its_owner_can_read_the_store(store: Store, receive: Receive) -> None:
    store.write_now(lambda s: receive(s, "a"))
    for file in store.path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
