"""Where the blocks of one nature stand to each other, and what is held while a file is read.

A declaration may have any number of persons: each is held only until it is complete. What stands
around them (the establishment, its contracts with insurers, its payments) is held to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from vaguemestre_dsn.norm.tables import ABSENT, FORBIDDEN, MANDATORY, Norm, Place, RubriqueRow

#: The declaration's own block, and the envelope above it, nearest first.
ROOT = "S20.G00.05"
ENVELOPE = ("S10.G00.00", "S10.G00.01", "S10.G00.02")
FOOTER = "S90.G00.90"
#: Blocks of which a declaration may have very many, each with all below it about one person.
PERSONS = ("S21.G00.30", "S89.G00.91")
#: The block of payments: days below it are those of periods, which many persons share.
PAYMENT = "S21.G00.50"
#: Longest values, in characters, of which few different ones come.
SMALL = 4


@dataclass(frozen=True)
class Kind:
    """A block in a nature: its place, and its rubriques that may stand there.

    `parent` is None for the envelope. `person`: the block of `PERSONS` that it is or belongs to, or
    "". `ancestors`: the blocks above, nearest first, the envelope included.
    """

    block: str
    place: Place | None
    rubriques: tuple[RubriqueRow, ...]
    mandatory: frozenset[str]
    ancestors: tuple[str, ...]
    person: str

    def is_alike(self, at: int) -> bool:
        """Whether few different values of a rubrique come: codes, and days of periods."""
        kind = self.rubriques[at].type
        periods = PAYMENT in (self.block, *self.ancestors)
        return bool(kind.codes) or kind.most <= SMALL or (kind.nature == "D" and periods)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each rubrique by its three digits."""
        return {row.code[-3:]: number for number, row in enumerate(self.rubriques)}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(row.code for row in self.rubriques)


class Layout:
    """The blocks of a nature."""

    def __init__(self, norm: Norm, nature: str) -> None:
        self.norm = norm
        self.nature = nature
        self.tree = norm.trees[nature]
        self.kinds: dict[str, Kind] = {}
        above: Sequence[str] = ()
        for block in (*reversed(ENVELOPE), ROOT):
            self.kinds[block] = self._kind(block, None, above)
            above = (block, *above)
        for block, place in self.tree.items():
            parent = self.kinds[place.parent]
            self.kinds[block] = self._kind(block, place, (parent.block, *parent.ancestors))
        self._short = {block[-2:]: block for block in self.kinds}

    def _kind(self, block: str, place: Place | None, ancestors: Sequence[str]) -> Kind:
        rows = [
            row
            for row in self.norm.blocks[block].values()
            if row.usage[self.nature] not in (FORBIDDEN, ABSENT)
        ]
        mandatory = frozenset(row.code for row in rows if row.usage[self.nature] == MANDATORY)
        person = next((b for b in (block, *ancestors) if b in PERSONS), "")
        return Kind(block, place, tuple(rows), mandatory, tuple(ancestors), person)

    def block(self, digits: str) -> str:
        """The block with those two digits, or "" if this nature has none."""
        return self._short.get(digits, "")

    def common(self, one: str, other: str) -> str:
        """The nearest block that is above both (or one of the two); of two alike, their parent."""
        mine = self.kinds[one].ancestors if one == other else (one, *self.kinds[one].ancestors)
        others = {other, *self.kinds[other].ancestors}
        return next(block for block in mine if block in others)

    def steps(self, block: str, ancestor: str) -> int:
        """How many times to go up from a block to one of its ancestors; 0 for itself."""
        return (block, *self.kinds[block].ancestors).index(ancestor)
