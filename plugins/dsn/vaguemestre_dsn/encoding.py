"""Recognises files that are not in ISO 8859-1, the only encoding that the platform reads.

Any bytes are valid ISO 8859-1, so a wrong encoding shows only by what it would mean: a byte order
mark, letters that are valid UTF-8, or bytes that only windows-1252 uses for letters.
"""

from __future__ import annotations

import re

from vaguemestre.api import Finding, Severity, translator

_ = translator("vaguemestre_dsn", __file__)

_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WINDOWS = re.compile(rb"[\x80-\x9f]")


def check_encoding(payload: bytes) -> Finding | None:
    """A blocking finding if the file is in another encoding."""
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _wrong("UTF-16", 1)
    if payload.startswith(b"\xef\xbb\xbf"):
        return _wrong("UTF-8", 1)
    if payload.isascii():
        return None
    utf_8 = _UTF_8.search(payload)
    if utf_8 and _is_utf_8(payload):
        return _wrong("UTF-8", _line(payload, utf_8.start()))
    windows = _WINDOWS.search(payload)
    if windows:
        return _wrong("windows-1252", _line(payload, windows.start()))
    return None


def _is_utf_8(payload: bytes) -> bool:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(payload: bytes, at: int) -> int:
    return payload.count(b"\n", 0, at) + 1


def _wrong(encoding: str, line: int) -> Finding:
    return Finding(
        severity=Severity.BLOCKING,
        code="FILE/ENCODING",
        message=_(
            "The file is in {encoding}; the platform reads ISO 8859-1 only. Set this encoding in "
            "the payroll software and produce the file again."
        ).format(encoding=encoding),
        line=line,
        value=encoding,
    )
