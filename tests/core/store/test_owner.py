"""What the person who installs can rely on: never two daemons on a store, and no lock that
outlives its process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vaguemestre.errors import StoreError
from vaguemestre.store.owner import Owner, holder, is_owned

HOLD = """
import sys
from pathlib import Path
from vaguemestre.store.owner import Owner
owner = Owner.take(Path(sys.argv[1]))
print("taken", flush=True)
sys.stdin.read()
owner.release()
"""


@contextmanager
def other_process(store: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the store until its standard input ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "taken\n"
        try:
            yield child
        finally:
            child.kill()


def test_a_second_process_is_refused_and_told_who_holds_the_store(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with other_process(store) as child:
        assert is_owned(store)
        assert str(child.pid) in holder(store)
        with pytest.raises(StoreError, match=rf"\b{child.pid}\b"):
            Owner.take(store)


def test_a_killed_process_holds_nothing_any_more(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with other_process(store) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not is_owned(store)
        Owner.take(store).release()


def test_a_process_that_ends_well_leaves_no_note(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with other_process(store) as child:
        child.communicate()
        assert child.returncode == 0
    assert holder(store) == ""
    assert not is_owned(store)


def test_looking_does_not_take(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    assert not is_owned(store)
    owner = Owner.take(store)
    assert is_owned(store)
    owner.release()
    assert not is_owned(store)
    Owner.take(store).release()


def test_two_stores_have_two_owners(tmp_path: Path) -> None:
    one, two = Owner.take(tmp_path / "one.db"), Owner.take(tmp_path / "two.db")
    one.release()
    two.release()


def test_an_unreadable_note_does_not_keep_the_reason_from_being_said(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with other_process(store):
        (tmp_path / "store.db.owner").write_bytes(b"{")
        with pytest.raises(StoreError, match=r"store\.db"):
            Owner.take(store)
