"""Reads slips of daily allowances (BPIJ) of the health insurance.

Source: the schema ROOT_BPIJ V02.04. Establishment, fund and person stand above the payments, and
are remembered while these come.
"""

from __future__ import annotations

from lxml import etree

from vaguemestre_dsn.reading import xml
from vaguemestre_dsn.reading.report import Report
from vaguemestre_dsn.reading.xml import clean, leaves, text_of

FAMILY = "bpij"
NAMESPACE = "www.cnamts.fr/tlsemp/IJ"
#: Columns for what stands above the payments, by the element and what it stands in.
_ABOVE = {
    ("Identite", "Declare"): "establishment",
    ("CodeCPAM", "Caisse"): "fund",
    ("Libelle", "Caisse"): "fund_name",
    ("JComptable", "Caisse"): "booked_on",
    ("NIR", "Assure"): "nir",
    ("Nom", "Assure"): "family_name",
    ("Prenom", "Assure"): "given_names",
    ("CodeNature", "Assurance"): "insurance",
}
#: What begins anew with each establishment, fund and person.
_BEGINS = {
    ("Identite", "Declare"): ("fund", "fund_name", "booked_on", "nir", "family_name"),
    ("CodeCPAM", "Caisse"): ("fund_name", "booked_on", "nir", "family_name", "given_names"),
    ("NIR", "Assure"): ("family_name", "given_names", "insurance"),
}
_PAYMENT = {
    "CodeNature": "kind",
    "Reference": "payment",
    "Libelle": "label",
    "DateDebPrest": "from",
    "DateFinPrest": "to",
    "NumSin": "claim",
    "DateSin": "claim_date",
    "DateDebConge": "leave_from",
    "DateFinConge": "leave_to",
    "NbIJ": "days",
    "IJSub": "subrogated",
    "PU": "unit_amount",
    "Montant": "amount",
    "Numero": "payment",
}
#: Amounts that are claimed back, or paid later.
_CORRECTIONS = {"Indu": "claimed back", "Rappel": "paid later"}


class BpijReading:
    """How a slip is read."""

    units = frozenset(("Prestation", *_CORRECTIONS))

    def __init__(self) -> None:
        self.report = Report(family=FAMILY, kind="BPIJ", states={"OK"})
        self._above: dict[str, str] = {}

    def begin(self, root: etree._Element) -> None:
        del root

    def take(self, name: str, parent: str, element: etree._Element) -> None:
        if (name, parent) in _ABOVE:
            for column in _BEGINS.get((name, parent), ()):
                self._above.pop(column, None)
            self._above[_ABOVE[name, parent]] = clean(element.text)
        elif (name, parent) == ("Identification", "BPIJ"):
            self.report.reference = clean(element.text)[:64]
        elif name in self.units:
            row = {_PAYMENT.get(key, key.lower()): text for key, text in leaves(element)}
            kind = {"kind": _CORRECTIONS[name]} if name in _CORRECTIONS else {}
            certificate = {"certificate": text_of(element, "Certificat/Type")}
            self.report.add_row("bpij", self._above | row | kind | certificate)


def read(content: bytes) -> Report | None:
    """The slip, or None if the document is not of this family. Never raises."""
    if xml.root_of(content) != (NAMESPACE, "BPIJ"):
        return None
    return xml.walk(content, BpijReading())
