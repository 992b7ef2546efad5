"""The listings on the wire: XML in version 1.0, JSON with its irregular shapes in 2.0."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from vaguemestre_net_entreprises.simulator.platform import Account, Deposit, Platform, Return

PARIS = ZoneInfo("Europe/Paris")


def moment(text: str) -> datetime | None:
    """The time that `yyyyMMddHHmmss` means in Paris, or None if it is not one."""
    if len(text) != 14 or not text.isdigit():
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=PARIS).astimezone(UTC)
    except ValueError:
        return None


def stamp(at: datetime) -> str:
    return at.astimezone(PARIS).strftime("%Y%m%d%H%M%S")


class Listings:
    """Writes listings. Each JSON one takes another of the shapes that the platform has."""

    def __init__(self, base: str) -> None:
        self.base = base
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
        """An empty listing of FPOC or BPIJ."""
        return self._json(name, {"pageencours": 1, "pagetotal": 1})

    def _row(self, one: Return) -> dict[str, str]:
        idflux = one.deposit.idflux
        where = f"{self.base}/telechargement/telecharger-retour/1.0/{idflux}/{one.number}"
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
