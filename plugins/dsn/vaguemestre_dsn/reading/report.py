"""What was read of a document, whatever its family."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from vaguemestre.api import Finding, Severity

#: Findings kept of one document, and the longest texts. What the DGFiP writes about a payment that
#: failed has about a thousand characters, and ends with what to do.
MOST_FINDINGS, LONGEST_VALUE, LONGEST_MESSAGE = 200, 60, 2_000
#: Rows kept of one document: the reports on the employees of the largest companies have fewer.
MOST_ROWS = 500_000
#: Longest text in a row.
LONGEST_CELL = 4_000
#: A NIR, with or without its key, wherever it stands.
NIR = re.compile(r"(?<!\d)[12]\d{2}(?:\d{2})(?:\d{2}|2[AB])\d{6}(?:\d{2})?(?!\d)")
#: States from the worst on.
_WORST = ("KO", "ANO", "OK")


@dataclass
class Report:
    """What a document says.

    `kind`: the type that it gives itself; `nature`: its nature by that, or ""; `title`: what it
    calls itself, where the kind says nothing. `whole`: it was read to its end; `states`: every
    state in it; `refuses`: it says by its kind that something is refused; `replaces`: it replaces
    an earlier one. `tables`: see RETURNS.md.
    """

    family: str
    kind: str = ""
    nature: str = ""
    title: str = ""
    whole: bool = False
    reference: str = ""
    organism: str = ""
    is_test: bool = False
    refuses: bool = False
    replaces: bool = False
    states: set[str] = field(default_factory=set)
    identities: list[dict[str, str]] = field(default_factory=list)
    envelope: dict[str, str] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    _rows: int = 0

    @property
    def status(self) -> str:
        """The worst state that the document names; a rejection is one even without a state."""
        if self.refuses:
            return "KO"
        return next((state for state in _WORST if state in self.states), "unknown")

    @property
    def identity(self) -> dict[str, str]:
        """The declaration that the document is about, empty if it is about several."""
        own = self.identities[0] if len(self.identities) == 1 else {}
        return self.envelope | own if len(self.identities) < 2 else {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(sorted(self.found, key=lambda f: f.severity is not Severity.BLOCKING))

    @property
    def is_full(self) -> bool:
        """There are more rows than are kept: what was read is not the whole document."""
        return self._rows > MOST_ROWS

    def add_row(self, table: str, row: dict[str, str]) -> None:
        """Keep what is there of a row."""
        there = {key: text[:LONGEST_CELL] for key, text in row.items() if text}
        self._rows += 1
        if there and not self.is_full:
            self.tables.setdefault(table, []).append(there)

    def add_finding(self, finding: Finding) -> None:
        if len(self.found) < MOST_FINDINGS:
            self.found.append(finding)


def without_nir(text: str) -> str:
    """The text without the numbers of persons."""
    return NIR.sub("…", text)
