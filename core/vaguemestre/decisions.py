"""What people decide about deposits: release, hold, recheck, retry, withdraw, settle, check off.

Used by the command line now and by pages later. Each function is one step inside a transaction;
the running daemon notices it by itself. What is possible when is said by `lifecycle.py` alone.
"""

from __future__ import annotations

import getpass
import os
import sqlite3
from typing import Any

from vaguemestre.confront import again
from vaguemestre.errors import VaguemestreError
from vaguemestre.lifecycle import TABLE, Event, State, TransitionError
from vaguemestre.locale import _
from vaguemestre.store import deposits, journal, returns
from vaguemestre.store.engine import Session
from vaguemestre.words import state_word


class NotPossible(VaguemestreError):
    """The decision does not fit the deposit now; the message says why, for people."""


def decide(session: Session, deposit: int, event: Event, *, by: str, note: str = "") -> State:
    """Apply a person's decision other than settling; the new state.

    `by`: who decided, for the journal. `note`: their reason, shown beside the state. Raises
    NotPossible.
    """
    row = _existing(session, deposit)
    # What the person agrees to, of all that may be doubtful about it.
    agreed = row["doubts"].split() if event is Event.RELEASE else []
    more: dict[str, Any] = {"overrides": agreed} if agreed else {}
    try:
        state = journal.move(
            session, deposit, event, message=note or _default_message(event, by), by=by, **more
        )
    except TransitionError as error:
        raise _refusal(deposit, error) from error
    if event is Event.RELEASE:
        session.sql.deposit_release(session.connection, id=deposit)
        session.sql.deposit_override(session.connection, id=deposit)
    return again(session, deposit) if event is Event.RETRY else state


def settle_deposited(
    session: Session, deposit: int, reference: str, *, by: str, note: str = ""
) -> State:
    """A person found the deposit in doubt at the platform, or deposited it there by hand, under
    `reference`. Raises NotPossible."""
    row = _existing(session, deposit)
    other = session.sql.deposit_by_reference(
        session.connection, account=row["account"], reference=reference
    )
    if other is not None and other["id"] != deposit:
        raise NotPossible(
            _("{reference} is already the reference of deposit {other}").format(
                reference=reference, other=other["id"]
            )
        )
    try:
        deposits.settle_deposited(
            session, deposit, Event.SETTLE_DEPOSITED, reference, None, **_trace(by, note)
        )
    except TransitionError as error:
        raise _refusal(deposit, error) from error
    returns.adopt(session, row, reference)
    return State.DEPOSITED


def settle_absent(
    session: Session, deposit: int, *, by: str, note: str = "", withdraw: bool = False
) -> State:
    """A person made sure that the platform does not have the deposit: it is sent again, or with
    `withdraw` never. Raises NotPossible."""
    _existing(session, deposit)
    try:
        journal.move(session, deposit, Event.SETTLE_ABSENT, **_trace(by, note))
    except TransitionError as error:
        raise _refusal(deposit, error) from error
    # In the same transaction: nobody can have sent it in between.
    if withdraw:
        return decide(session, deposit, Event.WITHDRAW, by=by, note=note)
    return again(session, deposit)


def who() -> str:
    """The name of the system account that runs this process, for the journal."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in containers
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "?"


def _existing(session: Session, deposit: int) -> sqlite3.Row:
    row = deposits.get(session, deposit)
    if row is None:
        raise NotPossible(_("there is no deposit {deposit}").format(deposit=deposit))
    return row


def _trace(by: str, note: str) -> dict[str, Any]:
    return {"by": by, "note": note} if note else {"by": by}


def _default_message(event: Event, by: str) -> str:
    if event is Event.HOLD:
        return _("Held by {who}").format(who=by)
    if event is Event.WITHDRAW:
        return _("Withdrawn by {who}").format(who=by)
    return ""


def _refusal(deposit: int, error: TransitionError) -> NotPossible:
    """Which states would permit it."""
    permitting = [state_word(state) for state, moves in TABLE.items() if error.event in moves]
    return NotPossible(
        _("deposit {deposit} is: {state}; this is possible only for: {permitting}").format(
            deposit=deposit, state=state_word(error.state), permitting=", ".join(permitting)
        )
    )
