"""What listings show of the store: plain mappings with the stable keys of the command line's JSON.

Times are texts in UTC as the store keeps them (`clock.to_text`). Nothing here writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from vaguemestre.lifecycle import State
from vaguemestre.precedents import Why
from vaguemestre.store import deposits as store_deposits
from vaguemestre.store import journal
from vaguemestre.store.engine import Session

Listed = dict[str, Any]

#: States of what is not at the platform, but was to be.
NOT_THERE = frozenset(
    {
        State.RECEIVED,
        State.HELD,
        State.REJECTED,
        State.READY,
        State.IN_DOUBT,
        State.HANDED_OVER,
        State.FAILED,
    }
)
#: More than any store holds.
NO_LIMIT = 2**62


class Filter(Struct, frozen=True, kw_only=True):
    """Which deposits are listed; an empty field filters nothing.

    `issuer`: whole, or its beginning (the SIREN of a SIRET). `after`, `before`: bounds of the time
    of taking, as the store writes times; `before` is not included. `doubtful`: also those that are
    held for what went before them. `limit`: only the newest.
    """

    states: tuple[str, ...] = ()
    kind: str = ""
    module: str = ""
    issuer: str = ""
    period: str = ""
    outbox: str = ""
    after: str = ""
    before: str = ""
    blocking: bool = False
    doubtful: bool = True
    limit: int = NO_LIMIT


class ReturnFilter(Struct, frozen=True, kw_only=True):
    """Which returns are listed; an empty field filters nothing. Bounds as in `Filter`, of the time
    of arrival."""

    deposit: int = 0
    reference: str = ""
    nature: str = ""
    status: str = ""
    after: str = ""
    before: str = ""
    limit: int = NO_LIMIT


#: What is said of a return to people, in the deployment's language.
WORDS = ("label", "advice")

ALL = Filter()
ALL_RETURNS = ReturnFilter()


def deposits(session: Session, wanted: Filter = ALL) -> list[Listed]:
    """The deposits, oldest first."""
    rows = session.sql.listed_deposits(
        session.connection,
        states=f" {' '.join(wanted.states)} " if wanted.states else "",
        kind=wanted.kind,
        module=wanted.module,
        issuer=wanted.issuer,
        period=wanted.period,
        outbox=wanted.outbox,
        after=wanted.after,
        before=wanted.before,
        blocking=int(wanted.blocking),
        doubtful=int(wanted.doubtful),
        limit=wanted.limit,
    )
    return [_deposit(row, session.now) for row in rows][::-1]


def _deposit(row: Any, now: str) -> Listed:
    """`due_at`: by when it must be at the platform, `due_latest`: the same unless that depends on
    the employer and is not known. `late`: it was, or is, not there by then; a duplicate never is.
    `replaces`: the deposit that it replaces, cancels or corrects; `replaced_by`: the one that does
    so to it, `replaced_how` (`replaces`, `cancels`, `corrects`). `doubts`: why it is held, as codes
    (`duplicate:12`)."""
    doubts = row["doubts"].split() if row["state"] == State.HELD else []
    test = None if row["test"] is None else bool(row["test"])
    spare = any(doubt.startswith(Why.DUPLICATE.value) for doubt in doubts)
    late = not spare and _late(row, now)
    return {**dict(row), "test": test, "doubts": doubts, "late": late}


def _late(row: Any, now: str) -> bool:
    if row["due_latest"] is None:
        return False
    waits = State(row["state"]) in NOT_THERE
    return bool((row["deposited_at"] or (now if waits else "")) > row["due_latest"])


def deposit(session: Session, number: int) -> Listed | None:
    """A deposit with its attempts, its journal, its findings and its returns.

    `chain` says whether the journal is as it was written: `intact`, and the number of the first
    event that is not (`broken_at`). `name`, `part`, `parts`, `sha256`: what is deposited of the
    source.
    """
    row = session.sql.listed_deposit(session.connection, id=number)
    whole = store_deposits.get(session, number)
    if row is None or whole is None:
        return None
    events = list(session.sql.events_of_deposit(session.connection, deposit_id=number))
    broken = journal.first_break(events, number, whole["event_hash"])
    attempts = session.sql.attempts_of_deposit(session.connection, deposit_id=number)
    findings = session.sql.findings_of_deposit(session.connection, deposit_id=number)
    return {
        **_deposit(row, session.now),
        **{key: whole[key] for key in ("outbox", "name", "part", "parts", "sha256")},
        "attempts": [{**dict(a), "evidence": json.loads(a["evidence"])} for a in attempts],
        "events": [{**dict(e), "data": json.loads(e["data"])} for e in events],
        "chain": {"intact": broken is None, "broken_at": broken},
        "findings": [_finding(finding) for finding in findings],
        "returns": returns(session, ReturnFilter(deposit=number)),
        "related": related(session, number),
    }


def related(session: Session, number: int) -> list[Listed]:
    """The deposits that a deposit has to do with: `id`, `state`, `name`, `reference`, `relation`
    (`replaces`, `cancels`, `corrects`, `duplicates`, the same with `_by` the other way round, and
    `sibling` for another part of the same file)."""
    rows = session.sql.links_around(session.connection, deposit_id=number)
    return [dict(row) for row in rows]


def returns(session: Session, wanted: ReturnFilter = ALL_RETURNS) -> list[Listed]:
    """The returns with their findings, oldest first; `label` and `advice` are for people."""
    rows = list(
        session.sql.listed_returns(
            session.connection,
            deposit=wanted.deposit,
            reference=wanted.reference,
            nature=wanted.nature,
            status=wanted.status,
            after=wanted.after,
            before=wanted.before,
            limit=wanted.limit,
        )
    )[::-1]
    findings = _findings(session, [row["id"] for row in rows])
    return [
        {
            "id": row["id"],
            "deposit": row["deposit_id"],
            **{
                key: row[key]
                for key in (
                    "platform",
                    "reference",
                    "nature",
                    "status",
                    "organism",
                    "published_at",
                    "received_at",
                    "path",
                )
            },
            "findings": findings.get(row["id"], []),
            **{key: row[key] for key in WORDS},
        }
        for row in rows
    ]


def as_contract(found: list[Listed]) -> list[Listed]:
    """Returns with the keys of the contract only, without what is said of them to people."""
    return [{key: value for key, value in row.items() if key not in WORDS} for row in found]


def _finding(row: sqlite3.Row) -> Listed:
    return {**dict(row), "lines": [int(line) for line in row["lines"].split()]}


def _findings(session: Session, numbers: Iterable[int]) -> dict[int, list[Listed]]:
    """Findings by return."""
    wanted = set(numbers)
    found: dict[int, list[Listed]] = {}
    if not wanted:
        return found
    rows = session.sql.findings_of_returns(session.connection, first=min(wanted), last=max(wanted))
    for row in rows:
        if row["return_id"] in wanted:
            finding = _finding(row)
            found.setdefault(finding.pop("return_id"), []).append(finding)
    return found


def notices(session: Session, limit: int = NO_LIMIT) -> list[Listed]:
    """The notices, oldest first."""
    rows = session.sql.notices_all(session.connection, limit=limit)
    keys = ("id", "key", "level", "title", "text", "profile", "count")
    times = ("created_at", "updated_at", "told_at")
    return [
        {
            **{key: row[key] for key in keys},
            "deposit": row["deposit_id"],
            **{key: row[key] for key in times},
        }
        for row in rows
    ][::-1]
