"""Reads reports of the family `gipmds:rapport`, of every version and profile (DSN, DPAE).

Source: the family's schema (v01r06) and the platform's examples up to v02r03. What a report means
for the deposit is left to `returns.py`.
"""

from __future__ import annotations

from lxml import etree

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn.findings import is_confidential
from vaguemestre_dsn.reading import xml
from vaguemestre_dsn.reading.report import LONGEST_MESSAGE, LONGEST_VALUE, Report, without_nir
from vaguemestre_dsn.reading.xml import children, clean, leaves, text_of

FAMILY = "gipmds:rapport"
#: The family's namespace; its elements below the root have none.
NAMESPACE = "http://www.gip-mds.fr/"
#: Natures by the type that a report gives itself, where that is not the nature.
NATURES = {
    "AEE": "10",
    "ARE": "10",
    "CCO": "11",
    "BAN": "11",
    "BIS": "20",
    "CID": "21",
    "CRACOSS": "61",
    "CRM FINANCIER": "93",
    "CRM NOMINATIF": "94",
}
#: Element of the identification for each key of `Declaration.identity`, and the digits that the
#: declaration has where a report may leave leading zeros out.
IDENTITY = {
    "nature": ("nature", 2),
    "type": ("type", 2),
    "fraction": ("fraction", 2),
    "order": ("ordre", 0),
    "month": ("mois", 0),
    "siren": ("SIREN", 9),
    "nic": ("nic_affectation", 5),
    "business_id": ("identifiant_metier", 0),
    "replaces": ("id_annulation", 0),
}
#: The nature that tells which employees were recognised.
_IDENTIFICATION = "20"
_ANOMALIES = ("envoi_anomalie", "declaration_anomalie")
#: Elements that hold a state of the sending or of a declaration, by what they stand in. Parts of a
#: declaration that an organism rebuilt have states of their own, which do not count.
_STATES = {
    ("envoi_etat", "envoi_bilan"),
    ("etat", "declaration_bilan"),
    ("etat_conformite", "niveau_conformite"),
}
#: Columns for what is said of an employee; other elements keep their name.
_EMPLOYEE = {
    "NIR": "nir",
    "NTT": "ntt",
    "nom_famille": "family_name",
    "nom_usage": "usual_name",
    "prenoms": "given_names",
    "sexe": "sex",
    "date_naissance": "birth_date",
    "lieu_naissance": "birth_place",
    "code_pays": "birth_country",
    "matricule": "matricule",
    "taux_imposition_PAS": "rate",
    "rang": "rank",
}
#: Columns for what is said of a contract.
_CONTRACT = {
    "date_debut_contrat": "contract_start",
    "num_contrat": "contract",
    "nature_contrat": "contract_nature",
    "statut_conventionnel_contrat": "contract_status",
    "libelle_emploi_contrat": "job",
    "code_regime_maladie_contrat": "health_scheme",
}
#: Columns for what is told to all employees; other facts keep their name.
_INFORMATION = {
    "dateDebutEffet": "valid_from",
    "dateDebut": "valid_from",
    "dateFinEffet": "valid_to",
    "codeCTN": "ctn",
    "codeRisque": "risk",
    "temoinBureau": "office",
    "identifiantTaux": "rate_identifier",
    "dateCalculTauxContribution": "rate_calculated_on",
}
#: Tables of what is told to all employees, by the type that it bears.
_COLLECTIVE = {"atmp": "at_rates", "bmcc": "bonus_malus"}


class RapportReading:
    """How a report is read."""

    units = frozenset(
        [
            *_ANOMALIES,
            "envoi_identification",
            "declaration_identification",
            "salarie",
            "contrat",
            "information",
        ]
    )

    def __init__(self) -> None:
        self.report = Report(family=FAMILY)
        self._rate_identifier = ""
        self._establishment = ""

    def begin(self, root: etree._Element) -> None:
        report = self.report
        report.kind = clean(root.get("type", ""))[:LONGEST_VALUE]
        report.nature = nature_of(report.kind)
        report.refuses = report.kind in ("ARE", "BAN")
        self._rate_identifier = clean(root.get("identifiant", ""))

    def take(self, name: str, parent: str, element: etree._Element) -> None:
        report = self.report
        if name == "envoi_identification":
            _note_envelope(report, element)
        elif name == "declaration_identification":
            self._note_declaration(element)
        elif (name, parent) in _STATES:
            report.states.add(clean(element.text))
        elif name in _ANOMALIES:
            report.add_finding(_finding(report, element))
            _note_anomaly(report, element)
        elif (name, parent) == ("salarie", "declaration_bilan"):
            self._note_employee(element)
        elif (name, parent) == ("contrat", "declaration_bilan"):
            report.add_row("contracts", _row(element, _CONTRACT))
        elif name == "certificat_conformite":
            report.add_row("certificate", {"text": clean(element.text)})
        elif name == "information":
            _note_information(report, element)

    def _note_declaration(self, element: etree._Element) -> None:
        self._establishment = text_of(element, "SIREN") + text_of(element, "nic_affectation")
        if len(self.report.identities) < 2:
            self.report.identities.append(_identity(element))

    def _note_employee(self, element: etree._Element) -> None:
        """An employee of whom a report tells something: mostly the rate of his withholding tax."""
        row = _row(element, _EMPLOYEE)
        place = {"establishment": self._establishment, "rate_identifier": self._rate_identifier}
        self.report.add_row("pas_rates" if "rate" in row else "employees", place | row)


def read(content: bytes) -> Report | None:
    """The report, or None if the document is not of this family. Never raises."""
    root = xml.root_of(content)
    if root is None or root[1] != "rapport" or root[0] not in (NAMESPACE, ""):
        return None
    return xml.walk(content, RapportReading())


def nature_of(kind: str) -> str:
    """The nature of a report by its own type: `CCO`, `CRM nominatif`, `34`."""
    known = NATURES.get(kind.upper())
    if known is not None:
        return known
    is_number = kind.isascii() and kind.isdigit() and kind[0] != "0" and 2 <= len(kind) <= 3
    return kind if is_number else ""


def _note_envelope(report: Report, element: etree._Element) -> None:
    report.reference = text_of(element, "idflux")[:64]
    report.is_test = text_of(element, "essai_reel") == "01"
    facts = {
        "sender": text_of(element, "emetteur_siret"),
        "norm": text_of(element, "version_norme"),
    }
    report.envelope = {key: value[:LONGEST_VALUE] for key, value in facts.items() if value}


def _identity(element: etree._Element) -> dict[str, str]:
    texts = {key: (text_of(element, tag), digits) for key, (tag, digits) in IDENTITY.items()}
    found = {key: text.zfill(n)[:LONGEST_VALUE] for key, (text, n) in texts.items() if text}
    if "-" in (month := found.get("month", "")):
        found["month"] = "".join(reversed(month.split("-")))  # some organisms write 2026-01-01
    return found


def _finding(report: Report, element: etree._Element) -> Finding:
    """One anomaly. Without a category, those of a refusal block and others do not."""
    category = text_of(element, "description/categorie")
    blocking = category == "bloquant" or (not category and report.status == "KO")
    rubrique = text_of(element, "valeurs/rubrique_declenchante/identifiant")[:14]
    value = text_of(element, "valeurs/rubrique_declenchante/valeur")
    message = text_of(element, "description/message")
    if is_confidential(rubrique):
        message = message.replace(value, "…") if value else message
        value = ""
    line = text_of(element, "description/numero_ligne")
    return Finding(
        severity=Severity.BLOCKING if blocking else Severity.WARNING,
        code=text_of(element, "description/code")[:LONGEST_VALUE],
        message=without_nir(message)[:LONGEST_MESSAGE],
        rubrique=rubrique,
        label=text_of(element, "valeurs/rubrique_declenchante/libelle")[:LONGEST_VALUE],
        line=int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None,
        value=without_nir(value)[:LONGEST_VALUE],
    )


def _note_anomaly(report: Report, element: etree._Element) -> None:
    """The anomaly with everything that it says: whom it is about, and the values."""
    values, around = children(element, "valeurs"), children(element, "environnement")
    row = {
        "code": text_of(element, "description/code"),
        "category": text_of(element, "description/categorie"),
        "message": text_of(element, "description/message"),
        "line": text_of(element, "description/numero_ligne"),
        "rubrique": text_of(element, "valeurs/rubrique_declenchante/identifiant"),
        "label": text_of(element, "valeurs/rubrique_declenchante/libelle"),
        "value": text_of(element, "valeurs/rubrique_declenchante/valeur"),
        "other_values": _others(values[0]) if values else "",
    }
    if not around:
        report.add_row("anomalies", row)
        return
    employees, contracts = children(around[0], "salarie"), children(around[0], "contrat")
    known = [e for e in employees if e.get("origine", "DSN") != "DSN"]
    ours = next((e for e in employees if e not in known), None)
    person = _row(ours, _EMPLOYEE) if ours is not None else {}
    contract = _row(contracts[0], _CONTRACT) if contracts else {}
    if known or report.nature == _IDENTIFICATION:
        there = _row(known[0], _EMPLOYEE) if known else {}
        theirs = {f"known_{key}": text for key, text in there.items()}
        facts = {key: row[key] for key in ("code", "category", "message")}
        report.add_row("identification", facts | person | theirs)
    else:
        report.add_row("anomalies", row | person | contract)


def _others(values: etree._Element) -> str:
    """The values that stand beside the one that is wrong."""
    others = children(values, "rubrique_associee")
    return "; ".join(f"{text_of(o, 'identifiant')} = {text_of(o, 'valeur')}" for o in others)


def _note_information(report: Report, element: etree._Element) -> None:
    """Something for the payroll of the whole establishment, such as the rate of a contribution."""
    calculation = element.getparent()
    about = calculation.getparent() if calculation is not None else None
    kind = about.get("type", "") if about is not None else ""
    row = {}
    for part in element.iter():
        name = etree.QName(part).localname
        if name.startswith("rubrique_"):
            fact = clean(part.get("name", ""))[:LONGEST_VALUE]
            row[_INFORMATION.get(fact, fact)] = clean(part.text)
        elif name == "taux":
            row[f"rate_{clean(part.get('part', ''))}".rstrip("_")] = clean(part.text)
    row.pop("", None)
    if calculation is not None:
        row["calculated_at"] = clean(calculation.get("date_calcul", ""))
    report.add_row(_COLLECTIVE.get(kind, "information"), row)


def _row(element: etree._Element, names: dict[str, str]) -> dict[str, str]:
    return {names.get(name, name.lower()): text for name, text in leaves(element) if text}
