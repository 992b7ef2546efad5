"""Readers of what the platforms publish about a deposit.

`gipmds` reads the reports of every known family (`reading/`), and lists what stands in a ZIP.
`announced` sums up documents that nobody reads by what the listing said of them. What a report
changes is decided here, once, for all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaguemestre.api import Announcement, Document, Effect, ReturnReader, ReturnSummary
from vaguemestre_dsn.reading.containers import Member, kind_of, members, text
from vaguemestre_dsn.return_words import advice, label, label_of_page, reason

if TYPE_CHECKING:
    from vaguemestre_dsn.reading.report import Report

#: The family of documents that are only known by their announcement: nobody reads them.
UNREAD = "unread"
STATES = ("OK", "ANO", "KO")
#: The documents that a platform's answer and its controls are made of.
RECEIPT, REJECTION, CERTIFICATE, ANOMALIES = "AEE", "ARE", "CCO", "BAN"
_NATURE = re.compile(r"[1-9][0-9]{1,2}")
#: The nature that corrects the rates of employees: its rows are no rates to apply from now on.
_CORRECTIONS = "95"
#: Lines of a plain text that are shown.
_MOST_LINES = 200


class GipMdsReader(ReturnReader):
    name = "gipmds"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        if kind_of(document.content) == "zip":
            return _archive(document, announcement)
        # lxml takes a while to load, and most commands read no document.
        from vaguemestre_dsn.reading.families import read

        report = read(document.content)
        return None if report is None else summary_of(report, announcement)


def summary_of(report: Report, announcement: Announcement | None) -> ReturnSummary:
    """What a report says, with the listing's word where it is silent."""
    listed = announcement or Announcement(reference="", nature="")
    nature = listed.nature or report.nature
    status = report.status if report.whole else "unknown"
    changes = effect(nature, report.kind, status, listed.status)
    tables = dict(report.tables)
    if nature == _CORRECTIONS and "pas_rates" in tables:
        tables["pas_corrections"] = tables.pop("pas_rates")
    return ReturnSummary(
        family=report.family,
        nature=nature,
        status=status,
        organism=listed.organism or report.organism,
        reference=report.reference or listed.reference,
        label=label(
            nature,
            report.kind,
            status,
            title=report.title or report.organism,
            test=report.is_test,
            whole=report.whole,
        ),
        advice=advice(nature, status, changes, test=report.is_test, tables=tables),
        effect=changes,
        findings=report.findings,
        identity=report.identity,
        tables=tables,
    )


class AnnouncedReader(ReturnReader):
    """Any document that was announced with a nature of the API DSN. Registered last: readers that
    know the document come first."""

    name = "announced"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        if announcement is None or not _NATURE.fullmatch(announcement.nature):
            return None
        kind = kind_of(document.content)
        is_page = kind == "html"
        # A page says nothing of the declaration, whatever it was announced as.
        status = announcement.status if announcement.status in STATES else "unknown"
        nature = announcement.nature
        changes = effect(nature, "", "unknown", announcement.status)
        return ReturnSummary(
            family=kind if kind in ("pdf", "text", "html") else UNREAD,
            nature=nature,
            status="unknown" if is_page else status,
            organism=announcement.organism,
            reference=announcement.reference,
            label=label_of_page() if is_page else label(nature, "", status),
            advice=advice(nature, status, changes, page=is_page),
            effect=Effect.NONE if is_page else changes,
            tables={"text": _lines(document.content)} if kind == "text" else {},
        )


def _lines(content: bytes) -> list[dict[str, str]]:
    return [{"line": line.rstrip()} for line in text(content).splitlines()[:_MOST_LINES]]


def _archive(document: Document, announcement: Announcement | None) -> ReturnSummary | None:
    """A ZIP: its members listed, with what those say that are reports.

    Without an announcement it is ours only if one of them is a report. What it changes is decided
    by the listing alone: what stands in it may be about anything.
    """
    there = members(document.content)
    read = [(m, _inside(m)) for m in there] if there is not None else []
    if announcement is None and all(summary is None for _member, summary in read):
        return None
    listed = announcement or Announcement(reference="", nature="")
    status = listed.status if listed.status in STATES else "unknown"
    nature = listed.nature
    changes = effect(nature, "", "unknown", listed.status)
    return ReturnSummary(
        family="zip",
        nature=nature,
        status=status,
        organism=listed.organism,
        reference=listed.reference,
        label=label(nature, "", status, whole=there is not None),
        advice=advice(nature, status, changes),
        effect=changes,
        findings=tuple(f for _m, s in read for f in (s.findings if s else ()))[:200],
        tables={"documents": [_row(member, summary) for member, summary in read]},
    )


def _inside(member: Member) -> ReturnSummary | None:
    from vaguemestre_dsn.reading.families import read

    report = read(member.content) if member.content is not None else None
    return None if report is None else summary_of(report, None)


def _row(member: Member, summary: ReturnSummary | None) -> dict[str, str]:
    kind = kind_of(member.content) if member.content is not None else ""
    return {
        "name": member.name,
        "size": str(member.size),
        "family": summary.family if summary else kind,
        "nature": summary.nature if summary else "",
        "status": summary.status if summary else "",
        "label": summary.label if summary else reason(member.why),
    }


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
