"""Asks the consultation for windows: as wide as permitted, no search twice before its time.

Remembers the width that the platform last permitted, and each answer until its `Expires`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import trio

from vaguemestre.api import NoEffect
from vaguemestre_net_entreprises.protocol import consultation
from vaguemestre_net_entreprises.protocol.dates import Piece, next_piece, touches_repeated_hour
from vaguemestre_net_entreprises.protocol.faults import Call, explain, fault
from vaguemestre_net_entreprises.protocol.messages import Answer
from vaguemestre_net_entreprises.session import Session
from vaguemestre_net_entreprises.settings import Settings, word

#: Seconds that an answer without `Expires` is remembered for: none.
_NO_EXPIRY = 0.0
#: Nothing is remembered longer than this, whatever `Expires` says (seconds).
_LONGEST_MEMORY = 600.0
#: Narrower windows that are tried at once after a 429, before the platform is left in peace.
_TRIES = 2


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one search, and when it was asked (our clock, UTC)."""

    piece: Piece
    answer: Answer
    asked_at: datetime


class Windows:
    """The consultation, as the session's account sees it."""

    def __init__(self, session: Session, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._session = session
        self._settings = settings
        self._clock = clock
        self._widths: dict[str, timedelta] = {}
        self._memory: dict[str, tuple[Answer, datetime, float]] = {}
        self.zone = ZoneInfo(settings.time_zone)

    @property
    def skew(self) -> timedelta | None:
        """How far the platform's clock is ahead of ours, None if it has not said."""
        return self._session.transport.skew

    def now(self) -> datetime:
        """The last whole second that is over by the platform's clock (UTC): a search that ends
        later could be refused as one into the future."""
        moment = self._clock() + (self.skew or timedelta(0)) - timedelta(seconds=1)
        return moment.replace(microsecond=0)

    async def know_the_clock(self) -> None:
        """Call the platform once if it has not yet said what time it is. Raises NoEffect."""
        if self.skew is None:
            await self._session.authenticate()

    async def first(
        self, service: str, start: datetime, end: datetime, *, version: str = ""
    ) -> Listed:
        """The answer for the first piece of [start, end] (platform's clock, UTC).

        Raises NoEffect if the platform cannot be asked now.
        """
        for _try in range(_TRIES):
            width = self._widths.get(service, consultation.FIRST_WIDTH)
            piece = next_piece(start, end, width, self.zone)
            url = consultation.window(
                self._settings.consultation_url,
                word(self._settings, service),
                version or self._settings.consultation_version,
                piece,
            )
            answer, asked_at = await self.get(url)
            if answer.status == 200:
                self._widths[service] = consultation.permitted(answer) or width
                return Listed(piece=piece, answer=answer, asked_at=asked_at)
            if answer.status != 429:
                raise fault(answer, Call.LISTING)
            narrowed = self._narrow(service, answer, min(width, piece.end - piece.start))
            if not narrowed or answer.retry_after is not None:
                break
        raise NoEffect(explain(answer, Call.LISTING), retry_after=answer.retry_after)

    async def all(self, service: str, start: datetime, end: datetime) -> list[Listed]:
        """The answers for pieces that cover [start, end]."""
        found = []
        while True:
            listed = await self.first(service, start, end)
            found.append(listed)
            if listed.piece.end >= end:
                return found
            start = listed.piece.end

    def clock_changes(self, start: datetime, end: datetime) -> bool:
        """Whether the platform's clock shows some hour of [start, end] twice."""
        return touches_repeated_hour(start, end, self.zone)

    def read_as_utc(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """The stretch whose texts are those of [start, end] in UTC: where to look too, because the
        platform does not say in which zone its dates are."""
        shifted = [
            moment.replace(tzinfo=None).replace(tzinfo=self.zone).astimezone(UTC)
            for moment in (start, end)
        ]
        return shifted[0], shifted[1]

    async def get(self, url: str) -> tuple[Answer, datetime]:
        """The answer of an address and when it was asked; the remembered one before its end."""
        now = trio.current_time()
        self._memory = {u: m for u, m in self._memory.items() if m[2] > now}
        if url in self._memory:
            answer, asked_at, _until = self._memory[url]
            return answer, asked_at
        asked_at = self._clock()
        answer = await self._session.ask(lambda a: consultation.request(url, a), Call.LISTING)
        if answer.status == 200:
            lifetime = answer.lifetime if answer.lifetime is not None else _NO_EXPIRY
            self._memory[url] = answer, asked_at, now + min(lifetime, _LONGEST_MEMORY)
        return answer, asked_at

    def _narrow(self, service: str, answer: Answer, asked: timedelta) -> bool:
        """After a 429: take the width that it permits, else half of what was asked. Whether that
        is narrower; if not, the platform was asked too often, not for too much."""
        width = consultation.permitted(answer) or consultation.narrower(asked)
        narrower = width < asked
        self._widths[service] = width if narrower else consultation.FIRST_WIDTH
        return narrower


def utc_now() -> datetime:
    return datetime.now(UTC)
