"""What every pattern of controls has.

A pattern says what it looks at (`looks`), what must be so at least for an occurrence to break it
(`arms`), and makes the function that tells whether one does (`fails`); `when` is the row's
condition, None if it always applies.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.rules.logic import Test
from vaguemestre_dsn.rules.meaning import Meaning
from vaguemestre_dsn.rules.syntax import Condition, Expression, Present, Ref, RuleError

#: Whether an occurrence breaks the row.
Fails = Callable[[Node, Sight], bool]
#: What is looked at; None if nobody can tell.
Looks = Sequence[Condition | Expression] | None


class Pattern(ABC):
    """What a row asks for. `keeps`: it remembers, so that every occurrence must be shown to it."""

    keeps = False

    @abstractmethod
    def looks(self) -> Looks:
        """What it looks at."""

    def arms(self) -> Sequence[Condition]:
        """What must hold before it can be broken."""
        return ()

    def is_of_person(self, meaning: Meaning) -> bool:
        """Whether what it remembers is of one person."""
        del meaning
        return False

    @abstractmethod
    def fails(self, meaning: Meaning, when: Test | None) -> Fails:
        """The function. Raises Nowhere if the nature does not have what it is about, RuleError."""


def present(refs: Sequence[Ref]) -> list[Condition]:
    return [Present(ref) for ref in refs]


def own_index(meaning: Meaning, ref: Ref) -> int:
    if ref.block:
        raise RuleError(f"{ref.block}.{ref.number}: a rubrique of the block itself is wanted")
    return meaning.index(ref)
