"""The folder in which files lie ready for a person: each in a folder of its own, laid there whole
and once.

A hand-over is prepared out of sight, then shown by one rename. Its record says which of the two it
is: `prepared` is written when everything is on the disk but nothing shown, so that from then on the
prepared folder is either still out of sight (nothing was handed over) or was shown, even if a
person has taken it away since. Blocking functions, called in threads.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from vaguemestre.api import Order, declare_points, point, write_durably

declare_points(
    {
        "izilio.staged": "a hand-over is written out of sight, not yet recorded",
        "izilio.prepared": "a hand-over is recorded as prepared, not yet shown",
        "izilio.shown": "a hand-over can be seen, not yet recorded as done",
        "izilio.marked": "a hand-over is recorded as done, not yet told to the core",
    }
)

#: Where records and what is being prepared are; hidden, and not for people.
_HIDDEN = ".vaguemestre"
#: Characters of a file's name that its folder shows.
_SHOWN = 60


class Record(msgspec.Struct, frozen=True):
    """One hand-over. `folder`: the name of its folder, `state`: see above. `identity`: by what the
    platform's answers tell the declaration, no personal data."""

    deposit: int
    attempt: int
    sha256: str
    folder: str
    state: Literal["prepared", "done"]
    identity: dict[str, str] = msgspec.field(default_factory=dict)


class Unprepared(Exception):
    """The tray has no records: it was never used, or is not the folder that it was."""


class Tray:
    """The tray at `place`. `filed`: the name of the folder for what is dealt with."""

    def __init__(self, place: Path, filed: str) -> None:
        self.place = place
        self.filed = place / filed
        self._hidden = place / _HIDDEN

    def set_up(self) -> None:
        """Make the folder (not those above it) and what belongs into it. Raises OSError."""
        for folder in (self.place, self._hidden):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                _sync(folder.parent)

    def try_to_write(self) -> None:
        """Raises OSError if files cannot be written, renamed or removed here."""
        probe = self._hidden / "probe"
        write_durably(probe, b"")
        probe.replace(self.place / ".probe")
        (self.place / ".probe").unlink()

    def lay(self, order: Order, note_name: str, note: bytes) -> Record:
        """Show the order to people, unless that was done. Raises OSError: see `outcome`."""
        record = self.outcome(order)
        if record is not None and record.state == "done":
            return record
        record = Record(
            deposit=order.deposit,
            attempt=order.attempt,
            sha256=order.sha256,
            folder=folder_name(order),
            state="prepared",
            identity={
                **order.declaration.identity,
                "trial": "01" if order.declaration.test else "02",
            },
        )
        staged = self._hidden / _key(record)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir()
        write_durably(staged / file_name(order.name), order.payload)
        write_durably(staged / note_name, note)
        _sync(self._hidden)
        point("izilio.staged")
        self._withdraw_earlier(order)
        self._write(record)
        point("izilio.prepared")
        staged.rename(self.place / record.folder)
        point("izilio.shown")
        return self._done(record)

    def outcome(self, order: Order) -> Record | None:
        """What became of this attempt: None if nothing was shown to anybody.

        Raises Unprepared if nobody can tell, OSError if the folder cannot be read.
        """
        if not self._hidden.is_dir():
            raise Unprepared
        record = self._read(_key(order))
        if record is None or record.state == "done":
            return record
        if (self._hidden / _key(record)).is_dir():
            return None
        return self._done(record)

    def records(self) -> Iterator[Record]:
        """Every hand-over that is not over. Raises OSError."""
        for file in sorted(self._hidden.glob("*.json")):
            record = self._read(file.stem)
            if record is not None:
                yield record

    def clear(self, deposits: Sequence[tuple[int, str]]) -> None:
        """File the hand-overs of these deposits away, and forget them. Raises OSError."""
        wanted = frozenset(deposits)
        for record in self.records():
            if (record.deposit, record.sha256) in wanted:
                self._file(record)
                self._record_file(_key(record)).unlink(missing_ok=True)
        _sync(self._hidden)

    def _withdraw_earlier(self, order: Order) -> None:
        """A person said of the earlier attempts that they were not deposited: only one copy of a
        declaration lies there to be deposited."""
        for attempt in range(1, order.attempt):
            key = _key(msgspec.structs.replace(order, attempt=attempt))
            if (record := self._read(key)) is not None:
                self._file(record)
                shutil.rmtree(self._hidden / key, ignore_errors=True)

    def _file(self, record: Record) -> None:
        """Out of the people's way, if it is still there."""
        shown = self.place / record.folder
        if not shown.is_dir():
            return
        self.filed.mkdir(exist_ok=True)
        target, number = self.filed / record.folder, 1
        while target.exists():
            number += 1
            target = self.filed / f"{record.folder} [{number}]"
        shown.rename(target)
        _sync(self.filed)
        _sync(self.place)

    def _done(self, record: Record) -> Record:
        _sync(self._hidden)
        _sync(self.place)
        done = msgspec.structs.replace(record, state="done")
        self._write(done)
        point("izilio.marked")
        return done

    def _record_file(self, key: str) -> Path:
        return self._hidden / f"{key}.json"

    def _read(self, key: str) -> Record | None:
        try:
            content = self._record_file(key).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(content, type=Record)
        except msgspec.DecodeError as error:  # written whole or not at all: somebody's hand
            raise Unprepared from error

    def _write(self, record: Record) -> None:
        write_durably(self._record_file(_key(record)), msgspec.json.encode(record))


def folder_name(order: Order) -> str:
    """What people see: the number of the deposit, its file, and a piece of its digest that tells
    contents apart. A second attempt has a name of its own."""
    again = f" ({order.attempt})" if order.attempt > 1 else ""
    shown = file_name(Path(order.name).stem)[:_SHOWN].strip(" .")
    return f"{order.deposit} - {shown} - {order.sha256[:8]}{again}"


def file_name(name: str) -> str:
    """The name of the file, good on any system."""
    plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", name).strip(" .")
    return plain or "declaration"


def _key(of: Order | Record) -> str:
    return f"{of.sha256[:32]}-{of.deposit}-{of.attempt}"


def _sync(folder: Path) -> None:
    """Make renames in the folder durable, where the system has a call for it."""
    if os.name == "nt":
        return
    with suppress(FileNotFoundError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
