"""Reads reports of the family NEOReS (`GIPMDS/RO`), of every version.

Source: the message's schema (2026.1.1), whose numbers name the elements. Most of a report may be
about single employees, so the action that they belong to is remembered while they come.
"""

from __future__ import annotations

from lxml import etree

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn.reading import xml
from vaguemestre_dsn.reading.report import LONGEST_MESSAGE, LONGEST_VALUE, Report, without_nir
from vaguemestre_dsn.reading.xml import children, clean, text_of

FAMILY = "neores"
NAMESPACE = "https://gipmds/1.0"
#: Types of action that ask for something to be corrected (RO_B004_R003): data, identities, or data
#: that was never sent. The others announce a parameter.
_CORRECTIONS = ("01", "02", "03")
#: Columns by the number of the element, for the blocks with facts about a person or a rubrique.
_PERSON = {
    "R001": "nir",
    "R002": "ntt",
    "R003": "family_name",
    "R004": "given_names",
    "R005": "matricule",
    "R006": "contract_start",
    "R007": "contract",
    "R008": "birth_date",
}
_RUBRIQUE = {
    "R001": "rubrique",
    "R002": "value",
    "R003": "expected",
    "R005": "value_from",
    "R006": "value_to",
    "R007": "valid_from",
    "R008": "valid_to",
}
_PARAMETER = {
    "R001": "parameter",
    "R002": "value",
    "R003": "valid_from",
    "R004": "valid_to",
    "R005": "rubrique",
    "R006": "calculated_at",
}
_IDENTIFICATION = {
    "R001": "nir",
    "R002": "ntt",
    "R003": "known_nir",
    "R004": "family_name",
    "R005": "known_family_name",
    "R006": "given_names",
    "R007": "known_given_names",
    "R008": "birth_date",
    "R009": "known_birth_date",
    "R010": "matricule",
}


class NeoresReading:
    """How a report is read."""

    units = frozenset(("RO_B000", "RO_B003", "RO_B005", "RO_B008", "RO_B009"))

    def __init__(self) -> None:
        self.report = Report(family=FAMILY)
        #: What was said so far of the action at hand, by the number of the element.
        self._action: dict[str, str] = {}
        self._rubrique = ""
        self._corrects = False

    def begin(self, root: etree._Element) -> None:
        del root

    def take(self, name: str, parent: str, element: etree._Element) -> None:
        report = self.report
        if name == "RO_B000":
            _note_declaration(report, element)
        elif parent == "RO_B002" and name.startswith("RO_B002_"):
            self._note_report(name[-4:], clean(element.text))
        elif name == "RO_B003":
            report.states.add(text_of(element, "RO_B003_R002"))
        elif parent == "RO_B004" and name.startswith("RO_B004_"):
            self._action[name[-4:]] = clean(element.text)
        elif name == "RO_B005":
            self._note_detail(element)
        elif name == "RO_B008":
            self._note_parameter(element)
        elif name == "RO_B009":
            report.add_row("identification", self._facts() | _row(element, _IDENTIFICATION))
        elif name == "RO_B004":
            self._note_action()
        elif name == "RO_B002" and not report.states:
            report.states.add("ANO" if self._corrects else "OK")

    def _note_report(self, number: str, text: str) -> None:
        report = self.report
        if number == "R002":
            report.kind = text[:LONGEST_VALUE]
            # Codes of two digits are those of the organism, not natures of the platform.
            report.nature = text if text.isascii() and text.isdigit() and len(text) == 3 else ""
        elif number == "R003":
            report.title = text[:LONGEST_VALUE]
        elif number == "R004":
            report.replaces = text == "02"
        elif number == "R005":
            report.organism = text[:LONGEST_VALUE]

    def _facts(self) -> dict[str, str]:
        """What is said of the action in every row that belongs to it."""
        return {"code": self._action.get("R001", ""), "message": self._action.get("R002", "")}

    def _note_detail(self, element: etree._Element) -> None:
        """One case: the persons that it is about, each with every rubrique that is named."""
        facts = self._facts() | {
            "detail": text_of(element, "RO_B005_R001"),
            "from": text_of(element, "RO_B005_R002"),
            "to": text_of(element, "RO_B005_R003"),
            "amount": text_of(element, "RO_B005_R004"),
        }
        persons = [_row(person, _PERSON) for person in children(element, "RO_B006")] or [{}]
        rubriques = [_rubrique(one) for one in children(element, "RO_B007")] or [{}]
        self._rubrique = self._rubrique or rubriques[0].get("rubrique", "")
        for person in persons:
            for rubrique in rubriques:
                self.report.add_row("anomalies", facts | person | rubrique)

    def _note_parameter(self, element: etree._Element) -> None:
        about = (self.report.title + self._action.get("R002", "")).casefold()
        table = "effectifs" if "effectif" in about else "parameters"
        self.report.add_row(table, self._facts() | _row(element, _PARAMETER))

    def _note_action(self) -> None:
        """The action is complete: what was wrong, and what is asked for."""
        action, self._action = self._action, {}
        rubrique, self._rubrique = self._rubrique, ""
        if action.get("R003") not in _CORRECTIONS:
            return
        self._corrects = True
        number = action.get("R009", "")
        texts = [action.get("R002", "").rstrip("."), action.get("R013", "")]
        self.report.add_finding(
            Finding(
                severity=Severity.BLOCKING if "KO" in self.report.states else Severity.WARNING,
                code=action.get("R001", "")[:LONGEST_VALUE],
                message=without_nir(". ".join(t for t in texts if t))[:LONGEST_MESSAGE],
                rubrique=rubrique[:14],
                count=int(number) if number.isascii() and number.isdigit() and number > "0" else 1,
            )
        )


def read(content: bytes) -> Report | None:
    """The report, or None if the document is not of this family. Never raises."""
    if xml.root_of(content) != (NAMESPACE, "GIPMDS"):
        return None
    return xml.walk(content, NeoresReading())


def _note_declaration(report: Report, element: etree._Element) -> None:
    texts = {name[-4:]: text for name, text in xml.leaves(element)}
    report.reference = texts.get("R001", "")[:64]
    report.is_test = texts.get("R013") == "01"
    siret, month = texts.get("R004", ""), texts.get("R006", "").split("-")
    facts = {
        "sender": texts.get("R003", ""),
        "norm": texts.get("R014", ""),
        "type": texts.get("R011", ""),
        "fraction": texts.get("R005", ""),
        "order": texts.get("R012", ""),
        "month": "".join(reversed(month)),
        "siren": siret[:9],
        "nic": siret[9:],
    }
    report.envelope = {key: text[:LONGEST_VALUE] for key, text in facts.items() if text}


def _rubrique(element: etree._Element) -> dict[str, str]:
    """A rubrique with what was declared, what is expected, and all that would be accepted."""
    accepted = [text_of(one, "RO_B010_R001") for one in children(element, "RO_B010")]
    return _row(element, _RUBRIQUE) | {"accepted": ", ".join(a for a in accepted if a)}


def _row(element: etree._Element, columns: dict[str, str]) -> dict[str, str]:
    """The facts of a block by the names of their columns; what has none is left out."""
    texts = ((columns.get(name[-4:]), text) for name, text in xml.leaves(element))
    return {column: text for column, text in texts if column and text}
