"""How a DSN stands to others: which place it takes at the platform, what it replaces, by when.

The platform takes one normal mensuelle for a month, a SIRET and a fraction, and one signalement for
a SIRET and an order number (cahier technique). RG and RA are two places of deposit: a declaration
may stand in each. What is replaced is named by the month of a mensuelle, and by S20.G00.05.006 of a
signalement: the date of the file replaced and, behind it, its order number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from vaguemestre.api import Due
from vaguemestre_dsn import deadlines
from vaguemestre_dsn.envelope import FORMS, SIGNALEMENTS

REPLACING = ("03", "04", "05")
CANCELLING = "04"
#: Only in this century does the norm permit dates that matter here, and calendars hold.
CENTURY = "20"
#: Digits of the date in front of the order number in S20.G00.05.006.
_DATE = 8
#: The rubrique from which a signalement's days count, by nature. That of nature 08 says nothing of
#: a deadline.
EVENTS = {"04": "last_day_worked", "05": "back_on", "07": "contract_end"}


class Standing(NamedTuple):
    """The fields of a `Declaration` that say how it stands to others."""

    keys: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    cancels: bool = False
    rank: int | None = None
    subject: str = ""
    due: tuple[Due, ...] = ()


def standing(facts: Mapping[str, str], period: str) -> Standing:
    """How the declaration stands that `facts` describe (by the names of `recognition.FACTS`); of
    nothing if they are damaged, or of a nature that follows other rules (09, 10)."""
    siret = facts.get("siren", "") + facts.get("nic", "")
    if not {"siren", "nic", "nature", "type"} <= facts.keys():
        return Standing()
    place = f"{facts.get('deposit_point', '')}/{siret}"
    if facts["nature"] == "01":
        return _mensuelle(facts, place, period)
    return _signalement(facts, place) if facts["nature"] in SIGNALEMENTS else Standing()


def _mensuelle(facts: Mapping[str, str], place: str, period: str) -> Standing:
    if "month" not in facts or "fraction" not in facts or not period:
        return Standing()
    key = (f"mensuelle/{place}/{period}/{facts['fraction']}",)
    replaces = facts["type"] in REPLACING
    due: tuple[Due, ...] = ()
    if period.startswith(CENTURY):
        due = deadlines.replacing_mensuelle(period) if replaces else deadlines.mensuelle(period)
    return Standing(key, key if replaces else (), rank=_number(facts.get("order", "")), due=due)


def _signalement(facts: Mapping[str, str], place: str) -> Standing:
    if _number(facts.get("order", "")) is None:
        return Standing()
    replaces = facts["type"] in REPLACING
    target = facts.get("replaces", "")
    known = replaces and FORMS["S20.G00.05.006"].fullmatch(target)
    return Standing(
        (_numbered(place, facts["order"]),),
        (_numbered(place, target[_DATE:]),) if known else (),
        cancels=facts["type"] == CANCELLING,
        rank=_number(facts["order"]),
        subject=_subject(facts, place),
        due=() if replaces else _days(facts),
    )


def _subject(facts: Mapping[str, str], place: str) -> str:
    """Whom and which event a signalement is about, as a digest, so that no NIR goes about: what was
    refused comes again under another number."""
    person = facts.get("nir") or facts.get("ntt")
    event = facts.get(EVENTS.get(facts["nature"], ""))
    if not person or not event:
        return ""
    text = f"{facts['nature']}/{place}/{person}/{event}"
    return hashlib.sha256(text.encode()).hexdigest()


def _numbered(place: str, order: str) -> str:
    return f"signalement/{place}/{order}"


def _number(order: str) -> int | None:
    return int(order) if FORMS["S20.G00.05.004"].fullmatch(order) else None


def _days(facts: Mapping[str, str]) -> tuple[Due, ...]:
    """From the event; none if its date cannot be read."""
    text = facts.get(EVENTS.get(facts["nature"], ""), "")
    try:
        event = date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return ()
    return deadlines.signalement(event) if text[4:].startswith(CENTURY) else ()
