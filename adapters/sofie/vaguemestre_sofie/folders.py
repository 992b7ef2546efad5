"""The folders of SOFiE: what lies in them, and how files get in and out of them. Blocking.

Nothing is ever overwritten. A file appears in the outgoing folder whole, by a rename; what is taken
away is first renamed out of SOFiE's sight, and then looked at.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

from vaguemestre.api import write_durably
from vaguemestre_sofie.judging import Clear

#: Errors of a file system that knows no links, or of a folder on another one.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EMLINK}


def names(folder: Path) -> frozenset[str]:
    """The names of the files in `folder`. Raises OSError."""
    with os.scandir(folder) as entries:
        return frozenset(e.name for e in entries if e.is_file())


def clear_state(outgoing: Path, name: str, sha256: str) -> Clear:
    """What lies in the outgoing folder under `name`. Raises OSError."""
    try:
        content = (outgoing / name).read_bytes()
    except FileNotFoundError:
        return Clear.GONE
    return Clear.OURS if hashlib.sha256(content).hexdigest() == sha256 else Clear.OTHER


def take_back(outgoing: Path, name: str, sha256: str, spare: Path) -> None:
    """Take our file out of the outgoing folder, to `spare`, if it is there untouched.

    A file of somebody else that came instead is put back. Raises OSError.
    """
    source = outgoing / name
    _put_back(spare, source, sha256)  # what a crash may have left there
    try:
        move(source, spare)
    except (FileNotFoundError, FileExistsError):  # gone, or taken by an earlier life
        return
    _put_back(spare, source, sha256)


def _put_back(spare: Path, source: Path, sha256: str) -> None:
    """Put a file that is not ours back; where another has come meanwhile, keep it beside."""
    if clear_state(spare.parent, spare.name, sha256) is not Clear.OTHER:
        return
    try:
        move(spare, source)
    except FileExistsError:
        move(spare, spare.with_name(f"{source.name}.{time.time_ns()}"))


def move(source: Path, target: Path) -> None:
    """Move without overwriting. Raises FileExistsError, FileNotFoundError, OSError."""
    try:
        _link(source, target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            _copy(source, target)
        elif error.errno in _NO_LINKS and source.exists():
            if target.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
            source.rename(target)
        else:
            raise
    sync(source.parent)
    sync(target.parent)


def _link(source: Path, target: Path) -> None:
    if os.name == "nt":
        source.rename(target)  # refuses to overwrite by itself
        return
    os.link(source, target, follow_symlinks=False)
    source.unlink()


def _copy(source: Path, target: Path) -> None:
    """Across file systems: whole beside the target first, under a name that SOFiE does not take."""
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    write_durably(target, source.read_bytes())
    source.unlink()


def sync(folder: Path) -> None:
    """Make renames in `folder` durable. Windows has no such call and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def decrypted(incoming: Path) -> list[Path]:
    """The files in the incoming folder, the oldest first. Raises OSError."""
    with os.scandir(incoming) as entries:
        found = [
            (e.stat().st_mtime, e.path)
            for e in entries
            if e.is_file(follow_symlinks=False) and not e.name.startswith(".")
        ]
    return [Path(path) for _time, path in sorted(found)]
