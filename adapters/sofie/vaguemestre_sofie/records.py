"""What must be known about an installation after a crash: durable files in its own folder.

They lie in the home of SOFiE (`vaguemestre/`), because they are about this installation, whichever
daemon uses it: what was given to SOFiE, which run is under way, and the decrypted files that were
moved away. Blocking.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from vaguemestre.api import Order, write_durably
from vaguemestre_sofie.log_text import Position
from vaguemestre_sofie.processes import Started

T = TypeVar("T")

#: Seconds that records of what is over, and returns that were announced, are kept.
KEPT = 60 * 86_400.0
#: Characters of the name of a decrypted file that are kept: with what stands before it, and in any
#: encoding, it fits every file system.
NAME = 75
#: What became of a feed. Open: it may lie clear, encrypted or sent.
#: Lost: nothing said what became of it when the next file of its name had to be given.
OPEN, SENT, TAKEN_BACK, LOST = "open", "sent", "taken back", "lost"


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was, or was about to be, given to SOFiE.

    `name`: under which name. `log`: where the audit log ended before. `before`: the names of the
    encrypted files that lay waiting or sent already. `transport`: its encrypted name, once known.
    """

    deposit: int
    attempt: int
    sha256: str
    name: str
    at: float
    log: Position
    before: list[str]
    state: str = OPEN
    transport: str = ""


class Beginning(msgspec.Struct, frozen=True):
    """When these records began: about what was before, they prove nothing."""

    at: float


class Records:
    """The records of one installation, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.orders = folder / "orders"
        self.received = folder / "received"
        self._run = folder / "run.json"
        self._beginning = folder / "beginning.json"

    def begin(self) -> float:
        """Make the folder if it is not there; when the records began. Raises OSError."""
        for place in (self.folder, self.orders, self.received):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = _read(self._beginning, Beginning)
        if known is None:
            known = Beginning(time.time())
            _write(self._beginning, known)
        return known.at

    # -- what was given to SOFiE

    def feed(self, order: Order) -> Feed | None:
        """The record of the order, of whichever attempt."""
        return _read(self._place(order.deposit, order.sha256), Feed)

    def keep(self, feed: Feed) -> None:
        """Write the record durably. Raises OSError."""
        _write(self._place(feed.deposit, feed.sha256), feed)

    def open_feeds(self) -> Iterator[Feed]:
        """Those whose file may still lie anywhere, the oldest first."""
        found = [f for p in self.orders.glob("*.json") if (f := _read(p, Feed)) is not None]
        yield from sorted((f for f in found if f.state == OPEN), key=lambda f: f.at)

    def transports(self, but: Feed | None = None) -> frozenset[str]:
        """The encrypted files that are known to belong to deposits (other than `but`)."""
        found = [f for p in self.orders.glob("*.json") if (f := _read(p, Feed)) is not None]
        return frozenset(
            f.transport
            for f in found
            if f.transport and (but is None or (f.deposit, f.sha256) != (but.deposit, but.sha256))
        )

    def _place(self, deposit: int, sha256: str) -> Path:
        return self.orders / f"{deposit:08d}-{sha256[:16]}.json"

    def staged(self, feed: Feed) -> Path:
        """Where its clear file is written first: while it lies there, it was not given."""
        return self.orders / f"{feed.deposit:08d}-{feed.sha256[:16]}.staged"

    def spare(self, feed: Feed) -> Path:
        """Where its clear file is put when it is taken back: while it lies there, it was."""
        return self.orders / f"{feed.deposit:08d}-{feed.sha256[:16]}.clear"

    # -- the run under way

    def run_started(self, run: Started) -> None:
        _write(self._run, run)

    def run_over(self) -> None:
        self._run.unlink(missing_ok=True)

    def run(self) -> Started | None:
        """The run that was under way when somebody last looked."""
        return _read(self._run, Started)

    # -- what was received

    def has_arrived(self, name: str) -> bool:
        """Whether a decrypted file of this name was moved away."""
        return any(p.name[21:].casefold() == name.casefold() for p in self.arrivals())

    def next_place(self, name: str) -> Path:
        """A new place in `received` for a decrypted file: places sort by arrival. A name that is no
        text, or too long, is changed so that it can be kept."""
        name = os.fsencode(name).decode("utf-8", "replace")[-NAME:]
        last = max((p.name for p in self.received.iterdir()), default="")
        number = time.time_ns()
        if last.partition("-")[0].isdigit():
            number = max(number, int(last.partition("-")[0]) + 1)
        return self.received / f"{number:020d}-{name}"

    def arrivals(self) -> list[Path]:
        """The decrypted files that were moved away, in the order of their arrival."""
        return sorted(p for p in self.received.iterdir() if p.name[:20].isdigit())

    def tidy(self, announced: str) -> None:
        """Remove what is long over; of arrivals only those up to `announced`."""
        limit = time.time() - KEPT
        for path in self.arrivals():
            if path.name <= announced and int(path.name[:20]) / 1e9 < limit:
                path.unlink(missing_ok=True)
        for path in self.orders.glob("*.json"):
            feed = _read(path, Feed)
            if feed is not None and feed.state != OPEN and feed.at < limit:
                path.unlink(missing_ok=True)


def _read(file: Path, kind: type[T]) -> T | None:
    """Raises OSError, and ValueError for a record that is damaged: nobody may guess then."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=kind)


def _write(file: Path, record: msgspec.Struct) -> None:
    write_durably(file, msgspec.json.encode(record), mode=0o600)
