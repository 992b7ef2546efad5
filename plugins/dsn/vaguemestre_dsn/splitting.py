"""Cuts a file with several declarations into files with one each.

A deposit by API holds exactly one S20.G00.05 block: each gets the sender's header (S10) and a
footer (S90) of its own, recounted. Everything else keeps its bytes and its order.
"""

from __future__ import annotations

from pathlib import PurePath

from vaguemestre.api import DeclarationError, Part
from vaguemestre_dsn.envelope import without_employees
from vaguemestre_dsn.reader import Bad, Rubrique, read
from vaguemestre_dsn.texts import _

#: What each declaration begins with, and what the footer's block is.
FIRST, FOOTER = "S20.G00.05.001", "S90.G00.90"
#: "néant": 02 if and only if all declarations of the sending are without employees.
SENDING = "S10.G00.00.008"


def split(name: str, payload: bytes) -> list[Part]:
    """The parts in order, named `<stem>-1of3<suffix>`; the file itself if it holds one declaration.

    Raises DeclarationError if a line cannot be read, or stands where it belongs to no declaration.
    """
    lines, end = _lines(payload)
    starts = [n for n, line in enumerate(lines) if line.code == FIRST]
    if len(starts) < 2:
        return [Part(name, payload)]
    stray = [line for line in lines[: starts[0]] if not line.code.startswith("S10.")]
    if stray:
        text = _("Line {line} stands before the first declaration, so the file cannot be split.")
        raise DeclarationError(text.format(line=stray[0].line))
    newline = b"\r\n" if payload[: lines[1].offset].endswith(b"\r\n") else b"\n"
    path, parts = PurePath(name), []
    head = lines[: starts[0]]
    for number, (start, stop) in enumerate(
        zip(starts, [*starts[1:], len(lines)], strict=True), start=1
    ):
        until = lines[stop].offset if stop < len(lines) else end
        body = payload[lines[start].offset : until]
        if not body.endswith(b"\n"):
            body += newline
        top = _header(payload, head, lines[starts[0]].offset, lines[start:stop])
        foot = _footer(len(head) + stop - start + 2, newline)
        part = f"{path.stem}-{number}of{len(starts)}{path.suffix}"
        parts.append(Part(part, top + body + foot))
    return parts


def _lines(payload: bytes) -> tuple[list[Rubrique], int]:
    """The rubriques before the footer, and the offset behind them."""
    lines: list[Rubrique] = []
    end = None
    for line in read(payload):
        if isinstance(line, Rubrique) and line.block == FOOTER:
            end = line.offset if end is None else end
        elif isinstance(line, Bad):
            if line.length or end is None:
                text = _("Line {line} cannot be read, so the file cannot be split.")
                raise DeclarationError(text.format(line=line.line))
        elif end is not None:
            text = _("Line {line} stands after the footer, so the file cannot be split.")
            raise DeclarationError(text.format(line=line.line))
        else:
            lines.append(line)
    return lines, len(payload) if end is None else end


def _header(payload: bytes, head: list[Rubrique], end: int, own: list[Rubrique]) -> bytes:
    """The header's bytes; the kind of the sending follows its one declaration."""
    begin = head[0].offset if head else end
    top = payload[begin:end]
    sending = next((line for line in head if line.code == SENDING), None)
    if sending is None:
        return top
    facts = {line.code: line.text for line in own[:3]}
    nothing = without_employees(facts.get(FIRST, ""), facts.get("S20.G00.05.002", ""))
    at = sending.offset - begin + len(SENDING) + 2
    return top[:at] + (b"02" if nothing else b"01") + top[at + len(sending.value) :]


def _footer(rubriques: int, newline: bytes) -> bytes:
    return b"S90.G00.90.001,'%d'%sS90.G00.90.002,'1'%s" % (rubriques, newline, newline)
