"""The adapter of the transport `hand-over`: lays orders ready, and collects what people drop.

It deposits nothing. Whether a file was handed over is known for certain at any time (`tray.py`);
whether it was deposited is known to the person who did it, and only that person says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePath
from typing import Any, TypeVar

import msgspec
import trio

from vaguemestre.api import (
    Absent,
    Adapter,
    Announcement,
    ConnectionReport,
    Document,
    Examined,
    HandedOver,
    Level,
    NoEffect,
    Notice,
    Order,
    OutcomeUnknown,
    Profile,
    Status,
    Unknown,
    Window,
)
from vaguemestre_izilio.hand_over import dropped, note
from vaguemestre_izilio.hand_over.dropped import Dropped, Locator, Untaken
from vaguemestre_izilio.hand_over.tray import Record, Tray, Unprepared
from vaguemestre_izilio.settings import FOLDER_POLL, Settings
from vaguemestre_izilio.texts import _
from vaguemestre_net_entreprises.protocol import identity
from vaguemestre_net_entreprises.protocol.identity import Verdict

T = TypeVar("T")


class HandOver(Adapter):
    """One profile by hand."""

    platform = "izilio"
    settings = Settings
    modules = frozenset({"dsn", "signalement", "fctu"})
    #: What lies on our own disk is there at once.
    settling_seconds = 0.0

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self._settings: Settings = profile.settings
        self.poll_seconds = min(self._settings.poll_seconds, FOLDER_POLL)
        place = profile.base / self._settings.folder
        self._tray = Tray(place, self._settings.filed)
        self._returns = place / self._settings.returns
        self._filed_returns = self._returns / self._settings.filed
        self._left: set[str] = set()

    @classmethod
    def endpoint(cls, settings: Any) -> str:
        return f"hand-over:{PurePath(settings.folder).as_posix()}"

    async def check(self) -> ConnectionReport:
        """Make the folders, and try to write."""
        try:
            await _off_the_loop(self._set_up)
        except OSError as error:
            return ConnectionReport(ok=False, message=self._trouble(error))
        return ConnectionReport(
            ok=True,
            message=_("Files can be laid ready in {folder}; nothing was deposited.").format(
                folder=self._tray.place
            ),
        )

    async def deposit(self, order: Order) -> HandedOver:
        """Lay the order ready. Raises NoEffect, or OutcomeUnknown if it may be seen already."""
        try:
            await _off_the_loop(self._prepare)
        except OSError as error:
            raise NoEffect(self._trouble(error)) from error
        try:
            return self._handed_over(order, await _off_the_loop(partial(self._lay, order)))
        except OSError as error:
            lost = error
        try:
            record = await _off_the_loop(partial(self._tray.outcome, order))
        except (OSError, Unprepared):
            raise OutcomeUnknown(self._trouble(lost)) from lost
        if record is None:
            raise NoEffect(self._trouble(lost)) from lost
        return self._handed_over(order, record)

    async def look_up(self, order: Order, since: datetime) -> HandedOver | Absent | Unknown:
        del since
        try:
            record = await _off_the_loop(partial(self._tray.outcome, order))
        except Unprepared:
            return Unknown(
                message=_(
                    "The folder {folder} does not know what was laid into it: is it the right one, "
                    "and is its disk there?"
                ).format(folder=self._tray.place),
                ambiguous=self._tray.place.is_dir(),
            )
        except OSError as error:
            raise NoEffect(self._trouble(error)) from error
        if record is None:
            return Absent(evidence={"folder": str(self._tray.place)})
        return self._handed_over(order, record)

    async def waiting(self) -> Sequence[tuple[int, str]]:
        try:
            records = await _off_the_loop(lambda: list(self._tray.records()))
        except (OSError, Unprepared):
            return ()
        return [(record.deposit, record.sha256) for record in records]

    async def over(self, deposits: Sequence[tuple[int, str]]) -> None:
        try:
            await _off_the_loop(partial(self._tray.clear, deposits))
        except (OSError, Unprepared) as error:
            raise NoEffect(self._trouble(error)) from error

    async def collect(self, cursor: str | None) -> Window:
        """What was dropped since. What `cursor` names is in the store, and put away first."""
        try:
            found = await _off_the_loop(partial(self._collect, cursor))
        except OSError as error:
            raise NoEffect(self._trouble(error)) from error
        ours = [one for one in found if isinstance(one, Dropped) and one.reference]
        announcements = tuple(_announcement(one) for one in ours)
        seen = tuple(Locator(one.path, one.sha256) for one in ours)
        line = {name: value for name, value in _read(cursor).items() if name != "seen"}
        return Window(
            announcements=announcements,
            cursor=msgspec.json.encode({**line, "seen": seen} if seen else line).decode(),
            more=bool(ours),
            notices=(*self._left_notices(found), *await self._suggestions(ours)),
        )

    async def fetch(self, announcement: Announcement) -> Document | None:
        try:
            locator = msgspec.json.decode(announcement.locator or "{}", type=Locator)
        except msgspec.DecodeError:
            return None
        try:
            content = await _off_the_loop(
                partial(dropped.content, self._returns, self._filed_returns, locator)
            )
        except OSError as error:
            raise NoEffect(self._trouble(error)) from error
        if content is None:
            return None
        name = locator.path.rpartition("/")[2]
        return Document(content=content, media_type=dropped.media_type(name), name=name)

    async def announced(self, reference: str) -> Sequence[Announcement]:
        try:
            found = await _off_the_loop(partial(self._collect, None))
        except OSError as error:
            raise NoEffect(self._trouble(error)) from error
        return [
            _announcement(one)
            for one in found
            if isinstance(one, Dropped) and one.reference == reference
        ]

    async def examine(self) -> Sequence[Examined]:
        subject = _("hand-over folder")
        place = self._tray.place
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            message = _("{folder} is not there, or cannot be written").format(folder=place)
            advice = _("Make it, or mend its rights, then: vaguemestre profiles test {name}")
            return [Examined(subject, Status.ERROR, message, advice.format(name=self.profile.name))]
        count = len(await self.waiting())
        message = _("{folder}; files that wait for a person: {count}")
        return [Examined(subject, Status.OK, message.format(folder=place, count=count))]

    # -- blocking parts

    def _prepare(self) -> None:
        self._tray.set_up()
        self._returns.mkdir(exist_ok=True)

    def _set_up(self) -> None:
        self._prepare()
        self._tray.try_to_write()

    def _lay(self, order: Order) -> Record:
        settings = self._settings
        now = datetime.now(UTC)
        text = note.note(order, settings.portal, str(self._returns), settings.filed, now)
        return self._tray.lay(order, note.note_name(), text)

    def _collect(self, cursor: str | None) -> list[Dropped | Untaken]:
        for locator in _seen(cursor):
            dropped.put_away(self._returns, self._filed_returns, locator)
        if not self._returns.is_dir():
            return []
        return list(dropped.look(self._returns, self._filed_returns, datetime.now(UTC)))

    # -- what people read

    def _handed_over(self, order: Order, record: Record) -> HandedOver:
        folder = self._tray.place / record.folder
        now = datetime.now(UTC)
        return HandedOver(
            message=note.sentence(order, self._settings.portal, str(folder), now),
            evidence={"folder": str(folder), "attempt": record.attempt, "sha256": record.sha256},
        )

    def _trouble(self, error: Exception) -> str:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        return _("The folder {folder} cannot be used ({reason}).").format(
            folder=self._tray.place, reason=reason
        )

    async def _suggestions(self, found: Sequence[Dropped]) -> list[Notice]:
        """What was answered about a file that still waits for the word of a person: the reference
        stands in the answer, and only has to be confirmed."""
        if not any(one.echo for one in found):
            return []
        try:
            records = await _off_the_loop(lambda: list(self._tray.records()))
        except (OSError, Unprepared):  # told where a file is laid or looked up
            return []
        told = []
        for one in found:
            meant = [r for r in records if identity.compare(one.echo, r.identity) is Verdict.SAME]
            if len({record.deposit for record in meant}) == 1:
                told.append(self._suggestion(one, meant[-1].deposit))
        return told

    def _suggestion(self, one: Dropped, deposit: int) -> Notice:
        return Notice(
            key=f"by-hand-answered:{deposit}",
            level=Level.INFO,
            title=_("Deposit {deposit} was made by hand, as it seems: {reference}").format(
                deposit=deposit, reference=one.reference
            ),
            text=_(
                "{file} is an answer to it. If that is so, confirm it: vaguemestre deposits settle "
                "{deposit} --deposited {reference}"
            ).format(file=one.path, deposit=deposit, reference=one.reference),
            deposit=deposit,
            profile=self.profile.name,
        )

    def _left_notices(self, found: Sequence[Dropped | Untaken]) -> list[Notice]:
        """Each file that stays where it is is told once, and again after a restart."""
        left = {one.path: one for one in found if isinstance(one, Untaken) or not one.reference}
        told = [one for path, one in left.items() if path not in self._left]
        self._left = set(left)
        return [self._notice(one) for one in told]

    def _notice(self, one: Dropped | Untaken) -> Notice:
        if isinstance(one, Dropped):
            title = _("Nobody can say which deposit {file} is about")
            text = _(
                "It names no reference (idflux). In the folder {folder}, make a folder with the "
                "reference of the deposit as its name, and put the file into it."
            )
        else:
            title = _("{file} cannot be taken from the folder of returns")
            text = (
                _("The system says: {reason}. Mend its rights in the folder {folder}.")
                if one.reason
                else _("It is too large for a return. Take it out of the folder {folder}.")
            )
        return Notice(
            key=f"left-return:{self.profile.name}:{one.path}",
            level=Level.WARNING,
            title=title.format(file=one.path),
            text=text.format(folder=self._returns, reason=getattr(one, "reason", "")),
            profile=self.profile.name,
        )


def _announcement(one: Dropped) -> Announcement:
    return Announcement(
        reference=one.reference,
        nature=one.nature,
        version=one.sha256[:24],
        published_at=one.changed_at,
        locator=msgspec.json.encode(Locator(one.path, one.sha256)).decode(),
    )


def _read(cursor: str | None) -> dict[str, Any]:
    """`seen`: what the last round found. All other keys belong to the other transport, which goes
    on from there when the profile is changed back to it."""
    try:
        return msgspec.json.decode(cursor or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _seen(cursor: str | None) -> list[Locator]:
    """Nothing for what cannot be read: everything is announced once more, which is no harm."""
    try:
        return msgspec.convert(_read(cursor).get("seen", []), list[Locator])
    except msgspec.ValidationError:
        return []


async def _off_the_loop(work: Callable[[], T]) -> T:
    """Disks, and shares above all, may be slow."""
    return await trio.to_thread.run_sync(work)
