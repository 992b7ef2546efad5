"""What records about an insured person have in common: employer, insured number, month, amounts.

A value that the CCSS is known to reject blocks; what is merely odd is a warning. Amounts and
insured numbers are never shown.
"""

from __future__ import annotations

import re
from datetime import date

from vaguemestre_seculine.findings import Findings
from vaguemestre_seculine.numbers import (
    EMPLOYER,
    MONTH,
    birth_is_plausible,
    insured_is_valid,
    masked,
)
from vaguemestre_seculine.records import Record
from vaguemestre_seculine.texts import _

#: The first month that can still be declared (SALRET 12).
FIRST_MONTH = "201901"
_WHOLE = re.compile(r"[0-9]+")
_NEGATIVE = re.compile(r"-[0-9]+")
#: Digits of an amount in cents, or of hours, beyond which it is a mistake rather than pay.
_DIGITS = 9


class Fields:
    """The control of the records of one type. `labels`: what each field is called, by number."""

    kind: str
    labels: dict[int, str]

    def __init__(self, findings: Findings, today: date) -> None:
        self.findings = findings
        self.today = today
        self.month = f"{today:%Y%m}"
        self.record_: Record | None = None

    def block(self, number: int, word: str, message: str, value: str = "") -> None:
        """Note what blocks in the field of this number (from 1) of the present record."""
        self._note(number, word, message, value, blocks=True)

    def warn(self, number: int, word: str, message: str, value: str = "") -> None:
        self._note(number, word, message, value, blocks=False)

    def _note(self, number: int, word: str, message: str, value: str, *, blocks: bool) -> None:
        note = self.findings.block if blocks else self.findings.warn
        line = self.record_.line if self.record_ is not None else None
        label = _(self.labels[number]) if number in self.labels else ""
        note(f"{self.kind}.{number}/{word}", message, line, value=value, label=label)

    def employer(self, number: int, value: str) -> None:
        if not EMPLOYER.fullmatch(value):
            text = _("The employer number must have 13 digits: correct it in the payroll software.")
            self.block(number, "employer", text, value)

    def insured(self, number: int, value: str) -> None:
        if not insured_is_valid(value):
            text = _(
                "The insured number is not valid (13 digits, the last two are check digits): the "
                "record would be void. Compare it with the social security card."
            )
            self.block(number, "insured", text, masked(value))
        elif not birth_is_plausible(value, self.today):
            text = _(
                "The insured number does not begin with a plausible date of birth: compare it with "
                "the social security card."
            )
            self.warn(number, "birth", text, masked(value))

    def period(self, number: int, value: str, *, since: str = "") -> bool:
        """Control a month `YYYYMM`; whether it is one."""
        if not MONTH.fullmatch(value) or value < "1900":
            text = _("The month must be written YYYYMM, for example 202603: correct it.")
            self.block(number, "period", text, value)
            return False
        if value > self.month:
            text = _("The month lies in the future: declare it when it is over.")
            self.block(number, "future", text, value)
        elif value < since:
            text = _("Months before 2019 can no longer be declared this way: ask the CCSS.")
            self.block(number, "past", text, value)
        return True

    def number(self, number: int, value: str) -> int | None:
        """Control an amount in cents or hours; its value, None if it is none."""
        if not value:
            text = _("The field is empty, and the CCSS expects a number: write 0 if there is none.")
            self.warn(number, "empty", text)
            return None
        if _NEGATIVE.fullmatch(value):
            text = _("The number is negative: the CCSS may reject it as not numeric. Check it.")
            self.warn(number, "negative", text)
            return None
        if not _WHOLE.fullmatch(value):
            text = _(
                "The field must be a whole number, without comma, point or blank (amounts in "
                "cents): correct it."
            )
            self.block(number, "numeric", text)
            return None
        if len(value.lstrip("0")) > _DIGITS:
            text = _("The number is implausibly large: check it (amounts are in cents).")
            self.warn(number, "large", text)
            return None
        return int(value)

    def superfluous(self, number: int, value: str) -> None:
        """Control a field that the layout leaves empty."""
        if value:
            text = _("The field is to be left empty: check the settings of the payroll software.")
            self.warn(number, "superfluous", text)

    def count(self, least: int, most: int) -> bool:
        """Control the number of fields; whether the others can be looked at."""
        assert self.record_ is not None  # noqa: S101 - set for every record
        fields = self.record_.fields
        if len(fields) > most and not any(fields[most:]):
            text = _("The record ends with superfluous semicolons: it should have {count} fields.")
            self.warn(most + 1, "fields", text.format(count=most))
            return True
        if least <= len(fields) < most:
            text = _("The record has only {there} fields of {count}: the last ones are missing.")
            self.warn(len(fields) + 1, "fields", text.format(there=len(fields), count=most))
            return True
        if len(fields) != most:
            text = _(
                "The record has {there} fields and must have {count}: have the file produced "
                "again, or correct its semicolons."
            )
            self.block(1, "fields", text.format(there=len(fields), count=most))
            return False
        return True
