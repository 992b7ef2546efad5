"""Looks a deposit in doubt up: gathers what the platform lists around the attempt, and the reports
that say which declaration is behind each entry. `judging.py` judges it.

Two mistakes are to be feared. Taking somebody else's deposit for ours loses a declaration; calling
ours absent deposits it twice. Absence is claimed only of a listing that could be read to its end,
names every entry, and covers the attempt by either reading of the platform's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vaguemestre.api import (
    Absent,
    Announcement,
    CredentialRefused,
    Found,
    NoEffect,
    Order,
    PlatformRefusal,
    Unknown,
)
from vaguemestre_net_entreprises import collecting
from vaguemestre_net_entreprises.fetching import Fetcher
from vaguemestre_net_entreprises.judging import Case, Echoes, judge, unknown
from vaguemestre_net_entreprises.protocol import consultation, identity, listings
from vaguemestre_net_entreprises.protocol.faults import Call, explain
from vaguemestre_net_entreprises.protocol.listings import ListedDeposit
from vaguemestre_net_entreprises.protocol.messages import Unreadable
from vaguemestre_net_entreprises.settings import settling_seconds
from vaguemestre_net_entreprises.texts import _
from vaguemestre_net_entreprises.windows import Windows

#: Around the attempt, for clocks that differ: when the platform's is known, and when it is not.
MARGIN = timedelta(minutes=2)
WIDE_MARGIN = timedelta(minutes=15)
#: How long before the settling time an early answer is not given any more: it could be taken for a
#: settled one by the time it arrives.
NEARLY = timedelta(seconds=5)
#: Reports that are read to identify one candidate, those with the proof first.
REPORTS = 3


class LookUp:
    """The look-up of one order."""

    def __init__(self, order: Order, since: datetime, windows: Windows, fetcher: Fetcher) -> None:
        self._order = order
        self._windows = windows
        self._fetcher = fetcher
        self._service = collecting.service(fetcher.settings)
        self._started = min(order.started_at or since, since)
        self._settling = timedelta(seconds=settling_seconds(fetcher.settings))

    async def answer(self) -> Found | Absent | Unknown:
        """Raises NoEffect (CredentialRefused) if the platform cannot be asked now."""
        await self._windows.know_the_clock()
        start, end = self._span()
        candidates, asked_at = await self._candidates(start, end)
        if any(not d.reference for d in candidates):
            return unknown(
                _("The platform lists a deposit without its reference."), candidates, ambiguous=True
            )
        judged = None
        if candidates:
            case = Case(
                order=self._order,
                candidates=candidates,
                echoes=await self._echoes(candidates),
                settled=self._settled(asked_at),
                bounds=lambda o: self._bounds(o.started_at or self._started, o.ended_at),
            )
            judged = judge(case)
        return judged or await self._nothing(start, end, candidates, asked_at)

    def _settled(self, asked_at: datetime) -> bool:
        """Whether a search asked then is complete."""
        ended = self._order.ended_at
        return ended is not None and asked_at >= ended + self._settling

    def _span(self) -> tuple[datetime, datetime]:
        """What to ask for: the attempt's bounds, but nothing beyond now, from a whole minute on so
        that attempts of one minute share a search."""
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

    async def _candidates(
        self, start: datetime, end: datetime
    ) -> tuple[list[ListedDeposit], datetime]:
        """The different deposits listed for [start, end] that are of nobody known, and when the
        first window was asked (our clock)."""
        found: dict[tuple[str, str], ListedDeposit] = {}
        windows = await self._windows.all(consultation.DEPOSITS, start, end)
        for window in windows:
            try:
                deposits = listings.deposits(window.answer, self._windows.zone)
            except Unreadable:
                raise NoEffect(explain(window.answer, Call.LISTING)) from None
            for one in deposits:
                found[one.reference, "" if one.reference else one.date_text] = one
        candidates = [d for d in found.values() if d.reference not in self._order.known]
        return candidates, min(w.asked_at for w in windows)

    async def _nothing(
        self,
        start: datetime,
        end: datetime,
        ruled_out: Sequence[ListedDeposit],
        asked_at: datetime,
    ) -> Absent | Unknown:
        """No candidate is left: absent, unless the platform's clock could have been misread, or
        the search was asked before the listing had settled and is answered after."""
        if self._windows.clock_changes(start, end):
            return unknown(
                _(
                    "The platform lists no such deposit, but the clock was being changed at that "
                    "hour, so that this proves nothing."
                ),
                ambiguous=True,
            )
        others, _asked_at = await self._candidates(*self._windows.read_as_utc(start, end))
        strangers = [d for d in others if d not in ruled_out]
        if strangers:
            return unknown(
                _(
                    "The platform lists no such deposit, but one that would be at that hour if its "
                    "dates were in another time zone."
                ),
                strangers,
                ambiguous=True,
            )
        if not self._settled(asked_at) and self._settled(datetime.now(UTC) + NEARLY):
            return unknown(_("The platform does not list the deposit yet; it is asked again."))
        return Absent(evidence={"ruled_out": [d.reference for d in ruled_out]})

    async def _echoes(self, candidates: Sequence[ListedDeposit]) -> Echoes:
        """What a report about each candidate echoes, None where none can be read."""
        try:
            announced = await self._announced({d.reference for d in candidates})
            return {d.reference: await self._echo(announced[d.reference]) for d in candidates}
        except CredentialRefused:
            raise
        except NoEffect:
            return {d.reference: None for d in candidates}

    async def _announced(self, references: set[str]) -> dict[str, list[Announcement]]:
        """The returns of the deposits: in one search if the attempt is young, because the search
        for one deposit may not be repeated at once; else one by one."""
        found: dict[str, list[Announcement]] = {r: [] for r in references}
        start, now = self._span()[0], self._windows.now()
        if now - start <= consultation.FIRST_WIDTH:
            for window in await self._windows.all(self._service, start, now):
                for announcement in collecting.announced(window.answer, "", self._windows):
                    if announcement.reference in references:
                        found[announcement.reference].append(announcement)
        else:
            for reference in references:
                found[reference] = list(await self._fetcher.announced(reference))
        return found

    async def _echo(self, announced: Sequence[Announcement]) -> dict[str, str] | None:
        useful = sorted(
            (a for a in announced if a.nature.lstrip("0") != "10"),
            key=lambda a: a.nature.lstrip("0") != "11",
        )
        for announcement in useful[:REPORTS]:
            try:
                document = await self._fetcher.fetch(announcement)
            except PlatformRefusal:
                continue
            if document is not None and (echo := identity.echoed(document.content)):
                return echo
        return None
