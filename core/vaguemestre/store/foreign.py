"""Deposits that other hands made, on the portal or with another program: known by the platform's
own list, never sent or changed by us.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vaguemestre.clock import to_text
from vaguemestre.lifecycle import State
from vaguemestre.model import Candidate
from vaguemestre.store.engine import Session

#: State by the gravest thing that the returns say.
_STATES = {1: State.REFUSED, 2: State.TO_CHECK, 3: State.ACCEPTED}


def keep(
    session: Session, listed: Sequence[Candidate], *, account: str, profile: str, platform: str
) -> None:
    """Keep what the platform lists, ours included: a deposit in doubt may turn out to be one."""
    for one in listed:
        session.sql.listed_deposit_put(
            session.connection,
            account=account,
            reference=one.reference,
            profile=profile,
            platform=platform,
            recorded_at=to_text(one.recorded_at) if one.recorded_at else None,
            status=one.status,
            now=session.now,
        )


def foreign(
    session: Session, *, after: str = "", before: str = "", limit: int = 1 << 40
) -> list[dict[str, Any]]:
    """The foreign deposits, oldest first: `reference`, `platform`, `profile`, `recorded_at`,
    `state` (by their returns), `status` (the platform's word), `returns` (how many), and
    `perhaps_ours` while a deposit of the account is in doubt."""
    rows = list(
        session.sql.foreign_deposits(session.connection, after=after, before=before, limit=limit)
    )
    return [
        {
            "reference": row["reference"],
            "state": _STATES.get(row["rank"], State.DEPOSITED).value,
            "platform": row["platform"],
            "profile": row["profile"],
            "recorded_at": row["recorded_at"],
            "status": row["status"],
            "returns": row["returns"],
            "perhaps_ours": bool(row["perhaps_ours"]),
        }
        for row in reversed(rows)
    ]
