"""Cuts a file with the records of several employers into files with one each.

The header names who sends (support identifier), not who employs: each part has the file's own.
Records keep their bytes, and their order within an employer, so that a deletion stays before the
entry that follows on it.
"""

from __future__ import annotations

import io
from pathlib import PurePath

from vaguemestre.api import DeclarationError, Part
from vaguemestre_seculine.numbers import EMPLOYER
from vaguemestre_seculine.records import BOM, HEADER, SEPARATOR
from vaguemestre_seculine.texts import _

_SEMICOLON = SEPARATOR.encode()


def split(name: str, payload: bytes) -> list[Part]:
    """The parts by employer, in the order of their first records, named `<stem>-1of3<suffix>`; the
    file itself if it holds one employer.

    Raises DeclarationError if a record tells no employer.
    """
    stream = io.BytesIO(payload.removeprefix(BOM))
    head = b""
    found: dict[bytes, tuple[list[bytes], list[int]]] = {}
    for number, raw in enumerate(stream, start=1):
        fields = raw.split(_SEMICOLON, 2)
        if fields[0].strip() == HEADER.encode():
            head = head or raw
            continue
        if not raw.strip():
            continue
        if len(fields) < 3 or not EMPLOYER.fullmatch(fields[1].decode("latin-1")):
            text = _("Line {line} names no employer, so the file cannot be split by employer.")
            raise DeclarationError(text.format(line=number))
        records, lines = found.setdefault(fields[1], ([head], [1]))
        records.append(raw)
        lines.append(number)
    if len(found) < 2:
        return [Part(name, payload)]
    path = PurePath(name)
    end = b"\r\n" if head.endswith(b"\r\n") else b"\n"
    parts = []
    for number, (records, lines) in enumerate(found.values(), start=1):
        if not records[-1].endswith(b"\n"):
            records[-1] += end
        part = f"{path.stem}-{number}of{len(found)}{path.suffix}"
        parts.append(Part(part, b"".join(records), tuple(lines)))
    return parts
