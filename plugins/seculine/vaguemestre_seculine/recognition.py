"""What a SECUline file says of itself: type, sender, employer, months, number of records.

The name tells the type; where it does not, header and records do. Received files are recognised
too, so that one that lies in an outbox by mistake is named for what it is, and not sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vaguemestre.api import Declaration, Due, Format, Part
from vaguemestre_seculine.naming import ANSWERS, NOT_FLAT, Named, fault, named
from vaguemestre_seculine.records import looks_like_seculine, readable, type_by_records
from vaguemestre_seculine.splitting import split
from vaguemestre_seculine.words import label

KIND = "seculine"
#: Types whose records begin with employer, insured number and month.
BY_EMPLOYER = frozenset({"DECSAL", "DECMAL"})
#: Months that are listed in `identity`; with more of them, all months fit.
_MONTHS = 36
#: The day of the next month until whose end wages must have arrived.
WAGES_DAY = 24

_HEADER = re.compile(rb"\s*0;([0-9]{13})(?:;([0-9]{1,6}))?(?![0-9])")
_RECORD = re.compile(rb"^[12];([0-9]{13});[^;\r\n]*;([0-9]{6});", re.MULTILINE)
_LINE = re.compile(rb"\n[^\r\n]")


class SeculineFormat(Format):
    name = KIND

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        told = named(name)
        text = payload if told.type in NOT_FLAT else readable(payload)
        if not told.type:
            if not looks_like_seculine(text):
                return None
            kind = type_by_records(text)
            told = Named(kind, kind in ANSWERS)
        return declaration(told, text, fault(told.type, name))

    def split(self, name: str, payload: bytes) -> Sequence[Part]:
        return split(name, payload)


def declaration(told: Named, text: bytes, name_fault: str = "") -> Declaration:
    """The declaration of a file of the type that was `told`. `text`: its readable bytes;
    `name_fault`: what is wrong with its name, where SOFiE is given that."""
    employer, seculine = told.employer, told.seculine
    if told.type not in NOT_FLAT and (header := _HEADER.match(text)):
        employer, seculine = header[1].decode(), (header[2] or b"").decode()
    employers: dict[bytes, None] = {}
    months: set[bytes] = set()
    count = 0
    if told.type in BY_EMPLOYER:
        for match in _RECORD.finditer(text):
            employers[match[1]] = None
            months.add(match[2])
            count += 1
    elif told.type not in NOT_FLAT:
        count = len(_LINE.findall(text))
    issuer = next(iter(employers)).decode() if len(employers) == 1 else employer
    listed = sorted(_dashed(m.decode()) for m in months if b"01" <= m[4:] <= b"12")
    identity = {
        "type": told.type,
        "employer": employer,
        "seculine": seculine,
        "months": ",".join(listed) if len(listed) <= _MONTHS else "",
        "stamp": told.stamp,
        "name_fault": name_fault,
    }
    period = listed[-1] if listed else ""
    sent = told.type if not told.received else ""
    return Declaration(
        kind=KIND,
        module=KIND,
        issuer=issuer,
        company=issuer,
        period=period,
        label=label(told.type, period, len(employers)),
        declarations=max(len(employers), 1),
        employees=count,
        identity={key: value for key, value in identity.items() if value},
        subject=f"{sent}/{issuer}/{period}" if sent in BY_EMPLOYER and issuer and period else "",
        due=_due(period) if sent == "DECSAL" else (),
    )


def _dashed(month: str) -> str:
    return f"{month[:4]}-{month[4:]}"


def _due(period: str) -> tuple[Due, ...]:
    """Wages of a month are due by the end of the 24th of the next one, in Luxembourg."""
    if not period.startswith("20"):
        return ()
    year, month = int(period[:4]), int(period[5:])
    end = datetime(
        year + month // 12, month % 12 + 1, WAGES_DAY + 1, tzinfo=ZoneInfo("Europe/Luxembourg")
    )
    return (Due(at=end.astimezone(UTC)),)
