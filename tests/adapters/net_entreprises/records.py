"""What a scripted platform has recorded, and the orders whose fate is looked up there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.net_entreprises.scripted import Peer, Platform, Step, answer, order

from vaguemestre.api import Declaration, Order

PARIS = ZoneInfo("Europe/Paris")
DEPOSITS = "GET /lister-depots"
RETURNS = "GET /lister-retours-declarant"
ATTEMPT = datetime.now(UTC) - timedelta(minutes=20)


def identity(number: int, **more: str) -> dict[str, str]:
    return {
        "nature": "04",
        "type": "01",
        "fraction": "11",
        "order": str(number),
        "siren": "999999998",
        "nic": "00019",
        "sender": "99999999800019",
        "norm": "P26V01",
        **more,
    }


def doubt(number: int = 1, at: datetime = ATTEMPT, **more: Any) -> Order:
    """An order whose attempt lasted 30 s."""
    declaration = Declaration(
        kind="dsn", module="signalement", identity=more.pop("identity", identity(number))
    )
    bounds = {"started_at": at, "ended_at": at + timedelta(seconds=30), **more}
    return order(number, declaration=declaration, **bounds)


class Records:
    """What the platform has recorded: listed by the windows that are asked for, as instants."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.rows: list[dict[str, Any]] = []
        self.windows: list[tuple[datetime, datetime]] = []
        self.zone = PARIS
        self.skew = timedelta(0)
        platform.on(DEPOSITS, self._deposits)
        platform.on(RETURNS, self._returns)
        platform.on("GET /lister-retours-flux", self._flow)

    def add(
        self,
        reference: str,
        at: datetime = ATTEMPT + timedelta(seconds=10),
        echo: Mapping[str, str] | None = None,
        report: Step | None = None,
    ) -> None:
        row = {"idflux": reference, "at": at, "report": echo is not None or report is not None}
        self.rows.append(row)
        script = report or answer(200, document(echo or {}), Content_Type="application/xml")
        self.platform.on(f"GET /dl/{reference}$", script)

    async def _deposits(self, peer: Peer) -> None:
        assert peer.call is not None
        first, last = (self._instant(t) for t in peer.call.path.split("/")[-2:])
        self.windows.append((first, last))
        rows = [
            {"idflux": row["idflux"], "date": self._text(row["at"]), "statut": "EN COURS"}
            for row in self.rows
            if first <= row["at"].replace(microsecond=0) <= last
        ]
        body = {"depots": {"declarant": {"depot": rows}}}
        await self._answer(peer, body, expires=120)

    async def _returns(self, peer: Peer) -> None:
        flows = [self._flow_of(row["idflux"]) for row in self.rows if row["report"]]
        await self._answer(peer, {"retours": {"flux": flows}}, expires=120)

    async def _flow(self, peer: Peer) -> None:
        assert peer.call is not None
        reference = peer.call.path.rsplit("/", 1)[-1]
        reported = [row for row in self.rows if row["report"] and row["idflux"] == reference]
        body = self._flow_of(reference) if reported else {}
        await self._answer(peer, body)

    async def _answer(self, peer: Peer, body: Any, expires: float | None = None) -> None:
        now = datetime.now(UTC) + self.skew
        await answer(200, json.dumps(body).encode(), expires=expires, date=now)(peer)

    def _flow_of(self, reference: str) -> dict[str, Any]:
        url = f"{self.platform.base}/dl/{reference}"
        row = {"nature": "11", "statut": "OK", "id": "1", "url": url}
        return {"id": reference, "retour": [row]}

    def _instant(self, text: str) -> datetime:
        wall = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=self.zone)
        return wall.astimezone(UTC)

    def _text(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime("%Y%m%d%H%M%S")


def document(echo: Mapping[str, str]) -> bytes:
    names = {
        "nature": "nature",
        "type": "type",
        "fraction": "fraction",
        "order": "ordre",
        "month": "mois",
        "siren": "SIREN",
        "nic": "nic_affectation",
    }
    tags = "".join(f"<{names[k]}>{v}</{names[k]}>" for k, v in echo.items() if k in names)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><g:rapport xmlns:g="http://www.gip-mds.fr/" '
        'type="CCO"><envoi/><declaration><declaration_identification><rang>1</rang>'
        f"{tags}</declaration_identification></declaration></g:rapport>"
    ).encode()
