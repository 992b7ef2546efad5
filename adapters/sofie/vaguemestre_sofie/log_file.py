"""Reads a log from where it was left, across rotations. Blocking; `log_text.py` knows the bytes.

A log may be renamed and begun anew (`log_audit.log.1`, `log_audit.2026-11-23.log`), or copied away
and cut. It is known again by its first bytes. What cannot be found any more is a gap, and is told:
then nothing that the log does not say is proved.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from vaguemestre_sofie.log_text import HEAD, Position, complete_lines, digest, encoding_of

#: Bytes that are read at most of one file: what was written since an attempt is far less.
MOST = 32 << 20


class Reading(msgspec.Struct, frozen=True):
    """What was written since a position. `rest`: the end of the log that is no line yet."""

    lines: list[str]
    position: Position
    gap: bool = False
    rest: bool = False


def position_at_end(log: Path | None) -> Position:
    """Where the log ends now; its beginning if it does not exist. Raises OSError."""
    if log is None:
        return Position()
    try:
        with log.open("rb") as stream:
            head = stream.read(HEAD)
            offset = stream.seek(0, 2)
    except FileNotFoundError:
        return Position()
    size = min(len(head), offset)
    return Position(offset, size, digest(head[:size]))


def read_since(log: Path | None, since: Position, encoding: str = "") -> Reading:
    """The lines that were completed since `since`. Raises OSError (but a log that does not exist
    has no lines)."""
    if log is None:
        return Reading([], since)
    begun = _continued(log, since)
    if begun:
        return _read(log, since.offset, encoding)
    found = [f for f in _older(log) if _continued(f, since)]
    if not found:
        fresh = _read(log, 0, encoding)
        lost = since.offset > 0
        return msgspec.structs.replace(fresh, gap=lost)
    rotated = found[0]
    first = _read(rotated, since.offset, encoding)
    last = _read(log, 0, encoding)
    between = [f for f in _older(log) if _age(rotated) < _age(f) and f != rotated]
    lines = [line for f in sorted(between, key=_age) for line in _read(f, 0, encoding).lines]
    return Reading(first.lines + lines + last.lines, last.position, rest=last.rest)


def _continued(file: Path, since: Position) -> bool:
    """Whether `file` is the one that `since` was taken of, and has not shrunk."""
    try:
        with file.open("rb") as stream:
            head = stream.read(since.head_size)
            size = stream.seek(0, 2)
    except OSError:
        return since.offset == 0
    return (size >= since.offset and digest(head) == since.head) or since.head_size == 0


def _older(log: Path) -> list[Path]:
    """Files beside the log that may be what it was before, the newest first."""
    try:
        beside = [
            f
            for f in log.parent.iterdir()
            if f != log and f.name.startswith(log.stem) and f.is_file()
        ]
        return sorted(beside, key=_age, reverse=True)
    except OSError:
        return []


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _read(file: Path, offset: int, encoding: str) -> Reading:
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD)
            size = stream.seek(0, 2)
            start = max(offset, size - MOST)
            stream.seek(start)
            data = stream.read(MOST)
    except FileNotFoundError:
        return Reading([], Position())
    lines, taken = complete_lines(data, encoding_of(head, encoding))
    end = start + taken
    known = min(len(head), end)
    position = Position(end, known, digest(head[:known]))
    return Reading(lines, position, gap=start > offset, rest=taken < len(data))
