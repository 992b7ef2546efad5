"""Recognises files that are not in ISO 8859-1, the only encoding that the platform reads.

Any bytes are valid ISO 8859-1, so a wrong encoding shows only by what it would mean: a byte order
mark, or letters that are valid UTF-8 throughout the file; in single values, bytes that only
windows-1252 uses for letters, and pairs that only UTF-8 makes. Also brings UTF-16, of which nothing
else could be read, into a form in which it can be recognised.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from vaguemestre_dsn.reader import BOM

_UTF_16 = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"S\0": "utf-16-le",
    b"\0S": "utf-16-be",
}
_CHUNK = 1 << 20
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
#: Bytes that are letters and signs in windows-1252 and control characters in ISO 8859-1.
WINDOWS = re.compile(rb"[\x80-\x9f]")
#: What a UTF-8 letter looks like in a file that is otherwise ISO 8859-1: a capital with circumflex
#: or tilde before a sign (`Ã©`), which no word has.
GARBLED = re.compile(rb"[\xc2\xc3][\xa0-\xbf]")


def other_encoding(stream: BinaryIO) -> tuple[str, int] | None:
    """The encoding of the whole file if it is not ISO 8859-1, and the first line that shows it."""
    stream.seek(0)
    first = stream.read(_CHUNK)
    if _utf_16(first):
        return "UTF-16", 1
    if first.startswith(BOM):
        return "UTF-8", 1
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, shown = 1, 0
    chunk = first
    while chunk:
        if not shown and (found := _NOT_ASCII.search(chunk)):
            shown = line + chunk.count(b"\n", 0, found.start())
        line += chunk.count(b"\n")
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return None
        chunk = stream.read(_CHUNK)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return ("UTF-8", shown) if shown else None


def readable(payload: bytes) -> bytes:
    """The payload, or its ISO 8859-1 form if it is UTF-16: good to recognise, not to deposit."""
    encoding = _utf_16(payload)
    if encoding is None:
        return payload
    return payload.decode(encoding, "replace").lstrip("\ufeff").encode("latin-1", "replace")


def _utf_16(payload: bytes) -> str | None:
    return _UTF_16.get(payload[:2])
