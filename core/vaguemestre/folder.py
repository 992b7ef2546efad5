"""An outbox folder as the file system sees it: list it, read from it, move out of it.

Blocking functions without state, called in threads. They follow no links, never overwrite, and
treat whatever changes under their hands as not yet ready.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from vaguemestre.files import sync_folder
from vaguemestre.store.documents import Packed, pack

#: Names that programs give to what they have not finished.
UNFINISHED = (".part", ".tmp", ".temp", ".crdownload", ".filepart", "~")
#: The folder, inside the one of taken files, for those that had been taken before.
DUPLICATES = "Doublons"
#: Most bytes of a file name that any common file system takes.
NAME_BYTES = 255


class Stamp(Struct, frozen=True):
    """What shows that a file did not change."""

    size: int
    mtime_ns: int
    inode: int


class Entry(Struct, frozen=True):
    """A file in the outbox, by its name as the system gives it."""

    name: str
    stamp: Stamp


class Odd(Struct, frozen=True):
    """Something in the outbox that is not taken, and why: `link` or `special`."""

    name: str
    kind: str


def listing(folder: Path) -> tuple[list[Entry], list[Odd]]:
    """The files in the folder by name, and what is odd there. Raises OSError."""
    entries, odd = [], []
    with os.scandir(folder) as found:
        for item in found:
            if item.name.startswith(".") or item.name.lower().endswith(UNFINISHED):
                continue
            try:
                status = item.stat(follow_symlinks=False)
            except OSError:
                continue  # gone since it was listed
            if stat.S_ISREG(status.st_mode):
                entries.append(Entry(item.name, stamp_of(status)))
            elif stat.S_ISLNK(status.st_mode):
                odd.append(Odd(item.name, "link"))
            elif not stat.S_ISDIR(status.st_mode):
                odd.append(Odd(item.name, "special"))
    return sorted(entries, key=lambda e: (e.stamp.mtime_ns, e.name)), odd


def stamp_of(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def read(folder: Path, entry: Entry) -> Packed | None:
    """The bytes of a file that is still what was listed, ready for the store; None if it is not.

    Raises OSError if it cannot be read at all.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(folder / entry.name, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:  # replaced by a link
            return None
        raise
    with os.fdopen(handle, "rb") as stream:
        if stamp_of(os.fstat(stream.fileno())) != entry.stamp:
            return None
        content = stream.read()
        if stamp_of(os.fstat(stream.fileno())) != entry.stamp or len(content) != entry.stamp.size:
            return None
    return pack(content)


def holds(path: Path, sha256: str) -> Stamp | None:
    """The stamp of the file at `path` if it has just these bytes, else None. Raises OSError."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return None
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    return stamp_of(status) if found == sha256 else None


def move(source: Path, target: Path, stamp: Stamp) -> bool:
    """Move the source if it is still what was read; whether it was. Raises OSError.

    The folders are not synced: see `sync`.
    """
    try:
        if stamp_of(source.lstat()) != stamp:
            return False
        source.rename(target)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _carry_over(source, target)
    return True


def _carry_over(source: Path, target: Path) -> None:
    """Move to another file system: copy durably, then remove the source."""
    beside = target.with_name(f".{target.name[:200]}.part")
    with source.open("rb") as original, beside.open("wb") as copy:
        shutil.copyfileobj(original, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    beside.rename(target)
    sync_folder(target.parent)
    source.unlink()


def sync(folders: Iterable[Path]) -> None:
    """Make the moves out of and into the folders durable."""
    for folder in set(folders):
        sync_folder(folder)


def free_name(folder: Path, name: str, planned: set[Path]) -> Path:
    """A path in `folder` for `name` where nothing is, nor is planned to be."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - names may have any bytes
    number = 1
    while True:
        tail = ending if number == 1 else f" ({number}){ending}"
        room = NAME_BYTES - len(os.fsencode(tail))
        path = folder / (os.fsdecode(os.fsencode(stem)[:room]) + tail)
        if path not in planned and not os.path.lexists(path):
            return path
        number += 1


def printable(path: str | Path) -> str:
    """A path for people and for the store: bytes that are no text are shown as escapes."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
