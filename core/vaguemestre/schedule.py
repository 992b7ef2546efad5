"""Reminds people of deadlines: what is still held, rejected, refused, in doubt, not sent or not
made by hand when its time comes near, and when it is over. Each stage is told once a deposit.

By when a deposit must be at the platform is known since it was controlled; what its format and the
configuration have to do with that is said there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum

import trio

from vaguemestre.clock import from_text, to_text
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.model import Level, Notice
from vaguemestre.notices import post_in
from vaguemestre.store.engine import Session, Store
from vaguemestre.words import state_word, time_word

#: Seconds between two looks: well below the shortest time before a deadline that is told.
LOOK = 300.0
#: How long before its deadline a deposit is told of: two days are enough to correct a file, a
#: morning to telephone.
EARLY, SOON = timedelta(hours=48), timedelta(hours=4)
#: What changed within this time is on its way, or was told of by itself.
QUIET = timedelta(minutes=15)
#: Deadlines that are over for longer are history; whoever has just installed us wants none of it.
PAST = timedelta(days=20)
#: Most deposits in one look, and most that are named in one notice.
MOST, NAMED = 1000, 10


class Stage(IntEnum):
    """How near the deadline is. Of two that are possible, the second one has a stage of its own."""

    NONE = 0
    EARLY = 1
    SOON = 2
    OVER = 3
    SURELY_OVER = 4


def stage_of(first: datetime, last: datetime, now: datetime) -> Stage:
    """The stage at `now` of a deposit that is due at `first`, or perhaps only at `last`."""
    if now >= last and last > first:
        return Stage.SURELY_OVER
    if now >= first:
        return Stage.OVER
    if now >= first - SOON:
        return Stage.SOON
    return Stage.EARLY if now >= first - EARLY else Stage.NONE


class Schedule:
    """The service of the deployment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self) -> None:
        """Remind for ever."""
        while True:
            await self.look()
            await trio.sleep(LOOK)

    async def look(self) -> None:
        """One round. Nothing is written when there is nothing to say."""
        if await self._store.read(_due):
            await self._store.write(_remind)


def _due(session: Session) -> list[tuple[Stage, sqlite3.Row]]:
    """What has reached a stage that was not told, with it."""
    rows = session.sql.deposits_to_remind(
        session.connection,
        after=to_text(session.moment - PAST),
        before=to_text(session.moment + EARLY),
        quiet_since=to_text(session.moment - QUIET),
        stages=max(Stage).value,
        limit=MOST,
    )
    staged = [
        (stage_of(from_text(r["due_at"]), from_text(r["due_latest"]), session.moment), r)
        for r in rows
    ]
    return [(stage, row) for stage, row in staged if stage > row["due_told"]]


def _remind(session: Session) -> None:
    groups: dict[tuple[Stage, str], list[sqlite3.Row]] = {}
    for stage, row in _due(session):
        key = "due_latest" if stage is Stage.SURELY_OVER else "due_at"
        groups.setdefault((stage, row[key]), []).append(row)
        session.sql.deposit_reminded(session.connection, id=row["id"], stage=stage.value)
    for (stage, due), rows in groups.items():
        post_in(session, _notice(stage, due, rows))


def _notice(stage: Stage, due: str, rows: Sequence[sqlite3.Row]) -> Notice:
    over = stage >= Stage.OVER
    one = len(rows) == 1
    title = _title(over=over, one=one).format(
        name=rows[0]["name"], count=len(rows), time=time_word(from_text(due))
    )
    lines = [_line(row) for row in rows[:NAMED]]
    if len(rows) > NAMED:
        lines.append(_("and {count} more").format(count=len(rows) - NAMED))
    if any(row["due_at"] != row["due_latest"] for row in rows) and stage < Stage.SURELY_OVER:
        lines.append(
            _(
                "Some employers may have a later due day: write it in the configuration "
                "([[deadline]])."
            )
        )
    return Notice(
        # The last deposit makes the key another one when more of them get there later.
        key=f"deadline:{due}:{stage.value}:{rows[-1]['id']}",
        level=Level.ERROR if over else Level.WARNING,
        title=title,
        text="\n".join(lines),
        deposit=rows[0]["id"] if one else None,
    )


def _title(*, over: bool, one: bool) -> str:
    if one:
        return (
            _("{name} was due by {time} and is not deposited")
            if over
            else _("{name} is due by {time} and is not deposited yet")
        )
    return (
        _("{count} declarations were due by {time} and are not deposited")
        if over
        else _("{count} declarations are due by {time} and are not deposited yet")
    )


def _line(row: sqlite3.Row) -> str:
    state = State(row["state"])
    text = _("{name}: {state}. {advice}")
    advice = _advice(state).format(id=row["id"])
    return text.format(name=row["name"], state=state_word(state), advice=advice)


def _advice(state: State) -> str:
    return {
        State.HELD: _("Decide: vaguemestre deposits show {id}"),
        State.REJECTED: _("Correct it and drop it again: vaguemestre deposits show {id}"),
        State.REFUSED: _("Correct it and drop it again: vaguemestre deposits show {id}"),
        State.IN_DOUBT: _("Find out whether it arrived: vaguemestre deposits settle {id}"),
        State.HANDED_OVER: _(
            "Deposit it by hand, then: vaguemestre deposits settle {id} --deposited REFERENCE"
        ),
        State.FAILED: _("Try again: vaguemestre deposits retry {id}"),
        State.READY: _("It could not be sent so far: vaguemestre deposits show {id}"),
    }[state]
