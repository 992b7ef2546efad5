"""Gathers the findings of a file: repeated ones grouped, personal values left out, not too many.

A finding that repeats is kept once, with its first places and a count, so that a large broken file
costs little memory and its report stays readable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn.reader import Bad, Rubrique
from vaguemestre_dsn.texts import _

#: Findings of a file at most, and the first places shown of one that repeats.
MOST, PLACES = 50, 3
#: Different findings of each severity that are kept before the rest is only counted.
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
    """The findings of one file, as they are found. `label`: what the norm calls a rubrique."""

    def __init__(self, label: Callable[[str], str] | None = None) -> None:
        self.label = label
        self._kept: dict[tuple[Severity, str, str], _Kept] = {}
        self._kinds: Counter[Severity] = Counter()
        self._dropped: Counter[Severity] = Counter()

    def block(
        self,
        code: str,
        message: str,
        at: Place = None,
        severity: Severity = Severity.BLOCKING,
    ) -> None:
        """Note something that blocks the deposit (or, by `severity`, does not).

        `code`: the rubrique or block with its control, or `file/…`. `at`: where it stands; its
        value is shown unless it is confidential. Equal messages under one code are one finding.
        """
        kept = self._kept.get((severity, code, message))
        if kept is None:
            if self._kinds[severity] >= _KINDS:
                self._dropped[severity] += 1
                return
            self._kinds[severity] += 1
            kept = self._kept[severity, code, message] = _Kept(at)
        kept.count += 1
        line = at.line if isinstance(at, Rubrique | Bad) else at
        if line is not None and len(kept.lines) < PLACES and line not in kept.lines:
            kept.lines.append(line)

    def warn(self, code: str, message: str, at: Place = None) -> None:
        """Note something that people should know and that blocks nothing."""
        self.block(code, message, at, Severity.WARNING)

    def result(self) -> list[Finding]:
        """Blocking ones first, otherwise in the order of the file; at most `MOST`."""
        ordered = sorted(
            (self._finding(key, kept) for key, kept in self._kept.items()),
            key=lambda f: (f.severity is not Severity.BLOCKING, f.line or 0, f.code),
        )
        if len(ordered) <= MOST and not self._dropped:
            return ordered
        shown, hidden = ordered[: MOST - 1], Counter(f.severity for f in ordered[MOST - 1 :])
        hidden += self._dropped
        message = _("{count} more findings are not shown: correct these first.")
        blocks = hidden[Severity.BLOCKING] or shown[-1].severity is Severity.BLOCKING
        more = Finding(
            severity=Severity.BLOCKING if blocks else Severity.WARNING,
            code="file/more",
            message=message.format(count=hidden.total()),
        )
        return [*shown, more]

    def _finding(self, key: tuple[Severity, str, str], kept: _Kept) -> Finding:
        severity, code, message = key
        rubrique = _rubrique(code.partition("/")[0], kept.at)
        return Finding(
            severity=severity,
            code=code,
            message=message,
            rubrique=rubrique,
            line=kept.lines[0] if kept.lines else None,
            value=_value(kept.at),
            label=self.label(rubrique) if self.label and rubrique else "",
            lines=tuple(kept.lines),
            count=kept.count,
        )


class _Kept:
    """A finding as it is first met, its first lines, and how often it came."""

    __slots__ = ("at", "count", "lines")

    def __init__(self, at: Place) -> None:
        self.at = at
        self.count = 0
        self.lines: list[int] = []


def _rubrique(place: str, at: Place) -> str:
    if place != "file":
        return place
    return at.code if isinstance(at, Rubrique) else ""


def _value(at: Place) -> str:
    if not isinstance(at, Rubrique) or is_confidential(at.code):
        return ""
    text = at.text[:_LONGEST].strip()
    return text if text.isprintable() else ""
