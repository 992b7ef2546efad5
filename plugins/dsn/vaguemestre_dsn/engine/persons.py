"""Persons of a declaration, each taken as a whole.

Most persons resemble each other. Whatever was found right in one is right in all that look the
same to the alike rows; for those, `Like` says what remains to be done.
"""

from __future__ import annotations

from collections.abc import Hashable

from vaguemestre_dsn.engine.nodes import Node, Values
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.rules.rows import Row

#: An occurrence before it has a place: shape, values, first line, lines if they do not follow.
Occurrence = tuple[Shape, Values, int, tuple[int, ...] | None]
#: Number of a shape, and position of a value.
Value = tuple[int, int]
#: Most kinds of persons that are remembered.
MOST_KINDS = 2_000


class Person:
    """What was read of a person. `seen`: what the alike rows see of it. `irregular`: something was
    wrong with the form of its lines."""

    __slots__ = ("ids", "irregular", "occurrences", "seen")

    def __init__(self) -> None:
        self.occurrences: list[Occurrence] = []
        self.seen: list[Hashable] = []
        self.ids: dict[bytes | None, int] = {}
        self.irregular = False

    def take(
        self, shape: Shape, values: Values, line: int, lines: tuple[int, ...] | None = None
    ) -> None:
        self.occurrences.append((shape, values, line, lines))
        self.seen.append(shape.key(values, self.ids))
        self.irregular = self.irregular or lines is not None


class Like:
    """What is left to do for persons that look the same.

    `parents`: position of each occurrence's parent. `checks`: position of an occurrence and of a
    value to check, with the values that were right. `almost`: the same for rows that look at one
    value beside what is alike. `rows`: the others that can be broken, with the position of their
    occurrence. `around`: occurrences that these look at. `noted`: occurrences
    that are looked at later.
    """

    def __init__(
        self,
        nodes: list[Node],
        armed: list[tuple[Node, Row]],
        right: dict[Value, set[bytes | None]],
    ) -> None:
        places = {id(node): place for place, node in enumerate(nodes)}
        self.parents = [places.get(id(node.parent), -1) for node in nodes]
        self.checks = [
            (place, at, right.setdefault((node.shape.number, at), set()))
            for place, node in enumerate(nodes)
            for at in node.shape.other_checks
        ]
        self.rows: list[tuple[int, Row]] = []
        self.almost: list[tuple[int, int, set[bytes | None], Row]] = []
        for node, row in armed:
            place, value = places[id(node)], _only(row)
            if value is None:
                self.rows.append((place, row))
            else:
                self.almost.append((place, value, set(), row))
        self.noted = [p for p, n in enumerate(nodes) if n.shape.notes or n.shape.final]
        blocks: set[str] = set()
        for _node, row in armed:
            if row.late:
                blocks.update({n.shape.block for n in nodes} if row.around is None else row.around)
        self.around = [p for p, node in enumerate(nodes) if node.shape.block in blocks]

    def node(self, person: Person, nodes: dict[int, Node], place: int) -> Node:
        """An occurrence in its place; `nodes` holds those that were made, the first of them."""
        found = nodes.get(place)
        if found is None:
            shape, values, line, _lines = person.occurrences[place]
            parent = self.node(person, nodes, self.parents[place])
            found = nodes[place] = Node(shape, values, line, parent)
        return found


def _only(row: Row) -> int | None:
    """Position of the value that alone makes the row different for persons that look the same."""
    if row.late or row.keeps or row.not_alike is None or len(row.not_alike) != 1:
        return None
    read = next(iter(row.not_alike))
    return read.at if read.block == row.block else None
