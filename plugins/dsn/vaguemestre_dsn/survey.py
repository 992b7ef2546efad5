"""One pass over a DSN file: its envelope is held here, the bodies of its declarations by `engine`.

What can be told from the bytes as a whole is told before the pass.
"""

from __future__ import annotations

from datetime import date

from vaguemestre_dsn.engine.amiss import check_value, tell_bad
from vaguemestre_dsn.engine.body import Body
from vaguemestre_dsn.engine.buffer import Buffer
from vaguemestre_dsn.engine.shapes import shapes
from vaguemestre_dsn.envelope import (
    BLOCK,
    CODES,
    FORMS,
    NORMS,
    ONCE,
    One,
    check_declaration,
    check_present,
    check_values,
)
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.norm.tables import NATURES, Norm, load
from vaguemestre_dsn.reader import Bad, Rubrique
from vaguemestre_dsn.texts import _

FOOTER = "S90.G00.90"
#: Blocks that show that a declaration is about somebody.
SOMEBODY = ("S21.G00.30", "S89.G00.91")
#: Where the file is: header blocks by their order, then the declarations, then the footer.
_STAGES = {"S10.G00.00": 0, "S10.G00.01": 1, "S10.G00.02": 2, BLOCK: 3, FOOTER: 4}
_BODY = 3


class Survey:
    """What is wrong in a file. `is_utf_8`: that was said already."""

    def __init__(self, findings: Findings, today: date, *, is_utf_8: bool) -> None:
        self._findings = findings
        self._today = today
        self._is_utf_8 = is_utf_8
        self._envelope: dict[str, list[dict[str, Rubrique]]] = {block: [] for block in ONCE}
        self._declarations: list[One] = []
        self._body: Body | None = None
        self._norm: Norm | None = None
        self._finished = 0
        self._waiting: list[Rubrique] = []
        self._rubriques = 0
        self._last_line = 0
        self._previous = self._code = ""
        self._stage = 0

    def read(self, buffer: Buffer) -> None:
        """Look at every line."""
        while (line := buffer.next_line()) is not None:
            if isinstance(line, Bad):
                self._last_line = line.line
                tell_bad(self._findings, line, in_footer=self._stage == _STAGES[FOOTER])
            elif self._is_of_body(line):
                buffer.back(line)
                self._read_body(buffer)
            else:
                self._take(line)
        for line in self._waiting:
            self._check_value(line)
        self._finish_body()

    def _is_of_body(self, line: Rubrique) -> bool:
        """Whether the engine reads on from here: inside a declaration of a published nature."""
        if line.block in _STAGES or self._stage != _BODY or not self._declarations:
            return False
        return self._norm is not None and self._declarations[-1]["001"] in NATURES

    def _read_body(self, buffer: Buffer) -> None:
        assert self._norm is not None  # noqa: S101 - see _is_of_body
        if self._body is None:
            self._body = self._begin_body(self._norm)
        self._body.read(buffer)
        self._last_line = buffer.line - 1
        self._previous = ""

    def _begin_body(self, norm: Norm) -> Body:
        one = self._declarations[-1]
        envelope = {block: found[0] for block, found in self._envelope.items() if found}
        envelope[BLOCK] = one.values
        return Body(
            self._findings,
            shapes(norm.version, one["001"]),
            envelope,
            self._today,
            is_utf_8=self._is_utf_8,
        )

    def _finish_body(self) -> None:
        if self._norm is None or self._finished == len(self._declarations):
            return
        self._finished = len(self._declarations)
        if self._body is None:
            if self._declarations[-1]["001"] not in NATURES:
                return
            self._body = self._begin_body(self._norm)
        body, self._body = self._body, None
        body.finish()
        self._rubriques += body.rubriques
        self._declarations[-1].somebody = body.has_somebody

    def _take(self, line: Rubrique) -> None:
        """A line of the envelope, or one that no engine reads."""
        self._last_line = line.line
        self._rubriques += 1
        block = line.block
        if block == FOOTER and block != self._previous:
            self._finish_body()
        self._check_order(line, block)
        self._note(line, block)
        self._previous, self._code = block, line.code
        if line.code == "S10.G00.00.006" and line.text in NORMS:
            self._norm = load(line.text)
            self._findings.label = self._norm.label
            waiting, self._waiting = self._waiting, []
            for one in waiting:
                self._check_value(one)
        if self._norm is None and line.code < "S10.G00.00.006":
            self._waiting.append(line)  # until the norm is known that says what is right
        else:
            self._check_value(line)

    def _check_order(self, line: Rubrique, block: str) -> None:
        """The rubriques of a block of the envelope ascend; one that comes again begins the next."""
        if block == BLOCK:
            here = self._declarations[-1].values if self._declarations else {}
        else:
            here = self._envelope[block][-1] if self._envelope.get(block) else {}
        if block == self._previous and line.code < self._code and line.code not in here and here:
            text = _("{rubrique} stands in the wrong place in its block: produce the file again.")
            self._findings.block(f"{block}/CST-02", text.format(rubrique=line.code), line)

    def _check_value(self, line: Rubrique) -> None:
        if self._norm and line.code not in self._norm.blocks.get(line.block, {line.code: None}):
            text = _("The norm {norm} has no rubrique {rubrique}: update the payroll software.")
            shown = text.format(norm=self._norm.version, rubrique=line.code)
            self._findings.block(f"{line.code}/CST-04", shown, line)
        kind = None
        if line.code not in CODES and line.code not in FORMS:  # which `envelope` looks at
            row = self._norm.blocks.get(line.block, {}).get(line.code) if self._norm else None
            kind = row.type if row else None
        check_value(self._findings, line, kind, is_utf_8=self._is_utf_8)

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
                self._finish_body()
                self._declarations.append(One())
            self._declarations[-1].values[line.code] = line
        elif block in self._envelope:
            found = self._envelope[block]
            if block != self._previous or line.code in found[-1]:
                found.append({})
            found[-1][line.code] = line
        elif block in SOMEBODY and self._declarations:
            self._declarations[-1].somebody = True

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
