"""The controls that fit no pattern, each a small function on one occurrence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vaguemestre_dsn.engine.nodes import Node, Sight

if TYPE_CHECKING:
    from vaguemestre_dsn.rules.meaning import Meaning

#: By the name in the row: what makes the function that tells whether an occurrence is wrong.
CALLS: dict[str, Callable[[Meaning], Callable[[Node, Sight], bool]]] = {}


def told(name: str) -> str:
    """The sentence of a function of this module."""
    return SENTENCES[name]()


#: What each function asks for, in words.
SENTENCES: dict[str, Callable[[], str]] = {}
