"""What is remembered of the persons of a declaration: little is left to do for their like."""

from __future__ import annotations

from collections.abc import Sequence

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.engine.persons import (
    BEFORE,
    MOST_VALUES,
    Like,
    Lines,
    Occurrence,
    Person,
    Structure,
    after,
    lines_of,
)
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.engine.telling import Telling
from vaguemestre_dsn.rules.rows import Row

#: Most structures, and most likes of all structures together.
MOST_STRUCTURES, MOST_LIKES = 200, 1_000


class Probe(Node):
    """An occurrence whose values are set and taken back; above it is what rows about one value may
    look at: the establishment `top`, and what is above that."""

    __slots__ = ("held", "top")

    def __init__(self, shape: Shape, top: Node) -> None:
        above = top
        for _level in range(shape.depth - top.shape.depth - 1):
            above = Node(shape, (), 0, above)
        self.held: list[bytes | None] = list(shape.none)
        super().__init__(shape, self.held, 0, above)
        self.top = top


class Memory:
    """The structures of a declaration. A person that is not like one before is not taken."""

    def __init__(self, sight: Sight, telling: Telling) -> None:
        self._sight = sight
        self._telling = telling
        self._once: set[tuple[bytes, ...]] = set()
        self._by_codes: dict[tuple[bytes, ...], Structure] = {}
        self._by_count: dict[int, list[Structure]] = {}
        self._seen: dict[str, set[bytes]] = {}
        self._likes = 0
        self._probes: dict[str, Probe] = {}

    def learn(
        self,
        occurrences: Sequence[Occurrence],
        end: bytes,
        nodes: Sequence[Node],
        armed: Sequence[tuple[Node, Row]],
    ) -> None:
        """A person was right as far as the alike rows go; `armed` are the rows that remain.

        It is remembered from the second of its structure on: a file may have only one.
        """
        lines = lines_of(occurrences, end)
        codes = tuple([line[:14] for line in lines])
        structure = self._by_codes.get(codes)
        if structure is None:
            if codes not in self._once:
                if len(self._once) < MOST_STRUCTURES:
                    self._once.add(codes)
                return
            if len(self._by_codes) >= MOST_STRUCTURES:
                return
            structure = self._by_codes[codes] = Structure(occurrences, self._seen)
            self._by_count.setdefault(len(codes), []).append(structure)
        if self._likes < MOST_LIKES:
            structure.likes[structure.key(lines)] = Like(structure, nodes, armed)
            self._likes += 1

    def recognise(self, lines: Lines, line: int, parent: Node) -> tuple[Like, Person] | None:
        """The like of a person that is right by its lines, or None if it must be walked through.

        `line`: number of the first line; `parent`: the occurrence that the person stands below.
        """
        structures = self._by_count.get(len(lines), ())
        for number, structure in enumerate(structures):
            new = structure.unseen(lines)
            if new is None:
                continue
            if number:
                self._by_count[len(lines)] = [
                    structure,
                    *structures[:number],
                    *structures[number + 1 :],
                ]
            like = structure.likes.get(structure.key(lines))
            if like is None:
                return None
            if not self._are_right(structure, lines, new, parent):
                return None
            return like, Person(like, lines, line, parent)
        return None

    def _are_right(
        self, structure: Structure, lines: Lines, new: Sequence[int], parent: Node
    ) -> bool:
        """Whether the lines that were not seen before are right by themselves."""
        end = after(lines[0])
        for number in new:
            line = lines[number]
            checked = structure.checked.get(number)
            if checked is not None:
                shape, at = checked
                if not self._is_right(self._probe(shape, parent), at, line[BEFORE:end]):
                    return False
            structure.remember(number, line)
        return True

    def _is_right(self, probe: Probe, at: int, value: bytes) -> bool:
        shape = probe.shape
        is_day = shape.days.get(at)
        if is_day is not None and not is_day(value):
            return False
        rows = shape.of_one.get(at)
        if not rows:
            return True
        probe.held[at] = value
        sight, right = self._sight, True
        for row in rows:
            if row.fails(probe, sight):
                right = False
                break
        probe.held[at] = None
        return right

    def _probe(self, shape: Shape, parent: Node) -> Probe:
        """An occurrence that holds single values for a moment, below the same establishment."""
        found = self._probes.get(shape.block)
        if found is None or found.top is not parent:
            found = self._probes[shape.block] = Probe(shape, parent)
        return found

    def finish(self, like: Like, person: Person) -> None:
        """Apply the rows that remain."""
        sight, lines = self._sight, person.lines
        for place in like.around:
            node = person.node(place)
            sight.person.setdefault(node.shape.block, []).append(node)
        for place, number, right, row in like.almost:
            line = lines[number]
            if line in right:
                continue
            node = person.node(place)
            if row.fails(node, sight):
                self._telling.row(row, node)
            elif len(right) < MOST_VALUES:
                right.add(line)
        for place, row in like.rows:
            node = person.node(place)
            if row.fails(node, sight):
                self._telling.row(row, node)
