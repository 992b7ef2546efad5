"""One installation of SOFiE, as everything in this process that drives it shares it.

Whoever uses it has it alone: within this process by a lock, among processes and machines by the
lease, after a crash by waiting for the run that was left behind. Then it gives a file to SOFiE and
says what became of it, or runs SOFiE to receive. What a platform's adapter owes the core is in
`adapter.py`.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import trio

from vaguemestre.api import ConfigurationError, NoEffect, Notice, Order, Profile
from vaguemestre_sofie import folders, judging, log_file, processes
from vaguemestre_sofie.judging import Clear, Outcome, Traces, Verdict
from vaguemestre_sofie.lease import Lease
from vaguemestre_sofie.log_file import Reading
from vaguemestre_sofie.log_text import Position
from vaguemestre_sofie.names import sent_name
from vaguemestre_sofie.patterns import TECHNICAL_KINDS, Kind, LogEvent, Reader
from vaguemestre_sofie.points import point
from vaguemestre_sofie.receiving import Arrivals, told
from vaguemestre_sofie.records import LOST, OPEN, SENT, TAKEN_BACK, Feed, Records
from vaguemestre_sofie.running import Ran, Runner, last_line
from vaguemestre_sofie.settings import Places, Settings, command, places
from vaguemestre_sofie.silent_hours import rest_until
from vaguemestre_sofie.texts import _

#: Seconds for which a person's wish counts more than the hours of rest.
HURRY = 600.0
#: Seconds before another look while somebody uses SOFiE by hand.
BY_HAND_AGAIN = 30.0


class Installation:
    """Made by `share`. Methods but `exclusive` are called inside `exclusive()`."""

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
        """Raises NoEffect in the silent hours, and while somebody uses SOFiE by hand."""
        now = datetime.now(UTC)
        rest = rest_until(now, self.settings.silent_hours)
        if rest is not None and time.monotonic() >= self._hurry_until:
            text = _("SOFiE rests until {time} (silent hours).").format(time=f"{rest:%H:%M}")
            raise NoEffect(text, retry_after=(rest - now).total_seconds() + 1, resting=True)
        somebody = await trio.to_thread.run_sync(
            processes.used_by_hand, self.settings.by_hand, self.places.home
        )
        if somebody is not None:
            raise NoEffect(
                _(
                    "Somebody uses SOFiE by hand (process {pid}). It goes on by itself once it is "
                    "closed."
                ).format(pid=somebody.pid),
                retry_after=BY_HAND_AGAIN,
                resting=True,
            )

    # -- giving a file to SOFiE

    async def give(self, order: Order) -> Feed:
        """Put the file into the outgoing folder, durably written down before.

        Raises NoEffect if that is not possible now; then it does not lie there.
        """
        return await trio.to_thread.run_sync(self._give, order)

    def _give(self, order: Order) -> Feed:
        where = self.places
        name = sent_name(self.settings, order.declaration, order.name)
        feed = None
        try:
            self._make_room(name)
            self.arrivals.move_away()
            before = folders.names(where.encrypted) | (self._sent_names() or frozenset())
            feed = Feed(
                deposit=order.deposit,
                attempt=order.attempt,
                sha256=order.sha256,
                name=name,
                at=time.time(),
                log=log_file.position_at_end(where.audit_log),
                before=sorted(before),
            )
            self.records.spare(feed).unlink(missing_ok=True)
            self.records.keep(feed)
            point("sofie.recorded")
            folders.drop(order.payload, where.outgoing, name, self.records.folder / "next")
        except OSError as error:
            if feed is not None:
                self.records.keep(_settled(feed, TAKEN_BACK))
            raise NoEffect(_cannot_give(name, error)) from error
        point("sofie.fed")
        return feed

    def _make_room(self, name: str) -> None:
        """See to it that nothing lies under `name`, and that every earlier file that went by this
        name is known by its encrypted one. Raises NoEffect."""
        for feed in self.records.open_feeds():
            if feed.name == name and not feed.transport:
                outcome = self.look(feed)
                if not self.settle(feed, outcome) or outcome.verdict is Verdict.UNKNOWN:
                    self.records.keep(_settled(feed, LOST))
        if (self.places.outgoing / name).exists():
            raise NoEffect(
                _(
                    "A file {name} lies in the outgoing folder of SOFiE and is not ours: somebody "
                    "sends by hand. It goes on by itself once that file is gone."
                ).format(name=name),
                retry_after=BY_HAND_AGAIN,
                resting=True,
            )

    # -- what became of it

    def look(self, feed: Feed, known: frozenset[str] = frozenset()) -> Outcome:
        """What became of the file, from the log and the folders. `known`: encrypted files of other
        deposits. Blocking; raises OSError."""
        if feed.state == SENT:
            return Outcome(verdict=Verdict.SENT, transport=feed.transport)
        if feed.state == LOST:
            return Outcome(verdict=Verdict.UNKNOWN)
        where = self.places
        clear = folders.clear_state(where.outgoing, feed.name, feed.sha256)
        # The log is read before the folders: what it tells has happened when these are looked at.
        reading = log_file.read_since(where.audit_log, feed.log, self.settings.log_encoding)
        transports = self._transport_names
        traces = Traces(
            name=feed.name,
            clear=Clear.OURS if self.records.spare(feed).exists() else clear,
            events=self.reader.events(reading.lines),
            waiting=transports(folders.names(where.encrypted)),
            sent=None if where.sent is None else transports(self._sent_names()),
            before=frozenset(feed.before),
            known=known | self.records.transports(but=feed),
            transport=feed.transport,
            gap=reading.gap,
        )
        return judging.judge(traces)

    def _sent_names(self) -> frozenset[str]:
        return folders.names(self.places.sent) if self.places.sent else frozenset()

    def _transport_names(self, names: frozenset[str]) -> frozenset[str]:
        wanted = re.compile(self.settings.transport_name, re.IGNORECASE)
        return frozenset(name for name in names if wanted.fullmatch(name))

    def settle(self, feed: Feed, outcome: Outcome) -> bool:
        """Write down what became of the file; a clear file that has no business there any more is
        taken back. False if it should have been there and was not. Blocking; raises OSError."""
        if feed.state != OPEN:
            return True
        if outcome.verdict in (Verdict.SENT, Verdict.PENDING):
            self._take_back(feed)  # a crash between encrypting and deleting leaves it
            state = SENT if outcome.verdict is Verdict.SENT else OPEN
            self.records.keep(_settled(feed, state, outcome.transport))
        elif outcome.verdict in (Verdict.NOT_TAKEN, Verdict.REFUSED):
            if not self._take_back(feed):
                return False
            point("sofie.taken_back")
            self.records.keep(_settled(feed, TAKEN_BACK))
        self.records.spare(feed).unlink(missing_ok=True)
        return True

    def _take_back(self, feed: Feed) -> bool:
        spare = self.records.spare(feed)
        return folders.take_back(self.places.outgoing, feed.name, feed.sha256, spare)

    # -- running SOFiE

    async def run(self, kind: str) -> tuple[Ran, str]:
        """Run SOFiE to `send`, `receive` or `update`: the run, and the trouble in a sentence, "" if
        there was none. Decrypted files are moved away at once.

        Raises NoEffect if it could not be started, StillRunning if it could not be ended.
        """
        where, settings = self.places, self.settings
        try:
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
        self.arrivals.move_away(decrypted if ran.cut else None, since=ran.began)
        return reading, events

    def _trouble(self, ran: Ran, reading: Reading, events: Sequence[LogEvent]) -> str:
        """What went wrong in the run as a whole, for people. The exit code alone means nothing; it
        counts where SOFiE wrote nothing at all."""
        bad = (Kind.PASSWORD_EXPIRED, Kind.FAILED, Kind.TROUBLE, Kind.REFUSED)
        said = next((e for kind in bad for e in events if e.kind is kind), None)
        if said is not None:
            if said.kind is Kind.PASSWORD_EXPIRED:
                return password_expired()
            return _("SOFiE reports: {message}").format(message=said.message or said.kind.value)
        if ran.code is None:
            return _("SOFiE did not end within {seconds} s and was ended.").format(
                seconds=f"{self.settings.timeout_seconds:g}"
            )
        if ran.cut:
            return _("SOFiE broke off (signal {number}).").format(number=-ran.code)
        if ran.code != 0 and not reading.lines:
            return _("SOFiE ended with code {code} and wrote nothing in its log: {line}").format(
                code=ran.code, line=last_line(ran.output) or "-"
            )
        return ""


def password_expired() -> str:
    return _(
        'The password of SOFiE has expired. Open SOFiE, change it, and tick "Save encrypted '
        'password for batch processing"; then: vaguemestre sofie password-changed'
    )


def _settled(feed: Feed, state: str, transport: str = "") -> Feed:
    known = transport or feed.transport
    before = [] if state != OPEN or known else feed.before
    return msgspec.structs.replace(feed, state=state, transport=known, before=before)


def _cannot_give(name: str, error: OSError) -> str:
    place = error.filename or ""
    return _("{name} cannot be given to SOFiE: {place} {error}. Check the folder's rights.").format(
        name=name, place=place, error=error.strerror
    )


#: By home and by event loop: tests have several.
_shared: dict[tuple[Path, int], Installation] = {}


def share(profile: Profile) -> Installation:
    """The installation of the profile; give it back with `leave`. Called under trio. Raises
    ConfigurationError if another profile describes the same installation otherwise."""
    where = places(profile)
    key = (where.home, id(trio.lowlevel.current_trio_token()))
    if key not in _shared:
        _shared[key] = Installation(profile, where)
    elif _shared[key].settings != profile.settings:
        raise ConfigurationError(
            _(
                "two profiles describe the installation of SOFiE in {home} differently: their "
                "settings must be the same"
            ).format(home=where.home)
        )
    _shared[key].users += 1
    return _shared[key]


def leave(installation: Installation) -> None:
    """It is not used any more; the last one gives up the lease."""
    installation.users -= 1
    if installation.users == 0:
        installation.close()
        for key in [k for k, value in _shared.items() if value is installation]:
            del _shared[key]
