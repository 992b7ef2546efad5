"""What an occurrence of each block looks like in a nature: one expression over its lines.

The expression takes a whole conformant occurrence at once and gives its values. Whatever it does
not take is looked at line by line elsewhere, which is slow and says why. It never takes what is
wrong.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from vaguemestre_dsn.engine.forms import line_of
from vaguemestre_dsn.engine.layout import ENVELOPE, FOOTER, ROOT, Kind, Layout
from vaguemestre_dsn.norm.tables import load
from vaguemestre_dsn.rules import keys
from vaguemestre_dsn.rules.amounts import BIRTHDAY
from vaguemestre_dsn.rules.reads import Mode, Read
from vaguemestre_dsn.rules.rows import Row, bound, written


class Shape:
    """One block in one nature. `number`: where it is held in lists of shapes.

    `days`: positions of days, with what tells a right one. `of_one`: rows that one value decides,
    by its position. `alike`: rows that see of a person only what most persons share; `single`:
    those that do not, and all rows about what is no person; `final`: those for when the
    declaration is complete. `notes`: positions of values that are looked at from outside the
    person; `holds`: of those of which the value is all that is asked for.
    """

    def __init__(self, kind: Kind, number: int) -> None:
        self.kind = kind
        self.number = number
        self.block = kind.block
        self.head = kind.block.encode()
        self.codes = kind.codes
        self.numbers = [code[-3:].encode() for code in kind.codes]
        self.none: tuple[bytes | None, ...] = (None,) * len(kind.codes)
        self.match = re.compile(_expression(kind).encode("latin-1")).match
        self.days = {
            at: keys.birthday if row.type.name == BIRTHDAY else keys.day
            for at, row in enumerate(kind.rubriques)
            if row.type.nature == "D" or row.type.name == BIRTHDAY
        }
        self.of_one: dict[int, list[Row]] = {}
        place = kind.place
        self.depth = place.depth if place else 0
        self.rank = place.rank if place else -1
        self.least = place.least if place else 1
        self.most = place.most if place else None
        self.parent = place.parent if place else ""
        self.is_person = bool(place) and kind.person == kind.block
        self.of_person = bool(kind.person)
        #: How a person begins, after the LF of the line before: with its first rubrique.
        self.begin = b"\n" + self.head + b".001,'"
        #: Blocks that must stand below this one.
        self.children: list[str] = []
        self.alike: list[Row] = []
        self.single: list[Row] = []
        self.final: list[Row] = []
        self.notes: list[tuple[int, ...]] = []
        self.holds: set[int] = set()
        self._fields: dict[Mode, set[int]] = {mode: set() for mode in Mode}

    def see(self, read: Read) -> None:
        """Note that an alike row looks at a rubrique."""
        if read.at >= 0:
            self._fields[read.mode].add(read.at)

    @cached_property
    def alike_values(self) -> frozenset[int]:
        """Positions of values that the alike rows look at."""
        return frozenset(self._fields[Mode.VALUE])

    @cached_property
    def joins(self) -> frozenset[int]:
        """Positions of those that they only hold against each other."""
        return frozenset(self._fields[Mode.JOIN] - self._fields[Mode.VALUE])

    @cached_property
    def checks(self) -> tuple[int, ...]:
        """Positions of values that are right or wrong by themselves."""
        return tuple(sorted({*self.days, *self.of_one}))


class Shapes:
    """The shapes of a nature in a norm, by block and by the bytes that begin its lines."""

    def __init__(self, version: str, nature: str) -> None:
        norm = load(version)
        self.norm = norm
        self.nature = nature
        self.layout = Layout(norm, nature)
        self.by_block: dict[str, Shape] = {}
        for number, (block, kind) in enumerate(self.layout.kinds.items()):
            self.by_block[block] = Shape(kind, number)
        self.by_head = {
            shape.head: shape for shape in self.by_block.values() if shape.kind.place is not None
        }
        #: What the line behind a conformant occurrence begins with.
        self.heads = {*self.by_head, *(b.encode() for b in (*ENVELOPE, ROOT, FOOTER)), b""}
        for shape in self.by_head.values():
            if shape.least:
                self.by_block[shape.parent].children.append(shape.block)
        days = norm.day_controls.values()  # which `Shape.days` holds, for all days alike
        for code, texts in norm.controls.items():
            for text in texts if code not in days else ():
                row = bound(written(code, text), self.layout)
                if row is not None:
                    self._add(row)

    def _add(self, row: Row) -> None:
        shape = self.by_block[row.block]
        if row.final:
            shape.final.append(row)
            for block, index in row.holds:
                self.by_block[block].holds.add(index)
            for block, indexes in row.notes.items():
                self._note(self.by_block[block], tuple(sorted(indexes)))
            return
        if not shape.of_person:
            shape.single.append(row)
            return
        if row.of_one is not None:
            shape.of_one.setdefault(row.of_one, []).append(row)
            return
        (shape.alike if row.alike else shape.single).append(row)
        for read in row.seen:
            if self.layout.kinds[read.block].person:
                self.by_block[read.block].see(read)

    def _note(self, shape: Shape, indexes: tuple[int, ...]) -> None:
        if shape.of_person and indexes not in shape.notes:
            shape.notes.append(indexes)


@lru_cache
def shapes(version: str, nature: str) -> Shapes:
    """The shapes, made once. Raises NormError, RuleError for a norm file that is wrong."""
    return Shapes(version, nature)


def _expression(kind: Kind) -> str:
    parts = []
    for row in kind.rubriques:
        line = line_of(row.code, row.type, group=True)
        parts.append(line if row.code in kind.mandatory else f"(?:{line})?")
    return "".join(parts)
