"""Campaign 4 for the store: the disk refuses the Nth write, for N = 1, 2, 3… until none fails.

The refusal is the system's own, by a limit on the size of files; nothing is replaced.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vaguemestre.errors import StoreError
from vaguemestre.store import documents, journal
from vaguemestre.store.engine import Session, Store

Receive = Callable[[Session, str], int]
#: Bytes that do not shrink: some pages of the database.
BULK = os.urandom(20_000)


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes in this process: writing there fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def content(store: Store) -> list[object]:
    """How many rows there are of each kind."""
    return [one(store, f"SELECT count(*) FROM {t}") for t in ("document", "file", "deposit")]


def one(store: Store, question: str) -> object:
    return store.read_now(lambda s: s.connection.execute(question).fetchone()[0])


def test_wherever_the_disk_is_full_nothing_of_the_write_stays(
    tmp_path: Path, receive: Receive
) -> None:
    def work(session: Session) -> None:
        receive(session, "new")
        documents.put(session, documents.pack(BULK))

    failures = 0
    with Store.open(tmp_path / "store.db") as store:
        store.write_now(lambda s: receive(s, "before"))
        before = content(store)
        log = store.path.with_name(store.path.name + "-wal")
        limit = log.stat().st_size
        while True:
            try:
                with files_end_at(limit):
                    store.write_now(work)
                break
            except StoreError as error:
                assert str(store.path) in str(error)
                failures += 1
                assert content(store) == before
            limit += 1000
        assert failures > 10, "the limit was never in the way"
        assert content(store) == [3, 2, 2]
    with Store.open(tmp_path / "store.db") as store:
        assert content(store) == [3, 2, 2]
        assert one(store, "PRAGMA integrity_check") == "ok"


async def test_a_store_that_may_not_grow_says_so_and_goes_on_once_it_may(
    store: Store, receive: Receive
) -> None:
    def no_more_pages(session: Session) -> None:
        count = session.connection.execute("PRAGMA page_count").fetchone()[0]
        session.connection.execute(f"PRAGMA max_page_count = {count}")

    def work(session: Session) -> int:
        documents.put(session, documents.pack(BULK))
        return receive(session, "a")

    await store.write(no_more_pages)
    with pytest.raises(StoreError, match="full"):
        await store.write(work)
    assert content(store) == [0, 0, 0]
    await store.write(lambda s: s.connection.execute("PRAGMA max_page_count = 100000"))
    deposit = await store.write(work)
    events = await store.read(
        lambda s: list(s.sql.events_of_deposit(s.connection, deposit_id=deposit))
    )
    assert journal.first_break(events, deposit) is None
