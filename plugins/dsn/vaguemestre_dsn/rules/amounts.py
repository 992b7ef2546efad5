"""Values as they are compared: days, numbers, texts, and the functions of the rules on them.

A day is a number YYYYMMDD, so that 99 for an unknown month or day of birth still has an order; a
number is a Decimal; a text its bytes. What cannot be read is None, of which nothing is claimed.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from vaguemestre_dsn.norm.tables import Type

DATE, NUMBER, TEXT = "date", "number", "text"
Comparable = int | Decimal | bytes

#: Types whose nature is text though they are days: of birth (known in part), and months.
BIRTHDAY = "N4DS_DDN"
_MONTH_ONLY = "Date_MMAAAA"


def kind_of(form: Type) -> str:
    if form.nature == "D" or form.name.startswith((BIRTHDAY, _MONTH_ONLY)):
        return DATE
    return NUMBER if form.nature == "N" else TEXT


def day(value: bytes) -> int | None:
    """YYYYMMDD of `JJMMAAAA`, or of the first of `MMAAAA`."""
    if not value.isdigit() or len(value) not in (6, 8):
        return None
    if len(value) == 6:
        value = b"01" + value
    return int(value[4:] + value[2:4] + value[:2])


@lru_cache(4096)
def number(value: bytes) -> Decimal | None:
    try:
        found = Decimal(value.decode("ascii"))
    except (InvalidOperation, UnicodeDecodeError):
        return None
    return found if found.is_finite() else None


def text(value: bytes) -> bytes:
    return value


READERS: dict[str, Callable[[bytes], Comparable | None]] = {DATE: day, NUMBER: number, TEXT: text}


def literal(value: Decimal | date | str) -> tuple[str, Comparable]:
    if isinstance(value, Decimal):
        return NUMBER, value
    if isinstance(value, date):
        return DATE, _as_int(value)
    return TEXT, value.encode("latin-1")


def _as_int(value: date) -> int:
    return value.year * 10000 + value.month * 100 + value.day


def _as_date(value: int) -> date | None:
    try:
        return date(value // 10000, value // 100 % 100, value % 100)
    except ValueError:
        return None


def _shifted(value: int, months: int) -> tuple[int, int]:
    index = value // 10000 * 12 + value // 100 % 100 - 1 + months
    return index // 12, index % 12 + 1


def month_start(value: int) -> int:
    return value // 100 * 100 + 1


def month_end(value: int, months: Decimal = Decimal(0)) -> int | None:
    """The last day of the month, or of the one so many months later."""
    year, month = _shifted(value, int(months))
    if not 1 <= year <= 9999 or value // 100 % 100 > 12:
        return None
    return year * 10000 + month * 100 + monthrange(year, month)[1]


def add_months(value: int, months: Decimal) -> int | None:
    end = month_end(value, months)
    return None if end is None else min(end // 100 * 100 + value % 100, end)


def add_days(value: int, days: Decimal) -> int | None:
    found = _as_date(value)
    try:
        return None if found is None else _as_int(found + timedelta(days=int(days)))
    except OverflowError:
        return None


def year(value: int) -> Decimal:
    return Decimal(value // 10000)


def month(value: int) -> Decimal:
    return Decimal(value // 100 % 100)


def head(value: bytes, length: Decimal) -> bytes:
    return value[: int(length)]


def part(value: bytes, first: Decimal, last: Decimal) -> bytes:
    return value[int(first) - 1 : int(last)]


def join(*values: bytes) -> bytes:
    return b"".join(values)


def add(*values: Decimal) -> Decimal:
    return sum(values, Decimal(0))


def times(one: Decimal, other: Decimal) -> Decimal:
    return one * other


#: What each function takes (the last kind for all that follow), what it gives, and the function.
FUNCTIONS: dict[str, tuple[tuple[str, ...], str, Callable[..., Any]]] = {
    "month_start": ((DATE,), DATE, month_start),
    "month_end": ((DATE, NUMBER), DATE, month_end),
    "add_months": ((DATE, NUMBER), DATE, add_months),
    "add_days": ((DATE, NUMBER), DATE, add_days),
    "year": ((DATE,), NUMBER, year),
    "month": ((DATE,), NUMBER, month),
    "head": ((TEXT, NUMBER), TEXT, head),
    "slice": ((TEXT, NUMBER, NUMBER), TEXT, part),
    "join": ((TEXT,), TEXT, join),
    "add": ((NUMBER,), NUMBER, add),
    "times": ((NUMBER, NUMBER), NUMBER, times),
    "abs": ((NUMBER,), NUMBER, abs),
}
