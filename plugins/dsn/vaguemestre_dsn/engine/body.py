"""Reads the body of one declaration: matches its blocks, holds them to the tree, applies the rules.

Each occurrence is taken by its shape's expression if it can be; otherwise `amiss` looks at it line
by line and says why. What belongs to a person is let go as soon as the person is complete.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date

from vaguemestre_dsn.engine.amiss import Amiss
from vaguemestre_dsn.engine.amiss import Occurrence as Found
from vaguemestre_dsn.engine.buffer import Buffer
from vaguemestre_dsn.engine.layout import ENVELOPE, ROOT
from vaguemestre_dsn.engine.memory import Memory
from vaguemestre_dsn.engine.nodes import Node, Sight, Values
from vaguemestre_dsn.engine.persons import MOST_VALUES
from vaguemestre_dsn.engine.shapes import Shape, Shapes
from vaguemestre_dsn.engine.structure import Occurrence
from vaguemestre_dsn.engine.telling import Telling
from vaguemestre_dsn.engine.tree import Tree
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.reader import Rubrique
from vaguemestre_dsn.rules.rows import Row

#: What stands between a code and its value.
VALUE = b",'"


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
        self._person: list[Occurrence] = []
        #: Something was wrong with the form of the person's lines.
        self._is_irregular = False
        self._waiting: dict[tuple[Hashable, ...], tuple[Row, list[Node]]] = {}
        self._memory: Memory | None = None
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
            self._is_irregular = True
            self.rubriques += occurrence.rubriques
        self._complete()

    def _take(self, found: Found) -> None:
        shape = found.shape
        if shape is None:
            return
        if not shape.of_person or shape.is_person:
            self._complete()
        if shape.of_person:
            self._person.append((shape, found.values, found.line, found.lines))
        else:
            self._keep(shape, found.values, found.line, found.lines)

    def _read_conformant(self, buffer: Buffer) -> None:
        """Take occurrences as long as they are conformant."""
        if buffer.is_garbled:
            return  # the slow way tells it value by value
        data, limit, by_head = buffer.data, buffer.limit, self._shapes.by_head
        at, line, heads = buffer.at, buffer.line, self._shapes.heads
        while at < limit:
            head = data[at : at + 10]
            shape = by_head.get(head)
            if shape is None:
                break
            if shape.is_person:
                at, line = self._read_likes(shape, data, at, line)
                if at >= limit:
                    break
            found = shape.match(data, at)
            last = found.lastindex if found is not None else None
            if found is None or last is None:
                break
            end = found.end()
            follows = data[end : end + 10]
            if follows == head:
                if data[end + 11 : end + 14] > shape.numbers[last - 1]:
                    break  # more of the same occurrence, which the expression did not take
            elif follows not in heads:
                break  # something is wrong there, and the occurrence may go on behind it
            if follows and data[end + 14 : end + 16] != VALUE:
                break
            values = found.groups()
            if shape.is_person or not shape.of_person:
                self._complete()
            if shape.of_person:
                self._person.append((shape, values, line, None))
            else:
                self._keep(shape, values, line)
            line += len(values) - values.count(None)
            at = end
        self.rubriques += line - buffer.line
        buffer.at, buffer.line = at, line

    def _read_likes(self, shape: Shape, data: bytes, at: int, line: int) -> tuple[int, int]:
        """Take persons that are like one before, from the beginning of the first; where the next
        one begins, and its line."""
        parent = self._tree.parent_of(shape)
        memory = self._memory
        while memory is not None and memory.top is parent:
            end = data.find(shape.begin, at + len(shape.begin))
            if end < 0:
                break
            known = memory.recognise(data, at, end, line)
            if known is None:
                break
            like, person = known
            self._complete()
            self.has_somebody = True
            self._tree.enter(shape, shape.none, line)
            self._tree.leave()
            memory.hold(like, person)
            for place, numbers, noted in like.noted:
                key = tuple([person.values[number] for number in numbers])
                if key not in noted:
                    self._note(person.node(place))
                    if len(noted) < MOST_VALUES:
                        noted.add(key)
            memory.finish(like, person)
            self._sight.forget_person()
            at, line = end + 1, line + like.structure.count
        return at, line

    # -- persons

    def _complete(self) -> None:
        """Deal with the person that was read."""
        occurrences, irregular = self._person, self._is_irregular
        if occurrences:
            self._person, self._is_irregular = [], False
            self.has_somebody = True
            self._walk(occurrences, irregular=irregular)
            self._sight.forget_person()

    def _walk(self, occurrences: list[Occurrence], *, irregular: bool) -> None:
        """Look at everything. What is right in this one need not be looked at in its like."""
        sight, wrong = self._sight, self._telling.count
        nodes = [self._tree.enter(*occurrence) for occurrence in occurrences]
        self._tree.close(occurrences[0][0].depth)
        for node in nodes:
            sight.person.setdefault(node.shape.block, []).append(node)
        for node in nodes:
            self._check(node)
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
        if wrong == self._telling.count and not irregular:
            top = nodes[0].parent
            if top is not None and (self._memory is None or self._memory.top is not top):
                self._memory = Memory(sight, self._telling, top)
            if self._memory is not None:
                self._memory.learn(occurrences, nodes, armed)
        for node, row in armed:
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
        for index in shape.holds:
            held = self._sight.held.setdefault((shape.block, index), set())
            held.add(node.values[index])
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
        self._check(node)
        for row in node.shape.single:
            if row.fails(node, self._sight):
                self._telling.row(row, node)

    def _check(self, node: Node) -> None:
        """The values that are right or wrong by themselves."""
        for at in node.shape.checks:
            value, is_day = node.values[at], node.shape.days.get(at)
            if is_day is not None and value is not None and not is_day(value):
                self._telling.day(node, at)
            for row in node.shape.of_one.get(at, ()):
                if row.fails(node, self._sight):
                    self._telling.row(row, node)
