"""Reads the platform's documents of the family `gipmds:rapport`, of every version.

AEE and ARE (the receipt), CCO and BAN (the controls), and the reports of the organisms. Documents
of other families are summed up by what the listing said of them. Nothing in a document is trusted:
no entities, no network, no document type, bounded size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vaguemestre.api import (
    Announcement,
    Document,
    Effect,
    Finding,
    ReturnReader,
    ReturnSummary,
    Severity,
    translator,
)

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ = translator("vaguemestre_dsn", __file__)

#: The largest document that is read; larger ones are kept and listed unread.
LARGEST = 32 << 20
#: Findings kept of one document.
MOST_FINDINGS = 200
#: The types of the first reports, and their natures.
NATURES = {"AEE": "10", "ARE": "10", "CCO": "11", "BAN": "11"}
#: Where the declaration is identified, by the names that recognition uses.
IDENTITY = {
    "nature": "nature",
    "type": "type",
    "fraction": "fraction",
    "ordre": "order",
    "mois": "month",
    "identifiant_metier": "business_id",
    "SIREN": "siren",
    "nic_affectation": "nic",
}
STATES = ("OK", "ANO", "KO")


class RapportReader(ReturnReader):
    """`gipmds:rapport`."""

    name = "gipmds-rapport"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        root = parse(document.content)
        if root is None or root.tag.rpartition("}")[2] != "rapport":
            return None
        kind = root.get("type", "")
        nature = announcement.nature if announcement else NATURES.get(kind, kind)
        status = _text(root, ".//envoi_etat") or _text(root, ".//etat")
        status = status if status in STATES else "unknown"
        listed = announcement.status if announcement else ""
        findings = tuple(_findings(root))
        return ReturnSummary(
            family="gipmds:rapport",
            nature=nature,
            status=status,
            organism=announcement.organism if announcement else "",
            reference=_text(root, ".//idflux"),
            label=label(nature, kind, status, listed, document.content),
            effect=effect(nature, kind, listed or status, certified=kind == "CCO"),
            findings=findings,
            identity=_identity(root),
        )


class AnnouncedReader(ReturnReader):
    """Whatever no reader knows: summed up by its announcement."""

    name = "zz-announced"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        if announcement is None:
            return None
        nature, status = announcement.nature, announcement.status
        return ReturnSummary(
            family="unread",
            nature=nature,
            status=status if status in STATES else "unknown",
            organism=announcement.organism,
            reference=announcement.reference,
            label=label(nature, "", status, status, document.content),
            # A certificate frees the declarant of the obligation: it must be read, not guessed.
            effect=effect(nature, "", status, certified=False),
        )


def parse(content: bytes) -> Element | None:
    """The root of an XML document, or None. Refuses document types, and with them entities."""
    if len(content) > LARGEST or b"<!DOCTYPE" in content[:4096] or not content.lstrip():
        return None
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def effect(nature: str, kind: str, status: str, *, certified: bool) -> Effect:
    """What a return changes. Only a certificate accepts; a refusal at the door or by the controls
    refuses; anomalies in later reports are to be checked by a person."""
    if kind == "ARE" or (nature == "11" and status == "KO"):
        return Effect.REFUSED
    if nature == "10":
        return Effect.NONE
    if nature == "11":
        return Effect.CERTIFICATE if certified and status == "OK" else Effect.NONE
    return Effect.TO_CHECK if status in ("ANO", "KO") else Effect.NONE


def label(nature: str, kind: str, status: str, listed: str, content: bytes) -> str:
    """What a clerk calls the return."""
    del content
    names = {
        "AEE": _("Registration receipt (AEE)"),
        "ARE": _("Rejection notice (ARE)"),
        "CCO": _("Certificate of conformity"),
        "BAN": _("Anomaly report"),
    }
    if kind in names:
        return names[kind]
    organisms = {
        "6": "Urssaf",
        "9": "DGFiP",
        "7": "Agirc-Arrco",
        "5": _("complementary organisms"),
        "4": "France Travail",
        "3": _("health insurance"),
    }
    who = organisms.get(nature[:1], "") if len(nature) == 2 else ""
    words = _("Report {nature}").format(nature=nature or kind)
    return " ".join(w for w in (words, who, listed or status) if w)


def _findings(root: Element) -> Iterator[Finding]:
    for number, described in enumerate(root.iter("description")):
        if number >= MOST_FINDINGS:
            return
        around = described.getparent()
        rubrique = (
            _text(around, ".//rubrique_declenchante/identifiant") if around is not None else ""
        )
        value = _text(around, ".//rubrique_declenchante/valeur") if around is not None else ""
        line = _text(described, "numero_ligne")
        grave = _text(described, "categorie") != "non-bloquant"
        yield Finding(
            severity=Severity.BLOCKING if grave else Severity.WARNING,
            code=_text(described, "code"),
            message=" ".join(_text(described, "message").split()),
            rubrique=rubrique,
            line=int(line) if line.isdigit() else None,
            value="" if rubrique >= "S21.G00.30" else value,
        )


def _identity(root: Element) -> dict[str, str]:
    found = root.find(".//declaration_identification")
    facts = {} if found is None else {key: _text(found, tag) for tag, key in IDENTITY.items()}
    facts["sender"] = _text(root, ".//emetteur_siret")
    return {key: value for key, value in facts.items() if value}


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
