"""Reads DSN files: one pass over the bytes, positions kept, nothing refused.

A line is `code,'value'`, the value between the first and the last apostrophe (inner ones are not
escaped). Lines end with CR LF or LF; the bytes are ISO 8859-1. What is not a rubrique comes out as
a `Bad` line, so that a control can say where it is. Source: cahier technique, message syntax.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

#: UTF-8's byte order mark, which no DSN may have.
BOM = b"\xef\xbb\xbf"
#: `S21.G00.30.001`: bytes of a code, and where its dots are.
CODE_LENGTH = 14
_DOTS = (3, 7, 10)
_DIGITS = (1, 2, 5, 6, 8, 9, 11, 12, 13)


class Rubrique(NamedTuple):
    """A line that is a rubrique. `code` as text, `value` as bytes, `line` from 1, `offset` of the
    line's first byte."""

    code: str
    value: bytes
    line: int
    offset: int

    @property
    def block(self) -> str:
        return self.code[:10]

    @property
    def text(self) -> str:
        return self.value.decode("latin-1")


class Bad(NamedTuple):
    """A line that is none: its bytes without the line's end."""

    content: bytes
    line: int
    offset: int


def read(payload: bytes) -> Iterator[Rubrique | Bad]:
    """Every line of the file in order. A byte order mark before the first one is passed over."""
    offset = len(BOM) if payload.startswith(BOM) else 0
    codes: dict[bytes, str] = {}
    stream = io.BytesIO(payload)
    stream.seek(offset)
    for number, raw in enumerate(stream, start=1):
        content = raw.rstrip(b"\r\n") if raw.endswith(b"\n") else raw
        head, comma, rest = content.partition(b",'")
        code = codes.get(head)
        if code is None and is_code(head):
            code = codes[head] = head.decode("ascii")
        if code is None or not comma or not rest.endswith(b"'"):
            yield Bad(content, number, offset)
        else:
            yield Rubrique(code, rest[:-1], number, offset)
        offset += len(raw)


def is_code(head: bytes) -> bool:
    """Whether the bytes have the form of a rubrique's code."""
    return (
        len(head) == CODE_LENGTH
        and head[0:1] == b"S"
        and head[4:5] == b"G"
        and all(head[i : i + 1] == b"." for i in _DOTS)
        and all(head[i : i + 1].isdigit() for i in _DIGITS)
    )


def looks_like_dsn(payload: bytes) -> bool:
    """Whether one of the first lines is a rubrique, also when the encoding is a wrong one."""
    start = payload[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\x00", b"")
    lines = start.removeprefix(BOM).splitlines()[:8]
    return any(
        is_code(line[:CODE_LENGTH]) and line[CODE_LENGTH:].startswith(b",'") for line in lines
    )
