"""Documents that are no reports: PDF, ZIP, web pages, plain text. Told apart by their bytes.

Nothing in them is trusted. The members of a ZIP are listed by names that are only shown, never
used as paths; those that are reports are read, within limits, and nothing is unpacked to a disk.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

#: Members that are listed, and of how many the bytes are read at most.
MOST_MEMBERS, MOST_READ = 1_000, 100
#: Bytes of a member, and of all members together, that are read; more is not a return.
LARGEST_MEMBER, LARGEST_TOGETHER = 16 << 20, 64 << 20
#: A report in XML shrinks to a twentieth; what shrinks more than this is a bomb.
_MOST_RATIO = 200
_LONGEST_NAME = 200
#: What unpacking raises where an archive is damaged, depending on where that is.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)
_HTML = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Member:
    """A member of a ZIP. `size`: bytes that it says to have; `content`: None if it is not read,
    and `why` then says the reason in a word."""

    name: str
    size: int
    content: bytes | None
    why: str = ""


def kind_of(content: bytes) -> str:
    """`pdf`, `zip`, `html`, `text`, `empty`, or `binary`."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.lower().startswith(_HTML) or b"<html" in start[:1024].lower():
        return "html"
    if not start:
        return "empty" if len(content) <= 4096 else "binary"
    control = sum(byte < 32 and byte not in b"\t\r\n\f\x1a" for byte in content[:4096])
    return "binary" if control else "text"


def members(content: bytes) -> Iterator[Member] | None:
    """The members of a ZIP in their order, None if it is damaged."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        return _members(archive, archive.infolist())
    except _DAMAGED:
        return None


def _members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> Iterator[Member]:
    left, read = LARGEST_TOGETHER, 0
    for info in infos[:MOST_MEMBERS]:
        name = shown(info.filename)
        why = _reason(info, left) or ("limit" if read >= MOST_READ else "")
        if info.filename.endswith("/"):
            continue
        if why:
            yield Member(name, info.file_size, None, why)
            continue
        content = _read(archive, info)
        read += 1
        left -= len(content or b"")
        yield Member(name, info.file_size, content, "" if content is not None else "damaged")


def _reason(info: zipfile.ZipInfo, left: int) -> str:
    if info.flag_bits & 1:
        return "encrypted"
    if info.file_size > min(LARGEST_MEMBER, left):
        return "large"
    return "bomb" if info.file_size > _MOST_RATIO * max(info.compress_size, 1_000) else ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a member, no more of them than it says; None if it is damaged."""
    try:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
    except _DAMAGED:
        return None
    return content if len(content) == info.file_size else None


def shown(name: str) -> str:
    """The name of a member as it may be shown: its last part, without control characters."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "?" for letter in last)[:_LONGEST_NAME]


def text(content: bytes) -> str:
    """A plain text of the platform, which is ISO 8859-1 unless it shows that it is UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
