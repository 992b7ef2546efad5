"""What persons have in common that have the same rubriques in the same blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from vaguemestre_dsn.engine.forms import fits, line_of
from vaguemestre_dsn.engine.nodes import Values
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.norm.tables import Type

if TYPE_CHECKING:
    from vaguemestre_dsn.engine.persons import Like

#: An occurrence before it has a place: shape, values, first line, lines if they do not follow.
Occurrence = tuple[Shape, Values, int, tuple[int, ...] | None]
#: The values of a person, one for each of its lines.
Lines = Sequence[bytes]
#: What a value of a shape must pass beside its form, by its position.
Must = tuple[Callable[[bytes], bool], ...]
Tests = Callable[[Shape, int], Must]
#: Values that passed.
Right = dict[Must, set[bytes]]
#: Most values of a kind that are remembered as right.
MOST_RIGHT = 512
#: After so many persons an expression over all lines of a structure has saved what it costs.
WORTH = 300


class Structure:
    """Persons that have the same rubriques in the same blocks.

    `likes`: by what the alike rows see, what remains to be done; `once`: what they saw once.
    `firsts`: number of the first line
    of each occurrence; `slots`: positions of its values; `count`: how many lines there are.
    """

    def __init__(self, occurrences: Sequence[Occurrence], tests: Tests, right: Right) -> None:
        self.likes: dict[Hashable, Like] = {}
        self.once: set[Hashable] = set()
        self.shapes = [shape for shape, *_rest in occurrences]
        self.firsts: list[int] = []
        self.slots: list[list[int]] = []
        rubriques: list[tuple[str, Type]] = []
        #: Values that the alike rows do not see and that may be wrong by themselves: the number of
        #: the line, those that were right, and what another one must pass.
        self._tested: list[tuple[int, set[bytes], Must]] = []
        alike: list[int] = []
        self._joins: list[int] = []
        for shape, values, _line, _lines in occurrences:
            there = [at for at, value in enumerate(values) if value is not None]
            self.firsts.append(len(rubriques))
            self.slots.append(there)
            for at in there:
                row, number = shape.kind.rubriques[at], len(rubriques)
                rubriques.append((row.code, row.type))
                if at in shape.alike_values:
                    alike.append(number)
                    continue
                if must := tests(shape, at):
                    self._tested.append((number, right.setdefault(must, set()), must))
                if at in shape.joins:
                    self._joins.append(number)
        self.count = len(rubriques)
        self._alike: Callable[[Lines], Hashable] = itemgetter(*alike) if alike else _nothing
        self._rubriques = tuple(rubriques)
        self._fits = [fits(code, kind) for code, kind in rubriques]
        self._whole: Callable[..., re.Match[bytes] | None] | None = None
        self._seen = 0

    def values(self, data: bytes, at: int, end: int) -> Lines | None:
        """The values of the lines `data[at:end]`, behind which stands an LF; None if these are not
        the rubriques of this structure, each with a right form."""
        if self._whole is None:
            self._seen += 1
            if self._seen < WORTH:
                return self._by_lines(data[at:end].split(b"\n"))
            self._whole = _over_all(self._rubriques)
        found = self._whole(data, at, end + 1)
        return None if found is None else found.groups()

    def _by_lines(self, lines: Sequence[bytes]) -> Lines | None:
        values = []
        for line, fit in zip(lines, self._fits, strict=True):
            found = fit(line)
            if found is None:
                return None
            values.append(found[1])
        return values

    def key(self, values: Lines) -> Hashable:
        """What the alike rows see of the person."""
        if not self._joins:
            return self._alike(values)
        ids: dict[bytes, int] = {}
        joins = [ids.setdefault(values[number], len(ids)) for number in self._joins]
        return (self._alike(values), *joins)

    def are_right(self, values: Lines) -> bool:
        """Whether the values that the alike rows do not see are right by themselves."""
        for number, right, tests in self._tested:
            value = values[number]
            if value in right:
                continue
            for test in tests:
                if not test(value):
                    return False
            if len(right) >= MOST_RIGHT:
                right.clear()  # values repeat within a person and among neighbours
            right.add(value)
        return True


def _nothing(_values: Lines) -> None:
    return None


@lru_cache(256)
def _over_all(rubriques: tuple[tuple[str, Type], ...]) -> Callable[..., re.Match[bytes] | None]:
    lines = [line_of(code, kind, group=True) for code, kind in rubriques]
    # Each line is left for good once it fits: what does not fit is told by the slow way.
    expression = "".join(f"(?>{line})" for line in lines)
    return re.compile(expression.encode("latin-1")).fullmatch
