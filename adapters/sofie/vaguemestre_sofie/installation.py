"""One installation of SOFiE, as everything in this process that drives it shares it.

Whoever uses it has it alone: within this process by a lock, among processes and machines by the
lease, after a crash by waiting for the run that was left behind. Then it runs SOFiE and says how
that went. What becomes of files is in `feeding.py`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import psutil
import trio

from vaguemestre.api import NoEffect, Notice, Profile
from vaguemestre_sofie import log_file, processes
from vaguemestre_sofie.feeding import Feeding
from vaguemestre_sofie.lease import Lease
from vaguemestre_sofie.log_file import Reading
from vaguemestre_sofie.log_text import Position
from vaguemestre_sofie.patterns import TECHNICAL_KINDS, Kind, LogEvent, Reader
from vaguemestre_sofie.receiving import Arrivals, told
from vaguemestre_sofie.records import Feed, Records
from vaguemestre_sofie.running import Ran, Runner, last_line
from vaguemestre_sofie.settings import Places, Settings, command
from vaguemestre_sofie.silent_hours import rest_until
from vaguemestre_sofie.texts import _

#: Seconds for which a person's wish counts more than the hours of rest.
HURRY = 600.0
#: Seconds before another look while somebody uses SOFiE by hand.
BY_HAND_AGAIN = 30.0


class Trouble(msgspec.Struct, frozen=True):
    """What went wrong in a run, for people. `password`: it has expired."""

    message: str
    password: bool = False


class Installation:
    """Made by `sharing.share`. Methods but `exclusive` are called inside `exclusive()`."""

    def __init__(self, profile: Profile, where: Places) -> None:
        settings: Settings = profile.settings
        self.settings = settings
        self.places = where
        self.records = Records(where.state)
        self.reader = Reader(settings.patterns)
        self.users = 0
        self.began = 0.0
        #: When SOFiE last received without any trouble (UTC), as far as this process knows.
        self.received_at: datetime | None = None
        self.arrivals = Arrivals(self.records, where.incoming)
        self.feeding = Feeding(settings, where, self.records, self.reader, self.arrivals)
        self._notices: list[Notice] = []
        self._hurry_until = 0.0
        self._lock = trio.Lock()
        seconds = settings.receive_minutes * 120 + settings.timeout_seconds + 900
        self._lease = Lease(where.state, seconds)
        self._runner = Runner(self.records, where.home, settings.timeout_seconds)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Have the installation alone. Raises NoEffect if that is not possible now."""
        async with self._lock:
            try:
                await trio.to_thread.run_sync(self._open)
                await self._runner.recover()
            except (OSError, ValueError) as error:
                raise NoEffect(
                    _("The records of the installation in {folder} cannot be used: {error}").format(
                        folder=self.places.state, error=error
                    )
                ) from error
            yield

    def _open(self) -> None:
        self.places.home.stat()  # never makes a home that is not there
        self.began = self.records.begin()
        self._lease.hold()

    def close(self) -> None:
        self._lease.release()

    def hurry(self) -> None:
        self._hurry_until = time.monotonic() + HURRY

    def notices(self) -> tuple[Notice, ...]:
        """What was noticed since the last call."""
        found, self._notices = tuple(self._notices), []
        return found

    # -- may SOFiE be started now?

    async def may_run(self) -> None:
        """Raises NoEffect while somebody uses SOFiE by hand, and in the silent hours."""
        await self.nobody_by_hand()
        now = datetime.now(UTC)
        rest = rest_until(now, self.settings.silent_hours)
        if rest is not None and time.monotonic() >= self._hurry_until:
            text = _("SOFiE rests until {time} (silent hours).").format(time=f"{rest:%H:%M}")
            raise NoEffect(text, retry_after=(rest - now).total_seconds() + 1, resting=True)

    async def nobody_by_hand(self) -> None:
        """Raises NoEffect while somebody uses SOFiE by hand: then its folders are left alone."""
        somebody = await trio.to_thread.run_sync(self._somebody)
        if somebody is not None:
            raise NoEffect(
                _(
                    "Somebody uses SOFiE by hand (process {pid}). It goes on by itself once it is "
                    "closed."
                ).format(pid=somebody.pid),
                retry_after=BY_HAND_AGAIN,
                resting=True,
            )

    def _somebody(self) -> psutil.Process | None:
        return processes.used_by_hand(self.settings.by_hand, self.places.home)

    # -- running SOFiE

    async def run(self, kind: str, feed: Feed | None = None) -> tuple[Ran, Trouble | None]:
        """Run SOFiE to `send` (`feed`, or only what waits encrypted), `receive` or `update`: the
        run, and its trouble if there was any.

        Decrypted files are moved away at once. Raises NoEffect if it could not be started,
        StillRunning if it could not be ended.
        """
        where, settings = self.places, self.settings
        try:
            await trio.to_thread.run_sync(self.feeding.clear_up, feed)
            log = await trio.to_thread.run_sync(log_file.position_at_end, where.audit_log)
            technical = await trio.to_thread.run_sync(log_file.position_at_end, where.technical_log)
            ran = await self._runner.run(kind, command(settings, kind, where.home))
            reading, events = await trio.to_thread.run_sync(self._read, log, technical, ran)
        except OSError as error:
            text = _("SOFiE could not be run: {error}").format(error=error)
            raise NoEffect(text) from error
        self._notices += told(events, self.records, self.places.home)
        return ran, self._trouble(ran, reading, events)

    def _read(self, log: Position, technical: Position, ran: Ran) -> tuple[Reading, list[LogEvent]]:
        encoding = self.settings.log_encoding
        reading = log_file.read_since(self.places.audit_log, log, encoding)
        events = self.reader.events(reading.lines)
        more = log_file.read_since(self.places.technical_log, technical, encoding)
        events += self.reader.events(more.lines, TECHNICAL_KINDS)
        decrypted = {e.original for e in events if e.kind is Kind.DECRYPTED}
        if self._somebody() is None:  # whose decrypted files may be half written
            self.arrivals.move_away(decrypted if ran.cut else None, since=ran.began)
        return reading, events

    def _trouble(self, ran: Ran, reading: Reading, events: Sequence[LogEvent]) -> Trouble | None:
        """What went wrong in the run as a whole. The exit code alone means nothing; it counts where
        SOFiE wrote nothing at all."""
        bad = (Kind.PASSWORD_EXPIRED, Kind.FAILED, Kind.TROUBLE, Kind.REFUSED)
        said = next((e for kind in bad for e in events if e.kind is kind), None)
        if said is not None and said.kind is Kind.PASSWORD_EXPIRED:
            return Trouble(password_expired(), password=True)
        if said is not None:
            words = said.message or said.kind.value
            return Trouble(_("SOFiE reports: {message}").format(message=words))
        if ran.code is None:
            text = _("SOFiE did not end within {seconds} s and was ended.")
            return Trouble(text.format(seconds=f"{self.settings.timeout_seconds:g}"))
        if ran.cut:
            text = _("SOFiE broke off (signal {number}).")
            return Trouble(text.format(number=-ran.code))
        if ran.code != 0 and not reading.lines:
            text = _("SOFiE ended with code {code} and wrote nothing in its log: {line}")
            return Trouble(text.format(code=ran.code, line=last_line(ran.output) or "-"))
        return None


def password_expired() -> str:
    return _(
        'The password of SOFiE has expired. Open SOFiE, change it, and tick "Save encrypted '
        'password for batch processing". Then: vaguemestre sofie password-changed, and vaguemestre '
        "profiles test: until then nothing is sent."
    )
