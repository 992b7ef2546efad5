"""Shows a rejected file to the people who made it: a copy and a report in the outbox's folder of
rejected files, readable by the payroll product as well. The store has both anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from vaguemestre.config import Outbox
from vaguemestre.files import write_durably
from vaguemestre.inbox import safe
from vaguemestre.locale import _
from vaguemestre.model import Finding
from vaguemestre.report import Controlled, page_of, text_of

#: Windows' editors take a text file without this mark for one in the local code page.
MARK = "\ufeff"
#: Bytes of the file's name that are kept: its number, the report's ending and what a durable write
#: adds for a moment must fit into the 255 of a name as well.
NAME_BYTES = 150
#: What is longer behind the last dot is no ending.
ENDING = 12


def write_rejected(
    outbox: Outbox, row: sqlite3.Row, findings: Sequence[Finding], payload: bytes
) -> Path:
    """Write the copy and its report, as text and as a page; the text's path. Blocking; raises
    OSError.

    The same deposit gives the same names: after a crash it is written over.
    """
    outbox.rejected.mkdir(parents=True, exist_ok=True)
    name = f"{row['id']:06d} {_short(row['name'])}"
    write_durably(outbox.rejected / name, payload)
    file = _controlled(row, findings)
    page = page_of([file], datetime.now().astimezone())
    write_durably(outbox.rejected / f"{name}.rapport.html", page.encode())
    target = outbox.rejected / f"{name}.rapport.txt"
    write_durably(target, (MARK + report(row, findings)).replace("\n", "\r\n").encode())
    return target


def _short(name: str) -> str:
    """The name, cut in front of its ending if it is too long."""
    whole = safe(name, len(name))
    stem, dot, ending = whole.rpartition(".")
    tail = dot + ending
    if not stem or len(tail) > ENDING:
        stem, tail = whole, ""
    while len((stem + tail).encode()) > NAME_BYTES:
        stem = stem[:-1]
    return stem + tail


def report(row: sqlite3.Row, findings: Sequence[Finding]) -> str:
    """The report as text."""
    todo = _(
        "What to do: correct this in the payroll software, produce the file again and drop it "
        "in the outbox."
    )
    text = text_of(_controlled(row, findings))
    return "\n".join([_("Report of the autocontrol"), "", *text, "", todo]) + "\n"


def _controlled(row: sqlite3.Row, findings: Sequence[Finding]) -> Controlled:
    return Controlled(
        name=row["name"],
        verdict=_("Result: rejected. Nothing was deposited."),
        depositable=False,
        findings=findings,
        about=[(_("File"), row["name"]), (_("Deposit"), str(row["id"]))],
    )
