"""Patterns about the rubriques of one occurrence: there or not, this value or that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.rules.logic import Test
from vaguemestre_dsn.rules.meaning import Meaning
from vaguemestre_dsn.rules.pattern import Fails, Looks, Pattern, own_index, present
from vaguemestre_dsn.rules.syntax import (
    Among,
    Condition,
    Like,
    Present,
    Ref,
    RuleError,
    refs_of,
)
from vaguemestre_dsn.rules.syntax import Compare as Comparison


@dataclass(frozen=True)
class Required(Pattern):
    """The rubrique stands there."""

    ref: Ref

    def looks(self) -> Looks:
        return [Present(self.ref)]

    def arms(self) -> Sequence[Condition]:
        return [Present(self.ref, negated=True)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        index = own_index(meaning, self.ref)
        if when is None:
            return lambda n, _s: n.values[index] is None
        return lambda n, s: n.values[index] is None and when(n, n, s)


@dataclass(frozen=True)
class Forbidden(Pattern):
    """The rubrique does not stand there."""

    ref: Ref

    def looks(self) -> Looks:
        return [Present(self.ref)]

    def arms(self) -> Sequence[Condition]:
        return [Present(self.ref)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        index = own_index(meaning, self.ref)
        if when is None:
            return lambda n, _s: n.values[index] is not None
        return lambda n, s: n.values[index] is not None and when(n, n, s)


@dataclass(frozen=True)
class Exactly(Pattern):
    """The rubrique stands there if and only if the condition holds."""

    ref: Ref

    def looks(self) -> Looks:
        return [Present(self.ref)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        index = own_index(meaning, self.ref)
        if when is None:
            raise RuleError("iff wants a condition")
        return lambda n, s: (n.values[index] is not None) != when(n, n, s)


@dataclass(frozen=True)
class Value(Pattern):
    """The value is one of these (`never`: none of these)."""

    ref: Ref
    values: tuple[str, ...]
    never: bool

    def looks(self) -> Looks:
        return [Among(self.ref, self.values, negated=not self.never)]

    def arms(self) -> Sequence[Condition]:
        return [Among(self.ref, self.values, negated=not self.never)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        broken = meaning.test(Among(self.ref, self.values, negated=not self.never))
        if when is None:
            return lambda n, s: broken(n, n, s)
        return lambda n, s: broken(n, n, s) and when(n, n, s)


@dataclass(frozen=True)
class Form(Pattern):
    """The whole value has a form."""

    ref: Ref
    form: str

    def looks(self) -> Looks:
        return [self.ref]

    def arms(self) -> Sequence[Condition]:
        return [Present(self.ref)]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        index, fits = own_index(meaning, self.ref), meaning.test(Like(self.ref, self.form))
        if when is None:
            return lambda n, s: n.values[index] is not None and not fits(n, n, s)
        return lambda n, s: n.values[index] is not None and not fits(n, n, s) and when(n, n, s)


@dataclass(frozen=True)
class Compared(Pattern):
    """A comparison holds, if both of its sides are known."""

    comparison: Comparison

    def looks(self) -> Looks:
        return [self.comparison]

    def arms(self) -> Sequence[Condition]:
        return [Present(ref) for _inside, ref in refs_of(self.comparison) if not ref.block]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        one, other = meaning.pair(self.comparison.left, self.comparison.right, meaning.anchor)
        holds = meaning.test(self.comparison)

        def fails(n: Node, s: Sight) -> bool:
            if holds(n, n, s) or one(n, n, s) is None or other(n, n, s) is None:
                return False
            return when is None or when(n, n, s)

        return fails


@dataclass(frozen=True)
class Together(Pattern):
    """All of the rubriques stand there, or none."""

    ones: tuple[Ref, ...]

    def looks(self) -> Looks:
        return present(self.ones)

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        indexes = [own_index(meaning, ref) for ref in self.ones]

        def fails(n: Node, s: Sight) -> bool:
            there = sum(n.values[index] is not None for index in indexes)
            return 0 < there < len(indexes) and (when is None or when(n, n, s))

        return fails


@dataclass(frozen=True)
class Apart(Pattern):
    """The first rubrique does not stand beside any of the others."""

    ones: tuple[Ref, ...]

    def looks(self) -> Looks:
        return present(self.ones)

    def arms(self) -> Sequence[Condition]:
        return [Present(self.ones[0])]

    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        first, *others = (own_index(meaning, ref) for ref in self.ones)

        def fails(n: Node, s: Sight) -> bool:
            if n.values[first] is None or all(n.values[index] is None for index in others):
                return False
            return when is None or when(n, n, s)

        return fails
