"""Reads SECUline flat files: one pass, line by line, positions kept, nothing refused.

Fields are separated by `;`, records end with CR LF. Other ends, a byte order mark, bytes that are
not ASCII come out as they are, so that a control can say where they stand.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

BOM = b"\xef\xbb\xbf"
#: Longest line that is kept; the longest records known have about a hundred bytes.
LONGEST = 16_384
SEPARATOR = ";"
#: First field of the header.
HEADER = "0"
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"0\0": "utf-16-le"}
_UTF_16_BE = b"\0000"
_LOOKS = re.compile(rb"\s*0;[0-9]{4,20};[0-9]{1,12}[;\s]*(?:[\r\n]|$)")
_MONTH = re.compile(r"[0-9]{6}")
_CODE = re.compile(r"[0-9]{1,2}")
_NUMBER = re.compile(r"[0-9]{13}")
#: Fields of the records whose layout is known, by type: also the type of the answer that repeats
#: them with one field more.
FIELDS = {"DECSAL": 20, "DECMAL": 9}
_REPEATED = {"DECSAL": "SALRET", "DECMAL": "MALRET"}
#: Where the type shows, if it does.
_FIRST_RECORDS = 5

Source = bytes | BinaryIO


class Record(NamedTuple):
    """A line. `fields` as text (ISO 8859-1, so that each byte is a character), `line` from 1, `end`
    its bytes of end, b"" at the end of the file; `whole`: it is not cut for its length."""

    fields: list[str]
    line: int
    end: bytes
    whole: bool = True

    @property
    def text(self) -> str:
        return SEPARATOR.join(self.fields)


def read(source: Source) -> Iterator[Record]:
    """Every line in order, blank ones too; a byte order mark before the first is passed over."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    number = 0
    while raw := stream.readline(LONGEST):
        number += 1
        whole = raw.endswith(b"\n") or len(raw) < LONGEST
        tail = raw
        while not tail.endswith(b"\n") and (tail := stream.readline(LONGEST)):
            whole = False
        if number == 1:
            raw = raw.removeprefix(BOM)
        end = b"\r\n" if tail.endswith(b"\r\n") else b"\n" if tail.endswith(b"\n") else b""
        body = raw.rstrip(b"\r\n") if whole else raw
        yield Record(body.decode("latin-1").split(SEPARATOR), number, end, whole)


def readable(payload: bytes) -> bytes:
    """The payload, or its ISO 8859-1 form if it is UTF-16: good to recognise, not to deposit."""
    encoding = utf_16(payload)
    if encoding is None:
        return payload.removeprefix(BOM)
    return payload.decode(encoding, "replace").lstrip("\ufeff").encode("latin-1", "replace")


def utf_16(payload: bytes) -> str | None:
    """The codec, if the file is in UTF-16."""
    return "utf-16-be" if payload.startswith(_UTF_16_BE) else _UTF_16.get(payload[:2])


def looks_like_seculine(payload: bytes) -> bool:
    """Whether readable bytes begin with a header, right or nearly."""
    return _LOOKS.match(payload[:4096]) is not None


def type_by_records(payload: bytes) -> str:
    """The type that the first records of readable bytes show, sent or received; "" if they do not.

    DECAFF begins its records with a letter (inferred); the layouts of others are not published.
    """
    begin = payload[:8192]
    for record in read(begin):
        fields = record.fields
        if record.line > _FIRST_RECORDS:
            break
        if fields[0] in (HEADER, "") or len(fields) < 3:
            continue
        for kind, count in FIELDS.items():
            if len(fields) == count and fields[0] in "12" and _MONTH.fullmatch(fields[3]):
                return kind
            if len(fields) == count + 1 and _CODE.fullmatch(fields[1]):
                return _REPEATED[kind]
        if len(fields[0]) == 1 and fields[0].isalpha() and _NUMBER.fullmatch(fields[1]):
            return "DECAFF"
    return ""
