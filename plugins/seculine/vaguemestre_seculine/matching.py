"""Finds the deposit that an answer belongs to: SOFiE gives no reference that would tell. Pure.

What counts, in this order: the type that the answer is about; the sender's employer and SECUline
number; records that were sent word for word as they come back; the same person, employer and month;
for answers without records that were sent, the only deposit that it can be. Months may lie between.
Where two deposits fit equally well, the later one before the answer was made is meant; and where
nothing was recognised in any of several, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from vaguemestre.api import Carried
from vaguemestre_seculine.answers import KNOWN, Answer, Told, Who, answer_of, who
from vaguemestre_seculine.naming import ANSWERS, Named
from vaguemestre_seculine.records import read, readable

#: How far the clocks of the CCSS and this machine may differ.
CLOCKS = timedelta(hours=2)
#: Records of an answer that are looked for, and deposits whose bytes are read.
MOST_RECORDS, MOST_DEPOSITS = 2_000, 400


def deposit_for(
    told: Named, content: bytes, published_at: datetime | None, carried: Sequence[Carried]
) -> int | None:
    """The number of the deposit that the answer belongs to, or None if that is not certain.

    `told`: what the answer is, by its name. `published_at`: when it was made, if that is known.
    `carried`: the deposits of the account, the newest first.
    """
    about = ANSWERS.get(told.type, "")
    if not about:
        return None
    same = [one for one in carried if one.declaration.identity.get("type") == about]
    if about == "DEMDET":
        return _posting(told, same)
    answer = answer_of(told.type, content)
    sender = (answer.employer or told.employer, answer.seculine or told.seculine)
    candidates = [one for one in same if _is_sender(one, *sender)]
    if published_at is not None:
        # The time comes from a name and is inferred, so it only orders what else would be equal.
        candidates.sort(key=lambda one: one.deposited_at > published_at + CLOCKS)
    return _by_records(told.type, answer, candidates)


def _posting(told: Named, candidates: Sequence[Carried]) -> int | None:
    stamped = [c for c in candidates if told.stamp and told.stamp in c.name]
    found = stamped or candidates
    return found[0].deposit if len(found) == 1 else None


def _is_sender(one: Carried, employer: str, seculine: str) -> bool:
    """Whether a deposit was sent by the answer's sender; numbers that are missing fit."""
    identity = one.declaration.identity
    theirs = {identity.get("employer", ""), one.declaration.issuer} - {""}
    number = identity.get("seculine", "")
    return (not employer or not theirs or employer in theirs) and (
        not seculine or not number or seculine == number
    )


def _by_records(kind: str, answer: Answer, candidates: Sequence[Carried]) -> int | None:
    records = answer.records[:MOST_RECORDS]
    wanted = {record.text for record in records}
    people = {key for record in records if (key := _key(kind, record))}
    months = {f"{m[:4]}-{m[4:]}" for record in records if (m := who(kind, record).month)}
    best: tuple[int, int] = (0, 0)
    found: int | None = None
    for one in [c for c in candidates if _has_month(c, kind, months)][:MOST_DEPOSITS]:
        exact, close = _overlap(one.payload(), wanted, people)
        # What is there word for word cannot be surpassed by the same people.
        fits = (exact, 0 if exact else close)
        if fits > best:
            best, found = fits, one.deposit
        if wanted and exact == len(wanted):
            break
    if found is not None:
        return found
    return candidates[0].deposit if len(candidates) == 1 and not _is_precise(kind) else None


def _is_precise(kind: str) -> bool:
    """Whether the records of the answer are those that were sent, so that one can tell."""
    return kind in ("SALRET", "MALRET")


def _has_month(one: Carried, kind: str, months: set[str]) -> bool:
    listed = one.declaration.identity.get("months", "")
    if ANSWERS.get(kind) not in KNOWN or not listed or not months:
        return True
    return bool(months & set(listed.split(",")))


def _key(kind: str, record: Told) -> Who | None:
    found = who(kind, record)
    return found if found.insured and found.month else None


def _overlap(payload: bytes, wanted: set[str], people: set[Who]) -> tuple[int, int]:
    """How many of the records, and of the people with their months, stand in a file. Keeps no more
    of it than that, for it may be large."""
    exact: set[str] = set()
    close: set[Who] = set()
    for record in read(readable(payload)):
        if record.text in wanted:
            exact.add(record.text)
        if people and len(record.fields) > 3 and (found := Who(*record.fields[1:4])) in people:
            close.add(found)
    return len(exact), len(close)
