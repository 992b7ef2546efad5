"""Persons of a declaration, each taken as a whole.

Most persons resemble each other. Whatever was found right in one is right in all that look the
same to the alike rows; what remains to be done for them is written down in a plan.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from vaguemestre_dsn.engine.nodes import Node, Sight, Values
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.rules.rows import Row

#: An occurrence before it has a place: shape, values, first line, lines if they do not follow.
Occurrence = tuple[Shape, Values, int, tuple[int, ...] | None]
#: Most plans that are kept.
MOST_PLANS = 2_000


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


@dataclass(frozen=True)
class Plan:
    """What is left to do for persons that look the same.

    `parents`: position of each occurrence's parent. `checked`: occurrences with values to check.
    `rows`: those that can be broken, with the position of their occurrence. `around`: occurrences
    that these look at. `noted`: occurrences that are looked at later. `wanted`: all of those, with
    those above them.
    """

    parents: tuple[int, ...]
    checked: tuple[int, ...]
    rows: tuple[tuple[int, Row], ...]
    around: tuple[int, ...]
    noted: tuple[int, ...]
    wanted: tuple[int, ...]


def plan_of(nodes: list[Node], armed: list[tuple[Node, Row]]) -> Plan:
    """The plan for persons that look like this one."""
    places = {id(node): place for place, node in enumerate(nodes)}
    parents = tuple(places.get(id(node.parent), -1) for node in nodes)
    rows = tuple((places[id(node)], row) for node, row in armed)
    checked = tuple(p for p, node in enumerate(nodes) if node.shape.other_checks)
    noted = tuple(p for p, n in enumerate(nodes) if n.shape.notes or n.shape.final)
    blocks: set[str] = set()
    for _node, row in armed:
        if row.late:
            blocks.update({n.shape.block for n in nodes} if row.around is None else row.around)
    around = tuple(p for p, node in enumerate(nodes) if node.shape.block in blocks)
    wanted = _with_those_above(parents, [*(p for p, _row in rows), *checked, *noted, *around])
    return Plan(parents, checked, rows, around, noted, wanted)


def _with_those_above(parents: tuple[int, ...], places: list[int]) -> tuple[int, ...]:
    wanted: set[int] = set()
    for place in places:
        above = place
        while above > 0 and above not in wanted:
            wanted.add(above)
            above = parents[above]
    return tuple(sorted(wanted))


def nodes_of(plan: Plan, person: Person, top: Node, sight: Sight) -> dict[int, Node]:
    """The occurrences that the plan wants, in their places below `top`, which is the first."""
    nodes = {0: top}
    for place in plan.wanted:
        shape, values, line, _lines = person.occurrences[place]
        nodes[place] = Node(shape, values, line, nodes[plan.parents[place]])
    for place in plan.around:
        node = nodes[place]
        sight.person.setdefault(node.shape.block, []).append(node)
    return nodes
