"""What conditions mean: makes functions of them, for one nature of one norm.

A function gets the occurrence at hand, the occurrence that the row is about (another one inside
brackets) and what can be seen of the others. A value that is not there makes every comparison
false.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from vaguemestre_dsn.engine.layout import Layout
from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.rules import amounts
from vaguemestre_dsn.rules.amounts import NUMBER, TEXT, Comparable
from vaguemestre_dsn.rules.logic import (
    NONE,
    OPERATORS,
    Get,
    Test,
    Value,
    always,
    among_numbers,
    as_number,
    belonging,
    called,
    climb,
    equal,
    every,
    from_above,
    negation,
    never,
    raw,
    raw_bytes,
    reading,
    some,
)
from vaguemestre_dsn.rules.syntax import (
    All,
    Among,
    Any,
    Call,
    Compare,
    Condition,
    Expression,
    Like,
    Literal,
    Not,
    Present,
    Ref,
    RuleError,
    Starts,
    There,
    refs_of,
)


class Nowhere(Exception):
    """The condition is about a block or a rubrique that this nature does not have."""


@dataclass
class Meaning:
    """Makes the functions of one row. `anchor`: the block that the row is about.

    `notes`: for each block below persons that must be seen from outside, the positions of the
    values to note; `holds`: rubriques below persons of which the values are all that is asked for.
    `late`: something below the person is looked at, so the person must be complete;
    `final`: the declaration must.
    """

    layout: Layout
    anchor: str
    notes: dict[str, set[int]] = field(default_factory=dict)
    holds: set[tuple[str, int]] = field(default_factory=set)
    late: bool = False
    final: bool = False

    def test(self, node: Condition, at: str | None = None) -> Test:
        """The function of a condition, for an occurrence of the block `at`. Raises RuleError."""
        block = at or self.anchor
        match node:
            case All(parts=parts):
                return every([self.test(part, block) for part in parts])
            case Any(parts=parts):
                return some([self.test(part, block) for part in parts])
            case Not(inner=inner):
                return negation(self.test(inner, block))
            case There():
                return self._there(node, block)
            case Compare():
                return self._compare(node, block)
            case Among():
                return self._among(node, block)
            case _:
                return self._about(node, block)

    def index(self, ref: Ref) -> int:
        """Position of one of the anchor's own rubriques."""
        return self._index(ref, self.anchor)

    def position(self, number: str) -> int:
        """Position of one of the anchor's own rubriques, by its three digits."""
        return self._index(Ref("", number), self.anchor)

    def indexes(self) -> range:
        """The positions of all of the anchor's rubriques."""
        return range(len(self.layout.kinds[self.anchor].rubriques))

    def ancestor(self, digits: str) -> Callable[[Node], Node | None]:
        """The function that finds the occurrence of a block above."""
        return climb(self.layout.steps(self.anchor, self._above(Ref(digits, ""), self.anchor)))

    def descendant(self, digits: str) -> str:
        """The block with those digits. Raises Nowhere if this nature has none."""
        target = self.layout.block(digits)
        if not target:
            raise Nowhere
        return target

    def get(self, ref: Ref, block: str) -> Get:
        """The function that gives a rubrique's value."""
        if ref.block == "^":
            index = self._index(ref, self.anchor)
            return lambda _n, a, _s: a.values[index]
        if not ref.block:
            index = self._index(ref, block)
            return lambda n, _a, _s: n.values[index]
        target = self._above(ref, block)
        return from_above(self.layout.steps(block, target), self._index(ref, target))

    def _index(self, ref: Ref, block: str) -> int:
        index = self.layout.kinds[block].index.get(ref.number)
        if index is None:
            if f"{block}.{ref.number}" in self.layout.norm.blocks[block]:
                raise Nowhere
            raise RuleError(f"{block}.{ref.number} is no rubrique")
        return index

    def _above(self, ref: Ref, block: str) -> str:
        target = self.layout.block(ref.block)
        if not target:
            raise Nowhere
        if target not in (block, *self.layout.kinds[block].ancestors):
            raise RuleError(f"{ref.block}.{ref.number} does not stand above {block}: use brackets")
        return target

    def _type(self, ref: Ref, block: str) -> tuple[str, tuple[str, ...]]:
        """Kind of a rubrique's values, and its permitted codes."""
        where = self.anchor if ref.block == "^" else block if not ref.block else ""
        kind = self.layout.kinds[where or self._above(ref, block)]
        row = kind.rubriques[self._index(ref, kind.block)]
        return amounts.kind_of(row.type), row.type.codes

    # -- terms about one rubrique

    def _among(self, node: Among, block: str) -> Test:
        get, wanted = self._get_or_none(node.ref, block), node.values
        if get is None:
            return never
        kind, codes = self._type(node.ref, block)
        if kind == NUMBER and not codes:
            return among_numbers(get, {amounts.number(v.encode()) for v in wanted}, node.negated)
        values = frozenset(value.encode("latin-1") for value in wanted)
        if node.negated:
            return lambda n, a, s: (v := get(n, a, s)) is not None and v not in values
        return lambda n, a, s: get(n, a, s) in values

    def _about(self, node: Present | Starts | Like, block: str) -> Test:
        get = self._get_or_none(node.ref, block)
        match node:
            case Present(negated=True):
                return always if get is None else lambda n, a, s: get(n, a, s) is None
            case Present():
                return never if get is None else lambda n, a, s: get(n, a, s) is not None
        if get is None:
            return never
        if isinstance(node, Starts):
            starts = tuple(value.encode("latin-1") for value in node.values)
            return lambda n, a, s: (v := get(n, a, s)) is not None and v.startswith(starts)
        form = re.compile(node.form.encode("latin-1"))
        return lambda n, a, s: (v := get(n, a, s)) is not None and form.fullmatch(v) is not None

    def _get_or_none(self, ref: Ref, block: str) -> Get | None:
        try:
            return self.get(ref, block)
        except Nowhere:
            return None

    # -- comparisons

    def _compare(self, node: Compare, block: str) -> Test:
        try:
            left, right = self.pair(node.left, node.right, block)
        except Nowhere:
            return never
        if isinstance(node.left, Ref) and isinstance(node.right, Ref) and node.operator == "=":
            kind, _codes = self._type(node.left, block)
            if kind == TEXT == self._type(node.right, block)[0]:
                return equal(self.get(node.left, block), self.get(node.right, block))
        compare = OPERATORS[node.operator]

        def test(n: Node, a: Node, s: Sight) -> bool:
            one, other = left(n, a, s), right(n, a, s)
            return one is not None and other is not None and compare(one, other)

        return test

    def pair(self, left: Expression, right: Expression, block: str) -> tuple[Value, Value]:
        """Both sides of a comparison, brought to one kind."""
        (kind, one), (other_kind, other) = self.value(left, block), self.value(right, block)
        if kind == other_kind:
            return one, other
        if {kind, other_kind} == {NUMBER, TEXT}:
            return as_number(one), as_number(other)
        raise RuleError(f"{left} and {right} cannot be compared")

    def value(self, node: Expression, block: str) -> tuple[str, Value]:
        """Kind and function of an expression."""
        if isinstance(node, Literal):
            kind, constant = amounts.literal(node.value)
            return kind, lambda _n, _a, _s: constant
        if isinstance(node, Ref):
            kind, _codes = self._type(node, block)
            get, read = self.get(node, block), amounts.READERS[kind]

            return kind, reading(get, read)
        return self._call(node, block)

    def _call(self, node: Call, block: str) -> tuple[str, Value]:
        if node.name == "this_year":
            return NUMBER, lambda _n, _a, s: amounts.number(str(s.year).encode())
        if node.name not in amounts.FUNCTIONS:
            raise RuleError(f"there is no function {node.name}")
        takes, gives, function = amounts.FUNCTIONS[node.name]
        args = []
        for number, arg in enumerate(node.args):
            kind, value = self.value(arg, block)
            wanted = takes[min(number, len(takes) - 1)]
            if wanted == NUMBER and kind == TEXT:
                value = as_number(value)
            elif wanted == TEXT and isinstance(arg, Ref):
                value = raw(self.get(arg, block))
            elif wanted != kind:
                raise RuleError(f"{node.name} takes a {wanted}, not a {kind}")
            args.append(value)

        refs = [arg for arg in node.args if not isinstance(arg, Literal)]
        if len(refs) == 1 and isinstance(node.args[0], Ref):
            constants = [amounts.literal(a.value)[1] for a in node.args if isinstance(a, Literal)]
            read = raw_bytes if takes[0] == TEXT else amounts.READERS[takes[0]]
            return gives, reading(self.get(node.args[0], block), called(function, read, constants))

        def call(n: Node, a: Node, s: Sight) -> Comparable | None:
            values = [arg(n, a, s) for arg in args]
            return None if None in values else function(*values)

        return gives, call

    # -- other blocks

    def _there(self, node: There, block: str) -> Test:
        target = self.layout.block(node.block)
        if not target:
            return never
        held = self._held(node, target, block)
        if held is not None:
            return held
        where = None if node.where is None else self._where(node, target)
        find = self.others(target, block)
        least = node.least
        if where is None:
            return lambda n, _a, s: len(find(n, s)) >= least
        if least == 1:

            def one(n: Node, a: Node, s: Sight) -> bool:
                for other in find(n, s):  # noqa: SIM110 - three times as quick as any()
                    if where(other, a, s):
                        return True
                return False

            return one
        return lambda n, a, s: sum(where(other, a, s) for other in find(n, s)) >= least

    def _held(self, node: There, target: str, block: str) -> Test | None:
        """The function for «there is one with the same text», about persons that are complete: the
        values are held, so that nobody has to look through the occurrences."""
        layout, where = self.layout, node.where
        common = layout.common(block, target)
        if not layout.kinds[target].person or layout.kinds[common].person or node.least != 1:
            return None
        match where:
            case Compare(left=Ref(block="") as own, operator="=", right=Ref(block="^") as ours):
                index = layout.kinds[target].index.get(own.number)
                texts = index is not None and self._type(own, target)[0] == TEXT
            case _:
                return None
        if not texts or index is None or self._type(ours, self.anchor)[0] != TEXT:
            return None
        mine, key = self._index(ours, self.anchor), (target, index)
        self.final = True
        self.holds.add(key)

        def test(_n: Node, a: Node, s: Sight) -> bool:
            value = a.values[mine]
            return value is not None and value in s.held.get(key, ())

        return test

    def _where(self, node: There, target: str) -> Test:
        if node.where is None:
            raise RuleError("nothing in the brackets")
        self._note(node, target)
        return self.test(node.where, target)

    def _note(self, node: There, target: str) -> None:
        """Remember which values of the target are looked at, should they have to be noted."""
        index = self.layout.kinds[target].index
        for inside, ref in refs_of(node):
            if inside == node.block and not ref.block and ref.number in index:
                self.notes.setdefault(target, set()).add(index[ref.number])

    def others(self, target: str, block: str) -> Callable[[Node, Sight], list[Node]]:
        """The function that finds the occurrences of `target` that belong to one of `block`."""
        layout = self.layout
        common = layout.common(block, target)
        rise, down = layout.steps(block, common), layout.steps(target, common)
        mine, theirs = layout.kinds[block].person, layout.kinds[target].person
        if theirs and layout.kinds[common].person:
            self.late = True
            if common == theirs:
                return lambda _n, s: s.person.get(target, NONE)
            pick = belonging(down, rise)
            return lambda n, s: pick(s.person.get(target, NONE), n)
        if theirs:
            self.final = True
            self.notes.setdefault(target, set())
            return lambda _n, s: list(s.noted.get(target, {}).values())
        place, top = layout.tree[target], layout.tree.get(mine)
        if not mine or top is None or place.rank > top.rank:
            self.final = True
        pick = belonging(down, rise)
        return lambda n, s: pick(s.kept.get(target, NONE), n)
