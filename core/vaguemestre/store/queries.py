"""The SQL of the store, by name. Statements stand in `sql/*.sql`; here they are only loaded."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any

Queries = Any
"""An aiosql object: one function for each named statement, taking a connection first."""


@lru_cache
def load_queries() -> Queries:
    """Load all statements, once a process. aiosql is imported here: commands that need no store
    start without it."""
    import aiosql
    from aiosql.adapters.sqlite3 import SQLite3Adapter

    class Adapter(SQLite3Adapter):
        """aiosql's adapter, taught that single values come in `sqlite3.Row`s here."""

        def select_value(
            self,
            conn: sqlite3.Connection,
            query_name: str,  # noqa: ARG002 - aiosql passes it
            sql: str,
            parameters: Any,
        ) -> Any:
            row = conn.execute(sql, parameters).fetchone()
            return None if row is None else row[0]

        def insert_returning(
            self, conn: sqlite3.Connection, query_name: str, sql: str, parameters: Any
        ) -> Any:
            return self.select_value(conn, query_name, sql, parameters)

    return aiosql.from_path(Path(__file__).parent / "sql", Adapter, mandatory_parameters=False)
