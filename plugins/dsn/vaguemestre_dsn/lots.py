"""Opens the lots in which organisms keep DSN files: the sendings inside, as they were produced.

A lot wraps sendings in blocks of its own (S05, S06, S95, S96) and notes on each when and how it
came (S10.G00.95, S20.G00.96). Nobody deposits lots; they can be controlled one by one.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from vaguemestre.api import Part
from vaguemestre_dsn.reader import Bad, Rubrique, read

_WRAPPING = re.compile(r"S(?:05|06|95|96)\.G51\.00")
_NOTES = ("S10.G00.95", "S20.G00.96")
#: From this number on, rubriques of any block are the organism's.
_NOTED = "900"
#: Longest counter that is one.
_DIGITS = 12
_BEGIN, _COUNTER = "S10.G00.00.001", "S90.G00.90.001"


def is_lot(payload: bytes) -> bool:
    """Whether the file begins with a block that only lots have."""
    first = next(iter(read(payload[:4096])), None)
    return isinstance(first, Rubrique) and _WRAPPING.fullmatch(first.block) is not None


def unwrap(name: str, payload: bytes) -> list[Part]:
    """The sendings of a lot, each with the lines that it has there; none if it is no lot."""
    if not is_lot(payload):
        return []
    sendings: list[_Sending] = []
    lines = list(read(payload))
    ends = [*(line.offset for line in lines[1:]), len(payload)]
    for line, end in zip(lines, ends, strict=True):
        if isinstance(line, Rubrique):
            if _WRAPPING.fullmatch(line.block):
                continue
            if line.code == _BEGIN:
                sendings.append(_Sending())
        if sendings:
            sendings[-1].take(line, payload[line.offset : end])
    path = PurePath(name)
    return [
        Part(f"{path.stem}-{n}of{len(sendings)}{path.suffix}", s.payload(), tuple(s.numbers))
        for n, s in enumerate(sendings, start=1)
    ]


class _Sending:
    """One sending of a lot: its lines without what the organism noted."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._lines: list[bytes] = []
        self._notes = 0
        self._counter: tuple[int, Rubrique] | None = None

    def take(self, line: Rubrique | Bad, raw: bytes) -> None:
        if isinstance(line, Rubrique):
            if line.block in _NOTES or line.code[-3:] >= _NOTED:
                self._notes += 1
                return
            if line.code == _COUNTER:
                self._counter = len(self._lines), line
        self.numbers.append(line.line)
        self._lines.append(raw)

    def payload(self) -> bytes:
        """The file as it was produced: its counter does not count the notes."""
        lines = list(self._lines)
        if self._counter is not None:
            at, line = self._counter
            short = len(line.value) <= _DIGITS and line.value.isdigit()
            if short and int(line.value) > self._notes:
                right = b"%d" % (int(line.value) - self._notes)
                lines[at] = lines[at].replace(b"'" + line.value, b"'" + right, 1)
        return b"".join(lines)
