"""The store's engine: one writer with group commit, readers beside it, one owner.

Whatever writes are waiting go into one transaction, each in a savepoint of its own: one `fsync`
serves them all, and one that fails undoes nothing of the others. A write is never abandoned: once
handed in, its caller waits for the outcome even when it is cancelled. Which statements are run is
the business of the modules beside this one; `Session` is what they work on.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import trio

from vaguemestre.clock import Clock, to_text, utc_now
from vaguemestre.errors import StoreError
from vaguemestre.locale import _
from vaguemestre.model import DepositEvent
from vaguemestre.store.migrate import migrate
from vaguemestre.store.queries import Queries, load_queries

T = TypeVar("T")

#: Most writes in one transaction: bounds how long a single caller waits behind a storm.
MAX_GROUP = 256
#: Milliseconds that a statement waits for another process (the command line) to finish its write.
BUSY_MILLISECONDS = 15_000
#: Seconds between two tries where SQLite itself does not wait.
BUSY_PAUSE = 0.02


class Session:
    """One savepoint's view of the store: a connection, its queries, and the moment of the write.

    `changes` gathers what observers are told once the transaction is durable.
    """

    def __init__(self, connection: sqlite3.Connection, sql: Queries, clock: Clock) -> None:
        self.connection = connection
        self.sql = sql
        self.moment = clock()
        self.now = to_text(self.moment)
        self.changes: list[DepositEvent] = []


class _Job:
    """A write that waits for its turn, and its outcome."""

    __slots__ = ("done", "error", "result", "work")

    def __init__(self, work: Callable[[Session], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.done: Callable[[], None] = lambda: None


class Store:
    """An open store. Make one with `Store.open`; close it with `close` (or use `with`).

    `on_commit`, when set, is called in the trio thread with the changes of each transaction after
    it became durable.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.sql = load_queries()
        self.on_commit: Callable[[list[DepositEvent]], None] | None = None
        self._writer = self._connect()
        self._readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()
        self._write_lock = threading.Lock()
        self._limiter = trio.CapacityLimiter(4)

    @classmethod
    def open(cls, path: Path, clock: Clock = utc_now) -> Store:
        """Open, and bring to the newest schema. Raises StoreError with what to do."""
        try:
            _make_private(path)
            store = cls(path, clock)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                _(
                    "the store {path} cannot be opened: {error}; check the folder and its rights"
                ).format(path=path, error=error)
            ) from error
        try:
            migrate(store._writer, path)
        except BaseException:
            store.close()
            raise
        return store

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MILLISECONDS / 1000,
        )
        connection.row_factory = sqlite3.Row
        try:
            _use_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the writes that wait, then close all connections."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None
        with contextlib.suppress(queue.Empty):
            while True:
                self._readers.get_nowait().close()
        self._writer.close()

    # -- writing

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in the writer's next transaction; return when that is durable.

        Raises what `work` raises, and StoreError if the disk or the database fails; in both cases
        nothing of `work` was kept.
        """
        self._ensure_writer()
        job, token, done = _Job(work), trio.lowlevel.current_trio_token(), trio.Event()
        job.done = lambda: token.run_sync_soon(done.set)
        self._jobs.put(job)
        with trio.CancelScope(shield=True):
            await done.wait()
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def write_now(self, work: Callable[[Session], T]) -> T:
        """`write` for callers without trio (the command line)."""
        job = _Job(work)
        self._commit([job])
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _ensure_writer(self) -> None:
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._write_loop,
                    args=(trio.lowlevel.current_trio_token(),),
                    name="store-writer",
                    daemon=True,
                )
                self._thread.start()

    def _write_loop(self, token: trio.lowlevel.TrioToken) -> None:
        stop = False
        while not stop:
            group: list[_Job] = []
            item: _Job | None = self._jobs.get()
            while item is not None:
                group.append(item)
                if len(group) >= MAX_GROUP:
                    break
                try:
                    item = self._jobs.get_nowait()
                except queue.Empty:
                    break
            stop = item is None
            if not group:
                continue
            changes = self._commit(group)
            with contextlib.suppress(trio.RunFinishedError):
                if changes and self.on_commit is not None:
                    token.run_sync_soon(self.on_commit, changes)
                for job in group:
                    job.done()

    def _commit(self, group: list[_Job]) -> list[DepositEvent]:
        """One transaction for the group. Fills in each job's result or error."""
        changes: list[DepositEvent] = []
        with self._write_lock:
            connection = self._writer
            try:
                connection.execute("BEGIN IMMEDIATE")
                for job in group:
                    changes += self._run(connection, job)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                failure = StoreError(
                    _(
                        "the store {path} could not be written: {error}; free some disk space or "
                        "check the disk, nothing was lost"
                    ).format(path=self.path, error=error)
                )
                failure.__cause__ = error
                for job in group:
                    job.error = failure
                return []
        return changes

    def _run(self, connection: sqlite3.Connection, job: _Job) -> list[DepositEvent]:
        session = Session(connection, self.sql, self.clock)
        connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(session)
        except sqlite3.OperationalError:
            raise  # the disk or the database, not the job: the whole group fails
        except BaseException as error:
            job.error = error
            if not connection.in_transaction:  # SQLite itself gave the transaction up
                raise sqlite3.OperationalError(str(error)) from error
            connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
            return []
        connection.execute("RELEASE job")
        return session.changes

    def _undo(self) -> None:
        if self._writer.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")

    # -- reading

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on a reading connection, in a thread. `work` must not write."""
        return await trio.to_thread.run_sync(self.read_now, work, limiter=self._limiter)

    def read_now(self, work: Callable[[Session], T]) -> T:
        """`read` for callers without trio."""
        with self._reader() as connection:
            try:
                return work(Session(connection, self.sql, self.clock))
            except sqlite3.Error as error:
                raise StoreError(
                    _("the store {path} could not be read: {error}; check the disk").format(
                        path=self.path, error=error
                    )
                ) from error

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
        try:
            yield connection
        finally:
            self._readers.put(connection)

    def data_version(self) -> int:
        """A number that changes when another process wrote. Cheap."""
        with self._write_lock:
            row = self._writer.execute("PRAGMA data_version").fetchone()
        return int(row[0])


def _make_private(path: Path) -> None:
    """Make the store readable by its owner only, before anything is in it: it holds payroll files
    and returns. SQLite gives the files beside it the same mode. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(handle)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, waiting for whoever is busy with the store.

    SQLite's own waiting does not cover this statement when another process writes at that moment,
    as happens when two open a new store at once. Raises sqlite3.Error.
    """
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(BUSY_PAUSE)
        else:
            return
