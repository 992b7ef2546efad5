"""How far collection has come, as the text that the core keeps: moments by the platform's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """`until`: returns; `deposits`: the list of deposits; `bpij`, `fpoc`: the last day that was
    asked for. None: never yet."""

    until: datetime | None = None
    deposits: datetime | None = None
    bpij: date | None = None
    fpoc: date | None = None


def read(text: str | None) -> Cursor:
    """The cursor; an empty one for none, and for a text that nobody here wrote."""
    try:
        found: Any = msgspec.json.decode(text or "{}", type=Cursor)
    except msgspec.DecodeError:
        return Cursor()
    aware = {name: _aware(getattr(found, name)) for name in ("until", "deposits")}
    cursor: Cursor = msgspec.structs.replace(found, **aware)
    return cursor


def write(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()


def _aware(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
