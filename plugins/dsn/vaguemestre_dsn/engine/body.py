"""Reads the body of one declaration: matches its blocks, holds them to the tree, applies the rules.

Each occurrence is taken by its shape's expression if it can be; otherwise `amiss` looks at it line
by line and says why. What belongs to a person is let go as soon as the person is complete.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date

from vaguemestre_dsn.engine.amiss import Amiss
from vaguemestre_dsn.engine.amiss import Occurrence as Found
from vaguemestre_dsn.engine.buffer import Buffer
from vaguemestre_dsn.engine.layout import ENVELOPE, ROOT
from vaguemestre_dsn.engine.nodes import Node, Sight, Values
from vaguemestre_dsn.engine.persons import MOST_KINDS, Like, Person, Value
from vaguemestre_dsn.engine.shapes import Shape, Shapes
from vaguemestre_dsn.engine.telling import Telling
from vaguemestre_dsn.engine.tree import Tree
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.reader import Rubrique
from vaguemestre_dsn.rules.rows import Row

#: Most values of a rubrique that are remembered as right.
MOST_RIGHT = 20_000


class Body:
    """The blocks below one S20.G00.05. `envelope`: the rubriques above, by block and code."""

    def __init__(
        self,
        findings: Findings,
        shapes: Shapes,
        envelope: Mapping[str, Mapping[str, Rubrique]],
        today: date,
        *,
        is_utf_8: bool,
    ) -> None:
        self.rubriques = 0
        self.has_somebody = False
        self._telling = Telling(findings, shapes.norm)
        self._shapes = shapes
        self._sight = Sight(today)
        self._amiss = Amiss(findings, shapes, is_utf_8=is_utf_8)
        self._person = Person()
        self._waiting: dict[tuple[Hashable, ...], tuple[Row, list[Node]]] = {}
        self._likes: dict[tuple[Hashable, ...], Like] = {}
        #: Values that are right by themselves, by shape and position.
        self._right: dict[Value, set[bytes | None]] = {}
        self._tree = Tree(shapes, self._root(envelope), self._telling)

    def _root(self, envelope: Mapping[str, Mapping[str, Rubrique]]) -> Node:
        above = Node(self._shapes.by_block[ROOT], (), 0, None)
        for block in (*reversed(ENVELOPE), ROOT):
            shape, found = self._shapes.by_block[block], envelope.get(block, {})
            values = tuple(found[code].value if code in found else None for code in shape.codes)
            line = next((rubrique.line for rubrique in found.values()), 0)
            above = Node(shape, values, line, above)
            above.lines = tuple(
                r.line for _code, r in sorted(found.items()) if _code in shape.codes
            )
            if found:
                self._apply(above)
        return above

    # -- reading

    def read(self, buffer: Buffer) -> None:
        """Read all blocks up to the next declaration, the footer, or the end."""
        while True:
            self._read_conformant(buffer)
            if buffer.at >= buffer.limit and not buffer.ended:
                buffer.fill()
                continue
            occurrence = self._amiss.occurrence(buffer)
            if occurrence is None:
                break
            if occurrence.shape is not None:
                self._take(occurrence)
            self._person.irregular = True
            self.rubriques += occurrence.rubriques
        self._complete()

    def _take(self, occurrence: Found) -> None:
        shape = occurrence.shape
        if shape is None:
            return
        if not shape.of_person or shape.is_person:
            self._complete()
        if shape.of_person:
            self._person.take(shape, occurrence.values, occurrence.line, occurrence.lines)
        else:
            self._keep(shape, occurrence.values, occurrence.line, occurrence.lines)

    def _read_conformant(self, buffer: Buffer) -> None:
        """Take occurrences as long as they are conformant."""
        if buffer.is_garbled:
            return  # the slow way tells it value by value
        data, at, line, limit = buffer.data, buffer.at, buffer.line, buffer.limit
        by_head, person, begin = self._shapes.by_head, self._person, line
        while at < limit:
            head = data[at : at + 10]
            shape = by_head.get(head)
            found = shape.match(data, at) if shape is not None else None
            if found is None or shape is None:
                break
            last = found.lastindex
            end = found.end()
            if last is None or (
                data[end : end + 10] == head and data[end + 11 : end + 14] > shape.numbers[last - 1]
            ):
                break  # more of the same occurrence, which the expression did not take
            values = found.groups()
            if shape.of_person:
                if shape.is_person:
                    self._complete()
                    person = self._person
                person.occurrences.append((shape, values, line, None))
                person.seen.append(shape.key(values, person.ids))
            else:
                if person.occurrences:
                    self._complete()
                    person = self._person
                self._keep(shape, values, line)
            line += len(values) - values.count(None)
            at = end
        buffer.at, buffer.line = at, line
        self.rubriques += line - begin

    # -- persons

    def _complete(self) -> None:
        """Deal with the person that was read."""
        person, self._person = self._person, Person()
        if not person.occurrences:
            return
        self.has_somebody = True
        seen = tuple(person.seen)
        like = None if person.irregular else self._likes.get(seen)
        if like is None:
            self._walk(person, seen)
        else:
            self._follow(like, person)
        self._sight.person.clear()
        self._sight.seen_of_person.clear()

    def _walk(self, person: Person, seen: tuple[Hashable, ...]) -> None:
        """Look at everything. What is right in this one need not be looked at in its like."""
        sight, wrong = self._sight, self._telling.count
        depth = person.occurrences[0][0].depth
        nodes = [self._tree.enter(*occurrence) for occurrence in person.occurrences]
        self._tree.close(depth)
        for node in nodes:
            sight.person.setdefault(node.shape.block, []).append(node)
        for node in nodes:
            self._check(node, node.shape.checks)
            self._note(node)
            for row in node.shape.alike:
                if row.fails(node, sight):
                    self._telling.row(row, node)
        armed = [
            (node, row)
            for node in nodes
            for row in node.shape.single
            if row.arms(node, node, sight)
        ]
        if wrong == self._telling.count and not person.irregular and len(self._likes) < MOST_KINDS:
            self._likes[seen] = Like(nodes, armed, self._right)
        for node, row in armed:
            if row.fails(node, sight):
                self._telling.row(row, node)

    def _follow(self, like: Like, person: Person) -> None:
        """Look at what is left."""
        occurrences, sight = person.occurrences, self._sight
        nodes = {0: self._tree.enter(*occurrences[0])}
        self._tree.leave()
        for place, at, right in like.checks:
            value = occurrences[place][1][at]
            if value not in right:
                self._check(like.node(person, nodes, place), (at,))
        for place in like.noted:
            self._note(like.node(person, nodes, place))
        for place in like.around:
            node = like.node(person, nodes, place)
            sight.person.setdefault(node.shape.block, []).append(node)
        for place, at, right, row in like.almost:
            value = occurrences[place][1][at]
            if value in right:
                continue
            node = like.node(person, nodes, place)
            if row.fails(node, sight):
                self._telling.row(row, node)
            elif len(right) < MOST_RIGHT:
                right.add(value)
        for place, row in like.rows:
            node = like.node(person, nodes, place)
            if row.fails(node, sight):
                self._telling.row(row, node)

    # -- what stands around persons, and what is looked at later

    def _keep(
        self, shape: Shape, values: Values, line: int, lines: tuple[int, ...] | None = None
    ) -> None:
        node = self._tree.enter(shape, values, line, lines)
        self._sight.kept.setdefault(shape.block, []).append(node)
        self._apply(node)

    def _note(self, node: Node) -> None:
        """Keep of a person what will be looked at from outside."""
        shape, noted = node.shape, self._sight.noted
        for indexes in shape.notes:
            key = (indexes, *[node.values[index] for index in indexes])
            noted.setdefault(shape.block, {}).setdefault(key, node)
        for row in shape.final:
            self._wait(row, node)

    def _wait(self, row: Row, node: Node) -> None:
        """Keep what is decided at the end: one occurrence of each kind, and its first places."""
        key = (row, *[node.values[index] for index in row.own])
        _row, nodes = self._waiting.setdefault(key, (row, []))
        if len(nodes) < 3:
            nodes.append(node)

    def finish(self) -> None:
        """Complete the declaration, and apply what is decided by it as a whole."""
        self._tree.finish()
        root = self._tree.root
        for shape in self._shapes.by_block.values():
            if shape.kind.person:
                continue
            nodes = [root] if shape is root.shape else self._sight.kept.get(shape.block, [])
            for node in nodes:
                for row in shape.final:
                    if row.fails(node, self._sight):
                        self._telling.row(row, node)
        for row, nodes in self._waiting.values():
            if row.fails(nodes[0], self._sight):
                for node in nodes:
                    self._telling.row(row, node)

    # -- the rules

    def _apply(self, node: Node) -> None:
        """The rows about what is no person, as far as they can be decided now."""
        self._check(node, node.shape.checks)
        for row in node.shape.single:
            if row.fails(node, self._sight):
                self._telling.row(row, node)

    def _check(self, node: Node, places: Sequence[int]) -> None:
        """The values that are right or wrong by themselves. Most come again and again."""
        values, number = node.values, node.shape.number
        for at in places:
            value = values[at]
            right = self._right.get((number, at))
            if right is None:
                right = self._right[number, at] = set()
            if value in right:
                continue
            wrong, is_day = self._telling.count, node.shape.days.get(at)
            if is_day is not None and value is not None and not is_day(value):
                self._telling.day(node, at)
            for row in node.shape.of_one.get(at, ()):
                if row.fails(node, self._sight):
                    self._telling.row(row, node)
            if wrong == self._telling.count and len(right) < MOST_RIGHT:
                right.add(value)
