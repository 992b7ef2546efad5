"""Brings a store to the newest schema: numbered steps, forward only, each in one transaction."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from pathlib import Path

from vaguemestre.errors import StoreError
from vaguemestre.locale import _

FOLDER = Path(__file__).parent / "migrations"

#: "VAGM" in ASCII: a file that another program made is refused before it is touched.
APPLICATION_ID = 0x5641474D


@lru_cache
def steps() -> tuple[tuple[int, str], ...]:
    """(number, SQL) of each migration, in order."""
    found = []
    for path in sorted(FOLDER.glob("*.sql")):
        number = re.match(r"(\d{4})_", path.name)
        if number:
            found.append((int(number[1]), path.read_text("utf-8")))
    return tuple(found)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply what is missing. Raises StoreError for a store that is not ours, or is too new."""
    try:
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        raise StoreError(
            _(
                "{path} is not a store of Vaguemestre or is damaged ({error}); put back a "
                "backup or choose another path"
            ).format(path=path, error=error)
        ) from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    newest = steps()[-1][0]
    version = _version(connection)
    if version == newest:
        return
    if version > newest:
        raise StoreError(
            _(
                "the store {path} was written by a newer version of Vaguemestre; install that "
                "version again"
            ).format(path=path)
        )
    for number, script in steps():
        connection.execute("BEGIN IMMEDIATE")
        try:
            if number > _version(connection):
                _check_owner(connection, path)
                for statement in statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise StoreError(
            _("{path} is a database of another program; choose another path for the store").format(
                path=path
            )
        )


def statements(script: str) -> list[str]:
    """The statements of a script, one by one, so that they stay in our transaction."""
    found, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current.strip())
            current = ""
    return found
