"""What is remembered of the persons of a declaration: little is left to do for their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    """The structures of the persons below `top`. One that is not like one before is not taken."""

    def __init__(self, sight: Sight, telling: Telling, top: Node) -> None:
        self._sight = sight
        self._telling = telling
        self._once: set[tuple[bytes, ...]] = set()
        self._by_codes: dict[tuple[bytes, ...], Structure] = {}
        self._by_count: dict[int, list[Structure]] = {}
        self._seen: dict[str, set[bytes]] = {}
        self._likes = 0
        self._probes: dict[str, Probe] = {}
        self.top = top

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
            structure = self._by_codes[codes] = Structure(occurrences, self._tests, self._seen)
            self._by_count.setdefault(len(codes), []).append(structure)
        if self._likes < MOST_LIKES:
            structure.likes[structure.key(lines)] = Like(structure, nodes, armed)
            self._likes += 1

    def recognise(self, lines: Lines, line: int) -> tuple[Like, Person] | None:
        """The like of a person that is right by its lines, or None if it must be walked through.

        `line`: number of the first line.
        """
        for structure in self._by_count.get(len(lines), ()):
            like = structure.likes.get(structure.key(lines))
            if like is not None:
                right = structure.are_right(lines)
                return (like, Person(like, lines, line, self.top)) if right else None
        return None

    def _tests(self, shape: Shape, at: int) -> list[Callable[[bytes], bool]]:
        """What a value must pass beside its form."""
        days: list[Callable[[bytes], bool]] = [shape.days[at]] if at in shape.days else []
        rows = shape.of_one.get(at, ())
        return days + [row.plain or self._test(row, self._probe(shape), at) for row in rows]

    def _test(self, row: Row, probe: Probe, at: int) -> Callable[[bytes], bool]:
        held, sight, fails = probe.held, self._sight, row.fails

        def test(value: bytes) -> bool:
            held[at] = value
            right = not fails(probe, sight)
            held[at] = None
            return right

        return test

    def _probe(self, shape: Shape) -> Probe:
        """An occurrence that holds single values for a moment, below the same establishment."""
        found = self._probes.get(shape.block)
        if found is None:
            found = self._probes[shape.block] = Probe(shape, self.top)
        return found

    def hold(self, like: Like, lines: Lines) -> None:
        """Keep the values that will be asked for."""
        end, held = after(lines[0]), self._sight.held
        for number, block, index in like.holds:
            held.setdefault((block, index), set()).add(lines[number][BEFORE:end])

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
            if row.rest(node, sight):
                self._telling.row(row, node)
            elif len(right) < MOST_VALUES:
                right.add(line)
        for place, row in like.rows:
            node = person.node(place)
            if row.rest(node, sight):
                self._telling.row(row, node)
