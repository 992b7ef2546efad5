"""Turns what happens to an installation into what the core asks for: receipts, proofs, returns.

The rule behind all of it: a file that SOFiE may have encrypted is never given to it again. It is
sent, or waits to be sent (in doubt, and every look starts SOFiE once more), or a person decides.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import trio

from vaguemestre.api import (
    Absent,
    Announcement,
    Candidate,
    CredentialRefused,
    Document,
    Found,
    NoEffect,
    Order,
    OutcomeUnknown,
    Profile,
    Receipt,
    Refusal,
    Unknown,
    Window,
)
from vaguemestre_sofie.installation import Installation, password_expired
from vaguemestre_sofie.judging import Outcome, Verdict
from vaguemestre_sofie.points import point
from vaguemestre_sofie.records import TAKEN_BACK, Feed
from vaguemestre_sofie.running import Ran, StillRunning
from vaguemestre_sofie.sharing import leave, share
from vaguemestre_sofie.texts import _


class Engine:
    """The work of one profile on its installation."""

    def __init__(self, profile: Profile) -> None:
        self._at: Installation = share(profile)
        self._failed: NoEffect | None = None

    async def aclose(self) -> None:
        leave(self._at)

    def hurry(self) -> None:
        self._at.hurry()

    # -- sending

    async def deposit(self, order: Order) -> Receipt | Refusal:
        async with self._at.exclusive():
            feed = await trio.to_thread.run_sync(self._at.records.feed, order)
            ran, trouble = None, ""
            # What SOFiE has already is not given to it again, whatever the core knows of that.
            if feed is None or not await self._has(feed, order):
                await self._at.may_run()
                feed = await self._at.feeding.give(order)
                ran, trouble = await self._send(feed)
            return await self._conclude(feed, order, ran, trouble)

    async def _has(self, feed: Feed, order: Order) -> bool:
        """Whether SOFiE has the file of an earlier attempt, or may have it. After a person said
        that it is nowhere, only what is proved counts."""
        if feed.state == TAKEN_BACK:
            return False
        try:
            outcome, settled = await self._look(feed, order.known)
        except OSError as error:
            raise NoEffect(_cannot_look(error)) from error
        if outcome.verdict in (Verdict.SENT, Verdict.PENDING):
            return True
        return (outcome.verdict is Verdict.UNKNOWN and feed.attempt >= order.attempt) or not settled

    async def _send(self, feed: Feed | None = None) -> tuple[Ran | None, str]:
        """Run SOFiE to send `feed`, or only what waits encrypted. A run that could not be is a
        trouble, and decides nothing. Raises StillRunning."""
        try:
            ran, trouble = await self._at.run("send", feed)
        except NoEffect as error:
            return None, str(error)
        return ran, trouble.message if trouble else ""

    async def _conclude(
        self, feed: Feed, order: Order, ran: Ran | None, trouble: str
    ) -> Receipt | Refusal:
        try:
            outcome, settled = await self._look(feed, order.known)
        except OSError as error:
            raise OutcomeUnknown(_cannot_look(error)) from error
        said = _said(outcome, trouble)
        if outcome.verdict is Verdict.SENT:
            evidence = {**(ran.evidence() if ran else {}), "transport": outcome.transport}
            return Receipt(reference=_reference(feed, outcome), evidence=evidence)
        if outcome.verdict is Verdict.REFUSED and settled:
            return Refusal(
                message=_("SOFiE refuses the file: {message}").format(message=outcome.message)
            )
        if outcome.verdict is Verdict.NOT_TAKEN and settled:
            if outcome.password:
                raise CredentialRefused(password_expired())
            raise NoEffect(said or _("SOFiE did not touch the file, and did not say why."))
        if outcome.verdict is Verdict.PENDING:
            raise OutcomeUnknown(_pending(said))
        raise OutcomeUnknown(_untraceable(said))

    async def _look(self, feed: Feed, known: frozenset[str]) -> tuple[Outcome, bool]:
        """What became of the file, and whether that could be written down. Raises OSError."""
        outcome = await trio.to_thread.run_sync(self._at.feeding.look, feed, known)
        point("sofie.judged")
        return outcome, await trio.to_thread.run_sync(self._at.feeding.settle, feed, outcome)

    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown:
        async with self._at.exclusive():
            feed = await trio.to_thread.run_sync(self._at.records.feed, order)
            if feed is None:
                return self._never_given(order, since)
            if feed.state == TAKEN_BACK:
                return Absent(evidence={"taken_back": True})
            try:
                return await self._find(feed, order)
            except OSError as error:
                return Unknown(message=_cannot_look(error))
            except StillRunning as error:
                return Unknown(message=str(error))

    def _never_given(self, order: Order, since: datetime) -> Absent | Unknown:
        started = order.started_at or since
        if datetime.fromtimestamp(self._at.began, UTC) <= started:
            return Absent(evidence={"given": False})
        return Unknown(
            message=_(
                "The records of this installation of SOFiE are younger than the attempt: they "
                "cannot say whether the file was given to it. Look in SOFiE's history."
            ),
            ambiguous=True,
        )

    async def _find(self, feed: Feed, order: Order) -> Found | Absent | Unknown:
        outcome, settled = await self._look(feed, order.known)
        trouble = ""
        if outcome.verdict is Verdict.PENDING:
            await self._at.may_run()
            again = await trio.to_thread.run_sync(self._at.records.feed, order)
            feed = again or feed
            _ran, trouble = await self._send()
            outcome, settled = await self._look(feed, order.known)
            if outcome.verdict is Verdict.PENDING and outcome.password:
                raise CredentialRefused(password_expired())
        if outcome.verdict is Verdict.SENT:
            reference = _reference(feed, outcome)
            return Found(reference=reference, evidence={"transport": outcome.transport})
        if outcome.verdict in (Verdict.NOT_TAKEN, Verdict.REFUSED) and settled:
            return Absent(evidence={"taken_back": True})
        said = _said(outcome, trouble)
        if outcome.verdict is Verdict.PENDING:
            return Unknown(message=_pending(said))
        candidates = tuple(Candidate(reference=name) for name in outcome.candidates)
        return Unknown(message=_untraceable(said), candidates=candidates, ambiguous=True)

    # -- receiving

    async def collect(self, cursor: str) -> Window:
        """One run of SOFiE, then everything that is here. What came although the run failed is
        announced first, and the failure told by the next call."""
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed
        async with self._at.exclusive():
            try:
                await self._receive()
            except NoEffect as error:
                failed = error
            window = await trio.to_thread.run_sync(partial(self._window, cursor))
            if failed is None:
                return window
            if window.cursor == cursor and not window.notices:
                raise failed
            self._failed = failed
            return Window(
                announcements=window.announcements,
                cursor=window.cursor,
                notices=window.notices,
                more=True,
            )

    async def _receive(self) -> None:
        """Raises NoEffect (CredentialRefused) if SOFiE did not receive as it should."""
        await self._at.nobody_by_hand()
        try:
            await trio.to_thread.run_sync(self._at.arrivals.move_away)
        except OSError as error:
            raise NoEffect(_cannot_look(error)) from error
        await self._at.may_run()
        began = datetime.now(UTC)
        try:
            _ran, trouble = await self._at.run("receive")
        except StillRunning as error:
            raise NoEffect(str(error)) from error
        if trouble is not None and trouble.password:
            raise CredentialRefused(trouble.message)
        if trouble is not None:
            raise NoEffect(trouble.message)
        self._at.received_at = began

    def _window(self, cursor: str) -> Window:
        arrivals = self._at.arrivals
        self._at.records.tidy(cursor)
        return Window(
            announcements=tuple(arrivals.announced()),
            cursor=arrivals.cursor(cursor),
            notices=self._at.notices(),
        )

    async def fetch(self, announcement: Announcement) -> Document | None:
        try:
            return await trio.to_thread.run_sync(self._at.arrivals.document, announcement.locator)
        except OSError as error:
            raise NoEffect(_cannot_look(error)) from error

    @property
    def received_at(self) -> datetime | None:
        """When SOFiE last received without any trouble."""
        return self._at.received_at

    # -- by hand

    async def update(self) -> str:
        async with self._at.exclusive():
            await self._at.may_run()
            ran, trouble = await self._at.run("update")
        if trouble is not None:
            return trouble.message
        return _("SOFiE was started and brought itself up to date (exit code {code}).").format(
            code=ran.code
        )


def _reference(feed: Feed, outcome: Outcome) -> str:
    """The platform's own reference is the encrypted name; where nothing tells it, ours."""
    return outcome.transport or f"{feed.name}#{feed.deposit}"


def _said(outcome: Outcome, trouble: str) -> str:
    if outcome.password:
        return password_expired()
    if outcome.message:
        return _("SOFiE reports: {message}").format(message=outcome.message)
    return trouble


def _pending(said: str) -> str:
    text = _(
        "The file is encrypted and waits: SOFiE sends it by itself as soon as it can. It is not "
        "given to it again."
    )
    return f"{text} {said}".rstrip()


def _untraceable(said: str) -> str:
    text = _("SOFiE took the file, and neither its log nor its folders say what became of it.")
    return f"{text} {said}".rstrip()


def _cannot_look(error: OSError) -> str:
    return _("A folder of SOFiE cannot be read: {place} {error}.").format(
        place=error.filename or "", error=error.strerror
    )
