"""A real store on disk, and a short way to put deposits into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaguemestre.lifecycle import Event
from vaguemestre.model import Declaration
from vaguemestre.store import deposits, documents, journal
from vaguemestre.store.engine import Session, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db") as opened:
        yield opened


@pytest.fixture
def receive() -> Callable[[Session, str], int]:
    """Puts one deposit in state `received`, with the name as its bytes; its number."""

    def put(session: Session, name: str) -> int:
        packed = documents.pack(name.encode())
        documents.put(session, packed)
        number = session.sql.file_add(
            session.connection,
            outbox="paie",
            source=name,
            name=name,
            sha256=packed.sha256,
            size=packed.size,
            source_path=b"",
            target_path=b"",
            now=session.now,
            duplicate_of=None,
        )
        return deposits.add(
            session, file_id=number, name=name, sha256=packed.sha256, outbox="paie", source=name
        )

    return put


@pytest.fixture
def make_ready(receive: Callable[[Session, str], int]) -> Callable[..., int]:
    """Puts one deposit that waits for an attempt by `profile`; its number."""

    def put(session: Session, name: str, profile: str = "acme") -> int:
        deposit = receive(session, name)
        deposits.declare(session, deposit, Declaration(kind="letter", module="letter"))
        deposits.route(session, deposit, platform="mail", profile=profile, account="mail:a")
        journal.move(session, deposit, Event.PASS)
        return deposit

    return put
