"""Writes what the control concluded about a deposit, and holds what earlier ones make doubtful."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from vaguemestre.confront import codes, confront, keep_doubts
from vaguemestre.lifecycle import Event
from vaguemestre.locale import _
from vaguemestre.model import Declaration, Due, Finding, Level, Notice
from vaguemestre.notices import post_in
from vaguemestre.precedent_words import finding, line
from vaguemestre.precedents import Precedents
from vaguemestre.routing import Verdict
from vaguemestre.store import claims, deposits, journal
from vaguemestre.store.engine import Session


def conclude(
    row: sqlite3.Row,
    declaration: Declaration | None,
    findings: Sequence[Finding],
    verdict: Verdict,
    due: Sequence[Due],
    session: Session,
) -> None:
    """Write what becomes of the deposit `row`, in view of those that went before it. `due`: the
    moments that can apply to its employer."""
    deposit = int(row["id"])
    if declaration is not None:
        deposits.declare(session, deposit, declaration)
        claims.put(session, deposit, declaration)
        # A test declares nothing: it is never late.
        claims.put_due(session, deposit, () if declaration.test else due)
        before = confront(session, deposit)
        verdict, findings = _weighed(deposit, verdict, findings, before)
    deposits.put_findings(session, deposit, findings)
    if verdict.profile is not None:
        deposits.route(
            session,
            deposit,
            platform=verdict.profile.platform,
            profile=verdict.profile.name,
            account=verdict.account,
        )
    why: dict[str, Any] = {"doubts": codes(verdict.doubts)} if verdict.doubts else {}
    journal.move(
        session, deposit, verdict.event, message=verdict.message, findings=len(findings), **why
    )
    if verdict.doubts:
        keep_doubts(session, deposit, verdict.doubts, row["name"])
    notice = _rejected(row, verdict) if verdict.event is Event.REJECT else verdict.notice
    if notice is not None:
        post_in(session, notice)


def _weighed(
    deposit: int, verdict: Verdict, findings: Sequence[Finding], before: Precedents
) -> tuple[Verdict, Sequence[Finding]]:
    """The verdict in view of earlier deposits. Doubts hold what would go; what waits for a profile
    is judged again when it is released, and what is not sent is in nobody's way."""
    if verdict.event is Event.REJECT:
        return verdict, findings
    told = [finding(remark, deposit) for remark in (*before.doubts, *before.warnings)]
    goes = verdict.event is Event.PASS or (verdict.event is Event.HOLD and verdict.notice is None)
    if before.doubts and goes:
        verdict = msgspec.structs.replace(
            verdict, event=Event.HOLD, message=line(before.doubts[0]), doubts=before.doubts
        )
    return verdict, [*told, *findings]


def _rejected(row: sqlite3.Row, verdict: Verdict) -> Notice:
    return Notice(
        key=f"rejected:{row['id']}",
        level=Level.WARNING,
        title=_("{name} is rejected by the autocontrol: nothing is deposited").format(
            name=row["name"]
        ),
        text=_(
            "{reason} Correct it and drop it again. The report lies with the rejected files, and "
            "is shown by: vaguemestre deposits show {id}"
        ).format(reason=verdict.message, id=row["id"]),
        deposit=row["id"],
    )
