"""Makes SECUline files that the autocontrol has nothing against, and answers to them.

For the demo and for tests. Employers and persons are invented; insured numbers pass their checks.
The layouts of DECAFF and DEMMAT are not published: those samples have the right frame only.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from vaguemestre_seculine.naming import ANSWERS
from vaguemestre_seculine.numbers import days_of, insured

EMPLOYER, SECULINE = "1948072337999", "000586"
_END = "\r\n"
_FIRST_BIRTH = date(1962, 3, 1)
#: Days on which people are born; prime to 1000, so that millions of numbers differ.
_BIRTHS = 14_003


def employer(number: int) -> str:
    """The number of an invented employer, from 1."""
    return f"2004{number:04d}99{number % 1000:03d}"


def person(number: int) -> str:
    """The insured number of an invented person, from 1."""
    return insured(_FIRST_BIRTH + timedelta(days=97 * number % _BIRTHS), number % 1000)


def file(
    records: Sequence[str], *, sender: str = EMPLOYER, seculine: str = SECULINE, end: str = _END
) -> bytes:
    """A flat file of these records under its header."""
    return "".join(f"{line}{end}" for line in (f"0;{sender};{seculine}", *records)).encode("ascii")


def wage(
    who: str, *, month: str, employer: str = EMPLOYER, base: int = 420_000, hours: int = 173
) -> str:
    """A wage record: `month` YYYYMM, `base` in cents."""
    last = days_of(month)
    return f"1;{employer};{who};{month};{base};{hours};0;0;0;0;0;0;0;01;{last:02d};;;;;{who[-3:]}"


def decsal(
    *, month: str, employers: Sequence[str] = (EMPLOYER,), employees: int = 3, seed: int = 1
) -> bytes:
    """Wages of a month, `employees` for each employer."""
    chance = random.Random(seed)  # noqa: S311 - invented pay
    records = [
        wage(
            person(seed * 100 + at * employees + number),
            month=month,
            employer=one,
            base=chance.randrange(270_000, 900_000),
        )
        for at, one in enumerate(employers)
        for number in range(employees)
    ]
    return file(records)


def decmal(*, month: str, employer: str = EMPLOYER, employees: int = 2, seed: int = 1) -> bytes:
    """Incapacities of a month; the first one replaces an earlier entry."""
    chance = random.Random(seed)  # noqa: S311 - invented days
    records = [f"2;{employer};{person(seed * 100)};{month};;;;;"]
    for number in range(employees):
        first = chance.randrange(1, 15)
        last = first + chance.randrange(5)
        records.append(
            f"1;{employer};{person(seed * 100 + number)};{month};{chance.randrange(1, 6)};"
            f"{month}{first:02d};{month}{last:02d};{8 * (last - first + 1)};"
        )
    return file(records)


def decaff(*, entry: date, employer: str = EMPLOYER, seed: int = 1) -> bytes:
    """An entry."""
    return file([f"E;{employer};{person(seed * 100)};{entry:%Y%m%d};LU;1234;Ville"])


def rejects(payload: bytes, kind: str, codes: dict[int, int]) -> tuple[str, bytes]:
    """An answer to a flat file, its name and bytes: `kind` SALRET…, `codes` the reason by number of
    the record, from 1."""
    if kind not in ANSWERS:
        raise ValueError(kind)
    header, *records = payload.decode("ascii").splitlines()
    lines = [header]
    for number, code in codes.items():
        first, _semicolon, rest = records[number - 1].partition(";")
        lines.append(f"{first};{code};{rest}")
    _zero, sender, seculine = header.split(";")
    name = f"{kind}.{sender}_{seculine}_26112414284681.DTA"
    return name, "".join(f"{line}{_END}" for line in lines).encode("ascii")
