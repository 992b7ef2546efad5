"""Cuts a file with several declarations into files with one each.

A deposit by API holds exactly one S20.G00.05 block: each gets the sender's header (S10) and a
footer (S90) of its own, recounted. Everything else keeps its bytes and its order.
"""

from __future__ import annotations

from pathlib import PurePath

from vaguemestre.api import DeclarationError, Part, translator

from vaguemestre_dsn.reader import Bad, Rubrique, read

_ = translator("vaguemestre_dsn", __file__)

HEAD, FOOT = "S10.", "S90."
#: Types of a mensuelle without employees: only they make a sending "néant" (S10.G00.00.008 = 02).
WITHOUT_EMPLOYEES = ("02", "05")


def split(name: str, payload: bytes) -> list[Part]:
    """The parts in order. Raises DeclarationError if the file has lines that cannot be read."""
    head: list[Rubrique] = []
    groups: list[list[Rubrique]] = []
    for line in read(payload):
        if isinstance(line, Bad):
            raise DeclarationError(
                _("Line {line} cannot be read, so the file cannot be split.").format(line=line.line)
            )
        if line.code.startswith(HEAD):
            head.append(line)
        elif line.code == "S20.G00.05.001":
            groups.append([line])
        elif line.code.startswith(FOOT):
            continue
        elif groups:
            groups[-1].append(line)
        else:
            raise DeclarationError(
                _("Line {line} stands before the first declaration.").format(line=line.line)
            )
    end = b"\r\n" if b"\r\n" in payload[:4096] else b"\n"
    path = PurePath(name)
    total = len(groups)
    return [
        Part(f"{path.stem}-{number}-{total}{path.suffix}", _file(head, group, end))
        for number, group in enumerate(groups, start=1)
    ]


def _file(head: list[Rubrique], group: list[Rubrique], end: bytes) -> bytes:
    rows = [(r.code, _kind(r, group)) for r in head] + [(r.code, r.value) for r in group]
    rows += [("S90.G00.90.001", str(len(rows) + 2).encode()), ("S90.G00.90.002", b"1")]
    return b"".join(code.encode() + b",'" + value + b"'" + end for code, value in rows)


def _kind(rubrique: Rubrique, group: list[Rubrique]) -> bytes:
    """The value of a header's rubrique; the kind of the sending follows its declaration."""
    if rubrique.code != "S10.G00.00.008":
        return rubrique.value
    facts = {r.code: r.text for r in group[:3]}
    nothing = (
        facts.get("S20.G00.05.001") == "01" and facts.get("S20.G00.05.002") in WITHOUT_EMPLOYEES
    )
    return b"02" if nothing else b"01"
