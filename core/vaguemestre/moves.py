"""Puts the sources of taken files out of the way, and finishes what a crash left of that.

Blocking functions, called in threads. Everything here happens after the bytes are safe in the
store: whatever goes wrong is tried again at the next scan, and nothing is taken twice.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from vaguemestre import folder
from vaguemestre.folder import Stamp
from vaguemestre.testing.points import point


class Move(Struct, frozen=True):
    """A source still to be moved. `id`: the file's row; `copied`: the target is there already, on
    another file system, and only the source is still to be removed."""

    id: int
    source: Path
    target: Path
    stamp: Stamp
    copied: bool = False


class Moved(Struct, frozen=True):
    """A source that is out of the way: where it is now."""

    id: int
    target: Path


class Unfinished(Struct):
    """What is left of moves that were interrupted: those still to be made, those that were made,
    sources that are nowhere any more, and the first trouble on looking."""

    moves: list[Move] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    lost: list[Path] = field(default_factory=list)
    failed: OSError | None = None


def carry_out(moves: Sequence[Move], done_suffix: str) -> tuple[list[Moved], OSError | None]:
    """Move; those that are out of the way, and the first trouble.

    A source that changed since it was read is a new file: it stays, and its move is over.
    """
    moved: list[Moved] = []
    touched: set[Path] = set()
    failed = None
    for move in moves:
        try:
            if move.target.parent not in touched:
                move.target.parent.mkdir(exist_ok=True)
            target = _carry_out(move, done_suffix)
        except OSError as error:
            failed = failed or error
            continue
        point("intake.moved")
        moved.append(Moved(move.id, target))
        touched |= {move.source.parent, target.parent}
    try:
        folder.sync(touched)
    except OSError as error:
        return [], failed or error  # looked at again at the next scan
    return moved, failed


def _carry_out(move: Move, done_suffix: str) -> Path:
    if move.copied:
        folder.remove_copied(move.source, move.target, move.stamp)
        return move.target
    target = folder.free_name(move.target.parent, move.target.name)
    if done_suffix:
        # First, so that it never stays behind alone and vouches for a later file of this name.
        marker = move.source.with_name(move.source.name + done_suffix)
        stamp = folder.stamp_at(marker)
        if stamp is not None and folder.stamp_at(move.source) == move.stamp:
            folder.move(marker, folder.free_name(target.parent, marker.name), stamp)
    folder.move(move.source, target, move.stamp)
    return target


def unfinished(rows: Sequence[sqlite3.Row]) -> Unfinished:
    """Look where the files of `rows` (not marked as moved) are."""
    found = Unfinished()
    for row in rows:
        source = Path(os.fsdecode(row["source_path"]))
        target = Path(os.fsdecode(row["target_path"]))
        try:
            stamp = folder.holds(source, row["sha256"])
            arrived = stamp is not None and folder.holds(target, row["sha256"]) is not None
            # A move within a file system leaves no two files: this source is a new one.
            again = arrived and folder.same_volume(source, target)
        except OSError as error:
            found.failed = found.failed or error
            continue
        if stamp is not None and not again:
            found.moves.append(Move(row["id"], source, target, stamp, copied=arrived))
            continue
        found.moved.append(Moved(row["id"], target))
        if not os.path.lexists(source) and not os.path.lexists(target):
            found.lost.append(source)
    return found
