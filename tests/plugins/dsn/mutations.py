"""Damages single rubriques of DSN files, systematically from the norm's tables.

Each damage is one change to a valid file, whose footer is counted again, and says where a control
must find it. Damages to blocks and to files as a whole are made by `mutations_blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vaguemestre_dsn.norm.tables import FORBIDDEN, MANDATORY, Norm, Place, RubriqueRow, Type, load

Line = tuple[str, str]
#: Longest value that a line of 256 characters may hold.
LONGEST_VALUE = 239


@dataclass(frozen=True)
class Damage:
    """`kind`: what is damaged, and how. `where`: a blocking finding must begin so (a rubrique, a
    block, or a whole code). `line`: the finding must name this one, 0 if any."""

    kind: str
    payload: bytes
    where: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class Occurrence:
    """An occurrence of a block: its lines are `lines[start:stop]` of its sample."""

    block: str
    start: int
    stop: int
    place: Place | None

    @property
    def depth(self) -> int:
        return self.place.depth if self.place else 0


class Sample:
    """A valid file, taken apart. `late`: the last occurrence of each rubrique is damaged, not the
    first."""

    def __init__(self, payload: bytes, *, late: bool = False) -> None:
        self.payload = payload
        self.late = late
        self.lines: list[Line] = []
        for raw in payload.decode("latin-1").split("\r\n")[:-1]:
            code, _comma, value = raw.partition(",")
            self.lines.append((code, value[1:-1]))
        values = dict(reversed(self.lines))
        self.norm: Norm = load(values["S10.G00.00.006"])
        self.nature = values["S20.G00.05.001"]
        self.tree = self.norm.trees[self.nature]
        self.occurrences = list(self._occurrences())

    def _occurrences(self) -> Iterator[Occurrence]:
        start = 0
        for at in range(1, len(self.lines) + 1):
            block = self.lines[start][0][:10]
            ends = at == len(self.lines) or self.lines[at][0][:10] != block
            if ends or self.lines[at][0] <= self.lines[at - 1][0]:
                yield Occurrence(block, start, at, self.tree.get(block))
                start = at

    def row(self, code: str) -> RubriqueRow:
        return self.norm.blocks[code[:10]][code]

    def chosen(self) -> Iterator[tuple[Occurrence, int]]:
        """One line of each rubrique, with the occurrence that it belongs to."""
        found: dict[str, tuple[Occurrence, int]] = {}
        for occurrence in self.occurrences:
            for at in range(occurrence.start, occurrence.stop):
                if self.late or self.lines[at][0] not in found:
                    found[self.lines[at][0]] = (occurrence, at)
        yield from found.values()

    def replaced(self, start: int, stop: int, lines: list[Line]) -> bytes:
        """The file with other lines in the place of some, counted again."""
        return written([*self.lines[:start], *lines, *self.lines[stop:]])

    def valued(self, at: int, value: str) -> bytes:
        """The file with another value in one line, which is no counter or keeps its own."""
        lines = [*self.lines]
        lines[at] = (lines[at][0], value)
        return joined(lines)


def joined(lines: list[Line]) -> bytes:
    return "".join(f"{code},'{value}'\r\n" for code, value in lines).encode("latin-1")


def written(lines: list[Line]) -> bytes:
    """The bytes of a file, with a footer that counts right."""
    right = {
        "S90.G00.90.001": str(len(lines)),
        "S90.G00.90.002": str(sum(code == "S20.G00.05.001" for code, _value in lines)),
    }
    return joined([(code, right.get(code, value)) for code, value in lines])


#: What damages one value: makes wrong ones of a right one and its type.
Spoil = Callable[[str, Type], Iterator[str]]


def spoilt(sample: Sample, name: str, spoil: Spoil) -> Iterator[Damage]:
    """A damage for each wrong value of each rubrique."""
    for _occurrence, at in sample.chosen():
        code, value = sample.lines[at]
        for wrong in spoil(value, sample.row(code).type):
            yield Damage(f"{code} {name}", sample.valued(at, wrong), (code,), at + 1)


def bare(value: str, _kind: Type) -> Iterator[str]:
    del value
    yield ""
    yield "   "


def edged(value: str, _kind: Type) -> Iterator[str]:
    yield " " + value
    yield value + " "


def lengthened(value: str, kind: Type) -> Iterator[str]:
    """One character too many: of numbers by zeros in front, so that nothing else is wrong."""
    missing = kind.most + 1 - len(value)
    if kind.codes:
        yield value + "0"
    elif kind.nature == "N" and value.startswith("-"):
        yield "-" + "0" * missing + value[1:]
    elif kind.nature == "N":
        yield "0" * missing + value
    else:
        yield value + value[-1] * missing
    yield value + "1" * (LONGEST_VALUE + 1 - len(value))


def shortened(value: str, kind: Type) -> Iterator[str]:
    if kind.least > 1:
        yield value[: kind.least - 1]
        yield value[-1]


def outside(value: str, kind: Type) -> Iterator[str]:
    """Codes that look like permitted ones."""
    if kind.codes:
        near = (f"{number:0{len(value)}}" for number in range(1000))
        others = ["Z" * len(value), *[code for code in near if len(code) == len(value)]]
        yield next(code for code in others if code not in kind.codes)
        yield next(code for code in reversed(others) if code not in kind.codes)


def malformed(value: str, kind: Type) -> Iterator[str]:
    """Values of a right length that break the norm's expression, or are no numbers."""
    form = kind.form or ("-?[0-9]+([.][0-9]+)?" if kind.nature == "N" and not kind.codes else "")
    wrong = (value[:-1] + "x", "%" + value[1:], value.replace(".", ","), value[:-1] + "é")
    for candidate in wrong if form else ():
        if not re.fullmatch(form, candidate):
            yield candidate


def dated(value: str, kind: Type) -> Iterator[str]:
    """Days and months that no calendar has."""
    if kind.nature == "D" or kind.name == "N4DS_DDN":
        yield "3102" + value[4:]
        yield "3104" + value[4:]
        yield "2902" + "2026"
        yield "0113" + value[4:]
        yield "3202" + value[4:]
        yield value[4:] + value[2:4] + value[:2]
    elif kind.name == "Date_MMAAAA":
        yield "13" + value[2:]
        yield "00" + value[2:]


def lettered(value: str, _kind: Type) -> Iterator[str]:
    """Characters that no value may hold."""
    for letter in "\x00\x07\t\x7f":
        yield value[:-1] + letter
        yield letter + value[1:]


def windows(value: str, _kind: Type) -> Iterator[str]:
    yield value[:-1] + "\x92"
    yield "\x80" + value[1:]


SPOILERS: dict[str, Spoil] = {
    "emptied": bare,
    "with a blank at its edge": edged,
    "too long": lengthened,
    "too short": shortened,
    "with a code that is not permitted": outside,
    "of a wrong form": malformed,
    "with a day that does not exist": dated,
    "with a control character": lettered,
    "with a byte of windows-1252": windows,
}


def missing(sample: Sample) -> Iterator[Damage]:
    """Mandatory rubriques that are left out."""
    for occurrence, at in sample.chosen():
        code = sample.lines[at][0]
        if sample.row(code).usage[sample.nature] == MANDATORY and (
            occurrence.stop - occurrence.start > 1
        ):
            payload = sample.replaced(at, at + 1, [])
            yield Damage(f"{code} left out", payload, (f"{code}/CST-03",))


def unreadable(sample: Sample) -> Iterator[Damage]:
    """Lines that are none: without an apostrophe, with another separator, or another code."""
    whole = sample.payload.split(b"\r\n")
    for _occurrence, at in sample.chosen():
        line = whole[at]
        for wrong in (line[:-1], line.replace(b",", b";", 1), line.replace(b".", b",", 1)):
            payload = b"\r\n".join([*whole[:at], wrong, *whole[at + 1 :]])
            yield Damage(f"{line[:14].decode()} unreadable", payload, ("",), at + 1)


def inserted(sample: Sample) -> Iterator[Damage]:
    """Rubriques that this nature forbids, and one that no norm has, each in its place."""
    first = {o.block: o for o in reversed(sample.occurrences)}
    for block, occurrence in first.items():
        present = {code for code, _value in sample.lines[occurrence.start : occurrence.stop]}
        wrong = {
            row.code: example(row.type)
            for row in sample.norm.blocks[block].values()
            if row.usage[sample.nature] == FORBIDDEN and row.code not in present
        }
        for code, value in {**wrong, f"{block}.999": "1"}.items():
            at = occurrence.start + sum(other < code for other in present)
            payload = sample.replaced(at, at, [(code, value)])
            name = "that no norm has" if code.endswith("999") else "that is forbidden"
            yield Damage(f"{code} {name}", payload, (f"{code}/CST-04",), at + 1)


def example(kind: Type) -> str:
    """A value that is not wrong by its length."""
    return kind.codes[0] if kind.codes else "1" * kind.least


def swapped(sample: Sample) -> Iterator[Damage]:
    """Two rubriques of one occurrence in the wrong order."""
    for occurrence in {o.block: o for o in sample.occurrences}.values():
        if occurrence.stop - occurrence.start < 2:
            continue
        at = occurrence.stop - 2
        one, other = sample.lines[at], sample.lines[at + 1]
        yield Damage(
            f"{one[0]} behind {other[0][-3:]}",
            sample.replaced(at, at + 2, [other, one]),
            (occurrence.block,),
        )
