"""Reads the records of an answer: rejected ones, with the code that the CCSS put in as their second
field, and those that only tell something. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vaguemestre_seculine.naming import ANSWERS
from vaguemestre_seculine.numbers import EMPLOYER, MONTH, insured_is_valid
from vaguemestre_seculine.records import HEADER, Record, read, readable

#: Answers whose records are rejects.
REJECTS = frozenset({"AFFRET", "SALRET", "MALRET", "MATRET", "INTRET", "UTIRET"})
#: Types whose records have employer, insured number and month as fields 2 to 4.
KNOWN = frozenset({"DECSAL", "DECMAL"})
#: Fields of a wage record, whose last one is the employer's own reference.
_WAGES = 20
_CODE = re.compile(r"[0-9]{1,2}")


class Told(NamedTuple):
    """A record of an answer. `code`: why it was rejected, None if it is none; `fields`: the record
    as it was sent, without the code; `line` from 1."""

    code: int | None
    fields: tuple[str, ...]
    line: int

    @property
    def text(self) -> str:
        return ";".join(self.fields)


class Who(NamedTuple):
    """Whom a record is about, as far as it can be told: employer, insured number, month."""

    employer: str = ""
    insured: str = ""
    month: str = ""


class Answer(NamedTuple):
    """A flat answer: the employer and SECUline number of its header, and its records. `code`: the
    header itself was rejected for this."""

    employer: str
    seculine: str
    code: int | None
    records: list[Told]


def answer_of(kind: str, content: bytes) -> Answer:
    """What stands in an answer of the type `kind`. Never raises for bad content."""
    header, code, records = ("", ""), None, []
    for told in _records(content, rejects=kind in REJECTS):
        if told.fields[0] == HEADER and header == ("", ""):
            code = told.code
            numbers = (*told.fields[1:], "", "")
            header = (numbers[0], numbers[1])
        else:
            records.append(told)
    return Answer(*header, code, records)


def _records(content: bytes, *, rejects: bool) -> Iterator[Told]:
    for record in read(readable(content)):
        fields = record.fields
        if len(fields) == 1 and not fields[0].strip():
            continue
        yield _told(record, rejects=rejects)


def _told(record: Record, *, rejects: bool) -> Told:
    fields = record.fields
    # The header has no code, unless it is what was rejected: then it has one field more.
    coded = rejects and len(fields) > 2 and _CODE.fullmatch(fields[1]) is not None
    if coded:
        return Told(int(fields[1]), (fields[0], *fields[2:]), record.line)
    return Told(None, tuple(fields), record.line)


def who(kind: str, told: Told) -> Who:
    """Whom a record is about, in an answer of the type `kind`."""
    fields = told.fields
    if ANSWERS.get(kind) in KNOWN and kind in REJECTS and len(fields) > 3:
        return Who(fields[1], fields[2], fields[3])
    numbers = [f for f in fields if EMPLOYER.fullmatch(f)]
    employer = fields[1] if len(fields) > 1 and EMPLOYER.fullmatch(fields[1]) else ""
    insured = next((n for n in numbers if n != employer and insured_is_valid(n)), "")
    return Who(employer, insured, next((f for f in fields if MONTH.fullmatch(f)), ""))


def reference_of(kind: str, told: Told) -> str:
    """The employer's own reference of a rejected wage record, or ""."""
    return told.fields[_WAGES - 1] if kind == "SALRET" and len(told.fields) == _WAGES else ""
