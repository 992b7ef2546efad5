"""Tells people when nothing stands against a held deposit any more: its original was certified, or
the one that was there before it was refused or withdrawn.

It goes on waiting all the same: whether it is still wanted is a person's matter. Its release has it
compared once more (`confront.py`).
"""

from __future__ import annotations

import sqlite3

import trio

from vaguemestre.confront import look
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.model import Level, Notice
from vaguemestre.notices import post_in
from vaguemestre.store import journal
from vaguemestre.store.engine import Session, Store

#: Seconds between two looks. A certificate takes minutes to hours, the person who reads of it too.
LOOK = 120.0
#: The entry of the journal, which changes no state.
CLEARED = "cleared"


class Relief:
    """The service of the deployment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await trio.sleep(LOOK)

    async def look(self) -> None:
        """One round. Nothing is written when there is nothing to say."""
        if await self._store.read(_relieved):
            await self._store.write(_relieve)


def _relieved(session: Session) -> list[sqlite3.Row]:
    """The deposits that were held for doubts and would be no longer."""
    rows = session.sql.deposits_doubtful(session.connection)
    return [row for row in rows if not look(session, row["id"]).doubts]


def _relieve(session: Session) -> None:
    for row in _relieved(session):
        message = _("Nothing stands against it any more: release it, or withdraw it")
        doubts = row["doubts"].split()
        data = {"doubts": doubts, "message": message}
        journal.write(session, row["id"], CLEARED, State.HELD.value, data)
        session.sql.deposit_doubt(session.connection, id=row["id"], doubts="")
        session.sql.deposit_say(session.connection, id=row["id"], message=message)
        for doubt in doubts:
            code = f"deposit/{doubt.partition(':')[0]}"
            session.sql.finding_drop(session.connection, deposit_id=row["id"], code=code)
        post_in(session, _notice(row))


def _notice(row: sqlite3.Row) -> Notice:
    title = _("{name} need not wait any more").format(name=row["name"])
    text = _(
        "What stood against it is settled ({reason}). It goes on waiting for you: vaguemestre "
        "deposits release {id}, or withdraw {id} if it is not wanted any more."
    )
    return Notice(
        key=f"cleared:{row['id']}",
        level=Level.WARNING,
        title=title,
        text=text.format(reason=row["message"], id=row["id"]),
        deposit=row["id"],
    )
