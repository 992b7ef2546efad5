"""The first autocontrol of DSN files: can it be read, is the envelope right, do the counters agree.

What the norm asks of each rubrique is the next control's business. Personal values are masked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import trio
from vaguemestre.api import Autocontrol, Declaration, Finding, Severity, translator

from vaguemestre_dsn.encoding import check_encoding
from vaguemestre_dsn.envelope import (
    NEEDED,
    ONCE,
    SOMEBODY,
    One,
    blocking,
    check_codes,
    check_declaration,
)
from vaguemestre_dsn.reader import Bad, Rubrique, read
from vaguemestre_dsn.recognition import LOT_BLOCKS

_ = translator("vaguemestre_dsn", __file__)

#: Longest line that the platform reads, without its end.
LONGEST_LINE = 256
#: Findings shown at most; the first places of a repeated one.
MOST_FINDINGS, FIRST_PLACES = 50, 3
#: Below this many bytes, checking is quicker than handing it to a thread.
INLINE_BYTES = 65_536
#: From this block on, values are about persons.
PERSONAL_FROM = "S21.G00.30"
_FORBIDDEN = bytes([*range(0x20), *range(0x7F, 0xA0)])


class EnvelopeControl(Autocontrol):
    name = "dsn-envelope"

    def applies(self, declaration: Declaration) -> bool:
        return declaration.kind == "dsn"

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        del declaration
        if len(payload) < INLINE_BYTES:
            return check(payload)
        return await trio.to_thread.run_sync(check, payload)


def check(payload: bytes) -> list[Finding]:
    """The findings of a file, blocking first, repeated ones grouped. Never raises."""
    wrong_encoding = check_encoding(payload)
    if wrong_encoding is not None:
        return [wrong_encoding]
    survey = Survey()
    findings = list(survey.read(payload))
    findings += survey.conclude()
    return grouped(findings)


class Survey:
    """One pass over the file: what is wrong in its lines, and what its envelope holds."""

    def __init__(self) -> None:
        self.values: dict[str, Rubrique] = {}
        self.declarations: list[One] = []
        self.blocks: Counter[str] = Counter()
        self.rubriques = 0
        self.lot: Rubrique | None = None
        self.last_line = 0
        self._previous = ("", "")

    def read(self, payload: bytes) -> Iterator[Finding]:
        """The findings of the lines."""
        for line in read(payload):
            self.last_line = line.line
            if isinstance(line, Bad):
                yield _unreadable(line)
                continue
            self.rubriques += 1
            self._note(line)
            if bad := _check_value(line):
                yield bad

    def _note(self, line: Rubrique) -> None:
        code = line.code
        block = code[:10]
        before, number = self._previous
        if block != before or code[11:] <= number:
            self.blocks[block] += 1
        self._previous = (block, code[11:])
        if block == "S20.G00.05":
            if code.endswith(".001"):
                self.declarations.append(One())
            if self.declarations:
                self.declarations[-1].values.setdefault(code, line)
        elif code.startswith(("S10.", "S90.")):
            self.values.setdefault(code, line)
        elif block in SOMEBODY and self.declarations:
            self.declarations[-1].somebody = True
        elif block in LOT_BLOCKS:
            self.lot = self.lot or line

    def conclude(self) -> Iterator[Finding]:
        """The findings of the whole."""
        if self.lot is not None:
            yield blocking(
                f"{self.lot.block}/CST-02",
                _(
                    "This is a lot as an organism keeps it, not a file to deposit: drop the file "
                    "that the payroll software produced."
                ),
                self.lot,
            )
            return
        yield from self._check_blocks()
        yield from check_codes(self.values, NEEDED)
        point = self.values.get("S10.G00.00.007")
        for one in self.declarations:
            yield from check_declaration(one, point.text if point else "")
        yield from self._check_nothing()
        yield from self._check_counters()

    def _check_blocks(self) -> Iterator[Finding]:
        for block in ONCE:
            if self.blocks[block] == 0 and block == "S90.G00.90":
                yield blocking(
                    f"{block}/CST-01",
                    _(
                        "The file ends without its footer (S90) after line {line}: it is "
                        "truncated. Produce it again."
                    ).format(line=self.last_line),
                )
            elif self.blocks[block] == 0:
                text = _("The mandatory block {block} is missing.").format(block=block)
                yield blocking(f"{block}/CST-01", text)
            elif self.blocks[block] > 1:
                text = _("The block {block} stands {count} times; it must stand once.").format(
                    block=block, count=self.blocks[block]
                )
                yield blocking(f"{block}/CST-02", text)
        if not self.declarations:
            text = _("The file holds no declaration (S20.G00.05).")
            yield blocking("S20.G00.05/CST-01", text)

    def _check_nothing(self) -> Iterator[Finding]:
        kind = self.values.get("S10.G00.00.008")
        if kind is None or not self.declarations:
            return
        nothing = all(
            d.text("001") == "01" and d.text("002") in ("02", "05") for d in self.declarations
        )
        if nothing != (kind.text == "02"):
            yield blocking(
                "S10.G00.00.008/CCH-11",
                _(
                    "The sending must be marked 02 (néant) if and only if all its declarations "
                    "are monthly ones without employees."
                ),
                kind,
                kind.text,
            )

    def _check_counters(self) -> Iterator[Finding]:
        for code, right, what in (
            ("S90.G00.90.001", self.rubriques, _("rubriques")),
            ("S90.G00.90.002", len(self.declarations), _("declarations")),
        ):
            counter = self.values.get(code)
            if counter is None:
                if self.blocks["S90.G00.90"]:
                    text = _("The mandatory rubrique {rubrique} is missing.").format(rubrique=code)
                    yield blocking(f"{code}/CST-03", text)
                continue
            if not counter.value.isdigit() or int(counter.value) != right:
                yield blocking(
                    f"{code}/CCH-11",
                    _(
                        "The footer counts {value} {what}, the file has {right}: the file was "
                        "changed or cut. Produce it again."
                    ).format(value=counter.text, what=what, right=right),
                    counter,
                    counter.text,
                )


def _unreadable(line: Bad) -> Finding:
    return Finding(
        severity=Severity.BLOCKING,
        code="LINE/CSL-00",
        message=_("A line cannot be read; each must be like S21.G00.30.002,'MARTIN'."),
        line=line.line,
    )


def _check_value(line: Rubrique) -> Finding | None:
    """The first thing that is wrong with the form of a value."""
    value = line.value
    if not value.strip():
        message = _("The value is empty: leave the rubrique out.")
    elif value != value.strip():
        message = _("The value begins or ends with a blank.")
    elif len(value) + len(line.code) + 3 > LONGEST_LINE:
        message = _("The line is longer than {limit} characters.").format(limit=LONGEST_LINE)
    elif value.translate(None, _FORBIDDEN) != value:
        message = _("The value holds a control character, which is forbidden.")
    else:
        return None
    shown = "" if line.block >= PERSONAL_FROM else line.text.strip()[:60]
    return blocking(f"{line.code}/CSL-00", message, line, shown if shown.isprintable() else "")


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Blocking ones first; one that repeats is shown at its first places, with a count."""
    ordered = sorted(findings, key=lambda f: f.severity is not Severity.BLOCKING)
    times = Counter((f.code, f.message) for f in ordered)
    shown: list[Finding] = []
    seen: Counter[tuple[str, str]] = Counter()
    for finding in ordered:
        key = (finding.code, finding.message)
        seen[key] += 1
        if seen[key] > FIRST_PLACES:
            continue
        if seen[key] == FIRST_PLACES and times[key] > FIRST_PLACES:
            more = _(" ({count} times in all)").format(count=times[key])
            finding = msgspec.structs.replace(finding, message=finding.message + more)
        shown.append(finding)
    return shown[:MOST_FINDINGS]
