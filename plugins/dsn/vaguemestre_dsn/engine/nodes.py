"""An occurrence of a block, and what the rules can see of the others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaguemestre_dsn.engine.shapes import Shape

Values = Sequence[bytes | None]


class Node:
    """One occurrence of a block. `values`: one for each rubrique of its kind, None if it does not
    stand there. `line`: the first line, from 1; `lines`: those of the values, if they do not follow
    each other. `counts`: how many of each
    child block were seen."""

    __slots__ = ("counts", "line", "lines", "parent", "rank", "shape", "values")

    def __init__(self, shape: Shape, values: Values, line: int, parent: Node | None) -> None:
        self.shape = shape
        self.values = values
        self.line = line
        self.lines: tuple[int, ...] | None = None
        self.parent = parent
        self.counts: dict[str, int] | None = None
        self.rank = -1

    def line_of(self, index: int) -> int:
        """The line of a rubrique that is there, or the first one."""
        if index < 0 or self.values[index] is None:
            return self.line
        before = sum(value is not None for value in self.values[:index])
        return self.lines[before] if self.lines else self.line + before


class Sight:
    """What the rules see: the person at hand, what is kept of the declaration, and what was noted
    of persons that are complete."""

    def __init__(self, today: date) -> None:
        self.year = today.year
        #: Occurrences below the person at hand, and those that are kept to the end, by block.
        self.person: dict[str, list[Node]] = {}
        self.kept: dict[str, list[Node]] = {}
        #: Of blocks below persons: one occurrence for each different set of noted values.
        self.noted: dict[str, dict[Hashable, Node]] = {}
        #: Values of a rubrique in all persons so far, by block and position.
        self.held: dict[tuple[str, int], set[bytes | None]] = {}
        #: What has been seen so far of what must be unique in the declaration, and in the person.
        self.seen: dict[object, dict[Hashable, int]] = {}
        self.seen_of_person: dict[object, dict[Hashable, int]] = {}

    def forget_person(self) -> None:
        """The person at hand is complete."""
        self.person.clear()
        self.seen_of_person.clear()
