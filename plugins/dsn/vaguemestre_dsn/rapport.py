"""Parses documents of the family `gipmds:rapport`, of every version.

Documents come from outside and nothing in them is trusted: no entities, no network, no document
type, bounded size and depth, and what was read is thrown away on the way. A document that breaks
off gives what stood before. What it means for the deposit is left to `returns.py`.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from lxml import etree

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn.findings import is_confidential

#: The family's namespace; its elements below the root have none.
NAMESPACE = "http://www.gip-mds.fr/"
#: The largest document that is read. Larger ones are kept as they are, with status unknown.
LARGEST = 64 << 20
#: Findings kept of one document, and the longest texts.
MOST_FINDINGS, LONGEST_VALUE, LONGEST_MESSAGE = 200, 60, 500
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
_NIR = re.compile(r"(?<!\d)[12]\d{2}(?:\d{2})(?:\d{2}|2[AB])\d{6}(?:\d{2})?(?!\d)")
_WORST = ("KO", "ANO", "OK")
_ANOMALIES = ("envoi_anomalie", "declaration_anomalie")
#: Elements that are looked at as a whole; all others are freed as soon as they end.
_UNITS = (*_ANOMALIES, "envoi_identification", "declaration_identification")
#: Elements read of one document, and of one unit; more is not a report but an attack. The reports
#: on the employees of the largest companies have about a million.
_MOST_ELEMENTS, _MOST_IN_UNIT = 3_000_000, 10_000
#: Elements that hold a state of the sending or of a declaration, by what they stand in. Parts of a
#: declaration that an organism rebuilt have states of their own, which do not count.
_STATES = {
    ("envoi_etat", "envoi_bilan"),
    ("etat", "declaration_bilan"),
    ("etat_conformite", "niveau_conformite"),
}


@dataclass
class Report:
    """What a document says. `whole`: it was read to its end; `states`: every state in it."""

    kind: str
    whole: bool = False
    reference: str = ""
    is_test: bool = False
    states: set[str] = field(default_factory=set)
    identities: list[dict[str, str]] = field(default_factory=list)
    envelope: dict[str, str] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The worst state that the document names; a rejection is one even without a state."""
        if self.kind in ("ARE", "BAN"):
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


def read(content: bytes) -> Report | None:
    """The report, or None if the document is not of this family. Never raises."""
    if len(content) > LARGEST:
        return Report(kind="") if _looks_like(content[:4096]) else None
    events = etree.iterparse(
        io.BytesIO(content),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    reading = _Reading()
    try:
        whole = all(reading.goes_on(event, element) for event, element in events)
    except (etree.LxmlError, ValueError, SyntaxError):
        whole = False
    if reading.report is not None:
        reading.report.whole = whole
    return reading.report


class _Reading:
    """The report as it grows from the parser's events."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self._unit: etree._Element | None = None
        self._elements = self._in_unit = 0

    def goes_on(self, event: str, element: etree._Element) -> bool:
        """Take one event; False to stop reading."""
        if self.report is None:
            if not _is_root(element):
                return False
            self.report = Report(kind=_clean(element.get("type", ""))[:LONGEST_VALUE])
            return element.getroottree().docinfo.internalDTD is None
        if event == "start":
            self._elements += 1
            self._in_unit += 1
            if self._unit is None and etree.QName(element).localname in _UNITS:
                self._unit, self._in_unit = element, 0
            return self._elements < _MOST_ELEMENTS and (
                self._unit is None or self._in_unit < _MOST_IN_UNIT
            )
        if self._unit is None or self._unit is element:
            self._unit = None
            _note(self.report, element)
        return True


def _looks_like(start: bytes) -> bool:
    return b"rapport" in start and NAMESPACE.encode() in start


def _is_root(element: etree._Element) -> bool:
    name = etree.QName(element)
    return name.localname == "rapport" and name.namespace in (NAMESPACE, None)


def _note(report: Report, element: etree._Element) -> None:
    """Keep what a finished element says, and free it."""
    name = etree.QName(element).localname
    parent = element.getparent()
    if name == "envoi_identification":
        _note_envelope(report, element)
    elif name == "declaration_identification" and len(report.identities) < 2:
        report.identities.append(_identity(element))
    elif parent is not None and (name, parent.tag) in _STATES:
        report.states.add(_clean(element.text))
    elif name in _ANOMALIES and len(report.found) < MOST_FINDINGS:
        report.found.append(_finding(report, element))
    element.clear()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _note_envelope(report: Report, element: etree._Element) -> None:
    report.reference = _text(element, "idflux")[:64]
    report.is_test = _text(element, "essai_reel") == "01"
    facts = {"sender": _text(element, "emetteur_siret"), "norm": _text(element, "version_norme")}
    report.envelope = {key: value[:LONGEST_VALUE] for key, value in facts.items() if value}


def _identity(element: etree._Element) -> dict[str, str]:
    texts = {key: (_text(element, tag), digits) for key, (tag, digits) in IDENTITY.items()}
    return {key: text.zfill(n)[:LONGEST_VALUE] for key, (text, n) in texts.items() if text}


def _finding(report: Report, element: etree._Element) -> Finding:
    """One anomaly. Without a category, those of a refusal block and others do not."""
    category = _text(element, "description/categorie")
    blocking = category == "bloquant" or (not category and report.status == "KO")
    rubrique = _text(element, "valeurs/rubrique_declenchante/identifiant")[:14]
    value = _text(element, "valeurs/rubrique_declenchante/valeur")
    message = _text(element, "description/message")
    if is_confidential(rubrique):
        message = message.replace(value, "…") if value else message
        value = ""
    line = _text(element, "description/numero_ligne")
    return Finding(
        severity=Severity.BLOCKING if blocking else Severity.WARNING,
        code=_text(element, "description/code")[:LONGEST_VALUE],
        message=_NIR.sub("…", message)[:LONGEST_MESSAGE],
        rubrique=rubrique,
        line=int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None,
        value=_NIR.sub("…", value)[:LONGEST_VALUE],
    )


def _text(element: etree._Element, path: str) -> str:
    return _clean(element.findtext(path))


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())
