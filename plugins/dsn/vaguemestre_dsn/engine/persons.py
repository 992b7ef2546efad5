"""Persons of a declaration, each taken as a whole, and what remains to be done for one that looks
like one before.

Most persons resemble each other: the same rubriques in the same blocks, with the same codes. What
was found right in one is right in all that look the same to the alike rows. A `Structure` knows
persons by the rubriques they have; a `Like` says what remains to be done for those that also have
the same codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from vaguemestre_dsn.engine.nodes import Node, Values
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.engine.structure import Lines, Structure
from vaguemestre_dsn.rules.rows import Row

#: Most values that are remembered for one row.
MOST_VALUES = 256


class Place(NamedTuple):
    """An occurrence in a person: its shape, the number of its first line, the place above (-1: it
    is the person), and what picks its values from those of the person."""

    shape: Shape
    first: int
    parent: int
    pick: Callable[[Sequence[bytes | None]], Values]


class Like:
    """What remains to be done for persons that look the same to the alike rows.

    `rows`: those that can be broken, with the place of their occurrence. `almost`: the same for
    rows that look at one value beside what is alike: with its line, -1 if it is not there, and the
    values that were right. `around`: occurrences that rows look at from elsewhere. `noted`: those
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
        parents = [places.get(id(node.parent), -1) for node in nodes]
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
        self.places = [
            Place(shape, first, parent, _picker(shape, first, slots))
            for shape, first, parent, slots in zip(
                structure.shapes, structure.firsts, parents, structure.slots, strict=True
            )
        ]


class Person:
    """A person whose lines are known to be conformant. `values`: one for each line; `line`: number
    of the first one; `parent`: the occurrence that it stands below."""

    __slots__ = ("_all", "_nodes", "_places", "line", "parent", "values")

    def __init__(self, like: Like, values: Lines, line: int, parent: Node) -> None:
        self.values = values
        self._all = (*values, None)  # behind the last one: what is picked for what is not there
        self.line = line
        self.parent = parent
        self._places = like.places
        self._nodes: dict[int, Node] = {}

    def node(self, place: int) -> Node:
        """An occurrence in its place."""
        found = self._nodes.get(place)
        if found is None:
            shape, first, above, pick = self._places[place]
            parent = self.parent if above < 0 else self._nodes.get(above) or self.node(above)
            found = Node(shape, pick(self._all), self.line + first, parent)
            self._nodes[place] = found
        return found


def _noted(structure: Structure, place: int, shape: Shape) -> list[int]:
    """The lines by which what is noted of an occurrence differs in persons that look the same."""
    noted = {at for indexes in shape.notes for at in indexes}
    noted.update(at for row in shape.final for at in row.own)
    first, slots = structure.firsts[place], structure.slots[place]
    return [first + slots.index(at) for at in noted - shape.alike_values if at in slots]


def _picker(shape: Shape, first: int, slots: Sequence[int]) -> Callable[..., Values]:
    numbers = dict(zip(slots, range(first, first + len(slots)), strict=True))
    indexes = [numbers.get(at, -1) for at in range(len(shape.codes))]
    return itemgetter(*indexes) if len(indexes) > 1 else lambda values: (values[indexes[0]],)


def _only(row: Row) -> int | None:
    """Position of the value that alone makes the row different for persons that look the same."""
    if row.late or row.keeps or row.not_alike is None or len(row.not_alike) != 1:
        return None
    read = next(iter(row.not_alike))
    return read.at if read.block == row.block else None
