"""The listings on the wire: XML in version 1.0, JSON with its irregular shapes in 2.0."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from vaguemestre_net_entreprises.simulator.platform import Account, Deposit, Platform, Return

PARIS = ZoneInfo("Europe/Paris")


def moment(text: str, fold: int = 0) -> datetime | None:
    """The time (UTC) that `yyyyMMddHHmmss` means in Paris, or None if it is not one. `fold`: 1 for
    the second reading in the hour that comes twice."""
    if len(text) != 14 or not text.isascii() or not text.isdigit():
        return None
    try:
        return _wall(text).replace(tzinfo=PARIS, fold=fold).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _wall(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall clock


def stamp(at: datetime) -> str:
    return at.astimezone(PARIS).strftime("%Y%m%d%H%M%S")


@dataclass(frozen=True)
class Window:
    """What a search asks for. The platform keeps its times on the clock of Paris and compares them
    there: the hour that comes twice a year is found by both its texts' meanings, and a window is as
    wide as its texts say. `start`, `end` (UTC) surround all that may be in it."""

    first: datetime
    last: datetime
    start: datetime
    end: datetime

    @property
    def width(self) -> timedelta:
        return self.last - self.first

    def holds(self, at: datetime) -> bool:
        """Both bounds belong to the window, to the second."""
        local = at.astimezone(PARIS).replace(tzinfo=None, microsecond=0)
        return self.first <= local <= self.last


def window(texts: Sequence[str], now: datetime) -> Window | None:
    """The window of one or two dates, the second being now if it is missing; None if they are not
    dates or stand in the wrong order."""
    if not 1 <= len(texts) <= 2:
        return None
    texts = texts if len(texts) == 2 else [*texts, stamp(now)]
    locals_, instants = [], []
    for text in texts:
        both = [moment(text, fold) for fold in (0, 1)]
        known = [one for one in both if one is not None]
        if not known:
            return None
        instants.append(known)
        locals_.append(_wall(text))
    first, last = locals_
    if last < first:
        return None
    return Window(first, last, min(instants[0]), max(instants[1]) + timedelta(seconds=1))


class Listings:
    """Writes listings. Each JSON one takes another of the shapes that the platform has."""

    def __init__(self, base: str, downloads: str = "telechargement") -> None:
        self.base = base
        self._downloads = downloads
        self._turn = 0

    def deposits(
        self, platform: Platform, account: Account, found: Iterable[Deposit], version: str
    ) -> bytes:
        rows = [
            {"idflux": d.idflux, "date": stamp(d.at), "statut": platform.status(d)} for d in found
        ]
        siret, nom, prenom = account.declarant
        declarant = {"siret": siret, "nom": nom, "prenom": prenom}
        if version == "1.0":
            listed = "".join(_xml("depot", row) for row in rows)
            inner = "".join(_tag(k, v) for k, v in declarant.items())
            return _document(f"<depots><declarant>{inner}{listed}</declarant></depots>")
        return self._json("depots", {"declarant": {**declarant, "depot": self._list(rows)}})

    def returns(self, found: Iterable[Return], version: str) -> bytes:
        flows = []
        ordered = sorted(found, key=lambda r: (r.deposit.idflux, r.number))
        for idflux, group in groupby(ordered, key=lambda r: r.deposit.idflux):
            flows.append((idflux, [self._row(r) for r in group]))
        if version == "1.0":
            inner = "".join(
                f"<flux>{_tag('id', i)}{''.join(_xml('retour', r) for r in rows)}</flux>"
                for i, rows in flows
            )
            return _document(f"<retours>{inner}</retours>")
        word = "Retour" if self._turn % 3 == 1 else "retour"
        listed = [{"id": i, word: self._list(rows)} for i, rows in flows]
        return self._json("retours", {"flux": self._list(listed)})

    def objects(self, name: str) -> bytes:
        """An empty listing of FPOC or BPIJ, which there is in version 1.0 only."""
        return _document(f"<{name}>{_tag('pageencours', '1')}{_tag('pagetotal', '1')}</{name}>")

    def _row(self, one: Return) -> dict[str, str]:
        idflux = one.deposit.idflux
        where = f"{self.base}/{self._downloads}/telecharger-retour/1.0/{idflux}/{one.number}"
        row = {
            "publication": stamp(one.published),
            "production": stamp(one.deposit.at),
            "nature": one.nature,
            "statut": one.status,
            "id": str(one.number),
            "url": where,
        }
        if one.nature in ("62", "94"):
            row["ops"] = "URSSAF" if one.nature == "62" else "DGFIP"
        return row

    def _list(self, rows: list[dict[str, object]] | list[dict[str, str]]) -> object:
        """A list of one comes as the bare object every second time."""
        return rows[0] if len(rows) == 1 and self._turn % 2 else rows

    def _json(self, outer: str, inner: dict[str, object]) -> bytes:
        """The outer key is missing every fourth time."""
        self._turn += 1
        return json.dumps(inner if self._turn % 4 == 0 else {outer: inner}).encode()


def _xml(name: str, row: dict[str, str]) -> str:
    return f"<{name}>{''.join(_tag(k, v) for k, v in row.items())}</{name}>"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _document(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{inner}'.encode()
