"""The names of SECUline files, as SOFiE takes them and gives them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vaguemestre.api import Declaration
from vaguemestre_sofie.settings import Settings
from vaguemestre_sofie.silent_hours import LUXEMBOURG

_STAMP = re.compile(r"(?<!\d)(\d{12})\d{2}(?!\d)")
_TYPE = re.compile(r"[A-Za-z]+")
_SECU = re.compile(r"SECU\.([A-Z]+)\.([A-Z]+)", re.IGNORECASE)


def type_of(declaration: Declaration) -> str:
    """The type of a SECUline file (`DECSAL`), "" if the declaration does not tell."""
    return (declaration.identity.get("type") or "").upper()


def sent_name(settings: Settings, declaration: Declaration, name: str) -> str:
    """Under which name the file goes to SOFiE: the same for all files of a type, as a rule."""
    kind = type_of(declaration)
    template = settings.sent_names.get(kind, settings.sent_name)
    return template.format(type=kind, name=name)


def nature(name: str) -> str:
    """What a received file is, by its name: `SALRET`, or `DEMDET.INFO` of the postings."""
    secu = _SECU.match(name)
    if secu is not None:
        return f"{secu[1]}.{secu[2]}".upper()
    first = _TYPE.match(name)
    return first[0].upper() if first else ""


def published_at(name: str) -> datetime | None:
    """When a received file was made, by the 14 digits of its name: `YYMMDDHHMMSS` and hundredths,
    by the clock in Luxembourg (inferred from real names)."""
    match = _STAMP.search(name)
    if match is None:
        return None
    try:
        local = datetime.strptime(match[1], "%y%m%d%H%M%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(LUXEMBOURG)).astimezone(UTC)
