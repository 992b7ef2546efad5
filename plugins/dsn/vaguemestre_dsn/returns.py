"""Readers of what the platforms publish about a deposit.

`gipmds` reads the reports of the family `gipmds:rapport`, of every version: AEE and ARE (receipt),
CCO and BAN (controls), and the reports of the organisms. `announced` sums up documents that nobody
reads by what the listing said of them. What a report changes is decided here, once, for both.
"""

from __future__ import annotations

import re

from vaguemestre.api import Announcement, Document, Effect, ReturnReader, ReturnSummary
from vaguemestre_dsn.return_words import label

FAMILY, UNREAD = "gipmds:rapport", "unread"
STATES = ("OK", "ANO", "KO")
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
#: The documents that a platform's answer and its controls are made of.
RECEIPT, REJECTION, CERTIFICATE, ANOMALIES = "AEE", "ARE", "CCO", "BAN"
_NATURE = re.compile(r"[1-9][0-9]{1,2}")


class GipMdsReader(ReturnReader):
    name = "gipmds"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        # lxml takes a while to load, and most commands read no document.
        from vaguemestre_dsn.rapport import read

        report = read(document.content)
        if report is None:
            return None
        nature = announcement.nature if announcement else ""
        nature = nature or nature_of(report.kind)
        listed = announcement.status if announcement else ""
        status = report.status if report.whole else "unknown"
        return ReturnSummary(
            family=FAMILY,
            nature=nature,
            status=status,
            organism=announcement.organism if announcement else "",
            reference=report.reference or (announcement.reference if announcement else ""),
            label=label(nature, report.kind, status, test=report.is_test, whole=report.whole),
            effect=effect(nature, report.kind, status, listed),
            findings=report.findings,
            identity=report.identity,
        )


class AnnouncedReader(ReturnReader):
    """Any document that was announced with a nature of the API DSN. Registered last: readers that
    know the document come first."""

    name = "announced"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        del document
        if announcement is None or not _NATURE.fullmatch(announcement.nature):
            return None
        nature = announcement.nature
        status = announcement.status if announcement.status in STATES else "unknown"
        return ReturnSummary(
            family=UNREAD,
            nature=nature,
            status=status,
            organism=announcement.organism,
            reference=announcement.reference,
            label=label(nature, "", status),
            effect=effect(nature, "", "unknown", announcement.status),
        )


def nature_of(kind: str) -> str:
    """The nature of a report by its own type: `CCO`, `CRM nominatif`, `34`."""
    known = NATURES.get(kind.upper())
    if known is not None:
        return known
    return kind if _NATURE.fullmatch(kind) else ""


def effect(nature: str, kind: str, status: str, listed: str) -> Effect:
    """What a report changes in its deposit.

    `kind` and `status`: the document's own type and state, "" and `unknown` if it could not be
    read; `listed`: what the platform's listing says of it, or "".

    Only a certificate accepts, and it must have been read: an unreadable one announced as OK
    changes nothing, so that the deposit goes on waiting in sight. A refusal may come from the
    listing alone. Where document and listing contradict each other about the controls, a person
    looks.
    """
    if nature == "10" or kind in (RECEIPT, REJECTION):
        refused = kind == REJECTION or (listed == "KO" and kind != RECEIPT)
        return Effect.REFUSED if refused else Effect.NONE
    if nature == "11" or kind in (CERTIFICATE, ANOMALIES):
        return _effect_of_controls(kind, status, listed)
    return Effect.TO_CHECK if {status, listed} & {"ANO", "KO"} else Effect.NONE


def _effect_of_controls(kind: str, status: str, listed: str) -> Effect:
    if status == "unknown":
        return {"KO": Effect.REFUSED, "ANO": Effect.TO_CHECK}.get(listed, Effect.NONE)
    if status == "KO" and kind != CERTIFICATE:
        return Effect.TO_CHECK if listed in ("OK", "ANO") else Effect.REFUSED
    if kind == CERTIFICATE:
        # Anomalies that block nothing do not make a certificate less of one.
        return Effect.TO_CHECK if "KO" in (status, listed) else Effect.CERTIFICATE
    return Effect.TO_CHECK if {status, listed} & {"ANO", "KO"} else Effect.NONE
