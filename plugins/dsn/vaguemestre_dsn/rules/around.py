"""Patterns that compare, count, add up or look at other occurrences."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.rules import amounts, keys, odd
from vaguemestre_dsn.rules.logic import Get, Test
from vaguemestre_dsn.rules.meaning import Meaning
from vaguemestre_dsn.rules.pattern import Fails, Looks, Pattern, own_index, present
from vaguemestre_dsn.rules.syntax import (
    Any,
    Call,
    Compare,
    Condition,
    Not,
    Present,
    Ref,
    Starts,
    There,
    refs_of,
)


@dataclass(frozen=True)
class Same(Pattern):
    """Two days are of the same year, or of the same month."""

    one: Ref
    unit: str
    other: Ref

    def looks(self) -> Looks:
        return [self.one, self.other]

    def arms(self) -> Sequence[Condition]:
        return present([self.one, self.other])

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        left, right = meaning.pair(self.one, self.other, meaning.anchor)
        size = 10000 if self.unit == "year" else 100

        def fails(n: Node, s: Sight) -> bool:
            one, other = left(n, n, s), right(n, n, s)
            if not isinstance(one, int) or not isinstance(other, int):
                return False
            return one // size != other // size and (when is None or when(n, n, s))

        return fails


@dataclass(frozen=True)
class Unique(Pattern):
    """No two occurrences below one block have the same values."""

    ones: tuple[Ref, ...]
    block: str
    keeps = True

    def looks(self) -> Looks:
        return [Compare(ref, "=", ref) for ref in self.ones]

    def arms(self) -> Sequence[Condition]:
        return [Any(tuple(present(self.ones)))]

    def is_of_person(self, meaning: Meaning) -> bool:
        layout = meaning.layout
        return bool(layout.kinds[layout.block(self.block)].person)

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        get = _together([meaning.get(ref, meaning.anchor) for ref in self.ones])
        above = meaning.ancestor(self.block)
        of_person = self.is_of_person(meaning)
        name = object()  # each row remembers for itself

        def fails(n: Node, s: Sight) -> bool:
            values = get(n, s)
            if not values or (when is not None and not when(n, n, s)):
                return False
            top = above(n)
            store = s.seen_of_person if of_person else s.seen
            seen = store.get(name)
            if seen is None:
                seen = store[name] = {}
            return seen.setdefault((top.line if top else 0, values), n.line) != n.line

        return fails


def _together(gets: list[Get]) -> Callable[[Node, Sight], Hashable]:
    """The function that gives all values, or nothing if there are none."""
    if len(gets) == 1:
        only = gets[0]
        return lambda n, s: only(n, n, s)

    def together(n: Node, s: Sight) -> Hashable:
        values = tuple([get(n, n, s) for get in gets])
        return values if any(values) else None

    return together


@dataclass(frozen=True)
class MoreThan(Pattern):
    """The occurrence has other rubriques than these."""

    ones: tuple[Ref, ...]

    def looks(self) -> Looks:
        return None

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        known = {own_index(meaning, ref) for ref in self.ones}
        others = [index for index in meaning.indexes() if index not in known]

        def fails(n: Node, s: Sight) -> bool:
            if any(n.values[index] is not None for index in others):
                return False
            return when is None or when(n, n, s)

        return fails


@dataclass(frozen=True)
class Must(Pattern):
    """A condition holds."""

    condition: Condition

    def looks(self) -> Looks:
        return [self.condition]

    def arms(self) -> Sequence[Condition]:
        return [Not(self.condition)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        holds = meaning.test(self.condition)
        if when is None:
            return lambda n, s: not holds(n, n, s)
        return lambda n, s: when(n, n, s) and not holds(n, n, s)


@dataclass(frozen=True)
class Sum(Pattern):
    """The values below the occurrence add up to one of its own."""

    parts: Ref
    total: Ref

    def looks(self) -> Looks:
        return [self.total, There(self.parts.block, Starts(Ref("", self.parts.number), ()))]

    def arms(self) -> Sequence[Condition]:
        return [Present(self.total)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        target = meaning.descendant(self.parts.block)
        find = meaning.others(target, meaning.anchor)
        index = meaning.layout.kinds[target].index[self.parts.number]
        total = own_index(meaning, self.total)

        def fails(n: Node, s: Sight) -> bool:
            wanted = n.values[total]
            if wanted is None or (when is not None and not when(n, n, s)):
                return False
            parts = [value for other in find(n, s) if (value := other.values[index]) is not None]
            numbers = [amounts.number(value) for value in parts]
            known = [number for number in numbers if number is not None]
            return bool(parts) and sum(known, Decimal(0)) != amounts.number(wanted)

        return fails


@dataclass(frozen=True)
class Key(Pattern):
    """A value has right check digits, or a form that only a function can tell."""

    name: str
    expression: Ref | Call

    def looks(self) -> Looks:
        return [self.expression]

    def arms(self) -> Sequence[Condition]:
        return [Present(ref) for _inside, ref in refs_of(self.expression) if not ref.block]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        _kind, value = meaning.value(self.expression, meaning.anchor)
        get = (
            value
            if isinstance(self.expression, Call)
            else meaning.get(self.expression, meaning.anchor)
        )
        right = keys.KEYS[self.name]

        def fails(n: Node, s: Sight) -> bool:
            found = get(n, n, s)
            if not isinstance(found, bytes) or right(found):
                return False
            return when is None or when(n, n, s)

        return fails


@dataclass(frozen=True)
class Odd(Pattern):
    """What fits no pattern: a function of `odd`."""

    name: str

    def looks(self) -> Looks:
        numbers = odd.CALLS[self.name][1]
        return None if numbers is None else [Ref("", number) for number in numbers]

    def arms(self) -> Sequence[Condition]:
        return [Present(Ref("", number)) for number in odd.CALLS[self.name][1] or ()]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        decide = odd.CALLS[self.name][0](meaning)
        if when is None:
            return decide
        return lambda n, s: when(n, n, s) and decide(n, s)
