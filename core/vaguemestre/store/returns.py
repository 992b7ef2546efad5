"""Returns in the store: announced, fetched, read, matched to their deposit.

A return is first a row (committed with the collector's cursor), then a document, then a file in the
inbox folder. Each step is durable and can be done again after a crash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vaguemestre.clock import to_text
from vaguemestre.lifecycle import TABLE, Event, State
from vaguemestre.locale import _
from vaguemestre.model import Announcement, Effect, Level, Notice, ReturnSummary
from vaguemestre.notices import post_in
from vaguemestre.store import deposits, documents, journal
from vaguemestre.store.documents import Packed
from vaguemestre.store.engine import Session

#: Version of the return that is the platform's immediate answer itself.
RECEIPT = "receipt"

EVENTS = {
    Effect.CERTIFICATE: Event.CERTIFICATE,
    Effect.REFUSED: Event.REPORT_KO,
    Effect.TO_CHECK: Event.REPORT_ANO,
}


def announce(
    session: Session,
    announcements: Sequence[Announcement],
    *,
    account: str,
    profile: str,
    platform: str,
) -> int:
    """Keep what is new among the announced; how many that are."""
    return sum(
        _add(session, a, account=account, profile=profile, platform=platform) is not None
        for a in announcements
    )


def _add(
    session: Session, a: Announcement, *, account: str, profile: str, platform: str
) -> int | None:
    deposit = session.sql.deposit_by_reference(
        session.connection, account=account, reference=a.reference
    )
    is_receipt = a.version != RECEIPT and session.sql.return_is_receipt(
        session.connection,
        account=account,
        reference=a.reference,
        nature=a.nature,
        status=a.status,
    )
    added: int | None = session.sql.return_add(
        session.connection,
        deposit_id=deposit["id"] if deposit else None,
        profile=deposit["profile"] if deposit else profile,
        platform=platform,
        account=account,
        reference=a.reference,
        nature=a.nature,
        organism=a.organism,
        delegate=a.delegate,
        version=a.version,
        status=a.status,
        published_at=to_text(a.published_at) if a.published_at else None,
        locator=a.locator,
        fetch="same" if is_receipt else "pending",
        now=session.now,
    )
    return added


def set_cursor(session: Session, account: str, value: str) -> None:
    session.sql.cursor_set(session.connection, account=account, value=value, now=session.now)


def store_receipt(
    session: Session,
    row: sqlite3.Row,
    reference: str,
    packed: Packed,
    media_type: str,
    summary: ReturnSummary,
) -> None:
    """Keep the platform's immediate answer as the first return of the deposit `row`.

    The journal has it already, with the receipt or the refusal.
    """
    documents.put(session, packed)
    added = session.sql.receipt_add(
        session.connection,
        deposit_id=row["id"],
        profile=row["profile"],
        platform=row["platform"],
        account=row["account"],
        reference=reference,
        nature=summary.nature,
        version=RECEIPT,
        status=summary.status,
        label=summary.label,
        advice=summary.advice,
        family=summary.family,
        sha256=packed.sha256,
        media_type=media_type,
        now=session.now,
    )
    if added is not None:
        deposits.add_findings(session, summary.findings, return_id=added)


def complete(
    session: Session,
    return_id: int,
    packed: Packed,
    media_type: str,
    name: str,
    summary: ReturnSummary,
    deposit: int | None = None,
) -> None:
    """The document is here and read. It may move its deposit; `deposit`: that one, if the return
    itself names none."""
    row = session.sql.return_get(session.connection, id=return_id)
    if row["deposit_id"] is None and deposit is not None:
        _give(session, return_id, deposit)
    documents.put(session, packed)
    same = session.sql.return_same(
        session.connection,
        account=row["account"],
        reference=row["reference"],
        nature=row["nature"],
        sha256=packed.sha256,
        id=return_id,
    )
    session.sql.return_complete(
        session.connection,
        id=return_id,
        fetch="same" if same else "stored",
        sha256=packed.sha256,
        media_type=media_type,
        name=name,
        # The listing's word wins over the document's: it is what the platform says last.
        status=row["status"] or summary.status,
        author=summary.organism,
        label=summary.label,
        advice=summary.advice,
        family=summary.family,
        effect=summary.effect.value,
        now=session.now,
    )
    deposits.add_findings(session, summary.findings, return_id=return_id)
    row = session.sql.return_get(session.connection, id=return_id)
    if row["deposit_id"] is not None:
        _tell(session, row)


def close(session: Session, return_id: int, fetch: str) -> None:
    """No document will come: `gone` or `refused`. The return stays listed."""
    row = session.sql.return_get(session.connection, id=return_id)
    session.sql.return_complete(
        session.connection,
        id=return_id,
        fetch=fetch,
        sha256=None,
        now=session.now,
        **{k: row[k] for k in ("media_type", "name", "status", "author")},
        **{k: row[k] for k in ("label", "advice", "family", "effect")},
    )


def adopt(session: Session, row: sqlite3.Row, reference: str) -> None:
    """Give the deposit `row` the returns of its reference that came before it was known."""
    unmatched = session.sql.returns_unmatched(
        session.connection, account=row["account"], reference=reference
    )
    for found in list(unmatched):
        session.sql.return_adopt(
            session.connection, id=found["id"], deposit_id=row["id"], profile=row["profile"]
        )
        if found["fetch"] in ("stored", "same"):
            _tell(session, session.sql.return_get(session.connection, id=found["id"]))


def belongs(session: Session, *, return_id: int, deposit: int) -> None:
    """A return that is here turns out to belong to the deposit: it may move it."""
    _give(session, return_id, deposit)
    _tell(session, session.sql.return_get(session.connection, id=return_id))


def _give(session: Session, return_id: int, deposit: int) -> None:
    row = deposits.get(session, deposit)
    if row is None:
        raise KeyError(deposit)
    session.sql.return_adopt(
        session.connection, id=return_id, deposit_id=deposit, profile=row["profile"]
    )


def _tell(session: Session, row: sqlite3.Row) -> None:
    """Write the return into its deposit's journal, and move the deposit if it changes it."""
    deposit = deposits.get(session, row["deposit_id"])
    if deposit is None:
        raise KeyError(row["deposit_id"])
    state = State(deposit["state"])
    data: dict[str, Any] = {
        "return": row["id"],
        "nature": row["nature"],
        "status": row["status"],
        "sha256": row["sha256"],
    }
    event = EVENTS.get(Effect(row["effect"]))
    if event is None or event not in TABLE[state]:
        journal.write(session, deposit["id"], journal.RETURN, state.value, data)
        return
    reached = journal.move(session, deposit["id"], event, message=row["label"], **data)
    if reached is not state and reached in (State.REFUSED, State.TO_CHECK):
        post_in(session, _bad_news(deposit, row, reached))


def _bad_news(deposit: sqlite3.Row, row: sqlite3.Row, state: State) -> Notice:
    """What a person is told when a return turns a deposit."""
    if state is State.REFUSED:
        title = _("The platform refused {name}: nothing is declared")
        text = _("{label}. {advice} Details: {command}")
        usual = _("Correct the file and drop it again.")
    else:
        title = _("A report on {name} has anomalies to be checked")
        text = _("{label}. {advice} Details: {command}")
        usual = _("Look at what it says.")
    command = f"vaguemestre returns show {row['id']}"
    return Notice(
        key=f"{state.value}:{deposit['id']}",
        level=Level.ERROR if state is State.REFUSED else Level.WARNING,
        title=title.format(name=deposit["name"]),
        text=text.format(label=row["label"], advice=row["advice"] or usual, command=command),
        deposit=deposit["id"],
        profile=deposit["profile"],
    )


def postpone(session: Session, return_id: int, again: datetime) -> None:
    """The document could not be fetched now."""
    session.sql.return_postpone(session.connection, id=return_id, next_try_at=to_text(again))
