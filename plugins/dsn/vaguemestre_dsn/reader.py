"""Reads DSN files: one pass over the bytes, positions kept, nothing refused.

A line is `code,'value'`, the value between the first and the last apostrophe (inner ones are not
escaped). Lines end with CR LF or LF; the bytes are ISO 8859-1. What is not a rubrique comes out as
a `Bad` line, so that a control can say where it is. Source: cahier technique, message syntax.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple

#: UTF-8's byte order mark, which no DSN may have.
BOM = b"\xef\xbb\xbf"
#: Bytes of a code (`S21.G00.30.001`), and of what stands around a value (`,''`).
CODE_LENGTH = 14
FRAME_LENGTH = CODE_LENGTH + 3
#: How much of a bad line is kept.
KEPT = 64
_CODE = re.compile(rb"S\d\d\.G\d\d\.\d\d\.\d\d\d")
_FIRST_LINES = 8
_RUBRIQUE = re.compile(rb"(?:^|[\r\n])" + _CODE.pattern + rb",'")

Source = bytes | bytearray | memoryview | BinaryIO


class Rubrique(NamedTuple):
    """A line that is a rubrique. `code` as text, `value` as bytes, `line` from 1, `offset` of the
    line's first byte in the file."""

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
    """A line that is none: its first bytes, and its length without the line's end."""

    content: bytes
    length: int
    line: int
    offset: int


def read(source: Source) -> Iterator[Rubrique | Bad]:
    """Every line of the file in order; a binary file is read on the way, one line at a time.

    A byte order mark before the first line is passed over. Never raises for bad content.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else source
    offset = 0
    for number, raw in enumerate(stream, start=1):
        yield line_of(raw, number, offset)
        offset += len(raw)


def line_of(raw: bytes, number: int, offset: int) -> Rubrique | Bad:
    """What a line is, read with its end. `number` from 1; `offset` of its first byte."""
    if number == 1 and raw.startswith(BOM):
        raw, offset = raw[len(BOM) :], len(BOM)
    # The first two shapes are all that a conformant file has.
    if raw.endswith(b"'\r\n"):
        end = -3
    elif raw.endswith(b"'\n"):
        end = -2
    else:
        end = -1
    code = _code(raw[:CODE_LENGTH])
    if code is None or raw[14:16] != b",'" or len(raw) < 16 - end or raw[end] != _QUOTE:
        content = raw.removesuffix(b"\n").removesuffix(b"\r")
        return Bad(content[:KEPT], len(content), number, offset)
    return _make((code, raw[16:end], number, offset))


_QUOTE = ord("'")
_make = Rubrique._make


@lru_cache(4096)
def _code(head: bytes) -> str | None:
    """The code as text, or None if the bytes are not of its form."""
    return head.decode("ascii") if _CODE.fullmatch(head) else None


def looks_like_dsn(payload: bytes) -> bool:
    """Whether one of the first lines is a rubrique."""
    start = b"\n".join(payload[:4096].removeprefix(BOM).splitlines()[:_FIRST_LINES])
    return _RUBRIQUE.search(start) is not None
