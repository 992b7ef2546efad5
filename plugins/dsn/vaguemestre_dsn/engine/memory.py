"""What is remembered of the persons of a declaration: little is left to do for their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.engine.persons import MOST_VALUES, Like, Person
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.engine.structure import Must, Occurrence, Right, Structure
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
        self._once: set[tuple[str, ...]] = set()
        self._by_codes: dict[tuple[str, ...], Structure] = {}
        self._by_count: dict[int, list[Structure]] = {}
        self._right: Right = {}
        self._likes = 0
        self._by_value: dict[tuple[int, int], Must] = {}
        self._probes: dict[str, Probe] = {}
        self.top = top

    def learn(
        self,
        occurrences: Sequence[Occurrence],
        nodes: Sequence[Node],
        armed: Sequence[tuple[Node, Row]],
    ) -> None:
        """A person was right as far as the alike rows go; `armed` are the rows that remain.

        A structure is remembered from its second person on, and what remains to be done from the
        second person on that looks the same: most files have few persons.
        """
        codes = tuple(
            [
                code
                for shape, values, *_rest in occurrences
                for code, value in zip(shape.codes, values, strict=True)
                if value is not None
            ]
        )
        structure = self._by_codes.get(codes)
        if structure is None:
            if codes not in self._once:
                if len(self._once) < MOST_STRUCTURES:
                    self._once.add(codes)
                return
            if len(self._by_codes) >= MOST_STRUCTURES:
                return
            structure = self._by_codes[codes] = Structure(occurrences, self._tests, self._right)
            self._by_count.setdefault(len(codes), []).append(structure)
        values = [v for _shape, every, *_rest in occurrences for v in every if v is not None]
        key = structure.key(values)
        if self._likes >= MOST_LIKES:
            return
        if key not in structure.once:
            if len(structure.once) < MOST_LIKES:
                structure.once.add(key)
            return
        structure.likes[key] = Like(structure, nodes, armed)
        self._likes += 1

    def recognise(self, data: bytes, at: int, end: int, line: int) -> tuple[Like, Person] | None:
        """The like of the person in `data[at:end]`, with that person if it is right by its lines;
        None if it must be walked through.

        `line`: number of the first line.
        """
        for structure in self._by_count.get(data.count(b"\n", at, end) + 1, ()):
            values = structure.values(data, at, end)
            if values is not None:
                like = structure.likes.get(structure.key(values))
                if like is None or not structure.are_right(values):
                    return None
                return like, Person(like, values, line, self.top)
        return None

    def _tests(self, shape: Shape, at: int) -> Must:
        """What a value must pass beside its form."""
        known = self._by_value.get((shape.number, at))
        if known is None:
            days = (shape.days[at],) if at in shape.days else ()
            rows = shape.of_one.get(at, ())
            tests = [row.plain or self._test(row, self._probe(shape), at) for row in rows]
            known = self._by_value[shape.number, at] = (*days, *tests)
        return known

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

    def hold(self, like: Like, person: Person) -> None:
        """Keep the values that will be asked for."""
        held = self._sight.held
        for number, block, index in like.holds:
            held.setdefault((block, index), set()).add(person.values[number])

    def finish(self, like: Like, person: Person) -> None:
        """Apply the rows that remain."""
        sight, values = self._sight, person.values
        for place in like.around:
            node = person.node(place)
            sight.person.setdefault(node.shape.block, []).append(node)
        for place, number, right, row in like.almost:
            value = values[number]
            if value in right:
                continue
            node = person.node(place)
            if row.rest(node, sight):
                self._telling.row(row, node)
            elif len(right) < MOST_VALUES:
                right.add(value)
        for place, row in like.rows:
            node = person.node(place)
            if row.rest(node, sight):
                self._telling.row(row, node)
