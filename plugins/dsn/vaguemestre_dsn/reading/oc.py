"""Reads reports of complementary organisms (`Fichier`): natures 50 and 51.

Source: the schema CRM-DSN-OC-P3 V1.1.4. Everything stands in attributes.
"""

from __future__ import annotations

from lxml import etree

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn.findings import is_confidential
from vaguemestre_dsn.reading import xml
from vaguemestre_dsn.reading.report import LONGEST_MESSAGE, LONGEST_VALUE, Report, without_nir
from vaguemestre_dsn.reading.xml import children, clean

FAMILY = "oc"
#: What the whole declaration met with: accepted, with corrections, in part, not at all.
_STATES = {"0": "OK", "1": "ANO", "2": "ANO", "3": "KO"}
#: A report of this kind only acknowledges the receipt.
_RECEIPT = "1"
#: Attribute for each key of `Declaration.identity`.
_IDENTITY = {
    "nature": "NatureDecla",
    "type": "TypeDecla",
    "fraction": "FractionDecla",
    "order": "NoOrdreDecla",
    "month": "DateMoisDec",
    "siren": "SirenDecla",
    "nic": "NicAffectation",
    "business_id": "IdEvt",
    "replaces": "IdDecAR",
}
#: Columns for the rubriques that say whom or what a return is about.
_CONTEXT = {
    "S21.G00.15.001": "insurance_contract",
    "S21.G00.15.002": "insurer",
    "S21.G00.30.001": "nir",
    "S21.G00.30.002": "family_name",
    "S21.G00.30.004": "given_names",
    "S21.G00.30.019": "matricule",
    "S21.G00.30.020": "ntt",
    "S21.G00.40.001": "contract_start",
    "S21.G00.40.009": "contract",
}
_SUMMARY = {
    "contact": "NomContact",
    "phone": "TelContact",
    "mail": "MailContact",
    "employees": "NbreSal",
    "errors": "NbreErreur",
    "affiliations": "NbreAff",
    "removals": "NbreRad",
    "text": "ComplementRetourDecla",
}


class OcReading:
    """How a report is read."""

    units = frozenset(("RetourMetier",))

    def __init__(self) -> None:
        self.report = Report(family=FAMILY)
        self._is_receipt = False

    def begin(self, root: etree._Element) -> None:
        report = self.report
        self._is_receipt = root.get("TypCRM") == _RECEIPT
        report.reference = clean(root.get("IdEnvoi", ""))[:64]
        report.is_test = root.get("CodeEnvoi") == "01"
        facts = {"sender": root.get("SiretEmetteur", ""), "norm": root.get("VersionNorme", "")}
        report.envelope = {key: clean(text)[:LONGEST_VALUE] for key, text in facts.items() if text}

    def take(self, name: str, parent: str, element: etree._Element) -> None:
        del parent
        if name == "RetourMetier":
            self._note_return(element)
        elif name == "Declaration":
            self._note_declaration(element)
        elif name.startswith("Mandat"):
            row = {key.lower(): clean(text) for key, text in _attributes(element).items()}
            self.report.add_row("mandates", {"kind": name} | row)

    def _note_declaration(self, element: etree._Element) -> None:
        report = self.report
        code = clean(element.get("CodeRetourDecla", ""))
        if code:
            report.states.add(_STATES.get(code, "unknown"))
        elif self._is_receipt:
            report.states.add("OK")
        report.organism = clean(element.get("NomProducteurCRM", ""))[:LONGEST_VALUE]
        texts = {key: clean(element.get(attribute, "")) for key, attribute in _IDENTITY.items()}
        if len(report.identities) < 2:
            there = {key: text[:LONGEST_VALUE] for key, text in texts.items() if text}
            report.identities.append(there)
        summary = {column: clean(element.get(name, "")) for column, name in _SUMMARY.items()}
        report.add_row("organism", {"name": report.organism} | summary)

    def _note_return(self, element: etree._Element) -> None:
        """One return: an error, which is a finding, or an information, which is only a row."""
        attributes = _attributes(element)
        code, rubrique = (
            attributes.get("CodeRetourMetier", ""),
            attributes.get("RubriqueBlocRetour", ""),
        )
        is_error = not code.startswith("I")
        texts = [attributes.get(n, "") for n in ("LibelCodeRetourMetier", "DescriptionRetour")]
        message = ". ".join(text.rstrip(".") for text in texts if text)
        if is_error:
            self.report.add_finding(_finding(code, rubrique, message, attributes))
        row = {
            "code": code,
            "category": "error" if is_error else "information",
            "message": message,
            "rubrique": rubrique,
            "label": attributes.get("LibelRubBlocRetour", ""),
            "value": attributes.get("ValeurRubriqueErreur", ""),
            "expected": attributes.get("ValeurCorrigeeAjoutee", ""),
            "date": attributes.get("DateEvt", ""),
        }
        self.report.add_row("anomalies", row | _context(element))


def read(content: bytes) -> Report | None:
    """The report, or None if the document is not of this family. Never raises."""
    if xml.root_of(content) != ("", "Fichier") or b"TypCRM" not in content[: xml.BEGINNING]:
        return None
    return xml.walk(content, OcReading())


def _finding(code: str, rubrique: str, message: str, attributes: dict[str, str]) -> Finding:
    """What is critical must be corrected in the next declaration; the rest as soon as possible."""
    critical = attributes.get("CriticiteRetour") == "C"
    value = "" if is_confidential(rubrique) else attributes.get("ValeurRubriqueErreur", "")
    number = attributes.get("NbErreursSimilaires", "")
    return Finding(
        severity=Severity.BLOCKING if critical else Severity.WARNING,
        code=code[:LONGEST_VALUE],
        message=without_nir(message)[:LONGEST_MESSAGE],
        rubrique=rubrique[:14],
        label=attributes.get("LibelRubBlocRetour", "")[:LONGEST_VALUE],
        value=without_nir(value)[:LONGEST_VALUE],
        count=int(number) if number.isascii() and number.isdigit() and number > "0" else 1,
    )


def _context(element: etree._Element) -> dict[str, str]:
    row: dict[str, str] = {}
    others = []
    for one in children(element, "ContexteRetourMetier"):
        rubrique, value = clean(one.get("Rubrique", "")), clean(one.get("Valeur", ""))
        if rubrique in _CONTEXT:
            row[_CONTEXT[rubrique]] = value
        else:
            others.append(f"{rubrique} = {value}")
    return row | {"other_values": "; ".join(others)}


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): clean(str(text)) for name, text in element.attrib.items()}
