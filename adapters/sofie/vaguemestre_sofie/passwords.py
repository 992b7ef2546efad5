"""How old the password of SOFiE is: by the file that SOFiE keeps it in, or by a person's word."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from vaguemestre.api import write_durably

#: Days before its end from which on people are reminded (day 75 of 90, as SOFiE itself does).
REMIND = 15


class Word(msgspec.Struct, frozen=True):
    """A person said that the password was changed on this day."""

    day: date


def remember(state: Path, day: date) -> None:
    """Keep a person's word. Raises OSError."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(_place(state), msgspec.json.encode(Word(day)), mode=0o600)


def changed_on(state: Path, password_file: Path | None) -> date | None:
    """When the password was last changed, as far as anything tells: the later of the two. Raises
    OSError for a file that cannot be looked at."""
    days = []
    with contextlib.suppress(OSError, ValueError):
        days.append(msgspec.json.decode(_place(state).read_bytes(), type=Word).day)
    if password_file is not None and password_file.exists():
        changed = datetime.fromtimestamp(password_file.stat().st_mtime, UTC)
        days.append(changed.astimezone().date())
    return max(days, default=None)


def _place(state: Path) -> Path:
    return state / "password.json"
