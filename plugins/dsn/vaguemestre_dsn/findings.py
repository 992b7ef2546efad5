"""Gathers the findings of a file: repeated ones grouped, personal values left out, not too many.

A finding that repeats is kept at its first places and counted, so that a large broken file costs
little memory and its report stays readable.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn.reader import Bad, Rubrique
from vaguemestre_dsn.texts import _

#: Findings of a file at most, and the first places shown of one that repeats.
MOST, PLACES = 50, 3
#: Different findings that are kept before the rest is only counted.
_KINDS = 500
#: Longest value shown.
_LONGEST = 60
#: From here on the norm speaks of persons; before it, the two contacts.
_PERSONS, _FOOTER = "S21.G00.30", "S90"
_CONTACTS = ("S10.G00.02", "S20.G00.07")
#: Numbers of bank accounts that stand before it.
_ACCOUNTS = ("S21.G00.12.003", "S21.G00.20.004")

#: Where a finding is: a line as it was read, or its number, or nowhere in particular.
Place = Rubrique | Bad | int | None


def is_confidential(code: str) -> bool:
    """Whether the values of the rubrique are about a person, or a bank account."""
    return _PERSONS <= code[:10] < _FOOTER or code[:10] in _CONTACTS or code in _ACCOUNTS


class Findings:
    """The findings of one file, as they are found."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._times: Counter[tuple[Severity, str, str]] = Counter()
        self._dropped = 0

    def block(
        self,
        code: str,
        message: str,
        at: Place = None,
        severity: Severity = Severity.BLOCKING,
    ) -> None:
        """Note something that blocks the deposit (or, by `severity`, does not).

        `code`: the rubrique or block with its control, or `file/…`. `at`: where it stands; its
        value is shown unless it is confidential. Equal messages under one code are grouped.
        """
        key = (severity, code, message)
        if key not in self._times and len(self._times) >= _KINDS:
            self._dropped += 1
            return
        self._times[key] += 1
        if self._times[key] > PLACES:
            return
        place, _slash, _control = code.partition("/")
        self._kept.append(
            Finding(
                severity=severity,
                code=code,
                message=message,
                rubrique=_rubrique(place, at),
                line=at.line if isinstance(at, Rubrique | Bad) else at,
                value=_value(at),
            )
        )

    def warn(self, code: str, message: str, at: Place = None) -> None:
        """Note something that people should know and that blocks nothing."""
        self.block(code, message, at, Severity.WARNING)

    def result(self) -> list[Finding]:
        """Blocking ones first, otherwise in the order of the file; at most `MOST`."""
        ordered = sorted(
            self._counted(),
            key=lambda f: (f.severity is not Severity.BLOCKING, f.line or 0, f.code),
        )
        if len(ordered) <= MOST and not self._dropped:
            return ordered
        shown = ordered[: MOST - 1]
        hidden = len(ordered) - len(shown) + self._dropped
        message = _("{count} more findings are not shown: correct these first.")
        more = Finding(
            severity=shown[-1].severity, code="file/more", message=message.format(count=hidden)
        )
        return [*shown, more]

    def _counted(self) -> list[Finding]:
        """The kept findings; the last place shown of a repeated one says how often it came."""
        seen: Counter[tuple[Severity, str, str]] = Counter()
        counted = []
        for finding in self._kept:
            key = (finding.severity, finding.code, finding.message)
            seen[key] += 1
            if seen[key] == PLACES and self._times[key] > PLACES:
                more = _(" ({count} times in all)").format(count=self._times[key])
                counted.append(msgspec.structs.replace(finding, message=finding.message + more))
            else:
                counted.append(finding)
        return counted


def _rubrique(place: str, at: Place) -> str:
    if place != "file":
        return place
    return at.code if isinstance(at, Rubrique) else ""


def _value(at: Place) -> str:
    if not isinstance(at, Rubrique) or is_confidential(at.code):
        return ""
    text = at.text[:_LONGEST].strip()
    return text if text.isprintable() else ""
