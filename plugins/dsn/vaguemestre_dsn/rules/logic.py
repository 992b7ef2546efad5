"""The small functions that the meaning of a condition is put together from."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.rules import amounts
from vaguemestre_dsn.rules.amounts import Comparable

Test = Callable[[Node, Node, Sight], bool]
Get = Callable[[Node, Node, Sight], bytes | None]
Value = Callable[[Node, Node, Sight], Comparable | None]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

#: Most values of which it is remembered what was read; days are no more than there are.
MOST_KNOWN, MOST_DAYS = 2_000, 50_000
#: What was read, by the function that reads.
_KNOWN: dict[Callable[[bytes], Comparable | None], dict[bytes, Comparable | None]] = {}
#: No occurrences.
NONE: list[Node] = []


def climb(steps: int) -> Callable[[Node], Node | None]:
    """The function that finds the occurrence so many blocks above."""
    if steps == 0:
        return lambda node: node
    if steps == 1:
        return lambda node: node.parent

    def up(node: Node) -> Node | None:
        found: Node | None = node
        for _step in range(steps):
            found = found.parent if found is not None else None
        return found

    return up


def belonging(down: int, rise: int) -> Callable[[list[Node], Node], list[Node]]:
    """The function that picks the occurrences which stand below the same one as another: so many
    blocks below it, and the other so many."""
    above_them, above_it = climb(down), climb(rise)

    def pick(nodes: list[Node], node: Node) -> list[Node]:
        top = above_it(node)
        return [one for one in nodes if above_them(one) is top]

    return pick


def from_above(steps: int, index: int) -> Get:
    up = climb(steps)

    def get(n: Node, _a: Node, _s: Sight) -> bytes | None:
        above = up(n)
        return None if above is None else above.values[index]

    return get


def every(parts: list[Test]) -> Test:
    if len(parts) == 2:
        one, two = parts
        return lambda n, a, s: one(n, a, s) and two(n, a, s)

    def test(n: Node, a: Node, s: Sight) -> bool:
        for part in parts:  # noqa: SIM110
            if not part(n, a, s):
                return False
        return True

    return test


def some(parts: list[Test]) -> Test:
    def test(n: Node, a: Node, s: Sight) -> bool:
        for part in parts:  # noqa: SIM110
            if part(n, a, s):
                return True
        return False

    return test


def negation(inner: Test) -> Test:
    return lambda n, a, s: not inner(n, a, s)


def always(_n: Node, _a: Node, _s: Sight) -> bool:
    return True


def never(_n: Node, _a: Node, _s: Sight) -> bool:
    return False


def raw(get: Get) -> Value:
    return lambda n, a, s: get(n, a, s)


def as_number(value: Value) -> Value:
    def number(n: Node, a: Node, s: Sight) -> Comparable | None:
        found = value(n, a, s)
        return amounts.number(found) if isinstance(found, bytes) else found

    return number


def among_numbers(get: Get, wanted: set[Comparable | None], negated: bool) -> Test:
    def test(n: Node, a: Node, s: Sight) -> bool:
        found = get(n, a, s)
        value = None if found is None else amounts.number(found)
        return value is not None and (value in wanted) != negated

    return test


def reading(get: Get, read: Callable[[bytes], Comparable | None]) -> Value:
    """What is read from one value. Values repeat, so that what was read is remembered."""
    known = _KNOWN.setdefault(read, {})
    most = MOST_DAYS if read is amounts.day else MOST_KNOWN

    def value(n: Node, a: Node, s: Sight) -> Comparable | None:
        found = get(n, a, s)
        if found is None:
            return None
        if found in known:
            return known[found]
        result = read(found)
        if len(known) < most:
            known[found] = result
        return result

    return value


def called(
    function: Callable[..., Any],
    read: Callable[[bytes], Comparable | None],
    constants: list[Comparable],
) -> Callable[[bytes], Comparable | None]:
    """A function of one value and of constants, as a way to read that value."""

    def call(found: bytes) -> Comparable | None:
        value = read(found)
        result: Comparable | None = None if value is None else function(value, *constants)
        return result

    return call


def raw_bytes(found: bytes) -> bytes:
    return found


def equal(one: Get, other: Get) -> Test:
    def test(n: Node, a: Node, s: Sight) -> bool:
        value = one(n, a, s)
        return value is not None and value == other(n, a, s)

    return test
