"""What a row looks at, as precisely as is needed to know when it must be looked at again.

Persons resemble each other: most have the same codes in the same blocks. What the rules say of
codes, of what is there, and of numbers that only refer to each other, is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from vaguemestre_dsn.engine.layout import Layout
from vaguemestre_dsn.rules.amounts import TEXT, kind_of
from vaguemestre_dsn.rules.syntax import (
    All,
    Among,
    Any,
    Call,
    Compare,
    Condition,
    Expression,
    Like,
    Not,
    Present,
    Ref,
    Starts,
    There,
    refs_of,
)


class Mode(Enum):
    """How a rubrique is looked at: whether it is there, which number it is the same as, or what it
    says."""

    SHOWN = "shown"
    JOIN = "join"
    VALUE = "value"


class Read(NamedTuple):
    """A rubrique that is looked at, by its position. `at` -1: whether the block is there."""

    block: str
    at: int
    mode: Mode


def reads(layout: Layout, anchor: str, looks: Iterable[Condition | Expression]) -> frozenset[Read]:
    """What is looked at; blocks and rubriques that the nature does not have are left out."""
    return frozenset(read for look in looks for read in _Walk(layout, anchor).of(look, anchor))


def are_alike(layout: Layout, seen: Iterable[Read]) -> bool:
    """Whether what is looked at is the same for many persons of a declaration."""
    for read in seen:
        kind = layout.kinds[read.block]
        if kind.person and read.mode is Mode.VALUE and not kind.is_alike(read.at):
            return False
    return True


def alike_part(
    layout: Layout, anchor: str, node: Condition, block: str | None = None
) -> Condition | None:
    """What follows from a condition and only looks at what many persons share, None if nothing.

    `block`: where the condition stands, if not at the anchor.
    """
    where = block or anchor
    if are_alike(layout, _Walk(layout, anchor).of(node, where)):
        return node
    match node:
        case All(parts=parts):
            kept = [alike_part(layout, anchor, part, where) for part in parts]
            return All(tuple(part for part in kept if part is not None))
        case Any(parts=parts):
            kept = [alike_part(layout, anchor, part, where) for part in parts]
            return None if None in kept else Any(tuple(part for part in kept if part is not None))
        case There(block=digits, where=inner, least=least):
            target = layout.block(digits)
            if inner is not None and target:
                return There(digits, alike_part(layout, anchor, inner, target), least)
        case Not(inner=inner):
            return _alike_part_of_no(layout, anchor, inner, where)
        case Among(ref=ref) | Starts(ref=ref) | Like(ref=ref):
            return Present(ref)
        case Compare():
            there = [Present(ref) for inside, ref in refs_of(node) if not inside]
            return All(tuple(there))
    return None


def _alike_part_of_no(layout: Layout, anchor: str, node: Condition, block: str) -> Condition | None:
    """The same for when the condition does not hold."""
    match node:
        case Not(inner=inner):
            return alike_part(layout, anchor, inner, block)
        case All(parts=parts):
            kept = [alike_part(layout, anchor, Not(part), block) for part in parts]
            return None if None in kept else Any(tuple(part for part in kept if part is not None))
        case Any(parts=parts):
            kept = [alike_part(layout, anchor, Not(part), block) for part in parts]
            return All(tuple(part for part in kept if part is not None))
    return None


class _Walk:
    def __init__(self, layout: Layout, anchor: str) -> None:
        self._layout = layout
        self._anchor = anchor

    def of(self, node: Condition | Expression, block: str) -> Iterator[Read]:
        match node:
            case Present(ref=ref):
                yield from self._ref(ref, block, Mode.SHOWN)
            case Among(ref=ref) | Starts(ref=ref) | Like(ref=ref):
                yield from self._ref(ref, block, Mode.VALUE)
            case Compare(left=Ref() as left, operator="=" | "!=", right=Ref() as right):
                mode = Mode.JOIN if self._join(left, right, block) else Mode.VALUE
                yield from self._ref(left, block, mode)
                yield from self._ref(right, block, mode)
            case Compare(left=one, right=other):
                yield from self.of(one, block)
                yield from self.of(other, block)
            case Not(inner=inner):
                yield from self.of(inner, block)
            case All(parts=parts) | Any(parts=parts):
                for part in parts:
                    yield from self.of(part, block)
            case There(block=digits, where=where):
                target = self._layout.block(digits)
                if target:
                    yield Read(target, -1, Mode.SHOWN)
                    if where is not None:
                        yield from self.of(where, target)
            case Ref():
                yield from self._ref(node, block, Mode.VALUE)
            case Call(args=args):
                for arg in args:
                    yield from self.of(arg, block)

    def _ref(self, ref: Ref, block: str, mode: Mode) -> Iterator[Read]:
        where = self._where(ref, block)
        if where and ref.number in self._layout.kinds[where].index:
            yield Read(where, self._layout.kinds[where].index[ref.number], mode)

    def _where(self, ref: Ref, block: str) -> str:
        if ref.block == "^":
            return self._anchor
        return self._layout.block(ref.block) if ref.block else block

    def _join(self, left: Ref, right: Ref, block: str) -> bool:
        """Whether two texts of one person are only held against each other."""
        for ref in (left, right):
            kind = self._layout.kinds.get(self._where(ref, block))
            if kind is None or not kind.person or ref.number not in kind.index:
                return False
            if kind_of(kind.rubriques[kind.index[ref.number]].type) != TEXT:
                return False
        return True
