"""The SQL of the store, by name. Statements stand in `sql/*.sql`; here they are only loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

Queries = Any
"""An aiosql object: one function for each named statement, taking a connection first."""


@lru_cache
def load_queries() -> Queries:
    import aiosql

    return aiosql.from_path(Path(__file__).parent / "sql", "sqlite3", mandatory_parameters=False)
