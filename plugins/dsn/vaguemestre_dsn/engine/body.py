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
from vaguemestre_dsn.engine.persons import MOST_PLANS, Person, Plan, nodes_of, plan_of
from vaguemestre_dsn.engine.shapes import Shape, Shapes
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.reader import Rubrique
from vaguemestre_dsn.rules.rows import Row
from vaguemestre_dsn.texts import _

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
        self._findings = findings
        self._shapes = shapes
        self._sight = Sight(today)
        self._amiss = Amiss(findings, shapes, is_utf_8=is_utf_8)
        self._person = Person()
        self._waiting: dict[tuple[Hashable, ...], tuple[Row, list[Node]]] = {}
        self._plans: dict[tuple[Hashable, ...], Plan] = {}
        self._wrong = 0
        #: Values that are right by themselves, by shape and position.
        self._right: dict[tuple[int, int], set[bytes]] = {}
        self._open = [self._root(envelope)]

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
            self._enter(shape, occurrence.values, occurrence.line, occurrence.lines)

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
                self._enter(shape, values, line)
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
        plan = None if person.irregular else self._plans.get(seen)
        if plan is None:
            self._walk(person, seen)
        else:
            self._follow(plan, person)
        self._sight.person.clear()
        self._sight.seen_of_person.clear()

    def _walk(self, person: Person, seen: tuple[Hashable, ...]) -> None:
        """Look at everything. What is right in this one need not be looked at in its like."""
        sight, wrong = self._sight, self._wrong
        depth = person.occurrences[0][0].depth
        nodes = [self._enter(*occurrence) for occurrence in person.occurrences]
        self._close(depth)
        for node in nodes:
            self._check(node, node.shape.checks)
            self._note(node)
            for row in node.shape.alike:
                if row.fails(node, sight):
                    self._tell(row, node)
        armed = [
            (node, row)
            for node in nodes
            for row in node.shape.single
            if row.arms(node, node, sight)
        ]
        if wrong == self._wrong and not person.irregular and len(self._plans) < MOST_PLANS:
            self._plans[seen] = plan_of(nodes, armed)
        for node, row in armed:
            if row.fails(node, sight):
                self._tell(row, node)

    def _follow(self, plan: Plan, person: Person) -> None:
        """Look at what is left."""
        sight = self._sight
        top = self._enter(*person.occurrences[0])
        self._open.pop()
        sight.person.clear()
        nodes = nodes_of(plan, person, top, sight)
        for place in plan.checked:
            self._check(nodes[place], nodes[place].shape.other_checks)
        for place in plan.noted:
            self._note(nodes[place])
        for place, row in plan.rows:
            if row.fails(nodes[place], sight):
                self._tell(row, nodes[place])

    # -- the tree

    def _enter(
        self, shape: Shape, values: Values, line: int, lines: tuple[int, ...] | None = None
    ) -> Node:
        """Put an occurrence into the tree, and apply what can be decided now."""
        depth, opened = shape.depth, self._open
        if len(opened) > depth:
            self._close(depth)
        if len(opened) < depth or opened[-1].shape.block != shape.parent:
            self._miss_parent(shape, line)
        parent = opened[-1]
        node = Node(shape, values, line, parent)
        node.lines = lines
        if shape.rank < parent.rank:
            self._block(shape, line, "CST-02", _wrong_place(shape.block))
        parent.rank = shape.rank
        counts = parent.counts
        if counts is None:
            counts = parent.counts = {}
        times = counts.get(shape.block, 0) + 1
        counts[shape.block] = times
        if shape.most is not None and times > shape.most:
            self._block(shape, line, "CST-02", _too_often(shape))
        opened.append(node)
        if shape.of_person:
            self._sight.person.setdefault(shape.block, []).append(node)
        else:
            self._sight.kept.setdefault(shape.block, []).append(node)
            self._apply(node)
        return node

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

    def _miss_parent(self, shape: Shape, line: int) -> None:
        """The block stands without its parent: said once, and read on as if it were there."""
        chain = [shape.parent]
        while chain[-1] != ROOT:
            chain.append(self._shapes.by_block[chain[-1]].parent)
        chain.reverse()
        kept = 1
        while kept < min(len(chain), len(self._open)):
            if self._open[kept].shape.block != chain[kept]:
                break
            kept += 1
        self._close(kept)
        text = _(
            "The block {block} stands without the block {parent} above it: produce the file again."
        )
        self._block(shape, line, "CST-02", text.format(block=shape.block, parent=shape.parent))
        for block in chain[kept:]:
            above = self._shapes.by_block[block]
            ghost = Node(above, above.none, 0, self._open[-1])
            self._open.append(ghost)

    def _close(self, depth: int) -> None:
        """Complete what is open from a depth on."""
        while len(self._open) > depth:
            node = self._open.pop()
            for block in node.shape.children:
                if node.line and block not in (node.counts or ()):
                    self._miss(node, block)

    def _miss(self, node: Node, block: str) -> None:
        text = _(
            "The block {block} is missing below this {parent}: fill it in, or produce the file "
            "again."
        )
        self._wrong += 1
        named = self._named(block)
        shown = text.format(block=named, parent=self._named(node.shape.block))
        self._findings.block(f"{block}/CST-01", shown, node.line or None)

    def finish(self) -> None:
        """Complete the declaration, and apply what is decided by it as a whole."""
        self._close(1)
        root = self._open[0]
        for block in root.shape.children:
            if block not in (root.counts or ()):
                self._miss(root, block)
        for shape in self._shapes.by_block.values():
            if shape.kind.person:
                continue
            nodes = [root] if shape is root.shape else self._sight.kept.get(shape.block, [])
            for node in nodes:
                for row in shape.final:
                    if row.fails(node, self._sight):
                        self._tell(row, node)
        for row, nodes in self._waiting.values():
            if row.fails(nodes[0], self._sight):
                for node in nodes:
                    self._tell(row, node)

    # -- the rules

    def _apply(self, node: Node) -> None:
        """The rows about what is no person, as far as they can be decided now."""
        self._check(node, node.shape.checks)
        for row in node.shape.single:
            if row.fails(node, self._sight):
                self._tell(row, node)

    def _check(self, node: Node, places: Sequence[int]) -> None:
        """The values that are right or wrong by themselves. Most come again and again."""
        values, number = node.values, node.shape.number
        for at in places:
            value = values[at]
            if value is None:
                continue
            right = self._right.get((number, at))
            if right is None:
                right = self._right[number, at] = set()
            if value in right:
                continue
            wrong, is_day = self._wrong, node.shape.days.get(at)
            if is_day is not None and not is_day(value):
                self._tell_day(node, at)
            for row in node.shape.of_one.get(at, ()):
                if row.fails(node, self._sight):
                    self._tell(row, node)
            if wrong == self._wrong and len(right) < MOST_RIGHT:
                right.add(value)

    def _tell_day(self, node: Node, index: int) -> None:
        code = node.shape.codes[index]
        control = "CSL-11" if f"{code}/CSL-11" in self._shapes.norm.controls else "CSL-00"
        text = _("This day does not exist in the calendar: correct it.")
        self._wrong += 1
        self._findings.block(f"{code}/{control}", text, self._place(node, index))

    def _tell(self, row: Row, node: Node) -> None:
        self._wrong += 1
        place = self._place(node, row.index)
        self._findings.block(row.code, row.wording.sentence(), place, row.severity)

    def _place(self, node: Node, index: int) -> Rubrique | int:
        value = node.values[index] if index >= 0 else None
        line = node.line_of(index)
        if value is None:
            return line
        return Rubrique(node.shape.codes[index], value, line, 0)

    def _block(self, shape: Shape, line: int, control: str, text: str) -> None:
        self._wrong += 1
        self._findings.block(f"{shape.block}/{control}", text, line)

    def _named(self, block: str) -> str:
        label = self._shapes.norm.label(block)
        return f"{block} ({label})" if label else block


def _wrong_place(block: str) -> str:
    text = _("The block {block} stands in the wrong place: produce the file again.")
    return text.format(block=block)


def _too_often(shape: Shape) -> str:
    text = _(
        "The block {block} stands more than {most} times below one {parent}: leave out what is too "
        "many."
    )
    return text.format(block=shape.block, most=shape.most, parent=shape.parent)
