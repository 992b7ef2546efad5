"""What happens to deposits in the store: taken, controlled, routed, attempted, settled.

Each function is one step inside a transaction (`Store.write`), and leaves the deposit in a state
from which a restart can go on. `Row` values come straight from the table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from vaguemestre.clock import from_text, to_text
from vaguemestre.lifecycle import OVER, Event, State
from vaguemestre.model import Declaration, Finding, HandedOver, Order, Part, Receipt, Refusal
from vaguemestre.store import documents, journal
from vaguemestre.store.documents import Packed
from vaguemestre.store.engine import Session

Row = sqlite3.Row


def get(session: Session, deposit: int) -> Row | None:
    row: Row | None = session.sql.deposit_get(session.connection, id=deposit)
    return row


def add(session: Session, *, file_id: int, name: str, sha256: str, outbox: str, source: str) -> int:
    """A deposit for a file that was just taken, in state `received`."""
    deposit = _insert(session, file_id, 1, 1, name, sha256, outbox)
    journal.begin(session, deposit, source=source, sha256=sha256)
    return deposit


def _insert(
    session: Session, file_id: int, part: int, parts: int, name: str, sha256: str, outbox: str
) -> int:
    return int(
        session.sql.deposit_add(
            session.connection,
            file_id=file_id,
            part=part,
            parts=parts,
            name=name,
            sha256=sha256,
            state=State.RECEIVED.value,
            outbox=outbox,
            message="",
            now=session.now,
        )
    )


def declare(session: Session, deposit: int, declaration: Declaration) -> None:
    """Keep what the file says; of its keys, `claims.put` keeps a digest."""
    declaration = msgspec.structs.replace(declaration, keys=(), replaces=(), subject="")
    session.sql.deposit_declare(
        session.connection,
        id=deposit,
        kind=declaration.kind,
        module=declaration.module,
        issuer=declaration.issuer,
        company=declaration.company,
        period=declaration.period,
        test=int(declaration.test),
        declaration=msgspec.json.encode(declaration).decode(),
    )


def declaration_of(row: Row) -> Declaration | None:
    text = row["declaration"]
    return msgspec.json.decode(text, type=Declaration) if text else None


def put_findings(session: Session, deposit: int, findings: Sequence[Finding]) -> None:
    """Replace the findings of the autocontrol."""
    session.sql.findings_clear(session.connection, deposit_id=deposit)
    add_findings(session, findings, deposit=deposit)


def add_findings(
    session: Session,
    findings: Sequence[Finding],
    *,
    deposit: int | None = None,
    return_id: int | None = None,
) -> None:
    rows = [
        {
            **msgspec.structs.asdict(f),
            "lines": " ".join(map(str, f.lines)),
            "deposit_id": deposit,
            "return_id": return_id,
        }
        for f in findings
    ]
    if rows:
        session.sql.finding_add(session.connection, rows)


def split(session: Session, row: Row, parts: Sequence[tuple[Part, Packed]]) -> None:
    """Give each part a deposit of its own: the first keeps this one, all are controlled again."""
    deposit, total = int(row["id"]), len(parts)
    for number, (part, packed) in enumerate(parts, start=1):
        documents.put(session, packed)
        if number == 1:
            session.sql.deposit_split(
                session.connection,
                id=deposit,
                part=1,
                parts=total,
                name=part.name,
                sha256=packed.sha256,
            )
            journal.move(session, deposit, Event.SPLIT, part=1, parts=total, sha256=packed.sha256)
            continue
        sibling = _insert(
            session, row["file_id"], number, total, part.name, packed.sha256, row["outbox"]
        )
        journal.begin(
            session,
            sibling,
            split_from=deposit,
            part=number,
            parts=total,
            sha256=packed.sha256,
        )
        if row["released"]:
            session.sql.deposit_release(session.connection, id=sibling)


def route(session: Session, deposit: int, *, platform: str, profile: str, account: str) -> None:
    """Say by which profile the deposit goes, or would go."""
    session.sql.deposit_route(
        session.connection, id=deposit, platform=platform, profile=profile, account=account
    )


def claim(session: Session, profile: str, limit: int, endpoint: str = "") -> list[Order]:
    """Open an attempt for up to `limit` deposits that are due. Committed before a byte leaves.

    `endpoint`: where they go, as the adapter names it.
    """
    orders = []
    due = session.sql.deposits_ready(
        session.connection, profile=profile, now=session.now, limit=limit
    )
    for row in list(due):
        number = session.sql.attempt_add(
            session.connection,
            deposit_id=row["id"],
            profile=profile,
            account=row["account"],
            started_at=session.now,
            endpoint=endpoint,
        )
        journal.move(
            session,
            row["id"],
            Event.ATTEMPT,
            tries=row["tries"] + 1,
            number=number,
            profile=profile,
            sha256=row["sha256"],
        )
        orders.append(order_of(session, row, attempt=number, started_at=session.moment))
    return orders


def order_of(session: Session, row: Row, **more: Any) -> Order:
    """The order for the adapter: the very bytes that were controlled."""
    declaration = declaration_of(row)
    assert declaration is not None, "only what was recognised becomes ready"  # noqa: S101
    return Order(
        deposit=row["id"],
        name=row["name"],
        payload=documents.get(session, row["sha256"]),
        sha256=row["sha256"],
        declaration=declaration,
        due=tuple(from_text(at) for at in sorted({row["due_at"], row["due_latest"]} - {None})),
        **more,
    )


def end_attempt(session: Session, deposit: int, outcome: str, evidence: dict[str, Any]) -> None:
    session.sql.attempt_end(
        session.connection,
        deposit_id=deposit,
        ended_at=session.now,
        outcome=outcome,
        evidence=msgspec.json.encode(evidence).decode(),
    )


def receipt(session: Session, deposit: int, answer: Receipt, document: str) -> None:
    """The platform recorded the deposit. `document`: SHA-256 of its answer, or ""."""
    end_attempt(session, deposit, "receipt", answer.evidence)
    _refer(session, deposit, answer.reference, answer.recorded_at)
    journal.move(session, deposit, Event.RECEIPT, reference=answer.reference, document=document)


def refusal(session: Session, deposit: int, answer: Refusal, document: str) -> None:
    """The platform rejected the deposit at once. `document`: SHA-256 of its answer, or ""."""
    end_attempt(session, deposit, "refusal", answer.evidence)
    if answer.reference:
        _refer(session, deposit, answer.reference, None)
    add_findings(session, answer.findings, deposit=deposit)
    journal.move(
        session,
        deposit,
        Event.REFUSAL,
        message=answer.message,
        reference=answer.reference,
        document=document,
    )


def hand_over(session: Session, deposit: int, answer: HandedOver) -> None:
    """The file lies ready for a person: nothing more happens before that person says so."""
    end_attempt(session, deposit, "handed_over", answer.evidence)
    journal.move(
        session, deposit, Event.HAND_OVER, message=answer.message, evidence=answer.evidence
    )


def settle_deposited(
    session: Session,
    deposit: int,
    event: Event,
    reference: str,
    recorded_at: datetime | None,
    **data: Any,
) -> None:
    """A deposit in doubt is at the platform after all."""
    _refer(session, deposit, reference, recorded_at)
    journal.move(session, deposit, event, reference=reference, **data)


def _refer(session: Session, deposit: int, reference: str, at: datetime | None) -> None:
    session.sql.deposit_refer(
        session.connection,
        id=deposit,
        reference=reference,
        deposited_at=to_text(at) if at else session.now,
    )


def interrupt(session: Session, message: str, profile: str = "") -> list[int]:
    """Every attempt still open (of the profile, if one is given) is in doubt: nobody waits for its
    answer any more. Called when a lane, or the daemon, starts."""
    lost = [
        row["deposit_id"]
        for row in session.sql.attempts_open(session.connection)
        if profile in ("", row["profile"])
    ]
    for deposit in lost:
        end_attempt(session, deposit, "interrupted", {})
        journal.move(
            session, deposit, Event.LOSE_TRACK, message=message, next_try_at=session.moment
        )
    return lost


def over(session: Session, among: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Which of the deposits (number and SHA-256) are never sent again. A number with another
    content is a deposit of another store."""
    rows = {number: get(session, number) for number, _sha256 in among}
    return [
        (number, sha256)
        for number, sha256 in among
        if (row := rows[number]) is not None
        and (row["sha256"], State(row["state"]) in OVER) == (sha256, True)
    ]


def doubts(session: Session, account: str) -> list[tuple[Row, Order]]:
    """All deposits in doubt on the account, with orders that bound their last attempt."""
    rows = list(session.sql.deposits_in_doubt(session.connection, account=account))
    return [
        (
            row,
            order_of(
                session,
                row,
                attempt=row["attempt_number"],
                started_at=from_text(row["attempt_started"]),
                ended_at=from_text(row["attempt_ended"]),
            ),
        )
        for row in rows
    ]
