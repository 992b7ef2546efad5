"""Looks a deposit in doubt up: proves that the platform has it, or that it has not, or says that
neither can be proved.

Two mistakes are to be feared. Taking somebody else's deposit for ours loses a declaration; calling
ours absent deposits it twice. So a candidate is ours if a report about it echoes our declaration;
without a report only if it is the one candidate, nobody else in doubt could claim it, and the
listing has had the time to settle. And absence is claimed only of a listing that could be read to
its end, covers the attempt by either reading of the platform's clock, and names every entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from vaguemestre.api import (
    Absent,
    Candidate,
    CredentialRefused,
    Found,
    NoEffect,
    Order,
    PlatformRefusal,
    Unknown,
)

from vaguemestre_net_entreprises.fetching import Fetcher
from vaguemestre_net_entreprises.protocol import consultation, identity, listings
from vaguemestre_net_entreprises.protocol.faults import Call, explain
from vaguemestre_net_entreprises.protocol.identity import Verdict
from vaguemestre_net_entreprises.protocol.listings import ListedDeposit
from vaguemestre_net_entreprises.protocol.messages import Unreadable
from vaguemestre_net_entreprises.texts import _
from vaguemestre_net_entreprises.windows import Windows

#: Around the attempt, for clocks that differ: when the platform's is known, and when it is not.
MARGIN = timedelta(minutes=2)
WIDE_MARGIN = timedelta(minutes=15)
#: Reports that are read to identify one candidate, those with the proof first.
REPORTS = 3


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform lists around the attempt. `settled`: asked late enough to be complete."""

    deposits: tuple[ListedDeposit, ...]
    settled: bool


class LookUp:
    """The look-up of one order."""

    def __init__(self, order: Order, since: datetime, windows: Windows, fetcher: Fetcher) -> None:
        self._order = order
        self._windows = windows
        self._fetcher = fetcher
        self._started = min(order.started_at or since, since)
        self._settling = timedelta(seconds=fetcher.settings.settling_seconds)

    async def answer(self) -> Found | Absent | Unknown:
        """Raises NoEffect (CredentialRefused) if the platform cannot be asked now."""
        await self._windows.know_the_clock()
        asked = await self._ask(*self._span())
        candidates = [d for d in asked.deposits if d.reference not in self._order.known]
        if any(not d.reference for d in candidates):
            return _unknown(
                _("The platform lists a deposit without its reference"), candidates, ambiguous=True
            )
        if not candidates:
            return await self._nothing(asked)
        echoes = {d.reference: await self._echo(d.reference) for d in candidates}
        return self._judge(candidates, echoes, asked) or await self._nothing(asked)

    # -- asking

    def _span(self) -> tuple[datetime, datetime]:
        """The attempt with its margins, by the platform's clock; never beyond now."""
        start, end = self._bounds(self._started, self._order.ended_at)
        end = min(end, self._windows.now())
        return min(start, end - MARGIN).replace(second=0, microsecond=0), end

    def _bounds(self, started: datetime, ended: datetime | None) -> tuple[datetime, datetime]:
        """When an attempt can have been recorded, by the platform's clock.

        At its end at least as far as the settling time, so that the same search asked once more is
        never answered from before the listing had settled.
        """
        skew = self._windows.skew
        margin = WIDE_MARGIN if skew is None else MARGIN
        skew = skew or timedelta(0)
        last = (ended or datetime.now(UTC)) + max(margin, self._settling)
        return started + skew - margin, last + skew

    async def _ask(self, start: datetime, end: datetime) -> Asked:
        """The different deposits that the platform lists for [start, end]."""
        found: dict[tuple[str, str], ListedDeposit] = {}
        first_asked = datetime.max.replace(tzinfo=UTC)
        for listed in await self._windows.all(consultation.DEPOSITS, start, end):
            try:
                deposits = listings.deposits(listed.answer, self._windows.zone)
            except Unreadable:
                raise NoEffect(explain(listed.answer, Call.LISTING)) from None
            first_asked = min(first_asked, listed.asked_at)
            for deposit in deposits:
                found[deposit.reference, "" if deposit.reference else deposit.date_text] = deposit
        ended = self._order.ended_at
        return Asked(
            deposits=tuple(found.values()),
            settled=ended is not None and first_asked >= ended + self._settling,
        )

    async def _nothing(self, asked: Asked) -> Absent | Unknown:
        """No candidate is left: absent, unless the platform's clock could have been misread."""
        start, end = self._span()
        if self._windows.clock_changes(start, end):
            return _unknown(
                _(
                    "The platform lists no such deposit, but its clock was being changed at that "
                    "hour, so that this proves nothing"
                ),
                (),
            )
        other = await self._ask(*self._windows.read_as_utc(start, end))
        strangers = [d for d in other.deposits if d.reference not in self._order.known]
        if strangers:
            return _unknown(
                _(
                    "The platform lists no such deposit, but one that would be at that hour if its "
                    "dates were in another time zone"
                ),
                strangers,
                ambiguous=True,
            )
        references = [d.reference for d in asked.deposits if d.reference not in self._order.known]
        return Absent(
            evidence={"listed": len(asked.deposits), "others": references, "settled": asked.settled}
        )

    async def _echo(self, reference: str) -> dict[str, str] | None:
        """What a report about the deposit echoes, or None if there is none that can be read."""
        try:
            announcements = await self._fetcher.announced(reference)
            useful = sorted(
                (a for a in announcements if a.nature.lstrip("0") != "10"),
                key=lambda a: a.nature.lstrip("0") != "11",
            )
            for announcement in useful[:REPORTS]:
                document = await self._fetcher.fetch(announcement)
                echo = identity.echoed(document.content) if document else None
                if echo:
                    return echo
        except CredentialRefused:
            raise
        except (NoEffect, PlatformRefusal):
            return None
        return None

    # -- judging

    def _judge(
        self,
        candidates: Sequence[ListedDeposit],
        echoes: dict[str, dict[str, str] | None],
        asked: Asked,
    ) -> Found | Unknown | None:
        """None if every candidate is ruled out."""
        verdicts = {d.reference: _verdict(echoes[d.reference], self._order) for d in candidates}
        same = [d for d in candidates if verdicts[d.reference] is Verdict.SAME]
        if same:
            return self._same(same, echoes)
        remaining = [d for d in candidates if verdicts[d.reference] is Verdict.UNKNOWN]
        if not remaining:
            return None
        if len(remaining) > 1:
            return _unknown(
                _("The platform lists several deposits that could be this one"),
                remaining,
                ambiguous=True,
            )
        (only,) = remaining
        if any(self._fits(only, rival, echoes) for rival in self._order.rivals):
            return _unknown(
                _("The platform lists a deposit that could as well be another one in doubt"),
                remaining,
                ambiguous=True,
            )
        if not asked.settled:
            return _unknown(
                _("The platform lists a deposit that is probably this one; others may follow"),
                remaining,
            )
        return _found(only, "only-candidate")

    def _same(
        self, same: Sequence[ListedDeposit], echoes: dict[str, dict[str, str] | None]
    ) -> Found | Unknown:
        """Candidates whose reports echo this declaration."""
        rivals = [
            r
            for r in self._order.rivals
            if any(_verdict(echoes[d.reference], r) is not Verdict.OTHER for d in same)
        ]
        if len(same) > 1 or rivals:
            return _unknown(
                _("The same declaration is deposited or in doubt more than once"),
                same,
                ambiguous=True,
            )
        return _found(same[0], "identified-by-report")

    def _fits(
        self,
        deposit: ListedDeposit,
        rival: Order,
        echoes: dict[str, dict[str, str] | None],
    ) -> bool:
        """Whether the deposit could be the rival's."""
        if _verdict(echoes[deposit.reference], rival) is Verdict.OTHER:
            return False
        if not deposit.dates or rival.started_at is None:
            return True
        start, end = self._bounds(rival.started_at, rival.ended_at)
        return any(start <= moment <= end for moment in deposit.dates)


def _verdict(echo: dict[str, str] | None, order: Order) -> Verdict:
    if echo is None:
        return Verdict.UNKNOWN
    declaration = order.declaration
    trial = {"trial": "01" if declaration.test else "02"} if declaration.identity else {}
    return identity.compare(echo, {**declaration.identity, **trial})


def _found(deposit: ListedDeposit, proof: str) -> Found:
    return Found(
        reference=deposit.reference,
        recorded_at=deposit.dates[0] if deposit.dates else None,
        evidence={"proof": proof, "date": deposit.date_text, "status": deposit.status},
    )


def _unknown(
    message: str, deposits: Sequence[ListedDeposit], *, ambiguous: bool = False
) -> Unknown:
    return Unknown(
        message=f"{message}.",
        candidates=tuple(
            Candidate(
                reference=d.reference,
                recorded_at=d.dates[0] if d.dates else None,
                status=d.status,
            )
            for d in deposits
        ),
        ambiguous=ambiguous,
    )
