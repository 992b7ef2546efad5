"""Persons of a declaration, each taken as a whole, and what is remembered of those before.

Most persons resemble each other: the same rubriques in the same blocks, with the same codes. What
was found right in one is right in all that look the same to the alike rows. A `Structure` knows
persons by the rubriques they have, and looks at no more than the lines that it has not seen yet; a
`Like` says what remains to be done for those that also have the same codes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
from typing import NamedTuple

from vaguemestre_dsn.engine.forms import fits
from vaguemestre_dsn.engine.nodes import Node, Values
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.rules.rows import Row

#: An occurrence before it has a place: shape, values, first line, lines if they do not follow.
Occurrence = tuple[Shape, Values, int, tuple[int, ...] | None]
#: Lines as they stand in the file, without the LF.
Lines = Sequence[bytes]
#: What a value of a shape must pass beside its form, by its position.
Tests = Callable[[Shape, int], Sequence[Callable[[bytes], bool]]]
#: Most lines of a rubrique that are remembered as right, and most values for one row.
MOST_LINES, MOST_VALUES = 512, 256
#: Bytes of a line before its value.
BEFORE = 16


def after(line: bytes) -> int:
    """Where the value of a line ends, counted from the end: before the apostrophe and a CR."""
    return -2 if line.endswith(b"\r") else -1


class Other(NamedTuple):
    """A line that the alike rows do not see: its number, those that were right, whether another one
    has the form of its rubrique, and what else its value must pass."""

    number: int
    seen: set[bytes]
    fits: Callable[[bytes], object]
    tests: Sequence[Callable[[bytes], bool]]


class Structure:
    """Persons that have the same rubriques in the same blocks.

    `likes`: by what the alike rows see, what remains to be done. `firsts`: number of the first line
    of each occurrence; `slots`: positions of its values.
    """

    def __init__(
        self, occurrences: Sequence[Occurrence], tests: Tests, seen: dict[str, set[bytes]]
    ) -> None:
        self.likes: dict[Hashable, Like] = {}
        self.shapes = [shape for shape, *_rest in occurrences]
        self.firsts: list[int] = []
        self.slots: list[list[int]] = []
        self.others: list[Other] = []
        alike: list[int] = []
        joins: list[int] = []
        number = 0
        for shape, values, _line, _lines in occurrences:
            there = [at for at, value in enumerate(values) if value is not None]
            self.firsts.append(number)
            self.slots.append(there)
            for at in there:
                if at in shape.alike_values:
                    alike.append(number)
                else:
                    row = shape.kind.rubriques[at]
                    known = seen.setdefault(row.code, set())
                    fit = fits(row.code, row.type)
                    self.others.append(Other(number, known, fit, tests(shape, at)))
                    if at in shape.joins:
                        joins.append(number)
                number += 1
        self._alike: Callable[[Lines], Hashable] = itemgetter(*alike) if alike else _nothing
        self._joins = joins

    def key(self, lines: Lines) -> Hashable:
        """What the alike rows see of the person."""
        if not self._joins:
            return self._alike(lines)
        ids: dict[bytes, int] = {}
        joins = [ids.setdefault(lines[n][BEFORE:], len(ids)) for n in self._joins]
        return (self._alike(lines), *joins)

    def are_right(self, lines: Lines) -> bool:
        """Whether the lines that the alike rows do not see are right by themselves."""
        end = after(lines[0])
        for number, seen, fit, tests in self.others:
            line = lines[number]
            if line in seen:
                continue
            if fit(line) is None:
                return False
            for test in tests:
                if not test(line[BEFORE:end]):
                    return False
            if len(seen) < MOST_LINES:
                seen.add(line)
        return True


class Like:
    """What remains to be done for persons that look the same to the alike rows.

    `rows`: those that can be broken, with the place of their occurrence. `almost`: the same for
    rows that look at one value beside what is alike: with its line, -1 if it is not there, and the
    lines that were right. `around`: occurrences that rows look at from elsewhere. `noted`: those
    that are looked at when the person is gone, with the lines by which they differ, and those that
    were noted; `holds`: lines of which the value is, with block and
    position. `wanted`: for each occurrence, the lines of the
    values that all these look at, with their positions.
    """

    def __init__(
        self, structure: Structure, nodes: Sequence[Node], armed: Sequence[tuple[Node, Row]]
    ) -> None:
        places = {id(node): place for place, node in enumerate(nodes)}
        self.structure = structure
        self.parents = [places.get(id(node.parent), -1) for node in nodes]
        self.noted = [
            (place, numbers, set[tuple[bytes, ...]]())
            for place, node in enumerate(nodes)
            if (numbers := _noted(structure, place, node.shape))
        ]
        self.rows: list[tuple[int, Row]] = []
        self.almost: list[tuple[int, int, set[bytes], Row]] = []
        blocks: set[str] = set()
        for node, row in armed:
            place, value = places[id(node)], _only(row)
            slots = structure.slots[place]
            if value is None or value not in slots:
                self.rows.append((place, row))
            else:
                number = structure.firsts[place] + slots.index(value)
                self.almost.append((place, number, set(), row))
            if row.late:
                blocks.update({n.shape.block for n in nodes} if row.around is None else row.around)
        self.around = [p for p, node in enumerate(nodes) if node.shape.block in blocks]
        self.holds = [
            (structure.firsts[place] + structure.slots[place].index(index), node.shape.block, index)
            for place, node in enumerate(nodes)
            for index in node.shape.holds - node.shape.alike_values
            if index in structure.slots[place]
        ]
        self.wanted = _wanted(structure, [row for _node, row in armed])
        self.numbers = [tuple(number for _at, number in pairs) for pairs in self.wanted]


class Person:
    """A person whose lines are known to be conformant. `line`: number of the first one; `parent`:
    the occurrence that it stands below."""

    __slots__ = ("_end", "_like", "_nodes", "line", "lines", "parent")

    def __init__(self, like: Like, lines: Lines, line: int, parent: Node) -> None:
        self.lines = lines
        self.line = line
        self.parent = parent
        self._like = like
        self._end = after(lines[0])
        self._nodes: dict[int, Node] = {}

    def node(self, place: int) -> Node:
        """An occurrence in its place, with the values that anybody looks at."""
        found = self._nodes.get(place)
        if found is None:
            like = self._like
            shape, first = like.structure.shapes[place], like.structure.firsts[place]
            values: list[bytes | None] = list(shape.none)
            lines, end = self.lines, self._end
            for at, number in like.wanted[place]:
                values[at] = lines[number][BEFORE:end]
            parent = self.node(like.parents[place]) if place else self.parent
            found = self._nodes[place] = Node(shape, values, self.line + first, parent)
            found.base, found.lines = self.line, like.numbers[place]
        return found


def _noted(structure: Structure, place: int, shape: Shape) -> list[int]:
    """The lines by which what is noted of an occurrence differs in persons that look the same."""
    noted = {at for indexes in shape.notes for at in indexes}
    noted.update(at for row in shape.final for at in row.own)
    first, slots = structure.firsts[place], structure.slots[place]
    return [first + slots.index(at) for at in noted - shape.alike_values if at in slots]


def _wanted(structure: Structure, rows: Sequence[Row]) -> list[list[tuple[int, int]]]:
    """For each occurrence, positions and lines of what rows and notes look at."""
    looks: dict[str, set[int]] = {}
    everything = False
    for row in rows:
        everything = everything or row.looks is None
        for read in row.looks or ():
            looks.setdefault(read.block, set()).add(read.at)
        if row.index >= 0:
            looks.setdefault(row.block, set()).add(row.index)
    wanted = []
    for shape, slots, first in zip(
        structure.shapes, structure.slots, structure.firsts, strict=True
    ):
        ats = {at for noted in shape.notes for at in noted} | looks.get(shape.block, set())
        ats.update(*(final.own for final in shape.final))
        whole = everything or any(final.looks is None for final in shape.final)
        pairs = [(at, first + offset) for offset, at in enumerate(slots)]
        wanted.append([pair for pair in pairs if whole or pair[0] in ats])
    return wanted


def lines_of(occurrences: Sequence[Occurrence], end: bytes) -> list[bytes]:
    """The lines that these occurrences were read from, without the LF. `end`: CR or nothing."""
    return [
        shape.codes[at].encode() + b",'" + value + b"'" + end
        for shape, values, _line, _lines in occurrences
        for at, value in enumerate(values)
        if value is not None
    ]


def _only(row: Row) -> int | None:
    """Position of the value that alone makes the row different for persons that look the same."""
    if row.late or row.keeps or row.not_alike is None or len(row.not_alike) != 1:
        return None
    read = next(iter(row.not_alike))
    return read.at if read.block == row.block else None


def _nothing(_lines: Lines) -> None:
    return None
