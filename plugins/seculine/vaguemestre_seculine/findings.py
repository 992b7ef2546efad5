"""Gathers the findings of a file: repeated ones grouped, and not too many.

A finding that repeats is kept once, with its first places and a count, so that a large broken file
costs little memory and its report stays readable. Values are masked by who notes them.
"""

from __future__ import annotations

from collections import Counter

from vaguemestre.api import Finding, Severity
from vaguemestre_seculine.texts import _

#: Findings of a file at most, and the first places shown of one that repeats.
MOST, PLACES = 50, 3
#: Longest value shown.
_LONGEST = 40


class Findings:
    """The findings of one file, as they are found."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Severity, str, str], _Kept] = {}

    def block(
        self,
        code: str,
        message: str,
        line: int | None = None,
        *,
        value: str = "",
        label: str = "",
        severity: Severity = Severity.BLOCKING,
    ) -> None:
        """Note something that blocks the deposit (or, by `severity`, does not).

        `code`: `DECSAL.5/numeric`, `0.2/employer`, `file/…`. Equal messages under one code are one
        finding.
        """
        kept = self._kept.get((severity, code, message))
        if kept is None:
            shown = value[:_LONGEST] if value.isprintable() and value.isascii() else ""
            kept = self._kept[severity, code, message] = _Kept(shown, label)
        kept.count += 1
        if line is not None and len(kept.lines) < PLACES:
            kept.lines.append(line)

    def warn(
        self, code: str, message: str, line: int | None = None, *, value: str = "", label: str = ""
    ) -> None:
        """Note something that people should know and that blocks nothing."""
        self.block(code, message, line, value=value, label=label, severity=Severity.WARNING)

    def result(self) -> list[Finding]:
        """Blocking ones first, otherwise in the order of the file; at most `MOST`."""
        ordered = sorted(
            (_finding(*key, kept) for key, kept in self._kept.items()),
            key=lambda f: (f.severity is not Severity.BLOCKING, f.line or 0, f.code),
        )
        if len(ordered) <= MOST:
            return ordered
        hidden = Counter(f.severity for f in ordered[MOST - 1 :])
        text = _("{count} more findings are not shown: correct these first.")
        more = Finding(
            severity=Severity.BLOCKING if hidden[Severity.BLOCKING] else Severity.WARNING,
            code="file/more",
            message=text.format(count=hidden.total()),
        )
        return [*ordered[: MOST - 1], more]


class _Kept:
    """A finding as it is first met, its first lines, and how often it came."""

    __slots__ = ("count", "label", "lines", "value")

    def __init__(self, value: str, label: str) -> None:
        self.value, self.label = value, label
        self.count = 0
        self.lines: list[int] = []


def _finding(severity: Severity, code: str, message: str, kept: _Kept) -> Finding:
    place = code.partition("/")[0]
    return Finding(
        severity=severity,
        code=code,
        message=message,
        rubrique="" if place == "file" else place,
        line=kept.lines[0] if kept.lines else None,
        value=kept.value,
        label=kept.label,
        lines=tuple(kept.lines),
        count=kept.count,
    )
