"""Lanes carry ready deposits to their platform: one lane a profile.

A lane claims what is due (the attempt is committed before the first byte leaves), hands it to the
adapter, and writes the outcome down. It keeps to the profile's concurrency and pace, stops behind a
circuit breaker while the platform is unwell, and while the account is suspended. It never loops on
a deposit in memory: what is to be tried again is a row with `next_try_at`.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import trio
from loguru import logger

from vaguemestre.account import Account
from vaguemestre.clock import from_text
from vaguemestre.config import ProfileConfig
from vaguemestre.confront import hold_closed
from vaguemestre.contracts import Adapter
from vaguemestre.errors import CredentialRefused, NoEffect, OutcomeUnknown, StoreError
from vaguemestre.lifecycle import Event
from vaguemestre.locale import _
from vaguemestre.model import HandedOver, Level, Notice, Order, Receipt, Refusal
from vaguemestre.notices import post_in
from vaguemestre.outcomes import keep_hand_over, keep_receipt, keep_refusal
from vaguemestre.plugins import Registry
from vaguemestre.store import deposits, journal
from vaguemestre.store.engine import Session, Store
from vaguemestre.supervision import backoff
from vaguemestre.testing.points import point

T = TypeVar("T")

#: Seconds before the first and the longest pause between two tries of one deposit.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
#: Failures in a row after which the lane stops for a while.
BREAKER_FAILURES = 5
#: Seconds that the breaker stays open the first time, and at most.
BREAKER_FIRST, BREAKER_LONGEST = 15.0, 600.0
#: Seconds after which an adapter that does not answer at all is given up: the outcome is unknown.
PATIENCE = 1800.0
#: Seconds between two tries to write an outcome while the disk refuses it.
DISK_PAUSE = 1.0


class Lane:
    """The lane of one profile. `wake` it when something became ready."""

    def __init__(
        self,
        profile: ProfileConfig,
        adapter: Adapter,
        account: Account,
        store: Store,
        registry: Registry,
    ) -> None:
        self.profile = profile
        self.adapter = adapter
        self.account = account
        self._store = store
        self._registry = registry
        self._endpoint = type(adapter).endpoint(adapter.profile.settings)
        self._concurrency = 1 if adapter.exclusive else profile.concurrency
        self._running = 0
        self._news = trio.Event()
        self._hurry = trio.Event()
        self._failures = 0
        self._open_until = 0.0
        self._last_start = -float("inf")

    def wake(self) -> None:
        self._news.set()

    async def send_now(self) -> None:
        """A person asks: try again at once, breaker, pauses and hours of rest or not."""
        self.adapter.hurry()
        name = self.profile.name
        await self._store.write(lambda s: s.sql.deposits_due_now(s.connection, profile=name))
        self._open_until = 0.0
        self._hurry.set()
        self.wake()

    async def run(self) -> None:
        """Carry deposits for ever. What is under way when it is cancelled becomes in doubt."""
        message = _("The deposit was interrupted; the platform is asked before anything else")
        name = self.profile.name
        await self._store.write(lambda s: deposits.interrupt(s, message, profile=name))
        async with trio.open_nursery() as nursery:
            while True:
                self._news = trio.Event()
                await self._permitted()
                orders = await self._claim()
                for order in orders:
                    nursery.start_soon(self._attempt, order)
                if not orders:
                    await self._wait_for_work()

    async def _permitted(self) -> None:
        """Wait until the account is in use, the breaker closed, and the pace kept."""
        await self.account.in_use()
        while (pause := self._pause()) > 0:
            self._hurry = trio.Event()
            with trio.move_on_after(pause):
                await self._hurry.wait()
            await self.account.in_use()

    def _pause(self) -> float:
        next_start = self._last_start + self.profile.pace_seconds
        return max(self._open_until, next_start) - trio.current_time()

    async def _claim(self) -> list[Order]:
        free = self._concurrency - self._running
        if self.profile.pace_seconds > 0 or self._failures >= BREAKER_FAILURES:
            free = min(free, 1 - min(self._running, 1))  # one at a time; after a failure, a probe
        if free <= 0:
            return []
        name = self.profile.name
        await self.account.enter(free)
        orders: list[Order] = []
        try:
            orders = await self._store.write(partial(_claim, name, free, self._endpoint))
        finally:
            self.account.leave(free - len(orders))
        if orders:
            point("lane.claimed")
            self._running += len(orders)
            self._last_start = trio.current_time()
        return orders

    async def _wait_for_work(self) -> None:
        if self._running:  # the end of an attempt wakes the lane
            await self._news.wait()
            return
        name = self.profile.name

        def due(session: Session) -> float:
            # What fell due since the claim counts, too: nobody else would wake the lane for it.
            text = session.sql.next_ready(session.connection, profile=name)
            if not text:
                return float("inf")
            return max((from_text(text) - session.moment).total_seconds(), 0.05)

        with trio.move_on_after(await self._store.read(due)):
            await self._news.wait()

    async def _attempt(self, order: Order) -> None:
        try:
            await self._deposit(order)
        finally:
            self._running -= 1
            self.account.leave(1)
            self.wake()

    async def _deposit(self, order: Order) -> None:
        try:
            with trio.fail_after(PATIENCE):
                answer = await self.adapter.deposit(order)
        except trio.Cancelled:
            message = _("The daemon stopped during the deposit")
            with trio.CancelScope(shield=True):
                await self._store.write(partial(self._unknown, order, message))
            raise
        except NoEffect as error:
            if isinstance(error, CredentialRefused):
                await self.account.suspend(str(error), self.profile.name)
            elif not error.resting:
                self._count(failed=not error.permanent)
            await self._record(partial(self._no_effect, order, error))
        except Exception as error:  # noqa: BLE001 - unexpected means unknown, whatever it is
            if not isinstance(error, OutcomeUnknown):
                logger.opt(exception=error).warning("adapter of {} failed", self.profile.name)
            self._count(failed=True)
            await self._record(partial(self._unknown, order, _explain(error)))
        else:
            self._count(failed=False)
            await self._answered(order, answer)

    async def _answered(self, order: Order, answer: Receipt | Refusal | HandedOver) -> None:
        point("lane.answered")
        if isinstance(answer, Receipt):
            keep = await keep_receipt(self._registry, order, answer)
        elif isinstance(answer, HandedOver):
            keep = keep_hand_over(order, answer, self.profile.name)
        else:
            keep = await keep_refusal(self._registry, order, answer)
        try:
            await self._record(keep)
        except sqlite3.IntegrityError:
            # The answer carries the reference of another deposit: it is not about this one.
            message = _("The platform answered with the reference of another deposit")
            await self._record(partial(self._unknown, order, message))
        point("lane.recorded")

    async def _record(self, work: Callable[[Session], T]) -> T:
        """Write an outcome, and do not give up while the disk refuses it: it is known only here."""
        while True:
            try:
                return await self._store.write(work)
            except StoreError as error:
                logger.warning("an outcome could not be written, again in a moment: {}", error)
                await trio.sleep(DISK_PAUSE)

    def _count(self, *, failed: bool) -> None:
        """Open the breaker after failures in a row, close it after a success."""
        if not failed:
            self._failures, self._open_until = 0, 0.0
            return
        self._failures += 1
        if self._failures >= BREAKER_FAILURES:
            pause = backoff(
                self._failures - BREAKER_FAILURES + 1,
                first=BREAKER_FIRST,
                longest=BREAKER_LONGEST,
                spread=random.random(),  # noqa: S311
            )
            self._open_until = trio.current_time() + pause

    def _no_effect(self, order: Order, error: NoEffect, session: Session) -> None:
        deposits.end_attempt(session, order.deposit, "no_effect", {"error": str(error)})
        if error.permanent:
            journal.move(session, order.deposit, Event.GIVE_UP, message=str(error))
            post_in(session, self._failed(order, error))
            return
        row = deposits.get(session, order.deposit)
        tries = row["tries"] if row else 1
        pause = error.retry_after
        if pause is None and not isinstance(error, CredentialRefused):
            pause = backoff(
                tries,
                first=FIRST_PAUSE,
                longest=LONGEST_PAUSE,
                spread=random.random(),  # noqa: S311
            )
        journal.move(
            session,
            order.deposit,
            Event.NO_EFFECT,
            message=str(error),
            tries=tries,
            next_try_at=session.moment + timedelta(seconds=pause) if pause else None,
        )
        if self._failures == BREAKER_FAILURES:
            post_in(session, self._unwell(str(error)))

    def _unknown(self, order: Order, message: str, session: Session) -> None:
        row = deposits.get(session, order.deposit)
        deposits.end_attempt(session, order.deposit, "unknown", {"error": message})
        journal.move(
            session,
            order.deposit,
            Event.LOSE_TRACK,
            message=message,
            tries=row["tries"] if row else 1,
            next_try_at=session.moment,
        )

    def _failed(self, order: Order, error: NoEffect) -> Notice:
        return Notice(
            key=f"failed:{order.deposit}",
            level=Level.ERROR,
            title=_("A deposit failed: {name}").format(name=order.name),
            text=_(
                "{error} Nothing was deposited. Once the cause is mended: vaguemestre deposits "
                "retry {deposit}"
            ).format(error=error, deposit=order.deposit),
            deposit=order.deposit,
            profile=self.profile.name,
        )

    def _unwell(self, error: str) -> Notice:
        return Notice(
            key=f"breaker:{self.profile.name}",
            level=Level.WARNING,
            title=_("The platform of profile {profile} does not answer well").format(
                profile=self.profile.name
            ),
            text=_(
                "{error} The deposits wait and are tried again by themselves; nothing is lost."
            ).format(error=error),
            profile=self.profile.name,
        )


def _claim(profile: str, free: int, endpoint: str, session: Session) -> list[Order]:
    hold_closed(session, profile)
    return deposits.claim(session, profile, free, endpoint)


def _explain(error: Exception) -> str:
    if isinstance(error, OutcomeUnknown):
        return str(error)
    if isinstance(error, trio.TooSlowError):
        return _("The platform gave no answer in time")
    return _("The adapter failed unexpectedly ({error})").format(error=type(error).__name__)
