"""The names of SECUline files: which type they tell, and what else stands in them. Pure.

Matched without regard to case, for received names come in capitals and in small letters.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

#: Types that are sent, and types that are received with the type that each answers ("": none).
SENT = ("DECAFF", "DECSAL", "DECMAL", "DEMMAT", "DECINT", "DEMUTI", "DEMDET", "CARTID")
ANSWERS = {
    "AFFRET": "DECAFF",
    "SALRET": "DECSAL",
    "SALMAN": "DECSAL",
    "MALRET": "DECMAL",
    "MATRET": "DEMMAT",
    "MATASS": "DEMMAT",
    "INTRET": "DECINT",
    "UTIRET": "DEMUTI",
    "MATUTI": "DEMUTI",
    "DETRET": "DEMDET",
    "FAIL": "DEMDET",
    "INFO": "DEMDET",
    "CALCUL": "",
}
#: Types that are no flat file.
NOT_FLAT = frozenset({"DEMDET", "CARTID"})
_FLAT = ("DECAFF", "DECSAL", "DECMAL", "DEMMAT", "DECINT", "DEMUTI")
_ANSWERS = tuple(name for name in ANSWERS if name not in ("FAIL", "INFO", "CALCUL"))

_PLAIN = re.compile(rf"({'|'.join((*_FLAT, *_ANSWERS))})(?![A-Z])", re.IGNORECASE)
_ANSWER = re.compile(r"\.([0-9]{13})_([0-9]{6})_([0-9]+)", re.IGNORECASE)
_CALCUL = re.compile(r"CALCUL(?![A-Z]).*\.XML", re.IGNORECASE | re.DOTALL)
_SECU = re.compile(r"SECU\.", re.IGNORECASE)
_MARK = re.compile(r"\.(FAIL|INFO|DETRET)(?=\.|$)", re.IGNORECASE)
_CARD = re.compile(r"CARTID(?![A-Z])", re.IGNORECASE)
#: The whole form of the two names that SOFiE is given as they are.
DEMDET = re.compile(
    r"SECU\.DEMDET\.([0-9]{8})-([0-9]{8})\.([0-9]{13})([0-9]{6})\.CCSS\.XML", re.IGNORECASE
)
CARTID = re.compile(r"CARTID([0-9]{8})([0-9])\.([0-9]{13})_([0-9]{6})\.JPE?G", re.IGNORECASE)
_STAMP = re.compile(r"(?<![0-9])[0-9]{8}-[0-9]{8}(?![0-9])")


class Named(Struct, frozen=True):
    """What a name tells. `type`: as above, or ""; `received`: it is an answer. `employer`,
    `seculine`, `stamp`: as far as they stand in it."""

    type: str = ""
    received: bool = False
    employer: str = ""
    seculine: str = ""
    stamp: str = ""


def named(name: str) -> Named:
    """What the name of a file tells; nothing if it is of no known form."""
    if _SECU.match(name):
        return _posting(name)
    if _CALCUL.fullmatch(name):
        return Named("CALCUL", received=True)
    if _CARD.match(name):
        whole = CARTID.fullmatch(name)
        facts = (whole[3], whole[4], whole[1] + whole[2]) if whole else ("", "", "")
        return Named("CARTID", False, *facts)
    plain = _PLAIN.match(name)
    if plain is None:
        return Named()
    kind = plain[1].upper()
    answer = _ANSWER.match(name, plain.end())
    facts = (answer[1], answer[2], answer[3]) if answer else ("", "", "")
    # The number of a user company may come back under the name of its request.
    if kind == "DEMUTI" and answer:
        kind = "MATUTI"
    return Named(kind, kind in ANSWERS, *facts)


def _posting(name: str) -> Named:
    stamp = stamp_of(name)
    if mark := _MARK.search(name):
        return Named(mark[1].upper(), received=True, stamp=stamp)
    if not name.upper().startswith("SECU.DEMDET."):
        return Named()
    whole = DEMDET.fullmatch(name)
    return Named("DEMDET", False, *((whole[3], whole[4]) if whole else ("", "")), stamp=stamp)


def stamp_of(name: str) -> str:
    """`YYYYMMDD-HHMMSSCC` in the name of a posting, or ""."""
    match = _STAMP.search(name)
    return match[0] if match else ""


class Fault(StrEnum):
    """What is wrong with a name that SOFiE is given as it is: its form, or the time in it."""

    NONE = ""
    FORM = "form"
    STAMP = "stamp"


def fault(kind: str, name: str) -> Fault:
    """What is wrong with the name of a file of this type, as far as it matters."""
    if kind not in NOT_FLAT:
        return Fault.NONE
    whole = DEMDET.fullmatch(name) if kind == "DEMDET" else CARTID.fullmatch(name)
    if whole is None:
        return Fault.FORM
    hour = whole[2][:6] if kind == "DEMDET" else "000000"
    try:
        datetime.strptime(whole[1] + hour, "%Y%m%d%H%M%S")  # noqa: DTZ007 - only whether it exists
    except ValueError:
        return Fault.STAMP
    return Fault.NONE
