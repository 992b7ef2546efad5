"""What a condition of a norm file consists of, and what it looks at.

How it is read is left to `language`, what it means to `meaning`, how it is told to `wording`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class RuleError(Exception):
    """A row of a norm file is not understood; the message quotes the place."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A rubrique. `block`: two digits of an ancestor, "" of the occurrence at hand, "^" of the
    occurrence that the row is about."""

    block: str
    number: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a day or a text."""

    value: Decimal | date | str


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: tuple[Expression, ...]


Expression = Ref | Literal | Call


@dataclass(frozen=True, slots=True)
class Compare:
    left: Expression
    operator: str
    right: Expression


@dataclass(frozen=True, slots=True)
class Among:
    """The value is one of these; with `negated` it is there and none of them."""

    ref: Ref
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    ref: Ref
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Starts:
    ref: Ref
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    ref: Ref
    form: str


@dataclass(frozen=True, slots=True)
class There:
    """There are at least `least` occurrences of a block for which a condition holds."""

    block: str
    where: Condition | None = None
    least: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    inner: Condition


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Condition, ...]


Condition = Compare | Among | Present | Starts | Like | There | Not | All | Any


def refs_of(node: Condition | Expression | None) -> Iterator[tuple[str, Ref]]:
    """Every rubrique that a condition looks at, with the block in whose brackets it stands ("" if
    outside of any)."""
    yield from _refs(node, "")


def _refs(node: object, inside: str) -> Iterator[tuple[str, Ref]]:
    match node:
        case Ref():
            yield inside, node
        case Call(args=parts) | All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _refs(part, inside)
        case Compare(left=left, right=right):
            yield from _refs(left, inside)
            yield from _refs(right, inside)
        case Among(ref=ref) | Present(ref=ref) | Starts(ref=ref) | Like(ref=ref):
            yield inside, ref
        case Not(inner=inner):
            yield from _refs(inner, inside)
        case There(block=block, where=where):
            yield from _refs(where, block)
