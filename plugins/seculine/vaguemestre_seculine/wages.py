"""The fields of DECSAL, the monthly wages: 20 of them, amounts in cents.

1 type · 2 employer · 3 insured · 4 month · 5 base wage · 6 hours · 7 supplements · 8, 9 overtime
(amount, hours) · 10 gratuities · 11, 12 unemployment (amount, hours) · 13 non-pensionable
supplement · 14, 15 first and last day · 16 `Y` from seven minimum wages on · 17 to 19 empty ·
20 the employer's own reference. What blocks are the reject codes of SALRET.
"""

from __future__ import annotations

import re
from datetime import date

from vaguemestre_seculine.fields import FIRST_MONTH, Fields
from vaguemestre_seculine.findings import Findings
from vaguemestre_seculine.numbers import MONTH, days_of
from vaguemestre_seculine.records import Record
from vaguemestre_seculine.texts import N_, _

#: Fields of a record, and how many of them say anything; and the amounts of pay.
FIELDS, LEAST, PAY = 20, 15, (5, 7, 8, 10)
#: Hours of a month at most (SALRET 11): 31 days of 12 hours.
MOST_HOURS = 372
#: Seven times the lowest minimum wage of any month that can be declared (2,071.10 € in January
#: 2019), in cents.
SEVEN_MINIMUM_WAGES = 7 * 207_110
#: Longest reference of the employer that nobody would wonder at.
_REFERENCE = 30
_DAY = re.compile(r"0[1-9]|[12][0-9]|3[01]")


class Wages(Fields):
    """The control of one DECSAL."""

    kind = "DECSAL"
    labels = {  # noqa: RUF012 - a table
        1: N_("Record type"),
        2: N_("Employer number"),
        3: N_("Insured number"),
        4: N_("Month"),
        5: N_("Base wage"),
        6: N_("Hours"),
        7: N_("Supplements"),
        8: N_("Overtime amount"),
        9: N_("Overtime hours"),
        10: N_("Gratuities"),
        11: N_("Unemployment amount"),
        12: N_("Unemployment hours"),
        13: N_("Non-pensionable supplement"),
        14: N_("First day"),
        15: N_("Last day"),
        16: N_("Seven minimum wages reached"),
        20: N_("Employer's reference"),
    }

    def __init__(self, findings: Findings, today: date) -> None:
        super().__init__(findings, today)
        #: What is declared, by employer: insured number and month as one number, exactly.
        self._declared: dict[str, set[int]] = {}

    def record(self, record: Record) -> None:
        self.record_ = record
        if not self.count(LEAST, FIELDS):
            return
        fields = ["", *record.fields, *[""] * FIELDS][: FIELDS + 1]
        if fields[1] != "1":
            self.block(1, "type", _("The record type of wages must be 1: correct it."), fields[1])
        self.employer(2, fields[2])
        self.insured(3, fields[3])
        is_month = self.period(4, fields[4], since=FIRST_MONTH)
        numbers = {number: self.number(number, fields[number]) for number in range(5, 14)}
        self._hours(numbers)
        self._days(fields[14], fields[15], fields[4] if is_month else "")
        self._flag(fields[16], numbers)
        for number in (17, 18, 19):
            self.superfluous(number, fields[number])
        if len(fields[20]) > _REFERENCE:
            self.warn(20, "long", _("The reference is very long, and may be cut or rejected."))
        if is_month:
            self._once(fields[2], fields[3], fields[4])

    def _hours(self, numbers: dict[int, int | None]) -> None:
        for number in (6, 9, 12):
            hours = numbers[number]
            if hours is None or hours <= MOST_HOURS:
                continue
            text = _("More than 372 hours in a month are not accepted: correct the hours.")
            (self.block if number == 6 else self.warn)(number, "hours", text)
        if numbers[8] == 0 and numbers[9]:
            text = _("Overtime hours are declared without an amount: enter the amount.")
            self.block(8, "overtime", text)
        if numbers[11] == 0 and numbers[12]:
            text = _("Unemployment hours are declared without an amount: enter the amount.")
            self.block(11, "unemployment", text)

    def _days(self, first: str, last: str, month: str) -> None:
        are_days = True
        for number, value in ((14, first), (15, last)):
            if not value:
                self.warn(number, "empty", _("The day is missing: enter it with two digits."))
                are_days = False
            elif not _DAY.fullmatch(value):
                text = _("The day must have two digits, from 01 to 31: correct it.")
                self.block(number, "day", text, value)
                are_days = False
            elif month and int(value) > days_of(month):
                self.warn(number, "day", _("The month does not have this day: check it."), value)
        if are_days and first > last:
            text = _("The first day lies after the last one: correct them.")
            self.block(14, "range", text, first)

    def _flag(self, flag: str, numbers: dict[int, int | None]) -> None:
        if flag not in ("", "Y"):
            text = _("The field must be Y (from seven minimum wages on) or empty: check it.")
            self.warn(16, "flag", text)
        elif flag and sum(numbers[n] or 0 for n in PAY) < SEVEN_MINIMUM_WAGES:
            text = _(
                "Seven minimum wages are marked as reached, but the amounts are lower: the CCSS "
                "may reject the record. Check the mark."
            )
            self.warn(16, "capped", text)

    def _once(self, employer: str, insured: str, month: str) -> None:
        if len(insured) != 13 or not insured.isdecimal() or not MONTH.fullmatch(month):
            return
        declared = self._declared.setdefault(employer, set())
        key = int(insured) * 1_000_000 + int(month)
        if key in declared:
            text = _(
                "The same person is declared twice for this employer and month: keep one record "
                "only."
            )
            self.block(3, "twice", text)
        declared.add(key)
