"""What the simulated CCSS finds wrong in a SECUline file. Standard library only.

Strict about the frame (sent name, header, line ends) and about what the codes of the rejects name;
the layouts of DECAFF, DECINT and DEMMAT are not published: of these only the frame is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

TYPES = {"DECAFF": "AFFRET", "DECSAL": "SALRET", "DECMAL": "MALRET", "DECINT": "INTRET"}
#: Types that are answered in any case.
OTHERS = {"DEMMAT": "MATRET", "DEMUTI": "UTIRET"}
HEADER = re.compile(rb"0;(\d{13});(\d{6})")

#: Verhoeff: the dihedral group, and the permutations of the places.
_D = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_P = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def refusal(name: str, payload: bytes) -> str:
    """Why SOFiE itself would not send the file ("Nok"), "" if it would."""
    kind = name.removesuffix(".dta")
    if kind not in TYPES | OTHERS or not name.endswith(".dta"):
        return f"Nok: {name} is not the name of a file to send"
    first, ends, _rest = payload.partition(b"\r\n")
    if HEADER.fullmatch(first) is None or not ends:
        return "Nok: header expected"
    return ""


def facts(payload: bytes) -> tuple[str, str]:
    """Employer and SECUline number of the header."""
    match = HEADER.match(payload)
    assert match is not None  # noqa: S101 - refused otherwise
    return match[1].decode(), match[2].decode()


def records(payload: bytes) -> list[str]:
    return [line for line in payload.decode("ascii", "replace").split("\r\n")[1:] if line]


def rejects(
    kind: str, payload: bytes, unaffiliated: frozenset[str], now: datetime
) -> Iterator[tuple[int, str]]:
    """Code and record of what the CCSS rejects."""
    seen: set[tuple[str, ...]] = set()
    for record in records(payload):
        fields = record.split(";")
        code = _code(kind, fields, seen, unaffiliated, now)
        if code:
            yield code, record


def _code(
    kind: str,
    fields: list[str],
    seen: set[tuple[str, ...]],
    unaffiliated: frozenset[str],
    now: datetime,
) -> int:
    if kind == "DECSAL":
        return _salary(fields, seen, unaffiliated, now)
    if kind == "DECMAL" and fields[0] == "1":
        return _illness(fields)
    return 0


def _salary(
    fields: list[str], seen: set[tuple[str, ...]], unaffiliated: frozenset[str], now: datetime
) -> int:
    if len(fields) != 20 or fields[0] != "1":
        return 99
    employer, insured, month = fields[1:4]
    if not re.fullmatch(r"\d{13}", employer):
        return 2
    if not insured_is_valid(insured):
        return 3
    if any(not re.fullmatch(r"\d*", value) for value in fields[4:15]):
        return 4
    if not re.fullmatch(r"\d{4}(0[1-9]|1[0-2])", month):
        return 5
    if month > f"{now:%Y%m}":
        return 9
    if month < "201901":
        return 12
    if int(fields[5] or 0) > 372:
        return 11
    if insured in unaffiliated:
        return 14
    if (employer, insured, month) in seen:
        return 1
    seen.add((employer, insured, month))
    return 0


def _illness(fields: list[str]) -> int:
    if len(fields) != 9:
        return 1
    if not insured_is_valid(fields[2]):
        return 2
    if fields[4] not in ("1", "2", "3", "4", "5"):
        return 7
    return 8 if fields[6] < fields[5] else 0


def insured_is_valid(number: str) -> bool:
    """13 digits: 11, then Luhn over them, then Verhoeff over the same 11."""
    if not re.fullmatch(r"\d{13}", number):
        return False
    body = number[:11]
    return number[11:] == f"{_luhn(body)}{_verhoeff(body)}"


def _luhn(body: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def _verhoeff(body: str) -> int:
    check = 0
    for place, digit in enumerate(reversed(body), start=1):
        check = int(_D[check][int(_P[place % 8][int(digit)])])
    return next(d for d in range(10) if _D[check][d] == "0")
