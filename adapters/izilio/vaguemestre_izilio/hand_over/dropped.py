"""Answers that people saved in the folder of returns: which deposit each is about, and of what
nature it is. Blocking functions, called in threads.

The reference is the name of the folder that somebody made for it, else the one that stands in the
document, else one in the name of the file. A document without any is nobody's and stays.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vaguemestre_net_entreprises.protocol import deposit, identity, trees
from vaguemestre_net_entreprises.protocol.messages import Answer, Unreadable

#: Larger files are no returns.
MOST_BYTES = 128 * 1024 * 1024
#: A file that changed less than so many seconds ago may still be being written.
QUIET = 2.0
#: An idflux has 23 of these characters; folders may be named after any reference up to 50.
_IDFLUX = re.compile(r"(?<![A-Za-z0-9._-])[A-Za-z0-9._-]{23}(?![A-Za-z0-9._-])")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,49}")
#: What browsers and editors leave while they are at work.
_UNFINISHED = (".part", ".crdownload", ".tmp", ".download", ".partial")
#: Natures by the type that a report of the platform bears.
_NATURES = {
    **dict.fromkeys(("AEE", "ARE"), "10"),
    **dict.fromkeys(("CCO", "BAN"), "11"),
    "BIS": "20",
    **dict.fromkeys(("CID", "AED", "DSIJ"), "21"),
    "A6M": "22",
    "TPT": "23",
}


class Dropped(msgspec.Struct, frozen=True):
    """A file in the folder of returns. `path`: below that folder, with `/`. `echo`: what it repeats
    of the declaration that it is about."""

    path: str
    sha256: str
    reference: str
    nature: str
    changed_at: datetime
    echo: dict[str, str]


class Locator(msgspec.Struct, frozen=True):
    """How a dropped file is found again, wherever it was put since."""

    path: str
    sha256: str


class Untaken(msgspec.Struct, frozen=True):
    """A file, or a folder, that is there but cannot be taken. `reason`: the system's word, or ""
    for a file that is too large."""

    path: str
    reason: str = ""


def look(folder: Path, filed: Path, now: datetime) -> Iterator[Dropped | Untaken]:
    """Everything in `folder`, and in the folders in it, that is whole. Raises OSError if `folder`
    cannot be read; what is wrong with one file is no hindrance to the others."""
    for entry in _entries(folder):
        if entry.path == str(filed):
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield from _taken(entry, folder, "", now)
            continue
        reference = entry.name if _REFERENCE.fullmatch(entry.name) else ""
        try:
            inner = list(_entries(Path(entry.path)))
        except OSError as error:
            yield Untaken(entry.name, error.strerror or "")
            continue
        for one in inner:
            if not one.is_dir(follow_symlinks=False):
                yield from _taken(one, folder, reference, now)


def _taken(
    entry: os.DirEntry[str], folder: Path, reference: str, now: datetime
) -> Iterator[Dropped | Untaken]:
    """The file as it was dropped; nothing while it is being written. `reference`: that of its
    folder, which wins over what stands in the document."""
    file = Path(entry.path)
    path = file.relative_to(folder).as_posix()
    try:
        facts = file.lstat()
        # The clock of a share may be ahead of ours.
        settled = abs(now.timestamp() - max(facts.st_mtime, facts.st_ctime)) >= QUIET
        if not stat.S_ISREG(facts.st_mode) or not settled:
            return
        if facts.st_size > MOST_BYTES:
            yield Untaken(path)
            return
        content = file.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        yield Untaken(path, error.strerror or "")
        return
    named, nature = _read(content)
    in_folder = file.parent != folder
    yield Dropped(
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        reference=reference if in_folder else named or _in_name(file.stem),
        nature=nature,
        changed_at=datetime.fromtimestamp(facts.st_mtime, UTC),
        echo=identity.echoed(content) or {},
    )


def put_away(folder: Path, filed: Path, dropped: Locator) -> None:
    """Out of the people's way, if it is still the file that was read. Raises OSError."""
    source = folder / dropped.path
    content = _content(source, dropped.sha256)
    if content is None:
        return
    filed.mkdir(exist_ok=True)
    source.replace(_filed_name(filed, dropped))


def content(folder: Path, filed: Path, locator: Locator) -> bytes | None:
    """The document, or None if it is gone or is another one now. Raises OSError."""
    if not _is_below(locator.path):
        return None
    for place in (folder / locator.path, _filed_name(filed, locator)):
        found = _content(place, locator.sha256)
        if found is not None:
            return found
    return None


def media_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or ""


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What people put there, by name; not what programs leave while they are at work."""
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if _is_whole(entry.name)]
    return sorted(found, key=lambda entry: entry.name)


def _is_whole(name: str) -> bool:
    return not name.startswith((".", "~$")) and not name.lower().endswith(_UNFINISHED)


def _read(content: bytes) -> tuple[str, str]:
    """The reference and the nature that a document bears; "" for what it does not say."""
    references = deposit.references(Answer(status=200, body=content))
    return (references[0] if len(references) == 1 else ""), _nature(content)


def _nature(content: bytes) -> str:
    try:
        tree = trees.read(content)
    except Unreadable:
        return ""
    for found in trees.dicts(tree):
        report = found.get("rapport")
        kind = trees.text_of(report.get("type")).upper() if isinstance(report, dict) else ""
        if kind:
            return _NATURES.get(kind, kind if re.fullmatch(r"\d{2,3}", kind) else "")
    return ""


def _in_name(stem: str) -> str:
    found = set(_IDFLUX.findall(stem))
    return found.pop() if len(found) == 1 else ""


def _content(file: Path, sha256: str) -> bytes | None:
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return None
        found = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if hashlib.sha256(found).hexdigest() == sha256 else None


def _filed_name(filed: Path, dropped: Locator) -> Path:
    """One name for one content, so that a file is put away once."""
    return filed / f"{dropped.sha256[:12]} {dropped.path.rpartition('/')[2]}"


def _is_below(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")
