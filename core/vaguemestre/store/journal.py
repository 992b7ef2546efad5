"""Moves deposits through their life, and writes every step into the hash-chained journal.

Nothing else writes a deposit's state. Each event's hash covers the hash before it, the deposit, the
time, the kind, the state and the data: a journal that was changed afterwards no longer adds up.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vaguemestre.clock import to_text
from vaguemestre.lifecycle import Event, State, after
from vaguemestre.model import DepositEvent
from vaguemestre.store.engine import Session

#: Kinds of journal entries that change no state.
TAKEN = "taken"
DUPLICATE = "duplicate"
RETURN = "return"


def move(
    session: Session,
    deposit: int,
    event: Event,
    *,
    message: str = "",
    next_try_at: datetime | None = None,
    tries: int = 0,
    **data: Any,
) -> State:
    """Apply `event` to the deposit and write it down; the new state.

    `message` is what people see beside the state. Raises TransitionError when the event does not
    exist in the deposit's state (somebody else was quicker), KeyError for an unknown deposit.
    """
    row = session.sql.deposit_get(session.connection, id=deposit)
    if row is None:
        raise KeyError(deposit)
    previous = State(row["state"])
    state = after(previous, event)
    if message:
        data["message"] = message
    seq, digest = _append(session, row, event.value, state.value, data)
    session.sql.deposit_move(
        session.connection,
        id=deposit,
        state=state.value,
        message=message,
        now=session.now,
        next_try_at=to_text(next_try_at) if next_try_at else None,
        tries=tries,
        seq=seq,
        hash=digest,
    )
    session.changes.append(
        DepositEvent(
            deposit=deposit,
            event=event.value,
            state=state.value,
            previous=previous.value,
            at=session.moment,
            module=row["module"],
            reference=data.get("reference") or row["reference"] or "",
        )
    )
    return state


def begin(session: Session, deposit: int, **data: Any) -> None:
    """Write the first entry of a deposit that was just received."""
    write(session, deposit, TAKEN, State.RECEIVED.value, data)
    session.changes.append(
        DepositEvent(
            deposit=deposit,
            event=TAKEN,
            state=State.RECEIVED.value,
            previous="",
            at=session.moment,
        )
    )


def write(session: Session, deposit: int, kind: str, state: str, data: dict[str, Any]) -> None:
    """Append an event to the deposit's journal."""
    row = session.sql.event_last(session.connection, deposit_id=deposit)
    seq, digest = _append(session, {"id": deposit, **row}, kind, state, data)
    session.sql.event_last_set(session.connection, deposit_id=deposit, seq=seq, hash=digest)


def _append(
    session: Session, row: Mapping[str, Any], kind: str, state: str, data: dict[str, Any]
) -> tuple[int, str]:
    """Insert the event behind the last one that `row` names; its number and its hash."""
    deposit, seq = row["id"], row["event_seq"] + 1
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = chain(row["event_hash"], deposit, seq, session.now, kind, state, text)
    session.sql.event_add(
        session.connection,
        deposit_id=deposit,
        seq=seq,
        at=session.now,
        kind=kind,
        state=state,
        data=text,
        hash=digest,
    )
    return seq, digest


def chain(previous: str, deposit: int, seq: int, at: str, kind: str, state: str, data: str) -> str:
    """SHA-256 over the fields, each on its own line in this order."""
    lines = "\n".join([previous, str(deposit), str(seq), at, kind, state, data])
    return hashlib.sha256(lines.encode()).hexdigest()


def first_break(events: list[sqlite3.Row], deposit: int, end: str | None = None) -> int | None:
    """The number of the first event that does not fit its chain, or None if all do.

    `end`: the hash that the deposit's own row holds of its last event, so that a journal whose end
    was cut off shows, too.
    """
    previous = ""
    for number, row in enumerate(events, start=1):
        expected = chain(
            previous, deposit, number, row["at"], row["kind"], row["state"], row["data"]
        )
        if row["seq"] != number or row["hash"] != expected:
            return number
        previous = row["hash"]
    return None if end in (None, previous) else len(events) + 1
