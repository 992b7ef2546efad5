"""Settles what is in doubt: asks the platform, and believes only proof.

An account is asked while nothing of it is on its way, so that everything the platform lists is
known to us, in doubt itself, or foreign. Found settles the deposit. Absent counts only after the
adapter's settling time. Without proof the question is asked again, later and later, and a person
can decide at any time with `deposits settle`.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
import trio
from loguru import logger

from vaguemestre import confront
from vaguemestre.account import Account
from vaguemestre.clock import from_text, to_text
from vaguemestre.contracts import Adapter
from vaguemestre.errors import CredentialRefused, NoEffect
from vaguemestre.lifecycle import Event, TransitionError
from vaguemestre.locale import _
from vaguemestre.model import Absent, Found, HandedOver, Level, Notice, Order, Unknown
from vaguemestre.notices import post_in
from vaguemestre.outcomes import keep_hand_over
from vaguemestre.store import deposits, journal, returns
from vaguemestre.store.engine import Session, Store
from vaguemestre.supervision import backoff
from vaguemestre.testing.points import point

#: Seconds between two questions about one deposit: first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 4.0, 900.0
#: References of attempts this long before the doubt are told to the adapter as known.
NEAR = timedelta(days=2)
#: Without proof for so long, beyond the settling time, a person is told.
PERSON_AFTER = timedelta(minutes=10)


class Reconcile:
    """Settles the deposits in doubt of one account, through the adapter of one of its profiles."""

    def __init__(self, account: Account, adapter: Adapter, store: Store) -> None:
        self._account = account
        self._adapter = adapter
        self._endpoint = type(adapter).endpoint(adapter.profile.settings)
        self._store = store
        self._news = trio.Event()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Settle for ever."""
        while True:
            self._news = trio.Event()
            await self._account.in_use()
            pause = await self._store.read(self._due)
            if pause <= 0:
                await self.settle()
                continue
            with trio.move_on_after(pause):
                await self._news.wait()

    def _due(self, session: Session) -> float:
        for row in session.sql.accounts_in_doubt(session.connection):
            if row["account"] == self._account.name:
                due = from_text(row["due"]) if row["due"] else session.moment
                return (due - session.moment).total_seconds()
        return float("inf")

    async def settle(self) -> None:
        """One round over what is due."""
        async with self._account.quiet():
            pairs = await self._store.read(lambda s: deposits.doubts(s, self._account.name))
            open_orders = {order.deposit: order for _row, order in pairs}
            for row, order in pairs:
                if self._account.suspended:
                    return
                if row["next_try_at"] and row["next_try_at"] > to_text(self._store.clock()):
                    continue
                if await self._ask(row, order, open_orders):
                    del open_orders[order.deposit]

    async def _ask(self, row: sqlite3.Row, order: Order, open_orders: Mapping[int, Order]) -> bool:
        """Ask about one deposit and write what came of it; whether it is no longer in doubt."""
        started = order.started_at or self._store.clock()
        order = msgspec.structs.replace(
            order,
            known=await self._store.read(lambda s: self._known(s, started)),
            rivals=tuple(o for o in open_orders.values() if o.deposit != order.deposit),
        )
        wait: float | None = None
        try:
            answer = self._elsewhere(row) or await self._adapter.look_up(order, started)
        except CredentialRefused as refused:
            await self._account.suspend(str(refused), row["profile"])
            answer = Unknown(message=str(refused))
        except NoEffect as error:
            answer, wait = Unknown(message=str(error)), error.retry_after
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way: no proof
            logger.opt(exception=error).warning("the look-up of {} failed", order.deposit)
            answer = Unknown(
                message=_("The look-up failed ({error})").format(error=type(error).__name__)
            )
        point("reconcile.answered")
        settled = await self._write(row, order, answer, wait)
        point("reconcile.recorded")
        return settled

    def _elsewhere(self, row: sqlite3.Row) -> Unknown | None:
        """The answer to a doubt about another place than the one that can be asked: what is absent
        here may be there."""
        if row["attempt_endpoint"] in ("", self._endpoint):
            return None
        message = _(
            "The deposit was sent to {there}, but the profile has other settings now: look there."
        ).format(there=row["attempt_endpoint"])
        return Unknown(message=message, ambiguous=True)

    def _known(self, session: Session, started: datetime) -> frozenset[str]:
        near = session.sql.references_near(
            session.connection, account=self._account.name, since=to_text(started - NEAR)
        )
        return frozenset(r["reference"] for r in near)

    async def _write(
        self,
        row: sqlite3.Row,
        order: Order,
        answer: Found | Absent | Unknown | HandedOver,
        wait: float | None,
    ) -> bool:
        try:
            return await self._store.write(self._outcome(row, order, answer, wait))
        except TransitionError:  # a person was quicker
            return True
        except sqlite3.IntegrityError:
            message = _("The platform names the reference of another deposit")
            again = Unknown(message=message, ambiguous=True)
            return await self._store.write(self._outcome(row, order, again, wait))

    def _outcome(
        self,
        row: sqlite3.Row,
        order: Order,
        answer: Found | Absent | Unknown | HandedOver,
        wait: float | None,
    ) -> Callable[[Session], bool]:
        deposit = order.deposit

        def found(session: Session) -> bool:
            assert isinstance(answer, Found)  # noqa: S101 - narrows the type
            deposits.settle_deposited(
                session,
                deposit,
                Event.FOUND,
                answer.reference,
                answer.recorded_at,
                evidence=answer.evidence,
            )
            returns.adopt(session, row, answer.reference)
            return True

        def absent(session: Session) -> bool:
            settled_at = self._settled_at(order)
            if session.moment < settled_at:
                message = _(
                    "The platform does not list the deposit yet; it is asked again before "
                    "anything is sent"
                )
                self._still_unknown(session, row, message, settled_at, {})
                return False
            journal.move(
                session,
                deposit,
                Event.ABSENT,
                tries=row["tries"],
                message=_("The platform does not have it: it is sent again"),
                evidence=answer.evidence,
            )
            confront.again(session, deposit)
            return True

        def unknown(session: Session) -> bool:
            assert isinstance(answer, Unknown)  # noqa: S101 - narrows the type
            tries = row["tries"] + 1
            pause = wait or backoff(
                tries,
                first=FIRST_PAUSE,
                longest=LONGEST_PAUSE,
                spread=random.random(),  # noqa: S311
            )
            again = session.moment + timedelta(seconds=pause)
            candidates = msgspec.to_builtins(answer.candidates)
            data = {"candidates": candidates, "evidence": answer.evidence}
            self._still_unknown(session, row, answer.message, again, data, tries=tries)
            unclear_since = self._settled_at(order) + PERSON_AFTER
            if answer.ambiguous or session.moment >= unclear_since:
                post_in(session, _person_needed(row, answer))
            return False

        def handed_over(session: Session) -> bool:
            assert isinstance(answer, HandedOver)  # noqa: S101 - narrows the type
            keep_hand_over(order, answer, row["profile"])(session)
            return True

        outcomes = {Found: found, Absent: absent, Unknown: unknown, HandedOver: handed_over}
        return outcomes[type(answer)]

    def _settled_at(self, order: Order) -> datetime:
        ended = order.ended_at or self._store.clock()
        return ended + timedelta(seconds=self._adapter.settling_seconds)

    def _still_unknown(
        self,
        session: Session,
        row: sqlite3.Row,
        message: str,
        again: datetime,
        data: dict[str, object],
        tries: int | None = None,
    ) -> None:
        journal.move(
            session,
            row["id"],
            Event.STILL_UNKNOWN,
            message=message,
            tries=row["tries"] if tries is None else tries,
            next_try_at=again,
            **data,
        )


def _person_needed(row: sqlite3.Row, answer: Unknown) -> Notice:
    references = ", ".join(c.reference for c in answer.candidates)
    return Notice(
        key=f"doubt:{row['id']}",
        level=Level.WARNING,
        title=_("Nobody can say yet whether {name} was deposited").format(name=row["name"]),
        text=_(
            "{message} Deposits that could be it: {references}. It is not sent again meanwhile. "
            "Look on the platform's site, then decide with: vaguemestre deposits settle {id}"
        ).format(message=answer.message, references=references or "-", id=row["id"]),
        deposit=row["id"],
        profile=row["profile"],
    )
