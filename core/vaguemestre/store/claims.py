"""Which places at a platform each deposit takes, and how deposits follow on each other.

The keys that a format gives are kept as digests: short to compare, and silent about persons. Tests
and real declarations never meet, nor do different formats: both go into the digest. What follows
from two deposits that meet is decided in `precedents.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from vaguemestre.clock import from_text, to_text
from vaguemestre.lifecycle import State
from vaguemestre.model import Declaration, Due
from vaguemestre.precedents import Claim, Earlier, Link, duplicate_of
from vaguemestre.store.engine import Session

#: Deposits that are looked at for one place. Nobody declares the same thing more often, but for a
#: product that runs wild.
MOST = 200


def put(session: Session, deposit: int, declaration: Declaration) -> None:
    """Keep what the declaration takes and replaces, in place of what was kept before."""
    session.sql.claims_clear(session.connection, deposit_id=deposit)
    own, replaced = set(declaration.keys), set(declaration.replaces)
    rows = [
        {
            "deposit_id": deposit,
            "digest": _digest(declaration, key),
            "own": int(key in own),
            "replaced": int(key in replaced),
            "rank": declaration.rank,
        }
        for key in sorted(own | replaced)
    ]
    if declaration.subject:
        # Told from a key by a character that no key has.
        digest = _digest(declaration, f"\0{declaration.subject}")
        rows.append(
            {"deposit_id": deposit, "digest": digest, "own": 0, "replaced": 0, "rank": None}
        )
    if rows:
        session.sql.claim_add(session.connection, rows)


def _digest(declaration: Declaration, key: str) -> str:
    """128 bits are plenty to tell declarations apart, and halve the index."""
    text = f"{declaration.kind}\0{int(declaration.test)}\0{key}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def of(session: Session, deposit: int) -> list[Claim]:
    """What the deposit takes and replaces."""
    rows = session.sql.claims_of_deposit(session.connection, deposit_id=deposit)
    return [Claim(r["digest"], bool(r["own"]), bool(r["replaced"]), r["rank"]) for r in rows]


def meeting(session: Session, deposit: int, claims: Iterable[Claim]) -> list[Earlier]:
    """The other deposits that take one of the places or have the subject, oldest first."""
    found: dict[int, Earlier] = {}
    for claim in claims:
        rows = session.sql.claims_of_others(
            session.connection, digest=claim.digest, deposit_id=deposit, limit=MOST
        )
        for row in rows:
            known = found.get(row["id"])
            found[row["id"]] = Earlier(
                deposit=row["id"],
                state=State(row["state"]),
                name=row["name"],
                reference=row["reference"] or "",
                taken_at=from_text(row["received_at"]),
                deposited_at=from_text(row["deposited_at"]) if row["deposited_at"] else None,
                rank=row["rank"],
                replaced_by=row["replaced_by"],
                waits_for_us=duplicate_of(deposit) in row["doubts"].split(),
                duplicated=(claim.own and not claim.replaced)
                or (known is not None and known.duplicated),
                replaced=claim.replaced or (known is not None and known.replaced),
            )
    return [found[number] for number in sorted(found)]


def put_links(session: Session, deposit: int, links: Iterable[Link]) -> None:
    """Say on which deposits this one follows, in place of what was said before."""
    session.sql.links_clear(session.connection, deposit_id=deposit)
    rows = [
        {"deposit_id": deposit, "other_id": link.other, "relation": link.relation.value}
        for link in links
    ]
    if rows:
        session.sql.link_add(session.connection, rows)


def put_due(session: Session, deposit: int, dues: Sequence[Due]) -> None:
    """Keep by when the deposit must be at the platform: the earliest and the latest of `dues`."""
    moments = sorted(due.at for due in dues)
    session.sql.deposit_due(
        session.connection,
        id=deposit,
        due_at=to_text(moments[0]) if moments else None,
        due_latest=to_text(moments[-1]) if moments else None,
        closes=int(any(due.closes for due in dues)),
    )
