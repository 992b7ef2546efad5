"""The numbers of Luxembourg's social security: insured persons, and months.

An insured number has 13 digits: 11 that begin with the date of birth, then two check digits over
those 11, Luhn's and Verhoeff's. How an employer number is checked is not published: only its form
is known.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

#: Digits of the number itself, before its check digits.
BODY = 11
EMPLOYER = re.compile(r"[0-9]{13}")
SECULINE = re.compile(r"[0-9]{6}")
MONTH = re.compile(r"([0-9]{4})(0[1-9]|1[0-2])")
_INSURED = re.compile(r"[0-9]{13}")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
#: Nobody who was born before was ever insured; the CCSS' own examples go back to 1893.
_EARLIEST = 1880


@lru_cache(maxsize=65_536)
def insured_is_valid(number: str) -> bool:
    """Whether it has 13 digits and both check digits are right."""
    from stdnum import luhn, verhoeff  # only needed once a file is read

    if not _INSURED.fullmatch(number):
        return False
    body = number[:BODY]
    return number[BODY:] == str(luhn.calc_check_digit(body)) + str(verhoeff.calc_check_digit(body))


def insured(birth: date, order: int) -> str:
    """The number of a person born on `birth`, the `order`th (0 to 999) of that day."""
    from stdnum import luhn, verhoeff

    body = f"{birth:%Y%m%d}{order:03d}"
    return f"{body}{luhn.calc_check_digit(body)}{verhoeff.calc_check_digit(body)}"


def birth_is_plausible(number: str, today: date) -> bool:
    """Whether an insured number begins with a day on which someone insured can be born."""
    born = day(number[:8])
    return born is not None and born.year >= _EARLIEST and born <= today


def day(text: str) -> date | None:
    """The day `YYYYMMDD`, or None if there is no such day."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def days_of(month: str) -> int:
    """How many days the month `YYYYMM` has."""
    year, number = int(month[:4]), int(month[4:])
    if year < 1:
        return 31
    first = date(year, number, 1).toordinal()
    following = date(year + number // 12, number % 12 + 1, 1) if year < 9999 else date.max
    return following.toordinal() - first


def masked(number: str) -> str:
    """The number of a person as it may be shown: nothing but its last three digits."""
    shown = number[-3:] if _INSURED.fullmatch(number) else ""
    return "*" * (min(len(number), 13) - len(shown)) + shown
