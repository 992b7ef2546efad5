"""The first autocontrol of DSN files: can it be read, is the envelope right, are the counters.

What the norm asks of each rubrique below the envelope is left to the next control. One pass over
the lines; what can be told from the bytes as a whole is told before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vaguemestre.api import Autocontrol, Declaration, Finding
from vaguemestre_dsn.encoding import GARBLED, WINDOWS, other_encoding
from vaguemestre_dsn.envelope import (
    BLOCK,
    ONCE,
    One,
    check_declaration,
    check_present,
    check_values,
)
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.reader import FRAME_LENGTH, Bad, Rubrique, read
from vaguemestre_dsn.texts import _

#: Longest line that the norm allows, without its end.
LONGEST_LINE = 256
#: Below this many bytes, checking is quicker than handing it to a thread.
INLINE_BYTES = 65_536
FOOTER = "S90.G00.90"
#: Blocks that show that a declaration is about somebody.
SOMEBODY = ("S21.G00.30", "S89.G00.91")
#: A block that only an organism's lot has: S05, S06, S95 or S96.
_LOT = re.compile(rb"^(S(?:05|06|95|96)\.G51\.00)\.\d\d\d,'", re.MULTILINE)
#: Where the file is: header blocks by their order, then the declarations, then the footer.
_STAGES = {"S10.G00.00": 0, "S10.G00.01": 1, "S10.G00.02": 2, BLOCK: 3, FOOTER: 4}
_BODY = 3
_WATCHED = frozenset({*_STAGES, *SOMEBODY})
_CONTROL = bytes([*range(0x20), 0x7F])
#: Bytes that need no second look: printable ones but those that UTF-8 letters begin with, and line
#: ends.
_PLAIN = bytes({*range(0x20, 0x7F), *range(0xA0, 0x100), 0x0A, 0x0D} - {0xC2, 0xC3})
#: What a value without blanks around it never makes.
_BLANKS = (b",''", b",' ", b" '\r", b" '\n")


class EnvelopeControl(Autocontrol):
    name = "dsn-envelope"

    def applies(self, declaration: Declaration) -> bool:
        return declaration.kind == "dsn"

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        del declaration
        if len(payload) < INLINE_BYTES:
            return check(payload)
        import trio  # not needed to register, and slow to import

        return await trio.to_thread.run_sync(check, payload)


def check(payload: bytes) -> list[Finding]:
    """The findings of a file, blocking first, repeated ones grouped. Never raises."""
    findings = Findings()
    if not payload.strip():
        findings.block("file/empty", _("The file is empty: produce it again and drop it again."))
        return findings.result()
    other = other_encoding(payload)
    if other is not None:
        _wrong_encoding(findings, *other)
        if other[0] == "UTF-16":
            return findings.result()
    if b"\n" not in payload and b"\r" in payload:
        text = _("The lines end with CR alone: produce the file with CR LF or LF.")
        findings.block("file/lines", text)
        return findings.result()
    if lot := _LOT.search(payload):
        line = payload.count(b"\n", 0, lot.start()) + 1
        text = _(
            "This is a lot as an organism keeps it, not a file to deposit: drop the file that the "
            "payroll software produced."
        )
        findings.block(f"{lot[1].decode()}/CST-02", text, line)
        return findings.result()
    survey = Survey(findings, suspect=_is_suspect(payload), is_utf_8=other is not None)
    survey.read(payload)
    survey.conclude()
    return findings.result()


def _wrong_encoding(findings: Findings, encoding: str, line: int) -> None:
    text = _(
        "The file is in {encoding}; the platform reads ISO 8859-1 only. Set this encoding in the "
        "payroll software and produce the file again."
    )
    findings.block("file/encoding", text.format(encoding=encoding), line)


def _is_suspect(payload: bytes) -> bool:
    """Whether any value may have a wrong form; if not, no value needs to be looked at."""
    return (
        bool(payload.translate(None, _PLAIN))
        or any(mark in payload for mark in _BLANKS)
        or payload.count(b"\r") != payload.count(b"\r\n")
    )


class Survey:
    """One pass over the file: what is wrong in its lines, and what its envelope holds."""

    def __init__(self, findings: Findings, *, suspect: bool, is_utf_8: bool) -> None:
        self._findings = findings
        self._suspect = suspect
        self._is_utf_8 = is_utf_8
        self._envelope: dict[str, list[dict[str, Rubrique]]] = {block: [] for block in ONCE}
        self._declarations: list[One] = []
        self._rubriques = 0
        self._last_line = 0
        self._previous = ""
        self._stage = 0

    def read(self, payload: bytes) -> None:
        """Look at every line."""
        suspect, longest = self._suspect, LONGEST_LINE - FRAME_LENGTH
        line: Rubrique | Bad | None = None
        for line in read(payload):
            if isinstance(line, Bad):
                self._note_bad(line)
                continue
            self._rubriques += 1
            block = line.code[:10]
            if block in _WATCHED or self._stage != _BODY:
                self._note(line, block)
            self._previous = block
            if suspect or len(line.value) > longest:
                self._check_value(line)
        self._last_line = line.line if line else 0

    def _note_bad(self, line: Bad) -> None:
        if not line.content.strip() and line.length <= LONGEST_LINE:
            if self._stage == _STAGES[FOOTER]:
                text = _("There are empty lines after the footer: remove them if you can.")
                self._findings.warn("file/lines", text, line)
            else:
                self._findings.block("file/lines", _("The line is empty: remove it."), line)
        elif line.length > LONGEST_LINE:
            text = _("The line is longer than {limit} characters: shorten its value.")
            self._findings.block("file/lines", text.format(limit=LONGEST_LINE), line)
        else:
            text = _("The line cannot be read; each must be like S21.G00.30.002,'MARTIN'.")
            self._findings.block("file/lines", text, line)

    def _note(self, line: Rubrique, block: str) -> None:
        """Keep what the rules of the envelope need."""
        stage = _STAGES.get(block, _BODY)
        if stage < self._stage or (stage == _BODY and block != BLOCK and not self._declarations):
            if block != self._previous:
                text = _("The block {block} stands in the wrong place: produce the file again.")
                self._findings.block(f"{block}/CST-02", text.format(block=block), line)
        else:
            self._stage = stage
        if block == BLOCK:
            if block != self._previous or line.code in self._declarations[-1].values:
                self._declarations.append(One())
            self._declarations[-1].values[line.code] = line
        elif block in self._envelope:
            found = self._envelope[block]
            if block != self._previous or line.code in found[-1]:
                found.append({})
            found[-1][line.code] = line
        elif block in SOMEBODY and self._declarations:
            self._declarations[-1].somebody = True

    def _check_value(self, line: Rubrique) -> None:
        """What is wrong with the form of a value, whatever its rubrique."""
        value, findings = line.value, self._findings
        if not value.strip():
            text = _("The value is empty: fill it in, or leave the rubrique out.")
            findings.block(f"{line.code}/CSL-00", text, line)
        elif value.strip() != value:
            text = _("The value begins or ends with a blank: remove it.")
            findings.block(f"{line.code}/CSL-00", text, line)
        if len(value) + FRAME_LENGTH > LONGEST_LINE:
            text = _("The line is longer than {limit} characters: shorten its value.")
            findings.block(f"{line.code}/CSL-01", text.format(limit=LONGEST_LINE), line)
        if value.translate(None, _CONTROL) != value:
            text = _("The value holds a control character, which is forbidden: type it again.")
            findings.block(f"{line.code}/CSL-00", text, line)
        if self._is_utf_8:
            return
        if WINDOWS.search(value):
            text = _(
                "The value holds a character of windows-1252 (such as a curly apostrophe or the "
                "euro sign), which the platform does not read: type it again in ISO 8859-1."
            )
            findings.block("file/encoding", text, line)
        elif GARBLED.search(value):
            text = _("The letters with accents seem to be garbled: correct this value.")
            findings.warn("file/encoding", text, line)

    def conclude(self) -> None:
        """The rules of the whole."""
        for block in ONCE:
            self._check_once(block)
        if not self._declarations:
            text = _("The file holds no declaration (S20.G00.05): produce it again.")
            self._findings.block(f"{BLOCK}/CST-01", text)
        point = self._value("S10.G00.00.007")
        for one in self._declarations:
            check_declaration(self._findings, one, point.text if point else "")
        self._check_sending()
        self._check_counters()

    def _check_once(self, block: str) -> None:
        found = self._envelope[block]
        if len(found) > 1:
            text = _(
                "The block {block} stands {count} times and must stand once: produce the file "
                "again."
            )
            again = next(iter(found[1].values()))
            shown = text.format(block=block, count=len(found))
            self._findings.block(f"{block}/CST-02", shown, again)
        if found:
            check_present(self._findings, found[0], block, ONCE[block])
            check_values(self._findings, found[0])
            return
        text = _("The mandatory block {block} is missing: produce the file again.")
        if block == FOOTER:
            text = _(
                "The file ends after line {line} without its footer ({block}): it is truncated. "
                "Produce it again."
            )
        shown = text.format(block=block, line=self._last_line)
        self._findings.block(f"{block}/CST-01", shown)

    def _value(self, code: str) -> Rubrique | None:
        found = self._envelope[code[:10]]
        return found[0].get(code) if found else None

    def _check_sending(self) -> None:
        """S10.G00.00.008 says néant if and only if all declarations are."""
        kind = self._value("S10.G00.00.008")
        if kind is None or not self._declarations:
            return
        nothing = all(one.is_empty for one in self._declarations)
        if nothing != (kind.text == "02"):
            text = _(
                "The sending must be marked 02 (néant) if and only if all its declarations are "
                "monthly ones without employees."
            )
            self._findings.block("S10.G00.00.008/CCH-11", text, kind)

    def _check_counters(self) -> None:
        rubriques = _(
            "The footer counts {value} rubriques, the file has {right}: it was changed or cut. "
            "Produce it again."
        )
        declarations = _(
            "The footer counts {value} declarations, the file has {right}: it was changed or cut. "
            "Produce it again."
        )
        for code, right, text in (
            ("S90.G00.90.001", self._rubriques, rubriques),
            ("S90.G00.90.002", len(self._declarations), declarations),
        ):
            counter = self._value(code)
            # Compared as text: leading zeros are allowed, and a hostile number costs nothing.
            if counter is None or counter.value.lstrip(b"0") == str(right).encode():
                continue
            shown = text.format(value=counter.text[:12], right=right)
            self._findings.block(f"{code}/CST-11", shown, counter)
