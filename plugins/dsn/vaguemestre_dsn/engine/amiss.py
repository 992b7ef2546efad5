"""Looks at an occurrence of a block line by line, and says what is wrong in it.

This is the slow way, for what a shape's expression did not take; whatever it finds nothing wrong
with is as good as if it had been taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaguemestre_dsn.encoding import GARBLED, WINDOWS
from vaguemestre_dsn.engine.buffer import Buffer
from vaguemestre_dsn.engine.forms import whole
from vaguemestre_dsn.engine.layout import ENVELOPE, FOOTER, ROOT
from vaguemestre_dsn.engine.nodes import Values
from vaguemestre_dsn.engine.shapes import Shape, Shapes
from vaguemestre_dsn.findings import Findings, is_confidential
from vaguemestre_dsn.norm.tables import Type
from vaguemestre_dsn.reader import FRAME_LENGTH, Bad, Rubrique
from vaguemestre_dsn.texts import _

#: Longest line that the norm allows, without its end.
LONGEST_LINE = 256
#: Most permitted codes that a sentence names.
_MOST_CODES = 15
_CONTROL = bytes([*range(0x20), 0x7F])
_OUTSIDE = (*ENVELOPE, ROOT, FOOTER)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What was read: `shape` is None for lines that belong to no block of this nature."""

    shape: Shape | None
    values: Values
    line: int
    lines: tuple[int, ...]
    rubriques: int


class Amiss:
    """Reads what the expressions do not take. `is_utf_8`: that was said already, once."""

    def __init__(self, findings: Findings, shapes: Shapes, *, is_utf_8: bool) -> None:
        self._findings = findings
        self._shapes = shapes
        self._is_utf_8 = is_utf_8

    def occurrence(self, buffer: Buffer) -> Occurrence | None:
        """The next occurrence, or None at a line of the envelope and at the end of the file."""
        line = buffer.next_line()
        if isinstance(line, Bad):
            tell_bad(self._findings, line, in_footer=False)
            return Occurrence(None, (), line.line, (), 0)
        if line is None:
            return None
        if line.block in _OUTSIDE:
            buffer.back(line)
            return None
        shape = self._shapes.by_block.get(line.block)
        if shape is None:
            return self._foreign(line, buffer)
        return self._own(line, shape, buffer)

    def _foreign(self, first: Rubrique, buffer: Buffer) -> Occurrence:
        """Lines of a block that does not belong into this nature."""
        if first.block in self._shapes.norm.blocks:
            text = _("The block {block} is forbidden in a declaration of nature {nature}.")
        else:
            text = _("The norm has no block {block}: update the payroll software.")
        shown = text.format(block=first.block, nature=self._shapes.nature)
        self._findings.block(f"{first.block}/CST-02", shown, first)
        count = 1
        while (line := buffer.next_line()) is not None:
            if isinstance(line, Bad):
                tell_bad(self._findings, line, in_footer=False)
            elif line.block == first.block:
                count += 1
            else:
                buffer.back(line)
                break
        return Occurrence(None, (), first.line, (), count)

    def _own(self, first: Rubrique, shape: Shape, buffer: Buffer) -> Occurrence:
        values: list[bytes | None] = list(shape.none)
        lines: list[int] = []
        number, count = "", 0
        line: Rubrique | Bad | None = first
        while line is not None:
            if isinstance(line, Bad):
                tell_bad(self._findings, line, in_footer=False)
            elif line.block != shape.block:
                buffer.back(line)
                break
            else:
                if line.code[-3:] <= number:
                    buffer.back(line)
                    break
                number, count = line.code[-3:], count + 1
                index = shape.kind.index.get(number)
                if index is None:
                    self._tell_forbidden(line)
                else:
                    check_value(
                        self._findings,
                        line,
                        shape.kind.rubriques[index].type,
                        is_utf_8=self._is_utf_8,
                    )
                    values[index] = line.value
                    lines.append(line.line)
            line = buffer.next_line()
        self._tell_missing(shape, values, first.line)
        return Occurrence(shape, tuple(values), first.line, tuple(lines) or (first.line,), count)

    def _tell_forbidden(self, line: Rubrique) -> None:
        if line.code in self._shapes.norm.blocks.get(line.block, {}):
            text = _("{rubrique} is forbidden in a declaration of nature {nature}: leave it out.")
        else:
            text = _("The norm {norm} has no rubrique {rubrique}: update the payroll software.")
        shown = text.format(
            rubrique=line.code, nature=self._shapes.nature, norm=self._shapes.norm.version
        )
        self._findings.block(f"{line.code}/CST-04", shown, line)

    def _tell_missing(self, shape: Shape, values: list[bytes | None], line: int) -> None:
        for code, value in zip(shape.codes, values, strict=True):
            if value is None and code in shape.kind.mandatory:
                text = _("The mandatory rubrique {rubrique} is missing: fill it in.")
                label = self._shapes.norm.label(code)
                named = f"« {label} » ({code})" if label else code
                self._findings.block(f"{code}/CST-03", text.format(rubrique=named), line)


def tell_bad(findings: Findings, line: Bad, *, in_footer: bool) -> None:
    """Say what is wrong with a line that is no rubrique."""
    if not line.content.strip() and line.length <= LONGEST_LINE:
        if in_footer:
            text = _("There are empty lines after the footer: remove them if you can.")
            findings.warn("file/lines", text, line)
        else:
            findings.block("file/lines", _("The line is empty: remove it."), line)
    elif line.length > LONGEST_LINE:
        text = _("The line is longer than {limit} characters: shorten its value.")
        findings.block("file/lines", text.format(limit=LONGEST_LINE), line)
    else:
        text = _("The line cannot be read; each must be like S21.G00.30.002,'MARTIN'.")
        findings.block("file/lines", text, line)


def check_value(findings: Findings, line: Rubrique, kind: Type | None, *, is_utf_8: bool) -> None:
    """What is wrong with the form of a value. `kind`: None if the norm does not say."""
    value = line.value
    wrong = False
    if not value.strip():
        text = _("The value is empty: fill it in, or leave the rubrique out.")
        findings.block(f"{line.code}/CSL-00", text, line)
        return
    if value.strip() != value:
        text = _("The value begins or ends with a blank: remove it.")
        findings.block(f"{line.code}/CSL-00", text, line)
        wrong = True
    if len(value) + FRAME_LENGTH > LONGEST_LINE:
        text = _("The line is longer than {limit} characters: shorten its value.")
        findings.block(f"{line.code}/CSL-01", text.format(limit=LONGEST_LINE), line)
        wrong = True
    if value.translate(None, _CONTROL) != value:
        text = _("The value holds a control character, which is forbidden: type it again.")
        findings.block(f"{line.code}/CSL-00", text, line)
        wrong = True
    if not is_utf_8:
        wrong = _check_letters(findings, line) or wrong
    if kind is not None and not wrong:
        _check_form(findings, line, kind)


def _check_letters(findings: Findings, line: Rubrique) -> bool:
    if WINDOWS.search(line.value):
        text = _(
            "The value holds a character of windows-1252 (such as a curly apostrophe or the "
            "euro sign), which the platform does not read: type it again in ISO 8859-1."
        )
        findings.block("file/encoding", text, line)
        return True
    if GARBLED.search(line.value):
        text = _("The letters with accents seem to be garbled: correct this value.")
        findings.warn("file/encoding", text, line)
    return False


def _check_form(findings: Findings, line: Rubrique, kind: Type) -> None:
    length = len(line.value)
    if kind.codes:
        if line.text not in kind.codes:
            text = _("{value} is not a permitted code: use one of {permitted}.")
            if is_confidential(line.code):
                text = _("This is not a permitted code: use one of {permitted}.")
            shown = [*kind.codes[:_MOST_CODES], *(["…"] if len(kind.codes) > _MOST_CODES else [])]
            value = line.text[:20] if line.text.isprintable() else "?"
            message = text.format(value=value, permitted=", ".join(shown))
            findings.block(f"{line.code}/CSL-00", message, line)
    elif not kind.least <= length <= kind.most:
        text = _("The value has {length} characters, the norm wants {least} to {most}: correct it.")
        if kind.least == kind.most:
            text = _("The value has {length} characters, the norm wants {least}: correct it.")
        shown_length = text.format(length=length, least=kind.least, most=kind.most)
        findings.block(f"{line.code}/CSL-01", shown_length, line)
    elif not whole(kind).fullmatch(line.value):
        text = _("The value of {rubrique} does not have the form that the norm wants: correct it.")
        findings.block(f"{line.code}/CSL-00", text.format(rubrique=line.code), line)
