"""The one way to write a file durably: whole or not at all, even if the power fails.

Write beside the target, fsync, rename over it, fsync the folder. Everything that must survive and
is not in the store goes through here, so that tests can stand in for the disk in one place.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_durably(target: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write `content` to `target` atomically. Raises OSError; the old file then still stands."""
    stream_durably(target, lambda stream: stream.write(content), mode=mode)


def stream_durably(target: Path, write: Callable[[IO[bytes]], object], *, mode: int) -> None:
    """The same for what is written piece by piece. Raises OSError, and whatever `write` raises."""
    beside = target.with_name(f".{target.name[:120]}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w+b") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable. Windows has no such call and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
