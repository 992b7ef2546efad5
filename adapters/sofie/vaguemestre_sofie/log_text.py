"""From the bytes of a log to its complete lines. Pure.

Logs are of any encoding: a byte order mark decides, or the setting; otherwise a line that is no
UTF-8 is Windows' own (cp1252). A line counts once its end is written.
"""

from __future__ import annotations

import codecs
import hashlib

import msgspec

#: Bytes at the head of a log by which it is known again after a rotation.
HEAD = 512
#: A line longer than this is cut: no line of a log is, but garbage may be.
LONGEST = 4_000

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Position(msgspec.Struct, frozen=True):
    """How far a log was read: `offset` bytes of the file that begins with the `head_size` bytes
    of digest `head`."""

    offset: int = 0
    head_size: int = 0
    head: str = ""


def digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()


def encoding_of(head: bytes, wanted: str) -> str:
    """The encoding of a log that begins with `head`; "" means: each line by itself."""
    if wanted:
        return codecs.lookup(wanted).name
    return next((name for mark, name in MARKS[1:] if head.startswith(mark)), "")


def complete_lines(data: bytes, encoding: str) -> tuple[list[str], int]:
    """The lines whose end is written, without it, and how many bytes they take."""
    newline = "\n".encode(encoding) if encoding else b"\n"
    if encoding in ("utf-16", "utf-32"):  # with a mark of their own
        newline = "\n".encode(f"{encoding}-le")
    end = _last(data, newline)
    return [_line(raw, encoding) for raw in _split(data[:end], newline)], end


def _last(data: bytes, newline: bytes) -> int:
    """The number of bytes up to the last line end."""
    width, at = len(newline), len(data)
    while (at := data.rfind(newline, 0, at)) >= 0:
        if at % width == 0:
            return at + width
        at += width - 1
    return 0


def _split(data: bytes, newline: bytes) -> list[bytes]:
    width, start, found, at = len(newline), 0, [], 0
    while (at := data.find(newline, at)) >= 0:
        if at % width:
            at += 1
            continue
        found.append(data[start:at])
        start = at = at + width
    return found


def _line(raw: bytes, encoding: str) -> str:
    raw = raw[: LONGEST * 4]
    if encoding:
        text = raw.decode(encoding, "replace")
    else:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
    return text.lstrip("\ufeff").rstrip("\r").replace("\0", "")[:LONGEST]
