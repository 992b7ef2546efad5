"""Judges what was found out about a deposit in doubt. Pure: no network, no clock.

A candidate is the order's if a report about it echoes the declaration, and no other deposit in
doubt could be meant as well. Without a report it is the order's only if it is the one candidate
left, nobody else in doubt can claim it, and the listing had the time to settle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from vaguemestre.api import Candidate, Found, Order, Unknown
from vaguemestre_net_entreprises.protocol import identity
from vaguemestre_net_entreprises.protocol.identity import Verdict
from vaguemestre_net_entreprises.protocol.listings import ListedDeposit
from vaguemestre_net_entreprises.texts import _

#: What the report about each deposit echoes, None where there is none that can be read.
Echoes = Mapping[str, Mapping[str, str] | None]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is known. `candidates`: listed around the attempt, of nobody known. `settled`: the
    listing was asked late enough to be complete. `bounds`: when an order's attempt can have been
    recorded, by the platform's clock."""

    order: Order
    candidates: Sequence[ListedDeposit]
    echoes: Echoes
    settled: bool
    bounds: Callable[[Order], tuple[datetime, datetime]]


def judge(case: Case) -> Found | Unknown | None:
    """The answer, or None if every candidate is ruled out."""
    verdicts = {d.reference: _verdict(case.echoes, d, case.order) for d in case.candidates}
    same = [d for d in case.candidates if verdicts[d.reference] is Verdict.SAME]
    if same:
        return _same(case, same)
    remaining = [d for d in case.candidates if verdicts[d.reference] is Verdict.UNKNOWN]
    if not remaining:
        return None
    if len(remaining) > 1:
        return unknown(
            _("The platform lists several deposits that could be this one."),
            remaining,
            ambiguous=True,
        )
    (only,) = remaining
    if any(_could_be(case, only, rival) for rival in case.order.rivals):
        return unknown(
            _("The platform lists a deposit that could as well be another one in doubt."),
            remaining,
            ambiguous=True,
        )
    if not case.settled:
        return unknown(
            _("The platform lists a deposit that is probably this one; others may follow."),
            remaining,
        )
    return _found(only, "only-candidate")


def _same(case: Case, same: Sequence[ListedDeposit]) -> Found | Unknown:
    """Candidates whose reports echo this declaration."""
    claimed = any(
        _verdict(case.echoes, deposit, rival) is not Verdict.OTHER
        for deposit in same
        for rival in case.order.rivals
    )
    if len(same) > 1 or claimed:
        return unknown(
            _("The same declaration is deposited or in doubt more than once."), same, ambiguous=True
        )
    return _found(same[0], "identified-by-report")


def _could_be(case: Case, deposit: ListedDeposit, rival: Order) -> bool:
    """Whether the deposit could be the rival's."""
    if _verdict(case.echoes, deposit, rival) is Verdict.OTHER:
        return False
    if not deposit.dates or rival.started_at is None:
        return True
    start, end = case.bounds(rival)
    return any(start <= moment <= end for moment in deposit.dates)


def _verdict(echoes: Echoes, deposit: ListedDeposit, order: Order) -> Verdict:
    echo, declaration = echoes.get(deposit.reference), order.declaration
    if echo is None or not declaration.identity:
        return Verdict.UNKNOWN
    trial = "01" if declaration.test else "02"
    return identity.compare(echo, {**declaration.identity, "trial": trial})


def _found(deposit: ListedDeposit, proof: str) -> Found:
    return Found(
        reference=deposit.reference,
        recorded_at=deposit.dates[0] if deposit.dates else None,
        evidence={"proof": proof, "date": deposit.date_text, "status": deposit.status},
    )


def unknown(
    message: str, deposits: Sequence[ListedDeposit] = (), *, ambiguous: bool = False
) -> Unknown:
    """No proof, with the deposits that it could be."""
    candidates = tuple(
        Candidate(
            reference=d.reference, recorded_at=d.dates[0] if d.dates else None, status=d.status
        )
        for d in deposits
    )
    return Unknown(message=message, candidates=candidates, ambiguous=ambiguous)
