"""An outbox on disk with a real store behind it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from vaguemestre.config import Outbox
from vaguemestre.intake import Intake
from vaguemestre.model import DepositEvent, Notice
from vaguemestre.notices import post_in
from vaguemestre.store import documents, journal
from vaguemestre.store.engine import Store
from vaguemestre.watch import Watch


class Desk:
    """One outbox, what comes out of it, and its intake. By default nothing has to be quiet."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        values: dict[str, Any] = {"quiet_seconds": 0, "scan_seconds": 3600}
        self.outbox = Outbox(
            name="paie",
            path=folder / "Départ",
            taken=folder / "Pris en charge",
            rejected=folder / "Rejetés",
            **{**values, **settings},
        )
        self.store = Store.open(folder / "store.db")
        self.store.on_commit = self._committed
        self.outbox.path.mkdir(exist_ok=True)
        self._changed = trio.Event()
        self.restart()

    def restart(self) -> None:
        """What a new daemon knows: nothing but the store and the folders."""
        self.intake = Intake(self.store, self.outbox, self._post)

    async def _post(self, notice: Notice) -> None:
        await self.store.write(lambda s: post_in(s, notice))

    def _committed(self, _changes: list[DepositEvent]) -> None:
        changed, self._changed = self._changed, trio.Event()
        changed.set()

    # -- the people's side

    def path(self, name: str) -> Path:
        return self.outbox.path / name

    def drop(self, name: str, content: bytes | str) -> Path:
        """Put a file there the good way: whole, in one step."""
        beside = self.path(f".{os.urandom(4).hex()}.part")
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.rename(self.path(name))
        return self.path(name)

    def waiting(self) -> set[str]:
        """What is in the outbox, folders left aside."""
        return {p.name for p in self.outbox.path.iterdir() if not p.is_dir()}

    def taken(self) -> dict[str, bytes]:
        """What is in the folder of taken files, duplicates left aside."""
        return contents(self.outbox.taken)

    def duplicates(self) -> dict[str, bytes]:
        return contents(self.outbox.taken / "Doublons")

    # -- the store's side

    def rows(self, question: str) -> list[sqlite3.Row]:
        return self.store.read_now(lambda s: s.connection.execute(question).fetchall())

    def deposits(self) -> dict[str, bytes]:
        """Name and stored bytes of every deposit. No name may come twice."""
        rows = self.rows("SELECT name, sha256 FROM deposit ORDER BY id")
        found = {
            r["name"]: self.store.read_now(lambda s, r=r: documents.get(s, r["sha256"]))
            for r in rows
        }
        assert len(found) == len(rows), [r["name"] for r in rows]
        return found

    def unmarked(self) -> int:
        """Files whose source is not known to be out of the way."""
        return len(self.rows("SELECT 1 FROM file WHERE moved_at IS NULL"))

    def notices(self) -> list[str]:
        """Titles and texts, as people read them."""
        rows = self.rows("SELECT title, text FROM notice ORDER BY id")
        return [f"{r['title']}\n{r['text']}" for r in rows]

    def events(self, deposit: int) -> list[str]:
        rows = self.store.read_now(
            lambda s: list(s.sql.events_of_deposit(s.connection, deposit_id=deposit))
        )
        assert journal.first_break(rows, deposit) is None
        return [r["kind"] for r in rows]

    def assert_settled(self, *, deposits: int, files: int | None = None) -> None:
        """Nothing is half done: every file is marked and out of the way."""
        assert len(self.rows("SELECT 1 FROM deposit")) == deposits
        assert len(self.rows("SELECT 1 FROM file")) == (deposits if files is None else files)
        assert self.unmarked() == 0

    # -- running

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The intake runs meanwhile."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.intake.run)
            nursery.start_soon(Watch({self.outbox.path: self.intake.wake}).run)
            with trio.fail_after(30):
                yield
            nursery.cancel_scope.cancel()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something that comes with a change of a deposit."""
        while True:
            changed = self._changed
            if reached():
                return
            await changed.wait()


def contents(folder: Path) -> dict[str, bytes]:
    if not folder.exists():
        return {}
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


@pytest.fixture
def new_desk() -> Iterator[Callable[..., Desk]]:
    """Makes a desk in a folder, with settings of its own."""
    made: list[Desk] = []

    def make(folder: Path, **settings: Any) -> Desk:
        made.append(Desk(folder, **settings))
        return made[-1]

    yield make
    for desk in made:
        desk.store.close()


@pytest.fixture
def desk_with(tmp_path: Path, new_desk: Callable[..., Desk]) -> Callable[..., Desk]:
    """Makes the desk of a test, with settings of its own."""
    return partial(new_desk, tmp_path)


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with()


@pytest.fixture
def other_volume() -> Iterator[Path]:
    """A folder on another file system than `tmp_path`."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("there is no second file system to write to")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def plain_desk() -> Iterator[tuple[Desk, Callable[[], Any]]]:
    """A desk, and a context in which this process has only the rights of an ordinary user: the
    superuser may read everything."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    nobody = 65534

    @contextmanager
    def plain() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.setresuid(nobody, nobody, 0)
        try:
            yield
        finally:
            os.setresuid(0, 0, 0)

    desk = Desk(folder)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, nobody, -1)
    yield desk, plain
    desk.store.close()
    shutil.rmtree(folder)
