"""What the platform reads in a deposited file: enough to receipt it and to answer about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(rb"^(S\d\d\.G\d\d\.\d\d)\.(\d{3}),'(.*)'$")


@dataclass(frozen=True)
class Deposited:
    """The facts of one file. `declarations`: blocks S20.G00.05; `people`: NIR and matricule of each
    employee; `counted`: whether S90 is right."""

    values: dict[str, str]
    declarations: int
    people: tuple[tuple[str, str], ...]
    counted: bool

    def __getitem__(self, rubrique: str) -> str:
        return self.values.get(rubrique, "")

    @property
    def employees(self) -> int:
        return len(self.people)

    @property
    def key(self) -> tuple[str, ...]:
        """What may be declared once only: a mensuelle by month, SIRET and fraction, a signalement
        by SIRET and order number. Cancelling and replacing is free, and an essai declares
        nothing."""
        if self["S10.G00.00.005"] == "01":
            return ()
        siret = self["S21.G00.06.001"] + self["S21.G00.11.001"]
        if self["S20.G00.05.002"] not in ("01", "02"):
            return ()
        if self["S20.G00.05.001"] == "01":
            return ("01", siret, self["S20.G00.05.005"], self["S20.G00.05.003"])
        return (self["S20.G00.05.001"], siret, self["S20.G00.05.004"])


def read(content: bytes) -> Deposited | None:
    """The facts, or None if this is not a DSN file at all: then it is rejected at the door."""
    values: dict[str, str] = {}
    rubriques = declarations = 0
    people: list[tuple[str, str]] = []
    nir = ""
    for line in content.splitlines():
        found = _LINE.match(line)
        if found is None:
            return None
        block, number, value = found[1].decode(), found[2].decode(), found[3].decode("latin-1")
        rubriques += 1
        declarations += (block, number) == ("S20.G00.05", "001")
        match block, number:
            case "S21.G00.30", "001":
                nir = value
            case "S21.G00.30", "002":
                people.append((nir, ""))
                nir = ""
            case "S21.G00.30", "019" if people:
                people[-1] = (people[-1][0], value)
        values.setdefault(f"{block}.{number}", value)
    if "S10.G00.00.001" not in values:
        return None
    counted = values.get("S90.G00.90.001") == str(rubriques) and values.get(
        "S90.G00.90.002"
    ) == str(declarations)
    return Deposited(values, declarations, tuple(people), counted)
