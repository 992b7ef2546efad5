"""Reads what the CCSS sends back, and says to which deposit it belongs.

SECUline answers name no deposit and mostly come only when something is wrong: a record that was
rejected comes back with the reason. What an answer changes in its deposit is decided here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from vaguemestre.api import (
    Announcement,
    Carried,
    Document,
    Effect,
    Finding,
    ReturnReader,
    ReturnSummary,
    Severity,
)
from vaguemestre_seculine.answers import REJECTS, Answer, Told, answer_of, reference_of, who
from vaguemestre_seculine.codes import reason
from vaguemestre_seculine.findings import PLACES
from vaguemestre_seculine.matching import deposit_for
from vaguemestre_seculine.naming import ANSWERS, Named, named
from vaguemestre_seculine.records import looks_like_seculine, readable, type_by_records
from vaguemestre_seculine.texts import _
from vaguemestre_seculine.words import name_of

FAMILY, ORGANISM = "seculine", "CCSS"
#: Rows of a table at most.
MOST_ROWS = 20_000
#: What rows are called, in answers that are not rejects.
_TABLES = {
    "SALMAN": "missing_wages",
    "MATASS": "assigned_numbers",
    "MATUTI": "assigned_company_numbers",
}
_ASSIGNED = frozenset({"MATASS", "MATUTI"})
_NUMBER = re.compile(r"[0-9]{13}")


class SeculineReader(ReturnReader):
    name = "seculine"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        told = what(document, announcement)
        return _read(told, document.content) if told.received else None

    def match(
        self, document: Document, announcement: Announcement, carried: Sequence[Carried]
    ) -> int | None:
        told = what(document, announcement)
        if not told.received:
            return None
        return deposit_for(told, document.content, announcement.published_at, carried)


def what(document: Document, announcement: Announcement | None) -> Named:
    """What a document is: by its name, by what it was announced as, by its records."""
    told = named(document.name)
    if told.received:
        return told
    nature = announcement.nature.rpartition(".")[2].upper() if announcement else ""
    if nature in ANSWERS:
        return Named(nature, True, told.employer, told.seculine, told.stamp)
    text = readable(document.content[:8192])
    kind = type_by_records(text) if looks_like_seculine(text) else ""
    return Named(kind, kind in ANSWERS)


def _read(told: Named, content: bytes) -> ReturnSummary:
    if ANSWERS[told.type] == "DEMDET":
        return _posting(told)
    if told.type == "CALCUL":
        from vaguemestre_seculine.contributions import contributions

        rows = contributions(content)
        tables = {"contributions": rows} if rows else {}
        return _summary(told, status="unknown" if rows is None else "OK", tables=tables)
    answer = answer_of(told.type, content)
    return _rejects(told, answer) if told.type in REJECTS else _informs(told, answer)


def _summary(
    told: Named,
    *,
    status: str,
    effect: Effect = Effect.NONE,
    advice: str = "",
    findings: Sequence[Finding] = (),
    tables: dict[str, list[dict[str, str]]] | None = None,
    answer: Answer | None = None,
) -> ReturnSummary:
    facts = {
        "type": told.type,
        "employer": (answer.employer if answer else "") or told.employer,
        "seculine": (answer.seculine if answer else "") or told.seculine,
        "stamp": told.stamp,
    }
    return ReturnSummary(
        family=FAMILY,
        nature=told.type,
        status=status,
        organism=ORGANISM,
        label=name_of(told.type),
        advice=advice,
        effect=effect,
        findings=tuple(findings),
        tables=tables or {},
        identity={key: value for key, value in facts.items() if value},
    )


def _rejects(told: Named, answer: Answer) -> ReturnSummary:
    """Rejected records: the others of the file are in, so a person corrects these. A rejected
    header takes the whole file with it."""
    rows = [_reject(told.type, record) for record in answer.records[:MOST_ROWS]]
    if answer.code is not None:
        finding = _found(told.type, answer.code, (1,), 1)
        advice = _("The whole file was rejected: correct it and send it again.")
        return _summary(
            told,
            status="KO",
            effect=Effect.REFUSED,
            advice=advice,
            findings=[finding],
            tables={"rejected_records": rows} if rows else {},
            answer=answer,
        )
    if not rows:
        return _summary(
            told, status="unknown", effect=Effect.TO_CHECK, advice=_unread(), answer=answer
        )
    advice = _(
        "Correct these {count} records in the payroll software and send them again. The other "
        "records of the file were not rejected."
    )
    return _summary(
        told,
        status="ANO",
        effect=Effect.TO_CHECK,
        advice=advice.format(count=len(answer.records)),
        findings=_grouped(told.type, answer.records),
        tables={"rejected_records": rows},
        answer=answer,
    )


def _reject(kind: str, record: Told) -> dict[str, str]:
    about = who(kind, record)
    return {
        "line": str(record.line),
        "code": "" if record.code is None else str(record.code),
        "reason": reason(kind, -1 if record.code is None else record.code),
        "employer": about.employer,
        "insured": about.insured,
        "period": about.month,
        "employer_reference": reference_of(kind, record),
        "record": record.text,
    }


def _grouped(kind: str, records: Sequence[Told]) -> list[Finding]:
    """One finding a code, with its first lines: the table has them all."""
    counts = Counter(record.code for record in records)
    found = []
    for code, count in counts.items():
        lines = tuple(r.line for r in records if r.code == code)[:PLACES]
        found.append(_found(kind, code, lines, count))
    return found


def _found(kind: str, code: int | None, lines: tuple[int, ...], count: int) -> Finding:
    about = ANSWERS[kind]
    text = _("The CCSS rejected the record: {reason}. Correct it and send it again ({type}).")
    if code is None:
        text = _("The CCSS sent the record back without a code: ask the CCSS why ({type}).")
    return Finding(
        severity=Severity.BLOCKING,
        code=f"{kind}/{code}" if code is not None else f"{kind}/none",
        message=text.format(reason=reason(kind, code if code is not None else -1), type=about),
        rubrique=about,
        line=lines[0] if lines else None,
        lines=lines,
        count=count,
    )


def _informs(told: Named, answer: Answer) -> ReturnSummary:
    """Missing wages, and numbers that were assigned."""
    rows = [_row(told.type, record) for record in answer.records[:MOST_ROWS]]
    tables = {_TABLES.get(told.type, "records"): rows} if rows else {}
    if not rows:
        return _summary(told, status="unknown", advice=_unread(), answer=answer)
    if told.type in _ASSIGNED:
        advice = _("Enter the assigned numbers in the payroll software.")
        return _summary(
            told,
            status="OK",
            effect=Effect.CERTIFICATE,
            advice=advice,
            tables=tables,
            answer=answer,
        )
    advice = _(
        "The CCSS misses the wages of {count} persons: declare them with a DECSAL, or their exit "
        "with a DECAFF."
    ).format(count=len(answer.records))
    finding = Finding(
        severity=Severity.BLOCKING,
        code=f"{told.type}/missing",
        message=_("The wages of this person are missing: declare them, or the exit."),
        rubrique="DECSAL",
        line=answer.records[0].line,
        lines=tuple(record.line for record in answer.records[:PLACES]),
        count=len(answer.records),
    )
    return _summary(
        told,
        status="ANO",
        effect=Effect.TO_CHECK,
        advice=advice,
        findings=[finding],
        tables=tables,
        answer=answer,
    )


def _row(kind: str, record: Told) -> dict[str, str]:
    about = who(kind, record)
    row = {"line": str(record.line), "employer": about.employer, "insured": about.insured}
    if kind == "MATUTI":
        numbers = [f for f in record.fields if _NUMBER.fullmatch(f) and f != about.employer]
        row["company_number"] = numbers[-1] if numbers else ""
    return {**row, "period": about.month, "record": record.text}


def _posting(told: Named) -> ReturnSummary:
    """Answers to a posting request; their inner form is not published."""
    if told.type == "FAIL":
        advice = _("The request was not accepted: read the document, correct it, send it again.")
        return _summary(told, status="KO", effect=Effect.REFUSED, advice=advice)
    if told.type == "DETRET":
        advice = _("The CCSS rejects something of the request: read the document, and correct it.")
        return _summary(told, status="ANO", effect=Effect.TO_CHECK, advice=advice)
    return _summary(told, status="OK", advice=_("Read the document, and keep it."))


def _unread() -> str:
    return _("Nothing could be read in this answer: open the document, and ask the CCSS.")
