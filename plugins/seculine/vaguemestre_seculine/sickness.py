"""The fields of DECMAL, periods of incapacity for work: 9 of them.

1 type (1 enter, 2 delete) · 2 employer · 3 insured · 4 month · 5 kind, 1 to 5 · 6, 7 first and last
day · 8 hours · 9 note. A correction deletes the month of a person first, then enters it anew. What
blocks are the reject codes of MALRET.
"""

from __future__ import annotations

from datetime import date

from vaguemestre_seculine.fields import Fields
from vaguemestre_seculine.findings import Findings
from vaguemestre_seculine.numbers import day
from vaguemestre_seculine.records import Record
from vaguemestre_seculine.texts import N_, _

FIELDS, LEAST = 9, 8
ENTER, DELETE = "1", "2"
KINDS = "12345"
#: Hours of a day at most (MALRET 14), and years that a period may reach back (MALRET 15).
MOST_HOURS, MOST_YEARS = 12, 3
#: Longest note that nobody would wonder at.
_NOTE = 200


class Sickness(Fields):
    """The control of one DECMAL."""

    kind = "DECMAL"
    labels = {  # noqa: RUF012 - a table
        1: N_("Record type"),
        2: N_("Employer number"),
        3: N_("Insured number"),
        4: N_("Month"),
        5: N_("Kind of incapacity"),
        6: N_("First day of incapacity"),
        7: N_("Last day of incapacity"),
        8: N_("Hours"),
        9: N_("Note"),
    }

    def __init__(self, findings: Findings, today: date) -> None:
        super().__init__(findings, today)
        self._entered: set[tuple[str, ...]] = set()
        self._records: set[int] = set()

    def record(self, record: Record) -> None:
        self.record_ = record
        if not self.count(LEAST, FIELDS):
            return
        fields = ["", *record.fields, *[""] * FIELDS][: FIELDS + 1]
        kind, person = fields[1], (fields[2], fields[3], fields[4])
        self.employer(2, fields[2])
        self.insured(3, fields[3])
        is_month = self.period(4, fields[4])
        if kind == DELETE:
            self._deletion(fields, person)
            return
        if kind != ENTER:
            text = _("The record type must be 1 (enter) or 2 (delete): correct it.")
            self.block(1, "type", text, kind)
            return
        self._entered.add(person)
        self._entry(fields, fields[4] if is_month else "")
        same = hash(record.text)
        if same in self._records:
            self.warn(1, "twice", _("The same record comes twice: keep one of them."))
        self._records.add(same)

    def _deletion(self, fields: list[str], person: tuple[str, ...]) -> None:
        if person in self._entered:
            text = _(
                "The month of this person is deleted after it was entered in the same file: put "
                "the deletion before the entry."
            )
            self.block(1, "deleted", text)
        for number in range(5, 10):
            self.superfluous(number, fields[number])

    def _entry(self, fields: list[str], month: str) -> None:
        if len(fields[5]) != 1 or fields[5] not in KINDS:
            text = _("The kind of incapacity must be a digit from 1 to 5: correct it.")
            self.block(5, "kind", text, fields[5])
        first, last = self._day(6, fields[6]), self._day(7, fields[7])
        hours = self.number(8, fields[8])
        if len(fields[9]) > _NOTE:
            self.warn(9, "long", _("The note is very long, and may be cut or rejected."))
        if first is None or last is None:
            return
        if last < first:
            self.block(7, "range", _("The last day lies before the first one: correct them."))
            return
        if hours is not None and hours > MOST_HOURS * ((last - first).days + 1):
            text = _("The hours are more than 12 a day of the period: check them.")
            self.warn(8, "hours", text)
        self._when(first, last, month)

    def _when(self, first: date, last: date, month: str) -> None:
        if last > self.today:
            self.warn(7, "future", _("The last day lies in the future: check it."))
        if first.year < self.today.year - MOST_YEARS:
            text = _("The period began more than three years ago: the CCSS may reject it.")
            self.warn(6, "past", text)
        if not month:
            return
        if not f"{first:%Y%m}" <= month <= f"{last:%Y%m}":
            text = _("The days do not lie in the declared month: correct the month or the days.")
            self.block(4, "days", text)
        elif f"{first:%Y%m}" != f"{last:%Y%m}":
            text = _(
                "The days go beyond the declared month: the CCSS may ask for one record a month."
            )
            self.warn(4, "days", text)

    def _day(self, number: int, value: str) -> date | None:
        found = day(value)
        if found is None:
            text = _("The day must be a date written YYYYMMDD, for example 20260315: correct it.")
            self.block(number, "day", text)
        return found
