"""Recognises files that are not in ISO 8859-1, the only encoding that the platform reads.

Any bytes are valid ISO 8859-1, so a wrong encoding shows only by what it would mean: a byte order
mark, or letters that are valid UTF-8 throughout the file; in single values, bytes that only
windows-1252 uses for letters, and pairs that only UTF-8 makes. Also brings UTF-16, of which nothing
else could be read, into a form in which it can be recognised.
"""

from __future__ import annotations

import codecs
import re

from vaguemestre_dsn.reader import BOM

_UTF_16 = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"S\0": "utf-16-le",
    b"\0S": "utf-16-be",
}
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
#: Bytes that are letters and signs in windows-1252 and control characters in ISO 8859-1.
WINDOWS = re.compile(rb"[\x80-\x9f]")
#: What a UTF-8 letter looks like in a file that is otherwise ISO 8859-1: a capital with circumflex
#: or tilde before a sign (`Ã©`), which no word has.
GARBLED = re.compile(rb"[\xc2\xc3][\xa0-\xbf]")


def other_encoding(payload: bytes) -> tuple[str, int] | None:
    """The encoding of the whole file if it is not ISO 8859-1, and the first line that shows it."""
    if _utf_16(payload):
        return "UTF-16", 1
    if payload.startswith(BOM):
        return "UTF-8", 1
    if payload.isascii() or not _is_utf_8(payload):
        return None
    found = _NOT_ASCII.search(payload)
    return ("UTF-8", payload.count(b"\n", 0, found.start()) + 1) if found else None


def readable(payload: bytes) -> bytes:
    """The payload, or its ISO 8859-1 form if it is UTF-16: good to recognise, not to deposit."""
    encoding = _utf_16(payload)
    if encoding is None:
        return payload
    return payload.decode(encoding, "replace").lstrip("\ufeff").encode("latin-1", "replace")


def _utf_16(payload: bytes) -> str | None:
    return _UTF_16.get(payload[:2])


def _is_utf_8(payload: bytes) -> bool:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
