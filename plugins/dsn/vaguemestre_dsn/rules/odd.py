"""The controls that fit no pattern, or are asked so often that they must be quick: each a small
function on one occurrence. What is missing or has no right form breaks none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vaguemestre_dsn.engine.nodes import Node, Sight
from vaguemestre_dsn.texts import _

if TYPE_CHECKING:
    from vaguemestre_dsn.rules.meaning import Meaning

Decide = Callable[[Node, Sight], bool]

#: Corsica has two departments since this year, and a number of its own before it; from the other
#: year on, births in the former protectorates have another number.
_CORSICA, _PROTECTORATES = 1976, 1968
#: Nobody is older, in years.
_OLDEST = 120
#: What rounding may make of a tax, in hundredths.
_TOLERANCE = 100


def department(meaning: Meaning) -> Decide:
    """The department of birth in the NIR did not exist in the year of birth."""
    nir, born = meaning.position("001"), meaning.position("006")

    def decide(n: Node, _s: Sight) -> bool:
        number, day = n.values[nir], n.values[born]
        if number is None or day is None or not day[4:].isdigit():
            return False
        where, year = number[5:7], int(day[4:])
        if where in (b"2A", b"2B"):
            return year < _CORSICA
        return (where == b"20" and year >= _CORSICA) or (where == b"96" and year >= _PROTECTORATES)

    return decide


def year_of_birth(meaning: Meaning) -> Decide:
    """The NIR is of another year than the day of birth."""
    nir, born = meaning.position("001"), meaning.position("006")

    def decide(n: Node, _s: Sight) -> bool:
        number, day = n.values[nir], n.values[born]
        return number is not None and day is not None and number[1:3] != day[6:]

    return decide


def age(meaning: Meaning) -> Decide:
    """Born in the future, or too long ago."""
    born = meaning.position("006")

    def decide(n: Node, s: Sight) -> bool:
        day = n.values[born]
        if day is None or not day[4:].isdigit():
            return False
        return not s.year - _OLDEST < int(day[4:]) <= s.year

    return decide


def withheld(meaning: Meaning) -> Decide:
    """The tax is not the rate of what it is on, give or take a euro."""
    tax, rate, base = (meaning.position(number) for number in ("009", "006", "013"))

    def decide(n: Node, _s: Sight) -> bool:
        held, percent, on = n.values[tax], n.values[rate], n.values[base]
        if held is None or percent is None or on is None:
            return False
        try:
            difference = _hundredths(held) * 10_000 - _hundredths(on) * _hundredths(percent)
        except ValueError:
            return False
        return abs(difference) > _TOLERANCE * 10_000

    return decide


def _hundredths(value: bytes) -> int:
    if value[-3:-2] != b".":
        raise ValueError(value)
    return int(value[:-3] + value[-2:])


#: By the name in the row: what makes the function that tells whether an occurrence is wrong, and
#: the rubriques of the occurrence that it looks at, without any of which it finds nothing (None: it
#: looks at more).
CALLS: dict[str, tuple[Callable[[Meaning], Decide], tuple[str, ...] | None]] = {
    "department": (department, ("001", "006")),
    "year_of_birth": (year_of_birth, ("001", "006")),
    "age": (age, ("006",)),
    "withheld": (withheld, ("006", "009", "013")),
}


def told(name: str) -> str:
    """The sentence of a function of this module."""
    return {
        "department": _("The NIR names a department that did not exist in the year of birth."),
        "year_of_birth": _("The NIR and the day of birth are of different years: correct one."),
        "age": _("The year of birth lies in the future or too far back: correct it."),
        "withheld": _(
            "The tax is not the rate applied to the amount it is on, to within one euro: correct "
            "one of the three."
        ),
    }[name]
