"""An outbox folder as the file system sees it: list it, read from it, move out of it.

Blocking functions without state, called in threads. They follow no links, never overwrite, and
treat whatever changes under their hands as not yet ready.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from io import BufferedReader
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
#: What is longer behind the last dot is no ending.
ENDING_BYTES = 40
#: How a file system says that its folders cannot be synced (network shares).
NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})


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


def _open(path: Path) -> BufferedReader | None:
    """The file to read from; None if there is none by now, or something else. Raises OSError."""
    # Without O_NONBLOCK, a pipe put in the file's place would keep us waiting for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # replaced by a link, by a socket
            return None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb")


def read(folder: Path, entry: Entry) -> Packed | None:
    """The bytes of a file that is still what was listed, ready for the store; None if it is not.

    Raises OSError if it cannot be read at all.
    """
    stream = _open(folder / entry.name)
    if stream is None:
        return None
    with stream:
        if stamp_of(os.fstat(stream.fileno())) != entry.stamp:
            return None
        content = stream.read()
        if stamp_of(os.fstat(stream.fileno())) != entry.stamp or len(content) != entry.stamp.size:
            return None
    return pack(content)


def holds(path: Path, sha256: str) -> Stamp | None:
    """The stamp of the file at `path` if it has just these bytes, else None. Raises OSError."""
    stream = _open(path)
    if stream is None:
        return None
    with stream:
        stamp = stamp_of(os.fstat(stream.fileno()))
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return stamp if found == sha256 else None


def move(source: Path, target: Path, stamp: Stamp) -> bool:
    """Move the source if it is still what was read; whether it was. Raises OSError.

    Nothing is at `target`. The folders are not synced: see `sync`.
    """
    if stamp_at(source) != stamp:
        return False
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return _carry_over(source, target, stamp)
    # Another file may have been put there since the look at it. Its bytes were not read: it goes
    # back. The inode is not asked: some network file systems give another one after a rename.
    moved = target.lstat()
    if (moved.st_size, moved.st_mtime_ns) != (stamp.size, stamp.mtime_ns):
        target.rename(free_name(source.parent, source.name))
        return False
    return True


def stamp_at(path: Path) -> Stamp | None:
    """The stamp of what is at `path`, None if nothing is. Raises OSError."""
    try:
        return stamp_of(path.lstat())
    except FileNotFoundError:
        return None


def _carry_over(source: Path, target: Path, stamp: Stamp) -> bool:
    """Move to another file system: copy durably, then remove the source if it did not change."""
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    original = _open(source)
    if original is None:
        return False
    try:
        with original, beside.open("xb") as copy:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        if stamp_at(source) != stamp:
            beside.unlink()
            return False
        beside.rename(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    remove_copied(source, target, stamp)
    return True


def remove_copied(source: Path, target: Path, stamp: Stamp) -> None:
    """Remove a source, if it did not change, whose copy stands at `target`. Raises OSError."""
    sync([target.parent])
    if stamp_at(source) == stamp:
        source.unlink(missing_ok=True)


def same_volume(one: Path, other: Path) -> bool:
    """Whether a rename leads from one to the other. Raises OSError."""
    return one.lstat().st_dev == other.lstat().st_dev


def sync(folders: Iterable[Path]) -> None:
    """Make the moves out of and into the folders durable. Raises OSError."""
    for folder in set(folders):
        try:
            sync_folder(folder)
        except OSError as error:
            if error.errno not in NO_SYNC:
                raise


def numbered(name: str) -> Iterator[str]:
    """`name`, then `name (2)`, `name (3)`… with its ending kept, never too long."""
    yield name
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - names may have any bytes
    if len(os.fsencode(ending)) > ENDING_BYTES:
        stem, ending = name, ""
    for number in itertools.count(2):
        tail = f" ({number}){ending}"
        while len(os.fsencode(stem + tail)) > NAME_BYTES:
            stem = stem[:-1]
        yield stem + tail


def free_name(folder: Path, name: str) -> Path:
    """A path in `folder` for `name` where nothing is."""
    return next(p for n in numbered(name) if not os.path.lexists(p := folder / n))


def printable(path: str | Path) -> str:
    """A path for people and for the store: bytes that are no text are shown as escapes."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
