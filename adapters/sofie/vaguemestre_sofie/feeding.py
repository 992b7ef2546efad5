"""Gives a file to SOFiE, and says from its log and its folders what became of it.

Each step is durable before the next, in an order that leaves no doubt after a crash: a file that is
recorded and lies in none of our places was taken by SOFiE. What the traces mean is in `judging.py`.
Blocking, but for `give`; whoever calls has the installation alone.
"""

from __future__ import annotations

import contextlib
import re
import time

import msgspec
import trio

from vaguemestre.api import NoEffect, Order, write_durably
from vaguemestre_sofie import folders, judging, log_file
from vaguemestre_sofie.judging import Clear, Outcome, Traces, Verdict
from vaguemestre_sofie.names import sent_name
from vaguemestre_sofie.patterns import Reader
from vaguemestre_sofie.points import point
from vaguemestre_sofie.receiving import Arrivals
from vaguemestre_sofie.records import LOST, OPEN, SENT, TAKEN_BACK, Feed, Records
from vaguemestre_sofie.settings import Places, Settings
from vaguemestre_sofie.texts import _

#: Seconds before another look while somebody sends a file by hand.
BY_HAND_AGAIN = 30.0


class Feeding:
    """The files that go through one installation."""

    def __init__(
        self,
        settings: Settings,
        where: Places,
        records: Records,
        reader: Reader,
        arrivals: Arrivals,
    ) -> None:
        self._settings = settings
        self._places = where
        self._records = records
        self._reader = reader
        self._arrivals = arrivals

    async def give(self, order: Order) -> Feed:
        """Put the file into the outgoing folder, durably written down before.

        Raises NoEffect if that is not possible now; then it does not lie there.
        """
        return await trio.to_thread.run_sync(self._give, order)

    def _give(self, order: Order) -> Feed:
        where = self._places
        name = sent_name(self._settings, order.declaration, order.name)
        feed = None
        try:
            self._make_room(name)
            self._arrivals.move_away()
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
            # Staged before it is recorded: what is recorded and lies nowhere was taken by SOFiE.
            self._records.spare(feed).unlink(missing_ok=True)
            write_durably(self._records.staged(feed), order.payload)
            self._records.keep(feed)
            point("sofie.recorded")
            folders.move(self._records.staged(feed), where.outgoing / name)
        except OSError as error:
            if feed is not None:
                self._undo(feed)
            raise NoEffect(_cannot_give(name, error)) from error
        point("sofie.fed")
        return feed

    def _undo(self, feed: Feed) -> None:
        """It could not be given: leave nothing behind. What cannot be undone now, the next look
        finds."""
        with contextlib.suppress(OSError):
            self._take_back(feed)
            self._records.keep(_settled(feed, TAKEN_BACK))
            self._records.spare(feed).unlink(missing_ok=True)

    def _make_room(self, name: str) -> None:
        """See to it that nothing lies under `name`, and that every earlier file that went by this
        name is known by its encrypted one. Raises NoEffect."""
        self.clear_up()
        for feed in self._records.open_feeds():
            if feed.name == name and not feed.transport:
                self._records.keep(_settled(feed, LOST))
        if (self._places.outgoing / name).exists():
            raise NoEffect(
                _(
                    "A file {name} lies in the outgoing folder of SOFiE and is not ours: somebody "
                    "sends by hand. It goes on by itself once that file is gone."
                ).format(name=name),
                retry_after=BY_HAND_AGAIN,
                resting=True,
            )

    def clear_up(self, but: Feed | None = None) -> None:
        """Before any run: take what an earlier life left clear out of SOFiE's way, or it would be
        encrypted again. `but`: the file that is to be sent now. Blocking; raises OSError."""
        for feed in self._records.open_feeds():
            if feed.transport or (but is not None and feed.deposit == but.deposit):
                continue
            outcome = self.look(feed)
            if not self.settle(feed, outcome) or outcome.verdict is Verdict.UNKNOWN:
                self._take_back(feed)

    # -- what became of it

    def look(self, feed: Feed, known: frozenset[str] = frozenset()) -> Outcome:
        """What became of the file, from the log and the folders. `known`: encrypted files of other
        deposits. Blocking; raises OSError."""
        if feed.state == SENT:
            return Outcome(verdict=Verdict.SENT, transport=feed.transport)
        if feed.state == LOST:
            return Outcome(verdict=Verdict.UNKNOWN)
        where = self._places
        clear = folders.clear_state(where.outgoing, feed.name, feed.sha256)
        # The log is read before the folders: what it tells has happened when these are looked at.
        reading = log_file.read_since(where.audit_log, feed.log, self._settings.log_encoding)
        transports = self._transport_names
        traces = Traces(
            name=feed.name,
            clear=Clear.OURS if self._is_here(feed) else clear,
            events=self._reader.events(reading.lines),
            waiting=transports(folders.names(where.encrypted)),
            sent=None if where.sent is None else transports(self._sent_names()),
            before=frozenset(feed.before),
            known=known | self._records.transports(but=feed),
            transport=feed.transport,
            gap=reading.gap,
        )
        return judging.judge(traces)

    def _is_here(self, feed: Feed) -> bool:
        """Whether an earlier life had taken it back, or had not yet given it."""
        places = (self._records.spare(feed), self._records.staged(feed))
        return any(folders.clear_state(p.parent, p.name, feed.sha256) is Clear.OURS for p in places)

    def _sent_names(self) -> frozenset[str]:
        return folders.names(self._places.sent) if self._places.sent else frozenset()

    def _transport_names(self, names: frozenset[str]) -> frozenset[str]:
        wanted = re.compile(self._settings.transport_name, re.IGNORECASE)
        return frozenset(name for name in names if wanted.fullmatch(name))

    def settle(self, feed: Feed, outcome: Outcome) -> bool:
        """Write down what became of the file; a clear file that has no business there any more is
        taken back. False if it should have been there and was not. Blocking; raises OSError."""
        if feed.state != OPEN or outcome.verdict is Verdict.UNKNOWN:
            return True
        here = self._take_back(feed)  # a crash between encrypting and deleting leaves it, too
        if outcome.verdict in (Verdict.SENT, Verdict.PENDING):
            state = SENT if outcome.verdict is Verdict.SENT else OPEN
            self._records.keep(_settled(feed, state, outcome.transport))
        elif here or outcome.verdict is Verdict.REFUSED:
            point("sofie.taken_back")
            self._records.keep(_settled(feed, TAKEN_BACK))
        else:
            return False
        self._records.spare(feed).unlink(missing_ok=True)
        return True

    def _take_back(self, feed: Feed) -> bool:
        """Take the clear file to its spare place, which shows that it was; whether it is there."""
        spare, staged = self._records.spare(feed), self._records.staged(feed)
        folders.take_back(self._places.outgoing, feed.name, feed.sha256, spare)
        if staged.exists():
            with contextlib.suppress(FileExistsError):
                folders.move(staged, spare)
            staged.unlink(missing_ok=True)
        return folders.clear_state(spare.parent, spare.name, feed.sha256) is Clear.OURS


def _settled(feed: Feed, state: str, transport: str = "") -> Feed:
    known = transport or feed.transport
    before = [] if state != OPEN or known else feed.before
    return msgspec.structs.replace(feed, state=state, transport=known, before=before)


def _cannot_give(name: str, error: OSError) -> str:
    place = error.filename or ""
    return _("{name} cannot be given to SOFiE: {place} {error}. Check the folder's rights.").format(
        name=name, place=place, error=error.strerror
    )
