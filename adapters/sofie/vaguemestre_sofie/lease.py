"""One user of an installation at a time, across processes and machines.

On one machine the system's own lock decides: it is freed when its holder dies, however it dies. A
note beside it says who holds it and until when; on a shared disk whose locks do not reach across
machines, a note of another machine that has not run out is respected, too.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from pathlib import Path

import msgspec

from vaguemestre.api import NoEffect, write_durably
from vaguemestre_sofie.texts import _

#: Seconds after which another try makes sense.
AGAIN = 60.0


class Note(msgspec.Struct, frozen=True):
    """Who holds an installation. `until`: when the note runs out unless it is renewed."""

    host: str
    pid: int
    since: float
    until: float


class Lease:
    """The right to use the installation whose records lie in `folder`. `seconds`: how long a note
    is good for: longer than the time between two uses."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._lock: sqlite3.Connection | None = None
        self._since = 0.0

    def hold(self) -> None:
        """Take it, or renew it. Raises NoEffect if somebody else has it, OSError."""
        if self._lock is None:
            self._lock = self._locked()
            self._since = time.time()
        note = read_note(self._folder)
        if note is not None and self._foreign(note) and note.until > time.time():
            self.release(keep_note=True)
            raise self._taken(note)
        mine = Note(socket.gethostname(), os.getpid(), self._since, time.time() + self._seconds)
        write_durably(_place(self._folder), msgspec.json.encode(mine))

    def release(self, *, keep_note: bool = False) -> None:
        """Give it back. Does nothing if it is not held."""
        if self._lock is None:
            return
        if not keep_note:
            _place(self._folder).unlink(missing_ok=True)
        self._lock.close()
        self._lock = None

    def _foreign(self, note: Note) -> bool:
        """On this machine the lock is the proof: a note of another process here is a dead one's."""
        return note.host != socket.gethostname()

    def _locked(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._folder / "lease.lock", isolation_level=None, timeout=0.2, check_same_thread=False
        )
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise self._taken(read_note(self._folder)) from error
        return connection

    def _taken(self, note: Note | None) -> NoEffect:
        return NoEffect(taken(note), retry_after=AGAIN, resting=True)


def taken(note: Note | None) -> str:
    """Who holds an installation, for people."""
    who = _("process {pid} on {host}").format(pid=note.pid, host=note.host) if note else "?"
    return _(
        "Another Vaguemestre uses this installation of SOFiE ({who}); only one may. Stop one of "
        "them."
    ).format(who=who)


def read_note(folder: Path) -> Note | None:
    """Who last held the installation, None if nobody says so."""
    try:
        return msgspec.json.decode(_place(folder).read_bytes(), type=Note)
    except (OSError, ValueError):
        return None


def held_by_another(folder: Path) -> Note | None:
    """Who else holds the installation now; this process' own lease does not count."""
    note = read_note(folder)
    if note is None or note.until <= time.time():
        return None
    here = note.host == socket.gethostname()
    if here and note.pid == os.getpid():
        return None
    return note if not here or _is_locked(folder) else None


def _is_locked(folder: Path) -> bool:
    lock = folder / "lease.lock"
    if not lock.exists():
        return False
    connection = sqlite3.connect(lock, isolation_level=None, timeout=0.0)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
    return False


def _place(folder: Path) -> Path:
    return folder / "lease.json"
