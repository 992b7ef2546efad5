"""Confronts a deposit with those that went before it, in the very transaction that lets it go.

The store has one writer: of two files that arrive at the same moment, in whichever outboxes, the
second one sees what became of the first. What is doubtful is held, with its reasons; a person who
releases it overrides those reasons, and no others. What the rules are stands in `precedents.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from vaguemestre import precedents
from vaguemestre.clock import from_text
from vaguemestre.lifecycle import Event, State
from vaguemestre.model import Declaration, Due
from vaguemestre.notices import post_in
from vaguemestre.precedent_words import finding, line, notice
from vaguemestre.precedents import Precedents, Question, Remark, Why
from vaguemestre.store import claims, deposits, journal
from vaguemestre.store.engine import Session


def confront(session: Session, deposit: int) -> Precedents:
    """Judge the deposit by what it claims, say what it follows on, and give the doubts that nobody
    has overridden."""
    found = look(session, deposit)
    claims.put_links(session, deposit, found.links)
    return found


def look(session: Session, deposit: int) -> Precedents:
    """The same without writing anything."""
    row = deposits.get(session, deposit)
    declaration = deposits.declaration_of(row) if row is not None else None
    if row is None or declaration is None:
        return Precedents()
    own = claims.of(session, deposit)
    question = Question(
        deposit=deposit,
        test=declaration.test,
        replacing=any(claim.replaced for claim in own),
        cancels=declaration.cancels,
        rank=declaration.rank,
        due=_applying(row, declaration),
        now=session.moment,
    )
    found = precedents.judge(question, claims.meeting(session, deposit, own))
    overridden = row["overridden"].split()
    doubts = tuple(remark for remark in found.doubts if remark.code not in overridden)
    return Precedents(doubts, found.warnings, found.links)


def _applying(row: sqlite3.Row, declaration: Declaration) -> tuple[Due, ...]:
    """The moments that can apply to its employer, as was found out when it was controlled."""
    if row["due_at"] is None:
        return ()
    first, last = from_text(row["due_at"]), from_text(row["due_latest"])
    return tuple(due for due in declaration.due if first <= due.at <= last)


def keep_doubts(session: Session, deposit: int, doubts: Sequence[Remark], name: str) -> None:
    """Write down why the deposit is held, so that its release overrides just that; tell people."""
    codes = " ".join(remark.code for remark in doubts)
    session.sql.deposit_doubt(session.connection, id=deposit, doubts=codes)
    post_in(session, notice(doubts[0], deposit, name))


def again(session: Session, deposit: int) -> State:
    """For a deposit that is ready again after it was out of the way for a while (it had failed, or
    nobody knew where it was): held if another one took its place meanwhile. Its state."""
    doubts = confront(session, deposit).doubts
    return _hold(session, deposit, doubts) if doubts else State.READY


def hold_closed(session: Session, profile: str) -> None:
    """Hold what is ready but waited too long for its turn: the platform no longer takes it. Called
    before deposits are sent."""
    rows = session.sql.deposits_closed(session.connection, profile=profile, now=session.now)
    for row in list(rows):
        found = look(session, row["id"]).doubts
        if closed := [remark for remark in found if remark.why is Why.CLOSED]:
            _hold(session, row["id"], closed)


def _hold(session: Session, deposit: int, doubts: Sequence[Remark]) -> State:
    row = deposits.get(session, deposit)
    assert row is not None  # noqa: S101 - it was just judged
    deposits.add_findings(session, [finding(d, deposit) for d in doubts], deposit=deposit)
    state = journal.move(
        session, deposit, Event.HOLD, message=line(doubts[0]), doubts=codes(doubts)
    )
    keep_doubts(session, deposit, doubts, row["name"])
    return state


def codes(doubts: Sequence[Remark]) -> list[str]:
    """The doubts for the journal."""
    return [remark.code for remark in doubts]
