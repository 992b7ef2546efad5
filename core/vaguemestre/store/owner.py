"""One daemon on a store: whoever holds the lock file is its owner.

The lock is SQLite's own exclusive lock on a small database beside the store, held by an open
transaction. The system frees it when the process dies, however it dies, on every platform. Who
holds it is written beside, for people.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from pathlib import Path

from vaguemestre.clock import to_text, utc_now
from vaguemestre.errors import StoreError
from vaguemestre.files import write_durably
from vaguemestre.locale import _


class Owner:
    """The ownership of a store, from `take` until `release` or the end of the process."""

    def __init__(self, store: Path, connection: sqlite3.Connection) -> None:
        self.store = store
        self._connection = connection

    @classmethod
    def take(cls, store: Path) -> Owner:
        """Become the owner. Raises StoreError that says who holds the store."""
        connection = sqlite3.connect(_lock_path(store), isolation_level=None, timeout=0.2)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            raise StoreError(
                _("another daemon already works on {store}: {holder}; stop it first").format(
                    store=store, holder=holder(store) or _("unknown")
                )
            ) from error
        me = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": to_text(utc_now()),
        }
        write_durably(_note_path(store), json.dumps(me).encode())
        return cls(store, connection)

    def release(self) -> None:
        _note_path(self.store).unlink(missing_ok=True)
        self._connection.close()


def holder(store: Path) -> str:
    """Who runs on the store, for people; "" if nobody does or nobody said so."""
    try:
        note = json.loads(_note_path(store).read_bytes())
        return _("process {pid} on {host}, since {since}").format(**note)
    except (OSError, ValueError, KeyError):
        return ""


def is_owned(store: Path) -> bool:
    """Whether a daemon runs on the store now."""
    lock = _lock_path(store)
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


def _lock_path(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


def _note_path(store: Path) -> Path:
    return store.with_name(store.name + ".owner")
