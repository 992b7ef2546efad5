"""What the person who installs can rely on: a file that is no store of ours is not touched."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vaguemestre.errors import StoreError
from vaguemestre.store.engine import Store
from vaguemestre.store.migrate import APPLICATION_ID, statements, steps


def run(path: Path, *commands: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for command in commands:
            connection.execute(command)
    finally:
        connection.close()


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    finally:
        connection.close()


def test_a_new_store_has_the_newest_schema_and_our_mark(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as store:
        found = store.read_now(
            lambda s: [
                s.connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("user_version", "application_id")
            ]
        )
    assert found == [steps()[-1][0], APPLICATION_ID]


def test_a_store_is_opened_again_with_what_is_in_it(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as store:
        store.write_now(lambda s: s.sql.secret_set(s.connection, name="a", sealed=b"x", now="t"))
    with Store.open(tmp_path / "store.db") as store:
        row = store.read_now(lambda s: s.sql.secret_get(s.connection, name="a"))
    assert bytes(row["sealed"]) == b"x"


def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    run(path, "CREATE TABLE invoice (id INTEGER)")
    with pytest.raises(StoreError, match=r"other\.db"):
        Store.open(path)
    assert tables(path) == {"invoice"}


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(path).close()
    run(path, f"PRAGMA user_version = {steps()[-1][0] + 1}")
    before = tables(path)
    with pytest.raises(StoreError, match=r"store\.db"):
        Store.open(path)
    assert tables(path) == before


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"store\.db"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        Store.open(tmp_path / "nowhere" / "store.db")


def test_a_store_that_somebody_writes_to_is_waited_for(tmp_path: Path) -> None:
    """Before the write-ahead log is in use, SQLite gives up at once where it should wait."""
    path = tmp_path / "store.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    release.start()
    with Store.open(path) as store:
        assert store.read_now(lambda s: list(s.sql.secrets_all(s.connection))) == []
    release.join()
    other.close()


def test_many_that_open_a_new_store_at_once_all_find_it_whole(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def open_it(_number: int) -> int:
        start.wait()
        with Store.open(tmp_path / "store.db") as store:
            return len(store.read_now(lambda s: list(s.sql.secrets_all(s.connection))))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [0] * 8
    connection = sqlite3.connect(tmp_path / "store.db")
    try:
        assert connection.execute("PRAGMA user_version").fetchone() == (steps()[-1][0],)
    finally:
        connection.close()


def test_a_script_is_cut_into_its_statements_at_the_right_places() -> None:
    script = "-- one; two\nCREATE TABLE a (b TEXT DEFAULT ';');\n\nCREATE INDEX c\n  ON a (b);\n"
    assert len(statements(script)) == 2


def test_findings_of_a_store_from_before_are_still_read(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = [*statements(steps()[0][1]), f"PRAGMA application_id = {APPLICATION_ID}"]
    run(path, *first, "PRAGMA user_version = 1", "PRAGMA foreign_keys = OFF")
    run(
        path,
        "INSERT INTO finding (deposit_id, severity, code, rubrique, line, value, message) "
        "VALUES (NULL, 'blocking', 'X', '', 7, '', 'Corrigez.')",
    )
    with Store.open(path) as store:
        rows = store.read_now(
            lambda s: s.connection.execute(
                "SELECT line, label, lines, count FROM finding"
            ).fetchall()
        )
    assert [tuple(row) for row in rows] == [(7, "", "", 1)]
